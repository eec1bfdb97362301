"""Result of a reconciliation: what a caller holds in hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, overload

import attrs
import numpy as np

from recon_sdk.digests import match_id
from recon_sdk.explaining import explain_match
from recon_sdk.explanations import MatchContext
from recon_sdk.findings import Candidate, RunSummary, UnmatchedTransaction
from recon_sdk.matches import (
    Allocation,
    Contribution,
    DecisionKind,
    Difference,
    DifferenceKind,
    Match,
    MatchKind,
    Reason,
)
from recon_sdk.money import Money
from recon_sdk.parties import learned_aliases
from recon_sdk.policy import reasons_of
from recon_sdk.scoring import contributions_of

if TYPE_CHECKING:
    from recon_sdk.engines import RuleSet
    from recon_sdk.errors import RowError
    from recon_sdk.invoices import Invoice
    from recon_sdk.known import Alias
    from recon_sdk.ledger import Ledger
    from recon_sdk.outcome import Outcome
    from recon_sdk.reading import ReadResult

__all__ = ["Candidate", "Result", "RunSummary", "UnmatchedTransaction"]

_KINDS = tuple(MatchKind)
_DIFFERENCES = tuple(DifferenceKind)
_Item = TypeVar("_Item", covariant=True)


class _Lazy(Sequence[_Item]):
    """A read-only sequence whose items are built when they are looked at."""

    def __init__(self, length: int, build: object) -> None:
        self._length = length
        self._build = build

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> _Item: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[_Item]: ...
    def __getitem__(self, at: int | slice) -> _Item | Sequence[_Item]:
        if isinstance(at, slice):
            return [self[k] for k in range(*at.indices(self._length))]
        if at < 0:
            at += self._length
        if not 0 <= at < self._length:
            raise IndexError(at)
        item: _Item = self._build(at)  # type: ignore[operator]
        return item

    def __iter__(self) -> Iterator[_Item]:
        return (self[at] for at in range(self._length))


class Result:
    """What a run found.

    Matches, candidates and rows are built from columns when they are looked at, so a result of a
    million matches costs no more than what is read of it.

    Attributes:
        outcome: The columns behind it.
        rule_set: The rules that it was made with.
        digest: Hash of the inputs and of all that was found; equal inputs give equal digests.
        problems: Input rows that could not be used; of very many the first ones of each side.
        reading: What became of the inputs, with the forms that were detected; None where a ledger
            was given.
    """

    def __init__(
        self,
        outcome: Outcome,
        rule_set: RuleSet,
        digest: str,
        problems: tuple[RowError, ...] = (),
        reading: ReadResult | None = None,
    ) -> None:
        self.outcome = outcome
        self.rule_set = rule_set
        self.digest = digest
        self.problems = problems
        self.reading = reading

    @property
    def ledger(self) -> Ledger:
        """The ledger that was reconciled."""
        return self.outcome.ledger

    @cached_property
    def matches(self) -> Sequence[Match]:
        """The chosen matches; no two of them overlap."""
        return _Lazy(self.outcome.matches.chosen, self.match_at)

    @cached_property
    def alternatives(self) -> Sequence[Match]:
        """Runners-up of chosen matches, always for review."""
        found = self.outcome.matches
        return _Lazy(len(found) - found.chosen, lambda at: self.match_at(found.chosen + at))

    @cached_property
    def candidates(self) -> Sequence[Candidate]:
        """The best candidates of each invoice, by invoice key, then rank."""
        columns = self.outcome.candidates
        first = np.searchsorted(columns.invoice_rows, columns.invoice_rows)
        return _Lazy(
            len(columns),
            lambda at: Candidate(
                invoice_id=str(self.ledger.invoices.ids[columns.invoice_rows[at]]),
                transaction_id=str(self.ledger.transactions.ids[columns.transaction_rows[at]]),
                rank=at - int(first[at]) + 1,
                score=int(columns.score[at]),
                evidence=int(columns.evidence[at]),
                contributions=self._contributions(
                    columns.invoice_rows[at : at + 1], columns.transaction_rows[at : at + 1]
                ),
            ),
        )

    @cached_property
    def unmatched_invoices(self) -> Sequence[Invoice]:
        """Invoices with something open and in no chosen match, by key."""
        rows = self._unused(self.ledger.invoices.open_amount, self._chosen_allocations[0])
        return _Lazy(len(rows), lambda at: self.ledger.invoice(int(rows[at])))

    @cached_property
    def unmatched_transactions(self) -> Sequence[UnmatchedTransaction]:
        """Transactions with something left and in no chosen match, by key."""
        rows = self._unused(
            self.ledger.transactions.unallocated_amount, self._chosen_allocations[1]
        )

        def build(at: int) -> UnmatchedTransaction:
            row = int(rows[at])
            other = int(self.outcome.duplicate_of[row])
            return UnmatchedTransaction(
                transaction=self.ledger.transaction(row),
                reason=Reason.POSSIBLE_DUPLICATE if other >= 0 else None,
                duplicate_of=str(self.ledger.transactions.ids[other]) if other >= 0 else "",
            )

        return _Lazy(len(rows), build)

    @cached_property
    def learned_aliases(self) -> tuple[Alias, ...]:
        """Names that this run took to stand for a vendor, since they keep coming with its numbers.

        They hold for this run alone. Look through them and give them as aliases to a later run to
        keep them; a person's alias always wins over what is learned.
        """
        return learned_aliases(self.ledger)

    def match_at(self, at: int) -> Match:
        """Build the match at a position of `outcome.matches` (chosen ones first)."""
        found, ledger = self.outcome.matches, self.ledger
        lo, hi = int(found.starts[at]), int(found.starts[at + 1])
        invoice_rows, transaction_rows = found.invoice_rows[lo:hi], found.transaction_rows[lo:hi]
        allocations = []
        for k in range(lo, hi):
            i, t = int(found.invoice_rows[k]), int(found.transaction_rows[k])
            allocations.append(
                Allocation(
                    invoice_id=str(ledger.invoices.ids[i]),
                    transaction_id=str(ledger.transactions.ids[t]),
                    settled=Money(
                        int(found.settled[k]), ledger.currencies[ledger.invoices.currency[i]]
                    ),
                    paid=Money(
                        int(found.paid[k]), ledger.currencies[ledger.transactions.currency[t]]
                    ),
                )
            )
        difference = None
        if found.difference_row[at] >= 0:
            currency = ledger.currencies[ledger.transactions.currency[transaction_rows[0]]]
            difference = Difference(
                kind=_DIFFERENCES[found.difference_kind[at]],
                amount=Money(int(found.difference_amount[at]), currency),
                invoice_id=str(ledger.invoices.ids[found.difference_row[at]]),
            )
        reasons = reasons_of(int(found.reasons[at]))
        of = int(found.alternative_of[at])
        return Match(
            id=match_id((a.invoice_id, a.transaction_id) for a in allocations),
            kind=_KINDS[found.kind[at]],
            allocations=tuple(allocations),
            score=int(found.score[at]),
            evidence=int(found.evidence[at]),
            margin=int(found.margin[at]),
            decision=DecisionKind.REVIEW if reasons else DecisionKind.AUTO,
            reasons=reasons,
            difference=difference,
            alternative_of=self._match_id(of) if of >= 0 else None,
            contributions=self._contributions(invoice_rows, transaction_rows),
        )

    def context(self, match: Match, language: str = "en") -> MatchContext:
        """Gather what an explainer may know of a match of this result."""
        ledger = self.ledger
        return MatchContext(
            match=match,
            invoices=tuple(ledger.invoice(ledger.invoice_row(k)) for k in match.invoice_ids),
            transactions=tuple(
                ledger.transaction(ledger.transaction_row(k)) for k in match.transaction_ids
            ),
            language=language,
        )

    def explain(self, match: Match) -> str:
        """Word a match of this result: the same bytes for the same record."""
        return explain_match(self.context(match))

    @cached_property
    def summary(self) -> RunSummary:
        """Counts and totals."""
        found, ledger = self.outcome.matches, self.ledger
        chosen = found.chosen
        invoice_rows, transaction_rows = self._chosen_allocations
        reasons = found.reasons[:chosen]
        by_reason: Counter[str] = Counter()
        for bits, number in zip(*np.unique(reasons, return_counts=True), strict=True):
            for reason in reasons_of(int(bits)):
                by_reason[reason.value] += int(number)
        duplicates = self.outcome.duplicate_of >= 0
        duplicates[transaction_rows] = False
        return RunSummary(
            invoices=int(np.count_nonzero(ledger.invoices.open_amount)),
            transactions=int(np.count_nonzero(ledger.transactions.unallocated_amount)),
            candidates=len(self.outcome.candidates),
            matches=chosen,
            auto=int(np.count_nonzero(reasons == 0)),
            review=int(np.count_nonzero(reasons != 0)),
            alternatives=len(found) - chosen,
            links=len(invoice_rows),
            by_kind=_count(found.kind[:chosen], [k.value for k in _KINDS]),
            by_reason=dict(sorted(by_reason.items())),
            by_difference=_count(
                found.difference_kind[:chosen][found.difference_row[:chosen] >= 0],
                [k.value for k in _DIFFERENCES],
            ),
            open_amount=self._totals(
                np.abs(ledger.invoices.open_amount), ledger.invoices.currency
            ),
            matched_amount=self._totals(
                np.abs(found.settled[: len(invoice_rows)]), ledger.invoices.currency[invoice_rows]
            ),
            unmatched_invoices=len(self.unmatched_invoices),
            unmatched_transactions=len(self.unmatched_transactions),
            possible_duplicates=int(np.count_nonzero(duplicates)),
            direction_unknown=int(
                np.count_nonzero(
                    (ledger.invoices.direction == 0) & (ledger.invoices.open_amount != 0)
                )
            ),
            failures=self.outcome.failures,
            problems=len(self.problems)
            if self.reading is None
            else self.reading.invoice_problems + self.reading.transaction_problems,
            counts=dict(self.outcome.counts),
            seconds=dict(self.outcome.seconds),
        )

    @property
    def _chosen_allocations(self) -> tuple[np.ndarray, np.ndarray]:
        found = self.outcome.matches
        end = int(found.starts[found.chosen])
        return found.invoice_rows[:end], found.transaction_rows[:end]

    @staticmethod
    def _unused(left: np.ndarray, used: np.ndarray) -> np.ndarray:
        free = left != 0
        free[used] = False
        return np.flatnonzero(free)

    def _totals(self, amounts: np.ndarray, codes: np.ndarray) -> dict[str, int]:
        return {
            currency: int(amounts[codes == code].sum())
            for code, currency in enumerate(self.ledger.currencies)
            if np.any(codes == code)
        }

    def _match_id(self, at: int) -> str:
        found, ledger = self.outcome.matches, self.ledger
        lo, hi = int(found.starts[at]), int(found.starts[at + 1])
        return match_id(
            zip(
                ledger.invoices.ids[found.invoice_rows[lo:hi]].tolist(),
                ledger.transactions.ids[found.transaction_rows[lo:hi]].tolist(),
                strict=True,
            )
        )

    def _contributions(
        self,
        invoice_rows: np.ndarray,
        transaction_rows: np.ndarray,
    ) -> tuple[Contribution, ...]:
        return contributions_of(self.ledger, self._rules_used, invoice_rows, transaction_rows)

    @cached_property
    def _rules_used(self) -> RuleSet:
        """The rules without those that were set aside."""
        aside = {failure.name for failure in self.outcome.failures}
        rules = tuple((r, w) for r, w in self.rule_set.rules if r.name not in aside)
        return attrs.evolve(self.rule_set, rules=rules)


def _count(codes: np.ndarray, names: Sequence[str]) -> dict[str, int]:
    numbers = np.bincount(codes, minlength=len(names))
    return {name: int(n) for name, n in zip(names, numbers, strict=True) if n}
