"""Clean texts and give them codes in the one table that both sides share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from recon_sdk.columns import NO_TEXT, Int8Array, Int32Array, Int64Array, TextTable
from recon_sdk.currencies import EXPONENTS
from recon_sdk.reading.raw import Complaint, RawColumn, shown

__all__ = [
    "Coded",
    "TextIndex",
    "cleaned",
    "read_currencies",
    "read_directions",
    "read_percents",
]

_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?\s*%?", re.ASCII)
_DIRECTIONS = {"payable": -1, "receivable": 1}


@attrs.frozen(eq=False)
class Coded:
    """A column of clean texts.

    Attributes:
        values: Distinct texts; an empty one has no rows.
        codes: Index into `values` for each row, `NO_TEXT` where there is none.
    """

    values: Sequence[str]
    codes: Int32Array


def cleaned(column: RawColumn, *, iban: bool = False) -> Coded:
    """Strip texts, drop empty ones; account numbers lose inner blanks and become capitals."""
    values = column.values
    if iban:
        texts = ["".join(value.split()).upper() for value in values]
    else:
        texts = [value.strip() for value in values]
    if texts == values:
        codes = column.codes
        if "" in texts:
            codes = np.where(codes == texts.index(""), np.int32(NO_TEXT), codes)
        return Coded(values, codes)
    index = {"": NO_TEXT}
    remap = np.full(len(texts) + 1, NO_TEXT, np.int32)
    for position, text in enumerate(texts):
        remap[position] = index.setdefault(text, len(index) - 1)
    return Coded(list(index)[1:], remap[column.codes])


class TextIndex:
    """Collects the distinct texts of a ledger and gives each a code.

    Codes are given in the order in which texts first appear, so filling it in the order of the
    ledger's rows makes them independent of the order of arrival.
    """

    def __init__(self) -> None:
        self._index: defaultdict[str, int] = defaultdict()
        self._index.default_factory = self._index.__len__

    def encode(self, coded: Coded) -> Int32Array:
        """Give the shared code of each row."""
        codes = coded.codes
        absent = len(codes)
        first = np.full(len(coded.values) + 1, absent, np.int64)
        # The last slot takes the missing ones (-1). Of several rows the last assigned stays.
        first[codes[::-1]] = np.arange(absent - 1, -1, -1)
        order = _appearance(first[:-1], absent)
        values = coded.values
        texts = values if len(order) == len(values) and _is_range(order) else None
        found = map(self._index.__getitem__, texts or [values[i] for i in order.tolist()])
        shared = np.full(len(values) + 1, NO_TEXT, np.int32)
        shared[order] = np.fromiter(found, np.int32, len(order))
        return shared[codes]

    def table(self) -> TextTable:
        """Give the table of all texts so far."""
        return TextTable(list(self._index))


def _appearance(first: Int64Array, absent: int) -> Int64Array:
    """Order values by their first row; values without a row are left out."""
    if len(first) == 0 or (first[-1] < absent and bool((first[1:] > first[:-1]).all())):
        return np.arange(len(first))
    order = np.argsort(first, kind="stable")
    return order[: int(np.count_nonzero(first < absent))]


def _is_range(order: Int64Array) -> bool:
    return bool((order == np.arange(len(order))).all())


def read_currencies(
    column: RawColumn,
) -> tuple[list[str], Int32Array, Mapping[int, Complaint]]:
    """Read distinct currency texts.

    Returns:
        Codes in the order of their first appearance; for each text its index in them, -1 for empty
        and refused ones; why not, by index.
    """
    currencies: dict[str, int] = {}
    refused: dict[int, Complaint] = dict(column.refused)
    places = np.full(len(column.values), -1, np.int32)
    for index, value in enumerate(column.values):
        code = value.strip().upper()
        if code in EXPONENTS:
            places[index] = currencies.setdefault(code, len(currencies))
        elif code:
            refused.setdefault(
                index,
                Complaint(
                    f"{shown(value.strip())} is not a currency",
                    "give an ISO 4217 code such as EUR",
                ),
            )
    return list(currencies), places, refused


def read_directions(column: RawColumn, blank: int) -> tuple[Int8Array, Mapping[int, Complaint]]:
    """Read distinct direction texts: -1 payable, 1 receivable, `blank` for empty ones."""
    signs = np.full(len(column.values), blank, np.int8)
    refused: dict[int, Complaint] = dict(column.refused)
    for index, value in enumerate(column.values):
        text = value.strip()
        if text.lower() in _DIRECTIONS:
            signs[index] = _DIRECTIONS[text.lower()]
        elif text:
            refused.setdefault(
                index,
                Complaint(f"{shown(text)} is not a direction", "write payable or receivable"),
            )
    return signs, refused


def read_percents(column: RawColumn) -> tuple[Int32Array, Mapping[int, Complaint]]:
    """Read distinct percent texts as hundredths of a percent, -1 for empty ones."""
    hundredths = np.full(len(column.values), -1, np.int32)
    refused: dict[int, Complaint] = dict(column.refused)
    for index, value in enumerate(column.values):
        text = value.strip()
        if not text:
            continue
        found = _PERCENT.fullmatch(text)
        number = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else -1
        if 0 <= number <= 10_000:
            hundredths[index] = number
        else:
            refused.setdefault(
                index,
                Complaint(
                    f"{shown(text)} is not a percentage from 0 to 100 with at most two decimals",
                    "write it like 2 or 2.5",
                ),
            )
    return hundredths, refused
