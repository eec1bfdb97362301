"""Filters: which rows a listing shows. Each filter is also its own definition, in plain Python."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from recon_sdk.ids import InvoiceId, RunId, TransactionId
from recon_sdk.invoices import Invoice, InvoiceStatus
from recon_sdk.matches import DecisionKind, MatchStatus
from recon_sdk.money import Money
from recon_sdk.transactions import BankTransaction, TransactionStatus

if TYPE_CHECKING:
    from recon_sdk.stored import StoredMatch

__all__ = ["InvoiceFilter", "MatchFilter", "TransactionFilter"]


def _in_days(day: dt.date | None, first: dt.date | None, last: dt.date | None) -> bool:
    if first is None and last is None:
        return True
    return day is not None and (first is None or first <= day) and (last is None or day <= last)


def _in_amounts(amount: Money, least: Money | None, most: Money | None) -> bool:
    return all(
        bound is None
        or (amount.currency == bound.currency and sign * amount.minor >= sign * bound.minor)
        for bound, sign in ((least, 1), (most, -1))
    )


def _has_text(text: str, *fields: str) -> bool:
    return not text or any(text.lower() in field.lower() for field in fields)


@attrs.frozen(kw_only=True)
class InvoiceFilter:
    """Which invoices; a field that is None or "" asks for nothing, all others must hold.

    Attributes:
        status: Exactly this status.
        vendor_id: Exactly this vendor.
        currency: Exactly this currency.
        issue_from: Issued on this day or later; invoices without the date are left out.
        issue_to: Issued on this day or earlier; likewise.
        due_from: Due on this day or later; likewise.
        due_to: Due on this day or earlier; likewise.
        amount_min: At least this amount, signed, and in its currency.
        amount_max: At most this amount, signed, and in its currency.
        text: Stands in id, number, vendor name or description; case does not matter for ASCII.
    """

    status: InvoiceStatus | None = None
    vendor_id: str = ""
    currency: str = ""
    issue_from: dt.date | None = None
    issue_to: dt.date | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    amount_min: Money | None = None
    amount_max: Money | None = None
    text: str = ""

    def accepts(self, invoice: Invoice) -> bool:
        """Whether the listing shows the invoice."""
        return (
            self.status in (None, invoice.status)
            and self.vendor_id in ("", invoice.vendor_id)
            and self.currency in ("", invoice.amount.currency)
            and _in_days(invoice.issue_date, self.issue_from, self.issue_to)
            and _in_days(invoice.due_date, self.due_from, self.due_to)
            and _in_amounts(invoice.amount, self.amount_min, self.amount_max)
            and _has_text(
                self.text,
                invoice.id,
                invoice.invoice_number,
                invoice.vendor_name,
                invoice.description,
            )
        )


@attrs.frozen(kw_only=True)
class TransactionFilter:
    """Which bank transactions; a field that is None or "" asks for nothing, all others must hold.

    Attributes:
        status: Exactly this status.
        account_id: Exactly this account.
        currency: Exactly this currency.
        booked_from: Booked on this day or later.
        booked_to: Booked on this day or earlier.
        amount_min: At least this amount, signed, and in its currency.
        amount_max: At most this amount, signed, and in its currency.
        text: Stands in id, bank id, counterparty name, description or reference; case does not
            matter for ASCII.
    """

    status: TransactionStatus | None = None
    account_id: str = ""
    currency: str = ""
    booked_from: dt.date | None = None
    booked_to: dt.date | None = None
    amount_min: Money | None = None
    amount_max: Money | None = None
    text: str = ""

    def accepts(self, transaction: BankTransaction) -> bool:
        """Whether the listing shows the transaction."""
        return (
            self.status in (None, transaction.status)
            and self.account_id in ("", transaction.account_id)
            and self.currency in ("", transaction.amount.currency)
            and _in_days(transaction.booking_date, self.booked_from, self.booked_to)
            and _in_amounts(transaction.amount, self.amount_min, self.amount_max)
            and _has_text(
                self.text,
                transaction.id,
                transaction.external_id,
                transaction.counterparty_name,
                transaction.description,
                transaction.reference,
            )
        )


@attrs.frozen(kw_only=True)
class MatchFilter:
    """Which matches; a field that is None asks for nothing, all others must hold.

    Attributes:
        status: Where the match stands.
        run_id: The run that proposed it.
        decision: What the policy said.
        invoice_id: One of its invoices.
        transaction_id: One of its transactions.
        withdrawn: Those that were withdrawn, in place of those that stand.
    """

    status: MatchStatus | None = None
    run_id: RunId | None = None
    decision: DecisionKind | None = None
    invoice_id: InvoiceId | None = None
    transaction_id: TransactionId | None = None
    withdrawn: bool = False

    def accepts(self, stored: StoredMatch) -> bool:
        """Whether the listing shows the match."""
        match = stored.match
        return (
            self.withdrawn == (stored.withdrawn_by is not None)
            and self.status in (None, match.status)
            and self.run_id in (None, stored.run_id)
            and self.decision in (None, match.decision)
            and (self.invoice_id is None or self.invoice_id in match.invoice_ids)
            and (self.transaction_id is None or self.transaction_id in match.transaction_ids)
        )
