"""Read both sides into a ledger."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.errors import InputError, MissingExtraError, RowError
from recon_sdk.ledger import InvoiceColumns, Ledger, TransactionColumns
from recon_sdk.reading import arrow_csv, arrow_tables, csv_plain
from recon_sdk.reading.checker import CheckedSide, check_side
from recon_sdk.reading.csv_text import examine
from recon_sdk.reading.options import ReadOptions
from recon_sdk.reading.records import read_records
from recon_sdk.reading.specs import INVOICES, TRANSACTIONS, SideSpec
from recon_sdk.reading.texts import TextIndex

if TYPE_CHECKING:
    from recon_sdk.columns import Int32Array
    from recon_sdk.reading.raw import RawTable

__all__ = ["ReadResult", "SourceReport", "has_arrow", "read_ledger"]

_SMALL = 1 << 22
"""Size in bytes below which a CSV file is not worth importing pyarrow."""


@attrs.frozen(kw_only=True)
class SourceReport:
    """What became of the rows of one source: `rows = kept + problems + left_out`.

    Attributes:
        source: File name, or a word for a table.
        rows: Rows received; blank ones do not count.
        kept: Rows in the ledger.
        problems: Bad rows; none of them is in the ledger.
        duplicates: Bad rows whose id stands in several rows (among `problems`).
        left_out: Rows left out for their status, `void` or `ignored`.
        blank: Rows without anything in our columns.
        ignored_columns: Columns of the source that are none of ours.
        encoding: Encoding of a text file, else "".
        delimiter: Delimiter of a text file, else "".
        decimal: Decimal sign of the amounts; "" where nothing showed one.
        date_order: Order of dates that are not year first, `dmy` or `mdy`; "" where all are.
    """

    source: str
    rows: int
    kept: int
    problems: int
    duplicates: int
    left_out: int
    blank: int
    ignored_columns: tuple[str, ...]
    encoding: str
    delimiter: str
    decimal: str
    date_order: str


@attrs.frozen(kw_only=True, eq=False)
class ReadResult:
    """A ledger and what was wrong with its sources.

    Attributes:
        ledger: The good rows.
        problems: The first bad rows of each side (at most 10,000), in the order of the source.
        invoices: What became of the invoices.
        transactions: What became of the transactions.
    """

    ledger: Ledger
    problems: tuple[RowError, ...]
    invoices: SourceReport
    transactions: SourceReport

    @property
    def invoice_problems(self) -> int:
        """Number of bad invoice rows, also of those that `problems` has no room for."""
        return self.invoices.problems

    @property
    def transaction_problems(self) -> int:
        """Number of bad transaction rows, likewise."""
        return self.transactions.problems

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Columns of the sources that are none of ours, each with its source."""
        return tuple(
            f"{report.source}: {name}"
            for report in (self.invoices, self.transactions)
            for name in report.ignored_columns
        )


def read_ledger(
    invoices: object, transactions: object, options: ReadOptions | None = None
) -> ReadResult:
    """Read invoices and bank transactions into a ledger.

    Args:
        invoices: A path to CSV (`.csv`, `.tsv`, `.txt`) or Parquet; `Invoice` objects; mappings
            from column names to values; or a data frame (anything with an Arrow C stream).
        transactions: Likewise; `BankTransaction` objects.
        options: How to read them, by default `ReadOptions()`.

    Returns:
        The ledger, independent of the order of the rows, and what was wrong.

    Raises:
        InputError: A source is unusable as a whole: it is missing, empty, lacks a column, or
            leaves open what its dates mean.
        RowError: A row is bad and `options.strict` is set.
        MissingExtraError: Parquet or a data frame was given without the extra `arrow`.
    """
    options = ReadOptions() if options is None else options
    texts = TextIndex()
    sides: list[CheckedSide] = []
    reports: list[SourceReport] = []
    for spec, given in ((INVOICES, invoices), (TRANSACTIONS, transactions)):
        raw = _raw(given, spec, options)
        side = check_side(spec, raw, options, texts)
        if options.strict and side.errors:
            raise side.errors[0]
        sides.append(side)
        reports.append(_report(raw, side))
        del raw
    used = sorted({name for side in sides for name in _used(side)})
    columns: list[dict[str, Any]] = [
        {**side.columns, "ids": side.ids, "currency": _recoded(side, used)} for side in sides
    ]
    return ReadResult(
        ledger=Ledger(
            invoices=InvoiceColumns(**columns[0]),
            transactions=TransactionColumns(**columns[1]),
            texts=texts.table(),
            currencies=used,
        ),
        problems=(*sides[0].errors, *sides[1].errors),
        invoices=reports[0],
        transactions=reports[1],
    )


def _raw(given: object, spec: SideSpec, options: ReadOptions) -> RawTable:
    """Read one source, whatever its form."""
    if isinstance(given, str | Path):
        return _file(Path(given), spec, options)
    if hasattr(given, "__arrow_c_stream__"):
        if not has_arrow():
            msg = "arrow"
            raise MissingExtraError(msg, f"reading a {type(given).__name__}")
        return arrow_tables.read_stream(given, spec, options)
    if isinstance(given, Iterable) and not isinstance(given, Mapping | bytes):
        return read_records(given, spec, options)
    raise InputError(
        spec.name,
        f"a {type(given).__name__} cannot be read",
        "give a path, records, or a data frame with an Arrow C stream",
    )


def _file(path: Path, spec: SideSpec, options: ReadOptions) -> RawTable:
    if path.suffix.lower() in (".parquet", ".pq"):
        if not path.exists():
            raise InputError(str(path), "cannot be opened: no such file", "check the path")
        if not has_arrow():
            msg = "arrow"
            raise MissingExtraError(msg, f"reading Parquet ({path})")
        return arrow_tables.read_parquet(path, spec, options)
    text = examine(path, spec, options)
    if text.size < _SMALL and "pyarrow" not in sys.modules:
        return csv_plain.read_csv(text)  # done before pyarrow is even imported
    return arrow_csv.read_csv(text) if has_arrow() else csv_plain.read_csv(text)


def has_arrow() -> bool:
    """Whether the extra `arrow` is installed; without it CSV is read by the standard library."""
    return importlib.util.find_spec("pyarrow") is not None


def _report(raw: RawTable, side: CheckedSide) -> SourceReport:
    return SourceReport(
        source=raw.source,
        rows=raw.rows + raw.blank + len(raw.ragged) - side.blank,
        kept=len(side.ids),
        problems=side.problems,
        duplicates=side.duplicates,
        left_out=side.left_out,
        blank=side.blank,
        ignored_columns=raw.ignored,
        encoding=raw.encoding.removesuffix("-sig"),
        delimiter=raw.delimiter,
        decimal=side.decimal,
        date_order=side.date_order,
    )


def _used(side: CheckedSide) -> list[str]:
    counts = np.bincount(side.currency, minlength=len(side.currencies))
    return [name for name, count in zip(side.currencies, counts, strict=True) if count]


def _recoded(side: CheckedSide, used: list[str]) -> Int32Array:
    """Give currency codes into the shared list."""
    places = [used.index(name) if name in used else -1 for name in side.currencies]
    recoded: Int32Array = np.array(places or [0], np.int32)[side.currency]
    return recoded
