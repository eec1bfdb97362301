"""Builders: domain objects and ledgers for tests, with only the fields that matter spelt out."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.digests import match_id
from recon_sdk.invoices import Direction, Invoice
from recon_sdk.matches import Allocation, Match
from recon_sdk.money import Money
from recon_sdk.pairs import Pairs
from recon_sdk.parties import resolve_parties
from recon_sdk.reading import ReadOptions, read_ledger
from recon_sdk.references import find_references
from recon_sdk.settlement import kind_of
from recon_sdk.transactions import BankTransaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recon_sdk.known import Alias
    from recon_sdk.ledger import Ledger

__all__ = [
    "a_ledger",
    "a_match",
    "a_transaction",
    "all_pairs",
    "an_allocation",
    "an_invoice",
    "pairs_of",
]


def _day(value: str | dt.date | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _money(value: str | Money, currency: str) -> Money:
    return Money.of(value, currency) if isinstance(value, str) else value


def an_invoice(
    id: str = "invoice",  # noqa: A002 - the field's name
    amount: str | Money = "100.00",
    *,
    currency: str = "EUR",
    issue_date: str | dt.date | None = "2026-03-01",
    due_date: str | dt.date | None = "2026-03-31",
    discount_until: str | dt.date | None = None,
    direction: Direction | str | None = Direction.PAYABLE,
    **fields: Any,
) -> Invoice:
    """Build an invoice.

    Args:
        id: Its key.
        amount: A decimal text in the currency, or money.
        currency: Currency of a text.
        issue_date: A date or an ISO text.
        due_date: Likewise.
        discount_until: Likewise.
        direction: Payable unless said otherwise.
        **fields: Any other field of `Invoice`.

    Example:
        >>> from recon_sdk.checks.builders import an_invoice
        >>> an_invoice("i1", "250.00", vendor_name="Acme").open_amount
        Money(minor=25000, currency='EUR')
    """
    return Invoice(
        id=id,
        amount=_money(amount, currency),
        issue_date=_day(issue_date),
        due_date=_day(due_date),
        discount_until=_day(discount_until),
        direction=None if direction is None else Direction(direction),
        **fields,
    )


def a_transaction(
    id: str = "transaction",  # noqa: A002 - the field's name
    amount: str | Money = "-100.00",
    *,
    currency: str = "EUR",
    booking_date: str | dt.date = "2026-03-31",
    value_date: str | dt.date | None = None,
    **fields: Any,
) -> BankTransaction:
    """Build a bank transaction; a negative amount is money out.

    Args:
        id: Its key.
        amount: A decimal text in the currency, or money.
        currency: Currency of a text.
        booking_date: A date or an ISO text.
        value_date: Likewise.
        **fields: Any other field of `BankTransaction`.
    """
    booked = dt.date.fromisoformat(booking_date) if isinstance(booking_date, str) else booking_date
    return BankTransaction(
        id=id,
        amount=_money(amount, currency),
        booking_date=booked,
        value_date=_day(value_date),
        **fields,
    )


def an_allocation(
    invoice_id: str = "invoice",
    transaction_id: str = "transaction",
    settled: str | Money = "100.00",
    paid: str | Money | None = None,
    *,
    currency: str = "EUR",
) -> Allocation:
    """Build an allocation; what is paid is money out of the same amount unless said otherwise.

    Args:
        invoice_id: The invoice.
        transaction_id: The bank transaction.
        settled: What the invoice's open amount goes down by, signed like the invoice.
        paid: What is used of the transaction, signed like the transaction.
        currency: Currency of texts.
    """
    reduced = _money(settled, currency)
    return Allocation(
        invoice_id=invoice_id,
        transaction_id=transaction_id,
        settled=reduced,
        paid=-reduced if paid is None else _money(paid, currency),
    )


def a_match(*allocations: Allocation, score: int = 900_000, **fields: Any) -> Match:
    """Build a proposal of some allocations, with the id that follows from its pairs.

    Args:
        *allocations: At least one.
        score: In millionths.
        **fields: Any other field of `Match`.
    """
    ordered = tuple(sorted(allocations, key=lambda a: (a.invoice_id, a.transaction_id)))
    return Match(
        id=match_id((a.invoice_id, a.transaction_id) for a in ordered),
        kind=kind_of(ordered),
        allocations=ordered,
        score=score,
        **fields,
    )


def a_ledger(
    invoices: Iterable[Invoice] = (),
    transactions: Iterable[BankTransaction] = (),
    *,
    aliases: Sequence[Alias] = (),
) -> Ledger:
    """Build a ledger whose quoted numbers and parties are recognised, as a run's ledger is."""
    ledger = read_ledger(tuple(invoices), tuple(transactions), ReadOptions(strict=True)).ledger
    references = find_references(ledger)
    parties = resolve_parties(ledger, references, aliases)
    return attrs.evolve(ledger, references=references, parties=parties)


def pairs_of(ledger: Ledger, pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Give a batch of pairs named by (invoice id, transaction id), in this order."""
    rows = [(ledger.invoice_row(i), ledger.transaction_row(t)) for i, t in pairs]
    if any(row < 0 for pair in rows for row in pair):
        msg = "a pair names a row that the ledger has not"
        raise KeyError(msg)
    table = np.array(rows, np.int64).reshape(-1, 2)
    return Pairs(ledger, table[:, 0].copy(), table[:, 1].copy())


def all_pairs(ledger: Ledger) -> Pairs:
    """Give every invoice with every transaction. For small ledgers."""
    invoices, transactions = len(ledger.invoices), len(ledger.transactions)
    return Pairs(
        ledger,
        np.repeat(np.arange(invoices, dtype=np.int64), transactions),
        np.tile(np.arange(transactions, dtype=np.int64), invoices),
    )
