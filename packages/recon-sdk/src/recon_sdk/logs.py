"""Natural logarithms in integers: the same on every machine.

Evidence is counted in thousandths of a natural-log unit ("millinats"). Floating-point logarithms
may differ in the last bit between processors and libraries; these come from one table and are
exact functions of integers, so no last bit decides anything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from recon_sdk.columns import FloatArray, Int64Array

__all__ = ["ilog", "log_probability", "millinats"]

_BITS = 12
_TABLE = np.array(
    [round(math.log((k + 0.5) / (2 << _BITS)) * 1_000_000) for k in range(1 << _BITS, 2 << _BITS)],
    np.int64,
)
_LN2 = 693_147
_PER_UNIT = 1_000_000_000


def ilog(values: Int64Array) -> Int64Array:
    """Natural logarithm of integers of at least 1, in millinats; 0 and less count as 1.

    Source:
        `ln(m * 2**e) = ln(m) + e ln 2`, with the mantissa `m` read from a table of 4,096 steps;
        the error is below a millinat.
    """
    mantissa, exponent = np.frexp(np.maximum(values, 1).astype(np.float64))
    at = (mantissa * (2 << _BITS)).astype(np.int64) - (1 << _BITS)
    micros = _TABLE[at] + exponent.astype(np.int64) * _LN2
    return np.where(values <= 1, 0, (micros + 500) // 1000)


def log_probability(values: FloatArray) -> Int64Array:
    """Natural logarithm of probabilities, in millinats.

    0 gives about -20.7 nats and counts as none. Probabilities are first rounded to
    thousand-millionths.
    """
    return ilog(np.rint(values * _PER_UNIT).astype(np.int64)) - millinats(_PER_UNIT)


def millinats(ratio: float) -> int:
    """Natural logarithm of a constant, in millinats."""
    return round(math.log(ratio) * 1000)
