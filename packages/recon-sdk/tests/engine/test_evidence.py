from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from recon_sdk import DifferenceKind, PartyRelation, Rate, ReferenceGrade
from recon_sdk.checks.builders import a_ledger, a_transaction, all_pairs, an_invoice
from recon_sdk.columns import NO_DATE
from recon_sdk.engine.seam import call_model
from recon_sdk.evidence import (
    DIFFERENCE_CODE,
    IMPOSSIBLE,
    amount_evidence,
    date_evidence,
    identity_evidence,
    pair_evidence,
    reference_evidence,
)
from recon_sdk.rates import RateTable

D = DifferenceKind
ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}


def amount(
    asked: int,
    paid: int,
    explained: int = IMPOSSIBLE,
    kind: DifferenceKind = D.NONE,
    **more: Any,
) -> tuple[int, DifferenceKind, bool]:
    total, code, usual = amount_evidence(
        np.array([asked]), np.array([paid]), np.array([100]), np.array([explained]),
        np.array([DIFFERENCE_CODE[kind]], np.int8), np.array([True]), **more,
    )  # fmt: skip
    return int(total[0]), list(D)[int(code[0])], bool(usual[0])


@pytest.mark.parametrize(
    ("asked", "paid", "kind", "usual"),
    [
        (100_00, 100_00, D.NONE, True),
        (100_00, 40_00, D.UNDERPAYMENT, False),
        (100_00, 100_01, D.OVERPAYMENT, False),
        (100_00, 110_00, D.OVERPAYMENT, True),
        (1000_00, 1210_00, D.OVERPAYMENT, False),
    ],
)
def test_an_unexplained_gap_stays_open(
    asked: int, paid: int, kind: DifferenceKind, usual: bool
) -> None:
    assert amount(asked, paid)[1:] == (kind, usual)


def test_a_better_explanation_names_the_gap_and_a_worse_one_does_not() -> None:
    assert amount(100_00, 99_00, -3_000, D.BANK_FEE)[1] is D.BANK_FEE
    assert amount(100_00, 99_00, -20_000, D.BANK_FEE)[1] is D.UNDERPAYMENT
    assert amount(100_00, 99_00, -20_000, D.BANK_FEE, open_ended=False)[1] is D.BANK_FEE


@pytest.mark.parametrize(
    ("asked", "paid", "more"),
    [(100, 0, {}), (0, 100, {}), (100, 201, {}), (100, 99, {"open_ended": False})],
)
def test_some_amounts_cannot_be(asked: int, paid: int, more: dict[str, Any]) -> None:
    assert amount(asked, paid, **more)[0] == IMPOSSIBLE


def test_exact_is_worth_more_than_any_gap_and_more_the_larger_the_amount() -> None:
    exact, part, over = amount(100_00, 100_00), amount(100_00, 50_00), amount(100_00, 130_00)
    assert exact[0] > max(part[0], over[0])
    assert amount(1_000_000, 1_000_000)[0] > exact[0] > amount(1_00, 1_00)[0]


def date(
    issue: int = NO_DATE, due: int = NO_DATE, booked: int = 0, discounted: bool | None = None
) -> int:
    columns = (np.array([issue]), np.array([due]), np.array([booked]))
    flags = None if discounted is None else np.array([discounted])
    return int(date_evidence(*columns, flags)[0])  # type: ignore[arg-type]


def test_the_nearer_to_the_due_date_the_better() -> None:
    lags = [date(issue=0, due=30, booked=30 + lag) for lag in (0, 3, 10, 40, 400)]
    assert lags == sorted(lags, reverse=True)
    assert date(issue=0, due=30, booked=25) == date(issue=0, due=30, booked=35)


def test_before_its_issue_an_invoice_is_hardly_paid() -> None:
    assert date(issue=0, due=30, booked=-8) < date(issue=0, due=30, booked=-7) - 5_000


def test_without_dates_there_is_no_evidence() -> None:
    assert date(booked=20_000) == 0
    assert date(issue=5, booked=5) == date(due=5, booked=5)


def test_a_discount_is_taken_soon_after_the_issue() -> None:
    assert date(0, 60, 10, discounted=True) > date(0, 60, 10, discounted=False)
    assert date(0, 60, 31, discounted=True) == date(0, 60, 31, discounted=False)


def test_what_is_said_of_the_party_orders_the_evidence() -> None:
    relations = np.array([int(relation) for relation in PartyRelation], np.int8)
    ones = np.ones(len(relations), np.int64)
    found = dict(
        zip(PartyRelation, identity_evidence(relations, ones, ones).tolist(), strict=True)
    )
    R = PartyRelation  # noqa: N806 (a short name for a table)
    order = [
        R.OTHER_ACCOUNT, R.OTHER_NAME, R.OTHER_IN_TEXT, R.UNRESOLVED, R.NOTHING, R.IN_TEXT, R.NAME,
        R.ACCOUNT,
    ]  # fmt: skip
    values = [found[relation] for relation in order]
    assert values == sorted(values)
    assert found[R.NOTHING] < 0 < found[R.IN_TEXT]


def test_a_shared_name_and_a_busy_party_say_less() -> None:
    name = np.array([PartyRelation.NAME] * 3, np.int8)
    plain, shared, busy = identity_evidence(
        name, np.array([1, 2, 1]), np.array([1, 1, 500])
    ).tolist()
    assert plain > shared
    assert plain > busy > 0


def reference(grade: ReferenceGrade, length: int = 8, sharing: int = 1, other: int = 0) -> int:
    columns = (np.array([length]), np.array([sharing]), np.array([other]))
    return int(reference_evidence(np.array([grade], np.int8), *columns)[0])


def test_longer_clearer_and_rarer_numbers_say_more() -> None:
    exact = reference(ReferenceGrade.EXACT)
    assert reference(ReferenceGrade.EXACT, length=4) < exact < reference(ReferenceGrade.EXACT, 12)
    assert reference(ReferenceGrade.EXACT, 13) == reference(ReferenceGrade.EXACT, 30)
    assert reference(ReferenceGrade.DIGITS) < exact
    assert reference(ReferenceGrade.EXACT, sharing=3) < exact
    assert reference(ReferenceGrade.NONE, other=7) < reference(ReferenceGrade.NONE) < 0


# -- whole pairs ----------------------------------------------------------------------------------


def pair(invoice: Any, payment: Any, *rates: Rate, models: Any = ()) -> tuple[int, DifferenceKind]:
    ledger = a_ledger([invoice], [payment])
    found = pair_evidence(
        all_pairs(ledger), models, RateTable(rates, ledger.currencies), call_model
    )
    return int(found.total[0]), list(D)[int(found.difference[0])]


def test_a_quoted_number_and_a_name_make_a_likely_pair() -> None:
    invoice = an_invoice(invoice_number="RE-2026-4711", **ACME)
    payment = a_transaction(description="RE-2026-4711", counterparty_name="Acme GmbH")
    silent = a_transaction()
    assert pair(invoice, payment)[0] > pair(invoice, silent)[0]
    assert pair(invoice, payment)[1] is D.NONE


def test_money_the_wrong_way_makes_an_impossible_pair() -> None:
    assert pair(an_invoice(), a_transaction(amount="100.00"))[0] == IMPOSSIBLE


USD = an_invoice(currency="USD", invoice_number="RE-2026-4711", **ACME)
RATE = Rate(base="USD", quote="EUR", micros=900_000, date=dt.date(2026, 1, 1))


def test_without_a_rate_amounts_say_nothing_and_claim_no_gap() -> None:
    equal = pair(USD, a_transaction(amount="-100.00", description="RE-2026-4711"))
    other = pair(USD, a_transaction(amount="-12.34", description="RE-2026-4711"))
    assert equal == other
    assert equal[1] is D.NONE


class OwnRate:
    name = "own_rate"
    version = "1"
    kind = D.FX
    is_usual = True

    def explain(self, gaps: Any) -> Any:
        near = np.abs(gaps.paid - gaps.asked) * 10_000 <= gaps.asked * gaps.band
        return np.where(gaps.converted & near, 0.01, 0.0)


def test_with_a_rate_only_what_a_model_explains_can_be() -> None:
    paid = a_transaction(amount="-91.00", description="RE-2026-4711")
    total, kind = pair(USD, paid, RATE, models=(OwnRate(),))
    assert total > 0
    assert kind is D.FX
    assert pair(USD, paid, RATE)[0] < -100_000
    far = a_transaction(amount="-100.00", description="RE-2026-4711")
    assert pair(USD, far, RATE, models=(OwnRate(),))[0] < -100_000
