"""What the tests of reading share."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import numpy as np
import pytest

from recon_sdk.reading import ReadOptions, ReadResult, read_ledger, reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recon_sdk.ledger import Ledger

TRANSACTIONS = "id,booking_date,amount\nt1,2026-03-01,-5.00\n"


class ReadText(Protocol):
    """Writes an invoice file, and perhaps one of transactions, and reads both."""

    def __call__(
        self,
        invoices: str | bytes,
        transactions: str | bytes = TRANSACTIONS,
        **options: Any,
    ) -> ReadResult: ...


@pytest.fixture(params=["arrow", "standard library"])
def csv_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read CSV with pyarrow, then without: every test that asks for it runs twice."""
    monkeypatch.setattr(reader, "_SMALL", 0)
    if request.param == "arrow":
        pytest.importorskip("pyarrow")
    if request.param != "arrow":
        monkeypatch.setattr(reader, "has_arrow", lambda: False)
    return str(request.param)


@pytest.fixture
def read_text(tmp_path: Path, csv_reader: str) -> ReadText:
    """Read texts as the files `invoices.csv` and `transactions.csv`, with both readers."""
    del csv_reader

    def read(
        invoices: str | bytes, transactions: str | bytes = TRANSACTIONS, **options: Any
    ) -> ReadResult:
        paths = []
        for name, content in (("invoices", invoices), ("transactions", transactions)):
            path = tmp_path / f"{name}.csv"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append(path)
        return read_ledger(paths[0], paths[1], ReadOptions(**options))

    return read


def rows_of(ledger: Ledger) -> tuple[list[object], list[object]]:
    """Both sides as domain objects."""
    return (
        [ledger.invoice(row) for row in range(len(ledger.invoices))],
        [ledger.transaction(row) for row in range(len(ledger.transactions))],
    )


def parts_of(ledger: Ledger) -> dict[str, Any]:
    """A ledger as plain lists, codes included, so that equal means equal to the last code."""
    parts: dict[str, Any] = {
        "texts": list(ledger.texts.values),
        "currencies": list(ledger.currencies),
    }
    for side in (ledger.invoices, ledger.transactions):
        for field in attrs.fields(type(side)):
            column = getattr(side, field.name)
            parts[f"{type(side).__name__}.{field.name}"] = (str(column.dtype), column.tolist())
    return parts


@pytest.fixture
def ledger_parts() -> Callable[[Ledger], dict[str, Any]]:
    """See `parts_of`."""
    return parts_of


@pytest.fixture
def ledger_rows() -> Callable[[Ledger], tuple[list[object], list[object]]]:
    """See `rows_of`."""
    return rows_of


@pytest.fixture
def invoice_of(ledger_rows: Any) -> Callable[..., Any]:
    """Read one invoice from a mapping of some columns; further options are keywords."""

    def read(row: dict[str, object], **options: Any) -> Any:
        row = {"id": "i1", "amount": "1.00", "issue_date": dt.date(2026, 1, 31)} | row
        result = read_ledger([row], [], ReadOptions(strict=True, **options))
        return ledger_rows(result.ledger)[0][0]

    return read


@pytest.fixture(autouse=True)
def _same_numpy_errors() -> Any:
    with np.errstate(all="raise"):
        yield
