"""Margins: what the best whole loses when one chosen hypothesis is forbidden.

A cheap bound settles the clear cases: what brings more than all its rows could earn elsewhere is
in every best whole, with and without any other. So these stay where they are while another one is
forbidden, and what can still move falls into small pieces, for each of which the best whole is
searched for once more. What is known to lose more than the match in question stays as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_rules_default.packing import labels, nodes_of
from recon_rules_default.searching import (
    Relaxed,
    branch_and_bound,
    branch_on_groups,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk import BoolArray, Hypotheses, Int64Array

__all__ = ["margins"]

_FEW = 24
"""Hypotheses up to which plain branch and bound is the quickest."""
_STEPS = 2_000
_STEPS_OF_MANY = 40_000


def margins(
    hypotheses: Hypotheses, chosen: BoolArray, complete: BoolArray, enough: int
) -> tuple[Int64Array, BoolArray]:
    """Give the margin of each chosen hypothesis, in the order of their positions.

    No margin is above the true one. It is below only where it is at least `enough` anyway, where a
    search ends at its budget, and where what is chosen is not the best whole.

    The second array says which are proven: what such a one brings is more than all its rows could
    earn elsewhere, so it is in every best whole, however the rest was searched.

    Args:
        hypotheses: All of them.
        chosen: Which are chosen.
        complete: Of which of them the choice is known to be the best.
        enough: Margins that are at least this large need not be exact.
    """
    evidence, members = hypotheses.evidence, hypotheses.members
    owner = np.repeat(np.arange(len(hypotheses)), hypotheses.sizes)
    rest = ~chosen & (evidence > 0)
    bound = evidence - _rivals(hypotheses, chosen, owner, rest[owner])
    proven = chosen & (bound > 0)
    picked = np.flatnonzero(chosen)
    if np.all(bound[picked] >= enough):
        return bound[picked], proven[picked]

    # The proven ones stay. Each other hypothesis is blocked by none, one or several of them: by
    # none, it is free to move; by one only, it waits until that one is forbidden.
    holder = np.full(hypotheses.invoices + hypotheses.transactions, -1, np.int64)
    held = proven[owner]
    holder[members[held]] = owner[held]
    blocking = holder[members]
    highest = np.full(len(hypotheses), -1, np.int64)
    np.maximum.at(highest, owner, blocking)
    several = np.zeros(len(hypotheses), bool)
    several[owner[(blocking >= 0) & (blocking != highest[owner])]] = True
    free = rest & (highest < 0)
    waiting = rest & (highest >= 0) & ~several
    in_play = free[owner] | (waiting[owner] & (blocking >= 0))
    bound = evidence - _rivals(hypotheses, chosen, owner, in_play)
    least = np.maximum(bound, 0)
    contested = picked[(bound[picked] < enough) & (bound[picked] < evidence[picked])]
    if len(contested):
        pieces = _Pieces(hypotheses, chosen, complete, free | (chosen & ~proven), enough)
        pieces.settle_moving(contested[~proven[contested]], least)
        single = np.flatnonzero(waiting)
        pieces.settle_proven(
            contested[proven[contested]], least, *_grouped(single, highest[single])
        )
    return least[picked], proven[picked]


def _rivals(
    hypotheses: Hypotheses, chosen: BoolArray, owner: Int64Array, in_play: BoolArray
) -> Int64Array:
    """Upper bound of what the rows of each chosen one can earn elsewhere: the best at each row."""
    members = hypotheses.members
    best = np.zeros(hypotheses.invoices + hypotheses.transactions, np.int64)
    np.maximum.at(best, members[in_play], hypotheses.evidence[owner[in_play]])
    taken = chosen[owner]
    total = np.zeros(len(hypotheses), np.int64)
    np.add.at(total, owner[taken], best[members[taken]])
    return total


class _Part:
    """Hypotheses that can move together."""

    def __init__(self, hypotheses: Hypotheses, chosen: BoolArray, some: Int64Array) -> None:
        self.some = some
        self.nodes = nodes_of(hypotheses, some)
        self.weights: list[int] = hypotheses.evidence[some].tolist()
        self.stays: list[int] = np.flatnonzero(chosen[some]).tolist()
        self.now = self.total(self.stays)

    def total(self, picked: Iterable[int]) -> int:
        """Evidence of some of them."""
        return sum(self.weights[k] for k in picked)


class _Pieces:
    """What can move while one chosen hypothesis is forbidden and the proven ones stay."""

    def __init__(
        self,
        hypotheses: Hypotheses,
        chosen: BoolArray,
        complete: BoolArray,
        moving: BoolArray,
        enough: int,
    ) -> None:
        self._all = hypotheses
        self._enough = enough
        self._chosen = chosen
        self._complete = complete
        self._label = labels(hypotheses, moving)
        some = np.flatnonzero(moving)
        self._moving, self._piece = _grouped(some, self._piece_of(some))
        self._loses = np.full(len(hypotheses), -1, np.int64)

    def _piece_of(self, some: Int64Array) -> Int64Array:
        return self._label[self._all.members[self._all.starts[some]]]

    def settle_moving(self, some: Int64Array, least: Int64Array) -> None:
        """Raise the lower bounds of chosen ones that can move to what is truly lost."""
        some, of = _grouped(some, self._piece_of(some))
        for piece in sorted(set(of.tolist())):
            part = _Part(self._all, self._chosen, _run(self._moving, self._piece, piece))
            self._settle(part, _run(some, of, piece), least)

    def settle_proven(
        self, some: Int64Array, least: Int64Array, waiting: Int64Array, waits_for: Int64Array
    ) -> None:
        """Likewise for proven ones, each with what comes into play without it."""
        for h in some.tolist():
            released = _run(waiting, waits_for, h)
            entered = [n for group in nodes_of(self._all, released) for n in group]
            pieces = sorted(set(self._label[entered].tolist()))
            moving = [_run(self._moving, self._piece, piece) for piece in pieces]
            part = _Part(
                self._all, self._chosen, np.sort(np.concatenate([released, *moving, [h]]))
            )
            self._settle(part, np.array([h]), least)

    def _settle(self, part: _Part, some: Int64Array, least: Int64Array) -> None:
        places = np.searchsorted(part.some, some).tolist()
        if len(part.some) <= _FEW:
            for h, at in zip(some.tolist(), places, strict=True):
                nodes, weights = part.nodes.copy(), part.weights.copy()
                del nodes[at], weights[at]
                picked, done = branch_and_bound(nodes, weights, _STEPS)
                if done:
                    self._found(h, part.now - sum(weights[k] for k in picked), least)
            return
        relaxed = Relaxed(part.nodes, part.weights, self._all.invoices)
        if relaxed.is_too_large:
            return
        # One assignment for each gives a lower bound, and what it uses a first answer.
        still: list[tuple[int, int, int, list[int]]] = []
        for h, at in zip(some.tolist(), places, strict=True):
            bound, used = relaxed.solve(frozenset(), frozenset([at]))
            self._found(h, part.now - relaxed.weight(bound), least)
            stays = [k for k in part.stays if k != at]
            begun = max(
                (relaxed.filled(begin, at) for begin in (stays, relaxed.without_halves(used))),
                key=part.total,
            )
            most = min(part.now - part.total(begun), self._enough)
            if least[h] < most:
                still.append((most, h, at, begun))
        # The exact margin is looked for only where the whole is known to be the best, and all of
        # a piece share one budget; a lower bound is what is left without.
        sure = bool(np.all(self._complete[part.some]))
        if not sure or not still:
            return
        still.sort(key=lambda one: (-one[0], one[1]))
        allowed = max(1, relaxed.steps(_STEPS_OF_MANY) // len(still))
        for most, h, at, begun in still:
            # What is known to lose as much stays: without it nothing better can be had.
            loses = self._loses[part.some[part.stays]].tolist()
            held = [
                k for k, loss in zip(part.stays, loses, strict=True) if loss >= most and k != at
            ]
            picked, done = branch_on_groups(
                relaxed,
                begun,
                allowed,
                inside=frozenset(held),
                outside=frozenset([at]),
                above=part.now - most,
                enough=part.now - int(least[h]),
            )
            if done:
                self._found(h, min(most, part.now - part.total(picked)), least)

    def _found(self, h: int, loss: int, least: Int64Array) -> None:
        self._loses[h] = max(int(self._loses[h]), loss)
        least[h] = max(int(least[h]), loss)


def _grouped(values: Int64Array, keys: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Values and keys in the order of the keys."""
    order = np.argsort(keys, kind="stable")
    return values[order], keys[order]


def _run(values: Int64Array, keys: Int64Array, key: int) -> Int64Array:
    """The values of one key."""
    low, high = np.searchsorted(keys, [key, key + 1])
    return values[low:high]
