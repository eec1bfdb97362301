"""Invoice: what is owed."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from recon_sdk.errors import DataError
from recon_sdk.money import Money

__all__ = ["Direction", "Invoice", "InvoiceStatus"]


class Direction(enum.StrEnum):
    """Which way money flows when the invoice is settled."""

    PAYABLE = "payable"
    """We owe it: settled by money out."""
    RECEIVABLE = "receivable"
    """It is owed to us: settled by money in."""


class InvoiceStatus(enum.StrEnum):
    """How far an invoice is settled; always derived, never set."""

    OPEN = "open"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    VOID = "void"


@attrs.frozen(kw_only=True)
class Invoice:
    """What is owed. A negative amount is a credit note.

    Attributes:
        id: The caller's own key, unique for the tenant.
        amount: The invoiced amount.
        issue_date: Day of issue; None where unknown.
        due_date: Day by which it is to be paid; None where unknown.
        invoice_number: The number printed on it; unique per direction and vendor only.
        vendor_id: The caller's key of the other party (also for a customer).
        vendor_name: Its name.
        vendor_iban: Its account, capitals without blanks.
        description: Free text.
        direction: Payable, receivable, or None where not given.
        order_number: Number of the order behind it.
        customer_number: Our number at the vendor, or the customer's at us.
        payment_reference: Structured reference to be quoted when paying.
        discount_percent: Cash discount in hundredths of a percent (200 = 2 %).
        discount_until: Last day of the cash discount.
        net_amount: Amount without tax.
        tax_amount: Tax contained in the amount.
        withholding_percent: Tax to be withheld by the payer, in hundredths of a percent.
        settled: What confirmed matches have settled so far, signed like the amount, in minor
            units.
        void: The invoice was cancelled; it is never matched.
    """

    id: str = attrs.field()
    amount: Money
    issue_date: dt.date | None = None
    due_date: dt.date | None = None
    invoice_number: str = ""
    vendor_id: str = ""
    vendor_name: str = ""
    vendor_iban: str = ""
    description: str = ""
    direction: Direction | None = None
    order_number: str = ""
    customer_number: str = ""
    payment_reference: str = ""
    discount_percent: int | None = None
    discount_until: dt.date | None = None
    net_amount: Money | None = None
    tax_amount: Money | None = None
    withholding_percent: int | None = None
    settled: int = 0
    void: bool = False

    @id.validator
    def _check_id(self, _: object, value: str) -> None:
        if not value:
            msg = "an invoice needs an id: the caller's own key"
            raise DataError(msg)

    @property
    def open_amount(self) -> Money:
        """What is still to be settled, signed like the amount."""
        return Money(self.amount.minor - self.settled, self.amount.currency)

    @property
    def is_credit_note(self) -> bool:
        """Whether this reduces what is owed."""
        return self.amount.minor < 0

    @property
    def status(self) -> InvoiceStatus:
        """How far the invoice is settled."""
        if self.void:
            return InvoiceStatus.VOID
        if self.settled == 0 and self.amount.minor != 0:
            return InvoiceStatus.OPEN
        if self.settled == self.amount.minor:
            return InvoiceStatus.PAID
        return InvoiceStatus.PARTIALLY_PAID
