"""Ledger: both sides of a reconciliation as checked, typed columns."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

import attrs

from recon_sdk.columns import (
    NO_AMOUNT,
    Int8Array,
    Int32Array,
    Int64Array,
    StringArray,
    TextTable,
    from_day,
)
from recon_sdk.errors import DataError
from recon_sdk.facts import PartyIndex, ReferenceIndex
from recon_sdk.invoices import Direction, Invoice
from recon_sdk.money import Money
from recon_sdk.transactions import BankTransaction

__all__ = ["InvoiceColumns", "Ledger", "TransactionColumns"]


@attrs.frozen(kw_only=True, eq=False)
class InvoiceColumns:
    """Invoices, one row each, in the order of their ids.

    Attributes:
        ids: The callers' keys, ascending and distinct.
        amount: Invoiced amount, int64 minor units, signed.
        open_amount: What is left of it, same unit and sign.
        currency: Codes into `Ledger.currencies`.
        direction: Sign of the money that settles a positive invoice: -1 payable, 1 receivable, 0
            not known.
        issue_date: Days since 1970-01-01.
        due_date: Likewise.
        discount_until: Likewise.
        invoice_number: Text codes, as the six below.
        vendor_id: Text codes.
        vendor_name: Text codes.
        vendor_iban: Text codes.
        description: Text codes.
        order_number: Text codes.
        customer_number: Text codes.
        payment_reference: Text codes.
        discount_percent: Hundredths of a percent, -1 where not given.
        withholding_percent: Likewise.
        net_amount: Minor units, `NO_AMOUNT` where not given.
        tax_amount: Likewise.
    """

    ids: StringArray
    amount: Int64Array
    open_amount: Int64Array
    currency: Int32Array
    direction: Int8Array
    issue_date: Int32Array
    due_date: Int32Array
    discount_until: Int32Array
    invoice_number: Int32Array
    vendor_id: Int32Array
    vendor_name: Int32Array
    vendor_iban: Int32Array
    description: Int32Array
    order_number: Int32Array
    customer_number: Int32Array
    payment_reference: Int32Array
    discount_percent: Int32Array
    withholding_percent: Int32Array
    net_amount: Int64Array
    tax_amount: Int64Array

    def __len__(self) -> int:
        return len(self.ids)


@attrs.frozen(kw_only=True, eq=False)
class TransactionColumns:
    """Bank transactions, one row each, in the order of their ids.

    Attributes:
        ids: The callers' keys, ascending and distinct.
        amount: What moved, int64 minor units, negative = money out.
        unallocated_amount: What is left of it, same unit and sign.
        currency: Codes into `Ledger.currencies`.
        booking_date: Days since 1970-01-01.
        value_date: Likewise; `NO_DATE` where unknown.
        account_id: Text codes, as the five below.
        external_id: Text codes.
        counterparty_name: Text codes.
        counterparty_iban: Text codes.
        description: Text codes.
        reference: Text codes.
    """

    ids: StringArray
    amount: Int64Array
    unallocated_amount: Int64Array
    currency: Int32Array
    booking_date: Int32Array
    value_date: Int32Array
    account_id: Int32Array
    external_id: Int32Array
    counterparty_name: Int32Array
    counterparty_iban: Int32Array
    description: Int32Array
    reference: Int32Array

    def __len__(self) -> int:
        return len(self.ids)


_DIRECTIONS = {-1: Direction.PAYABLE, 0: None, 1: Direction.RECEIVABLE}


@attrs.frozen(kw_only=True, eq=False)
class Ledger:
    """Both sides, their shared texts and currencies. Read-only.

    Rows stand in the order of the callers' keys, so a row index is also the total order that
    breaks ties and feeds digests: neither depends on the order of arrival.

    Attributes:
        invoices: What is owed.
        transactions: What moved.
        texts: Distinct texts of both sides.
        currencies: Distinct currency codes, sorted; codes index into it.
        references: Which numbers the transactions quote; empty until recognised.
        parties: Who is behind the transactions; empty until resolved.
    """

    invoices: InvoiceColumns
    transactions: TransactionColumns
    texts: TextTable
    currencies: Sequence[str]
    references: ReferenceIndex = attrs.field()
    parties: PartyIndex = attrs.field()

    @references.default
    def _no_references(self) -> ReferenceIndex:
        return ReferenceIndex.empty(len(self.transactions))

    @parties.default
    def _no_parties(self) -> PartyIndex:
        return PartyIndex.empty(len(self.invoices), len(self.transactions))

    def invoice(self, row: int) -> Invoice:
        """Build the domain object of one invoice row."""
        c, text = self.invoices, self.texts
        currency = self.currencies[c.currency[row]]

        def money(column: Int64Array) -> Money | None:
            minor = int(column[row])
            return None if minor == NO_AMOUNT else Money(minor, currency)

        def percent(column: Int32Array) -> int | None:
            value = int(column[row])
            return None if value < 0 else value

        return Invoice(
            id=str(c.ids[row]),
            amount=Money(int(c.amount[row]), currency),
            settled=int(c.amount[row] - c.open_amount[row]),
            issue_date=from_day(int(c.issue_date[row])),
            due_date=from_day(int(c.due_date[row])),
            discount_until=from_day(int(c.discount_until[row])),
            invoice_number=text[c.invoice_number[row]],
            vendor_id=text[c.vendor_id[row]],
            vendor_name=text[c.vendor_name[row]],
            vendor_iban=text[c.vendor_iban[row]],
            description=text[c.description[row]],
            direction=_DIRECTIONS[int(c.direction[row])],
            order_number=text[c.order_number[row]],
            customer_number=text[c.customer_number[row]],
            payment_reference=text[c.payment_reference[row]],
            discount_percent=percent(c.discount_percent),
            withholding_percent=percent(c.withholding_percent),
            net_amount=money(c.net_amount),
            tax_amount=money(c.tax_amount),
        )

    def transaction(self, row: int) -> BankTransaction:
        """Build the domain object of one transaction row."""
        c, text = self.transactions, self.texts
        booking = from_day(int(c.booking_date[row]))
        if booking is None:
            msg = f"transaction {c.ids[row]!r} has no booking date"
            raise DataError(msg)
        return BankTransaction(
            id=str(c.ids[row]),
            amount=Money(int(c.amount[row]), self.currencies[c.currency[row]]),
            allocated=int(c.amount[row] - c.unallocated_amount[row]),
            booking_date=booking,
            value_date=from_day(int(c.value_date[row])),
            account_id=text[c.account_id[row]],
            external_id=text[c.external_id[row]],
            counterparty_name=text[c.counterparty_name[row]],
            counterparty_iban=text[c.counterparty_iban[row]],
            description=text[c.description[row]],
            reference=text[c.reference[row]],
        )

    def invoice_row(self, key: str) -> int:
        """Find the row of an invoice key, -1 where there is none."""
        return _find(self.invoices.ids, key)

    def transaction_row(self, key: str) -> int:
        """Find the row of a transaction key, -1 where there is none."""
        return _find(self.transactions.ids, key)


def _find(ids: StringArray, key: str) -> int:
    # Not `searchsorted`: it copies a column of strings at every call.
    row = bisect.bisect_left(ids, key)
    return row if row < len(ids) and ids[row] == key else -1
