from __future__ import annotations

import csv
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from recon_sdk import writing
from recon_sdk.digests import match_id
from recon_sdk.errors import InputError
from recon_sdk.results import Result
from recon_sdk.writing import (
    CANDIDATE_COLUMNS,
    MATCH_COLUMNS,
    check_target,
    replacing,
    write_candidates,
    write_matches,
    write_problems,
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_match_has_one_row_for_each_allocation_with_the_agreed_columns(
    result: Result, tmp_path: Path
) -> None:
    write_matches(result, tmp_path / "m.csv")
    rows = rows_of(tmp_path / "m.csv")
    header = (tmp_path / "m.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == (
        "match_id,invoice_id,transaction_id,settled_amount,settled_currency,paid_amount,"
        "paid_currency,score,kind,decision,reasons,difference_kind,difference_amount,explanation"
    )
    assert len(rows) == 7
    batch = [row for row in rows if row["transaction_id"] == "t2"]
    assert [(r["invoice_id"], r["settled_amount"], r["paid_amount"]) for r in batch] == [
        ("i2", "700.00", "-700.00"),
        ("i3", "-120.00", "120.00"),
    ]
    assert len({r["match_id"] for r in batch}) == 1


def test_what_is_written_equals_the_match_objects(result: Result, tmp_path: Path) -> None:
    result = Result(result.outcome, _without_failing_rule(result), result.digest)
    write_matches(result, tmp_path / "m.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "m.jsonl").read_text().splitlines()]
    expected = [
        {
            "match_id": match.id,
            "invoice_id": a.invoice_id,
            "transaction_id": a.transaction_id,
            "settled_amount": a.settled.decimal,
            "settled_currency": a.settled.currency,
            "paid_amount": a.paid.decimal,
            "paid_currency": a.paid.currency,
            "score": match.score / 1e6,
            "kind": match.kind.value,
            "decision": match.decision.value,
            "reasons": " ".join(r.value for r in match.reasons),
            "difference_kind": match.difference.kind.value if match.difference else "",
            "difference_amount": match.difference.amount.decimal if match.difference else "",
            "explanation": result.explain(match),
        }
        for match in result.matches
        for a in match.allocations
    ]
    assert rows == expected


def _without_failing_rule(result: Result) -> Any:
    import attrs

    return attrs.evolve(result.rule_set, rules=result.rule_set.rules[:2])


def test_a_score_has_six_decimals_and_a_yen_none(result: Result, tmp_path: Path) -> None:
    write_matches(result, tmp_path / "m.csv")
    by_invoice = {row["invoice_id"]: row for row in rows_of(tmp_path / "m.csv")}
    assert by_invoice["i1"]["score"] == "0.912345"
    assert by_invoice["i2"]["score"] == "1.000000"
    assert by_invoice["i5"]["settled_amount"] == "5000"
    assert by_invoice["i5"]["difference_kind"] == "bank_fee"
    assert by_invoice["i5"]["difference_amount"] == "-100"


def test_reasons_are_separated_by_blanks_and_empty_where_it_is_automatic(
    result: Result, tmp_path: Path
) -> None:
    write_matches(result, tmp_path / "m.csv")
    by_payment = {row["transaction_id"]: row for row in rows_of(tmp_path / "m.csv")}
    assert by_payment["t8"]["reasons"] == "no_identity below_margin"
    assert by_payment["t8"]["decision"] == "review"
    assert (by_payment["t1"]["decision"], by_payment["t1"]["reasons"]) == ("auto", "")


def test_a_spreadsheet_runs_no_text_of_ours(result: Result, tmp_path: Path) -> None:
    write_matches(result, tmp_path / "m.csv")
    write_candidates(result, tmp_path / "c.csv")
    write_problems(result.problems, tmp_path / "p.csv")
    amounts = {"settled_amount", "paid_amount", "difference_amount", "score", "evidence"}
    for name in ("m.csv", "c.csv", "p.csv"):
        for row in rows_of(tmp_path / name):
            for column, cell in row.items():
                assert column in amounts or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert any(row["invoice_id"] == "'+9" for row in rows_of(tmp_path / "m.csv"))
    assert any(row["paid_amount"] == "-100.00" for row in rows_of(tmp_path / "m.csv"))


def test_only_csv_cells_are_guarded(result: Result, tmp_path: Path) -> None:
    write_matches(result, tmp_path / "m.jsonl")
    first = json.loads((tmp_path / "m.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["invoice_id"] == "+9"


def test_text_with_quotes_commas_and_line_ends_survives_a_csv_reader(tmp_path: Path) -> None:
    from recon_sdk.writing.tables import Column, write_table

    values = ['say "hi", then go', "two\nlines", "a\rb", "plain", "", " blank "]
    write_table([Column(name="x", values=values)], tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] if row else "" for row in csv.reader(file)] == ["x", *values]


def test_candidates_and_runners_up_share_one_file(result: Result, tmp_path: Path) -> None:
    write_candidates(result, tmp_path / "c.csv")
    rows = rows_of(tmp_path / "c.csv")
    assert tuple(rows[0]) == CANDIDATE_COLUMNS
    assert [(r["record"], r["invoice_id"], r["transaction_id"], r["rank"]) for r in rows] == [
        ("candidate", "i1", "t1", "1"),
        ("candidate", "i1", "t6", "2"),
        ("candidate", "i4", "t3", "1"),
        ("alternative", "i1", "t6", ""),
    ]
    assert rows[0]["contributions"] == "exact_amount=0.500000 named_payer=-0.050000"
    assert rows[1]["contributions"] == "exact_amount=0.500000"
    assert rows[2]["evidence"] == "-700"
    assert rows[3]["alternative_of"] == match_id([("i1", "t1")])
    assert rows[3]["match_id"] == match_id([("i1", "t6")])
    assert rows[3]["evidence"] == "5000"


def test_numbers_of_candidates_are_numbers_in_json(result: Result, tmp_path: Path) -> None:
    write_candidates(result, tmp_path / "c.ndjson")
    rows = [json.loads(line) for line in (tmp_path / "c.ndjson").read_text().splitlines()]
    assert (rows[0]["rank"], rows[0]["score"], rows[3]["rank"]) == (1, 0.912345, None)


def test_a_rule_that_fails_costs_its_words_and_nothing_else(
    result: Result, tmp_path: Path
) -> None:
    write_matches(result, tmp_path / "m.csv")
    assert "raising" not in (tmp_path / "m.csv").read_text(encoding="utf-8")


def test_an_empty_result_gives_a_header_alone(empty_result: Result, tmp_path: Path) -> None:
    write_matches(empty_result, tmp_path / "m.csv")
    write_candidates(empty_result, tmp_path / "c.csv")
    write_matches(empty_result, tmp_path / "m.jsonl")
    assert (tmp_path / "m.csv").read_text() == ",".join(MATCH_COLUMNS) + "\n"
    assert (tmp_path / "c.csv").read_text() == ",".join(CANDIDATE_COLUMNS) + "\n"
    assert (tmp_path / "m.jsonl").read_text() == ""


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_equal_results_give_equal_bytes(result: Result, tmp_path: Path, ending: str) -> None:
    write_matches(result, tmp_path / f"a.{ending}")
    write_matches(result, tmp_path / f"b.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
    assert b"\r" not in (tmp_path / f"a.{ending}").read_bytes()


def test_parquet_has_the_same_columns_and_rows(result: Result, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    write_matches(result, tmp_path / "m.parquet")
    write_matches(result, tmp_path / "m.jsonl")
    table = pq.read_table(tmp_path / "m.parquet")
    assert tuple(table.column_names) == MATCH_COLUMNS
    lines = (tmp_path / "m.jsonl").read_text(encoding="utf-8").splitlines()
    assert table.to_pylist() == [json.loads(line) for line in lines]
    write_candidates(result, tmp_path / "c.parquet")
    assert pq.read_table(tmp_path / "c.parquet")["rank"].to_pylist() == [1, 2, 1, None]


def test_problem_rows_say_where_and_what_to_do(result: Result, tmp_path: Path) -> None:
    write_problems(result.problems, tmp_path / "p.csv")
    rows = rows_of(tmp_path / "p.csv")
    assert len(rows) == 25
    assert (rows[0]["file"], rows[0]["line"], rows[0]["column"]) == ("bank.csv", "2", "amount")
    assert rows[0]["remedy"] == "write it like 1.50"


def test_an_unknown_ending_is_refused_before_anything_is_written(
    result: Result, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"unknown ending '\.xlsx' \(use \.csv"):
        write_matches(result, tmp_path / "m.xlsx")
    with pytest.raises(InputError, match="unknown ending"):
        check_target(tmp_path / "m")
    check_target(tmp_path / "anything", is_table=False)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(result: Result, tmp_path: Path) -> None:
    for call in (lambda p: write_matches(result, p), check_target):
        with pytest.raises(InputError, match=r"the folder .*nowhere does not exist"):
            call(tmp_path / "nowhere" / "m.csv")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "m.csv"
    target.write_text("old")

    def interrupted(*_: object) -> Any:
        yield "half a line"
        raise KeyboardInterrupt

    monkeypatch.setitem(writing.tables._TEXT_FORMS, ".csv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_matches(result, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_written_file_has_ordinary_permissions_and_a_link_stays_one(tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real.txt")
    with replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
    plain = tmp_path / "plain.txt"
    plain.write_text("")
    assert stat.S_IMODE((tmp_path / "real.txt").stat().st_mode) == stat.S_IMODE(
        plain.stat().st_mode
    )


def test_a_device_is_written_to_and_not_replaced() -> None:
    with replacing(os.devnull) as temporary:
        temporary.write_text("gone")
    assert not Path(os.devnull).is_file()


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"), replacing(tmp_path):
        pass
