from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from recon_sdk import DecisionKind, DifferenceKind, Limits, MatchKind, Money
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.engine.batches import find_batches
from recon_sdk.engine.seam import call_model
from recon_sdk.engine.subsets import subset_sums
from recon_sdk.settlement import check_claim, usage_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from recon_sdk import Invoice, Ledger

ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}


def items(*amounts: str, **fields: Any) -> list[Invoice]:
    return [
        an_invoice(f"i{n}", amount, invoice_number=f"RE-100{n}", **(ACME | fields))
        for n, amount in enumerate(amounts)
    ]


def batches_of(ledger: Ledger, *models: Any, **limits: Any) -> set[tuple[str, ...]]:
    """Find the sets of invoices that each payment may settle."""
    nothing = np.zeros(len(ledger.invoices) + len(ledger.transactions), np.int64)
    found = find_batches(ledger, models, Limits(**limits), nothing, nothing, call_model, {})
    ids = ledger.invoices.ids
    return {
        tuple(ids[found.invoice_rows[a:b]].tolist())
        for a, b in itertools.pairwise(found.invoice_starts.tolist())
    }


@pytest.mark.parametrize(
    ("amounts", "paid", "text", "expected"),
    [
        pytest.param(["70.00", "30.00"], "-100.00", "", {("i0", "i1")}, id="neighbours"),
        pytest.param(
            ["70.00", "55.00", "30.00"], "-100.00", "RE-1000 RE-1002", {("i0", "i2")},
            id="quoted, with another between",
        ),
        pytest.param(
            ["70.00", "-20.00", "30.00"], "-80.00", "", {("i0", "i1", "i2")}, id="a credit note"
        ),
        pytest.param(["70.00", "30.00"], "-100.01", "", set(), id="a cent too much"),
        pytest.param(["70.00", "30.00"], "100.00", "", set(), id="the wrong way"),
        pytest.param(["70.00", "-70.00"], "-70.00", "RE-1000 RE-1001", set(), id="all is undone"),
    ],
)  # fmt: skip
def test_batches_are_sets_with_the_exact_sum(
    amounts: list[str], paid: str, text: str, expected: set[tuple[str, ...]]
) -> None:
    payment = a_transaction("t", paid, counterparty_name="Acme GmbH", description=text)
    assert batches_of(a_ledger(items(*amounts), [payment])) == expected


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, True),
        ({"currency": "USD"}, False),
        ({"direction": "receivable"}, False),
        ({"vendor_id": "v2", "vendor_name": "Beta Ltd"}, False),
        ({"issue_date": "2026-04-20"}, False),
    ],
)
def test_a_batch_is_of_one_party_direction_and_currency(
    changed: dict[str, Any], found: bool
) -> None:
    invoices = [*items("70.00"), an_invoice("i1", "30.00", **(ACME | changed))]
    payment = a_transaction("t", "-100.00", counterparty_name="Acme GmbH")
    assert bool(batches_of(a_ledger(invoices, [payment]))) is found


@pytest.mark.parametrize(("most", "found"), [(2, False), (3, True)])
def test_a_quoted_batch_has_no_more_members_than_its_limit(most: int, found: bool) -> None:
    amounts = ("70.00", "1.00", "30.00", "2.00", "50.00")
    payment = a_transaction(
        "t", "-150.00", counterparty_name="Acme GmbH", description="RE-1000 RE-1002 RE-1004"
    )
    ledger = a_ledger(items(*amounts), [payment])
    quoted = batches_of(ledger, batch_members=most, batch_open_items=1)
    assert (("i0", "i2", "i4") in quoted) is found


def test_a_gap_of_a_batch_has_a_name_that_closes_it(run: Callable[..., Any], toys: Any) -> None:
    """A part payment is more plausible than this model's fee, but a batch leaves nothing open."""
    odd = toys.Model(answer=lambda gaps: np.where(gaps.members > 1, 0.000001, 0.0))
    invoices = items("1.00", "-100.00", "250.00")
    payment = a_transaction(
        "t", "-128.66", counterparty_name="Acme GmbH", description="RE-1000 RE-1001 RE-1002"
    )
    result = run(invoices, [payment], models=(odd,))
    (match,) = result.matches
    assert match.kind is MatchKind.MANY_TO_ONE
    assert (match.difference.kind, match.difference.amount) == (
        DifferenceKind.BANK_FEE, Money(-22_34, "EUR"),
    )  # fmt: skip
    rows = {invoice.id: invoice for invoice in invoices}
    check_claim(match.allocations, match.difference, rows, {"t": payment})
    assert usage_of(match.allocations).paid == {"t": -128_66}


def test_a_member_that_another_could_replace_is_for_review(run: Callable[..., Any]) -> None:
    payment = a_transaction("t", "-100.00", counterparty_name="Acme GmbH")
    result = run(items("70.00", "30.00", "30.00"), [payment])
    assert len(result.matches) == 1
    assert result.matches[0].decision in DecisionKind


# -- subset sums against a search of everything ---------------------------------------------------


def brute_force(values: list[int], target: int) -> set[tuple[int, ...]]:
    return {
        chosen
        for size in range(2, len(values) + 1)
        for chosen in itertools.combinations(range(len(values)), size)
        if sum(values[k] for k in chosen) == target
    }


@pytest.mark.parametrize("seed", range(40))
def test_subset_sums_are_those_of_a_search_of_everything(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - instances, not secrets
    count = chance.randint(2, 11)
    values = [chance.choice([100, 200, 300, 500, 700, -100, 1100]) for _ in range(count)]
    target = abs(sum(chance.sample(values, chance.randint(2, count)))) or 100
    ledger = a_ledger(
        [
            an_invoice(f"i{n:02d}", Money(value, "EUR"), due_date=f"2026-03-{n + 10}", **ACME)
            for n, value in enumerate(values)
        ],
        [a_transaction("t", Money(-target, "EUR"))],
    )
    zero, counts = np.zeros(1, np.int64), {"subset searches given up": 0}
    found, sizes, owners, skipped = subset_sums(
        ledger, np.arange(count), np.array([0, count]), zero, zero, np.array([target]), 22, counts
    )  # fmt: skip
    ends = np.cumsum(sizes)
    sets = [
        tuple(sorted(found[a:b].tolist()))
        for a, b in zip((ends - sizes).tolist(), ends.tolist(), strict=True)
    ]
    expected = brute_force(values, target)
    if counts["subset searches given up"]:
        assert len(sets) == 64 < len(expected)
        assert set(sets) < expected
    else:
        assert sorted(sets) == sorted(expected)
    assert not owners.any()
    for chosen, cost in zip(sets, skipped.tolist(), strict=True):
        contiguous = chosen[-1] - chosen[0] + 1 == len(chosen)
        assert cost == 0 if contiguous or len(chosen) == 2 else cost >= 0


def test_a_sum_that_says_nothing_is_given_up_and_counted() -> None:
    ledger = a_ledger(
        [an_invoice(f"i{n:02d}", "1.00", **ACME) for n in range(16)], [a_transaction("t", "-8.00")]
    )
    zero, counts = np.zeros(1, np.int64), {"subset searches given up": 0}
    _, sizes, _, _ = subset_sums(
        ledger, np.arange(16), np.array([0, 16]), zero, zero, np.array([800]), 22, counts
    )
    assert counts["subset searches given up"] == 1
    assert len(sizes) == 64
