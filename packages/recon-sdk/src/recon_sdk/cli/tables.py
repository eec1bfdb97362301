"""Tables on a terminal: a header, and columns as wide as what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["print_table"]


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> None:
    """Print rows below a header on stdout.

    Args:
        header: Names of the columns.
        rows: Texts, as many in each row as there are names.
        right: One letter for each column, `r` for those that end at the right; the rest is left.
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    click.echo(click.style(_line(header, widths, right), dim=True))
    for row in rows:
        click.echo(_line(row, widths, right))


def _line(cells: Sequence[str], widths: Sequence[int], right: str) -> str:
    padded = [
        cell.rjust(width) if right[at : at + 1] == "r" else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
