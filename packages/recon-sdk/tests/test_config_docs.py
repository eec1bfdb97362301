"""The pages on hooks and on the configuration agree with the code."""

from __future__ import annotations

import enum
import inspect
import re
import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import attrs
import pytest

from recon_sdk import hookspecs, kinds
from recon_sdk.config import Limits, RuleOverride, TenantConfig
from recon_sdk.configuration import load_config
from recon_sdk.notices import DecisionNotice, RunNotice
from recon_sdk.schema import attribute_words
from recon_sdk.structuring import unstructure

ROOT = Path(__file__).parents[3]
HOOKS = ROOT / "docs/reference/hooks.md"
CONFIGURATION = ROOT / "docs/reference/configuration.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(
    not (ROOT / "docs").is_dir(), reason="the pages are not part of the package"
)


def in_order():
    """The hooks as they stand in the module."""
    functions = [getattr(hookspecs, name) for name in hookspecs.__all__]
    return sorted(functions, key=lambda function: function.__code__.co_firstlineno)


def sections(page):
    """Headings of a page and what stands below each."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


# ------------------------------------------------------------------------------------------------
# Hooks
# ------------------------------------------------------------------------------------------------


def test_every_hook_has_a_heading_with_its_arguments_in_the_order_of_a_run():
    headings = [heading for heading in sections(HOOKS) if heading.startswith("recon_")]
    assert headings == [
        f"{function.__name__}({', '.join(inspect.signature(function).parameters)})"
        for function in in_order()
    ]


@pytest.mark.parametrize("function", in_order(), ids=lambda function: function.__name__)
def test_every_hook_shows_its_exact_signature(function):
    signature = inspect.signature(function)
    heading = f"{function.__name__}({', '.join(signature.parameters)})"
    section = sections(HOOKS)[heading]
    shown = [text for language, text in FENCE.findall(section) if language == "text"]
    assert shown == [f"{function.__name__}{str(signature).replace(chr(39), '')}\n"]
    told = re.findall(r"^`?(\w+)`?\n: ", section, re.MULTILINE)
    assert told == [*signature.parameters, "Gives", "Fails"]


@pytest.mark.parametrize("function", in_order(), ids=lambda function: function.__name__)
def test_every_specification_is_a_contract(function):
    doc = inspect.getdoc(function)
    for part in ("Called ", "Returns:", "On failure:"):
        assert part in doc
    for argument in inspect.signature(function).parameters:
        assert re.search(rf"^    {argument}: ", doc, re.MULTILINE)


def test_every_hook_that_gives_things_is_checked_at_the_seam():
    checked = {kind.hook for kind in (*kinds.MANY, kinds.ASSIGNERS, kinds.POLICIES)}
    giving = {n for n in hookspecs.__all__ if n.startswith(("recon_register", "recon_build"))}
    assert checked == giving


@pytest.mark.parametrize("notice", [RunNotice, DecisionNotice])
def test_notices_are_listed_field_by_field(notice):
    fields = ", ".join(f"`{field.name}`" for field in attrs.fields(notice))
    assert f": `{notice.__name__}`: {fields}." in HOOKS.read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------------
# Configuration
# ------------------------------------------------------------------------------------------------


def worded(kind: Any) -> str:
    if isinstance(kind, types.UnionType):
        return worded(next(arm for arm in get_args(kind) if arm is not type(None)))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    if get_origin(kind) is Mapping or (isinstance(kind, type) and attrs.has(kind)):
        return "table"
    if get_origin(kind) is tuple:
        return "list of texts"
    return {bool: "`true` or `false`", int: "whole number", float: "number", str: "text"}[kind]


def default_of(field: attrs.Attribute[Any]) -> str:
    default = unstructure(getattr(field.default, "factory", lambda: field.default)())
    if default is None:
        return "not set"
    if isinstance(default, dict):
        return "see below" if default else "empty"
    if isinstance(default, list):
        return "`[" + ", ".join(f'"{one}"' for one in default) + "]`"
    return f"`{str(default).lower()}`" if isinstance(default, bool) else f"`{shown(default)}`"


def shown(default: object) -> str:
    return f'"{default}"' if isinstance(default, str) else str(default)


def table_of(kind: type) -> str:
    words = attribute_words(kind)
    rows = ["| Key | Value | Default | Meaning |", "|---|---|---|---|"]
    rows += [
        f"| `{field.name}` | {worded(field.type)} | {default_of(field)} | {words[field.name]} |"
        for field in attrs.fields(attrs.resolve_types(kind))
    ]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Top level", TenantConfig),
        ("`[rules.<name>]`", RuleOverride),
        ("`[limits]`", Limits),
    ],
)
def test_every_key_is_listed_with_its_default(heading, kind):
    assert table_of(kind) in sections(CONFIGURATION)[heading], table_of(kind)


def test_the_examples_are_configurations():
    text = CONFIGURATION.read_text(encoding="utf-8")
    blocks = [block for language, block in FENCE.findall(text) if language == "toml"]
    assert blocks
    for block in blocks:
        load_config(tomllib.loads(block))


def test_the_shipped_example_is_a_configuration():
    load_config(ROOT / "examples/recon.toml")
