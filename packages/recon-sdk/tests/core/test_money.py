from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk.currencies import EXPONENTS
from recon_sdk.errors import MoneyError
from recon_sdk.money import (
    MAX_MINOR,
    Money,
    exponent_of,
    format_minor,
    parse_minor,
    round_half_even,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("0", "EUR", 0),
        ("-0.00", "EUR", 0),
        ("1", "EUR", 100),
        ("+1", "EUR", 100),
        ("-1", "EUR", -100),
        ("1.5", "EUR", 150),
        ("1.50", "EUR", 150),
        ("1.5000", "EUR", 150),
        ("0.01", "EUR", 1),
        ("-0.01", "EUR", -1),
        ("007.10", "EUR", 710),
        ("1210", "JPY", 1210),
        ("1210.0", "JPY", 1210),
        ("1.234", "KWD", 1234),
        ("-1.234", "BHD", -1234),
        ("1.2345", "CLF", 12345),
        ("10000000000000", "EUR", MAX_MINOR),
        ("-10000000000000.00", "EUR", -MAX_MINOR),
        ("1000000000000000", "JPY", MAX_MINOR),
    ],
)
def test_a_plain_text_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor
    assert Money.of(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "words"),
    [
        ("1.005", "EUR", "has 3 decimals, EUR has 2"),
        ("0.5", "JPY", "has 1 decimals, JPY has 0"),
        ("1.2345", "KWD", "has 4 decimals, KWD has 3"),
        ("10000000000000.01", "EUR", "out of range"),
        ("9999999999999999", "EUR", "out of range"),
        ("", "EUR", "not an amount"),
        (" 1", "EUR", "not an amount"),
        ("1\n", "EUR", "not an amount"),
        ("1,50", "EUR", "not an amount"),
        ("1.234.567", "EUR", "not an amount"),
        ("1e3", "EUR", "not an amount"),
        ("1e1000000", "EUR", "not an amount"),
        pytest.param("1" * 1_000_000, "EUR", "not an amount", id="a million digits"),
        pytest.param("0." + "0" * 1_000_000, "EUR", "not an amount", id="a million decimals"),
        ("NaN", "EUR", "not an amount"),
        ("inf", "EUR", "not an amount"),
        ("--1", "EUR", "not an amount"),
        ("1_000", "EUR", "not an amount"),
        (".5", "EUR", "not an amount"),
        ("5.", "EUR", "not an amount"),
        ("١٢", "EUR", "not an amount"),
        ("\uff11\uff12", "EUR", "not an amount"),
        ("0x10", "EUR", "not an amount"),
        ("1", "EURO", "unknown currency 'EURO'"),
        ("1", "eur", "unknown currency 'eur'"),
        ("1", "", "unknown currency ''"),
    ],
)
def test_any_other_text_is_refused(text: str, currency: str, words: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_minor(text, currency)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        (12, 1200),
        (-12, -1200),
        (Decimal("12.90"), 1290),
        (Decimal("12.900000"), 1290),
        (Decimal("1.29E+1"), 1290),
        (Decimal("-0"), 0),
        (Decimal(10**13), MAX_MINOR),
    ],
)
def test_whole_units_and_decimals_are_amounts(amount: int | Decimal, minor: int) -> None:
    assert Money.of(amount, "EUR").minor == minor


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (12.9, "floats cannot hold money exactly"),
        (True, "True is a bool"),
        (None, "None is a NoneType"),
        (b"12", "b'12' is a bytes"),
        (Decimal("NaN"), "is not an amount"),
        (Decimal("Infinity"), "is not an amount"),
        (Decimal("12.905"), "has 3 decimals"),
        (Decimal("1E+1000000"), "is not an amount"),
        (Decimal("1E-1000000"), "is not an amount"),
        pytest.param(10**5000, "out of range", id="five thousand digits"),
        (Decimal("0." + "0" * 60), "is not an amount"),
        (10**14, "out of range"),
    ],
)
def test_other_kinds_of_amounts_are_refused(amount: Any, words: str) -> None:
    with pytest.raises(MoneyError) as caught:
        Money.of(amount, "EUR")
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "minor", [1.0, True, "1", None, Decimal(1), MAX_MINOR + 1, -MAX_MINOR - 1]
)
def test_minor_units_are_integers_within_range(minor: Any) -> None:
    with pytest.raises(MoneyError):
        Money(minor, "EUR")


def test_money_of_an_unknown_currency_cannot_be_made() -> None:
    with pytest.raises(MoneyError, match="unknown currency 'XXX'"):
        Money(1, "XXX")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "EUR", "0.00"),
        (-5, "EUR", "-0.05"),
        (123456, "EUR", "1234.56"),
        (-1210, "JPY", "-1210"),
        (5, "KWD", "0.005"),
        (-12345, "CLF", "-1.2345"),
    ],
)
def test_amounts_are_written_with_all_decimals(minor: int, currency: str, text: str) -> None:
    assert format_minor(minor, currency) == text
    assert Money(minor, currency).decimal == text
    assert str(Money(minor, currency)) == f"{text} {currency}"


@given(st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert parse_minor(format_minor(minor, currency), currency) == minor


HALVES = [
    (5, 10, 0),
    (15, 10, 2),
    (25, 10, 2),
    (35, 10, 4),
    (-5, 10, 0),
    (-15, 10, -2),
    (-25, 10, -2),
]


@pytest.mark.parametrize(("numerator", "denominator", "rounded"), HALVES)
def test_half_a_cent_goes_to_the_even_neighbour(
    numerator: int, denominator: int, rounded: int
) -> None:
    assert round_half_even(numerator, denominator) == rounded
    assert round_half_even(-numerator, -denominator) == rounded


@given(st.integers(), st.integers().filter(bool))
def test_rounding_is_that_of_exact_fractions(numerator: int, denominator: int) -> None:
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


def test_arithmetic_stays_in_one_currency() -> None:
    one, two = Money(150, "EUR"), Money(275, "EUR")
    assert (one + two, one - two, -one, abs(-one)) == (
        Money(425, "EUR"), Money(-125, "EUR"), Money(-150, "EUR"), one,
    )  # fmt: skip
    for mixed in (Money.__add__, Money.__sub__):
        with pytest.raises(MoneyError, match="cannot mix EUR and JPY"):
            mixed(one, Money(1, "JPY"))
    with pytest.raises(MoneyError, match="out of range"):
        _ = Money(MAX_MINOR, "EUR") + Money(1, "EUR")


def test_money_has_no_order_across_currencies() -> None:
    with pytest.raises(TypeError):
        _ = Money(1, "EUR") < Money(2, "EUR")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("EUR", 2), ("JPY", 0), ("ISK", 0), ("HUF", 2), ("KWD", 3), ("CLF", 4), ("UYW", 4)],
)
def test_decimals_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent_of(currency) == decimals


def test_currency_codes_are_three_capitals_and_read_only() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
    with pytest.raises(TypeError):
        EXPONENTS["XXX"] = 2  # type: ignore[index]
