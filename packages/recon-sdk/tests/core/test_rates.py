from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk.columns import as_day
from recon_sdk.errors import DataError
from recon_sdk.known import Rate
from recon_sdk.money import MAX_MINOR
from recon_sdk.rates import RateTable

CURRENCIES = ("CLF", "EUR", "JPY", "KWD", "USD")


def rate(base: str, quote: str, micros: int, day: str = "2026-01-01", **fields: Any) -> Rate:
    return Rate(base=base, quote=quote, micros=micros, date=dt.date.fromisoformat(day), **fields)


def convert(
    amount: int, base: str, quote: str, *rates: Rate, day: str = "2026-06-01"
) -> tuple[int, bool, int]:
    value, found, band = RateTable(rates, CURRENCIES).convert(
        np.array([amount]),
        np.array([CURRENCIES.index(base)], np.int32),
        np.array([CURRENCIES.index(quote)], np.int32),
        np.array([as_day(dt.date.fromisoformat(day))], np.int32),
    )
    return int(value[0]), bool(found[0]), int(band[0])


@pytest.mark.parametrize(
    ("amount", "base", "quote", "expected"),
    [
        pytest.param(100_00, "USD", "EUR", 92_00, id="as it is stored"),
        pytest.param(92_00, "EUR", "USD", 100_00, id="the other way"),
        pytest.param(100_00, "EUR", "JPY", 16_250, id="to a currency without decimals"),
        pytest.param(16_250, "JPY", "EUR", 100_00, id="from a currency without decimals"),
        pytest.param(1_00, "USD", "KWD", 307, id="to a currency with three decimals"),
        pytest.param(307, "KWD", "USD", 1_00, id="from a currency with three decimals"),
        pytest.param(0, "USD", "EUR", 0, id="nothing"),
    ],
)
def test_a_rate_serves_both_directions_and_any_decimals(
    amount: int, base: str, quote: str, expected: int
) -> None:
    rates = (
        rate("USD", "EUR", 920_000),
        rate("EUR", "JPY", 162_500_000),
        rate("USD", "KWD", 307_000),
    )
    assert convert(amount, base, quote, *rates) == (expected, True, 300)


@pytest.mark.parametrize(
    ("micros", "amount", "expected"),
    [(500_000, 1, 0), (500_000, 3, 2), (500_000, 5, 2), (1_500_000, 1, 2), (1_500_000, 3, 4)],
)
def test_half_a_cent_goes_to_the_even_neighbour(micros: int, amount: int, expected: int) -> None:
    assert convert(amount, "USD", "EUR", rate("USD", "EUR", micros))[0] == expected


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize(
    ("day", "at"),
    [
        ("2025-12-31", None),
        ("2026-01-01", 0),
        ("2026-01-31", 0),
        ("2026-02-01", 1),
        ("2026-02-28", 1),
        ("2026-03-01", 2),
        ("2030-01-01", 2),
    ],
)
def test_a_rate_holds_from_its_day_to_the_next_one(
    day: str, at: int | None, falling: bool
) -> None:
    """However the rates move, and in whatever order they are given."""
    steps = [900_000, 950_000, 990_000]
    steps = steps[::-1] if falling else steps
    rates = [rate("USD", "EUR", m, f"2026-0{n}-01") for n, m in enumerate(steps, 1)]
    for order in (rates, rates[::-1], [rates[1], rates[2], rates[0]]):
        value, found, _ = convert(100, "USD", "EUR", *order, day=day)
        assert found is (at is not None)
        assert value == (0 if at is None else steps[at] // 10_000)


def test_the_stored_direction_wins_over_the_inverse() -> None:
    rates = (rate("USD", "EUR", 920_000), rate("EUR", "USD", 1_200_000))
    assert convert(100_00, "USD", "EUR", *rates)[0] == 92_00
    assert convert(100_00, "EUR", "USD", *rates)[0] == 120_00


def test_of_two_rates_of_one_day_the_higher_one_holds_in_any_order() -> None:
    rates = (rate("USD", "EUR", 920_000), rate("USD", "EUR", 910_000))
    assert convert(100_00, "USD", "EUR", *rates)[0] == 92_00
    assert convert(100_00, "USD", "EUR", *rates[::-1])[0] == 92_00


def test_without_a_rate_nothing_is_converted() -> None:
    assert convert(100, "USD", "EUR") == (0, False, 0)
    assert convert(100, "USD", "EUR", rate("EUR", "JPY", 1_000_000)) == (0, False, 0)
    assert convert(100, "USD", "EUR", rate("CHF", "EUR", 1_000_000)) == (0, False, 0)


def test_an_amount_that_goes_out_of_range_is_not_converted() -> None:
    assert convert(MAX_MINOR, "JPY", "CLF", rate("JPY", "CLF", 10**12)) == (0, False, 0)


def test_every_row_has_its_own_pair_and_band() -> None:
    table = RateTable(
        [rate("USD", "EUR", 500_000, band=100), rate("EUR", "JPY", 100_000_000, band=200)],
        CURRENCIES,
    )
    usd, eur, jpy = (CURRENCIES.index(code) for code in ("USD", "EUR", "JPY"))
    value, found, band = table.convert(
        np.array([100, 100, 100, 100]),
        np.array([usd, eur, jpy, usd], np.int32),
        np.array([eur, jpy, usd, eur], np.int32),
        np.full(4, as_day(dt.date(2026, 1, 1)), np.int32),
    )
    assert value.tolist() == [50, 100, 0, 50]
    assert found.tolist() == [True, True, False, True]
    assert band.tolist() == [100, 200, 0, 100]


@given(st.integers(0, 10**12), st.integers(1, 10**9), st.booleans())
def test_conversion_is_that_of_exact_fractions(amount: int, micros: int, inverse: bool) -> None:
    price = Fraction(micros, 1_000_000)
    exact = amount / price if inverse else amount * price
    pair = ("EUR", "USD") if inverse else ("USD", "EUR")
    value, found, _ = convert(amount, *pair, rate("USD", "EUR", micros))
    if exact <= MAX_MINOR:
        assert found
        assert value == round(exact)
    else:
        assert not found


@pytest.mark.parametrize("micros", [0, -1, 0.92, True, "920000"])
def test_a_rate_is_a_positive_number_of_millionths(micros: Any) -> None:
    with pytest.raises(DataError, match="positive number of millionths"):
        rate("USD", "EUR", micros)
