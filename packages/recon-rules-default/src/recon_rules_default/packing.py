"""Set packing: the best whole of hypotheses that may not overlap.

Exact where it counts: hypotheses that must be in some best whole are peeled off in array rounds;
what is left falls into components, each solved by branch and bound within a budget of steps. Small
ones are bounded by the best at each node; larger ones by a linear assignment in which a group may
be had for any one of its pairs, which is exact as soon as no group is used that way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk import BoolArray

if TYPE_CHECKING:
    from recon_sdk import Hypotheses, Int64Array

__all__ = ["Packing", "branch_and_bound", "pack_best", "pack_greedy"]

_TIE_BITS = 20
_SMALL = 16
_STEPS_OF_ASSIGNMENT = 100


@attrs.frozen(eq=False)
class Packing:
    """A choice of hypotheses.

    Attributes:
        chosen: Mask over all hypotheses.
        complete: Mask: false where a component's search ended at its budget.
    """

    chosen: BoolArray
    complete: BoolArray


class _Incidence:
    """Which hypotheses meet at which node, best first."""

    def __init__(self, hypotheses: Hypotheses) -> None:
        self.owner = np.repeat(np.arange(len(hypotheses)), hypotheses.sizes)
        order = np.lexsort((self.owner, -hypotheses.evidence[self.owner], hypotheses.members))
        self.node = hypotheses.members[order]
        self.hypothesis = self.owner[order]


def _rounds(hypotheses: Hypotheses, alive: BoolArray, chosen: BoolArray, *, exact: bool) -> None:
    """Take hypotheses that are best at all their nodes, until none is left; update the masks.

    With `exact`, only those that also outweigh the second best at all their nodes together: they
    are in some best whole.
    """
    incidence = _Incidence(hypotheses)
    node, hypothesis = incidence.node, incidence.hypothesis
    evidence, sizes = hypotheses.evidence, hypotheses.sizes
    while True:
        kept = alive[hypothesis]
        node, hypothesis = node[kept], hypothesis[kept]
        if len(node) == 0:
            return
        first = np.concatenate([[True], node[1:] != node[:-1]])
        wins = np.bincount(hypothesis[first], minlength=len(alive))
        take = alive & (wins == sizes)
        if exact:
            second = np.zeros(len(node), np.int64)
            following = np.flatnonzero(first[:-1] & ~first[1:])
            second[following] = evidence[hypothesis[following + 1]]
            rest = np.bincount(
                hypothesis[first], weights=second[first].astype(np.float64), minlength=len(alive)
            )
            take &= evidence >= rest
        if not np.any(take):
            return
        chosen |= take
        used = np.zeros(int(node.max()) + 1, bool)
        used[node[take[hypothesis]]] = True
        alive[hypothesis[used[node]]] = False


def pack_greedy(hypotheses: Hypotheses) -> Packing:
    """Highest evidence first."""
    alive = hypotheses.evidence > 0
    chosen = np.zeros(len(hypotheses), bool)
    _rounds(hypotheses, alive, chosen, exact=False)
    return Packing(chosen, np.ones(len(hypotheses), bool))


def pack_best(hypotheses: Hypotheses, steps: int) -> Packing:
    """The highest total evidence, within a budget of steps for each component."""
    alive = hypotheses.evidence > 0
    chosen = np.zeros(len(hypotheses), bool)
    complete = np.ones(len(hypotheses), bool)
    _rounds(hypotheses, alive, chosen, exact=True)
    left = np.flatnonzero(alive)
    if len(left) == 0:
        return Packing(chosen, complete)
    starts, members = hypotheses.starts, hypotheses.members
    for component in _components(hypotheses, left):
        nodes = [tuple(members[starts[h] : starts[h + 1]].tolist()) for h in component]
        weights = hypotheses.evidence[component].tolist()
        if len(component) <= _SMALL:
            picked, done = branch_and_bound(nodes, weights, steps)
        else:
            picked, done = _branch_on_groups(
                nodes, weights, hypotheses.invoices, max(1, steps // _STEPS_OF_ASSIGNMENT)
            )
        chosen[[component[k] for k in picked]] = True
        if not done:
            complete[component] = False
    return Packing(chosen, complete)


def _components(hypotheses: Hypotheses, left: Int64Array) -> list[list[int]]:
    """Connected components of the remaining hypotheses, each ascending, by first member."""
    parent: dict[int, int] = {}

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    starts, members = hypotheses.starts, hypotheses.members
    for h in left.tolist():
        nodes = members[starts[h] : starts[h + 1]].tolist()
        for node in nodes:
            parent.setdefault(node, node)
        top = root(nodes[0])
        for node in nodes[1:]:
            parent[root(node)] = top
    groups: dict[int, list[int]] = {}
    for h in left.tolist():
        groups.setdefault(root(int(members[starts[h]])), []).append(h)
    return sorted(groups.values())


def _tie(position: int) -> int:
    """A fixed pseudo-random number for a position, so that a best whole is unique."""
    z = (position * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & ((1 << 64) - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & ((1 << 64) - 1)
    return z >> (64 - _TIE_BITS + 8)


class _Relaxed:
    """The assignment of one component in which a group counts as any one of its pairs."""

    def __init__(self, nodes: list[tuple[int, ...]], weights: list[int], invoices: int) -> None:
        every = sorted({n for group in nodes for n in group})
        self._left = {n: k for k, n in enumerate(n for n in every if n < invoices)}
        self._right = {n: k for k, n in enumerate(n for n in every if n >= invoices)}
        self.nodes = nodes
        self.values = [w * (1 << _TIE_BITS) + _tie(k) for k, w in enumerate(weights)]
        # Lightest first, so that of several on one cell the heaviest stands.
        self._cells = [
            (self._left[i], self._right[t], k)
            for k in sorted(range(len(nodes)), key=lambda k: self.values[k])
            for i in nodes[k]
            if i < invoices
            for t in nodes[k]
            if t >= invoices
        ]

    def solve(self, inside: frozenset[int], outside: frozenset[int]) -> tuple[int, list[int]]:
        """Value and members of the best relaxed choice with some groups fixed in or out."""
        from scipy.optimize import linear_sum_assignment

        gain = np.zeros((len(self._left), len(self._right)))
        which = np.full(gain.shape, -1, np.int64)
        taken = {n for k in inside for n in self.nodes[k]}
        for row, column, k in self._cells:
            if k not in outside and k not in inside and taken.isdisjoint(self.nodes[k]):
                gain[row, column] = self.values[k]
                which[row, column] = k
        rows, columns = linear_sum_assignment(gain, maximize=True)
        used = [int(k) for k in which[rows, columns] if k >= 0]
        return sum(self.values[k] for k in (*used, *inside)), sorted({*used, *inside})


def _branch_on_groups(
    nodes: list[tuple[int, ...]], weights: list[int], invoices: int, steps: int
) -> tuple[list[int], bool]:
    """Best packing by fixing groups in or out until the relaxed assignment uses none by halves."""
    relaxed = _Relaxed(nodes, weights, invoices)
    best_value, best, spent = -1, _greedy(nodes, weights), 0
    best_value = sum(relaxed.values[k] for k in best)
    stack: list[tuple[frozenset[int], frozenset[int]]] = [(frozenset(), frozenset())]
    while stack and spent < steps:
        inside, outside = stack.pop()
        spent += 1
        bound, used = relaxed.solve(inside, outside)
        if bound <= best_value:
            continue
        open_groups = [k for k in used if len(nodes[k]) > 2 and k not in inside]
        if not open_groups:
            best_value, best = bound, used
            continue
        branch = max(open_groups, key=lambda k: (relaxed.values[k], k))
        stack.append((inside, outside | {branch}))
        if all(set(nodes[branch]).isdisjoint(nodes[k]) for k in inside):
            stack.append((inside | {branch}, outside))
    return sorted(best), not stack


def _greedy(nodes: list[tuple[int, ...]], weights: list[int]) -> list[int]:
    taken: set[int] = set()
    out = []
    for k in sorted(range(len(nodes)), key=lambda k: (-weights[k], k)):
        if taken.isdisjoint(nodes[k]):
            taken.update(nodes[k])
            out.append(k)
    return out


def branch_and_bound(
    nodes: list[tuple[int, ...]], weights: list[int], steps: int
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
    taken, spent = 0, 0
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
