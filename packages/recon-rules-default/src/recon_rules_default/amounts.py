"""Rules on amounts: equal to the minor unit, or within a tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_rules_default.settings import Settings
from recon_sdk import Cost, Evidence, Role
from recon_sdk.money import format_minor

if TYPE_CHECKING:
    from recon_sdk import BankTransaction, FloatArray, Invoice, Pairs

__all__ = ["AmountTolerance", "ExactAmount"]


@attrs.frozen
class ExactAmount:
    """The paid amount equals the open amount to the minor unit, in one currency."""

    name: str = "exact_amount"
    version: str = "1"
    evidence: Evidence = Evidence.AMOUNT
    role: Role = Role.SCORE
    weight: float = 0.5
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """1 where equal, 0 where not; no opinion across currencies."""
        equal = (pairs.gap == 0) & pairs.sign_fits
        return np.where(pairs.same_currency, equal.astype(np.float64), np.nan)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say whether the amounts are equal."""
        if value > 0:
            return f"the amounts are equal, {abs(invoice.open_amount)}"
        return (
            f"the amounts differ: {abs(invoice.open_amount)} open, "
            f"{abs(transaction.unallocated_amount)} paid"
        )


@attrs.frozen
class AmountTolerance:
    """The paid amount is near the open amount: 1 when equal, 0 at the tolerance.

    The tolerance is the larger of an absolute amount (by currency) and a share of the open amount.
    """

    settings: Settings
    name: str = "amount_tolerance"
    version: str = "1"
    evidence: Evidence = Evidence.AMOUNT
    role: Role = Role.SCORE
    weight: float = 0.2
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """Linear in the gap; no opinion across currencies."""
        by_currency = np.array(
            [
                self.settings.tolerance_by_currency.get(c, self.settings.tolerance_minor)
                for c in pairs.ledger.currencies
            ],
            np.int64,
        )
        asked = np.abs(pairs.open_amount)
        share = asked * self.settings.tolerance_basis_points // 10_000
        tolerance = np.maximum(by_currency[pairs.invoice_currency], share)
        gap = np.abs(pairs.gap)
        value = np.maximum(1.0 - gap / (tolerance + 1.0), 0.0)
        value[~pairs.sign_fits] = 0.0
        return np.where(pairs.same_currency, value, np.nan)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say how far the amounts are apart."""
        asked, paid = invoice.open_amount, transaction.unallocated_amount
        gap = abs(abs(asked.minor) - abs(paid.minor))
        if gap == 0:
            return "the amounts are within the tolerance, with no gap"
        side = "within" if value > 0 else "outside"
        amount = f"{format_minor(gap, paid.currency)} {paid.currency}"
        return f"the gap of {amount} is {side} the tolerance"
