"""The facts on which a policy decides, as runs gather them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recon_sdk import Claims, DifferenceKind, Rate
from recon_sdk.checks.builders import a_transaction, an_invoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_sdk import Result

ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}
NAMES: dict[str, Any] = {"counterparty_name": "Acme GmbH"}
QUOTES: dict[str, Any] = {"description": "RE-2026-4711"}
INVOICE = an_invoice("i", "123.45", invoice_number="RE-2026-4711", **ACME)
RATE = Rate(base="USD", quote="EUR", micros=900_000, date=dt.date(2026, 1, 1))


@pytest.fixture
def claims_of(run: Callable[..., Result], toys: Any) -> Callable[..., Claims]:
    """Run, and give what the policy was asked."""

    def call(invoices: Any, transactions: Any, **more: Any) -> Claims:
        asked: list[Claims] = []

        def answer(claims: Claims) -> Any:
            asked.append(claims)
            return np.zeros(len(claims), np.int64)

        run(invoices, transactions, {"threshold": 0}, policy=toys.Policy(answer=answer), **more)
        return asked[-1]

    return call


def a_payment(key: str = "t", amount: str = "-123.45", **fields: Any) -> Any:
    return a_transaction(key, amount, **fields)


def facts(claims: Claims) -> set[str]:
    """Names of the facts that are true of the only claim."""
    assert len(claims) == 1
    names = (
        "by_reference", "by_party", "exact", "usual_difference", "underpaid", "overpaid",
        "earlier_twin", "interchangeable", "same_amount_sibling", "direction_known", "no_rate",
        "complete",
    )  # fmt: skip
    return {name for name in names if getattr(claims, name)[0]}


PLAIN = {"exact", "usual_difference", "direction_known", "complete"}


@pytest.mark.parametrize(
    ("invoices", "payments", "expected"),
    [
        pytest.param([INVOICE], [a_payment()], PLAIN, id="amount and date alone"),
        pytest.param([INVOICE], [a_payment(**NAMES)], PLAIN | {"by_party"}, id="its party"),
        pytest.param(
            [INVOICE], [a_payment(**QUOTES)], PLAIN | {"by_party", "by_reference"},
            id="its number, which tells its party",
        ),
        pytest.param(
            [an_invoice("i", "123.45", invoice_number="RE-2026-4711", direction=None, **ACME)],
            [a_payment(**NAMES)], PLAIN - {"direction_known"} | {"by_party"}, id="no direction",
        ),
        pytest.param(
            [INVOICE], [a_payment(amount="-100.00", **NAMES, **QUOTES)],
            {"by_party", "by_reference", "underpaid", "direction_known", "complete"},
            id="a part payment",
        ),
        pytest.param(
            [INVOICE], [a_payment(amount="-124.00", **NAMES, **QUOTES)],
            {"by_party", "by_reference", "overpaid", "direction_known", "complete"},
            id="an odd surplus",
        ),
        pytest.param(
            [INVOICE], [a_payment(amount="-133.45", **NAMES, **QUOTES)],
            {"by_party", "by_reference", "overpaid", "usual_difference", "direction_known",
             "complete"},
            id="a round surplus",
        ),
        pytest.param(
            [INVOICE], [a_payment(amount="-120.00", **NAMES, **QUOTES)],
            {"by_party", "by_reference", "usual_difference", "direction_known", "complete"},
            id="a fee",
        ),
        pytest.param(
            [INVOICE, an_invoice("j", "123.45", due_date="2026-05-01", **ACME)],
            [a_payment(**NAMES, **QUOTES)],
            PLAIN | {"by_party", "by_reference", "same_amount_sibling"}, id="a sibling",
        ),
        pytest.param(
            [INVOICE, an_invoice("j", "5.00", invoice_number="re 2026 4711", vendor_id="v2")],
            [a_payment(**QUOTES)], PLAIN, id="a number that two vendors use",
        ),
    ],
)  # fmt: skip
def test_facts_of_a_pair(
    claims_of: Callable[..., Claims], invoices: Any, payments: Any, expected: set[str]
) -> None:
    assert facts(claims_of(invoices, payments)) == expected


def test_facts_of_a_pair_in_another_currency(claims_of: Callable[..., Claims], toys: Any) -> None:
    invoice = an_invoice("i", "100.00", currency="USD", invoice_number="RE-2026-4711", **ACME)
    payment = a_payment(amount="-91.00", **NAMES, **QUOTES)
    fx = toys.Model(
        kind=DifferenceKind.FX, answer=lambda gaps: np.where(gaps.converted, 0.01, 0.0)
    )
    assert "no_rate" in facts(claims_of([invoice], [payment], models=(fx,)))
    known = claims_of([invoice], [payment], models=(fx,), rates=(RATE,))
    assert "no_rate" not in facts(known)
    assert "usual_difference" in facts(known)


def test_facts_of_a_batch(claims_of: Callable[..., Claims]) -> None:
    invoices = [
        an_invoice("i", "70.00", invoice_number="RE-2026-4711", **ACME),
        an_invoice("j", "30.00", invoice_number="RE-2026-4712", **ACME),
    ]
    payment = a_payment(amount="-100.00", **NAMES)
    plain = claims_of(invoices, [payment])
    assert facts(plain) == PLAIN | {"by_party"}
    assert plain.members.tolist() == [2]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, True),
        ({"amount": "30.01"}, False),
        ({"vendor_id": "v2", "vendor_name": "Beta"}, False),
        ({"issue_date": "2026-04-07"}, True),
        ({"issue_date": "2026-04-08"}, False),
        ({"due_date": "2025-10-02", "issue_date": "2025-09-01"}, True),
        ({"due_date": "2025-10-01", "issue_date": "2025-09-01"}, False),
    ],
)
def test_an_invoice_that_could_take_a_members_place_is_told(
    claims_of: Callable[..., Claims], changed: dict[str, Any], found: bool
) -> None:
    """Also one that is issued a few days after the payment, as a member may be."""
    members = [
        an_invoice("i", "70.00", invoice_number="RE-2026-4711", **ACME),
        an_invoice("j", "30.00", invoice_number="RE-2026-4712", **ACME),
    ]
    fields: dict[str, Any] = {"amount": "30.00", "due_date": "2026-04-30"} | ACME | changed
    third = an_invoice("k", invoice_number="RE-2026-4713", **fields)
    claims = claims_of([*members, third], [a_payment(amount="-100.00", **NAMES)])
    assert claims.interchangeable.tolist() == [found]


def test_facts_of_instalments(claims_of: Callable[..., Claims]) -> None:
    invoice = an_invoice("i", "900.00", invoice_number="RE-2026-4711", **ACME)
    parts = [
        a_payment(f"t{n}", "-300.00", booking_date=day, **NAMES, **QUOTES)
        for n, day in enumerate(["2026-03-31", "2026-04-30", "2026-05-30"])
    ]
    claims = claims_of([invoice], parts)
    assert facts(claims) == PLAIN | {"by_party", "by_reference"}
    assert claims.members.tolist() == [3]


def test_an_account_of_another_party_contradicts_a_quoted_number(
    claims_of: Callable[..., Claims],
) -> None:
    other = an_invoice(
        "j", "5.00", vendor_id="v2", vendor_name="Beta", vendor_iban="DE89370400440532013000"
    )
    payment = a_payment(counterparty_iban="DE89370400440532013000", **QUOTES)
    assert "by_reference" not in facts(claims_of([INVOICE, other], [payment]))
