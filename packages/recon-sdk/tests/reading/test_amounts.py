from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_sdk.money import MAX_MINOR, Money, format_minor
from recon_sdk.reading import ReadOptions, read_ledger

POINT, COMMA, NOTHING = "1000.5", "1000,5", "7"


def minor_of(*amounts: object, currency: str = "EUR", **options: Any) -> list[int | str]:
    """Read amounts of one column; a refused one gives its problem."""
    rows = [
        {"id": f"{n:03}", "amount": amount, "currency": currency, "due_date": "2026-01-31"}
        for n, amount in enumerate(amounts)
    ]
    result = read_ledger(rows, [], ReadOptions(**options))
    found: list[int | str] = [""] * len(amounts)
    for problem in result.problems:
        found[problem.line - 1] = problem.detail
    for row in range(len(result.ledger.invoices)):
        invoice = result.ledger.invoice(row)
        found[int(invoice.id)] = invoice.amount.minor
    return found


@pytest.mark.parametrize(
    ("text", "beside", "currency", "expected"),
    [
        pytest.param("1234.50", NOTHING, "EUR", 123450, id="plain"),
        pytest.param("-12", NOTHING, "EUR", -1200, id="minus"),
        pytest.param("\u221212", NOTHING, "EUR", -1200, id="a real minus sign"),
        pytest.param("+3.00", NOTHING, "EUR", 300, id="plus"),
        pytest.param("12.00-", NOTHING, "EUR", -1200, id="minus behind"),
        pytest.param("(12.00)", NOTHING, "EUR", -1200, id="brackets"),
        pytest.param(" 12.00 ", NOTHING, "EUR", 1200, id="outer blanks"),
        pytest.param("1,234.50", NOTHING, "EUR", 123450, id="thousands commas"),
        pytest.param("1.234,50", NOTHING, "EUR", 123450, id="thousands points"),
        pytest.param("1.234.567", NOTHING, "EUR", 123456700, id="several thousands points"),
        pytest.param("1 234,50", NOTHING, "EUR", 123450, id="thousands blanks"),
        pytest.param("1\u00a0234,50", NOTHING, "EUR", 123450, id="no-break blanks"),
        pytest.param("1\u202f234,50", NOTHING, "EUR", 123450, id="narrow no-break blanks"),
        pytest.param("1\u2009234,50", NOTHING, "EUR", 123450, id="thin blanks"),
        pytest.param("1'234.50", NOTHING, "CHF", 123450, id="apostrophes"),
        pytest.param("1\u2019234.50", NOTHING, "CHF", 123450, id="curly apostrophes"),
        pytest.param("EUR 12.00", NOTHING, "EUR", 1200, id="code before"),
        pytest.param("-12,00 eur", NOTHING, "EUR", -1200, id="code behind"),
        pytest.param("€-12.00", NOTHING, "EUR", -1200, id="sign inside"),
        pytest.param("12.00€-", NOTHING, "EUR", -1200, id="all behind"),
        pytest.param("$1,234.50", NOTHING, "CAD", 123450, id="a dollar of many"),
        pytest.param("¥1200", NOTHING, "JPY", 1200, id="yen"),
        pytest.param("1.234", COMMA, "EUR", 123400, id="point explained by a comma"),
        pytest.param("1.234,5", COMMA, "EUR", 123450, id="one decimal"),
        pytest.param("1,234", POINT, "EUR", 123400, id="comma explained by a point"),
        pytest.param("1,234", POINT, "JPY", 1234, id="a group of yen"),
        pytest.param("12.500", "0.5", "EUR", 1250, id="zeros behind the decimals"),
        pytest.param("0.500", NOTHING, "EUR", 50, id="nobody groups a zero"),
        pytest.param("12.00", NOTHING, "JPY", 12, id="zeros in place of decimals"),
        pytest.param("1.234", NOTHING, "KWD", 1234, id="our own form of three decimals"),
        pytest.param("1,234", NOTHING, "KWD", "ambiguous", id="a comma may be a group"),
        pytest.param("1.234", NOTHING, "EUR", "ambiguous", id="a point may be a group"),
        pytest.param("1,234", NOTHING, "EUR", "ambiguous", id="a comma likewise"),
        pytest.param("1.234", POINT, "EUR", "too many decimals", id="a point is a point"),
        pytest.param("1.234", COMMA, "KWD", 1234000, id="a group, as others prove"),
        pytest.param("1.2345", NOTHING, "CLF", 12345, id="four decimals"),
        pytest.param("007.50", NOTHING, "EUR", 750, id="leading zeros"),
        pytest.param("10000000000000.00", NOTHING, "EUR", MAX_MINOR, id="the largest"),
        pytest.param("10000000000000.01", NOTHING, "EUR", "out of range", id="above it"),
        pytest.param("1,23,456.00", NOTHING, "INR", "not an amount", id="groups of two"),
        pytest.param("12.", NOTHING, "EUR", "not an amount", id="nothing behind the point"),
        pytest.param(".5", NOTHING, "EUR", "not an amount", id="nothing before the point"),
        pytest.param("0.123.456", NOTHING, "EUR", "not an amount", id="groups of a zero"),
        pytest.param("1.234.56", NOTHING, "EUR", "not an amount", id="two points"),
        pytest.param("12.00 XYZ", NOTHING, "EUR", "not an amount", id="no currency"),
        pytest.param("EUR 12 EUR", NOTHING, "EUR", "names two currencies", id="two codes"),
        pytest.param("0x10", NOTHING, "EUR", "not an amount", id="hexadecimal"),
        pytest.param("\uff11\uff12", NOTHING, "EUR", "not an amount", id="full-width digits"),
    ],
)
def test_a_written_amount_is_read_exactly_or_refused(
    text: str, beside: str, currency: str, expected: int | str
) -> None:
    found = minor_of(text, beside, currency=currency)[0]
    if isinstance(expected, int):
        assert found == expected
    else:
        assert expected in str(found)


def test_the_option_explains_what_the_file_does_not() -> None:
    assert minor_of("1.234", "1,234", decimal=".")[1] == 123400
    assert minor_of("1.234", "1,234", decimal=",")[0] == 123400


def test_the_option_does_not_bend_what_a_text_proves() -> None:
    found = minor_of("12.50", "12,50", decimal=",")
    assert found[1] == 1250
    assert "decimal point, but this file's amounts have decimal commas" in str(found[0])


def test_the_sign_that_more_texts_prove_wins() -> None:
    found = minor_of("1.50", "2.50", "3,50", "1,234")
    assert (found[0], found[1], found[3]) == (150, 250, 123400)
    assert "has a decimal comma" in str(found[2])


def test_all_amount_columns_of_a_file_share_one_style() -> None:
    rows = [
        {"id": "a", "amount": "1.234", "net_amount": "1000,5", "due_date": "2026-01-31"},
    ]
    result = read_ledger(rows, [])
    assert result.ledger.invoice(0).amount == Money(123400, "EUR")
    assert result.invoices.decimal == ","


def test_typed_amounts_need_no_style() -> None:
    assert minor_of(Decimal("1.234"), currency="KWD") == [1234]
    assert minor_of(Decimal("12.500"), 1250, Money(1250, "EUR"), "12,50") == [1250] * 4
    assert minor_of(Decimal("1E+2")) == [10000]
    assert "too many decimals" in str(minor_of(Decimal("1.234"))[0])
    assert "is not an amount" in str(minor_of(Decimal("NaN"))[0])
    assert "is not an amount" in str(minor_of(Decimal("1E+1000"))[0])
    assert "names another currency" in str(minor_of(Money(1, "USD"))[0])


@settings(deadline=None)
@given(st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_what_we_write_we_read(minor: int, currency: str) -> None:
    assert minor_of(format_minor(minor, currency), currency=currency) == [minor]


@settings(deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8))
def test_a_column_of_two_decimals_is_read_like_single_texts(cents: list[int]) -> None:
    texts = [format_minor(cent, "EUR") for cent in cents]
    assert minor_of(*texts) == cents == minor_of(*texts, "1.5")[:-1]


def test_a_code_in_the_amount_fills_a_blank_currency() -> None:
    rows = [
        {"id": "a", "amount": "CHF 1.00", "currency": "", "due_date": "2026-01-31"},
        {"id": "b", "amount": "1.00 £", "due_date": "2026-01-31"},
        {"id": "c", "amount": "€1.00", "due_date": "2026-01-31"},
        {"id": "d", "amount": "1.00", "due_date": "2026-01-31"},
    ]
    result = read_ledger(rows, [], ReadOptions(base_currency="USD"))
    found = {i.id: i.amount.currency for i in map(result.ledger.invoice, range(3))}
    assert found == {"a": "CHF", "c": "EUR", "d": "USD"}
    assert "does not say which currency" in result.problems[0].detail
    assert result.ledger.currencies == ["CHF", "EUR", "USD"]


def test_currencies_are_read_in_any_case_and_blanks_are_filled() -> None:
    assert minor_of("12", currency=" jpy ") == [12]
    assert minor_of("12", currency="", base_currency="KWD") == [12000]
