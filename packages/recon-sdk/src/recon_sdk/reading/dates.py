"""Read date texts as people write them, without guessing day and month.

Year first is always read so, and dates with points are day first. With slashes or dashes the other
dates of the file have to prove the order (a 28 can only be a day), or the caller says it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import attrs
import numpy as np

from recon_sdk.columns import NO_DATE, Int32Array, as_day
from recon_sdk.reading.raw import Complaint, RawColumn, shown

__all__ = ["DateTexts", "DayOrder", "day_order", "read_dates"]

_FIRST_YEAR = 1900
_TIME = r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}.*)?"
_YEAR_FIRST = re.compile(
    r"(?:([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2}))" + _TIME
)
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})" + _TIME)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}" + _TIME)

DayOrder = Literal["iso", "dmy", "mdy", "", "mixed"]
"""Order in a column; `""`: nothing proves one; `mixed`: as much proves one as the other."""


@attrs.frozen(eq=False)
class DateTexts:
    """Distinct date texts, read.

    Attributes:
        days: Days since 1970-01-01; `NO_DATE` for empty and refused ones.
        refused: Why not, by index.
        undecided: Texts whose day and month nothing tells apart, by index.
    """

    days: Int32Array
    refused: Mapping[int, Complaint]
    undecided: Sequence[int]


def day_order(columns: Iterable[RawColumn], given: str | None) -> DayOrder:
    """Find the order of day and month in columns of one file from their distinct texts."""
    if given in ("iso", "dmy", "mdy"):
        return "iso" if given == "iso" else "dmy" if given == "dmy" else "mdy"
    day_first = month_first = 0
    for column in columns:
        for value in column.values:
            found = _YEAR_LAST.fullmatch(value.strip())
            if found is not None and found[2] != ".":
                first, second = int(found[1]), int(found[3])
                day_first += 12 < first <= 31 and second <= 12
                month_first += 12 < second <= 31 and first <= 12
    if day_first == month_first:
        return "mixed" if day_first else ""
    return "dmy" if day_first > month_first else "mdy"


def read_dates(column: RawColumn, order: DayOrder) -> DateTexts:
    """Read the distinct texts of one date column."""
    days = np.full(len(column.values), NO_DATE, np.int32)
    refused: dict[int, Complaint] = dict(column.refused)
    undecided: list[int] = []
    for index, value in enumerate(column.values):
        text = value.strip()
        if not text or index in refused:
            continue
        read = _read(text, order)
        if isinstance(read, Complaint):
            refused[index] = read
        elif read is None:
            undecided.append(index)
        else:
            days[index] = as_day(read)
    return DateTexts(days, refused, undecided)


def _read(text: str, order: DayOrder) -> dt.date | Complaint | None:
    """Read one date; None where day and month cannot be told apart."""
    found = _YEAR_FIRST.fullmatch(text)
    if found is not None:
        year, month, day = (found[1], found[3], found[4]) if found[1] else found.group(5, 6, 7)
        return _date(text, int(year), int(month), int(day))
    found = _YEAR_LAST.fullmatch(text)
    if found is None:
        if _SHORT_YEAR.fullmatch(text):
            return Complaint(
                f"{shown(text)} has a two-digit year", "write the year with four digits"
            )
        return Complaint(f"{shown(text)} is not a date", "write it like 2026-02-28")
    first, separator, second, year = found.group(1, 2, 3, 4)
    if order == "iso":
        return Complaint(
            f"{shown(text)} is not year-month-day", "say --date-order dmy or --date-order mdy"
        )
    if separator == "." and order != "mdy":
        order = "dmy"
    if order == "mixed":
        return Complaint(
            f"{shown(text)} stands in a column that mixes day first and month first",
            "say which it is: --date-order dmy or --date-order mdy",
        )
    if order == "" and int(first) != int(second):
        return None
    day, month = (second, first) if order == "mdy" else (first, second)
    if int(month) > 12 and int(day) <= 12:
        first_is, other = ("day", "mdy") if order == "dmy" else ("month", "dmy")
        return Complaint(
            f"{shown(text)} does not fit the other dates, which have the {first_is} first",
            f"correct it, or say --date-order {other} if that holds for the whole file",
        )
    return _date(text, int(year), int(month), int(day))


def _date(text: str, year: int, month: int, day: int) -> dt.date | Complaint:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return Complaint(f"{shown(text)}: there is no such day", "correct the date")
    if year < _FIRST_YEAR:
        return Complaint(f"{shown(text)} lies before {_FIRST_YEAR}", "correct the year")
    return date
