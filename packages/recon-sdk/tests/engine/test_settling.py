from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk import DifferenceKind, Ledger, Money, Rate
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.engine.settling import settle
from recon_sdk.engine.shapes import Shapes
from recon_sdk.evidence import DIFFERENCE_CODE
from recon_sdk.rates import RateTable

D = DifferenceKind
CLOSING = [kind for kind in D if kind.closes and kind is not D.NONE]
RATES = (Rate(base="USD", quote="EUR", micros=900_000, date=dt.date(2026, 1, 1)),)


def one_shape(invoices: int, transactions: int, kind: DifferenceKind) -> Shapes:
    return Shapes(
        invoice_starts=np.array([0, invoices]),
        invoice_rows=np.arange(invoices),
        transaction_starts=np.array([0, transactions]),
        transaction_rows=np.arange(transactions),
        evidence=np.array([1]),
        difference=np.array([DIFFERENCE_CODE[kind]], np.int8),
        usual=np.array([True]),
    )


def rows(
    asked: list[int], paid: list[int], currency: str = "EUR", direction: Any = "payable"
) -> Ledger:
    return a_ledger(
        [
            an_invoice(f"i{n:02d}", Money(minor, currency), direction=direction)
            for n, minor in enumerate(asked)
        ],
        [a_transaction(f"t{n:02d}", Money(minor, "EUR")) for n, minor in enumerate(paid)],
    )


def settled(
    asked: list[int],
    paid: list[int],
    kind: DifferenceKind = D.NONE,
    currency: str = "EUR",
    rates: tuple[Rate, ...] = RATES,
    direction: Any = "payable",
) -> tuple[list[int], list[int], int, int]:
    """What is settled, what is paid, the gap and whose it is."""
    ledger = rows(asked, paid, currency, direction)
    found = settle(
        ledger, one_shape(len(asked), len(paid), kind), RateTable(rates, ledger.currencies)
    )
    assert found.shape.tolist() == [0] * max(len(asked), len(paid))
    return (
        found.settled.tolist(),
        found.paid.tolist(),
        int(found.difference[0]),
        int(found.difference_row[0]),
    )


@pytest.mark.parametrize(
    ("asked", "paid", "kind", "expected"),
    [
        pytest.param([100], [-100], D.NONE, ([100], [-100], 0, -1), id="exact"),
        pytest.param([-100], [100], D.NONE, ([-100], [100], 0, -1), id="a credit note"),
        pytest.param([100], [-97], D.BANK_FEE, ([100], [-97], -3, 0), id="a fee closes"),
        pytest.param([-100], [97], D.BANK_FEE, ([-100], [97], 3, 0), id="a fee on a credit note"),
        pytest.param([100], [-102], D.ROUNDING, ([100], [-102], 2, 0), id="rounded up"),
        pytest.param([100], [-40], D.UNDERPAYMENT, ([40], [-40], -60, 0), id="a part"),
        pytest.param([-100], [40], D.UNDERPAYMENT, ([-40], [40], 60, 0), id="a part of a credit"),
        pytest.param([100], [-130], D.OVERPAYMENT, ([100], [-100], 30, 0), id="a surplus"),
        pytest.param([-100], [130], D.OVERPAYMENT, ([-100], [100], -30, 0), id="of a credit"),
        pytest.param(
            [70, 30], [-100], D.NONE, ([70, 30], [-70, -30], 0, -1), id="two invoices"
        ),
        pytest.param(
            [700, -120], [-580], D.NONE, ([700, -120], [-700, 120], 0, -1), id="less a credit note"
        ),
        pytest.param(
            [-700, 120], [580], D.NONE, ([-700, 120], [700, -120], 0, -1), id="mostly credit"
        ),
        pytest.param(
            [70, 30], [-98], D.CASH_DISCOUNT, ([70, 30], [-68, -30], -2, 0),
            id="the gap of a batch is its largest invoice's",
        ),
        pytest.param(
            [30, 70], [-103], D.ROUNDING, ([30, 70], [-30, -73], 3, 1), id="wherever that stands"
        ),
        pytest.param(
            [50, 50], [-99], D.ROUNDING, ([50, 50], [-49, -50], -1, 0), id="the first of two"
        ),
        pytest.param(
            [100], [-40, -60], D.NONE, ([40, 60], [-40, -60], 0, -1), id="two payments"
        ),
        pytest.param(
            [-100], [40, 60], D.NONE, ([-40, -60], [40, 60], 0, -1), id="a credit in two parts"
        ),
    ],
)  # fmt: skip
def test_allocations_of_a_match(
    asked: list[int], paid: list[int], kind: DifferenceKind, expected: Any
) -> None:
    assert settled(asked, paid, kind) == expected
    # The same money the other way: a receivable is settled by money in.
    mirrored = settled(asked, [-minor for minor in paid], kind, direction="receivable")
    assert mirrored == (expected[0], [-minor for minor in expected[1]], *expected[2:])


@pytest.mark.parametrize("kind", [D.UNDERPAYMENT, D.OVERPAYMENT, D.UNEXPLAINED])
@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        (-40, ([40], [-40], -60, 0)),
        (-130, ([100], [-100], 30, 0)),
        (-100, ([100], [-100], 0, 0)),
    ],
)
def test_what_stays_open_follows_from_the_amounts_not_from_the_name(
    kind: DifferenceKind, paid: int, expected: Any
) -> None:
    assert settled([100], [paid], kind) == expected


@pytest.mark.parametrize(
    ("asked", "paid", "kind", "expected"),
    [
        pytest.param([100], [-90], D.NONE, ([100], [-90], 0, -1), id="at the stored rate"),
        pytest.param([100], [-91], D.FX, ([100], [-91], 1, 0), id="at the bank's own rate"),
        pytest.param([-100], [89], D.FX, ([-100], [89], 1, 0), id="a credit note"),
        pytest.param([100], [-45], D.UNDERPAYMENT, ([50], [-45], -45, 0), id="half of it"),
        pytest.param([100], [-99], D.OVERPAYMENT, ([100], [-90], 9, 0), id="a surplus"),
    ],
)
def test_allocations_in_another_currency(
    asked: list[int], paid: list[int], kind: DifferenceKind, expected: Any
) -> None:
    assert settled(asked, paid, kind, currency="USD") == expected


def test_without_a_rate_the_whole_is_settled_by_the_whole() -> None:
    assert settled([100], [-90], currency="USD", rates=()) == ([100], [-90], 0, -1)


AMOUNTS = st.integers(1, 10**6)


@given(AMOUNTS, AMOUNTS, st.sampled_from([1, -1]), st.sampled_from([k for k in D if k]))
def test_the_equation_of_one_invoice_and_one_payment(
    asked: int, paid: int, sign: int, kind: DifferenceKind
) -> None:
    (settles,), (uses,), gap, _ = settled([sign * asked], [-sign * paid], kind)
    assert gap == sign * (paid - asked)
    if kind.closes:
        assert -uses == settles + gap
        assert (settles, -uses) == (sign * asked, sign * paid)
    else:
        assert -uses == settles
        assert abs(settles) == min(asked, paid)


@given(
    st.lists(st.integers(-(10**4), 10**6).filter(bool), min_size=2, max_size=8),
    st.integers(-3, 3),
    st.sampled_from(CLOSING),
)
def test_the_equation_of_a_batch(asked: list[int], gap: int, kind: DifferenceKind) -> None:
    total = sum(asked)
    if abs(total) < 10:
        return
    paid = -(total + gap)
    settles, uses, named, row = settled(asked, [paid], kind if gap else D.NONE)
    assert settles == asked
    assert sum(uses) == paid
    assert named == gap
    assert -sum(uses) == sum(settles) + named
    largest = max(abs(minor) for minor in asked)
    assert (row == -1) if not gap else (abs(asked[row]) == largest)


@given(st.lists(AMOUNTS, min_size=2, max_size=8), st.sampled_from([1, -1]))
def test_the_equation_of_instalments(parts: list[int], sign: int) -> None:
    settles, uses, gap, _ = settled([sign * sum(parts)], [-sign * part for part in parts])
    assert settles == [sign * part for part in parts]
    assert uses == [-sign * part for part in parts]
    assert gap == 0


def test_nothing_is_settled_by_no_match() -> None:
    ledger = rows([100], [-100])
    found = settle(ledger, one_shape(1, 1, D.NONE).take(np.zeros(0, np.int64)), RateTable((), ()))
    assert len(found.settled) == len(found.difference) == 0
