"""Margins: what the best whole loses when one chosen hypothesis is forbidden.

The freed rows may go to another hypothesis, and whatever that one pushes out may move once more (one
exchange). A cheap upper bound settles the clear cases, so the exchange is searched only where a
margin could be small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from recon_sdk import BoolArray, Hypotheses, Int64Array

__all__ = ["margins"]


def margins(hypotheses: Hypotheses, chosen: BoolArray, enough: int) -> Int64Array:
    """Give the margin of each chosen hypothesis, in the order of their positions.

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
    contested = picked[out[picked] < enough]
    if len(contested):
        exact = _Exchange(hypotheses, chosen, node, hypothesis)
        for h in contested.tolist():
            out[h] = max(out[h], int(evidence[h]) - exact.replacement(h))
    del starts
    return np.maximum(out[picked], 0)


def _first_of_runs(node: Int64Array) -> tuple[Int64Array, Int64Array]:
    if len(node) == 0:
        return node, node
    first = np.flatnonzero(np.concatenate([[True], node[1:] != node[:-1]]))
    return node[first], first


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
