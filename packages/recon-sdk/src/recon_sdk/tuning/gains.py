"""Gains and how far they can be trusted."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

import attrs
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.columns import Int64Array

__all__ = ["LEAST_GAIN", "Gain", "gain_of_folds", "gain_of_groups", "most_errors"]

LEAST_GAIN = 0.001
"""A gain below this is not worth other rules, however certain it is."""


@attrs.frozen
class Gain:
    """A difference with its standard error, both as shares.

    Attributes:
        mean: How much better.
        error: Its standard error.
    """

    mean: float
    error: float

    def is_worth(self, errors: float = 1.0) -> bool:
        """Whether it is larger than so many standard errors, and large enough to matter."""
        return self.mean > errors * self.error and self.mean >= LEAST_GAIN

    def __str__(self) -> str:
        return f"{100 * self.mean:+.2f} points (standard error {100 * self.error:.2f})"


def gain_of_groups(differences: Int64Array, groups: Int64Array) -> Gain:
    """Judge paired differences whose rows hang together within groups.

    Args:
        differences: Millionths, one for each row.
        groups: The group of each row; groups are independent of each other.
    """
    rows = len(differences)
    if not rows:
        return Gain(0.0, 0.0)
    # Sums of whole numbers are exact, so no order of adding matters.
    sums = np.bincount(groups, weights=differences)
    sizes = np.bincount(groups)
    mean = float(differences.sum()) / rows
    squares = math.fsum(((sums - mean * sizes) ** 2).tolist())
    return Gain(mean / 1e6, math.sqrt(squares) / rows / 1e6)


def gain_of_folds(differences: Sequence[float]) -> Gain:
    """Judge paired differences of folds."""
    mean = statistics.fmean(differences)
    return Gain(mean, statistics.stdev(differences) / math.sqrt(len(differences)))


def most_errors(seen: int) -> float:
    """Give how many errors are to be expected at most, at 95 % confidence, where some were seen.

    Source:
        Byar's approximation of the upper limit of a Poisson count (Breslow, Day: Statistical
        Methods in Cancer Research II, 1987).
    """
    n = seen + 1
    return float(n * (1 - 1 / (9 * n) + 1.645 / (3 * math.sqrt(n))) ** 3)
