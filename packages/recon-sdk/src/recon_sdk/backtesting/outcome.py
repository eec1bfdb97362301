"""What a backtest found."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from recon_sdk.evaluation import Evaluation
from recon_sdk.matches import DecisionKind, DifferenceKind, Reason
from recon_sdk.money import Money
from recon_sdk.results import Result

__all__ = ["Backtest", "Change", "ChangeKind", "SettingChange", "Standing", "Totals"]


class ChangeKind(enum.StrEnum):
    """What became of a match, the gravest first; a change has the first kind that fits."""

    VANISHED = "vanished"
    """Proposed by the old configuration alone."""
    APPEARED = "appeared"
    """Proposed by the new configuration alone."""
    DECISION = "decision"
    """From `auto` to `review`, or back."""
    REASONS = "reasons"
    """For review in both, for other reasons."""
    DIFFERENCE = "difference"
    """Another named difference, or another amount settled."""
    SCORE = "score"
    """Another score, by more than the tolerance."""


@attrs.frozen(kw_only=True)
class Standing:
    """How a match stands under one configuration.

    Attributes:
        decision: `auto` or `review`.
        reasons: What speaks against `auto`.
        score: Millionths.
        settled: What it settles in all, in the currency of its first invoice.
        difference: Name of the gap, `DifferenceKind.NONE` for none.
    """

    decision: DecisionKind
    reasons: tuple[Reason, ...]
    score: int
    settled: Money
    difference: DifferenceKind


@attrs.frozen(kw_only=True)
class Change:
    """One match that does not stay as it is.

    Attributes:
        kind: What became of it.
        match_id: Its id; the same claim has the same id under both configurations.
        invoice_ids: Its invoices, ascending.
        transaction_ids: Its payments, ascending.
        settled: What it settles, or settled before it vanished.
        old: How it stood, None where it appeared.
        new: How it stands, None where it vanished.
        rivals: Matches of the other side that use one of its rows, by id; for those that vanished
            or appeared.
    """

    kind: ChangeKind
    match_id: str
    invoice_ids: tuple[str, ...]
    transaction_ids: tuple[str, ...]
    settled: Money
    old: Standing | None
    new: Standing | None
    rivals: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class SettingChange:
    """A setting that differs: its path, and both values, None where it is not there."""

    path: str
    old: Any
    new: Any


@attrs.frozen(kw_only=True)
class Totals:
    """What one configuration makes of the ledger.

    Attributes:
        digest: Digest of its run.
        matches: Chosen matches.
        auto: Of them decided `auto`.
        review: Of them for review.
        links: Their allocations.
        settled: Minor units that they settle, by currency (sum of magnitudes).
        auto_settled: Of them by matches decided `auto`.
        evaluation: Agreement with the truth, None where no truth was given.
    """

    digest: str
    matches: int
    auto: int
    review: int
    links: int
    settled: Mapping[str, int]
    auto_settled: Mapping[str, int]
    evaluation: Evaluation | None = None


@attrs.frozen(kw_only=True, eq=False)
class Backtest:
    """The two runs and what differs.

    Attributes:
        old: Totals under the old configuration.
        new: Totals under the new one.
        settings: Settings that differ, by path.
        changes: Matches that differ: by kind, the gravest first, then by their keys.
        unchanged: Number of matches that stay as they are.
        tolerance: Change of a score that is no change, millionths.
        results: Both results, the old one first.
    """

    old: Totals
    new: Totals
    settings: tuple[SettingChange, ...]
    changes: tuple[Change, ...]
    unchanged: int
    tolerance: int
    results: tuple[Result, Result]

    @property
    def by_kind(self) -> dict[ChangeKind, int]:
        """Number of changes of each kind that occurs."""
        counts = Counter(change.kind for change in self.changes)
        return {kind: counts[kind] for kind in ChangeKind if counts[kind]}
