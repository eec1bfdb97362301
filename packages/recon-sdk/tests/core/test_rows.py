from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import numpy as np
import pytest

from recon_sdk import (
    Decision,
    DifferenceKind,
    Direction,
    Invoice,
    InvoiceStatus,
    MatchStatus,
    Money,
    TransactionStatus,
)
from recon_sdk.checks.builders import (
    a_ledger,
    a_match,
    a_transaction,
    an_allocation,
    an_invoice,
)
from recon_sdk.checks.ledgers import sample_rows
from recon_sdk.columns import NO_DATE, TextTable, as_day, from_day, strings
from recon_sdk.errors import DataError
from recon_sdk.facts import PartyIndex, ReferenceIndex, lookup, pack


@pytest.mark.parametrize(
    ("amount", "settled", "void", "status", "left"),
    [
        ("100.00", 0, False, InvoiceStatus.OPEN, 100_00),
        ("100.00", 40_00, False, InvoiceStatus.PARTIALLY_PAID, 60_00),
        ("100.00", 100_00, False, InvoiceStatus.PAID, 0),
        ("-100.00", 0, False, InvoiceStatus.OPEN, -100_00),
        ("-100.00", -40_00, False, InvoiceStatus.PARTIALLY_PAID, -60_00),
        ("-100.00", -100_00, False, InvoiceStatus.PAID, 0),
        ("0.00", 0, False, InvoiceStatus.PAID, 0),
        ("100.00", 0, True, InvoiceStatus.VOID, 100_00),
    ],
)
def test_the_status_of_an_invoice_follows_from_what_is_settled(
    amount: str, settled: int, void: bool, status: InvoiceStatus, left: int
) -> None:
    invoice = an_invoice(amount=amount, settled=settled, void=void)
    assert invoice.status is status
    assert invoice.open_amount == Money(left, "EUR")
    assert invoice.is_credit_note is (invoice.amount.minor < 0)


@pytest.mark.parametrize(
    ("amount", "allocated", "ignored", "status", "left"),
    [
        ("-100.00", 0, False, TransactionStatus.UNMATCHED, -100_00),
        ("-100.00", -40_00, False, TransactionStatus.PARTIALLY_MATCHED, -60_00),
        ("-100.00", -100_00, False, TransactionStatus.MATCHED, 0),
        ("0.00", 0, False, TransactionStatus.MATCHED, 0),
        ("-100.00", 0, True, TransactionStatus.IGNORED, -100_00),
    ],
)
def test_the_status_of_a_transaction_follows_from_what_is_used(
    amount: str, allocated: int, ignored: bool, status: TransactionStatus, left: int
) -> None:
    transaction = a_transaction(amount=amount, allocated=allocated, ignored=ignored)
    assert transaction.status is status
    assert transaction.unallocated_amount == Money(left, "EUR")


@pytest.mark.parametrize("make", [an_invoice, a_transaction])
def test_a_row_needs_a_key(make: Any) -> None:
    with pytest.raises(DataError, match="needs an id"):
        make("")


# -- matches and decisions ------------------------------------------------------------------------


def test_the_keys_of_a_match_are_sorted_and_each_stands_once() -> None:
    match = a_match(an_allocation("b", "t"), an_allocation("a", "t"))
    assert match.invoice_ids == ("a", "b")
    assert match.transaction_ids == ("t",)


def test_some_differences_close_an_invoice() -> None:
    assert {kind for kind in DifferenceKind if not kind.closes} == {
        DifferenceKind.UNDERPAYMENT, DifferenceKind.OVERPAYMENT, DifferenceKind.UNEXPLAINED,
    }  # fmt: skip


def test_a_decision_is_confirmed_or_rejected_and_about_something() -> None:
    found = Decision(status=MatchStatus.REJECTED, allocations=[an_allocation("i", "t")])
    assert found.pairs == {("i", "t")}
    with pytest.raises(DataError, match="not 'proposed'"):
        Decision(status=MatchStatus.PROPOSED, allocations=[an_allocation()])
    with pytest.raises(DataError, match="at least one allocation"):
        Decision(status=MatchStatus.CONFIRMED, allocations=[])


# -- columns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "day"),
    [
        (dt.date(1970, 1, 1), 0),
        (dt.date(1969, 12, 31), -1),
        (dt.date(2026, 3, 1), 20513),
        (dt.date.min, -719162),
        (dt.date.max, 2932896),
        (None, NO_DATE),
    ],
)
def test_days_are_counted_from_1970(date: dt.date | None, day: int) -> None:
    assert as_day(date) == day
    assert from_day(day) == date


def test_texts_are_looked_up_by_code() -> None:
    table = TextTable(["a", "b"])
    assert (len(table), table[1], table[-1]) == (2, "b", "")
    assert strings(iter(["é", "b"])).tolist() == ["é", "b"]


# -- ledger ---------------------------------------------------------------------------------------


def test_every_row_comes_back_from_the_columns_as_it_was() -> None:
    invoices, transactions = sample_rows()
    ledger = a_ledger(invoices, transactions)
    for invoice in invoices:
        assert ledger.invoice(ledger.invoice_row(invoice.id)) == invoice
    for given in transactions:
        transaction = attrs.evolve(given, description=given.description.strip())
        assert ledger.transaction(ledger.transaction_row(transaction.id)) == transaction


def test_every_field_of_an_invoice_comes_back() -> None:
    full = Invoice(
        id="i",
        amount=Money(119_00, "EUR"),
        settled=19_00,
        issue_date=dt.date(2026, 3, 1),
        due_date=dt.date(2026, 3, 31),
        discount_until=dt.date(2026, 3, 8),
        discount_percent=200,
        withholding_percent=1500,
        net_amount=Money(100_00, "EUR"),
        tax_amount=Money(19_00, "EUR"),
        direction=Direction.RECEIVABLE,
        **{
            name: name
            for name in (
                "invoice_number",
                "vendor_id",
                "vendor_name",
                "description",
                "order_number",
                "customer_number",
                "payment_reference",
            )
        },  # type: ignore[arg-type]
        vendor_iban="DE89370400440532013000",
    )
    assert a_ledger([full], [a_transaction()]).invoice(0) == full


def test_rows_stand_in_the_order_of_their_keys_and_are_found_by_them() -> None:
    keys = ["b", "a", "ä", "B", "10", "9"]
    ledger = a_ledger([an_invoice(key) for key in keys], [a_transaction(key) for key in keys])
    ordered = sorted(keys)
    assert ledger.invoices.ids.tolist() == ledger.transactions.ids.tolist() == ordered
    for row, key in enumerate(ordered):
        assert ledger.invoice_row(key) == ledger.transaction_row(key) == row
    for missing in ("", "a ", "zz", "\U0001f69a"):
        assert ledger.invoice_row(missing) == ledger.transaction_row(missing) == -1


def test_an_empty_side_has_no_row() -> None:
    ledger = a_ledger([], [])
    assert ledger.invoice_row("i") == ledger.transaction_row("t") == -1
    assert len(ledger.invoices) == len(ledger.transactions) == 0


def test_a_transaction_without_a_booking_date_cannot_be_built() -> None:
    ledger = a_ledger([an_invoice()], [a_transaction("t")])
    undated = attrs.evolve(ledger.transactions, booking_date=np.array([NO_DATE], np.int32))
    with pytest.raises(DataError, match="'t' has no booking date"):
        attrs.evolve(ledger, transactions=undated).transaction(0)


# -- facts ----------------------------------------------------------------------------------------


def test_words_are_packed_in_the_order_of_rows_and_found_again() -> None:
    words = pack(np.array([0, 1, 1]), np.array([5, 0, 7]))
    assert words.tolist() == sorted(words.tolist())
    wanted = pack(np.array([1, 0, 2, 1]), np.array([7, 5, 0, 1]))
    assert lookup(words, wanted).tolist() == [2, 0, -1, -1]
    assert lookup(words[:0], wanted).tolist() == [-1] * 4


def test_empty_indexes_know_nothing_of_any_row() -> None:
    references, parties = ReferenceIndex.empty(3), PartyIndex.empty(2, 3)
    assert references.strongest.tolist() == parties.strongest.tolist() == [0, 0, 0]
    assert parties.invoice_party.tolist() == [-1, -1]
