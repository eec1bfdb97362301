"""The local engine: all boxes of a run in this process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk.config import Strategy
from recon_sdk.engine.alternatives import runners_up
from recon_sdk.engine.batches import find_batches
from recon_sdk.engine.claims import claims_of
from recon_sdk.engine.columns_out import match_columns
from recon_sdk.engine.instalments import find_instalments
from recon_sdk.engine.joining import Join
from recon_sdk.engine.known_facts import after_decisions, forbidden_sets
from recon_sdk.engine.ranking import Ranked, rank_pairs
from recon_sdk.engine.seam import SetAsideError, call_model, checked_assignment, checked_policy
from recon_sdk.engine.shapes import Shapes
from recon_sdk.engine.twins import duplicates, first_settles, repeated_quotes
from recon_sdk.engines import no_progress
from recon_sdk.facts import PartyIndex, ReferenceIndex
from recon_sdk.outcome import CandidateColumns, Outcome, RuleFailure
from recon_sdk.parties import resolve_parties
from recon_sdk.rates import RateTable
from recon_sdk.references import find_references
from recon_sdk.scoring import ONE, RuleFaultError
from recon_sdk.tails import with_tails

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from recon_sdk.columns import BoolArray, Int64Array
    from recon_sdk.engines import Progress, RuleSet
    from recon_sdk.known import Known
    from recon_sdk.ledger import Ledger
    from recon_sdk.recognisers import Recogniser

__all__ = ["LocalEngine"]


class _Clock:
    """Wall time by stage."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._stage, self._since = "", time.perf_counter()

    def stage(self, name: str) -> None:
        """End the running stage and begin another one; "" only ends."""
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = name, now
        if name:
            self._progress(name, 0, 0)


@attrs.frozen
class LocalEngine:
    """Runs on this machine, with NumPy."""

    name: str = "local"

    def run(
        self, ledger: Ledger, rule_set: RuleSet, known: Known, progress: Progress = no_progress
    ) -> Outcome:
        """Reconcile a ledger.

        A rule, blocker or model that fails is set aside and the run starts again without it; it is
        named in the outcome, and nothing is decided automatically then.
        """
        failures: list[RuleFailure] = []
        while True:
            try:
                return _run(ledger, rule_set, known, progress, tuple(failures))
            except (RuleFaultError, SetAsideError) as fault:
                plugin = rule_set.plugin_of.get(fault.name, "")
                failures.append(RuleFailure(plugin=plugin, name=fault.name, detail=fault.detail))
                rule_set = _without(rule_set, fault.name)


def _without(rule_set: RuleSet, name: str) -> RuleSet:
    return attrs.evolve(
        rule_set,
        rules=tuple((r, w) for r, w in rule_set.rules if r.name != name),
        blockers=tuple(b for b in rule_set.blockers if b.name != name),
        difference_models=tuple(m for m in rule_set.difference_models if m.name != name),
        recognisers=tuple(r for r in rule_set.recognisers if r.name != name),
    )


def _run(
    ledger: Ledger,
    rule_set: RuleSet,
    known: Known,
    progress: Progress,
    failures: tuple[RuleFailure, ...],
) -> Outcome:
    clock = _Clock(progress)
    counts: dict[str, int] = {}
    config = rule_set.config

    clock.stage("recognise")
    ledger = after_decisions(ledger, known)
    ledger = recognised(ledger, known, rule_set.recognisers)
    rates = RateTable(known.rates, ledger.currencies)

    clock.stage("block")
    join = Join(ledger, rule_set.blockers, config.limits)
    counts["rows cut by limits.nearest"] = join.cut

    clock.stage("score")
    ranked = rank_pairs(ledger, rule_set, join, rates, call_model, progress, counts)

    if config.strategy is Strategy.RANK:
        shapes, picked = Shapes.joined([_pairs_of(ranked, np.zeros(0, np.int64))]), None
    else:
        clock.stage("group")
        forbidden = forbidden_sets(ledger, known)
        shapes = _hypotheses(ledger, rule_set, ranked, _refused_pairs(forbidden), counts)
        shapes = _allowed(shapes, forbidden)
        clock.stage("assign")
        hypotheses = shapes.hypotheses(len(ledger.invoices), len(ledger.transactions))
        picked = checked_assignment(rule_set.assigner, hypotheses, config.strategy, config.limits)

    clock.stage("decide")
    counts["hypotheses"] = len(shapes)
    if picked is None:
        chosen = margin = np.zeros(0, np.int64)
        complete = np.zeros(0, bool)
    else:
        chosen, margin, complete = picked.chosen, picked.margin, picked.complete
        chosen = _repaired(ledger, shapes, chosen)
        counts["components cut by limits.search_steps"] = int(np.count_nonzero(~complete))
    matches = shapes.take(chosen)
    claims = claims_of(
        ledger,
        matches,
        margin,
        complete,
        rates,
        identity=_identified(ranked, matches),
        rule_failed=bool(failures),
    )
    reasons = checked_policy(rule_set.policy, claims)
    others, of = runners_up(shapes, chosen, reasons, config.limits.runners_up)
    found = match_columns(
        ledger, rule_set, matches, margin, reasons, shapes.take(others), of, rates
    )
    used = np.zeros(len(ledger.transactions), bool)
    end = int(found.starts[found.chosen])
    used[found.transaction_rows[:end]] = True
    repeated = duplicates(ledger, found.invoice_rows[:end], found.transaction_rows[:end], used)
    clock.stage("")
    return Outcome(
        ledger=ledger,
        candidates=_candidates(ranked),
        matches=found,
        duplicate_of=repeated,
        failures=failures,
        counts=counts,
        seconds=clock.seconds,
    )


def recognised(ledger: Ledger, known: Known, recognisers: Sequence[Recogniser] = ()) -> Ledger:
    """Read the texts of a ledger: quoted numbers, then who is behind the payments."""
    if len(ledger.invoices) == 0 or len(ledger.transactions) == 0:
        return attrs.evolve(
            ledger,
            references=ReferenceIndex.empty(len(ledger.transactions)),
            parties=PartyIndex.empty(len(ledger.invoices), len(ledger.transactions)),
        )
    references = find_references(ledger, recognisers)
    parties = resolve_parties(ledger, references, known.aliases)
    references = with_tails(ledger, references, parties)
    return attrs.evolve(ledger, references=references, parties=parties)


def _pairs_of(ranked: Ranked, at: Int64Array) -> Shapes:
    return Shapes.of_pairs(
        ranked.invoice_rows[at],
        ranked.transaction_rows[at],
        ranked.evidence[at],
        ranked.difference[at],
        ranked.usual[at],
    )


def _refused_pairs(forbidden: set[frozenset[tuple[int, int]]]) -> Int64Array:
    """Rejected sets of one pair, each as one sortable word."""
    words = [(i << 32) | t for rows in forbidden if len(rows) == 1 for i, t in rows]
    return np.array(sorted(words), np.int64)


def _hypotheses(
    ledger: Ledger,
    rule_set: RuleSet,
    ranked: Ranked,
    refused: Int64Array,
    counts: dict[str, int],
) -> Shapes:
    """All hypotheses: pairs first, by invoice and transaction, then batches and instalments.

    A pair that a person refused explains nothing, so it keeps no other answer out.
    """
    likely = np.flatnonzero(ranked.evidence > 0)
    word = (ranked.invoice_rows[likely] << 32) | ranked.transaction_rows[likely]
    likely = likely[~np.isin(word, refused, kind="sort")]
    invoices, transactions = ranked.invoice_rows[likely], ranked.transaction_rows[likely]
    likely = likely[~repeated_quotes(ledger, invoices, transactions, refused)]
    by_row = np.lexsort((ranked.transaction_rows[likely], ranked.invoice_rows[likely]))
    pairs = _pairs_of(ranked, likely[by_row])
    explained = np.zeros(len(ledger.transactions), np.int64)
    whole = pairs.usual
    np.maximum.at(explained, pairs.transaction_rows[whole], pairs.evidence[whole])
    satisfied = np.zeros(len(ledger.invoices), np.int64)
    np.maximum.at(satisfied, pairs.invoice_rows[whole], pairs.evidence[whole])
    limits = rule_set.config.limits
    batches = find_batches(
        ledger, rule_set.difference_models, limits, explained, satisfied, call_model, counts
    )
    instalments = find_instalments(ledger, limits, satisfied, counts)
    return Shapes.joined([pairs, batches, instalments])


def _allowed(shapes: Shapes, forbidden: set[frozenset[tuple[int, int]]]) -> Shapes:
    """Leave out the sets that a person rejected."""
    if not forbidden:
        return shapes
    bad = [
        at
        for at, rows in _sets(shapes, {i for rows in forbidden for i, _ in rows})
        if rows in forbidden
    ]
    keep = np.ones(len(shapes), bool)
    keep[bad] = False
    return shapes.take(keep)


def _sets(shapes: Shapes, invoices: set[int]) -> Iterator[tuple[int, frozenset[tuple[int, int]]]]:
    """The sets of pairs of all shapes that touch some invoices."""
    shape, invoice, transaction = shapes.pairs()
    touched = np.isin(invoice, np.array(sorted(invoices), np.int64), kind="sort")
    for at in sorted(set(shape[touched].tolist())):
        lo, hi = np.searchsorted(shape, [at, at + 1])
        yield (
            at,
            frozenset(zip(invoice[lo:hi].tolist(), transaction[lo:hi].tolist(), strict=True)),
        )


def _repaired(ledger: Ledger, shapes: Shapes, chosen: Int64Array) -> Int64Array:
    """Let the first of two equal payments settle."""
    pairs = shapes.take(np.flatnonzero(shapes.kind == 0))
    at, instead = first_settles(ledger, shapes, chosen, pairs)
    if len(at):
        chosen = chosen.copy()
        chosen[at] = np.flatnonzero(shapes.kind == 0)[instead]
    return chosen


def _identified(ranked: Ranked, matches: Shapes) -> BoolArray | None:
    """Of each allocation, whether a trusted identity rule of a plugin spoke for the pair."""
    spoken = np.flatnonzero(ranked.identity)
    if len(spoken) == 0:
        return None
    words = np.sort((ranked.invoice_rows[spoken] << 32) | ranked.transaction_rows[spoken])
    _, invoice, transaction = matches.pairs()
    wanted = (invoice << 32) | transaction
    at = np.minimum(np.searchsorted(words, wanted), len(words) - 1)
    return np.asarray(words[at] == wanted)


def _candidates(ranked: Ranked) -> CandidateColumns:
    shown = ranked.shown
    return CandidateColumns(
        invoice_rows=ranked.invoice_rows[shown],
        transaction_rows=ranked.transaction_rows[shown],
        raw_score=ranked.raw_score[shown],
        score=np.clip(ranked.raw_score[shown], 0, ONE),
        evidence=ranked.evidence[shown],
    )
