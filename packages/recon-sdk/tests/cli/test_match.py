from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from recon_sdk.engine import LocalEngine

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("click")
pytest.importorskip("rich")

Recon = Any
Files = Any


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_summary_goes_to_stdout_and_nothing_else_does(recon: Recon, files: Files) -> None:
    answer = recon("match", *files)
    assert answer.code == 0
    assert "Invoices" in answer.out
    assert "655.00 EUR" in answer.out
    assert "for review" in answer.out


def test_every_asked_for_file_is_written(recon: Recon, files: Files, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    names = ("m.csv", "c.jsonl", "r.html", "p.csv")
    out, candidates, report, problems = (tmp_path / name for name in names)
    answer = recon(
        "match", *files, "--out", out, "--candidates", candidates, "--report", report,
        "--problems", problems,
    )  # fmt: skip
    assert answer.code == 0
    assert [(r["invoice_id"], r["transaction_id"], r["decision"]) for r in rows_of(out)] == [
        ("I1", "T1", "auto"),
        ("I2", "T2", "auto"),
        ("I3", "T3", "review"),
    ]
    assert len(candidates.read_text().splitlines()) == 3
    assert report.read_text().startswith("<!DOCTYPE html>")
    assert problems.read_text() == "file,line,column,reason,remedy\n"


def test_with_a_file_and_no_terminal_stdout_stays_empty(
    recon: Recon, files: Files, tmp_path: Path
) -> None:
    answer = recon("match", *files, "--out", tmp_path / "m.csv")
    assert answer.out == ""
    assert "Invoices" in answer.err


def test_json_is_all_that_stdout_has(recon: Recon, files: Files, tmp_path: Path) -> None:
    answer = recon("match", *files, "--json", "--out", tmp_path / "m.csv")
    summary = json.loads(answer.out)
    assert (summary["invoices"], summary["matches"], summary["auto"]) == (3, 3, 2)
    assert summary["open_amount"] == {"EUR": "655.00"}
    assert len(summary["digest"]) == 64


def test_quiet_says_only_what_is_wrong(recon: Recon, files: Files) -> None:
    answer = recon("match", *files, "--quiet", "--direction", "payable")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_an_unknown_direction_is_pointed_out_with_the_flag_that_settles_it(
    recon: Recon, files: Files
) -> None:
    assert (
        "note: 1 invoice has no direction: pass --direction payable (you pay them) or "
        "--direction receivable (you are paid); nothing about them is decided automatically "
        "until then"
    ) in recon("match", *files).err
    assert "no direction" not in recon("match", *files, "--direction", "payable").err


def test_bad_rows_are_listed_with_line_column_and_reason(
    recon: Recon, files: Files, tmp_path: Path
) -> None:
    with files[0].open("a") as file:
        for at in range(25):
            file.write(f"X{at},,,12.345,EUR,2026-03-01,payable\n")
    problems = tmp_path / "p.csv"
    answer = recon("match", *files, "--problems", problems)
    assert answer.code == 0
    assert "25 rows could not be used:" in answer.err
    assert "invoices.csv:5, column 'amount':" in answer.err
    assert "and 5 more; --problems" in answer.err
    assert "invoices.csv:25," not in answer.err
    assert len(rows_of(problems)) == 25


def test_strict_stops_at_the_first_bad_row(recon: Recon, files: Files, tmp_path: Path) -> None:
    with files[1].open("a") as file:
        file.write("T5,2026-03-01,nothing,EUR,,\n")
    answer = recon("match", *files, "--strict", "--out", tmp_path / "m.csv")
    assert answer.code == 1
    assert answer.err.startswith("recon: ")
    assert "transactions.csv:6, column 'amount'" in answer.err
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "m.csv").exists()


def test_other_column_names_and_formats_are_read_as_told(
    recon: Recon, files: Files, tmp_path: Path
) -> None:
    files[0].write_text(
        "InvNo;Key;Betrag;Datum\nRE-1001;I1;1.100,00;01.03.2026\n", encoding="cp1252"
    )
    files[1].write_text("Key;amount;booking_date\nT1;-1.100,00;02.03.2026\n", encoding="cp1252")
    answer = recon(
        "match", *files, "--map", "invoice_number=InvNo", "--map", "id=Key",
        "--map", "invoices.amount=Betrag", "--map", "issue_date=Datum", "--delimiter",
        "semicolon", "--decimal", ",", "--date-order", "dmy", "--encoding", "cp1252",
        "--currency", "CHF", "--direction", "payable", "--out", tmp_path / "m.csv",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    (row,) = rows_of(tmp_path / "m.csv")
    assert (row["invoice_id"], row["settled_amount"], row["settled_currency"]) == (
        "I1",
        "1100.00",
        "CHF",
    )


def test_the_configuration_counts_and_the_command_line_wins(
    recon: Recon, files: Files, tmp_path: Path
) -> None:
    config = tmp_path / "recon.toml"
    config.write_text('threshold = 0.9\ndirection = "payable"\n')
    read = lambda *words: json.loads(recon("match", *files, "--json", *words).out)  # noqa: E731
    assert read("--config", config)["matches"] == 0
    assert read("--config", config, "--threshold", "0.5")["matches"] == 3
    assert read("--config", config, "--threshold", "0.5")["direction_unknown"] == 0


def test_a_wrong_configuration_is_a_path_and_a_remedy(
    recon: Recon, files: Files, tmp_path: Path
) -> None:
    config = tmp_path / "recon.toml"
    config.write_text("treshold = 0.9\n")
    answer = recon("match", *files, "--config", config)
    assert answer.code == 1
    assert "treshold" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--map", "InvNo"), "not of the form OURS=THEIRS"),
        (("--threshold", "2"), "not in the range 0<=x<=1"),
        (("--direction", "up"), "is not one of"),
        (("--top-n", "0"), "not in the range"),
        (("--nonsense",), "No such option"),
    ],
)
def test_a_wrong_command_line_is_exit_code_two(
    recon: Recon, files: Files, words: tuple[str, ...], message: str
) -> None:
    answer = recon("match", *files, *words)
    assert answer.code == 2
    assert message in answer.err
    assert answer.out == ""


def test_a_file_that_does_not_exist_is_exit_code_two(recon: Recon, files: Files) -> None:
    answer = recon("match", files[0], "nowhere.csv")
    assert answer.code == 2
    assert "'nowhere.csv' does not exist" in answer.err


@pytest.mark.parametrize("option", ["--out", "--report", "--problems"])
def test_no_output_takes_the_place_of_an_input(recon: Recon, files: Files, option: str) -> None:
    before = files[0].read_bytes()
    answer = recon("match", *files, option, files[0])
    assert answer.code == 2
    assert "is given twice" in answer.err
    assert files[0].read_bytes() == before


def test_two_outputs_never_share_a_file(recon: Recon, files: Files, tmp_path: Path) -> None:
    same = tmp_path / "x.csv"
    assert recon("match", *files, "--out", same, "--candidates", same).code == 2


def test_a_bad_output_is_refused_before_the_run(
    recon: Recon, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalEngine, "run", lambda *_: pytest.fail("the run was started"))
    for path in (tmp_path / "m.xlsx", tmp_path / "nowhere" / "m.csv"):
        answer = recon("match", *files, "--out", path)
        assert answer.code == 1
        assert answer.err.count("\n") == 1


def test_an_unknown_engine_is_named_with_those_there_are(recon: Recon, files: Files) -> None:
    answer = recon("match", *files, "--engine", "abacus")
    assert answer.code == 1
    assert "there is no engine 'abacus'; installed and active: local" in answer.err


def test_without_a_rule_plugin_the_command_to_run_is_said(
    recon: Recon, installed: dict[str, object], files: Files
) -> None:
    installed.clear()
    answer = recon("match", *files)
    assert answer.code == 1
    assert "pip install recon-rules-default" in answer.err


def test_an_interrupt_is_exit_code_130_and_leaves_the_old_file(
    recon: Recon, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "m.csv"
    out.write_text("old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalEngine, "run", interrupted)
    answer = recon("match", *files, "--out", out)
    assert answer.code == 130
    assert "interrupted" in answer.err
    assert out.read_text() == "old"
    assert list(tmp_path.glob(".*")) == []


def test_a_reader_that_went_away_is_no_traceback() -> None:
    code = "import sys; from recon_sdk.cli import main; sys.exit(main(['completion', 'bash']))"
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as gone:
        done = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_failing_rule_is_named_and_the_files_are_written(
    recon: Recon, installed: dict[str, Any], files: Files, tmp_path: Path
) -> None:
    class Raising(type(installed["rules-default"].rules[0])):  # type: ignore[misc]
        def score(self, _pairs: object) -> object:
            raise ZeroDivisionError

    good = installed["rules-default"].rules[0]
    installed["rules-default"] = type(installed["rules-default"])(good, Raising("broken"))
    answer = recon("match", *files, "--out", tmp_path / "m.csv")
    assert answer.code == 0, answer.err
    assert "note: broken of plugin rules-default was set aside" in answer.err
    assert len(rows_of(tmp_path / "m.csv")) == 3


def test_ranking_alone_writes_candidates_and_no_matches(
    recon: Recon, files: Files, tmp_path: Path
) -> None:
    answer = recon("match", *files, "--strategy", "rank", "--candidates", tmp_path / "c.csv")
    assert answer.code == 0
    assert {row["record"] for row in rows_of(tmp_path / "c.csv")} == {"candidate"}


def test_equal_runs_write_equal_bytes(recon: Recon, files: Files, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    for name in ("a", "b"):
        recon(
            "match", *files, "--out", tmp_path / f"{name}.csv",
            "--report", tmp_path / f"{name}.html",
        )  # fmt: skip
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
