"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from recon_sdk.config import Strategy
from recon_sdk.invoices import Direction

__all__ = [
    "INPUT_FILE",
    "OUTPUT_FILE",
    "comparing_options",
    "examples",
    "input_arguments",
    "json_option",
    "matching_options",
    "reading_options",
    "tuning_options",
]

INPUT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT_FILE = click.Path(dir_okay=False, path_type=Path)
_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}

_Function = TypeVar("_Function", bound=Callable[..., Any])


def examples(*lines: str) -> str:
    """Lay out examples for the end of a help text, without wrapping them."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def input_arguments(function: _Function) -> _Function:
    """Add the two files."""
    function = click.argument("transactions", type=INPUT_FILE)(function)
    return click.argument("invoices", type=INPUT_FILE)(function)


_CONFIG = click.option("--config", type=INPUT_FILE, help="Configuration, TOML or JSON.")
_DIRECTION = click.option(
    "--direction",
    type=click.Choice([d.value for d in Direction]),
    callback=lambda _context, _option, value: Direction(value) if value else None,
    help="For invoices that do not say it: payable (we pay them) or receivable.",
)
_CURRENCY = click.option(
    "--currency", metavar="CODE", help="For rows that do not name one, such as EUR."
)
_DECISIONS = click.option(
    "--decisions", type=INPUT_FILE, help="What people confirmed or rejected."
)
_ALIASES = click.option("--aliases", type=INPUT_FILE, help="Bank names that stand for vendors.")
_RATES = click.option("--rates", type=INPUT_FILE, help="Exchange rates.")
_ENGINE = click.option(
    "--engine",
    default="local",
    show_default=True,
    help="Where the run is executed: local, or one that a plugin brings, such as spark.",
)


def matching_options(function: _Function) -> _Function:
    """Add the options that change how a run matches."""
    return _with(
        function,
        _CONFIG,
        _DIRECTION,
        _CURRENCY,
        click.option(
            "--strategy",
            type=click.Choice([s.value for s in Strategy]),
            callback=lambda _context, _option, value: Strategy(value) if value else None,
            help="rank: only rank candidates; greedy: best first; optimal: the best whole.",
        ),
        click.option(
            "--top-n", type=click.IntRange(1, 1000), help="Candidates kept for one invoice."
        ),
        click.option(
            "--threshold", type=click.FloatRange(0, 1), help="Lowest score of a match, 0 to 1."
        ),
        _DECISIONS,
        _ALIASES,
        _RATES,
        _ENGINE,
    )


def comparing_options(function: _Function) -> _Function:
    """Add the options that hold for both runs of a comparison; the rules are in the files."""
    return _with(function, _DIRECTION, _CURRENCY, _DECISIONS, _ALIASES, _RATES, _ENGINE)


def tuning_options(function: _Function) -> _Function:
    """Add the options that say from which configuration and knowledge tuning starts."""
    return _with(function, _CONFIG, _DIRECTION, _CURRENCY, _ALIASES, _RATES)


def reading_options(function: _Function) -> _Function:
    """Add the options that say how the files are read."""
    return _with(
        function,
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="OURS=THEIRS",
            callback=_read_mapping,
            help="Name of a column in the files, such as invoice_number=InvNo; with "
            "'invoices.' or 'transactions.' before it for one file only. May be repeated.",
        ),
        click.option(
            "--delimiter",
            callback=lambda _context, _option, value: _DELIMITERS.get(value, value),
            help="What separates fields: ',', ';', '|' or tab.",
        ),
        click.option("--decimal", type=click.Choice([".", ","]), help="Decimal sign of amounts."),
        click.option(
            "--date-order",
            type=click.Choice(["iso", "dmy", "mdy"]),
            help="Year first, day first or month first.",
        ),
        click.option("--encoding", help="Encoding of text files, such as cp1252."),
        click.option("--strict", is_flag=True, help="Stop at the first row that is unusable."),
    )


def json_option(function: _Function) -> _Function:
    """Add the option for output that programs read."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON on stdout in place of a table."
    )(function)


def _with(function: _Function, *options: Callable[[_Function], _Function]) -> _Function:
    for option in reversed(options):
        function = option(function)
    return function


def _read_mapping(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    mapping = {}
    for value in values:
        ours, equals, theirs = value.partition("=")
        if not (ours and equals and theirs):
            message = f"{value!r} is not of the form OURS=THEIRS, such as invoice_number=InvNo"
            raise click.BadParameter(message, ctx=context, param=option)
        mapping[ours.strip()] = theirs.strip()
    return mapping
