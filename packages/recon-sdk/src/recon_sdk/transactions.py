"""Bank transaction: what moved."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from recon_sdk.errors import DataError
from recon_sdk.money import Money

__all__ = ["BankTransaction", "TransactionStatus"]


class TransactionStatus(enum.StrEnum):
    """How far a bank transaction is used; always derived, never set."""

    UNMATCHED = "unmatched"
    PARTIALLY_MATCHED = "partially_matched"
    MATCHED = "matched"
    IGNORED = "ignored"


@attrs.frozen(kw_only=True)
class BankTransaction:
    """One movement on an account. A negative amount is money out.

    Attributes:
        id: The caller's own key, unique for the tenant.
        amount: What moved, signed.
        booking_date: Day of booking.
        value_date: Day of value; None where unknown.
        account_id: The account that it moved on.
        external_id: The bank's own id, unique per account.
        counterparty_name: Who is on the other side, as the bank shows it.
        counterparty_iban: Their account, capitals without blanks.
        description: Remittance text.
        reference: End-to-end id or structured creditor reference.
        allocated: What confirmed matches use so far, signed like the amount, in minor units.
        ignored: A person said that this pays no invoice; it is never matched.
    """

    id: str = attrs.field()
    amount: Money
    booking_date: dt.date
    value_date: dt.date | None = None
    account_id: str = ""
    external_id: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    description: str = ""
    reference: str = ""
    allocated: int = 0
    ignored: bool = False

    @id.validator
    def _check_id(self, _: object, value: str) -> None:
        if not value:
            msg = "a bank transaction needs an id: the caller's own key"
            raise DataError(msg)

    @property
    def unallocated_amount(self) -> Money:
        """What is not yet used by a confirmed match, signed like the amount."""
        return Money(self.amount.minor - self.allocated, self.amount.currency)

    @property
    def status(self) -> TransactionStatus:
        """How far the transaction is used."""
        if self.ignored:
            return TransactionStatus.IGNORED
        if self.allocated == 0 and self.amount.minor != 0:
            return TransactionStatus.UNMATCHED
        if self.allocated == self.amount.minor:
            return TransactionStatus.MATCHED
        return TransactionStatus.PARTIALLY_MATCHED
