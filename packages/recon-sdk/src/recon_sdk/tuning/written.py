"""The configuration file that tuning writes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk.config import Limits, RuleOverride, TenantConfig
from recon_sdk.errors import InputError
from recon_sdk.structuring import unstructure
from recon_sdk.tuning.outcome import mean_and_spread
from recon_sdk.writing.atomic import replacing

if TYPE_CHECKING:
    import os

    from recon_sdk.tuning.outcome import Tuning, Verdict

__all__ = ["FIGURES", "tuned_toml", "write_tuned"]

FIGURES = (
    ("f1", "F1 of the links"),
    ("top1", "top 1 by score"),
    ("mean_reciprocal_rank", "mean reciprocal rank"),
    ("auto_precision", "automatic, precision"),
    ("auto_coverage", "automatic, coverage"),
)
"""Figures of a fold and their names."""


def write_tuned(
    tuning: Tuning, path: str | os.PathLike[str], *, base: str = "", overwrite: bool = False
) -> None:
    """Write the proposed configuration as TOML.

    Args:
        tuning: What was found.
        path: The file, ending in `.toml`.
        base: Name of the configuration file that tuning started from, "" for the defaults.
        overwrite: Replace a file that is there.

    Raises:
        InputError: The file is there, its ending is another one, or it cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() != ".toml":
        raise InputError(str(path), f"unknown ending {file.suffix!r}", "use .toml")
    if file.exists() and not overwrite:
        raise InputError(str(path), "is already there", "choose another name or force it")
    text = tuned_toml(tuning, base=base)
    with replacing(file) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def tuned_toml(tuning: Tuning, *, base: str = "") -> str:
    """Write the proposed configuration as TOML: what differs from the defaults, with comments.

    What the base configuration sets is in it too, since one run reads one file.

    Args:
        tuning: What was found.
        base: Name of the configuration file that tuning started from, "" for the defaults.
    """
    changes = {verdict.path: verdict for verdict in tuning.changes}
    config = tuning.config
    lines = [*_header(tuning, base), ""]
    for field in attrs.fields(TenantConfig):
        value = getattr(config, field.name)
        if field.name in {"rules", "settings", "limits"} or value == getattr(
            TenantConfig(), field.name
        ):
            continue
        lines += _entry(field.name, unstructure(value), changes.get(field.name))
    for name, override in sorted(config.rules.items()):
        body: list[str] = []
        for field in attrs.fields(RuleOverride):
            value = getattr(override, field.name)
            if value != getattr(RuleOverride(), field.name):
                path = f"rules.{name}.{field.name}"
                body += _entry(field.name, value, changes.get(path))
        lines += _table(("rules", name), body)
    for plugin, section in sorted(config.settings.items()):
        body = []
        for key, value in sorted(section.items()):
            body += _entry(key, value, changes.get(f"settings.{plugin}.{key}"))
        lines += _table(("settings", plugin), body)
    limits = unstructure(config.limits)
    body = [
        line
        for key, value in limits.items()
        if value != getattr(Limits(), key)
        for line in _entry(key, value, None)
    ]
    lines += _table(("limits",), body)
    return "\n".join(lines).rstrip() + "\n"


def _header(tuning: Tuning, base: str) -> Iterator[str]:
    yield "# Proposed by `recon tune`. Read it, try it with `recon backtest`, then use it or not."
    yield "#"
    yield (
        f"# Made from {tuning.links:,} labelled links of {tuning.invoices:,} invoices and "
        f"{tuning.transactions:,} transactions,"
    )
    yield (
        f"# {tuning.parties:,} groups of parties in {tuning.folds} folds, seed {tuning.seed}, "
        f"starting from {_one_line(base) or 'the defaults'}."
    )
    yield f"# Plugins: {', '.join(_one_line(' '.join(pair)) for pair in tuning.plugin_versions)}."
    yield "#"
    yield "# Mean and standard deviation over the folds, in percent. After: each fold is measured"
    yield "# with what the other folds propose."
    yield f"#   {'':<24}{'before':>16}{'after':>16}"
    for name, words in FIGURES:
        cells = [
            f"{100 * mean:.2f} +- {100 * spread:.2f}"
            for mean, spread in (
                mean_and_spread(tuning.before, name),
                mean_and_spread(tuning.after, name),
            )
        ]
        yield f"#   {words:<24}{cells[0]:>16}{cells[1]:>16}"
    for note in tuning.notes:
        yield f"# Note: {_one_line(note)}."
    kept = [verdict for verdict in tuning.verdicts if not verdict.is_change]
    if kept:
        yield "#"
        yield "# Kept:"
    for verdict in kept:
        yield f"#   {verdict.path} = {verdict.current:g}"


def _entry(key: str, value: Any, change: Verdict | None) -> Iterator[str]:
    if change:
        reason = _one_line(change.reason)
        yield f"# Was {change.current:g}. {reason[:1].upper()}{reason[1:]}."
    yield f"{_key(key)} = {_value(value)}"


def _table(path: tuple[str, ...], body: list[str]) -> list[str]:
    return ["", f"[{'.'.join(map(_key, path))}]", *body] if body else []


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "")
    return name if bare.isascii() and bare.isalnum() else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return repr(value)


def _text(value: str) -> str:
    """Quote a text: JSON's way is TOML's but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    """Take out what may not stand in a comment."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
