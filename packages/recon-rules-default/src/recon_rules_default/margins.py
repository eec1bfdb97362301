"""Margins: what the best whole loses when one chosen hypothesis is forbidden.

A cheap bound settles the clear cases. Where a margin could be small and the hypotheses that hang
together are few, the best whole without it is searched for; where they are many, the freed rows
may go to another hypothesis, and whatever that one pushes out may move once more (one exchange).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_rules_default.packing import branch_and_bound

if TYPE_CHECKING:
    from recon_sdk import BoolArray, Hypotheses, Int64Array

__all__ = ["margins"]

_MOST_TOGETHER = 24
_STEPS = 2_000


def margins(
    hypotheses: Hypotheses, chosen: BoolArray, enough: int
) -> tuple[Int64Array, BoolArray]:
    """Give the margin of each chosen hypothesis, in the order of their positions.

    The second array says which are proven: what such a one brings is more than all its rows could
    earn elsewhere, so it is in every best whole, however the rest was searched.

    Args:
        hypotheses: All of them.
        chosen: Which are chosen.
        enough: Margins that are at least this large need not be exact.
    """
    evidence, starts, members = hypotheses.evidence, hypotheses.starts, hypotheses.members
    owner = np.repeat(np.arange(len(hypotheses)), hypotheses.sizes)
    usable = (evidence > 0)[owner]
    order = np.lexsort((owner[usable], -evidence[owner[usable]], members[usable]))
    node, hypothesis = members[usable][order], owner[usable][order]

    # Upper bound of what the freed rows can earn elsewhere: the best other at each row.
    rival = np.zeros(len(hypotheses), np.int64)
    other = np.flatnonzero(~chosen[hypothesis])
    nodes_with, first = _first_of_runs(node[other])
    best_other = evidence[hypothesis[other[first]]]
    picked = np.flatnonzero(chosen)
    entry = chosen[owner]
    at = np.searchsorted(nodes_with, members[entry])
    at = np.minimum(at, max(len(nodes_with) - 1, 0))
    if len(nodes_with):
        gain = np.where(nodes_with[at] == members[entry], best_other[at], 0)
        np.add.at(rival, owner[entry], gain)
    out = evidence - rival
    proven = out[picked] > 0
    contested = picked[out[picked] < enough]
    if len(contested):
        exchange = _Exchange(hypotheses, chosen, node, hypothesis)
        together = _Together(hypotheses, chosen)
        for h in contested.tolist():
            loss = together.loss(h)
            if loss is None:
                loss = max(int(out[h]), int(evidence[h]) - exchange.replacement(h))
            out[h] = loss
    del starts
    return np.maximum(out[picked], 0), proven


def _first_of_runs(node: Int64Array) -> tuple[Int64Array, Int64Array]:
    if len(node) == 0:
        return node, node
    first = np.flatnonzero(np.concatenate([[True], node[1:] != node[:-1]]))
    return node[first], first


class _Together:
    """Answers for small sets of hypotheses that hang together, exactly."""

    def __init__(self, hypotheses: Hypotheses, chosen: BoolArray) -> None:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        self._hypotheses = hypotheses
        self._chosen = chosen
        usable = np.flatnonzero(hypotheses.evidence > 0)
        count, nodes = len(hypotheses), hypotheses.invoices + hypotheses.transactions
        owner = np.repeat(np.arange(count), hypotheses.sizes)
        edge = hypotheses.evidence[owner] > 0
        graph = coo_array(
            (np.ones(int(edge.sum()), bool), (owner[edge], hypotheses.members[edge] + count)),
            shape=(count + nodes, count + nodes),
        )
        _, label = connected_components(graph, directed=False)
        self._label = label[:count]
        self._order = usable[np.argsort(self._label[usable], kind="stable")]
        self._sorted = self._label[self._order]

    def loss(self, h: int) -> int | None:
        """What the best whole loses without `h`; None where too many hang together with it."""
        lo, hi = np.searchsorted(self._sorted, [self._label[h], self._label[h] + 1])
        if hi - lo > _MOST_TOGETHER:
            return None
        found = self._hypotheses
        others = [k for k in self._order[lo:hi].tolist() if k != h]
        nodes = [
            tuple(found.members[found.starts[k] : found.starts[k + 1]].tolist()) for k in others
        ]
        weights = found.evidence[others].tolist()
        picked, complete = branch_and_bound(nodes, weights, _STEPS)
        now = int(found.evidence[[k for k in others if self._chosen[k]]].sum())
        now += int(found.evidence[h])
        return max(0, now - sum(weights[k] for k in picked)) if complete else None


class _Exchange:
    """Answers what the rows of a forbidden hypothesis can earn with one exchange."""

    def __init__(
        self,
        hypotheses: Hypotheses,
        chosen: BoolArray,
        node: Int64Array,
        hypothesis: Int64Array,
    ) -> None:
        self._weight = hypotheses.evidence.tolist()
        self._starts = hypotheses.starts
        self._members = hypotheses.members
        self._chosen = chosen
        self._holder: dict[int, int] = {}
        for h in np.flatnonzero(chosen).tolist():
            for n in self._nodes(h):
                self._holder[n] = h
        self._node = node
        self._hypothesis = hypothesis

    def _nodes(self, h: int) -> list[int]:
        found: list[int] = self._members[self._starts[h] : self._starts[h + 1]].tolist()
        return found

    def _at(self, n: int) -> list[int]:
        lo, hi = np.searchsorted(self._node, [n, n + 1])
        found: list[int] = self._hypothesis[lo:hi].tolist()
        return found

    def replacement(self, h: int) -> int:
        """Best total that the rows of `h` and their neighbours can win without `h`."""
        freed = set(self._nodes(h))
        options = {a for n in freed for a in self._at(n) if a != h}
        moves = [move for a in options if (move := self._move(a, h, freed)) is not None]
        moves.sort(key=lambda m: -m[0])
        best = 0
        for k, (gain, used) in enumerate(moves):
            if gain <= 0:
                break
            total, taken = gain, set(used)
            for more, others in moves[k + 1 :]:
                if more <= 0:
                    break
                if not taken & others:
                    total += more
                    taken |= others
            best = max(best, total)
        return best

    def _move(self, a: int, h: int, freed: set[int]) -> tuple[int, set[int]] | None:
        """Gain of putting `a` in the place of `h`, with what it pushes out moved once."""
        mine = set(self._nodes(a))
        pushed = {self._holder[n] for n in mine if n in self._holder} - {h}
        gain, used = self._weight[a], set(mine)
        for c in sorted(pushed):
            gain -= self._weight[c]
            room = set(self._nodes(c)) - mine
            used |= set(self._nodes(c))
            refill, taken = 0, set()
            for n in room:
                for b in self._at(n):
                    nodes = set(self._nodes(b))
                    if b in (c, h) or nodes & mine or self._weight[b] <= refill:
                        continue
                    if all(m in room or m in freed or m not in self._holder for m in nodes):
                        refill, taken = self._weight[b], nodes
                        break
            gain += refill
            used |= taken
        return gain, used
