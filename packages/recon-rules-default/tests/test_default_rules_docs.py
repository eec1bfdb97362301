"""The page on the default rules says what the plugin offers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from recon_rules_default import plugin
from recon_rules_default.settings import Settings
from recon_sdk import PluginConfig, Reason, Strategy, TenantRef

PAGE = Path(__file__).parents[3] / "docs/explanation/default-rules.md"
TENANT = TenantRef(id="tenant")
CONFIG = PluginConfig(plugin="rules-default", settings=Settings(vat=True))

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the pages are not in the package")


def offered(hook: Any) -> list[Any]:
    return list(hook(tenant=TENANT, config=CONFIG))


def section(heading: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def headings(heading: str) -> list[str]:
    return re.findall(r"^### (\w+)$", section(heading), re.MULTILINE)


def table(heading: str) -> dict[str, list[str]]:
    """Cells of each row of a section's first table, by the name in front."""
    rows = re.findall(r"^\| `(\w+)` \|(.+)\|$", section(heading), re.MULTILINE)
    return {name: [cell.strip(" `") for cell in cells.split("|")] for name, cells in rows}


@pytest.mark.parametrize(
    ("heading", "hook"),
    [
        ("Rules", plugin.recon_register_rules),
        ("Blockers", plugin.recon_register_blockers),
        ("Difference models", plugin.recon_register_difference_models),
        ("Recognisers", plugin.recon_register_recognisers),
    ],
)
def test_everything_offered_has_a_heading_and_every_heading_something(
    heading: str, hook: Any
) -> None:
    found = headings(heading)
    assert sorted(found) == sorted(thing.name for thing in offered(hook))
    parts = re.split(r"^### \w+$", section(heading), flags=re.MULTILINE)[1:]
    for name, part in zip(found, parts, strict=True):
        assert "Example: " in part, name


def test_strategies_and_reasons_have_headings() -> None:
    assert headings("The assigner") == [str(strategy) for strategy in Strategy]
    expected = {str(reason) for reason in Reason} - {"alternative"}
    assert set(headings("The policy")) == expected
    text = PAGE.read_text(encoding="utf-8")
    for hook in (plugin.recon_build_assigner, plugin.recon_build_policy):
        assert f"`{hook(tenant=TENANT, config=CONFIG).name}`" in text


def test_tables_say_what_the_code_says() -> None:
    rules = {
        rule.name: [str(rule.evidence), str(rule.role), f"{rule.weight:g}"]
        for rule in offered(plugin.recon_register_rules)
    }
    assert table("Rules") == rules
    assert table("Blockers") == {
        blocker.name: [str(blocker.days_before), str(blocker.days_after)]
        for blocker in offered(plugin.recon_register_blockers)
    }
    assert table("Difference models") == {
        model.name: [str(model.kind), "yes" if model.is_usual else "no"]
        for model in offered(plugin.recon_register_difference_models)
    }


def test_every_setting_is_told_and_no_other() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = {field.name for field in attrs.fields(Settings)}
    told = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^Settings: .+$", text, re.MULTILINE))))
    assert told == names


def test_examples_of_structured_references_are_valid() -> None:
    pytest.importorskip("stdnum")
    text = section("Recognisers")
    for recogniser in offered(plugin.recon_register_recognisers):
        example = text.partition(f"### {recogniser.name}\n")[2].partition("Example: ")[2]
        found = re.match(recogniser.pattern, example.partition(".\n")[0])
        assert found is not None, recogniser.name
        assert recogniser.read(found[0]), recogniser.name
