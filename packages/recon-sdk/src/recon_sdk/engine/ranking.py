"""Ranking: score and evidence of all candidate pairs, and the best of each invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.columns import BoolArray, Int8Array, Int64Array
from recon_sdk.evidence import IMPOSSIBLE, pair_evidence
from recon_sdk.pairs import Pairs
from recon_sdk.rules import Cost, Role
from recon_sdk.scoring import ONE, points, rule_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_sdk.engine.joining import Join
    from recon_sdk.engines import Progress, RuleSet
    from recon_sdk.ledger import Ledger
    from recon_sdk.rates import RateTable
    from recon_sdk.rules import ScoringRule

__all__ = ["Ranked", "rank_pairs"]

_NATS_PER_POINT = 6
"""What a boost or penalty of a plugin's own adds to the evidence: 6 nats for a weight of 1."""
_RULE_EVIDENCE = {Role.BOOST, Role.PENALTY}


@attrs.frozen(kw_only=True, eq=False)
class Ranked:
    """The pairs that matter, by invoice, then rank.

    Attributes:
        invoice_rows: Invoice of each pair.
        transaction_rows: Transaction of each pair.
        raw_score: Sum of contributions before clipping, millionths.
        evidence: Millinats.
        difference: Position in `DifferenceKind`.
        usual: Whether the difference is an ordinary one.
        shown: Whether the pair is among the best of its invoice.
        identity: Whether a trusted identity rule of a plugin gave more than 0.
    """

    invoice_rows: Int64Array
    transaction_rows: Int64Array
    raw_score: Int64Array
    evidence: Int64Array
    difference: Int8Array
    usual: BoolArray
    shown: BoolArray
    identity: BoolArray


def _nats(rule: ScoringRule, weight: int) -> int:
    """Millinats that a value of 1 adds to the evidence."""
    own = getattr(rule, "nats", None)
    if own is not None:
        return round(float(own) * 1000)
    if rule.role not in _RULE_EVIDENCE:
        return 0
    return weight * _NATS_PER_POINT * 1000 // ONE


def rank_pairs(
    ledger: Ledger,
    rule_set: RuleSet,
    join: Join,
    rates: RateTable,
    call: Callable[..., object],
    progress: Progress,
    counts: dict[str, int],
) -> Ranked:
    """Score all candidate pairs and keep those that can matter.

    Kept are the best `top_n` of each invoice by score, and every pair whose evidence speaks for
    it. Dearer rules see only pairs that cheaper ones left alive by the rules' declared bounds.
    """
    parts = []
    compared = 0
    for batch in join.ranges():
        pairs = Pairs(ledger, batch.invoice_rows, batch.transaction_rows)
        compared += len(pairs)
        progress("score", int(batch.end), len(ledger.invoices))
        parts.append(_rank(pairs, rule_set, rates, call))
    counts["pairs compared"] = compared
    if not parts:
        return _rank(
            Pairs(ledger, np.zeros(0, np.int64), np.zeros(0, np.int64)), None, rates, call
        )
    return Ranked(
        **{
            field.name: np.concatenate([getattr(p, field.name) for p in parts])
            for field in attrs.fields(Ranked)
        }
    )


def _rank(
    pairs: Pairs, rule_set: RuleSet | None, rates: RateTable, call: Callable[..., object]
) -> Ranked:
    if rule_set is None or len(pairs) == 0:
        nothing = np.zeros(0, np.int64)
        return Ranked(
            invoice_rows=nothing,
            transaction_rows=nothing,
            raw_score=nothing,
            evidence=nothing,
            difference=nothing.astype(np.int8),
            usual=nothing.astype(bool),
            shown=nothing.astype(bool),
            identity=nothing.astype(bool),
        )
    # A refund never settles a purchase: pairs that move the wrong way are no candidates at all.
    pairs = pairs.take(pairs.sign_fits)
    found = pair_evidence(pairs, rule_set.difference_models, rates, call)
    evidence = found.total
    score = np.zeros(len(pairs), np.int64)
    alive = np.ones(len(pairs), bool)
    own_identity = np.zeros(len(pairs), bool)
    config = rule_set.config
    for cost in Cost:
        rules = [(r, w) for r, w in rule_set.rules if r.cost == cost]
        if cost > Cost.CHEAP:
            if not rules:
                continue
            most = config.top_n if cost == Cost.TEXT else config.limits.survivors
            alive = _alive(pairs, score, evidence, _headroom(rule_set, cost), most, alive)
        at = np.flatnonzero(alive)
        seen = pairs if len(at) == len(pairs) else pairs.take(at)
        for rule, weight in rules:
            values = rule_values(rule, seen)
            score[at] += points(values, weight)
            nats = _nats(rule, weight)
            if nats:
                evidence[at] += points(values, nats * 1000) // 1000
            if nats and rule.name in rule_set.trusted_identity:
                own_identity[at] |= values > 0
    clipped = np.clip(score, 0, ONE)
    rank = _rank_in_invoice(pairs, score)
    shown = alive & (rank < config.top_n) & (evidence > IMPOSSIBLE)
    threshold = round(config.threshold * ONE)
    likely = alive & (evidence > 0) & (clipped >= threshold)
    kept = np.flatnonzero(shown | likely)
    kept = kept[np.lexsort((rank[kept], pairs.invoice_rows[kept]))]
    evidence = np.where(likely, evidence, np.minimum(evidence, 0))
    return Ranked(
        invoice_rows=pairs.invoice_rows[kept],
        transaction_rows=pairs.transaction_rows[kept],
        raw_score=score[kept],
        evidence=evidence[kept],
        difference=found.difference[kept],
        usual=found.usual[kept],
        shown=shown[kept],
        identity=own_identity[kept],
    )


def _headroom(rule_set: RuleSet, cost: Cost) -> int:
    """What the rules of this and dearer costs could still add to a score, millionths."""
    total = 0
    for rule, weight in rule_set.rules:
        if rule.cost >= cost and weight > 0:
            total += round(weight * rule.upper_bound)
    return total


def _alive(
    pairs: Pairs,
    score: Int64Array,
    evidence: Int64Array,
    headroom: int,
    most: int,
    before: BoolArray,
) -> BoolArray:
    """Pairs that could still be among the best of their invoice, or that evidence speaks for."""
    order = np.lexsort((-score, pairs.invoice_rows))
    invoice = pairs.invoice_rows[order]
    first = np.searchsorted(invoice, invoice)
    last_in = np.minimum(first + most - 1, np.searchsorted(invoice, invoice, side="right") - 1)
    bar = np.empty(len(score), np.int64)
    bar[order] = score[order][last_in]
    return before & ((score + headroom >= bar) | (evidence > 0))


def _rank_in_invoice(pairs: Pairs, score: Int64Array) -> Int64Array:
    """Rank of each pair inside its invoice: by score, ties by transaction key."""
    order = np.lexsort((pairs.transaction_rows, -score, pairs.invoice_rows))
    invoice = pairs.invoice_rows[order]
    rank = np.empty(len(score), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(invoice, invoice)
    return rank
