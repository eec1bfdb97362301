from __future__ import annotations

import datetime as dt
import random
from typing import Any

import attrs
import numpy as np
import pytest

from recon_sdk import Keys, Ledger, Limits
from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.columns import NO_DATE
from recon_sdk.engine.joining import Join, PairRange

Pairs = list[tuple[int, int]]


@attrs.frozen
class Given:
    """A blocker with given keys."""

    left: list[tuple[int, int]]
    right: list[tuple[int, int]]
    days_before: int = 10
    days_after: int = 20
    name: str = "given"

    def invoice_keys(self, _: Ledger) -> Keys:
        return self._keys(self.left)

    def transaction_keys(self, _: Ledger) -> Keys:
        return self._keys(self.right)

    @staticmethod
    def _keys(words: list[tuple[int, int]]) -> Keys:
        table = np.array(words, np.int64).reshape(-1, 2)
        return Keys(table[:, 0].copy(), table[:, 1].astype(np.uint64))


def flat(ranges: list[PairRange]) -> Pairs:
    return [
        pair
        for part in ranges
        for pair in zip(part.invoice_rows.tolist(), part.transaction_rows.tolist(), strict=True)
    ]


def brute_force(ledger: Ledger, *blockers: Given) -> Pairs:
    """All pairs that share a key inside its window, by comparing everything with everything."""
    found = set()
    invoices, transactions = ledger.invoices, ledger.transactions
    for blocker in blockers:
        for i, key in blocker.left:
            issue, due = int(invoices.issue_date[i]), int(invoices.due_date[i])
            first = (issue if issue != NO_DATE else due) - blocker.days_before
            last = (due if due != NO_DATE else issue) + blocker.days_after
            for t, other in blocker.right:
                day = int(transactions.booking_date[t])
                undated = issue == due == NO_DATE
                if key == other and (undated or first <= day <= last):
                    found.add((i, t))
    return sorted(found)


def random_ledger(chance: random.Random, invoices: int, transactions: int) -> Ledger:
    def day() -> dt.date:
        return dt.date(2026, 1, 1) + dt.timedelta(days=chance.randrange(120))

    ledger = a_ledger(
        [an_invoice(f"i{n:03d}", issue_date=day(), due_date=day()) for n in range(invoices)],
        [a_transaction(f"t{n:03d}", booking_date=day()) for n in range(transactions)],
    )
    columns = ledger.invoices
    issue, due = columns.issue_date.copy(), columns.due_date.copy()
    for column in (issue, due):
        column[[chance.random() < 0.3 for _ in range(invoices)]] = NO_DATE
    return attrs.evolve(ledger, invoices=attrs.evolve(columns, issue_date=issue, due_date=due))


def random_keys(chance: random.Random, rows: int, most: int) -> list[tuple[int, int]]:
    words = [(chance.randrange(rows), chance.randrange(most)) for _ in range(2 * rows)]
    return [(row, key * 0x9E3779B97F4A7C15 % 2**62) for row, key in words]


@pytest.mark.parametrize("seed", range(30))
def test_pairs_are_those_of_comparing_everything(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - instances, not secrets
    ledger = random_ledger(chance, chance.randint(1, 30), chance.randint(1, 30))
    blockers = tuple(
        Given(
            random_keys(chance, len(ledger.invoices), most := chance.choice([1, 3, 40])),
            random_keys(chance, len(ledger.transactions), most),
            days_before=chance.choice([0, 5, 400]),
            days_after=chance.choice([0, 5, 400]),
            name=f"given_{n}",
        )
        for n in range(chance.randint(1, 3))
    )
    join = Join(
        ledger, blockers, Limits(nearest=10_000, pairs_per_batch=chance.choice([1, 7, 999]))
    )
    ranges = list(join.ranges())
    assert flat(ranges) == brute_force(ledger, *blockers)
    assert join.cut == 0
    assert join.total >= len(flat(ranges))


@pytest.mark.parametrize("budget", [1, 3, 10, 1_000])
def test_a_range_keeps_its_budget_and_an_invoice_stays_whole(budget: int) -> None:
    chance = random.Random(7)  # noqa: S311 - instances, not secrets
    ledger = random_ledger(chance, 40, 15)
    blocker = Given([(n, 1) for n in range(40)], [(n, 1) for n in range(15)])
    join = Join(ledger, (blocker,), Limits(nearest=1_000, pairs_per_batch=budget))
    ranges = list(join.ranges())
    for part in ranges:
        rows = set(part.invoice_rows.tolist())
        assert rows <= set(range(part.first, part.end))
        assert len(part.invoice_rows) <= budget or part.end == part.first + 1
    covered = [row for part in ranges for row in sorted(set(part.invoice_rows.tolist()))]
    assert covered == sorted(set(covered))
    assert flat(ranges) == brute_force(ledger, blocker)


@pytest.mark.parametrize(
    ("most", "kept", "cut"),
    [
        (1, ["2026-03-31"], 6),
        (2, ["2026-03-30", "2026-03-31"], 5),
        (3, ["2026-03-30", "2026-03-31", "2026-04-01"], 4),
        (4, ["2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01"], 3),
        (7, ["2026-03-10", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01",
             "2026-04-02"], 0),
    ],
)  # fmt: skip
def test_of_a_full_key_the_nearest_days_are_kept_and_the_rest_is_counted(
    most: int, kept: list[str], cut: int
) -> None:
    days = [
        "2026-03-10", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31", "2026-04-01",
        "2026-04-02",
    ]  # fmt: skip
    ledger = a_ledger(
        [an_invoice(due_date="2026-03-31")],
        [a_transaction(f"t{n}", booking_date=day) for n, day in enumerate(days)],
    )
    blocker = Given([(0, 1)], [(n, 1) for n in range(7)])
    join = Join(ledger, (blocker,), Limits(nearest=most))
    assert [days[t] for _, t in flat(list(join.ranges()))] == kept
    assert join.cut == cut


def test_where_one_side_of_the_day_is_short_the_other_fills_the_limit() -> None:
    days = [f"2026-03-{n:02d}" for n in range(1, 10)]
    ledger = a_ledger(
        [an_invoice(due_date="2026-03-31")],
        [a_transaction(f"t{n}", booking_date=day) for n, day in enumerate(days)],
    )
    blocker = Given([(0, 1)], [(n, 1) for n in range(9)])
    join = Join(ledger, (blocker,), Limits(nearest=4))
    assert [t for _, t in flat(list(join.ranges()))] == [5, 6, 7, 8]
    assert join.cut == 5


def test_a_pair_of_several_keys_and_blockers_stands_once() -> None:
    ledger = a_ledger([an_invoice()], [a_transaction()])
    twice = Given([(0, 1), (0, 2), (0, 1)], [(0, 1), (0, 2)])
    join = Join(ledger, (twice, attrs.evolve(twice, name="other")), Limits())
    assert flat(list(join.ranges())) == [(0, 0)]
    assert join.total > 1


@pytest.mark.parametrize(
    ("left", "right"), [([], [(0, 1)]), ([(0, 1)], []), ([], []), ([(0, 1)], [(0, 2)])]
)
def test_without_a_shared_key_there_is_no_pair(left: Any, right: Any) -> None:
    ledger = a_ledger([an_invoice()], [a_transaction()])
    join = Join(ledger, (Given(left, right),), Limits())
    assert list(join.ranges()) == []
    assert (join.total, join.cut) == (0, 0)


def test_without_blockers_there_is_no_pair() -> None:
    assert list(Join(a_ledger([an_invoice()], [a_transaction()]), (), Limits()).ranges()) == []


@attrs.frozen
class Wide(Given):
    """A blocker whose keys use all 64 bits."""

    @staticmethod
    def _keys(words: list[tuple[int, int]]) -> Keys:
        return Keys(
            np.array([row for row, _ in words], np.int64),
            np.array([key for _, key in words], np.uint64),
        )


@pytest.mark.parametrize("key", [0, 2**63 - 1, 2**63, 2**64 - 1])
def test_keys_may_be_any_of_64_bits(key: int) -> None:
    ledger = a_ledger([an_invoice()], [a_transaction("t0"), a_transaction("t1")])
    blocker = Wide([(0, 5), (0, key)], [(0, key ^ 1), (1, key)])
    assert flat(list(Join(ledger, (blocker,), Limits()).ranges())) == [(0, 1)]
