"""Alternatives: the runners-up of matches that a person will look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.engine.shapes import offsets, spread

if TYPE_CHECKING:
    from recon_sdk.columns import Int64Array
    from recon_sdk.engine.shapes import Shapes

__all__ = ["runners_up"]


def runners_up(
    shapes: Shapes, chosen: Int64Array, reasons: Int64Array, most: int
) -> tuple[Int64Array, Int64Array]:
    """Find the best losing hypotheses that share a row with a match for review.

    Returns:
        Positions in `shapes`, and for each the position in `chosen` of the match that it would
        replace; by that position, best first.
    """
    looked_at = np.flatnonzero(reasons != 0)
    if len(looked_at) == 0:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing
    shape, invoice, transaction = shapes.pairs()
    top = int(invoice.max()) + 1 if len(invoice) else 0
    node = np.concatenate([invoice, transaction + top])
    owner = np.concatenate([shape, shape])
    is_chosen = np.zeros(len(shapes), bool)
    is_chosen[chosen] = True
    losing = ~is_chosen[owner] & (shapes.evidence[owner] > 0)
    order = np.argsort(node[losing], kind="stable")
    lost_node, lost = node[losing][order], owner[losing][order]

    mine = shapes.take(chosen[looked_at])
    own_shape, own_invoice, own_transaction = mine.pairs()
    wanted = np.concatenate([own_invoice, own_transaction + top])
    claim = np.concatenate([own_shape, own_shape])
    lo = np.searchsorted(lost_node, wanted)
    count = np.searchsorted(lost_node, wanted, side="right") - lo
    rival = lost[spread(lo, count)]
    claim = np.repeat(claim, count)
    order = np.lexsort((rival, -shapes.evidence[rival], claim))
    rival, claim = rival[order], claim[order]
    # A rival that shares two rows with a match stands once.
    fresh = np.ones(len(rival), bool)
    fresh[1:] = (rival[1:] != rival[:-1]) | (claim[1:] != claim[:-1])
    rival, claim = rival[fresh], claim[fresh]
    starts = offsets(np.bincount(claim, minlength=len(looked_at)))
    rank = np.arange(len(claim)) - starts[claim]
    kept = rank < most
    rival, claim = rival[kept], claim[kept]
    # A rival of several matches is shown once, with the first of them.
    order = np.argsort(rival, kind="stable")
    ordered = rival[order]
    first = order[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(rival) else order
    first = np.sort(first)
    return rival[first], looked_at[claim[first]]
