from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_sdk.errors import InputError
from recon_sdk.reading import ReadOptions, arrow_csv, csv_plain, read_ledger, reader
from recon_sdk.reading.csv_text import examine
from recon_sdk.reading.specs import INVOICES

if TYPE_CHECKING:
    from recon_sdk.reading.csv_text import CsvText
    from recon_sdk.reading.raw import RawTable

names = st.sampled_from(["", "A", " A ", "B", "b", "Ä", "Zulu"])
invoice_rows = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c", "d", "é", "10", "9", "", " a"]),
        "amount": st.sampled_from(["1.50", "-2,00", "3", "1.234", "x", "4.00 USD", 7]),
        "currency": st.sampled_from(["EUR", "usd", "", "KWD", "E"]),
        "issue_date": st.sampled_from(["2026-01-01", "31/12/2025", "01/02/2026", "", "?"]),
        "vendor_name": names,
        "description": names,
        "status": st.sampled_from(["", "", "", "void"]),
    }
)
transaction_rows = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["s", "t", "u", "v"]),
        "amount": st.sampled_from(["-1.50", "2.00"]),
        "booking_date": st.sampled_from(["2026-01-01", "2026-01-02"]),
        "counterparty_name": names,
    }
)


@settings(deadline=None)
@given(st.data(), st.lists(invoice_rows, max_size=8), st.lists(transaction_rows, max_size=5))
def test_the_order_of_rows_does_not_matter(
    data: st.DataObject,
    invoices: list[dict[str, Any]],
    transactions: list[dict[str, Any]],
) -> None:
    from_start = _parts(invoices, transactions)
    shuffled = _parts(
        data.draw(st.permutations(invoices)), data.draw(st.permutations(transactions))
    )
    assert shuffled == from_start


def _parts(invoices: list[Any], transactions: list[Any]) -> Any:
    try:
        result = read_ledger(invoices, transactions)
    except InputError as error:
        assert "date-order" in str(error)  # noqa: PT017
        return "unusable"
    ledger = result.ledger
    columns = [
        [getattr(side, name).tolist() for name in type(side).__annotations__]
        for side in (ledger.invoices, ledger.transactions)
    ]
    counts = [
        (r.rows, r.kept, r.problems, r.duplicates, r.left_out, r.blank)
        for r in (result.invoices, result.transactions)
    ]
    for rows, kept, problems, _, left_out, _ in counts:
        assert rows == kept + problems + left_out
    return columns, list(ledger.texts.values), ledger.currencies, counts


def test_ids_ascend_by_code_point() -> None:
    keys = ("é", "z", "Z", "10", "9")
    rows = [{"id": key, "amount": 1, "due_date": "2026-01-31"} for key in keys]
    ids = read_ledger(rows, []).ledger.invoices.ids.tolist()
    assert ids == sorted(ids) == ["10", "9", "Z", "z", "é"]


@pytest.mark.parametrize(
    ("rows", "kept", "problems"),
    [
        pytest.param(["a 1", "a 1", "a 1"], ["a"], 2, id="the same row three times"),
        pytest.param(["a 1", "a 2"], [], 2, id="two rows of one id"),
        pytest.param(["a 1", "a 1", "a 2"], [], 3, id="a repeated row and another"),
        pytest.param(["a 1", "a x"], [], 2, id="a bad row of the same id"),
        pytest.param(["a x", "a x"], [], 2, id="two bad rows"),
        pytest.param(["b 1", "a 1", "a 1"], ["a", "b"], 1, id="beside another id"),
    ],
)
def test_of_rows_with_one_id_one_survives_only_if_all_are_equal(
    rows: list[str], kept: list[str], problems: int
) -> None:
    records = [
        {"id": row.split()[0], "amount": row.split()[1], "due_date": "2026-01-31"} for row in rows
    ]
    for order in (records, records[::-1]):
        result = read_ledger(order, [])
        assert result.ledger.invoices.ids.tolist() == kept
        assert result.invoice_problems == problems


def test_rows_are_equal_whatever_the_types_of_their_values() -> None:
    rows = [
        {"id": 7, "amount": 150, "due_date": dt.date(2026, 1, 31), "vendor_id": 17},
        {"id": "7", "amount": "1,50", "due_date": "31.01.2026", "vendor_id": " 17 "},
        {"id": "7 ", "amount": Decimal("1.5"), "due_date": "20260131", "vendor_id": "17"},
    ]
    result = read_ledger(rows, [])
    assert result.ledger.invoices.ids.tolist() == ["7"]
    assert (result.invoices.problems, result.invoices.duplicates) == (2, 2)


def test_equal_texts_have_equal_codes_on_both_sides() -> None:
    ledger = read_ledger(
        [{"id": "i", "amount": 1, "due_date": "2026-01-31", "vendor_name": " X "}],
        [{"id": "t", "amount": 1, "booking_date": "2026-01-31", "counterparty_name": "X"}],
    ).ledger
    assert ledger.invoices.vendor_name[0] == ledger.transactions.counterparty_name[0] == 0
    assert list(ledger.texts.values) == ["X"]


pieces = st.lists(
    st.sampled_from(
        ["a", "1", '"', '""', ",", ",", "\n", "\r\n", "\r", " ", "é", "x,y,z\n", 'p,"q",r\n']
    ),
    max_size=25,
)


@settings(deadline=None)
@given(st.sampled_from(["\n", "\r\n", ""]), pieces)
def test_both_csv_readers_find_the_same_in_any_text(end: str, body: list[str]) -> None:
    pytest.importorskip("pyarrow")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.csv")
        path.write_bytes(f"id,amount,due_date{end}{''.join(body)}".encode())
        try:
            text = examine(path, INVOICES, ReadOptions(delimiter=","))
        except InputError:
            return
        assert _content(arrow_csv, text) == _content(csv_plain, text)


def _content(module: Any, text: CsvText) -> Any:
    try:
        raw: RawTable = module.read_csv(text)
    except InputError as error:
        return str(error)
    rows = []
    for row in range(raw.rows):
        cells = [raw.text(name, row) for name in raw.columns]
        if any(cell.strip() for cell in cells):
            rows.append((raw.lines_of(_only(row)).tolist(), cells))
    return rows, list(raw.ragged), raw.blank + raw.rows - len(rows)


def _only(row: int) -> Any:
    return np.array([row], np.int64)


def test_a_file_of_many_blocks_is_read_like_one_of_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger_parts: Any
) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "invoices.csv"
    rows = (f'i{n},{n % 7}.50,2026-01-{n % 28 + 1:02},"Name, {n % 11}"' for n in range(500))
    path.write_text("id,amount,due_date,vendor_name\n" + "\n".join([*rows, "x,1", "y,z,,"]))
    monkeypatch.setattr(reader, "_SMALL", 0)
    expected = read_ledger(path, [])
    monkeypatch.setattr(arrow_csv, "_BLOCK", 256)
    monkeypatch.setattr(arrow_csv, "_GATHERED", 2_000)
    found = read_ledger(path, [])
    assert ledger_parts(found.ledger) == ledger_parts(expected.ledger)
    assert [problem.line for problem in found.problems] == [502, 503]
    assert list(map(str, found.problems)) == list(map(str, expected.problems))
