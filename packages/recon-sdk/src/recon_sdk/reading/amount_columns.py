"""Turn amount texts into minor units, row by row in the row's currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from recon_sdk.columns import NO_AMOUNT, BoolArray, Int8Array, Int32Array, Int64Array
from recon_sdk.money import MAX_MINOR, exponent_of
from recon_sdk.reading.amounts import SIGNS, AmountTexts, ambiguous
from recon_sdk.reading.faults import Fault, Faults, refused_rows
from recon_sdk.reading.raw import Complaint, RawColumn, RawTable, shown
from recon_sdk.reading.texts import read_currencies

__all__ = ["CurrencyRows", "currency_rows", "minor_rows"]

_DECIMALS, _RANGE, _AMBIGUOUS = 1, 2, 3


@attrs.frozen(eq=False)
class CurrencyRows:
    """The currency of each row.

    Attributes:
        names: Currency codes that occur.
        codes: Index into `names` for each row.
    """

    names: Sequence[str]
    codes: Int32Array


def currency_rows(
    raw: RawTable, amounts: AmountTexts | None, blank: str, faults: Faults
) -> CurrencyRows:
    """Find each row's currency: its column, else what stands in its amount, else `blank`."""
    column = raw.columns.get("currency")
    names: list[str] = []
    codes = np.full(raw.rows, -1, np.int32)
    if column is not None:
        names, places, refused = read_currencies(column)
        codes = np.append(places, np.int32(-1))[column.codes]
        fault = refused_rows(column, refused)
        if fault is not None:
            faults.add(fault)
    units = amounts.units if amounts is not None else {}
    for unit in sorted(set(units.values())):
        rows = _rows_with(raw.columns["amount"], units, unit) & (codes < 0)
        meant = SIGNS.get(unit, frozenset({unit}))
        if blank in meant:
            continue
        if len(meant) == 1:
            codes[rows] = _place(names, next(iter(meant)))
        else:
            faults.add(
                Fault(
                    header=raw.header("amount"),
                    rows=np.flatnonzero(rows),
                    explain=lambda row, _lines: Complaint(
                        f"{shown(raw.text('amount', row).strip())} does not say which currency",
                        "fill in the column currency",
                    ),
                )
            )
    missing = codes < 0
    if missing.any():
        codes[missing] = _place(names, blank)
    return CurrencyRows(names, codes)


def _place(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)


def _rows_with(column: RawColumn, units: Mapping[int, str], unit: str) -> BoolArray:
    """Find the rows whose amount text carries a unit."""
    hit = np.zeros(len(column.values) + 1, np.bool_)
    hit[[index for index, found in units.items() if found == unit]] = True
    return hit[column.codes]


def minor_rows(
    column: RawColumn,
    amounts: AmountTexts,
    currencies: CurrencyRows,
    faults: Faults,
    *,
    needed: bool,
) -> Int64Array:
    """Give each row's amount in minor units, `NO_AMOUNT` where there is none."""
    missing = np.zeros(len(column.values) + 1, np.bool_)
    missing[[-1, *amounts.empty]] = True
    if needed:
        rows = np.flatnonzero(missing[column.codes])
        faults.add(Fault(header=column.header, rows=rows, explain=_missing))
    fault = refused_rows(column, amounts.refused)
    if fault is not None:
        faults.add(fault)
    _check_units(column, amounts, currencies, faults)
    exponents = np.array([exponent_of(name) for name in currencies.names] or [0], np.int8)
    minor = np.full(len(column.codes), NO_AMOUNT, np.int64)
    status = np.zeros(len(column.codes), np.int8)
    for exponent in sorted(set(exponents.tolist())):
        scaled, verdict = _scale(amounts, exponent)
        scaled[missing] = NO_AMOUNT
        if (exponents == exponent).all():
            minor, status = scaled[column.codes], verdict[column.codes]
        else:
            rows = np.flatnonzero((exponents == exponent)[currencies.codes])
            minor[rows] = scaled[column.codes[rows]]
            status[rows] = verdict[column.codes[rows]]
    if status.any():
        _add_status(column, status, currencies, faults)
    return minor


def _missing(_row: int, _lines: Mapping[int, int]) -> Complaint:
    return Complaint("the amount is missing", "fill it in")


def _scale(amounts: AmountTexts, exponent: int) -> tuple[Int64Array, Int8Array]:
    """Scale distinct amounts to one number of decimals; a last slot stands for missing ones."""
    shift = np.where(amounts.decimals < 0, 0, exponent - amounts.decimals).astype(np.int64)
    verdict = np.zeros(len(shift) + 1, np.int8)
    scaled = np.zeros(len(shift) + 1, np.int64)
    divisor = 10 ** np.minimum(np.maximum(-shift, 0), 18)
    quotient = amounts.mantissa // divisor
    verdict[:-1][quotient * divisor != amounts.mantissa] = _DECIMALS
    factor = 10 ** np.maximum(shift, 0)
    too_large = np.abs(quotient) > MAX_MINOR // factor
    verdict[:-1][too_large] = _RANGE
    only = amounts.only_decimals
    verdict[:-1][(only >= 0) & (only != exponent)] = _AMBIGUOUS
    scaled[:-1] = np.where(too_large, 0, quotient) * factor
    return scaled, verdict


def _add_status(
    column: RawColumn, status: Int8Array, currencies: CurrencyRows, faults: Faults
) -> None:
    def explain(row: int, _lines: Mapping[int, int]) -> Complaint:
        text = column.values[column.codes[row]].strip()
        currency = currencies.names[currencies.codes[row]]
        if status[row] == _AMBIGUOUS:
            return ambiguous(text)
        if status[row] == _RANGE:
            return Complaint(f"{shown(text)} is out of range", "check the digits")
        return Complaint(
            f"{shown(text)} has too many decimals: {currency} has {exponent_of(currency)}",
            "round it, or correct the currency",
        )

    faults.add(Fault(header=column.header, rows=np.flatnonzero(status), explain=explain))


def _check_units(
    column: RawColumn, amounts: AmountTexts, currencies: CurrencyRows, faults: Faults
) -> None:
    """Refuse amounts that name another currency than their row has."""
    for unit in sorted(set(amounts.units.values())):
        meant = SIGNS.get(unit, frozenset({unit}))
        other = np.array([name not in meant for name in currencies.names] or [False], np.bool_)
        rows = _rows_with(column, amounts.units, unit) & other[currencies.codes]

        def explain(row: int, _lines: Mapping[int, int]) -> Complaint:
            text = column.values[column.codes[row]].strip()
            currency = currencies.names[currencies.codes[row]]
            return Complaint(
                f"{shown(text)} names another currency than the row, which has {currency}",
                "correct one of them",
            )

        faults.add(Fault(header=column.header, rows=np.flatnonzero(rows), explain=explain))
