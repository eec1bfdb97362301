"""Read records: domain objects, or mappings from column names to values."""

from __future__ import annotations

import datetime as dt
import numbers
from array import array
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from recon_sdk.errors import InputError
from recon_sdk.invoices import Invoice
from recon_sdk.money import Money
from recon_sdk.reading.headers import fold, match_headers, wanted
from recon_sdk.reading.raw import Complaint, Form, RawColumn, RawTable
from recon_sdk.reading.specs import INVOICES, TRANSACTIONS, Kind, SideSpec
from recon_sdk.transactions import BankTransaction

if TYPE_CHECKING:
    from recon_sdk.reading.options import ReadOptions

__all__ = ["read_records"]

_FLOAT = "give a text, a Decimal, or minor units as int"
_INVOICE_FIELDS = tuple(field.name for field in attrs.fields(Invoice))
_TRANSACTION_FIELDS = tuple(field.name for field in attrs.fields(BankTransaction))


class _Column:
    """A column under construction: distinct texts, or pairs of form and text, and a code a row."""

    def __init__(self, header: str, kind: Kind) -> None:
        self.header = header
        self.kind = kind
        self.minor = Form.MINOR if kind is Kind.AMOUNT else None
        self.codes = array("i")
        self.index: dict[str | tuple[Form, str], int] = {}
        self.refused: dict[int, Complaint] = {}

    def skip_to(self, row: int) -> None:
        """Give the rows before this one nothing."""
        self.codes.extend([-1] * (row - len(self.codes)))

    def add(self, value: object) -> None:
        """Add the value of the next row."""
        if value is None:
            self.codes.append(-1)
        elif isinstance(value, str):
            if value.isascii() or _is_unicode(value):
                self._append(str.__str__(value))
            else:
                self._refuse(value, Complaint("the text has broken characters", "correct it"))
        elif type(value) is int:
            self._append(str(value) if self.minor is None else (self.minor, str(value)))
        elif _is_nothing(value):
            self.codes.append(-1)
        else:
            entry = _entry(value, self.kind)
            if isinstance(entry, Complaint):
                self._refuse(value, entry)
            else:
                form, text = entry
                self._append(text if form is Form.WRITTEN else entry)

    def _append(self, entry: str | tuple[Form, str]) -> None:
        self.codes.append(self.index.setdefault(entry, len(self.index)))

    def _refuse(self, value: object, complaint: Complaint) -> None:
        self._append(f"{type(value).__name__} {value!r}\0")
        self.refused[self.codes[-1]] = complaint

    def done(self, rows: int) -> RawColumn:
        """Give the finished column."""
        self.skip_to(rows)
        entries = [(Form.WRITTEN, e) if isinstance(e, str) else e for e in self.index]
        forms = np.array([form for form, _ in entries], np.int8)
        return RawColumn(
            header=self.header,
            values=[text for _, text in entries],
            codes=np.array(self.codes, np.int32),
            forms=forms if forms.any() else None,
            refused=self.refused,
        )


def _is_nothing(value: object) -> bool:
    """Whether a value is what data frames say instead of None."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _entry(value: object, kind: Kind) -> tuple[Form, str] | Complaint:
    """Give form and text of a value that is no text, or why it is refused."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[D]").item()
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return Form.WRITTEN, value.isoformat()
    if isinstance(value, bool | np.bool_):
        return Complaint(f"{bool(value)} is a truth value", "give a text or a number")
    if isinstance(value, numbers.Integral):
        return Form.MINOR if kind is Kind.AMOUNT else Form.WRITTEN, str(int(value))
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 30:
            return Complaint(f"{value!r} is not an amount", "write it like 1234.50")
        return Form.PLAIN if kind is Kind.AMOUNT else Form.WRITTEN, format(value, "f")
    if isinstance(value, Money) and kind is Kind.AMOUNT:
        return Form.PLAIN, str(value)
    if isinstance(value, numbers.Real):
        what = "hold money exactly" if kind is Kind.AMOUNT else "be read exactly"
        return Complaint(f"the float {value!r} cannot {what}", _FLOAT)
    return Complaint(f"a {type(value).__name__} cannot be read here", "give a text")


def _percent(hundredths: int | None) -> str | None:
    if hundredths is None:
        return None
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _invoice_row(item: Invoice) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in _INVOICE_FIELDS}
    row["settled_amount"] = row.pop("settled")
    row["status"] = "void" if row.pop("void") else ""
    row["discount_percent"] = _percent(item.discount_percent)
    row["withholding_percent"] = _percent(item.withholding_percent)
    return _with_minor(row, item.amount.currency)


def _transaction_row(item: BankTransaction) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in _TRANSACTION_FIELDS}
    row["allocated_amount"] = row.pop("allocated")
    row["status"] = "ignored" if row.pop("ignored") else ""
    return _with_minor(row, item.amount.currency)


def _with_minor(row: dict[str, Any], currency: str) -> dict[str, Any]:
    """Name the currency once; amounts in it become minor units."""
    for name, value in row.items():
        if isinstance(value, Money) and value.currency == currency:
            row[name] = value.minor
    row["currency"] = currency
    return row


def read_records(items: Iterable[object], spec: SideSpec, options: ReadOptions) -> RawTable:
    """Read an iterable of domain objects or mappings, also mixed.

    Raises:
        InputError: An item is neither, or a needed column is missing from all of them.
    """
    kinds = {name: spec.columns[columns[0]] for name, columns in wanted(spec, options).items()}
    found: dict[str, _Column | None] = {}
    rows = 0
    for item in items:
        given: Mapping[str, object]
        if isinstance(item, Mapping):
            given = item
        elif isinstance(item, Invoice) and spec is INVOICES:
            given = _invoice_row(item)
        elif isinstance(item, BankTransaction) and spec is TRANSACTIONS:
            given = _transaction_row(item)
        else:
            what = Invoice.__name__ if spec is INVOICES else BankTransaction.__name__
            raise InputError(
                spec.name,
                f"row {rows + 1} is a {type(item).__name__}",
                f"give {what} objects or mappings",
            )
        for name, value in given.items():
            if name not in found:
                kind = kinds.get(fold(name))
                found[name] = None if kind is None else _Column(name, kind)
            column = found[name]
            if column is not None:
                if len(column.codes) != rows:
                    column.skip_to(rows)
                column.add(value)
        rows += 1
    return _table(spec, options, found, rows)


def _table(
    spec: SideSpec, options: ReadOptions, found: Mapping[str, _Column | None], rows: int
) -> RawTable:
    names = list(found) if rows else list(spec.columns)
    headers = match_headers(spec, spec.name, names, options)
    columns = {}
    for ours, position in headers.positions.items():
        column = found.get(names[position])
        if column is None:
            column = _Column(ours, spec.columns[ours])
        columns[ours] = column.done(rows)
    return RawTable(
        source=spec.name, rows=rows, columns=columns, ignored=headers.ignored if rows else ()
    )
