"""The default assigner: nothing, the highest first, or the best whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_rules_default.margins import margins
from recon_rules_default.packing import pack_best, pack_greedy
from recon_sdk import Assignment, Strategy

if TYPE_CHECKING:
    from recon_sdk import Hypotheses, Limits

__all__ = ["ENOUGH", "BestWhole"]

ENOUGH = 12_000
"""Margins above this need not be exact: no policy asks for more."""


@attrs.frozen
class BestWhole:
    """Chooses by evidence; the strategy says how hard it looks."""

    name: str = "best_whole"
    version: str = "1"

    def assign(self, hypotheses: Hypotheses, strategy: Strategy, limits: Limits) -> Assignment:
        """Choose hypotheses that do not overlap, and measure how clear each choice is."""
        if strategy is Strategy.RANK or len(hypotheses) == 0:
            nothing = np.zeros(0, np.int64)
            return Assignment(chosen=nothing, margin=nothing, complete=nothing.astype(bool))
        best = np.zeros(len(hypotheses), bool)
        if strategy is Strategy.GREEDY:
            packing = pack_greedy(hypotheses)
        else:
            packing = pack_best(hypotheses, limits.search_steps)
            best = packing.complete
        chosen = np.flatnonzero(packing.chosen)
        margin, proven = margins(hypotheses, packing.chosen, best, ENOUGH)
        return Assignment(chosen=chosen, margin=margin, complete=packing.complete[chosen] | proven)
