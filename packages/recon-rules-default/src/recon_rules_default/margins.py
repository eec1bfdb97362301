"""Margins: what the best whole loses when one chosen hypothesis is forbidden.

A cheap bound settles the clear cases: what brings more than all its rows could earn elsewhere is
in every best whole, with and without any other. So these stay where they are while another one is
forbidden, and what can still move falls into small pieces, for each of which the best whole is
searched for once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_rules_default.packing import labels, nodes_of
from recon_rules_default.searching import (
    STEPS_OF_ASSIGNMENT,
    Relaxed,
    branch_and_bound,
    branch_on_groups,
    fill,
)

if TYPE_CHECKING:
    from recon_sdk import BoolArray, Hypotheses, Int64Array

__all__ = ["margins"]

_FEW = 24
"""Hypotheses up to which plain branch and bound is the quickest."""
_STEPS = 2_000
_STEPS_OF_MANY = 20_000


def margins(
    hypotheses: Hypotheses, chosen: BoolArray, enough: int
) -> tuple[Int64Array, BoolArray]:
    """Give the margin of each chosen hypothesis, in the order of their positions.

    No margin is above the true one. It is below only where it is at least `enough` anyway, where a
    search ends at its budget, and where what is chosen is not the best whole.

    The second array says which are proven: what such a one brings is more than all its rows could
    earn elsewhere, so it is in every best whole, however the rest was searched.

    Args:
        hypotheses: All of them.
        chosen: Which are chosen.
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
    contested = picked[(bound[picked] < enough) & (bound[picked] < evidence[picked])]
    if len(contested):
        pieces = _Pieces(hypotheses, chosen, free | (chosen & ~proven))
        single = np.flatnonzero(waiting)
        single, waits_for = _grouped(single, highest[single])
        for h in contested.tolist():
            loss = pieces.loss(h, _run(single, waits_for, h) if proven[h] else None)
            bound[h] = max(int(bound[h]), loss)
    return np.maximum(bound[picked], 0), proven[picked]


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


class _Pieces:
    """What can move while one chosen hypothesis is forbidden and the proven ones stay."""

    def __init__(self, hypotheses: Hypotheses, chosen: BoolArray, moving: BoolArray) -> None:
        self._all = hypotheses
        self._chosen = chosen
        self._label = labels(hypotheses, moving)
        some = np.flatnonzero(moving)
        first = hypotheses.members[hypotheses.starts[some]]
        self._moving, self._piece = _grouped(some, self._label[first])
        self._large: dict[int, Relaxed] = {}

    def loss(self, h: int, released: Int64Array | None) -> int:
        """What the best whole loses without `h`, at least; 0 where the search found no end.

        Args:
            h: The forbidden one.
            released: What comes into play without it; None if it is one of those that can move.
        """
        found = self._all
        piece = -1
        if released is None:
            piece = int(self._label[found.members[found.starts[h]]])
            some = _run(self._moving, self._piece, piece)
        else:
            entered = [n for group in nodes_of(found, released) for n in group]
            pieces = sorted(set(self._label[entered].tolist()))
            parts = [_run(self._moving, self._piece, piece) for piece in pieces]
            some = np.sort(np.concatenate([released, *parts, [h]]))
        weights: list[int] = found.evidence[some].tolist()
        stays = np.flatnonzero(self._chosen[some] & (some != h)).tolist()
        now = int(found.evidence[h]) + sum(weights[k] for k in stays)
        at = int(np.searchsorted(some, h))
        if len(some) <= _FEW:
            nodes = nodes_of(found, some)
            del nodes[at], weights[at]
            picked, done = branch_and_bound(nodes, weights, _STEPS)
        else:
            relaxed = self._large.get(piece)
            if relaxed is None:
                relaxed = Relaxed(nodes_of(found, some), weights, found.invoices)
            if released is None:
                self._large[piece] = relaxed
            begun = fill(relaxed.nodes, weights, stays, at)
            if sum(weights[k] for k in begun) >= now:
                return 0
            steps = _STEPS_OF_MANY // STEPS_OF_ASSIGNMENT
            picked, done = branch_on_groups(relaxed, begun, steps, frozenset([at]))
        return now - sum(weights[k] for k in picked) if done else 0


def _grouped(values: Int64Array, keys: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Values and keys in the order of the keys."""
    order = np.argsort(keys, kind="stable")
    return values[order], keys[order]


def _run(values: Int64Array, keys: Int64Array, key: int) -> Int64Array:
    """The values of one key."""
    low, high = np.searchsorted(keys, [key, key + 1])
    return values[low:high]
