"""JSON forms of invoices and bank transactions: flat, with the column names that files use.

Amounts are decimal texts with the currency beside them, percentages decimal texts of percent, days
ISO 8601. A form is a class, so its JSON Schema can be printed; `of` and `build` are exact
inverses.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from recon_sdk.errors import ConfigError, DataError
from recon_sdk.fixed_point import format_fixed, parse_fixed
from recon_sdk.invoices import Direction, Invoice, InvoiceStatus
from recon_sdk.money import Money
from recon_sdk.structuring import at
from recon_sdk.transactions import BankTransaction, TransactionStatus

__all__ = ["InvoiceForm", "TransactionForm", "amount_at"]

_INVOICE_TEXTS = (
    "id",
    "invoice_number",
    "vendor_id",
    "vendor_name",
    "vendor_iban",
    "issue_date",
    "due_date",
    "description",
    "direction",
    "order_number",
    "customer_number",
    "payment_reference",
    "discount_until",
)
_TRANSACTION_TEXTS = (
    "id",
    "external_id",
    "account_id",
    "booking_date",
    "value_date",
    "counterparty_name",
    "counterparty_iban",
    "description",
    "reference",
)


def _percent(value: int | None) -> str | None:
    return None if value is None else format_fixed(value, 2)


def _hundredths(text: str | None, path: str) -> int | None:
    with at(path):
        return None if text is None else parse_fixed(text, 2)


def amount_at(text: str, currency: str, path: str) -> Money:
    """Read an amount that stands at a path.

    Raises:
        ConfigError: It is not one.
    """
    with at(path):
        return Money.of(text, currency)


def _same_currency(money: Money | None, currency: str, path: str) -> str | None:
    if money is not None and money.currency != currency:
        message = f"{path} is in {money.currency}, the amount in {currency}; one is allowed"
        raise DataError(message)
    return None if money is None else money.decimal


def _same_fields(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _check_status(given: object, derived: object) -> None:
    if given is not None and given != derived:
        detail = f"{str(given)!r} contradicts the amounts, which say {str(derived)!r}"
        raise ConfigError(path="status", detail=detail)


@attrs.frozen(kw_only=True)
class InvoiceForm:
    """An invoice.

    Attributes:
        id: The caller's own key, unique for the tenant.
        invoice_number: The number printed on it; unique per direction and vendor only.
        vendor_id: The caller's key of the other party (also for a customer).
        vendor_name: Its name.
        vendor_iban: Its account, capitals without blanks.
        amount: The invoiced amount; negative for a credit note.
        currency: ISO 4217 code of all amounts of the invoice.
        issue_date: Day of issue.
        due_date: Day by which it is to be paid.
        description: Free text.
        direction: `payable` or `receivable`.
        order_number: Number of the order behind it.
        customer_number: Our number at the vendor, or the customer's at us.
        payment_reference: Structured reference to be quoted when paying.
        discount_percent: Cash discount in percent.
        discount_until: Last day of the cash discount.
        net_amount: Amount without tax.
        tax_amount: Tax contained in the amount.
        withholding_percent: Tax to be withheld by the payer, in percent.
        open_amount: What is still to be settled; by default the amount.
        status: Follows from the amounts, except `void`.
    """

    id: str
    invoice_number: str = ""
    vendor_id: str = ""
    vendor_name: str = ""
    vendor_iban: str = ""
    amount: str
    currency: str
    issue_date: dt.date | None = None
    due_date: dt.date | None = None
    description: str = ""
    direction: Direction | None = None
    order_number: str = ""
    customer_number: str = ""
    payment_reference: str = ""
    discount_percent: str | None = None
    discount_until: dt.date | None = None
    net_amount: str | None = None
    tax_amount: str | None = None
    withholding_percent: str | None = None
    open_amount: str | None = None
    status: InvoiceStatus | None = None

    @classmethod
    def of(cls, invoice: Invoice) -> InvoiceForm:
        """Lay out an invoice.

        Raises:
            DataError: Its amounts are in several currencies.
        """
        currency = invoice.amount.currency
        return cls(
            **_same_fields(invoice, _INVOICE_TEXTS),
            amount=invoice.amount.decimal,
            currency=currency,
            discount_percent=_percent(invoice.discount_percent),
            net_amount=_same_currency(invoice.net_amount, currency, "net_amount"),
            tax_amount=_same_currency(invoice.tax_amount, currency, "tax_amount"),
            withholding_percent=_percent(invoice.withholding_percent),
            open_amount=invoice.open_amount.decimal,
            status=invoice.status,
        )

    def build(self) -> Invoice:
        """Build the invoice.

        Raises:
            ConfigError: A value is wrong, or they contradict each other; names the key.
        """
        amount = amount_at(self.amount, self.currency, "amount")
        net, tax = self.net_amount, self.tax_amount
        left = self.open_amount
        still = amount if left is None else amount_at(left, self.currency, "open_amount")
        invoice = Invoice(
            **_same_fields(self, _INVOICE_TEXTS),
            amount=amount,
            discount_percent=_hundredths(self.discount_percent, "discount_percent"),
            net_amount=None if net is None else amount_at(net, self.currency, "net_amount"),
            tax_amount=None if tax is None else amount_at(tax, self.currency, "tax_amount"),
            withholding_percent=_hundredths(self.withholding_percent, "withholding_percent"),
            settled=amount.minor - still.minor,
            void=self.status is InvoiceStatus.VOID,
        )
        _check_status(self.status, invoice.status)
        return invoice


@attrs.frozen(kw_only=True)
class TransactionForm:
    """A bank transaction.

    Attributes:
        id: The caller's own key, unique for the tenant.
        external_id: The bank's own id, unique per account.
        account_id: The account that it moved on.
        booking_date: Day of booking.
        value_date: Day of value.
        amount: What moved; negative for money out.
        currency: ISO 4217 code of the amount.
        counterparty_name: Who is on the other side, as the bank shows it.
        counterparty_iban: Their account, capitals without blanks.
        description: Remittance text.
        reference: End-to-end id or structured creditor reference.
        unallocated_amount: What no confirmed match uses; by default the amount.
        status: Follows from the amounts, except `ignored`.
    """

    id: str
    external_id: str = ""
    account_id: str = ""
    booking_date: dt.date
    value_date: dt.date | None = None
    amount: str
    currency: str
    counterparty_name: str = ""
    counterparty_iban: str = ""
    description: str = ""
    reference: str = ""
    unallocated_amount: str | None = None
    status: TransactionStatus | None = None

    @classmethod
    def of(cls, transaction: BankTransaction) -> TransactionForm:
        """Lay out a bank transaction."""
        return cls(
            **_same_fields(transaction, _TRANSACTION_TEXTS),
            amount=transaction.amount.decimal,
            currency=transaction.amount.currency,
            unallocated_amount=transaction.unallocated_amount.decimal,
            status=transaction.status,
        )

    def build(self) -> BankTransaction:
        """Build the bank transaction.

        Raises:
            ConfigError: A value is wrong, or they contradict each other; names the key.
        """
        amount = amount_at(self.amount, self.currency, "amount")
        left = self.unallocated_amount
        still = amount if left is None else amount_at(left, self.currency, "unallocated_amount")
        transaction = BankTransaction(
            **_same_fields(self, _TRANSACTION_TEXTS),
            amount=amount,
            allocated=amount.minor - still.minor,
            ignored=self.status is TransactionStatus.IGNORED,
        )
        _check_status(self.status, transaction.status)
        return transaction
