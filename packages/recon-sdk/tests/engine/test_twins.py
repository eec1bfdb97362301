from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recon_sdk import Reason
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.engine.twins import earlier_twins, repeated_quotes, same_amount_siblings

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_sdk import Result

ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}
BETA: dict[str, Any] = {"vendor_id": "v2", "vendor_name": "Brightwater Ltd"}
QUOTES: dict[str, Any] = {"description": "RE-2026-4711"}
NAMES: dict[str, Any] = {"counterparty_name": "Acme GmbH"}


def payment(key: str, day: str, amount: str = "-123.45", **fields: Any) -> Any:
    return a_transaction(key, amount, booking_date=day, **fields)


INVOICE = an_invoice("i", "123.45", invoice_number="RE-2026-4711", **ACME)


@pytest.mark.parametrize(
    ("day", "amount", "fields", "twin"),
    [
        pytest.param("2026-03-30", "-123.45", NAMES, True, id="of the same party"),
        pytest.param("2026-03-31", "-123.45", NAMES, True, id="on the same day"),
        pytest.param("2026-03-18", "-123.45", QUOTES, True, id="that quotes the invoice"),
        pytest.param("2026-03-30", "-123.45", {}, True, id="of nobody"),
        pytest.param("2026-03-30", "-123.46", NAMES, False, id="of another amount"),
        pytest.param("2026-04-01", "-123.45", NAMES, False, id="booked later"),
        pytest.param(
            "2026-03-30", "-123.45", {"counterparty_name": "Brightwater Ltd"}, False,
            id="of another party",
        ),
        pytest.param(
            "2026-03-30", "-123.45", {**NAMES, "description": "RE-2026-9999"}, True,
            id="of the party, whatever it quotes",
        ),
        pytest.param("2026-02-01", "-123.45", QUOTES, False, id="before the invoice was issued"),
    ],
)  # fmt: skip
def test_an_earlier_payment_of_the_same_amount_is_a_twin(
    day: str, amount: str, fields: dict[str, Any], twin: bool
) -> None:
    ledger = a_ledger(
        [INVOICE, an_invoice("j", "5.00", invoice_number="RE-2026-9999", **BETA)],
        [payment("early", day, amount, **fields), payment("late", "2026-03-31", **NAMES)],
    )
    late = ledger.transaction_row("late")
    used = np.zeros(2, bool)
    assert earlier_twins(ledger, np.array([0]), np.array([late]), used).tolist() == [twin]


def test_a_payment_for_another_invoice_is_no_twin_of_one_that_quotes_its_own() -> None:
    ledger = a_ledger(
        [INVOICE, an_invoice("j", "5.00", invoice_number="RE-2026-9999", **BETA)],
        [
            payment("early", "2026-03-30", **NAMES, description="RE-2026-9999"),
            payment("late", "2026-03-31", **NAMES, **QUOTES),
        ],
    )
    late = ledger.transaction_row("late")
    used = np.zeros(2, bool)
    assert earlier_twins(ledger, np.array([0]), np.array([late]), used).tolist() == [False]


def test_a_round_payment_of_nobody_is_no_twin() -> None:
    ledger = a_ledger(
        [an_invoice("i", "120.00", **ACME)],
        [payment("early", "2026-03-30", "-120.00"), payment("late", "2026-03-31", "-120.00")],
    )
    found = earlier_twins(ledger, np.array([0]), np.array([1]), np.zeros(2, bool))
    assert found.tolist() == [False]


@pytest.mark.parametrize(
    ("early", "late", "repeats"),
    [
        (QUOTES, QUOTES, True),
        (QUOTES, NAMES, False),
        (NAMES, QUOTES, False),
        ({"description": "RE-2026-471"}, QUOTES, False),
    ],
)
def test_a_later_payment_that_quotes_the_same_invoice_repeats_the_earlier_one(
    early: dict[str, Any], late: dict[str, Any], repeats: bool
) -> None:
    ledger = a_ledger(
        [INVOICE], [payment("a", "2026-03-30", **early), payment("b", "2026-05-31", **late)]
    )
    pair, none = np.array([0]), np.zeros(0, np.int64)
    assert repeated_quotes(ledger, pair, np.array([1]), none).tolist() == [repeats]
    refused = np.array([0])  # invoice 0 with transaction 0
    assert repeated_quotes(ledger, pair, np.array([1]), refused).tolist() == [False]


@pytest.mark.parametrize(
    ("other", "sibling"),
    [
        ({"amount": "123.45", **ACME}, True),
        ({"amount": "123.46", **ACME}, False),
        ({"amount": "-123.45", **ACME}, False),
        ({"amount": "123.45", **BETA}, False),
        ({"amount": "123.45", "currency": "USD", **ACME}, False),
        ({"amount": "123.45", "due_date": "2026-05-30", **ACME}, True),
        ({"amount": "123.45", "due_date": "2026-05-31", **ACME}, False),
        ({"amount": "123.45", "due_date": None, **ACME}, True),
        ({"amount": "123.45"}, False),
    ],
)
def test_siblings_are_of_one_party_amount_and_time(other: dict[str, Any], sibling: bool) -> None:
    ledger = a_ledger([INVOICE, an_invoice("j", **other)], [a_transaction()])
    assert same_amount_siblings(ledger, np.array([0]), 60).tolist() == [sibling]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("texts", [(QUOTES, QUOTES), (NAMES, NAMES), (QUOTES | NAMES, NAMES)])
def test_the_earlier_of_two_equal_payments_settles(
    run: Callable[..., Result], texts: tuple[dict[str, Any], dict[str, Any]], order: int
) -> None:
    """Whichever has the lower key."""
    early, late = ("a", "b")[::order]
    result = run(
        [INVOICE],
        [payment(early, "2026-03-25", **texts[0]), payment(late, "2026-03-31", **texts[1])],
    )
    (match,), (unmatched,) = result.matches, result.unmatched_transactions
    assert match.transaction_ids == (early,)
    assert unmatched.transaction.id == late
    assert (unmatched.reason, unmatched.duplicate_of) == (Reason.POSSIBLE_DUPLICATE, early)
    assert result.summary.possible_duplicates == 1
