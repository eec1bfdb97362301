"""The page about the command has every command and option, with the words of `--help`.

Run this file as a program to rewrite the page after the command has changed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

click = pytest.importorskip("click")
pytest.importorskip("rich")
pytest.importorskip("jinja2")

PAGE = Path(__file__).parents[3] / "docs/reference/cli.md"
BEGIN, END = "<!-- Made from the command: begin -->\n\n", "<!-- Made from the command: end -->\n"


def wording(text: str) -> str:
    """Join the lines of a paragraph, and keep what would be taken for markup as it is."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def value_of(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return " " + "|".join(option.type.choices)
    return " " + (option.metavar or option.type.name.upper().removesuffix(" RANGE"))


def section(name: str, command: click.Command) -> str:
    options = [p for p in command.params if isinstance(p, click.Option)]
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    usage = " ".join(
        f"[{a.name.upper()}]" if not a.required else a.name.upper() for a in arguments
    )
    lines = [
        f"## recon {name}",
        "",
        "```text",
        f"recon {name} [OPTIONS] {usage}".strip(),
        "```",
        "",
    ]
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        lines += [wording(paragraph), ""]
    if options:
        lines += ["| Option | |", "|---|---|"]
    for option in options:
        names = ", ".join(reversed(option.opts))
        shown = f"{names}{value_of(option)}".replace("|", "\\|")
        lines.append(f"| `{shown}` | {wording(option.help or '')} |")
    return "\n".join([*lines, ""]) + "\n" * bool(options)


def made() -> str:
    from recon_sdk.cli.app import recon

    return "".join(section(name, command) for name, command in recon.commands.items())


def test_page_has_every_command_and_option() -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    assert rest.partition(END)[0] == made(), f"run: python {Path(__file__).name}"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(before + BEGIN + made() + END + rest.partition(END)[2], encoding="utf-8")
