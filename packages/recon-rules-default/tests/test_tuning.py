"""Tuning the default rules on a ledger whose truth is known."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from recon_rules_default.settings import Settings
from recon_sdk import reconcile
from recon_sdk.backtesting import backtest
from recon_sdk.tunable import JudgedBy, tunables_of
from recon_sdk.tuning import Tuning, tune, tuned_toml, write_tuned

if TYPE_CHECKING:
    from pathlib import Path

PARTIES = 40
TRADES = ["Akustik", "Bautechnik", "Chemie", "Druckerei", "Elektro", "Fliesen", "Garten", "Holz"]
TOWNS = ["Ahlen", "Bremen", "Celle", "Dessau", "Emden"]


def rows() -> tuple[list[dict[str, str]], list[dict[str, str]], list[tuple[str, str]]]:
    """Each party asks for one amount four times and is paid in any order, quoting the number."""
    draw = random.Random(11)  # noqa: S311 - rows of a test
    invoices, payments, links = [], [], []
    for party in range(PARTIES):
        name = f"{TRADES[party % 8]} {TOWNS[party // 8]} GmbH"
        amount = f"{draw.randint(200, 900)}.{draw.randint(10, 99)}"
        for n in range(4):
            key = f"{party:02}{n}"
            number = f"RE-{draw.randint(10_000, 99_999)}"
            invoices.append(
                {
                    "id": f"I{key}",
                    "invoice_number": number,
                    "vendor_name": name,
                    "amount": amount,
                    "currency": "EUR",
                    "issue_date": f"2026-03-{1 + n:02}",
                    "due_date": f"2026-03-{20 + n:02}",
                    "direction": "payable",
                }
            )
            payments.append(
                {
                    "id": f"T{key}",
                    "counterparty_name": name.upper(),
                    "amount": f"-{amount}",
                    "currency": "EUR",
                    "booking_date": f"2026-03-{draw.randint(18, 25):02}",
                    "description": f"Rechnung {number}",
                }
            )
            links.append((f"I{key}", f"T{key}"))
    return invoices, payments, links


ROWS = rows()
WRONG = {
    "rules": {
        "reference": {"weight": 0.0},
        "other_reference": {"weight": 0.0},
        "text_similarity": {"weight": 0.0},
    }
}


@pytest.fixture(scope="module")
def corrected() -> Tuning:
    return tune(*ROWS, config=WRONG)


def mean(tuning: Tuning, when: str, name: str) -> float:
    folds = getattr(tuning, when)
    return float(sum(getattr(fold, name) for fold in folds) / len(folds))


def test_a_rule_that_was_given_no_weight_gets_one(corrected: Tuning) -> None:
    changes = {verdict.path: verdict.proposed for verdict in corrected.changes}
    numbers = {f"rules.{name}.weight" for name in WRONG["rules"]}
    assert changes.keys() & numbers
    assert all(changes[path] > 0 for path in changes.keys() & numbers)
    assert mean(corrected, "before", "top1") < 0.6
    assert mean(corrected, "after", "top1") > 0.95
    assert mean(corrected, "after", "f1") >= mean(corrected, "before", "f1")


def test_what_is_good_is_kept() -> None:
    found = tune(*ROWS)
    assert found.changes == ()
    assert found.before == found.after
    assert mean(found, "after", "auto_precision") == 1


def test_every_setting_and_weight_was_looked_at(corrected: Tuning) -> None:
    looked_at = {verdict.path for verdict in corrected.verdicts}
    assert "threshold" in looked_at
    assert {f"settings.rules-default.{name}" for name in tunables_of(Settings)} <= looked_at
    rules = reconcile([], []).rule_set.rules
    assert {f"rules.{rule.name}.weight" for rule, _ in rules} <= looked_at


def test_a_margin_is_raised_where_automatic_links_are_wrong() -> None:
    invoices, payments, links = rows()
    for row in payments:
        row["description"] = ""  # only the order of dates is left, and it says little
    margins: dict[str, Any] = {"auto_margin": 0, "auto_margin_batch": 0, "auto_margin_sibling": 0}
    found = tune(invoices, payments, links, config={"settings": {"rules-default": margins}})
    verdicts = {v.path.rpartition(".")[2]: v for v in found.verdicts}
    assert mean(found, "before", "auto_precision") < 0.9
    assert verdicts["auto_margin_sibling"].proposed > 0
    assert mean(found, "after", "auto_precision") > mean(found, "before", "auto_precision")


def test_the_same_seed_gives_the_same_file(corrected: Tuning, tmp_path: Path) -> None:
    write_tuned(corrected, tmp_path / "a.toml")
    write_tuned(tune(*ROWS, config=WRONG), tmp_path / "b.toml")
    assert (tmp_path / "a.toml").read_bytes() == (tmp_path / "b.toml").read_bytes()
    assert tuned_toml(tune(*ROWS, config=WRONG, seed=1)) != tuned_toml(corrected)


def test_the_file_is_used_by_a_run_and_its_effect_is_seen_before(
    corrected: Tuning, tmp_path: Path
) -> None:
    write_tuned(corrected, tmp_path / "tuned.toml")
    invoices, payments, _ = ROWS
    found = backtest(invoices, payments, WRONG, tmp_path / "tuned.toml")
    assert {setting.path for setting in found.settings} == {v.path for v in corrected.changes}
    assert "vanished" not in {change.kind for change in found.changes}


@pytest.mark.parametrize("name", sorted(tunables_of(Settings)))
def test_what_may_be_proposed_is_valid_and_the_default_is_among_it(name: str) -> None:
    tunable = tunables_of(Settings)[name]
    for value in tunable.values:
        assert getattr(Settings(**{name: value}), name) == value
    assert attrs.fields_dict(Settings)[name].default in tunable.values
    assert (tunable.judged_by is JudgedBy.AUTO) == name.startswith("auto_")
