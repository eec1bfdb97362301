"""Many matches at once, with the breakdown of their scores and their explanations.

`Result.match_at` asks every rule about one match. Here every rule is asked once about all of them,
which gives the same matches many times faster.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.explaining import explain_match
from recon_sdk.explanations import MatchContext
from recon_sdk.matches import Contribution
from recon_sdk.pairs import Pairs
from recon_sdk.results import Result
from recon_sdk.scoring import NO_OPINION, ONE, RuleFaultError, points, rule_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recon_sdk.columns import Int64Array
    from recon_sdk.engines import RuleSet
    from recon_sdk.invoices import Invoice
    from recon_sdk.ledger import Ledger
    from recon_sdk.matches import Match
    from recon_sdk.rules import ScoringRule
    from recon_sdk.transactions import BankTransaction

__all__ = ["Rows", "contributions_by_group", "explained_matches"]

_AT_ONCE = 8192
_Breakdown = tuple[Contribution, ...]


def explained_matches(result: Result, positions: Int64Array) -> Iterator[tuple[MatchContext, str]]:
    """Give the matches at positions of `outcome.matches` with their rows and explanations.

    Args:
        result: What a run found.
        positions: Which ones, in the order in which they are wanted.
    """
    found = result.outcome.matches
    without_rules = Result(
        result.outcome, attrs.evolve(result.rule_set, rules=()), result.digest, result.problems
    )
    for start in range(0, len(positions), _AT_ONCE):
        some = positions[start : start + _AT_ONCE]
        sizes = found.starts[some + 1] - found.starts[some]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        pairs = np.arange(offsets[-1]) + np.repeat(found.starts[some] - offsets[:-1], sizes)
        rows = Rows(result.ledger)
        breakdowns = contributions_by_group(
            rows,
            result.rule_set,
            found.invoice_rows[pairs],
            found.transaction_rows[pairs],
            offsets,
        )
        for at, breakdown in zip(some.tolist(), breakdowns, strict=True):
            match = attrs.evolve(without_rules.match_at(at), contributions=breakdown)
            context = _context(result, rows, at, match)
            yield context, explain_match(context)


class Rows:
    """Invoices and transactions of a ledger by row, each built once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.invoice = functools.cache(ledger.invoice)
        self.transaction = functools.cache(ledger.transaction)


def _context(result: Result, rows: Rows, at: int, match: Match) -> MatchContext:
    """Give `Result.context` of a match whose position is known, so that no key is looked up."""
    found = result.outcome.matches
    members = slice(int(found.starts[at]), int(found.starts[at + 1]))
    return MatchContext(
        match=match,
        invoices=tuple(map(rows.invoice, sorted({*found.invoice_rows[members].tolist()}))),
        transactions=tuple(
            map(rows.transaction, sorted({*found.transaction_rows[members].tolist()}))
        ),
    )


def contributions_by_group(
    rows: Rows,
    rule_set: RuleSet,
    invoice_rows: Int64Array,
    transaction_rows: Int64Array,
    offsets: Int64Array,
) -> list[_Breakdown]:
    """Score groups of pairs again, with words; for several pairs the mean of each rule.

    Group `g` has the pairs `offsets[g]:offsets[g + 1]`, at least one. A rule that fails is left
    out: the summary of the run names it.
    """
    if len(offsets) < 2:
        return []
    pairs = Pairs(rows.ledger, invoice_rows, transaction_rows)
    firsts = offsets[:-1]
    invoices = [rows.invoice(row) for row in invoice_rows[firsts].tolist()]
    transactions = [rows.transaction(row) for row in transaction_rows[firsts].tolist()]
    columns = []
    for rule, weight in rule_set.rules:
        try:
            values = rule_values(rule, pairs)
        except RuleFaultError:
            continue
        columns.append(_of_rule(rule, weight, values, offsets, invoices, transactions))
    return list(zip(*columns, strict=True)) if columns else [()] * len(firsts)


def _of_rule(
    rule: ScoringRule,
    weight: int,
    values: Int64Array,
    offsets: Int64Array,
    invoices: Sequence[Invoice],
    transactions: Sequence[BankTransaction],
) -> list[Contribution]:
    firsts, sizes = offsets[:-1], np.diff(offsets)
    spoken = values != NO_OPINION
    speakers = np.add.reduceat(spoken.astype(np.int64), firsts)
    sums = np.add.reduceat(np.where(spoken, values, 0), firsts)
    means = (sums + speakers // 2) // np.maximum(speakers, 1)
    summed = np.add.reduceat(points(values, weight), firsts)
    added = (2 * summed + sizes) // (2 * sizes)
    at = np.where(spoken, np.arange(len(values)), len(values))
    first_said = values[np.minimum(np.minimum.reduceat(at, firsts), len(values) - 1)]
    rows = zip(
        speakers.tolist(),
        means.tolist(),
        added.tolist(),
        first_said.tolist(),
        invoices,
        transactions,
        strict=True,
    )
    return [
        Contribution(
            rule=rule.name,
            value=mean if n else None,
            weight=weight,
            points=gained,
            words=_words(rule, said / ONE, invoice, transaction) if n else "",
        )
        for n, mean, gained, said, invoice, transaction in rows
    ]


def _words(rule: ScoringRule, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
    """Ask a rule for its words; one that cannot find any says nothing."""
    try:
        words: object = rule.describe(value, invoice, transaction)
    except Exception:  # noqa: BLE001 - what a plugin raises must not cost the file
        return ""
    return words if isinstance(words, str) else ""
