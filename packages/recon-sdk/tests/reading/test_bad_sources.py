from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from recon_sdk.errors import InputError, MissingExtraError
from recon_sdk.reading import ReadOptions, read_ledger, reader

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "id,amount,issue_date"
ROW = "a,1.00,2026-01-31"


@pytest.mark.parametrize(
    ("content", "options", "detail", "remedy"),
    [
        pytest.param("", {}, "the file is empty", "at least a header", id="an empty file"),
        pytest.param("\n\n", {}, "the first line is blank", "header in line 1", id="no header"),
        pytest.param(
            "id,issue_date\na,2026-01-31\n",
            {},
            "invoices need a column amount; found: 'id', 'issue_date'",
            "--map amount=NAME",
            id="no amount column",
        ),
        pytest.param(
            "id,amount\na,1\n",
            {},
            "invoices need a column issue_date or due_date",
            "--map issue_date=NAME",
            id="no date column",
        ),
        pytest.param(
            "id,amount,issue_date\n",
            {"mapping": {"invoices.amount": "Betrag"}},
            "need a column amount (looked for 'Betrag')",
            "--map amount=NAME",
            id="a mapped column that is not there",
        ),
        pytest.param(
            "id;amount;issue_date\na;1;2026-01-31\n",
            {"delimiter": ","},
            "only one column was found, 'id;amount;issue_date', and it contains ';'",
            "--delimiter ';'",
            id="the wrong delimiter",
        ),
        pytest.param(
            f"{HEADER},amount\n{ROW},2\n",
            {},
            "the column 'amount' stands there 2 times",
            "rename or remove",
            id="a column twice",
        ),
        pytest.param(
            "id,Amount,AMOUNT,issue_date\n",
            {},
            "the column 'amount' stands there 2 times",
            "rename or remove",
            id="a column twice but for case",
        ),
        pytest.param(
            f"{HEADER}\n{ROW}\n",
            {"mapping": {"invoice_number": "id"}},
            "the column 'id' is mapped twice, to id and invoice_number",
            "correct --map",
            id="a column with two meanings",
        ),
        pytest.param(
            f"{HEADER}\n{ROW}\nb,1\0,2026-01-31\n",
            {},
            "invoices.csv:3: there is a NUL byte",
            "CSV in UTF-8",
            id="a NUL byte",
        ),
        pytest.param(
            f"{HEADER}\n{ROW}\n".encode("utf-16"),
            {},
            "the file is UTF-16",
            "--encoding utf-16",
            id="UTF-16",
        ),
        pytest.param(
            f"{HEADER}\n{ROW}\n".encode() + b"b,\x81,\n",
            {},
            "invoices.csv:3: there are bytes that are not utf-8 or cp1252",
            "--encoding NAME",
            id="bytes of no known encoding",
        ),
        pytest.param(
            f"{HEADER}\n{ROW}\n".encode() + "b,ü,\n".encode("latin-1"),
            {"encoding": "utf-8"},
            "invoices.csv:3: there are bytes that are not utf-8",
            "--encoding NAME",
            id="not the encoding that was named",
        ),
        pytest.param(
            f"{HEADER}\n{ROW}\n",
            {"encoding": "utf-16"},
            "invoices.csv:1: there are bytes that are not utf-16",
            "--encoding NAME",
            id="UTF-16 that was only said",
        ),
        pytest.param(
            f'{HEADER}\n{ROW}\nb,"1.00,2026-01-31\nc,1.00,2026-01-31\n',
            {},
            "invoices.csv:3: a double quote is opened in this row and never closed",
            "close it",
            id="an open quote",
        ),
        pytest.param(
            f'{HEADER}\n{ROW}\nb,1.00,"',
            {},
            "invoices.csv:3: a double quote is opened",
            "close it",
            id="an open quote at the very end",
        ),
        pytest.param(
            f'{HEADER}\n{ROW}\nb,"1.00\n' + f"{ROW}\n" * 20_000,
            {},
            "invoices.csv:3: a double quote is opened",
            "close it",
            id="an open quote that swallows much",
        ),
        pytest.param(
            f"{HEADER}\na,1.00,\nb,1.00,01/02/2026\n",
            {},
            "invoices.csv:3, column 'issue_date': '01/02/2026' may be day first or month first",
            "--date-order dmy or --date-order mdy",
            id="day or month",
        ),
    ],
)
def test_an_unusable_file_is_refused_with_a_remedy(
    read_text: Any, content: str | bytes, options: dict[str, Any], detail: str, remedy: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_text(content, **options)
    assert "invoices.csv" in str(caught.value)
    assert detail in str(caught.value)
    assert remedy in caught.value.remedy


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for name in ("nowhere.csv", "nowhere.parquet"):
        pattern = rf"{re.escape(name)}: cannot be opened.*check the path"
        with pytest.raises(InputError, match=pattern):
            read_ledger(tmp_path / name, [])


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        read_ledger(tmp_path, [])


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "x.parquet"
    path.write_text("id,amount")
    with pytest.raises(InputError, match="no Parquet file"):
        read_ledger(path, [])


@pytest.mark.parametrize("given", [7, None, b"id", {"id": "a"}])
def test_other_objects_are_refused(given: object) -> None:
    with pytest.raises(InputError, match=r"invoices: a \w+ cannot be read.*Arrow C stream"):
        read_ledger(given, [])


def test_records_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(InputError, match=r"row 1 is a str .*BankTransaction objects or mappings"):
        read_ledger([], ["t"])


def test_records_without_a_needed_column_are_refused() -> None:
    with pytest.raises(InputError, match="invoices need a column amount"):
        read_ledger([{"id": "a", "due_date": "2026-01-31"}], [])


def test_parquet_and_data_frames_need_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Frame:
        def __arrow_c_stream__(self) -> None: ...

    monkeypatch.setattr(reader, "has_arrow", lambda: False)
    (tmp_path / "x.parquet").touch()
    for given in (tmp_path / "x.parquet", Frame()):
        with pytest.raises(MissingExtraError, match=r"pip install 'recon-sdk\[arrow\]'"):
            read_ledger(given, [])


def test_an_empty_side_is_a_ledger_too(read_text: Any) -> None:
    result = read_text(f"{HEADER}\n", "id,amount,booking_date")
    assert len(result.ledger.invoices) == len(result.ledger.transactions) == 0
    assert (result.invoices.rows, result.ledger.currencies) == (0, [])
    assert len(read_ledger([], [], ReadOptions()).ledger.invoices) == 0
