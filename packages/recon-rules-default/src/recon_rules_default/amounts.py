"""Rules on amounts: equal to the minor unit, or within a tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_rules_default.settings import Settings
from recon_sdk import Cost, Direction, Evidence, Role
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
        if _flows_back(invoice, transaction):
            return _FLOWS_BACK
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
        by_currency = np.array([self._least(c) for c in pairs.ledger.currencies], np.int64)
        asked = np.abs(pairs.open_amount)
        share = asked // 10_000 * self.settings.tolerance_basis_points
        share += asked % 10_000 * self.settings.tolerance_basis_points // 10_000
        tolerance = np.maximum(by_currency[pairs.invoice_currency], share)
        gap = np.abs(pairs.gap)
        value = np.maximum(1.0 - gap / (tolerance + 1.0), 0.0)
        value[~pairs.sign_fits] = 0.0
        return np.where(pairs.same_currency, value, np.nan)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say how far the amounts are apart."""
        if value == 0 and _flows_back(invoice, transaction):
            return _FLOWS_BACK
        asked, paid = abs(invoice.open_amount.minor), abs(transaction.unallocated_amount.minor)
        gap, currency = abs(asked - paid), invoice.amount.currency
        if gap == 0:
            return "there is no gap between the amounts"
        share = asked * self.settings.tolerance_basis_points // 10_000
        side = "within" if gap <= max(self._least(currency), share) else "outside"
        return f"the gap of {format_minor(gap, currency)} {currency} is {side} the tolerance"

    def _least(self, currency: str) -> int:
        return self.settings.tolerance_by_currency.get(currency, self.settings.tolerance_minor)


_FLOWS_BACK = "the money moved the other way"


def _flows_back(invoice: Invoice, transaction: BankTransaction) -> bool:
    flow = transaction.unallocated_amount.minor * invoice.open_amount.minor
    if invoice.direction is None or flow == 0:
        return False
    return (flow < 0) != (invoice.direction is Direction.PAYABLE)
