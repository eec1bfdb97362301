"""What tuning found: a verdict on each setting, and the figures before and after."""

from __future__ import annotations

import statistics

import attrs

from recon_sdk.config import TenantConfig

__all__ = ["FoldFigures", "Tuning", "Verdict", "mean_and_spread"]


@attrs.frozen(kw_only=True)
class Verdict:
    """What is proposed for one setting.

    Attributes:
        path: Where the setting stands, such as `rules.exact_amount.weight`.
        current: Its value in force.
        proposed: The value proposed; the current one where it is kept.
        reason: Why, in a sentence.
    """

    path: str
    current: float
    proposed: float
    reason: str

    @property
    def is_change(self) -> bool:
        """Whether something else is proposed than is in force."""
        return self.proposed != self.current


@attrs.frozen(kw_only=True)
class FoldFigures:
    """How one fold fares; all shares from 0 to 1.

    Attributes:
        f1: F1 of its links.
        top1: Share of its labelled invoices whose best candidate by score is a true payment.
        mean_reciprocal_rank: Mean of 1 / rank of the true payment among the candidates.
        auto_precision: Share of its automatic links that are right, 1 where there are none.
        auto_coverage: Share of its true links that are automatic.
    """

    f1: float
    top1: float
    mean_reciprocal_rank: float
    auto_precision: float
    auto_coverage: float


@attrs.frozen(kw_only=True, eq=False)
class Tuning:
    """What was found.

    Attributes:
        base: The configuration that it started from.
        config: The proposed configuration; equal to `base` where everything is kept.
        verdicts: One for each setting that was looked at, by path.
        before: Figures of each fold with the current settings.
        after: Figures of each fold with what the other folds propose.
        invoices: Invoices of the ledger.
        transactions: Transactions of the ledger.
        links: Labelled links.
        parties: Groups of parties that share payments; a fold is made of whole ones.
        folds: Number of folds.
        seed: What the folds were drawn with.
        plugin_versions: Plugin and version, sorted.
        notes: What a reader should know.
    """

    base: TenantConfig
    config: TenantConfig
    verdicts: tuple[Verdict, ...]
    before: tuple[FoldFigures, ...]
    after: tuple[FoldFigures, ...]
    invoices: int
    transactions: int
    links: int
    parties: int
    folds: int
    seed: int
    plugin_versions: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def changes(self) -> tuple[Verdict, ...]:
        """The verdicts that propose something else than is in force."""
        return tuple(verdict for verdict in self.verdicts if verdict.is_change)


def mean_and_spread(figures: tuple[FoldFigures, ...], name: str) -> tuple[float, float]:
    """Give the mean over the folds of one figure, and its standard deviation."""
    values = [getattr(fold, name) for fold in figures]
    return statistics.fmean(values), statistics.stdev(values)
