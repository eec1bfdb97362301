"""Each difference model on single gaps: what it explains, and how probable it finds it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from recon_rules_default.differences import (
    BankFee,
    CashDiscount,
    Fx,
    Rounding,
    SmallGap,
    Vat,
    Withholding,
)
from recon_rules_default.settings import Settings
from recon_sdk import DifferenceKind
from recon_sdk.columns import as_day
from recon_sdk.testing import some_gaps

if TYPE_CHECKING:
    from recon_sdk import DifferenceModel

SETTINGS = Settings()
ISSUED = as_day(dt.date(2026, 3, 1))
DISCOUNT = 0.0044
FEE = 0.02 / len(SETTINGS.usual_fees)
JPY, KWD = {"unit": 1}, {"unit": 1_000}


@attrs.frozen
class Row:
    """One gap and the probability that the model gives to it."""

    description: str
    asked: int
    paid: int
    expected: float
    fields: dict[str, Any] = attrs.Factory(dict)
    settings: Settings = SETTINGS


def cases(*rows: Row) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.description for row in rows])


def check(model: DifferenceModel, row: Row) -> None:
    fields = {"issue_date": ISSUED, "booking_date": ISSUED + 10, **row.fields}
    (found,) = model.explain(some_gaps(row.asked, row.paid, **fields)).tolist()
    assert found == pytest.approx(row.expected, rel=1e-12)


@cases(
    Row("a cent less", 10_000, 9_999, 0.002),
    Row("a cent more", 10_000, 10_001, 0.002),
    Row("five cents", 10_000, 9_995, 0.002),
    Row("six cents", 10_000, 9_994, 0),
    Row("nothing", 10_000, 10_000, 0),
    Row("one percent of a small amount", 300, 297, 0.002),
    Row("more than one percent", 299, 296, 0),
    Row("yen", 10_000, 9_996, 0.002, JPY),
    Row("fils", 10_000, 9_996, 0.002, KWD),
    Row("a group", 10_000, 9_999, 0.002, {"members": 12}),
    Row("converted", 10_000, 9_999, 0, {"converted": True}),
    Row("switched off", 10_000, 9_999, 0, settings=Settings(rounding_minor=0)),
    Row("wider", 10_000, 9_990, 0.001, settings=Settings(rounding_minor=10)),
    Row("largest amount", 10**15, 10**15 - 5, 0.002),
)
def test_rounding(row: Row) -> None:
    check(Rounding(row.settings), row)


TERMS = {"discount_percent": 250, "discount_until": ISSUED + 14}


@cases(
    Row("the invoice's own terms", 10_000, 9_750, 0.15, TERMS),
    Row("a cent beside them", 10_000, 9_751, 0.15, TERMS),
    Row("two cents beside them", 10_000, 9_752, 0, TERMS),
    Row("on the last day", 10_000, 9_750, 0.15, {**TERMS, "booking_date": ISSUED + 14}),
    Row("booked a weekend later", 10_000, 9_750, 0.15, {**TERMS, "booking_date": ISSUED + 17}),
    Row("too late", 10_000, 9_750, 0, {**TERMS, "booking_date": ISSUED + 18}),
    Row("terms without a day", 10_000, 9_750, 0.15,
        {"discount_percent": 250, "booking_date": ISSUED + 300}),
    Row("a usual one against other terms", 10_000, 9_800, 0, TERMS),
    Row("no discount by its terms", 10_000, 9_800, 0, {"discount_percent": 0}),
    Row("one percent", 10_000, 9_900, DISCOUNT),
    Row("two percent", 10_000, 9_800, DISCOUNT),
    Row("three percent", 10_000, 9_700, DISCOUNT),
    Row("four percent", 10_000, 9_600, 0),
    Row("two percent too much", 10_000, 10_200, 0),
    Row("after the usual days", 10_000, 9_800, DISCOUNT, {"booking_date": ISSUED + 22}),
    Row("a day after them", 10_000, 9_800, 0, {"booking_date": ISSUED + 23}),
    Row("dated ahead", 10_000, 9_800, DISCOUNT, {"booking_date": ISSUED - 3}),
    Row("long before the issue", 10_000, 9_800, 0, {"booking_date": ISSUED - 4}),
    Row("issue date not known", 10_000, 9_800, DISCOUNT,
        {"issue_date": -(2**31), "booking_date": ISSUED + 300}),
    Row("rounded half up", 12_325, 12_078, DISCOUNT),
    Row("a pair two cents beside", 10_000, 9_802, 0),
    Row("a group two cents beside", 10_000, 9_802, DISCOUNT, {"members": 3}),
    Row("a group three cents beside", 10_000, 9_803, 0, {"members": 3}),
    Row("yen", 10_000, 9_800, DISCOUNT, JPY),
    Row("fils", 10_000, 9_800, DISCOUNT, KWD),
    Row("a share that rounds to nothing", 16, 15, 0),
    Row("own terms that round to nothing", 10, 9, 0, TERMS),
    Row("converted", 10_000, 9_800, 0, {"converted": True}),
    Row("other usual discounts", 10_000, 9_600, DISCOUNT,
        settings=Settings(usual_discounts=(400,))),
    Row("none usual", 10_000, 9_800, 0, settings=Settings(usual_discounts=())),
    Row("largest amount", 10**15, 98 * 10**13, DISCOUNT),
    Row("largest amount and discount", 10**15, 10**11, 0.15, {"discount_percent": 9_999}),
)  # fmt: skip
def test_cash_discount(row: Row) -> None:
    check(CashDiscount(row.settings), row)


@cases(
    Row("a usual fee", 10_000, 9_650, FEE),
    Row("no usual fee", 10_000, 9_651, 0),
    Row("paid on top", 10_000, 10_350, 0),
    Row("nothing", 10_000, 10_000, 0),
    Row("fifteen percent", 10_000, 8_500, FEE),
    Row("more than fifteen percent", 9_999, 8_499, 0),
    Row("yen: whole ones", 10_000, 9_995, FEE, JPY),
    Row("yen: seven is usual too", 10_000, 9_993, FEE, JPY),
    Row("yen: four is not", 10_000, 9_996, 0, JPY),
    Row("fils: two and a half dinars", 100_000, 97_500, FEE, KWD),
    Row("fils: no tenth of a hundredth", 100_000, 97_495, 0, KWD),
    Row("a group", 10_000, 9_650, FEE, {"members": 4}),
    Row("converted", 10_000, 9_650, 0, {"converted": True}),
    Row("own list", 10_000, 9_877, 0.02, settings=Settings(usual_fees=(123,))),
    Row("none usual", 10_000, 9_650, 0, settings=Settings(usual_fees=())),
    Row("only of large amounts", 10_000, 9_650, 0,
        settings=Settings(largest_fee_basis_points=349)),
    Row("largest amount", 10**15, 10**15 - 350, FEE),
    Row("largest amount of yen", 10**15, 10**15 - 5, FEE, JPY),
    Row("largest gap", 10**15, 1, 0),
    Row("largest gap of yen", 10**15, 1, 0, JPY),
)  # fmt: skip
def test_bank_fee(row: Row) -> None:
    check(BankFee(row.settings), row)


def density(gap: int) -> float:
    return 0.015 / (8.5 * gap)


@cases(
    Row("an odd gap", 10_000, 9_877, density(123)),
    Row("a cent", 10_000, 9_999, density(1)),
    Row("too much", 10_000, 10_123, 0),
    Row("nothing", 10_000, 10_000, 0),
    Row("fifteen percent", 10_000, 8_500, density(1_500)),
    Row("a cent more", 10_000, 8_499, 0),
    Row("fifty whole units", 100_000, 95_000, density(5_000)),
    Row("a cent over fifty", 100_000, 94_999, 0),
    Row("fifty yen", 10_000, 9_950, density(50), JPY),
    Row("fifty-one yen", 10_000, 9_949, 0, JPY),
    Row("fifty dinars", 10**6, 950_000, density(50_000), KWD),
    Row("a group", 10_000, 9_877, density(123), {"members": 4}),
    Row("converted", 10_000, 9_877, 0, {"converted": True}),
    Row("switched off", 10_000, 9_877, 0, settings=Settings(largest_fee=0)),
    Row("largest amount", 10**15, 10**15 - 5_000, density(5_000)),
    Row("largest gap", 10**15, 1, 0),
    Row("all of it", 10_000, 1, density(9_999),
        settings=Settings(largest_fee=10**11, largest_fee_basis_points=10_000)),
)  # fmt: skip
def test_small_gap(row: Row) -> None:
    check(SmallGap(row.settings), row)


@cases(
    Row("of the whole", 10_000, 8_500, 0.3, {"withholding_percent": 1_500}),
    Row("of the net amount", 11_900, 10_400, 0.3,
        {"withholding_percent": 1_500, "net_amount": 10_000}),
    Row("not of the whole where the net is given", 11_900, 10_115, 0,
        {"withholding_percent": 1_500, "net_amount": 10_000}),
    Row("a cent beside", 10_000, 8_501, 0.3, {"withholding_percent": 1_500}),
    Row("two cents beside", 10_000, 8_502, 0, {"withholding_percent": 1_500}),
    Row("not stated", 10_000, 8_500, 0),
    Row("stated as none", 10_000, 9_999, 0, {"withholding_percent": 0}),
    Row("added", 10_000, 11_500, 0, {"withholding_percent": 1_500}),
    Row("yen", 10_000, 8_979, 0.3, {"withholding_percent": 1_021, **JPY}),
    Row("fils", 10_000, 9_500, 0.3, {"withholding_percent": 500, **KWD}),
    Row("a share that rounds to nothing", 10, 9, 0, {"withholding_percent": 100}),
    Row("converted", 10_000, 8_500, 0, {"withholding_percent": 1_500, "converted": True}),
    Row("largest amount", 10**15, 85 * 10**13, 0.3, {"withholding_percent": 1_500}),
)  # fmt: skip
def test_withholding(row: Row) -> None:
    check(Withholding(), row)


@cases(
    Row("net paid", 11_900, 10_000, 0.02, {"net_amount": 10_000}),
    Row("a cent beside", 11_900, 10_001, 0, {"net_amount": 10_000}),
    Row("no net amount", 11_900, 10_000, 0),
    Row("nothing but net", 10_000, 10_000, 0, {"net_amount": 10_000}),
    Row("net above what is open", 5_000, 10_000, 0, {"net_amount": 10_000}),
    Row("yen", 11_000, 10_000, 0.02, {"net_amount": 10_000, **JPY}),
    Row("converted", 11_900, 10_000, 0, {"net_amount": 10_000, "converted": True}),
)
def test_vat(row: Row) -> None:
    check(Vat(), row)


def band(width: int) -> float:
    return 0.8 / (2 * width + 1)


CONVERTED = {"converted": True}


@cases(
    Row("at the rate", 10_000, 10_000, band(300), CONVERTED),
    Row("below, inside the band", 10_000, 9_700, band(300), CONVERTED),
    Row("above, inside the band", 10_000, 10_300, band(300), CONVERTED),
    Row("outside the band", 10_000, 9_699, 0, CONVERTED),
    Row("a rate's own band", 10_000, 10_100, band(100), {**CONVERTED, "band": 100}),
    Row("no band: a minor unit", 10_000, 10_001, band(1), {**CONVERTED, "band": 0}),
    Row("no band: two minor units", 10_000, 10_002, 0, {**CONVERTED, "band": 0}),
    Row("one currency", 10_000, 9_900, 0),
    Row("yen", 1_000, 1_030, band(30), {**CONVERTED, **JPY}),
    Row("fils", 10_000, 10_300, band(300), {**CONVERTED, **KWD}),
    Row("largest amount", 10**15, 10**15, band(3 * 10**13), CONVERTED),
)
def test_fx(row: Row) -> None:
    check(Fx(), row)


@pytest.mark.parametrize(
    ("model", "kind", "usual"),
    [
        (Rounding(SETTINGS), DifferenceKind.ROUNDING, True),
        (CashDiscount(SETTINGS), DifferenceKind.CASH_DISCOUNT, True),
        (BankFee(SETTINGS), DifferenceKind.BANK_FEE, True),
        (SmallGap(SETTINGS), DifferenceKind.BANK_FEE, False),
        (Withholding(), DifferenceKind.WITHHOLDING, True),
        (Vat(), DifferenceKind.VAT, False),
        (Fx(), DifferenceKind.FX, True),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_kind_and_usualness(model: DifferenceModel, kind: DifferenceKind, usual: bool) -> None:
    assert (model.kind, model.is_usual) == (kind, usual)


def test_a_batch_is_judged_gap_by_gap() -> None:
    gaps = some_gaps(np.array([10_000, 10_000, 299]), np.array([9_999, 10_006, 296]))
    assert Rounding(SETTINGS).explain(gaps).tolist() == [0.002, 0, 0]
