"""The JSON forms: exact inverses, and strict."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk.currencies import EXPONENTS
from recon_sdk.errors import DataError, InputError
from recon_sdk.fixed_point import format_fixed, parse_fixed
from recon_sdk.invoices import Direction, Invoice
from recon_sdk.known import Alias, Decision, Rate
from recon_sdk.matches import (
    Allocation,
    Contribution,
    DecisionKind,
    Difference,
    DifferenceKind,
    Match,
    MatchKind,
    MatchStatus,
    Reason,
    Rival,
)
from recon_sdk.money import Money
from recon_sdk.transactions import BankTransaction
from recon_sdk.wire import from_json, to_json

texts = st.text(max_size=8)
keys = st.text(min_size=1, max_size=8)
currencies = st.sampled_from(sorted(EXPONENTS))
minors = st.integers(-(10**14), 10**14)
moneys = st.builds(Money, minors, currencies)
percents = st.none() | st.integers(0, 10_000)
dates = st.none() | st.dates()
small = st.integers(-(10**9), 10**9)


@st.composite
def invoices(draw):
    currency = draw(currencies)
    amounts = st.none() | st.builds(Money, minors, st.just(currency))
    return Invoice(
        id=draw(keys),
        amount=Money(draw(minors), currency),
        issue_date=draw(dates),
        due_date=draw(dates),
        invoice_number=draw(texts),
        vendor_id=draw(texts),
        vendor_name=draw(texts),
        vendor_iban=draw(texts),
        description=draw(texts),
        direction=draw(st.none() | st.sampled_from(Direction)),
        order_number=draw(texts),
        customer_number=draw(texts),
        payment_reference=draw(texts),
        discount_percent=draw(percents),
        discount_until=draw(dates),
        net_amount=draw(amounts),
        tax_amount=draw(amounts),
        withholding_percent=draw(percents),
        settled=draw(minors),
        void=draw(st.booleans()),
    )


transactions = st.builds(
    BankTransaction,
    id=keys,
    amount=moneys,
    booking_date=st.dates(),
    value_date=dates,
    account_id=texts,
    external_id=texts,
    counterparty_name=texts,
    counterparty_iban=texts,
    description=texts,
    reference=texts,
    allocated=minors,
    ignored=st.booleans(),
)
allocations = st.builds(
    Allocation, invoice_id=keys, transaction_id=keys, settled=moneys, paid=moneys
)
sets = st.lists(allocations, min_size=1, max_size=3).map(tuple)
decisions = st.builds(
    Decision,
    status=st.sampled_from([MatchStatus.CONFIRMED, MatchStatus.REJECTED]),
    allocations=sets,
)
aliases = st.builds(Alias, name=texts, vendor_id=texts, source=texts)
rates = st.builds(
    Rate,
    base=currencies,
    quote=currencies,
    micros=st.integers(1, 10**15),
    date=st.dates(),
    source=texts,
    band=st.integers(0, 10_000),
)
id_lists = st.lists(keys, max_size=2).map(tuple)
matches = st.builds(
    Match,
    id=keys,
    kind=st.sampled_from(MatchKind),
    allocations=sets,
    score=st.integers(0, 10**6),
    evidence=small,
    margin=small,
    decision=st.sampled_from(DecisionKind),
    reasons=st.lists(st.sampled_from(Reason), max_size=3).map(tuple),
    difference=st.none()
    | st.builds(Difference, kind=st.sampled_from(DifferenceKind), amount=moneys, invoice_id=keys),
    status=st.sampled_from(MatchStatus),
    alternative_of=st.none() | keys,
    contributions=st.lists(
        st.builds(
            Contribution,
            rule=keys,
            value=st.none() | st.integers(0, 10**6),
            weight=small,
            points=small,
            words=texts,
        ),
        max_size=2,
    ).map(tuple),
    rivals=st.lists(
        st.builds(
            Rival,
            invoice_ids=id_lists,
            transaction_ids=id_lists,
            score=st.integers(0, 10**6),
            evidence=small,
            why=texts,
        ),
        max_size=2,
    ).map(tuple),
)


@given(st.one_of(invoices(), transactions, allocations, decisions, aliases, rates, matches))
def test_from_json_undoes_to_json(value):
    text = json.dumps(to_json(value))
    assert from_json(type(value), json.loads(text)) == value


@given(st.integers(-(10**15), 10**15), st.integers(1, 6))
def test_fixed_point_texts_are_exact(value, decimals):
    assert parse_fixed(format_fixed(value, decimals), decimals) == value


INVOICE = Invoice(
    id="7",
    amount=Money.of("-12.90", "EUR"),
    issue_date=dt.date(2026, 3, 2),
    discount_percent=250,
    net_amount=Money.of("-10.84", "EUR"),
    settled=-290,
)


def test_an_invoice_is_flat_and_has_the_names_of_the_columns():
    assert to_json(INVOICE) == {
        "id": "7",
        "invoice_number": "",
        "vendor_id": "",
        "vendor_name": "",
        "vendor_iban": "",
        "amount": "-12.90",
        "currency": "EUR",
        "issue_date": "2026-03-02",
        "due_date": None,
        "description": "",
        "direction": None,
        "order_number": "",
        "customer_number": "",
        "payment_reference": "",
        "discount_percent": "2.50",
        "discount_until": None,
        "net_amount": "-10.84",
        "tax_amount": None,
        "withholding_percent": None,
        "open_amount": "-10.00",
        "status": "partially_paid",
    }


def test_id_amount_and_currency_are_enough():
    built = from_json(Invoice, {"id": "7", "amount": "12.90", "currency": "EUR"})
    assert built == Invoice(id="7", amount=Money.of("12.90", "EUR"))


def test_the_order_of_keys_is_fixed():
    assert list(to_json(INVOICE))[:3] == ["id", "invoice_number", "vendor_id"]


def test_numbers_are_decimal_texts():
    match = Match(
        id="m",
        kind=MatchKind.ONE_TO_ONE,
        allocations=(
            Allocation(
                invoice_id="i",
                transaction_id="t",
                settled=Money.of("1", "EUR"),
                paid=Money.of("1", "EUR"),
            ),
        ),
        score=912_345,
        margin=-1500,
    )
    laid_out = to_json(match)
    assert (laid_out["score"], laid_out["margin"]) == ("0.912345", "-1.500")


@pytest.mark.parametrize(
    ("change", "source", "detail"),
    [
        ({"amount": 12.9}, "invoice.amount", "must be a text, not 12.9"),
        ({"amount": "12.901"}, "invoice.amount", "'12.901' has 3 decimals, EUR has 2"),
        ({"amount": "1e3"}, "invoice.amount", "'1e3' is not an amount; write it like 1234.50"),
        ({"currency": "EUX"}, "invoice.amount", "unknown currency 'EUX'"),
        ({"id": 7}, "invoice.id", "must be a text, not 7"),
        ({"id": ""}, "invoice", "an invoice needs an id: the caller's own key"),
        ({"issue_date": "02.03.2026"}, "invoice.issue_date", "must be a date such as 2026-03-31"),
        ({"issue_date": "2026-02-30"}, "invoice.issue_date", "must be a date"),
        ({"direction": "out"}, "invoice.direction", "must be one of 'payable', 'receivable'"),
        ({"amuont": "1"}, "invoice.amuont", "unknown key; did you mean 'amount'?"),
        ({"discount_percent": "2.505"}, "invoice.discount_percent", "more than 2 decimals"),
        ({"discount_percent": "2 %"}, "invoice.discount_percent", "plain decimal number"),
        ({"status": "paid"}, "invoice.status", "'paid' contradicts the amounts"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(change, source, detail):
    data = {"id": "7", "amount": "12.90", "currency": "EUR", **change}
    with pytest.raises(InputError) as caught:
        from_json(Invoice, data)
    assert caught.value.source == source
    assert detail in caught.value.detail


def test_a_path_goes_into_lists():
    data = {
        "status": "confirmed",
        "allocations": [
            {
                "invoice_id": "i",
                "transaction_id": "t",
                "settled_amount": "1",
                "settled_currency": "EUR",
                "paid_amount": "x",
                "paid_currency": "EUR",
            }
        ],
    }
    with pytest.raises(InputError) as caught:
        from_json(Decision, data, source="decisions.json")
    assert caught.value.source == "decisions.json.allocations[0].paid_amount"
    with pytest.raises(InputError, match="'confirmed' or 'rejected', not 'proposed'"):
        from_json(Decision, {**data, "status": "proposed", "allocations": []})


@pytest.mark.parametrize("data", [[], "x", None, 3])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(InputError, match="alias: must be a table of keys and values"):
        from_json(Alias, data)


def test_a_missing_key_is_named():
    with pytest.raises(InputError, match=r"alias.name: is required and missing"):
        from_json(Alias, {"vendor_id": "v"})


def test_amounts_in_two_currencies_have_no_flat_form():
    invoice = Invoice(id="7", amount=Money.of("1", "EUR"), net_amount=Money.of("1", "USD"))
    with pytest.raises(DataError, match="net_amount is in USD, the amount in EUR"):
        to_json(invoice)


def test_other_values_have_no_form():
    with pytest.raises(TypeError, match="no JSON form of a int"):
        to_json(3)
    with pytest.raises(TypeError, match="no JSON form of a int"):
        from_json(int, 3)
