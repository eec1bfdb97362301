"""Search: the best packing of a few hypotheses that hang together, within a budget of steps.

Few are searched by plain branch and bound, many by branching on a linear assignment in which a
group may be had for any one of its pairs: exact as soon as no two that it uses overlap.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recon_sdk import Int64Array

__all__ = ["STEPS_OF_ASSIGNMENT", "Relaxed", "branch_and_bound", "branch_on_groups", "fill"]

STEPS_OF_ASSIGNMENT = 100
"""What an assignment costs, in steps of plain branch and bound."""
_TIE_BITS = 12
_MOST_CELLS = 4_000_000
"""A larger table of invoices by payments is not assigned at all: it would not fit in memory."""


def _ties(count: int) -> Int64Array:
    """Fixed pseudo-random numbers of few bits, one a position, so that a best whole is unique."""
    z = np.arange(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = z * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return (z >> np.uint64(64 - _TIE_BITS)).astype(np.int64)


class Relaxed:
    """The assignment of some hypotheses in which a group counts as any one of its pairs.

    Attributes:
        nodes: Members of each hypothesis, ascending.
        weights: Evidence of each.
    """

    def __init__(
        self, nodes: Sequence[tuple[int, ...]], weights: Sequence[int], invoices: int
    ) -> None:
        self.nodes = nodes
        self.weights = weights
        sizes = np.array([len(group) for group in nodes], np.int64)
        every, place = np.unique(
            np.array([n for group in nodes for n in group], np.int64), return_inverse=True
        )
        split = int(np.searchsorted(every, invoices))
        self._shape = split, len(every) - split
        # All ties together stay below one unit of weight.
        unit = 1 << (_TIE_BITS + max(8, len(nodes).bit_length()))
        self._values = np.array(weights, np.int64) * unit + _ties(len(nodes))
        owner = np.repeat(np.arange(len(nodes)), sizes)
        order = np.argsort(place, kind="stable")
        self._meeting = owner[order]
        self._starts = np.searchsorted(place[order], np.arange(len(every) + 1))
        self._place = place
        self._of = np.concatenate([[0], np.cumsum(sizes)])
        # Each pair of an invoice and a payment of one hypothesis is a cell of the table.
        owed = np.bincount(owner[place < split], minlength=len(nodes))
        moved = sizes - owed
        count = owed * moved
        of = np.repeat(np.arange(len(nodes)), count)
        within = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
        row = place[self._of[of] + within // moved[of]]
        column = place[self._of[of] + owed[of] + within % moved[of]] - split
        cell = row * self._shape[1] + column
        # Lightest first within a cell, so that of several on one cell the heaviest stands.
        order = np.lexsort((self._values[of], cell))
        self._cell, self._owner = cell[order], of[order]

    @property
    def cells(self) -> int:
        """Size of the table."""
        return self._shape[0] * self._shape[1]

    def value(self, some: list[int]) -> int:
        """Weights of some hypotheses with their ties, in one number."""
        return int(self._values[some].sum())

    def solve(self, inside: frozenset[int], outside: frozenset[int]) -> tuple[int, list[int]]:
        """Value and members of the best relaxed choice with some of them fixed in or out.

        A group stands there as often as it is used.
        """
        from scipy.optimize import linear_sum_assignment

        free = np.ones(len(self.nodes), bool)
        free[list(outside)] = False
        for k in inside:
            for n in self._place[self._of[k] : self._of[k + 1]].tolist():
                free[self._meeting[self._starts[n] : self._starts[n + 1]]] = False
        open_cells = free[self._owner]
        cell, owner = self._cell[open_cells], self._owner[open_cells]
        last = np.ones(len(cell), bool)
        last[:-1] = cell[1:] != cell[:-1]
        cell, owner = cell[last], owner[last]
        gain = np.zeros(self.cells)
        gain[cell] = self._values[owner]
        rows, columns = linear_sum_assignment(gain.reshape(self._shape), maximize=True)
        # Cells that nothing stands on earn nothing.
        at = rows * self._shape[1] + columns
        at = at[gain[at] > 0]
        used = owner[np.searchsorted(cell, at)].tolist()
        picked = [*used, *inside]
        return self.value(picked), picked


def branch_on_groups(
    relaxed: Relaxed, best: list[int], steps: int, without: frozenset[int] = frozenset()
) -> tuple[list[int], bool]:
    """Best packing by fixing groups in or out until no two that the assignment uses overlap.

    Args:
        relaxed: The hypotheses.
        best: A packing to begin with.
        steps: Most assignments that are solved.
        without: Hypotheses that are not to be had.
    """
    if relaxed.cells > _MOST_CELLS:
        return sorted(best), False
    nodes, best_value, spent = relaxed.nodes, relaxed.value(best), 0
    stack: list[tuple[frozenset[int], frozenset[int]]] = [(frozenset(), without)]
    while stack and spent < steps:
        inside, outside = stack.pop()
        spent += 1
        bound, used = relaxed.solve(inside, outside)
        if bound <= best_value:
            continue
        meets = Counter(n for k in used for n in nodes[k])
        twice = {n for n, times in meets.items() if times > 1}
        halves = [k for k in used if len(nodes[k]) > 2 and not twice.isdisjoint(nodes[k])]
        if not halves:
            best_value, best = bound, used
            continue
        branch = max(halves, key=lambda k: (relaxed.value([k]), k))
        stack += [(inside, outside | {branch}), (inside | {branch}, outside)]
    return sorted(best), not stack


def fill(
    nodes: Sequence[tuple[int, ...]],
    weights: Sequence[int],
    begun: Iterable[int] = (),
    without: int = -1,
) -> list[int]:
    """Add to a packing what still fits, the heaviest first."""
    out = list(begun)
    taken = {n for k in out for n in nodes[k]}
    for k in sorted(range(len(nodes)), key=lambda k: (-weights[k], k)):
        if k != without and taken.isdisjoint(nodes[k]):
            taken.update(nodes[k])
            out.append(k)
    return out


def branch_and_bound(
    nodes: Sequence[tuple[int, ...]], weights: Sequence[int], steps: int
) -> tuple[list[int], bool]:
    """Best packing by include/exclude of the heaviest, cut by the sum of the best at each node."""
    order = sorted(range(len(nodes)), key=lambda k: (-weights[k], k))
    by_node: dict[int, int] = {}
    for rank, k in enumerate(order):
        for node in nodes[k]:
            by_node[node] = by_node.get(node, 0) | (1 << rank)
    conflict = [0] * len(order)
    for rank, k in enumerate(order):
        for node in nodes[k]:
            conflict[rank] |= by_node[node]
    weight = [weights[k] for k in order]
    # Any cover of the hypotheses by nodes bounds a packing: greedily the busiest nodes.
    cover: list[int] = []
    missing = (1 << len(order)) - 1
    for node in sorted(by_node, key=lambda n: (-by_node[n].bit_count(), n)):
        if by_node[node] & missing:
            cover.append(by_node[node] & missing)
            missing &= ~by_node[node]

    def bound(alive: int) -> int:
        total = 0
        for mask in cover:
            held = mask & alive
            if held:
                total += weight[(held & -held).bit_length() - 1]
        return total

    best, missing = 0, (1 << len(order)) - 1
    while missing:  # begin with the heaviest first
        rank = (missing & -missing).bit_length() - 1
        best |= 1 << rank
        missing &= ~conflict[rank]
    best_value = sum(weight[rank] for rank in range(len(order)) if best >> rank & 1)
    spent = 0
    stack = [((1 << len(order)) - 1, 0, 0)]
    while stack:
        alive, taken, value = stack.pop()
        spent += 1
        if value > best_value:
            best_value, best = value, taken
        if spent > steps:
            break
        if not alive or value + bound(alive) <= best_value:
            continue
        rank = (alive & -alive).bit_length() - 1
        stack.append((alive & ~(1 << rank), taken, value))
        stack.append((alive & ~conflict[rank], taken | (1 << rank), value + weight[rank]))
    picked = [order[rank] for rank in range(len(order)) if best >> rank & 1]
    return sorted(picked), spent <= steps
