"""Turn a raw table into checked, typed columns. Distinct texts are checked, not rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt

from recon_sdk.columns import (
    NO_AMOUNT,
    NO_DATE,
    NO_TEXT,
    BoolArray,
    Int32Array,
    Int64Array,
    StringArray,
)
from recon_sdk.errors import InputError, RowError
from recon_sdk.invoices import Direction
from recon_sdk.money import format_minor
from recon_sdk.reading.amount_columns import CurrencyRows, currency_rows, minor_rows
from recon_sdk.reading.amounts import decimal_style, read_amounts
from recon_sdk.reading.dates import DayOrder, day_order, read_dates
from recon_sdk.reading.faults import Fault, Faults, refused_rows
from recon_sdk.reading.keys import key_order, read_keys, refuse_repeats
from recon_sdk.reading.raw import Complaint, RawColumn, RawTable, shown
from recon_sdk.reading.specs import Kind, SideSpec
from recon_sdk.reading.texts import Coded, TextIndex, cleaned, read_directions, read_percents

if TYPE_CHECKING:
    from recon_sdk.reading.options import ReadOptions

__all__ = ["CheckedSide", "check_side"]

AnyArray: TypeAlias = npt.NDArray[Any]


@attrs.frozen(kw_only=True, eq=False)
class CheckedSide:
    """The good rows of one side in the order of their keys.

    Attributes:
        ids: Keys, ascending and distinct.
        columns: Typed columns by the name that the ledger gives them, texts included.
        currency: Index into `currencies` of each row.
        currencies: Currency codes that occur.
        errors: The first problems, in the order of the source.
        problems: Number of bad rows.
        duplicates: Bad rows whose key stands in several rows.
        left_out: Rows left out for their status.
        blank: Rows without anything in them.
        decimal: Decimal sign of the amounts, "" where nothing shows one.
        date_order: Order of the dates, "" where nothing shows one.
    """

    ids: StringArray
    columns: Mapping[str, AnyArray]
    currency: Int32Array
    currencies: Sequence[str]
    errors: Sequence[RowError]
    problems: int
    duplicates: int
    left_out: int
    blank: int
    decimal: str
    date_order: str


def check_side(
    spec: SideSpec, raw: RawTable, options: ReadOptions, texts: TextIndex
) -> CheckedSide:
    """Check one source and keep its good rows.

    Args:
        spec: Which side it is.
        raw: What the source holds.
        options: How to read it.
        texts: Gets the texts of the rows that are kept.

    Raises:
        InputError: The source is unusable as a whole.
    """
    faults = Faults(raw)
    ids = read_keys(raw.columns["id"], spec.noun, faults)
    columns, currencies, decimal = _amounts(spec, raw, options, faults)
    dates, date_order = _dates(spec, raw, options, faults)
    columns |= dates | _small(spec, raw, options, faults)
    coded = {
        name: cleaned(raw.columns[name], iban=kind is Kind.IBAN)
        for name, kind in spec.columns.items()
        if kind in (Kind.TEXT, Kind.IBAN) and name in raw.columns
    }
    left_out, blank = _left_out(spec, raw), _blank(raw)
    live = ~(left_out | blank)
    faults.drop(~live)

    order = key_order(ids)
    duplicates = 0
    if order is not None:
        content = [*columns.values(), currencies.codes, *(c.codes for c in coded.values())]
        header = raw.header("id")
        duplicates = refuse_repeats(ids, order, live, content, header, faults)
    good = live & ~faults.bad
    everything = order is None and bool(good.all())
    rows = np.flatnonzero(good) if order is None else order[good[order]]

    def take(column: AnyArray) -> AnyArray:
        return column if everything else column[rows]

    result: dict[str, AnyArray] = {name: take(column) for name, column in columns.items()}
    for name, kind in spec.columns.items():
        if kind in (Kind.TEXT, Kind.IBAN):
            found = coded.pop(name, None)
            result[name] = (
                np.full(len(rows), NO_TEXT, np.int32)
                if found is None
                else texts.encode(Coded(found.values, take(found.codes)))
            )
    errors, problems = faults.errors()
    return CheckedSide(
        ids=take(ids),
        columns=result,
        currency=take(currencies.codes),
        currencies=currencies.names,
        errors=errors,
        problems=problems,
        duplicates=duplicates,
        left_out=int((left_out & ~blank).sum()),
        blank=raw.blank + int(blank.sum()),
        decimal=decimal,
        date_order=date_order,
    )


def _spread(distinct: AnyArray, codes: Int32Array, missing: int) -> AnyArray:
    """Give each row the value of its distinct text."""
    return np.append(distinct, distinct.dtype.type(missing))[codes]


def _amounts(
    spec: SideSpec, raw: RawTable, options: ReadOptions, faults: Faults
) -> tuple[dict[str, AnyArray], CurrencyRows, str]:
    names = [name for name, kind in spec.columns.items() if kind is Kind.AMOUNT]
    present = [name for name in names if name in raw.columns]
    style = decimal_style((raw.columns[name] for name in present), options.decimal)
    read = {name: read_amounts(raw.columns[name], style) for name in present}
    currencies = currency_rows(raw, read["amount"], options.base_currency, faults)
    columns: dict[str, AnyArray] = {
        name: minor_rows(
            raw.columns[name], read[name], currencies, faults, needed=name == "amount"
        )
        if name in present
        else np.full(raw.rows, NO_AMOUNT, np.int64)
        for name in names
    }
    amount, used = columns["amount"], columns.pop(spec.used)
    if spec.used in present:
        used = np.where(used == NO_AMOUNT, 0, used)
        over = (np.abs(used) > np.abs(amount)) | (np.sign(used) * np.sign(amount) < 0)

        def explain(row: int, _lines: Mapping[int, int]) -> Complaint:
            currency = currencies.names[currencies.codes[row]]
            part, whole = (format_minor(int(c[row]), currency) for c in (used, amount))
            return Complaint(
                f"{part} is not a part of the amount {whole} {currency}",
                "it lies between zero and the amount and has its sign",
            )

        faults.add(Fault(header=raw.header(spec.used), rows=np.flatnonzero(over), explain=explain))
        columns[spec.left] = amount - used
    else:
        columns[spec.left] = amount
    return columns, currencies, style if style in (".", ",") else ""


def _dates(
    spec: SideSpec, raw: RawTable, options: ReadOptions, faults: Faults
) -> tuple[dict[str, AnyArray], str]:
    names = [name for name, kind in spec.columns.items() if kind is Kind.DATE]
    present = {name: raw.columns[name] for name in names if name in raw.columns}
    of_file = day_order(present.values(), options.date_order)
    columns: dict[str, AnyArray] = {}
    orders: set[DayOrder] = set()
    for name in names:
        if name not in present:
            columns[name] = np.full(raw.rows, NO_DATE, np.int32)
            continue
        column = present[name]
        order = day_order([column], options.date_order) or of_file
        read = read_dates(column, order)
        if read.undecided:
            raise _undecided(raw, column, read.undecided[0])
        orders.add(order)
        columns[name] = _spread(read.days, column.codes, NO_DATE)
        fault = refused_rows(column, read.refused)
        if fault is not None:
            faults.add(fault)
    missing = np.ones(raw.rows, np.bool_)
    for name in spec.dates:
        missing &= columns[name] == NO_DATE
    if missing.any():
        header = next(raw.columns[name].header for name in spec.dates if name in present)
        words = " and ".join(spec.dates)
        complaint = Complaint(f"there is no date in {words}", "fill it in")
        faults.add(
            Fault(header=header, rows=np.flatnonzero(missing), explain=lambda _r, _l: complaint)
        )
    shown_orders = sorted(orders - {"", "mixed"})
    return columns, ",".join(shown_orders)


def _undecided(raw: RawTable, column: RawColumn, index: int) -> InputError:
    row = np.flatnonzero(column.codes == index)[:1]
    line = int(raw.lines_of(row)[0])
    return InputError(
        f"{raw.source}:{line}, column {column.header!r}",
        f"{shown(column.values[index].strip())} may be day first or month first, and no other "
        "date of the file tells",
        "say which: --date-order dmy or --date-order mdy",
    )


def _small(
    spec: SideSpec, raw: RawTable, options: ReadOptions, faults: Faults
) -> dict[str, AnyArray]:
    """Directions and percentages."""
    blank = {None: 0, Direction.PAYABLE: -1, Direction.RECEIVABLE: 1}[options.direction]
    columns: dict[str, AnyArray] = {}
    for name, kind in spec.columns.items():
        if kind not in (Kind.DIRECTION, Kind.PERCENT):
            continue
        column = raw.columns.get(name)
        if column is None:
            columns[name] = (
                np.full(raw.rows, blank, np.int8)
                if kind is Kind.DIRECTION
                else np.full(raw.rows, -1, np.int32)
            )
            continue
        if kind is Kind.DIRECTION:
            signs, refused = read_directions(column, blank)
            columns[name] = _spread(signs, column.codes, blank)
        else:
            hundredths, refused = read_percents(column)
            columns[name] = _spread(hundredths, column.codes, -1)
        fault = refused_rows(column, refused)
        if fault is not None:
            faults.add(fault)
    return columns


def _left_out(spec: SideSpec, raw: RawTable) -> BoolArray:
    """Find the rows whose status says that they are never matched."""
    column = raw.columns.get("status")
    if column is None:
        return np.zeros(raw.rows, np.bool_)
    hit = np.array(
        [*(value.strip().lower() == spec.left_out for value in column.values), False], np.bool_
    )
    return hit[column.codes]


def _blank(raw: RawTable) -> BoolArray:
    """Find the rows without anything in them, as spreadsheets leave them at the end."""
    rows: Int64Array | None = None
    for column in sorted(raw.columns.values(), key=lambda column: len(column.values)):
        empty = np.array([*(not value.strip() for value in column.values), True], np.bool_)
        codes = column.codes if rows is None else column.codes[rows]
        hits = np.flatnonzero(empty[codes])
        rows = hits if rows is None else rows[hits]
        if len(rows) == 0:
            break
    blank = np.zeros(raw.rows, np.bool_)
    if rows is not None:
        blank[rows] = True
    return blank
