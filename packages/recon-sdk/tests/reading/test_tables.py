from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from recon_sdk.errors import InputError
from recon_sdk.money import Money
from recon_sdk.reading import ReadOptions, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
parquet = pytest.importorskip("pyarrow.parquet")

INVOICES = [
    {
        "id": f"i{n}",
        "amount": f"{n}.50",
        "currency": ("EUR", "USD", "")[n % 3],
        "issue_date": f"2026-01-{n + 1:02}",
        "vendor_name": ("Müller", "", "X")[n % 3],
        "vendor_iban": "de89 3704" if n % 2 else "",
        "discount_percent": "2.5" if n == 3 else "",
        "note": "ignored",
    }
    for n in (3, 1, 2, 9, 0, 7)
]
TRANSACTIONS = [
    {"id": f"t{n}", "amount": f"-{n}.25", "booking_date": "2026-02-01", "description": "Müller"}
    for n in range(4)
]


def _csv(rows: list[dict[str, str]], path: Path) -> Path:
    path = path.with_suffix(".csv")
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.write_text("\n".join(lines))
    return path


def _parquet(rows: list[dict[str, str]], path: Path) -> Path:
    path = path.with_suffix(".parquet")
    parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)
    return path


def _batches(rows: list[dict[str, str]], _path: Path) -> Any:
    table = pa.Table.from_pylist(rows)
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=2))


def _categories(rows: list[dict[str, str]], _path: Path) -> Any:
    frame = pd.DataFrame(rows, index=[f"row {n}" for n in range(len(rows))])
    return frame.astype({"amount": "category", frame.columns[3]: "category"})


def _typed(rows: list[dict[str, str]], _path: Path) -> Any:
    table = pa.Table.from_pylist(rows)
    day = "issue_date" if "issue_date" in table.column_names else "booking_date"
    for name, kind in (("amount", pa.decimal128(12, 2)), (day, pa.date32())):
        at = table.column_names.index(name)
        table = table.set_column(at, name, table[name].cast(kind))
    return table


SOURCES: dict[str, Any] = {
    "CSV": _csv,
    "Parquet": _parquet,
    "pandas": lambda rows, _path: pd.DataFrame(rows),
    "pandas with categories": _categories,
    "polars": lambda rows, _path: pl.DataFrame(rows),
    "polars with categories": lambda rows, _path: pl.DataFrame(rows).with_columns(
        pl.col("amount").cast(pl.Categorical)
    ),
    "Arrow table": lambda rows, _path: pa.Table.from_pylist(rows),
    "Arrow batch": lambda rows, _path: pa.RecordBatch.from_pylist(rows),
    "Arrow reader": _batches,
    "Arrow with types": _typed,
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_ledger_does_not_depend_on_the_form_of_its_source(
    source: str, tmp_path: Path, ledger_parts: Any
) -> None:
    make = SOURCES[source]
    if source.startswith("polars") and not hasattr(pl.DataFrame, "__arrow_c_stream__"):
        pytest.skip("this polars has no Arrow C stream yet")
    result = read_ledger(
        make(INVOICES, tmp_path / "invoices"), make(TRANSACTIONS, tmp_path / "transactions")
    )
    expected = read_ledger(INVOICES, TRANSACTIONS)
    assert result.problems == ()
    assert ledger_parts(result.ledger) == ledger_parts(expected.ledger)
    assert result.invoices.ignored_columns == ("note",)


def test_columns_of_a_parquet_file_may_stand_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    for table in (frame(currency=["USD"]), frame(currency=["USD"]).select([3, 2, 1, 0])):
        parquet.write_table(table, path)
        invoice = read_ledger(path, [], ReadOptions(strict=True)).ledger.invoice(0)
        assert (invoice.id, str(invoice.amount)) == ("a", "1.00 USD")


def frame(**columns: Any) -> Any:
    """A table of one row."""
    row = {"id": ["a"], "amount": ["1.00"], "due_date": ["2026-01-31"]} | columns
    return pa.table(row)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("amount", pa.array([1250], pa.int64()), Money(1250, "EUR")),
        ("amount", pa.array([1250], pa.uint16()), Money(1250, "EUR")),
        ("amount", pa.array([Decimal("12.5")], pa.decimal128(9, 4)), Money(1250, "EUR")),
        ("amount", pa.array([Decimal("12.5")], pa.decimal256(50, 10)), Money(1250, "EUR")),
        ("amount", pa.array([Decimal("1200")], pa.decimal128(9, -2)), Money(120000, "EUR")),
        ("amount", pa.array(["12,50"], pa.large_string()), Money(1250, "EUR")),
        ("due_date", pa.array([dt.date(2026, 2, 28)], pa.date64()), dt.date(2026, 2, 28)),
        (
            "due_date",
            pa.array([dt.datetime(2026, 2, 28, 23, 59)], pa.timestamp("us")),  # noqa: DTZ001
            dt.date(2026, 2, 28),
        ),
        (
            "due_date",
            pa.array([dt.datetime(2026, 2, 28, 23, tzinfo=dt.UTC)], pa.timestamp("s", "UTC")),
            dt.date(2026, 2, 28),
        ),
        ("vendor_id", pa.array([17], pa.int32()), "17"),
        ("vendor_name", pa.array([None], pa.string()), ""),
        ("vendor_name", pa.nulls(1), ""),
        ("vendor_name", pa.array([float("nan")]), ""),
        ("vendor_name", pa.array([None], pa.float64()), ""),
        ("vendor_name", pa.array(["X"]).dictionary_encode(), "X"),
        ("net_amount", pa.array([None], pa.int64()), None),
        ("discount_percent", pa.array([Decimal("2.50")], pa.decimal128(5, 2)), 250),
    ],
)
def test_typed_columns_are_read_exactly(column: str, values: Any, expected: object) -> None:
    result = read_ledger(frame(**{column: values}), [], ReadOptions(strict=True))
    assert getattr(result.ledger.invoice(0), column) == expected


@pytest.mark.parametrize(
    ("column", "values", "detail", "remedy"),
    [
        ("amount", [1.5], "'amount' holds floats, which cannot hold money", "integer minor units"),
        ("net_amount", [1.5], "'net_amount' holds floats", "cast it to string, Decimal"),
        ("vendor_id", [1.5], "'vendor_id' holds floats", "cast it to string"),
        ("amount", [True], "'amount' is of type bool, which cannot be read", "cast it to string"),
        ("vendor_id", [["x"]], "'vendor_id' is of type list", "cast it to string"),
        ("vendor_id", [b"x"], "'vendor_id' is of type binary", "cast it to string"),
    ],
)
def test_a_column_of_an_unusable_type_is_refused_as_a_whole(
    column: str, values: list[Any], detail: str, remedy: str
) -> None:
    for given in (frame(**{column: values}), frame(**{column: values}).to_reader()):
        with pytest.raises(InputError) as caught:
            read_ledger(given, [])
        assert "invoices: " in str(caught.value)
        assert detail in str(caught.value)
        assert remedy in caught.value.remedy


def test_decimals_beyond_the_currency_are_a_bad_row() -> None:
    amounts = pa.array([Decimal("1.005"), Decimal("1.500")], pa.decimal128(9, 3))
    table = pa.table({"id": ["a", "b"], "amount": amounts, "due_date": ["2026-01-31"] * 2})
    result = read_ledger(table, [])
    assert result.ledger.invoices.ids.tolist() == ["b"]
    assert str(result.problems[0]).startswith("invoices:1, column 'amount': '1.005' has too many")


def test_nulls_where_something_is_needed_are_bad_rows() -> None:
    table = pa.table(
        {
            "id": ["a", None, "c", None],
            "amount": pa.array([1, 1, None, None], pa.int64()),
            "due_date": [dt.date(2026, 1, 31), dt.date(2026, 1, 31), None, None],
        }
    )
    result = read_ledger(table, [])
    assert [(p.line, p.column) for p in result.problems] == [(2, "id"), (3, "amount")]
    assert (result.invoices.rows, result.invoices.blank) == (3, 1)


def test_a_table_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    table = pa.table({"id": ["a"], "due_date": ["2026-01-31"]})
    parquet.write_table(table, tmp_path / "x.parquet")
    for given in (table, tmp_path / "x.parquet"):
        with pytest.raises(InputError, match="invoices need a column amount"):
            read_ledger(given, [])


def test_a_table_without_rows_is_an_empty_side() -> None:
    table = frame().slice(0, 0)
    assert len(read_ledger(table, []).ledger.invoices) == 0
