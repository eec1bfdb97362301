"""Difference models: what a gap between asked and paid may be.

Each gives the probability of exactly this paid amount, given that the payment settles the invoice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_rules_default.settings import Settings
from recon_sdk import NO_AMOUNT, NO_DATE, DifferenceKind

if TYPE_CHECKING:
    from recon_sdk import BoolArray, FloatArray, Gaps, Int32Array, Int64Array

__all__ = ["BankFee", "CashDiscount", "Fx", "Rounding", "SmallGap", "Vat", "Withholding"]


def _share(amount: Int64Array, basis_points: Int64Array | Int32Array | int) -> Int64Array:
    """A share of an amount in hundredths of a percent, rounded half up; never overflows."""
    return amount // 10_000 * basis_points + (amount % 10_000 * basis_points + 5_000) // 10_000


def _at_most(amount: Int64Array, basis_points: int) -> Int64Array:
    """Most whole units of a share of an amount; never overflows."""
    return amount // 10_000 * basis_points + amount % 10_000 * basis_points // 10_000


def _is_share(missing: Int64Array, share: Int64Array, slack: Int64Array | int) -> BoolArray:
    """Whether about this share is missing; a share that rounds to nothing is none."""
    near = np.abs(missing - share) <= slack
    return np.asarray((share > 0) & (missing > 0) & near)


@attrs.frozen
class Rounding:
    """A few minor units, up or down, and at most 1 %."""

    settings: Settings
    name: str = "rounding"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.ROUNDING
    is_usual: bool = True

    def explain(self, gaps: Gaps) -> FloatArray:
        """Even over the few possible amounts."""
        gap = np.abs(gaps.paid - gaps.asked)
        fits = (gap > 0) & (gap <= self.settings.rounding_minor) & (gap * 100 <= gaps.asked)
        amounts = max(1, 2 * self.settings.rounding_minor)
        return np.where(fits & ~gaps.converted, 0.02 / amounts, 0.0)


@attrs.frozen
class CashDiscount:
    """The invoice's own discount within its days, else a usual one within the usual days."""

    settings: Settings
    name: str = "cash_discount"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.CASH_DISCOUNT
    is_usual: bool = True

    def explain(self, gaps: Gaps) -> FloatArray:
        """To the minor unit (two where several invoices are rounded on their own)."""
        missing = gaps.asked - gaps.paid
        slack = np.where(gaps.members > 1, 2, 1)
        own = (gaps.discount_percent > 0) & (
            (gaps.discount_until == NO_DATE) | (gaps.booking_date <= gaps.discount_until + 3)
        )
        at_terms = own & _is_share(missing, _share(gaps.asked, gaps.discount_percent), slack)
        out = np.where(at_terms, 0.15, 0.0)
        since = gaps.booking_date.astype(np.int64) - gaps.issue_date
        quick = (
            (gaps.issue_date != NO_DATE) & (since >= -3) & (since <= self.settings.discount_days)
        )
        undated = gaps.issue_date == NO_DATE
        for percent in self.settings.usual_discounts:
            hit = _is_share(missing, _share(gaps.asked, percent), slack)
            usual = hit & (gaps.discount_percent < 0) & (quick | undated)
            out = np.maximum(out, np.where(usual, 0.0044, 0.0))
        return np.where(gaps.converted, 0.0, out)


@attrs.frozen
class BankFee:
    """A fixed fee of an ordinary amount, kept back by a bank or payment provider."""

    settings: Settings
    name: str = "bank_fee"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.BANK_FEE
    is_usual: bool = True

    def explain(self, gaps: Gaps) -> FloatArray:
        """Even over the ordinary fees that are small beside the amount."""
        fee = (gaps.asked - gaps.paid) * 100 // gaps.unit
        whole = (gaps.asked - gaps.paid) * 100 % gaps.unit == 0
        known = np.isin(fee, np.array(self.settings.usual_fees, np.int64), kind="sort")
        share = self.settings.largest_fee_basis_points
        small = fee <= _at_most(gaps.asked * 100 // gaps.unit, share)
        fits = (fee > 0) & whole & known & small & ~gaps.converted
        return np.where(fits, 0.02 / max(1, len(self.settings.usual_fees)), 0.0)


@attrs.frozen
class SmallGap:
    """Some small amount kept back: probably a fee or an odd discount, but nothing ordinary."""

    settings: Settings
    name: str = "small_gap"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.BANK_FEE
    is_usual: bool = False

    def explain(self, gaps: Gaps) -> FloatArray:
        """Even over the logarithm of the gap."""
        gap = gaps.asked - gaps.paid
        most = _at_most(gaps.asked, self.settings.largest_fee_basis_points)
        small = (gap <= self.settings.largest_fee * gaps.unit) & (gap <= most)
        fits = (gap > 0) & small & ~gaps.converted
        return np.where(fits, 0.015 / (8.5 * np.maximum(gap, 1)), 0.0)


@attrs.frozen
class Withholding:
    """Tax withheld by the payer at the rate that the invoice states."""

    name: str = "withholding"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.WITHHOLDING
    is_usual: bool = True

    def explain(self, gaps: Gaps) -> FloatArray:
        """To the minor unit, of the net amount where it is given, else of the whole."""
        missing = gaps.asked - gaps.paid
        base = np.where(gaps.net_amount != NO_AMOUNT, gaps.net_amount, gaps.asked)
        stated = gaps.withholding_percent > 0
        hit = _is_share(missing, _share(base, gaps.withholding_percent), 1)
        return np.where(stated & hit & ~gaps.converted, 0.3, 0.0)


@attrs.frozen
class Vat:
    """The net amount was paid, without its tax."""

    name: str = "vat"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.VAT
    is_usual: bool = False

    def explain(self, gaps: Gaps) -> FloatArray:
        """To the minor unit, where the net amount is given."""
        known = (gaps.net_amount != NO_AMOUNT) & (gaps.net_amount < gaps.asked)
        return np.where(known & (gaps.paid == gaps.net_amount) & ~gaps.converted, 0.02, 0.0)


@attrs.frozen
class Fx:
    """The bank's rate differs a little from the stored one."""

    name: str = "fx"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.FX
    is_usual: bool = True

    def explain(self, gaps: Gaps) -> FloatArray:
        """Even over the band around the stored rate."""
        width = np.maximum(_share(gaps.asked, gaps.band.astype(np.int64)), 1)
        near = np.abs(gaps.paid - gaps.asked) <= width
        return np.where(gaps.converted & near, 0.8 / (2 * width + 1), 0.0)
