from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recon_sdk import Limits, MatchKind, Money
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.engine.instalments import find_instalments

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_sdk import BankTransaction, Invoice, Ledger, Result

ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}
PAYS: dict[str, Any] = {"counterparty_name": "Acme GmbH"}


def instalments_of(ledger: Ledger, satisfied: int = 0, **limits: Any) -> set[tuple[str, ...]]:
    """Find the sets of payments that may settle the invoices of a ledger."""
    found = find_instalments(
        ledger, Limits(**limits), np.full(len(ledger.invoices), satisfied), {}
    )
    ids = ledger.transactions.ids
    return {
        tuple(ids[found.transaction_rows[a:b]].tolist())
        for a, b in itertools.pairwise(found.transaction_starts.tolist())
    }


def invoice(amount: str = "900.00", **fields: Any) -> Invoice:
    return an_invoice("i", amount, invoice_number="RE-2026-4711", **(ACME | fields))


def payments(*amounts: str, **fields: Any) -> list[BankTransaction]:
    days = ["2026-03-31", "2026-04-30", "2026-05-30", "2026-06-29", "2026-07-29", "2026-08-28"]
    return [
        a_transaction(f"t{n}", amount, booking_date=days[n % 6], **(PAYS | fields))
        for n, amount in enumerate(amounts)
    ]


QUOTED: dict[str, Any] = {"description": "RE-2026-4711"}


@pytest.mark.parametrize(
    ("amounts", "fields", "expected"),
    [
        pytest.param(["-400.00", "-500.00"], QUOTED, {("t0", "t1")}, id="two that quote it"),
        pytest.param(
            ["-300.00", "-100.00", "-500.00"], QUOTED, {("t0", "t1", "t2")}, id="three of them"
        ),
        pytest.param(["-300.00"] * 3, {}, {("t0", "t1", "t2")}, id="equal parts, by name alone"),
        pytest.param(["-225.00"] * 4, {}, {("t0", "t1", "t2", "t3")}, id="four equal parts"),
        pytest.param(["-400.00", "-499.99"], {}, set(), id="a cent is missing"),
        pytest.param(["-400.00", "-200.00"], QUOTED, {("t0", "t1")}, id="begun, both quote it"),
        pytest.param(["400.00", "500.00"], QUOTED, set(), id="the wrong way"),
        pytest.param(["-900.00"], QUOTED, set(), id="one payment is no instalment"),
        pytest.param(
            ["-300.00"] * 3,
            {"counterparty_name": ""},
            set(),
            id="payments of nobody prove nothing",
        ),
    ],
)
def test_instalments_are_sets_with_the_exact_sum_or_quote_the_invoice(
    amounts: list[str], fields: dict[str, Any], expected: set[tuple[str, ...]]
) -> None:
    found = instalments_of(a_ledger([invoice()], payments(*amounts, **fields)))
    assert found == expected if not expected else found >= expected


def test_parts_that_quote_the_invoice_are_completed_by_one_that_says_nothing() -> None:
    parts = payments("-400.00", "-200.00", **QUOTED)
    rest = a_transaction("rest", "-300.00", booking_date="2026-05-30", **PAYS)
    assert ("rest", "t0", "t1") in instalments_of(a_ledger([invoice()], [*parts, rest]))


@pytest.mark.parametrize("count", [2, 3, 4, 5])
@pytest.mark.parametrize("fields", [QUOTED, {}])
def test_an_invoice_has_no_more_instalments_than_the_limit(
    count: int, fields: dict[str, Any]
) -> None:
    part = f"-{900 // count}.00"
    ledger = a_ledger([invoice()], payments(*[part] * count, **fields))
    assert instalments_of(ledger, instalments=count)
    assert not instalments_of(ledger, instalments=count - 1)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, True),
        ({"currency": "USD"}, False),
        ({"direction": "receivable"}, False),
        ({"settled": 100_00}, False),
        ({"issue_date": "2026-05-01", "due_date": "2026-05-31"}, False),
    ],
)
def test_parts_are_of_the_invoices_currency_direction_and_time(
    changed: dict[str, Any], found: bool
) -> None:
    ledger = a_ledger([invoice(**changed)], payments("-400.00", "-500.00", **QUOTED))
    assert bool(instalments_of(ledger)) is found


def test_a_satisfied_invoice_looks_for_no_parts_that_only_name_its_party() -> None:
    by_name = a_ledger([invoice()], payments("-300.00", "-300.00", "-300.00"))
    assert instalments_of(by_name, satisfied=8_999)
    assert not instalments_of(by_name, satisfied=9_000)
    quoted = a_ledger([invoice()], payments("-400.00", "-500.00", **QUOTED))
    assert instalments_of(quoted, satisfied=9_000)


@pytest.mark.parametrize("seed", range(30))
def test_two_and_three_quoting_parts_are_found_as_a_search_of_everything_finds_them(
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311 - instances, not secrets
    amounts = [chance.choice([100, 200, 300, 400, 550]) for _ in range(chance.randint(2, 7))]
    asked = sum(chance.sample(amounts, chance.randint(2, min(3, len(amounts)))))
    ledger = a_ledger(
        [invoice(Money(asked, "EUR"))],  # type: ignore[arg-type]
        payments(*(Money(-minor, "EUR") for minor in amounts), **QUOTED),  # type: ignore[arg-type]
    )
    expected = {
        tuple(f"t{k}" for k in chosen)
        for size in (2, 3)
        for chosen in itertools.combinations(range(len(amounts)), size)
        if sum(amounts[k] for k in chosen) == asked
    }
    found = instalments_of(ledger)
    assert {each for each in found if len(each) <= 3} == expected
    for each in found:
        assert sum(amounts[int(key[1:])] for key in each) == asked


def test_a_ledger_of_instalments_is_matched_as_one(run: Callable[..., Result]) -> None:
    result = run([invoice()], payments("-300.00", "-300.00", "-300.00", **QUOTED))
    (match,) = result.matches
    assert match.kind is MatchKind.ONE_TO_MANY
    assert [a.settled for a in match.allocations] == [Money(300_00, "EUR")] * 3
