"""Difference model: a named explanation of a gap between what was asked and what was paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

from recon_sdk.columns import BoolArray, Int32Array, Int64Array

if TYPE_CHECKING:
    from recon_sdk.columns import FloatArray
    from recon_sdk.matches import DifferenceKind

__all__ = ["DifferenceModel", "Gaps"]


@attrs.frozen(kw_only=True, eq=False)
class Gaps:
    """A batch of gaps, of pairs or of whole groups. Read-only.

    Shape: one entry for each gap. Units: minor units of the payment's currency, days since
    1970-01-01, hundredths of a percent.

    Attributes:
        asked: What the invoices leave open, magnitude, above 0.
        paid: What the payments bring, magnitude, above 0.
        unit: Minor units in one whole unit of the currency (100 for EUR).
        issue_date: Issue date of the newest invoice; `NO_DATE` where missing.
        due_date: Due date of the newest invoice; `NO_DATE` where missing.
        booking_date: Booking date of the first payment.
        discount_percent: The invoice's own terms, -1 where not given or for several invoices.
        discount_until: Last day of the discount, `NO_DATE` where not given.
        withholding_percent: Likewise, -1 where not given.
        net_amount: The invoice without tax, magnitude; `NO_AMOUNT` where not given.
        members: Number of invoices plus number of payments less 1 (1 for a pair).
        converted: Whether `asked` was converted at a stored exchange rate.
        band: How far the bank's rate may lie from the stored one, hundredths of a percent.
    """

    asked: Int64Array
    paid: Int64Array
    unit: Int64Array
    issue_date: Int32Array
    due_date: Int32Array
    booking_date: Int32Array
    discount_percent: Int32Array
    discount_until: Int32Array
    withholding_percent: Int32Array
    net_amount: Int64Array
    members: Int32Array
    converted: BoolArray
    band: Int32Array

    def __len__(self) -> int:
        return len(self.asked)


@runtime_checkable
class DifferenceModel(Protocol):
    """Says how plausible it is that a gap is of its kind."""

    @property
    def name(self) -> str:
        """Lower-case snake-case name, unique for the tenant."""

    @property
    def version(self) -> str:
        """Changes whenever the same gap may get another answer."""

    @property
    def kind(self) -> DifferenceKind:
        """The name that the gap gets."""

    @property
    def is_usual(self) -> bool:
        """Whether such a gap is ordinary enough to be decided automatically."""

    def explain(self, gaps: Gaps) -> FloatArray:
        """Judge the batch.

        Returns:
            For each gap the probability of exactly this paid amount, given that the payment
            settles the invoices: float64 in [0, 1]; 0 where the model does not explain the gap.
            Only gaps with `asked != paid` (or a converted amount) are asked about.
        """
