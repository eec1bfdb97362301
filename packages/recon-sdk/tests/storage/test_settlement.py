"""What a match does to the balances of its rows."""

from __future__ import annotations

import attrs
import pytest

from recon_sdk.errors import DataError
from recon_sdk.matches import Difference, DifferenceKind, MatchKind
from recon_sdk.money import Money
from recon_sdk.settlement import Usage, check_claim, kind_of, usage_of, with_allocations
from recon_sdk.testing import a_match, a_transaction, an_allocation, an_invoice

INVOICES = {
    "i": an_invoice("i", "100.00"),
    "j": an_invoice("j", "50.00"),
    "credit": an_invoice("credit", "-20.00"),
    "owed": an_invoice("owed", "30.00", direction="receivable"),
    "usd": an_invoice("usd", "100.00", currency="USD"),
    "void": an_invoice("void", "100.00", void=True),
    "part": an_invoice("part", "100.00", settled=6_000),
}
TRANSACTIONS = {
    "t": a_transaction("t", "-500.00"),
    "in": a_transaction("in", "500.00"),
    "used": a_transaction("used", "-100.00", allocated=-6_000),
    "gone": a_transaction("gone", "-100.00", ignored=True),
}


def gap(kind, amount, invoice="i"):
    return Difference(kind=kind, amount=Money.of(amount, "EUR"), invoice_id=invoice)


def pair(invoice="i", transaction="t", settled="100.00", paid=None, **fields):
    return an_allocation(invoice, transaction, settled, paid, **fields)


FEE = DifferenceKind.BANK_FEE


@pytest.mark.parametrize(
    ("allocations", "difference", "kind"),
    [
        ([pair()], None, MatchKind.ONE_TO_ONE),
        ([pair(settled="40.00")], None, MatchKind.ONE_TO_ONE),
        ([pair(), pair("credit", settled="-20.00")], None, MatchKind.MANY_TO_ONE),
        ([pair(settled="60.00"), pair(transaction="used", settled="40.00")], None,
         MatchKind.ONE_TO_MANY),
        ([pair(paid="-98.00")], gap(FEE, "-2.00"), MatchKind.ONE_TO_ONE),
        ([pair(paid="-100.01")], gap(DifferenceKind.ROUNDING, "0.01"), MatchKind.ONE_TO_ONE),
        ([pair(settled="40.00")], gap(DifferenceKind.UNDERPAYMENT, "-60.00"),
         MatchKind.ONE_TO_ONE),
        ([pair(), pair("owed", settled="30.00", paid="30.00")], None, MatchKind.MANY_TO_ONE),
        ([an_allocation("usd", "t", Money.of(100, "USD"), Money.of(-92, "EUR"))], None,
         MatchKind.ONE_TO_ONE),
        ([pair("owed", "in", "30.00", "30.00")], None, MatchKind.ONE_TO_ONE),
    ],
)  # fmt: skip
def test_claims_that_hold(allocations, difference, kind):
    assert check_claim(allocations, difference, INVOICES, TRANSACTIONS) is kind


@pytest.mark.parametrize(
    ("allocations", "difference", "message"),
    [
        ([], None, "at least one allocation"),
        ([pair(), pair()], None, "twice"),
        ([pair(), pair("j", "used", "50.00")], None, "several"),
        ([pair(settled="0.00")], None, "cannot settle"),
        ([pair(settled="-5.00")], None, "cannot settle"),
        ([pair("credit", settled="20.00")], None, "cannot settle"),
        ([pair(paid="100.00")], None, "cannot be a part"),
        ([pair(settled="100.00", currency="USD")], None, "settled in EUR"),
        ([pair(paid="-98.00")], None, "differs from what is settled by -200"),
        ([pair(paid="-98.00")], gap(FEE, "-3.00"), "names -300"),
        ([pair()], gap(FEE, "-2.00"), "settled by 0"),
        ([pair(paid="-98.00")], gap(DifferenceKind.UNDERPAYMENT, "-2.00"), "names 0"),
        ([pair()], gap(FEE, "0.00", "j"), "has no allocation"),
    ],
)
def test_claims_that_do_not_hold(allocations, difference, message):
    with pytest.raises(DataError, match=message):
        check_claim(allocations, difference, INVOICES, TRANSACTIONS)


@pytest.mark.parametrize(
    ("allocation", "obstacle"),
    [
        (pair(), ""),
        (pair(settled="100.01"), "invoice 'i' has only 100.00 EUR open"),
        (pair("part", settled="40.00"), ""),
        (pair("part", settled="40.01"), "invoice 'part' has only 40.00 EUR open"),
        (pair("void"), "invoice 'void' is void"),
        (pair(transaction="used", settled="40.00"), ""),
        (pair(transaction="used", settled="40.01"),
         "transaction 'used' has only -40.00 EUR unallocated"),
        (pair(transaction="gone"), "transaction 'gone' is ignored"),
    ],
)  # fmt: skip
def test_obstacles(allocation, obstacle):
    assert usage_of([allocation]).obstacle(INVOICES, TRANSACTIONS) == obstacle


def test_usage_sums_by_row():
    usage = usage_of([pair(), pair("j", settled="50.00"), pair("credit", settled="-20.00")])
    assert usage == Usage(settled={"i": 10_000, "j": 5_000, "credit": -2_000}, paid={"t": -13_000})


def test_kind_of_needs_distinct_pairs():
    assert kind_of([pair(), pair("j")]) is MatchKind.MANY_TO_ONE
    with pytest.raises(DataError):
        kind_of([])


def test_chosen_amounts_drop_a_closing_difference_without_a_gap():
    charged = a_match(pair(paid="-98.00"), difference=gap(FEE, "-2.00"))
    assert with_allocations(charged, charged.allocations) == charged
    assert with_allocations(charged, [pair(settled="98.00")]).difference is None
    partly = a_match(pair(settled="40.00"), difference=gap(DifferenceKind.UNDERPAYMENT, "-60.00"))
    assert with_allocations(partly, [pair(settled="30.00")]).difference == partly.difference
    with pytest.raises(DataError, match="other pairs"):
        with_allocations(charged, [pair("j")])


def test_chosen_amounts_may_come_in_any_order():
    batch = a_match(pair(), pair("j", settled="50.00"))
    turned = tuple(reversed(batch.allocations))
    assert with_allocations(batch, turned) == batch
    assert attrs.evolve(batch) == batch
