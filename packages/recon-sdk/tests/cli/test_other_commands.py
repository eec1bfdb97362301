from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

click = pytest.importorskip("click")
pytest.importorskip("rich")

from recon_sdk.cli import app, main  # noqa: E402
from recon_sdk.cli.demo import DEMO_FILES  # noqa: E402

Recon = Any
Files = Any

EXAMPLES = Path(__file__).parents[4] / "examples" / "ledger"


def test_every_command_has_help_with_a_real_example(recon: Recon) -> None:
    for name, command in app.recon.commands.items():
        answer = recon(name, "--help")
        assert answer.code == 0
        assert f"  recon {name} " in answer.out or f"  recon {name}\n" in answer.out
        for line in answer.out.partition("Examples:")[2].splitlines():
            words = line.split(" >")[0].split()[2:]
            context = command.make_context(name, words, resilient_parsing=True)
            assert context.command is command
            known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
            assert {word for word in words if word.startswith("--")} <= known


def test_help_and_version_need_no_plugin(recon: Recon) -> None:
    assert "explain" in recon("--help").out
    assert recon("--version").out.startswith("recon, version ")
    assert recon("nonsense").code == 2


def test_a_match_is_explained_by_its_invoice_its_transaction_or_its_id(
    recon: Recon, files: Files
) -> None:
    by_invoice = recon("explain", *files, "I1")
    assert by_invoice.code == 0
    key = by_invoice.out.split()[1]
    assert recon("explain", *files, "T1").out == by_invoice.out
    assert recon("explain", *files, key).out.strip() == by_invoice.out.strip()
    assert recon("explain", *files, key[:12]).out.strip() == by_invoice.out.strip()
    assert "invoice      I1: RE-1001 Acme 100.00 EUR" in by_invoice.out
    assert "same_amount          1.00 of +0.75 gives +0.75  -100.00 EUR for" in by_invoice.out


def test_a_pair_that_was_not_matched_says_what_won(recon: Recon, files: Files) -> None:
    out = recon("explain", *files, "I1", "T2").out
    assert "I1 and T2 are not matched with each other." in out
    assert "not among the candidates" in out
    assert "the amounts differ" in out
    assert "I1 went to match m_" in out
    assert "T2 went to match m_" in out


def test_a_pair_that_was_matched_is_explained_like_its_match(recon: Recon, files: Files) -> None:
    assert recon("explain", *files, "I1", "T1").out == recon("explain", *files, "I1").out


def test_a_losing_candidate_says_its_rank(recon: Recon, files: Files) -> None:
    with files[1].open("a") as file:
        file.write("T9,2026-03-20,-100.00,EUR,Acme,\n")
    out = recon("explain", *files, "I1", "T9").out
    assert "The transaction is candidate 2 of the invoice, score 0.75:" in out
    assert "T9 is in no match." in out
    alone = recon("explain", *files, "T9").out
    assert "Transaction T9 is in no match." in alone
    assert "score 0.75: I1: RE-1001 Acme 100.00 EUR" in alone


def test_an_unmatched_invoice_lists_its_candidates(recon: Recon, files: Files) -> None:
    with files[0].open("a") as file:
        file.write("I9,RE-1009,Acme,100.00,EUR,2026-03-09,payable\n")
        file.write("I8,RE-1008,Acme,77.00,EUR,2026-03-09,payable\n")
    outs = [recon("explain", *files, key).out for key in ("I1", "I9")]
    loser = next(out for out in outs if "is in no match" in out)
    assert "1. score 0.75, taken by match m_" in loser
    assert "No transaction was near enough to compare with." in recon("explain", *files, "I8").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("I99",), "there is no match, invoice or transaction 'I99'"),
        (("I99", "T1"), "there is no invoice 'I99'"),
        (("I1", "T99"), "there is no transaction 'T99'"),
        (("m_",), "3 matches begin with 'm_'; give more of the id"),
    ],
)
def test_an_unknown_key_is_one_line_of_error(
    recon: Recon, files: Files, words: tuple[str, ...], message: str
) -> None:
    answer = recon("explain", *files, *words, "--direction", "payable")
    assert answer.code == 1
    assert answer.err.startswith("recon: ")
    assert message in answer.err


def test_a_ledger_is_evaluated_against_its_truth(recon: Recon, ledger: Path) -> None:
    found = json.loads(recon("evaluate", ledger, "--json").out)
    assert (found["precision"], found["recall"], found["auto"]["errors"]) == (1, 1, 0)
    assert found["auto"]["coverage"] == 0.666667
    table = recon("evaluate", ledger).out
    assert "precision  100.00 %" in table
    assert "one        100.00 %  3, 66.67 % automatic" in table


@pytest.mark.parametrize("name", ["truth.csv", "invoices.csv"])
def test_a_ledger_folder_that_lacks_a_file_is_refused(
    recon: Recon, ledger: Path, name: str
) -> None:
    (ledger / name).unlink()
    answer = recon("evaluate", ledger)
    assert answer.code == 1
    assert name in answer.err


def test_rates_of_a_ledger_folder_are_used(recon: Recon, ledger: Path) -> None:
    (ledger / "rates.csv").write_text("nonsense\n")
    assert recon("evaluate", ledger).code == 1


def test_plugins_are_listed_with_what_they_offer(recon: Recon) -> None:
    answer = recon("plugins")
    assert answer.code == 0
    assert "rules-default" in answer.out
    assert "  rule: same_amount" in answer.out
    (plugin,) = json.loads(recon("plugins", "--json").out)
    assert plugin["name"] == "rules-default"
    schema = json.loads(recon("plugins", "--schema").out)
    assert "threshold" in schema["properties"]


def test_a_plugin_that_cannot_be_used_says_why(recon: Recon, installed: dict[str, object]) -> None:
    installed["broken"] = "no plugin at all"
    out = recon("plugins").out
    assert "broken" in out
    assert "cannot be used: plugin 'broken'" in out


def test_no_plugin_at_all_says_what_to_install(recon: Recon, installed: dict[str, object]) -> None:
    installed.clear()
    assert "pip install recon-rules-default" in recon("plugins").out


def test_a_plugin_that_keeps_its_promises_passes(
    recon: Recon, installed: dict[str, Any], with_rules: Any
) -> None:
    installed["acme"] = with_rules()
    answer = recon("check-plugin", "acme")
    assert (answer.code, answer.out) == (0, "acme: all checks passed\n")


def test_each_broken_promise_of_a_plugin_is_a_line(
    recon: Recon, installed: dict[str, Any], with_rules: Any
) -> None:
    class TooHigh(type(with_rules().rules[0])):  # type: ignore[misc]
        def score(self, pairs: Any) -> Any:
            return super().score(pairs) + 1

    installed["acme"] = with_rules(TooHigh())
    answer = recon("check-plugin", "acme")
    assert answer.code == 1
    assert "rule 'same_amount'" in answer.out
    assert answer.err == f"acme: {len(answer.out.splitlines())} broken\n"
    assert recon("check-plugin", "nowhere").code == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_for_completions(recon: Recon, shell: str) -> None:
    answer = recon("completion", shell)
    assert answer.code == 0
    assert "_RECON_COMPLETE" in answer.out
    assert f"{shell}_complete" in answer.out


def test_the_demo_leaves_its_data_and_results(recon: Recon, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    folder = tmp_path / "new" / "demo"
    answer = recon("demo", "--dir", folder)
    assert answer.code == 0, answer.err
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [*DEMO_FILES, "matches.csv", "candidates.csv", "report.html"]
    )
    assert f"recon evaluate {folder}" in answer.out


def test_the_demo_ledger_is_the_one_in_examples() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("the repository's examples are not here")
    for name in DEMO_FILES:
        packaged = (resources.files("recon_sdk.demo_data") / name).read_bytes()
        assert packaged == (EXAMPLES / name).read_bytes(), name


@pytest.mark.slow
def test_a_new_plugin_passes_its_own_test_and_is_valid(recon: Recon, tmp_path: Path) -> None:
    import tomllib

    answer = recon("new-plugin", "acme-rules", "--dir", tmp_path)
    assert answer.code == 0
    folder = tmp_path / "acme-rules"
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["recon.plugins"] == {"acme-rules": "acme_rules"}
    assert "$" not in "".join(p.read_text() for p in folder.rglob("*.*") if p.is_file())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Acme", "acme_rules", "-x", "1a", "a b"])
def test_a_plugin_name_is_checked(recon: Recon, tmp_path: Path, name: str) -> None:
    answer = recon("new-plugin", "--dir", tmp_path, "--", name)
    assert answer.code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_new_plugin_overwrites_nothing(recon: Recon, tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    answer = recon("new-plugin", "acme", "--dir", tmp_path)
    assert answer.code == 1
    assert "is already there" in answer.err


def test_without_click_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("recon_sdk.cli.find_spec", lambda _name: None)
    assert main([]) == 1
    err = capsys.readouterr().err
    assert err == "recon: the recon command needs an extra: pip install 'recon-sdk[cli]'\n"


def test_importing_the_sdk_imports_no_extra() -> None:
    code = (
        "import sys, recon_sdk, recon_sdk.cli\n"
        "extras = {'click', 'rich', 'jinja2', 'pyarrow'} & sys.modules.keys()\n"
        "assert not extras, extras"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code


def test_an_error_is_one_line_whatever_the_data_put_into_it(
    recon: Recon, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recon_sdk.errors import InputError

    @click.command("boom")
    def boom() -> None:
        raise InputError(source="a\nb", detail="c\r\nd")

    monkeypatch.setitem(app.recon.commands, "boom", boom)
    assert recon("boom").err == "recon: a b: c d\n"
