from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from recon_sdk.errors import ConfigError
from recon_sdk.invoices import Direction, Invoice
from recon_sdk.money import Money
from recon_sdk.reading import ReadOptions, read_ledger
from recon_sdk.transactions import BankTransaction

INVOICE = Invoice(
    id="i1",
    amount=Money(119_00, "CHF"),
    issue_date=dt.date(2026, 1, 2),
    due_date=dt.date(2026, 2, 2),
    invoice_number="2026-17",
    vendor_id="V1",
    vendor_name="Müller & Söhne",
    vendor_iban="CH9300762011623852957",
    description="Paper",
    direction=Direction.PAYABLE,
    order_number="O-1",
    customer_number="C-1",
    payment_reference="RF18539007547034",
    discount_percent=225,
    discount_until=dt.date(2026, 1, 12),
    net_amount=Money(110_00, "CHF"),
    tax_amount=Money(9_00, "CHF"),
    withholding_percent=5,
    settled=19_00,
)
TRANSACTION = BankTransaction(
    id="t1",
    amount=Money(-100_00, "CHF"),
    booking_date=dt.date(2026, 2, 2),
    value_date=dt.date(2026, 2, 3),
    account_id="A",
    external_id="E",
    counterparty_name="Mueller",
    counterparty_iban="CH9300762011623852957",
    description="2026-17",
    reference="RF18539007547034",
    allocated=-40_00,
)


def test_domain_objects_come_back_as_they_were(ledger_rows: Any) -> None:
    result = read_ledger([INVOICE], [TRANSACTION])
    assert ledger_rows(result.ledger) == ([INVOICE], [TRANSACTION])


def test_domain_objects_that_are_void_or_ignored_are_left_out() -> None:
    void = Invoice(id="v", amount=Money(1, "EUR"), void=True)
    ignored = BankTransaction(
        id="x", amount=Money(1, "EUR"), booking_date=dt.date(2026, 1, 1), ignored=True
    )
    result = read_ledger([void], [ignored])
    assert (result.invoices.left_out, result.transactions.left_out) == (1, 1)
    assert (result.problems, result.ledger.currencies) == ((), [])


def test_domain_objects_and_mappings_may_be_mixed() -> None:
    rows = [INVOICE, {"id": "i0", "amount": 5, "due_date": dt.date(2026, 1, 1)}]
    assert read_ledger(rows, []).ledger.invoices.ids.tolist() == ["i0", "i1"]


def test_a_tax_in_another_currency_than_the_invoice_is_a_bad_row() -> None:
    invoice = Invoice(
        id="i", amount=Money(1, "EUR"), due_date=dt.date(2026, 1, 1), tax_amount=Money(1, "USD")
    )
    assert "names another currency" in read_ledger([invoice], []).problems[0].detail


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("id", 42, "42"),
        ("id", np.int64(42), "42"),
        ("vendor_name", "  Müller  ", "Müller"),
        ("vendor_name", None, ""),
        ("vendor_name", float("nan"), ""),
        ("vendor_id", 17, "17"),
        ("vendor_iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("direction", "Payable", Direction.PAYABLE),
        ("direction", Direction.RECEIVABLE, Direction.RECEIVABLE),
        ("direction", "", None),
        ("discount_percent", "2", 200),
        ("discount_percent", "2.5", 250),
        ("discount_percent", "2,25 %", 225),
        ("discount_percent", 3, 300),
        ("discount_percent", Decimal("2.50"), 250),
        ("withholding_percent", "0", 0),
        ("withholding_percent", "", None),
        ("due_date", np.datetime64("2026-02-28"), dt.date(2026, 2, 28)),
        ("due_date", np.datetime64("NaT", "D"), None),
        ("due_date", "", None),
        ("amount", 1250, Money(1250, "EUR")),
        ("amount", np.int32(-1250), Money(-1250, "EUR")),
        ("amount", Decimal("12.5"), Money(1250, "EUR")),
        ("amount", Money(1250, "JPY"), Money(1250, "JPY")),
        ("net_amount", "0.50", Money(50, "EUR")),
        ("net_amount", "", None),
        ("tax_amount", 7, Money(7, "EUR")),
    ],
)
def test_values_of_records_are_read_by_their_type(
    invoice_of: Any, column: str, value: object, expected: object
) -> None:
    assert getattr(invoice_of({column: value}), column) == expected


def test_the_settled_part_lowers_the_open_amount(invoice_of: Any) -> None:
    invoice = invoice_of({"amount": "-10.00", "settled_amount": "-4.00"})
    assert invoice.open_amount == Money(-600, "EUR")


def test_the_direction_option_fills_only_blanks(invoice_of: Any) -> None:
    assert invoice_of({}, direction="payable").direction is Direction.PAYABLE
    for given in ({"direction": ""}, {"direction": None}):
        assert invoice_of(given, direction=Direction.PAYABLE).direction is Direction.PAYABLE
    kept = invoice_of({"direction": "receivable"}, direction="payable")
    assert kept.direction is Direction.RECEIVABLE


def test_keys_that_are_none_of_ours_are_named_once() -> None:
    rows = [{"id": n, "amount": 1, "due_date": "2026-01-01", "colour": "red"} for n in range(3)]
    assert read_ledger(rows, []).ignored_columns == ("invoices: colour",)


def test_a_key_may_be_missing_from_some_records() -> None:
    rows = [
        {"id": "a", "amount": 1, "due_date": "2026-01-01", "vendor_name": "X"},
        {"id": "b", "amount": 1, "issue_date": "2026-01-01"},
        {"id": "c", "amount": 1, "due_date": "2026-01-01", "vendor_name": "Y"},
    ]
    ledger = read_ledger(iter(rows), []).ledger
    assert [ledger.invoice(row).vendor_name for row in range(3)] == ["X", "", "Y"]


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"mapping": {"invoice": "x"}}, "mapping"),
        ({"mapping": {"transactions.vendor_name": "x"}}, "mapping"),
        ({"encoding": "utf-99"}, "encoding"),
        ({"encoding": "hex"}, "encoding"),
        ({"delimiter": ":"}, "delimiter"),
        ({"decimal": "'"}, "decimal"),
        ({"date_order": "ymd"}, "date_order"),
    ],
)
def test_wrong_options_are_refused_by_name(options: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ReadOptions(**options)
    assert caught.value.path == path
