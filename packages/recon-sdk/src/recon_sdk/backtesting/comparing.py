"""Comparing two results over the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recon_sdk.backtesting.outcome import Backtest, Change, ChangeKind, Standing, Totals
from recon_sdk.evaluation import evaluate
from recon_sdk.matches import DecisionKind, DifferenceKind
from recon_sdk.money import Money
from recon_sdk.policy import reasons_of
from recon_sdk.writing.matches import match_ids

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from recon_sdk.results import Result

__all__ = ["TOLERANCE", "compare"]

TOLERANCE = 5_000
"""Change of a score that is no change, millionths."""
_DIFFERENCES = tuple(DifferenceKind)
_GRAVITY = {kind: at for at, kind in enumerate(ChangeKind)}


def compare(
    old: Result,
    new: Result,
    *,
    truth: str | os.PathLike[str] | None = None,
    tolerance: int = TOLERANCE,
) -> Backtest:
    """Tell what differs between two results over the same rows; the settings are not compared."""
    before, after = _Matches(old), _Matches(new)
    changes = list(_changes(before, after, tolerance))
    changes.sort(key=lambda c: (_GRAVITY[c.kind], c.invoice_ids, c.transaction_ids))
    both = len(before.place.keys() & after.place.keys())
    alone = {ChangeKind.VANISHED, ChangeKind.APPEARED}
    return Backtest(
        old=_totals(old, truth),
        new=_totals(new, truth),
        settings=(),
        changes=tuple(changes),
        unchanged=both - sum(change.kind not in alone for change in changes),
        tolerance=tolerance,
        results=(old, new),
    )


class _Matches:
    """The chosen matches of a result by their ids."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._found = result.outcome.matches
        ids = match_ids(result, 0, self._found.chosen) if self._found.chosen else []
        self.ids = ids
        self.place = {key: at for at, key in enumerate(ids)}

    def rows(self, at: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Keys of the invoices and of the payments of one match."""
        found, ledger = self._found, self._result.ledger
        part = slice(int(found.starts[at]), int(found.starts[at + 1]))
        return (
            tuple(sorted(set(ledger.invoices.ids[found.invoice_rows[part]].tolist()))),
            tuple(sorted(set(ledger.transactions.ids[found.transaction_rows[part]].tolist()))),
        )

    def standing(self, at: int) -> Standing:
        """How one match stands."""
        found, ledger = self._found, self._result.ledger
        part = slice(int(found.starts[at]), int(found.starts[at + 1]))
        reasons = reasons_of(int(found.reasons[at]))
        codes = ledger.invoices.currency[found.invoice_rows[part]]
        settled = int(found.settled[part][codes == codes[0]].sum())
        has_gap = found.difference_row[at] >= 0
        return Standing(
            decision=DecisionKind.REVIEW if reasons else DecisionKind.AUTO,
            reasons=reasons,
            score=int(found.score[at]),
            settled=Money(settled, ledger.currencies[codes[0]]),
            difference=_DIFFERENCES[found.difference_kind[at]] if has_gap else DifferenceKind.NONE,
        )

    def users(self) -> dict[tuple[bool, str], list[str]]:
        """For each key of a row (True for an invoice) the matches that use it."""
        users: dict[tuple[bool, str], list[str]] = {}
        for at, match in enumerate(self.ids):
            for is_invoice, keys in zip((True, False), self.rows(at), strict=True):
                for key in keys:
                    users.setdefault((is_invoice, key), []).append(match)
        return users


def _changes(old: _Matches, new: _Matches, tolerance: int) -> Iterator[Change]:
    for one, other, kind in (
        (old, new, ChangeKind.VANISHED),
        (new, old, ChangeKind.APPEARED),
    ):
        lone = [key for key in one.ids if key not in other.place]
        users = other.users() if lone else {}
        for key in lone:
            at = one.place[key]
            invoices, transactions = one.rows(at)
            used = [(True, k) for k in invoices] + [(False, k) for k in transactions]
            standing = one.standing(at)
            yield Change(
                kind=kind,
                match_id=key,
                invoice_ids=invoices,
                transaction_ids=transactions,
                settled=standing.settled,
                old=standing if one is old else None,
                new=standing if one is new else None,
                rivals=tuple(sorted({m for row in used for m in users.get(row, ())})),
            )
    for key, at in old.place.items():
        if key not in new.place:
            continue
        was, now = old.standing(at), new.standing(new.place[key])
        if kind_of := _kind_of(was, now, tolerance):
            invoices, transactions = old.rows(at)
            yield Change(
                kind=kind_of,
                match_id=key,
                invoice_ids=invoices,
                transaction_ids=transactions,
                settled=now.settled,
                old=was,
                new=now,
            )


def _kind_of(old: Standing, new: Standing, tolerance: int) -> ChangeKind | None:
    if old.decision is not new.decision:
        return ChangeKind.DECISION
    if old.reasons != new.reasons:
        return ChangeKind.REASONS
    if old.difference is not new.difference or old.settled != new.settled:
        return ChangeKind.DIFFERENCE
    if abs(old.score - new.score) > tolerance:
        return ChangeKind.SCORE
    return None


def _totals(result: Result, truth: str | os.PathLike[str] | None) -> Totals:
    found, ledger, summary = result.outcome.matches, result.ledger, result.summary
    end = int(found.starts[found.chosen])
    auto = np.repeat(found.reasons[: found.chosen] == 0, np.diff(found.starts[: found.chosen + 1]))
    codes = ledger.invoices.currency[found.invoice_rows[:end]]
    settled = np.abs(found.settled[:end])
    return Totals(
        digest=result.digest,
        matches=summary.matches,
        auto=summary.auto,
        review=summary.review,
        links=summary.links,
        settled=_by_currency(settled, codes, ledger.currencies),
        auto_settled=_by_currency(settled * auto, codes, ledger.currencies),
        evaluation=None if truth is None else evaluate(result, truth),
    )


def _by_currency(amounts: Any, codes: Any, currencies: Sequence[str]) -> dict[str, int]:
    return {
        currency: int(amounts[codes == code].sum())
        for code, currency in enumerate(currencies)
        if np.any(codes == code)
    }
