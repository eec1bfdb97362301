from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

from recon_sdk.cli import main
from recon_sdk.configuration import load_config
from recon_sdk.errors import ConfigError, InputError, RunError
from recon_sdk.structuring import unstructure
from recon_sdk.tuning import tune, tuned_toml, write_tuned

if TYPE_CHECKING:
    from pathlib import Path

Rows = Any
Folder = Any
WRONG = {"rules": {"same_name": {"weight": 0.0}, "noise": {"weight": 0.5}}}


def test_wrong_weights_are_put_right(rows: Rows) -> None:
    found = tune(*rows, config=WRONG)
    changes = {verdict.path: verdict for verdict in found.changes}
    assert {"rules.same_name.weight", "rules.noise.weight"} & changes.keys()
    assert all("on parties unseen" in v.reason for v in changes.values())
    before = sum(fold.top1 for fold in found.before) / 5
    after = sum(fold.top1 for fold in found.after) / 5
    assert before < 0.5
    assert after > 0.9
    assert (found.links, found.parties, found.folds) == (120, 40, 5)


def test_good_weights_are_kept(rows: Rows) -> None:
    found = tune(*rows, config={"settings": {"rules-default": {"least": 3_000}}})
    assert found.changes == ()
    assert found.config == found.base
    assert found.before == found.after
    assert {v.path for v in found.verdicts} == {
        "rules.nearness.weight",
        "rules.noise.weight",
        "rules.same_amount.weight",
        "rules.same_name.weight",
        "settings.rules-default.far",
        "settings.rules-default.least",
        "threshold",
    }


def test_a_threshold_that_shuts_out_the_truth_is_lowered(rows: Rows) -> None:
    found = tune(*rows, config={"threshold": 0.99})
    (verdict,) = [v for v in found.changes if v.path == "threshold"]
    assert verdict.current == 0.99
    assert verdict.proposed == 0.6
    assert sum(f.f1 for f in found.after) > sum(f.f1 for f in found.before)


def test_little_data_lowers_no_caution(rows: Rows) -> None:
    found = tune(*rows, config={"settings": {"rules-default": {"least": 30_000}}})
    assert "settings.rules-default.least" not in {v.path for v in found.changes}


def test_a_caution_is_raised_where_automatic_links_are_wrong(rows: Rows) -> None:
    invoices, payments, links = rows
    for row in payments[::3]:
        row["counterparty_name"] = ""  # nobody knows whose payment it is
    found = tune(invoices, payments, links, config={"settings": {"rules-default": {"least": 0}}})
    (verdict,) = [v for v in found.verdicts if v.path == "settings.rules-default.least"]
    assert verdict.proposed > 0
    assert "wrong ones" in verdict.reason


def test_the_same_seed_gives_the_same_bytes_in_any_order_of_rows(rows: Rows) -> None:
    invoices, payments, links = rows
    first = tuned_toml(tune(invoices, payments, links, config=WRONG, seed=3))
    again = tune(invoices[::-1], payments[::-1], links[::-1], config=WRONG, seed=3)
    assert tuned_toml(again) == first


def test_the_written_file_is_the_proposed_configuration(rows: Rows, tmp_path: Path) -> None:
    config = {
        **WRONG,
        "direction": "payable",
        "plugins": ["rules-default"],
        "limits": {"nearest": 30},
        "settings": {"rules-default": {"far": 20}},
    }
    found = tune(*rows, config=config)
    write_tuned(found, tmp_path / "tuned.toml", base="old\n.toml")
    assert unstructure(load_config(tmp_path / "tuned.toml")) == unstructure(found.config)
    text = (tmp_path / "tuned.toml").read_text()
    assert text.startswith("# Proposed by `recon tune`.")
    assert "starting from old .toml." in text
    assert "120 labelled links of 120 invoices and 120 transactions" in text
    assert text.count("# Was ") == len(found.changes)


def test_every_kind_of_value_can_be_written(rows: Rows) -> None:
    import attrs

    found = tune(*rows)
    odd = {"a b": [1, 2.5, True], "text": 'say "x"\x7f\n', "table": {"EUR": 5}}
    config = attrs.evolve(found.base, settings={"odd": odd}, explainers=("é",))
    text = tuned_toml(attrs.evolve(found, config=config))
    assert tomllib.loads(text) == {"explainers": ["é"], "settings": {"odd": odd}}


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"folds": 1}, ConfigError, "at least 2"),
        ({"config": {"strategy": "rank"}}, ConfigError, "claims nothing"),
        ({"folds": 41}, InputError, "belong to 40 parties"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    rows: Rows, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        tune(*rows, **change)


def test_too_few_links_are_refused(rows: Rows) -> None:
    invoices, payments, links = rows
    with pytest.raises(InputError, match="truth: has 49 labelled links"):
        tune(invoices, payments, links[:49])


def test_a_rule_that_fails_is_to_be_cured_first(
    rows: Rows, toy_rule: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toy_rule, "score", lambda _rule, _pairs: None)
    with pytest.raises(RunError, match=r"returned NoneType.*cure it first"):
        tune(*rows)


def test_links_to_unknown_rows_are_told(rows: Rows) -> None:
    invoices, payments, links = rows
    found = tune(invoices, payments, [*links, ("nowhere", "T000-0")])
    assert found.notes == ("links of the truth whose rows are not there: 1",)


# ------------------------------------------------------------------------------------------------
# The command
# ------------------------------------------------------------------------------------------------


def recon(*words: object) -> int:
    return main([str(word) for word in words])


def test_the_command_shows_before_and_after_and_writes_a_file(
    folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, tuned = tmp_path / "wrong.toml", tmp_path / "tuned.toml"
    wrong.write_text("[rules.same_name]\nweight = 0.0\n[rules.noise]\nweight = 0.5\n")
    assert recon("tune", folder, "--config", wrong, "--out", tuned) == 0
    out = capsys.readouterr().out
    assert "120 labelled links, 40 groups of parties, 5 folds, seed 0" in out
    assert "top 1 by score" in out
    assert "Proposed" in out
    files = folder / "invoices.csv", folder / "transactions.csv"
    assert recon("match", *files, "--config", tuned, "--quiet") == 0
    assert recon("backtest", *files, "--config", wrong, "--config", tuned, "--quiet") == 0


def test_a_file_that_is_there_is_replaced_by_force_alone(
    folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tuned.toml"
    out.write_text("# mine\n")
    assert recon("tune", folder, "--out", out) == 2
    assert out.read_text() == "# mine\n"
    assert "--force replaces it" in capsys.readouterr().err
    assert recon("tune", folder, "--out", out, "--force", "--quiet") == 0
    first = out.read_bytes()
    assert recon("tune", folder, "--out", out, "--force", "--quiet") == 0
    assert out.read_bytes() == first
    assert recon("tune", folder, "--out", tmp_path / "tuned.json") == 2
    with pytest.raises(InputError, match="already there"):
        write_tuned(None, out)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"use \.toml"):
        write_tuned(None, tmp_path / "x.json")  # type: ignore[arg-type]


def test_the_command_prints_json(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert recon("tune", folder, "--json", "--folds", "4", "--seed", "5") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["folds"], found["seed"], len(found["before"])) == (4, 5, 4)
    assert {verdict["verdict"] for verdict in found["verdicts"]} <= {"keep", "change"}


def test_too_little_data_is_one_line_of_error(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = folder / "truth.csv"
    truth.write_text("\n".join(truth.read_text().splitlines()[:20]) + "\n")
    assert recon("tune", folder) == 1
    assert "19 labelled links" in capsys.readouterr().err
