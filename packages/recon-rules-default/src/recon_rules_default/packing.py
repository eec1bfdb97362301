"""Set packing: the best whole of hypotheses that may not overlap.

Exact where it counts: hypotheses that must be in some best whole are peeled off in array rounds;
what is left falls into components, each searched within a budget of steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_rules_default.searching import (
    Relaxed,
    branch_and_bound,
    branch_on_groups,
)
from recon_sdk import BoolArray

if TYPE_CHECKING:
    from recon_sdk import Hypotheses, Int64Array

__all__ = ["Packing", "labels", "nodes_of", "pack_best", "pack_greedy"]

_SMALL = 16
"""Hypotheses up to which plain branch and bound is the quickest."""
_DENSE = 8
"""Members for each wanted hypothesis up to which a whole stretch is unpacked at once."""


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
    for component in _components(hypotheses, alive):
        nodes = nodes_of(hypotheses, component)
        weights = hypotheses.evidence[component].tolist()
        if len(component) <= _SMALL:
            picked, done = branch_and_bound(nodes, weights, steps)
        else:
            relaxed = Relaxed(nodes, weights, hypotheses.invoices)
            picked, done = branch_on_groups(relaxed, relaxed.begun(), relaxed.steps(steps))
        chosen[component[picked]] = True
        if not done:
            complete[component] = False
    return Packing(chosen, complete)


def nodes_of(hypotheses: Hypotheses, some: Int64Array) -> list[tuple[int, ...]]:
    """Give the members of some hypotheses."""
    starts, ends = hypotheses.starts[some].tolist(), hypotheses.starts[some + 1].tolist()
    members = hypotheses.members
    if len(some) == 0:
        return []
    low, high = min(starts), max(ends)
    if high - low <= _DENSE * len(some):
        near = members[low:high].tolist()
        return [tuple(near[a - low : b - low]) for a, b in zip(starts, ends, strict=True)]
    return [tuple(members[a:b].tolist()) for a, b in zip(starts, ends, strict=True)]


def labels(hypotheses: Hypotheses, alive: BoolArray) -> Int64Array:
    """Number the connected components of some hypotheses: for each node the lowest one with it.

    Nodes that no hypothesis joins to others are their own component.
    """
    label = np.arange(hypotheses.invoices + hypotheses.transactions)
    kept = np.flatnonzero(alive)
    if len(kept) == 0:
        return label
    sizes = hypotheses.sizes
    inside = np.repeat(alive, sizes)
    node = hypotheses.members[inside]
    first = np.repeat(hypotheses.members[hypotheses.starts[kept]], sizes[kept])
    while True:
        one, other = label[first], label[node]
        apart = one != other
        if not np.any(apart):
            return label
        first, node, one, other = first[apart], node[apart], one[apart], other[apart]
        # Both are the lowest of their trees; the higher one is hung below the lower one.
        np.minimum.at(label, np.maximum(one, other), np.minimum(one, other))
        while np.any((above := label[label]) != label):
            label = above


def _components(hypotheses: Hypotheses, alive: BoolArray) -> list[Int64Array]:
    """Connected components of the remaining hypotheses, each ascending, by lowest member."""
    left = np.flatnonzero(alive)
    if len(left) == 0:
        return []
    label = labels(hypotheses, alive)[hypotheses.members[hypotheses.starts[left]]]
    order = np.argsort(label, kind="stable")
    ordered = label[order]
    return np.split(left[order], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)
