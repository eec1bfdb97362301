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

__all__ = ["STEPS_OF_ASSIGNMENT", "Relaxed", "branch_and_bound", "branch_on_groups"]

STEPS_OF_ASSIGNMENT = 100
"""What an assignment costs, in steps of plain branch and bound."""
_TIE_BITS = 12
_CELLS_OF_STEP = 2_000
"""Cells of a table that cost about as much as all else of a step."""
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
        self._unit = 1 << (_TIE_BITS + max(8, len(nodes).bit_length()))
        self._values = np.array(weights, np.int64) * self._unit + _ties(len(nodes))
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

        # The heaviest first.
        self._order = np.lexsort((np.arange(len(nodes)), -np.array(weights, np.int64))).tolist()

    @property
    def is_too_large(self) -> bool:
        """Whether the table is too large to be assigned at all."""
        return self._shape[0] * self._shape[1] > _MOST_CELLS

    def steps(self, most: int) -> int:
        """Give the number of assignments that a budget of steps allows, at least one."""
        cells = self._shape[0] * self._shape[1]
        return max(1, min(most // STEPS_OF_ASSIGNMENT, most * _CELLS_OF_STEP // max(1, cells)))

    def value(self, some: Sequence[int]) -> int:
        """Weights of some hypotheses with their ties, in one number."""
        return int(self._values[list(some)].sum())

    def most(self, weight: int) -> int:
        """The highest number that weights and their ties of this sum can have."""
        return (weight + 1) * self._unit - 1

    def weight(self, value: int) -> int:
        """Weights in such a number, without their ties."""
        return value // self._unit

    def halves(self, used: Sequence[int]) -> list[int]:
        """Groups among some hypotheses that overlap others of them."""
        meets = Counter(n for k in used for n in self.nodes[k])
        twice = {n for n, times in meets.items() if times > 1}
        if not twice:
            return []
        groups = [k for k in used if len(self.nodes[k]) > 2]
        return [k for k in groups if not twice.isdisjoint(self.nodes[k])]

    def without_halves(self, used: Sequence[int]) -> list[int]:
        """What of it does not overlap."""
        halves = set(self.halves(used))
        return [k for k in used if k not in halves]

    def filled(self, begun: Iterable[int], without: int = -1) -> list[int]:
        """Add to a packing what still fits, the heaviest first."""
        out = list(begun)
        taken = {n for k in out for n in self.nodes[k]}
        for k in self._order:
            if k != without and taken.isdisjoint(self.nodes[k]):
                taken.update(self.nodes[k])
                out.append(k)
        return out

    def begun(self) -> list[int]:
        """A packing to begin with: the greedy one, or what of an assignment is more."""
        greedy = self.filled(())
        if self.is_too_large:
            return greedy
        _, used = self.solve(frozenset(), frozenset())
        return max(greedy, self.filled(self.without_halves(used)), key=self.value)

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
        # Only rows and columns with an open cell; cells that nothing stands on earn nothing.
        row, column = _numbered(cell // self._shape[1]), _numbered(cell % self._shape[1])
        gain = np.zeros((row.max(initial=-1) + 1, column.max(initial=-1) + 1))
        which = np.full(gain.shape, -1, np.int64)
        gain[row, column], which[row, column] = self._values[owner], owner
        found = which[linear_sum_assignment(gain, maximize=True)]
        used = found[found >= 0].tolist()
        picked = [*used, *inside]
        return self.value(picked), picked


def branch_on_groups(
    relaxed: Relaxed,
    best: Sequence[int],
    steps: int,
    *,
    inside: frozenset[int] = frozenset(),
    outside: frozenset[int] = frozenset(),
    above: int = 0,
    enough: int | None = None,
) -> tuple[list[int], bool]:
    """Best packing by fixing groups in or out until no two that the assignment uses overlap.

    Args:
        relaxed: The hypotheses.
        best: A packing to begin with.
        steps: Most assignments that are solved.
        inside: Hypotheses that are part of it in any case; they do not overlap.
        outside: Hypotheses that are not to be had.
        above: Weight above which a packing is looked for; others are of no interest.
        enough: Weight that no packing can be above, where it is known.
    """
    if relaxed.is_too_large:
        return sorted(best), False
    best_value, spent = max(relaxed.value(best), relaxed.most(above)), 0
    stack = [(inside, outside)]
    while stack and spent < steps:
        inside, outside = stack.pop()
        spent += 1
        bound, used = relaxed.solve(inside, outside)
        if bound <= best_value:
            continue
        halves = relaxed.halves(used)
        if halves:
            branch = max(halves, key=lambda k: (relaxed.value([k]), k))
            stack += [(inside, outside | {branch}), (inside | {branch}, outside)]
            continue
        best_value, best = bound, used
        if enough is not None and relaxed.weight(bound) >= enough:
            return sorted(best), True
    return sorted(best), not stack


def _numbered(values: Int64Array) -> Int64Array:
    """Number the distinct values from 0 in their order."""
    return np.unique(values, return_inverse=True)[1]


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
