from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

if TYPE_CHECKING:
    from pathlib import Path

Recon = Any
Files = Any


@pytest.fixture
def configs(tmp_path: Path) -> tuple[Path, Path]:
    """The defaults, and a threshold above every score that the toy rules give."""
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text('direction = "payable"\n')
    new.write_text('direction = "payable"\nthreshold = 0.9\n')
    return old, new


def both(configs: tuple[Path, Path]) -> tuple[object, ...]:
    old, new = configs
    return "--config", old, "--config", new


def test_matches_that_vanish_are_listed_with_totals_and_settings(
    recon: Recon, files: Files, configs: tuple[Path, Path]
) -> None:
    answer = recon("backtest", *files, *both(configs))
    assert answer.code == 0, answer.err
    assert "threshold  0.25  0.9" in answer.out
    assert "Matches                    3     0       -3" in answer.out
    assert "vanished  I1        T1        100.00 EUR  auto 0.75  -" in answer.out
    assert "Settled, EUR 655.00 0.00 -655.00" in " ".join(answer.out.split())


def test_equal_rules_change_nothing(
    recon: Recon, files: Files, configs: tuple[Path, Path]
) -> None:
    old, _ = configs
    answer = recon("backtest", *files, "--config", old, "--config", old, "--fail-on-change")
    assert answer.code == 0
    assert "Matches that change  0" in answer.out
    assert "Matches that stay    3" in answer.out


def test_any_change_has_an_exit_code_of_its_own_on_request(
    recon: Recon, files: Files, configs: tuple[Path, Path]
) -> None:
    assert recon("backtest", *files, *both(configs), "--fail-on-change").code == 3


def test_one_configuration_is_compared_with_the_defaults(
    recon: Recon, files: Files, tmp_path: Path
) -> None:
    new = tmp_path / "new.toml"
    new.write_text('direction = "payable"\n')
    found = json.loads(recon("backtest", *files, "--config", new, "--json").out)
    assert found["settings"] == [{"path": "direction", "old": None, "new": "payable"}]
    (change,) = found["changes"]
    assert change["change"] == "decision"
    assert change["old"]["reasons"] == ["direction_unknown"]
    assert (change["new"]["decision"], change["settled"]) == ("auto", "345.00 EUR")
    assert found["unchanged"] == 2


def test_the_truth_measures_both_sides(
    recon: Recon, ledger: Path, files: Files, configs: tuple[Path, Path]
) -> None:
    truth = ledger / "truth.csv"
    out = recon("backtest", *files, *both(configs), "--truth", truth).out
    assert "F1 100.00 % 0.00 % -100.00" in " ".join(out.split())
    found = json.loads(recon("backtest", *files, *both(configs), "--truth", truth, "--json").out)
    assert found["old"]["evaluation"]["f1"] == 1


def test_changes_are_written_one_row_each(
    recon: Recon, files: Files, configs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "changes.csv"
    answer = recon("backtest", *files, *both(configs), "--out", out, "--quiet")
    assert (answer.code, answer.out) == (0, "")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["invoice_ids"] for row in rows] == ["I1", "I2", "I3"]
    assert {row["change"] for row in rows} == {"vanished"}
    assert (rows[0]["old_decision"], rows[0]["new_decision"]) == ("auto", "")
    assert (rows[0]["settled_amount"], rows[0]["old_score"]) == ("100.00", "0.750000")


def test_a_score_within_the_tolerance_is_no_change(
    recon: Recon, files: Files, configs: tuple[Path, Path], tmp_path: Path
) -> None:
    new = tmp_path / "other.toml"
    new.write_text('direction = "payable"\n[rules.same_amount]\nweight = 0.74\n')
    words = ("backtest", *files, "--config", configs[0], "--config", new, "--json")
    assert json.loads(recon(*words).out)["by_kind"] == {"score": 3}
    assert json.loads(recon(*words, "--tolerance", "0.01").out)["by_kind"] == {}


def test_a_third_configuration_or_a_file_named_twice_is_a_wrong_command_line(
    recon: Recon, files: Files, configs: tuple[Path, Path]
) -> None:
    assert recon("backtest", *files, *both(configs), "--config", configs[0]).code == 2
    assert recon("backtest", *files, *both(configs), "--out", files[0]).code == 2
    assert recon("backtest", *files).code == 2


def test_many_changes_are_cut_on_the_terminal_alone(
    recon: Recon, files: Files, configs: tuple[Path, Path]
) -> None:
    with files[0].open("a") as invoices, files[1].open("a") as payments:
        for n in range(50):
            invoices.write(f"X{n:03},N{n},Acme,{1000 + n}.00,EUR,2026-03-01,payable\n")
            payments.write(f"Y{n:03},2026-03-10,-{1000 + n}.00,EUR,Acme,\n")
    answer = recon("backtest", *files, *both(configs))
    assert "and 13 more; --out FILE.csv writes all of them" in answer.out


def test_a_page_is_written(
    recon: Recon, files: Files, configs: tuple[Path, Path], tmp_path: Path
) -> None:
    pytest.importorskip("jinja2")
    page = tmp_path / "changes.html"
    recon("backtest", *files, *both(configs), "--report", page, "--quiet")
    assert "3 of 3 matches would change." in page.read_text(encoding="utf-8")
