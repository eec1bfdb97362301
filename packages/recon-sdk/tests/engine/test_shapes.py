from __future__ import annotations

import numpy as np
import pytest

from recon_sdk.engine.alternatives import runners_up
from recon_sdk.engine.shapes import Shapes, offsets, spread

Sets = list[tuple[tuple[int, ...], tuple[int, ...]]]


def shapes_of(sets: Sets, evidence: list[int] | None = None) -> Shapes:
    count = len(sets)
    return Shapes(
        invoice_starts=offsets(np.array([len(i) for i, _ in sets], np.int64)),
        invoice_rows=np.array([row for i, _ in sets for row in i], np.int64),
        transaction_starts=offsets(np.array([len(t) for _, t in sets], np.int64)),
        transaction_rows=np.array([row for _, t in sets for row in t], np.int64),
        evidence=np.array(evidence or range(count), np.int64),
        difference=np.zeros(count, np.int8),
        usual=np.ones(count, bool),
    )


def sets_of(shapes: Shapes) -> Sets:
    return [
        (
            tuple(shapes.invoice_rows[a:b].tolist()),
            tuple(shapes.transaction_rows[c:d].tolist()),
        )
        for a, b, c, d in zip(
            shapes.invoice_starts[:-1].tolist(),
            shapes.invoice_starts[1:].tolist(),
            shapes.transaction_starts[:-1].tolist(),
            shapes.transaction_starts[1:].tolist(),
            strict=True,
        )
    ]


ONE, BATCH, PARTS = ((4,), (7,)), ((1, 3, 5), (2,)), ((6,), (0, 8))
ALL: Sets = [ONE, BATCH, PARTS]


def test_runs_are_spread_from_their_starts() -> None:
    counts = np.array([2, 0, 3])
    assert offsets(counts).tolist() == [0, 2, 2, 5]
    assert spread(np.array([10, 99, 20]), counts).tolist() == [10, 11, 20, 21, 22]
    assert spread(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []


def test_kinds_follow_from_the_counts() -> None:
    assert shapes_of(ALL).kind.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (np.array([2, 0]), [PARTS, ONE]),
        (np.array([1, 1]), [BATCH, BATCH]),
        (np.array([False, True, True]), [BATCH, PARTS]),
        (np.zeros(0, np.int64), []),
    ],
)
def test_some_shapes_are_taken_in_the_order_asked_for(chosen: np.ndarray, expected: Sets) -> None:
    shapes = shapes_of(ALL).take(chosen)
    assert sets_of(shapes) == expected
    assert len(shapes) == len(expected)


def test_lots_are_joined_in_their_order() -> None:
    joined = Shapes.joined([shapes_of([PARTS]), shapes_of([]), shapes_of([ONE, BATCH])])
    assert sets_of(joined) == [PARTS, ONE, BATCH]


def test_pairs_of_all_shapes() -> None:
    shape, invoice, transaction = shapes_of(ALL).pairs()
    assert list(zip(shape.tolist(), invoice.tolist(), transaction.tolist(), strict=True)) == [
        (0, 4, 7), (1, 1, 2), (1, 3, 2), (1, 5, 2), (2, 6, 0), (2, 6, 8),
    ]  # fmt: skip


def test_pairs_become_shapes_of_one_row_each() -> None:
    rows = np.array([3, 4])
    shapes = Shapes.of_pairs(rows, rows + 1, rows, np.zeros(2, np.int8), np.ones(2, bool))
    assert sets_of(shapes) == [((3,), (4,)), ((4,), (5,))]


def test_hypotheses_number_the_transactions_after_the_invoices() -> None:
    found = shapes_of(ALL).hypotheses(10, 9)
    assert found.starts.tolist() == [0, 2, 6, 9]
    assert found.members.tolist() == [4, 17, 1, 3, 5, 12, 6, 10, 18]
    assert (found.invoices, found.transactions) == (10, 9)


# -- alternatives ---------------------------------------------------------------------------------

# 0 and 3 are chosen; 1 loses at an invoice of 0, 2 at its payment, 4 at the payment of 3.
RIVALS: Sets = [((0,), (0,)), ((0,), (2,)), ((3,), (0,)), ((1,), (1,)), ((4,), (1,)), ((5,), (5,))]


def alternatives(
    reasons: list[int], most: int = 3, evidence: tuple[int, ...] = (9, 5, 7, 9, 3, 8)
) -> list[tuple[int, int]]:
    rival, of = runners_up(
        shapes_of(RIVALS, list(evidence)), np.array([0, 3]), np.array(reasons), most
    )
    return list(zip(rival.tolist(), of.tolist(), strict=True))


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        pytest.param([0, 0], [], id="nothing is looked at"),
        pytest.param([1, 0], [(2, 0), (1, 0)], id="best first"),
        pytest.param([0, 1], [(4, 1)], id="only of the one that is looked at"),
        pytest.param([1, 1], [(2, 0), (1, 0), (4, 1)], id="of both"),
    ],
)
def test_alternatives_are_the_best_losers_at_the_same_rows(
    reasons: list[int], expected: list[tuple[int, int]]
) -> None:
    assert alternatives(reasons) == expected


def test_so_many_alternatives_are_shown_of_a_match() -> None:
    assert alternatives([1, 1], most=1) == [(2, 0), (4, 1)]


def test_what_evidence_speaks_against_is_no_alternative() -> None:
    assert alternatives([1, 1], evidence=(9, 0, -7, 9, 3, 8)) == [(4, 1)]


def test_a_rival_of_two_matches_is_shown_once() -> None:
    sets: Sets = [((0,), (0,)), ((1,), (1,)), ((0, 1), (2,))]
    rival, of = runners_up(shapes_of(sets, [9, 9, 5]), np.array([0, 1]), np.array([1, 1]), 3)
    assert (rival.tolist(), of.tolist()) == ([2], [0])


def test_a_rival_at_both_rows_of_a_match_is_shown_once() -> None:
    sets: Sets = [((0,), (0,)), ((0,), (0, 1))]
    rival, _ = runners_up(shapes_of(sets, [9, 5]), np.array([0]), np.array([1]), 3)
    assert rival.tolist() == [1]
