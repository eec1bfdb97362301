"""Typed columns: the form in which rules, blockers and engines see a ledger.

Shapes: every column of one side is one-dimensional and as long as the side. Units: amounts are
minor units (int64), dates are days since 1970-01-01 (int32), texts are codes (int32) into one
table of distinct values that both sides and all columns share, so equal codes mean equal texts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NO_AMOUNT",
    "NO_DATE",
    "NO_TEXT",
    "BoolArray",
    "FloatArray",
    "Int8Array",
    "Int32Array",
    "Int64Array",
    "StringArray",
    "TextTable",
    "UInt64Array",
    "as_day",
    "from_day",
    "strings",
]

BoolArray: TypeAlias = npt.NDArray[np.bool_]
FloatArray: TypeAlias = npt.NDArray[np.float64]
Int8Array: TypeAlias = npt.NDArray[np.int8]
Int32Array: TypeAlias = npt.NDArray[np.int32]
Int64Array: TypeAlias = npt.NDArray[np.int64]
UInt64Array: TypeAlias = npt.NDArray[np.uint64]
StringArray: TypeAlias = npt.NDArray[Any]
"""One-dimensional array of `numpy.dtypes.StringDType`."""

NO_TEXT = -1
"""Code of a missing text."""
NO_DATE = int(np.iinfo(np.int32).min)
"""Day of a missing date."""
NO_AMOUNT = int(np.iinfo(np.int64).min)
"""Minor units of a missing amount."""

_EPOCH = dt.date(1970, 1, 1).toordinal()


def as_day(value: dt.date | None) -> int:
    """Give days since 1970-01-01, `NO_DATE` for None."""
    return NO_DATE if value is None else value.toordinal() - _EPOCH


def from_day(day: int) -> dt.date | None:
    """Give the date of a day number, None for `NO_DATE`."""
    return None if day == NO_DATE else dt.date.fromordinal(int(day) + _EPOCH)


def strings(values: Iterable[str]) -> StringArray:
    """Build a compact array of strings."""
    return np.array(list(values), dtype=np.dtypes.StringDType())


@attrs.frozen(eq=False)
class TextTable:
    """The distinct texts of a ledger.

    Attributes:
        values: Distinct texts, none of them empty; a code is an index into it.
    """

    values: Sequence[str]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, code: int) -> str:
        """Give the text of a code, "" for `NO_TEXT`."""
        return "" if code == NO_TEXT else self.values[code]
