"""Reading what is already known: decisions of people, aliases, exchange rates.

Files are CSV, JSON lines or a JSON list by their ending, with the same keys in all of them.
Nothing is guessed: one bad row refuses the file and says where it stands.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias, TypeVar

import attrs

from recon_sdk.errors import ConfigError, DataError, RowError
from recon_sdk.flat_files import FlatRow, read_rows
from recon_sdk.known import Alias, Decision, Known, Rate
from recon_sdk.known_forms import AliasForm, AllocationForm, RateForm
from recon_sdk.matches import Allocation, MatchStatus
from recon_sdk.structuring import structure
from recon_sdk.suggestions import did_you_mean
from recon_sdk.wire import from_json

__all__ = [
    "ALIAS_COLUMNS",
    "DECISION_COLUMNS",
    "RATE_COLUMNS",
    "KnownSource",
    "load_known",
    "read_aliases",
    "read_decisions",
    "read_rates",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

DECISION_COLUMNS = (
    "status",
    "invoice_id",
    "transaction_id",
    "settled_amount",
    "settled_currency",
    "paid_amount",
    "paid_currency",
    "match_id",
)
"""Columns of a file of decisions; `match_id` may be missing."""
ALIAS_COLUMNS = ("name", "vendor_id", "source")
"""Columns of a file of aliases; `source` may be missing."""
RATE_COLUMNS = ("base", "quote", "rate", "date", "source", "band_percent")
"""Columns of a file of exchange rates; the last two may be missing."""

_ALLOCATION = DECISION_COLUMNS[1:7]
_WRITTEN_TOO = (
    "score",
    "kind",
    "decision",
    "reasons",
    "difference_kind",
    "difference_amount",
    "explanation",
)
_REMEDIES = {
    "status": "write confirmed or rejected, or leave it blank where nothing was decided",
    "settled_currency": "write an ISO 4217 code such as EUR",
    "paid_currency": "write an ISO 4217 code such as EUR",
    "settled_amount": "write it like 1234.50",
    "paid_amount": "write it like -1234.50",
    "base": "write an ISO 4217 code such as EUR",
    "quote": "write an ISO 4217 code such as USD",
    "rate": "write what one unit of base costs, such as 1.0842, with at most six decimals",
    "date": "write it like 2026-03-31",
    "band_percent": "write it like 3 or 2.5",
}

KnownSource: TypeAlias = "str | os.PathLike[str] | Iterable[T | Mapping[str, Any]] | None"
"""A file, or values (their JSON forms will do), or None for none."""


class _Form(Protocol[T_co]):
    def build(self) -> T_co: ...


@attrs.frozen(kw_only=True)
class _Decided:
    """One decided row.

    Attributes:
        row: The row.
        status: Confirmed or rejected.
        allocation: What it decides on.
    """

    row: FlatRow
    status: MatchStatus
    allocation: Allocation


def load_known(
    decisions: KnownSource[Decision] = None,
    aliases: KnownSource[Alias] = None,
    rates: KnownSource[Rate] = None,
) -> Known:
    """Gather what is already known, from files or from values.

    Raises:
        InputError: A file or a JSON form cannot be used as a whole.
        RowError: A row is wrong; names file, line, column and remedy.
    """
    decided = _gather(decisions, Decision, read_decisions)
    named = _gather(aliases, Alias, read_aliases)
    priced = _gather(rates, Rate, read_rates)
    return Known(decisions=decided, aliases=named, rates=priced)  # type: ignore[arg-type]


def read_decisions(path: str | os.PathLike[str]) -> tuple[Decision, ...]:
    """Read what people decided.

    The file that `recon match --out` writes, with a column `status` added, is such a file: its
    other columns are left out. Rows with one `match_id` are one decision, a row without is one by
    itself. Rows with a blank `status`, or `proposed`, are undecided and left out.

    Raises:
        InputError: The file cannot be used as a whole.
        RowError: A row is wrong, or rows of one match contradict each other.
    """
    groups: dict[str | int, list[_Decided]] = {}
    for row in read_rows(path, DECISION_COLUMNS[:7], ("match_id",), _WRITTEN_TOO):
        status = row.values.get("status", MatchStatus.PROPOSED.value)
        if status not in list(MatchStatus):
            raise _wrong(row, "status", f"{status!r} is no status{_near(status)}")
        if status == MatchStatus.PROPOSED:
            continue
        match_id = row.values.get("match_id", row.line)
        if "match_id" in row.values and not isinstance(match_id, str):
            raise _wrong(row, "match_id", f"must be a text, not {match_id!r}")
        decided = _Decided(
            row=row,
            status=MatchStatus(status),
            allocation=_build(row, AllocationForm, _ALLOCATION),
        )
        group = groups.setdefault(match_id, [])
        for earlier in group:
            _check_pair(earlier, decided)
        group.append(decided)
    found = []
    for group in groups.values():
        allocations = tuple(decided.allocation for decided in group)
        found.append(Decision(status=group[0].status, allocations=allocations))  # type: ignore[arg-type]
    return tuple(found)


def read_aliases(path: str | os.PathLike[str]) -> tuple[Alias, ...]:
    """Read names that stand for vendors.

    Raises:
        InputError: The file cannot be used as a whole.
        RowError: A row is wrong.
    """
    rows = read_rows(path, ALIAS_COLUMNS[:2], ALIAS_COLUMNS[2:])
    return tuple(_build(row, AliasForm, ALIAS_COLUMNS) for row in rows)


def read_rates(path: str | os.PathLike[str]) -> tuple[Rate, ...]:
    """Read exchange rates.

    Raises:
        InputError: The file cannot be used as a whole.
        RowError: A row is wrong, or two rows give different rates for one pair and day.
    """
    seen: dict[tuple[object, ...], tuple[int, Rate]] = {}
    rates = []
    for row in read_rows(path, RATE_COLUMNS[:4], RATE_COLUMNS[4:]):
        rate = _build(row, RateForm, RATE_COLUMNS)
        if rate.base == rate.quote:
            raise _wrong(row, "quote", "is the same currency as base")
        line, other = seen.setdefault((rate.base, rate.quote, rate.date), (row.line, rate))
        if other != rate:
            detail = f"line {line} gives another rate for {rate.base}/{rate.quote} and this day"
            raise RowError(row.source, row.line, "rate", detail, "keep one of them")
        rates.append(rate)
    return tuple(rates)


def _gather(
    source: KnownSource[T], kind: type[T], read: Callable[[str | os.PathLike[str]], tuple[T, ...]]
) -> tuple[T, ...]:
    if source is None:
        return ()
    if isinstance(source, str | os.PathLike):
        return read(source)
    return tuple(
        from_json(kind, value, f"{kind.__name__.lower()} {position}")
        if isinstance(value, Mapping)
        else value
        for position, value in enumerate(source, 1)
    )


def _build(row: FlatRow, form: type[_Form[T_co]], keys: tuple[str, ...]) -> T_co:
    try:
        values = {key: row.values[key] for key in keys if key in row.values}
        return structure(values, form).build()
    except ConfigError as error:
        raise _wrong(row, error.path, error.detail) from error
    except DataError as error:
        raise _wrong(row, "", str(error)) from error


def _wrong(row: FlatRow, column: str, detail: str) -> RowError:
    if detail == "is required and missing":
        detail = "is blank"
    return RowError(row.source, row.line, column, detail, _REMEDIES.get(column, ""))


def _near(status: object) -> str:
    return did_you_mean(str(status), [status.value for status in MatchStatus])


def _check_pair(earlier: _Decided, later: _Decided) -> None:
    """See that two rows of one match do not contradict or repeat each other."""
    line, one, two = earlier.row.line, earlier.allocation, later.allocation
    if earlier.status is not later.status:
        detail = f"line {line} has the same match_id and is {earlier.status.value}"
        raise _wrong(later.row, "status", detail)
    if (one.invoice_id, one.transaction_id) == (two.invoice_id, two.transaction_id):
        detail = f"repeats the invoice and transaction of line {line}"
        raise RowError(later.row.source, later.row.line, "", detail, "keep one of both rows")
