"""The changes of a backtest as a table, one row for each match that does not stay as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_sdk.money import format_minor
from recon_sdk.writing.tables import Cells, Column, millionths, write_table

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from recon_sdk.backtesting import Change, Standing

__all__ = ["CHANGE_COLUMNS", "write_changes"]

CHANGE_COLUMNS = (
    "match_id",
    "change",
    "invoice_ids",
    "transaction_ids",
    "settled_amount",
    "settled_currency",
    "old_decision",
    "new_decision",
    "old_reasons",
    "new_reasons",
    "old_score",
    "new_score",
    "old_difference",
    "new_difference",
    "rivals",
)
"""Columns of the file, in order. They are a contract: new ones come last."""


def write_changes(changes: Sequence[Change], path: str | os.PathLike[str]) -> None:
    """Write one row for each change; lists are separated by blanks.

    Args:
        changes: For example `backtest(...).changes`.
        path: A file that ends in `.csv`, `.jsonl`, `.ndjson` or `.parquet`.

    Raises:
        InputError: The ending is unknown or the file cannot be written.
        MissingExtraError: Parquet was asked for and pyarrow is not installed.
    """
    columns = {
        "match_id": Column(name="match_id", values=[c.match_id for c in changes]),
        "change": Column(name="change", values=[c.kind.value for c in changes]),
        "invoice_ids": Column(
            name="invoice_ids", values=[" ".join(c.invoice_ids) for c in changes]
        ),
        "transaction_ids": Column(
            name="transaction_ids", values=[" ".join(c.transaction_ids) for c in changes]
        ),
        "settled_amount": Column(
            name="settled_amount",
            cells=Cells.AMOUNT,
            values=[format_minor(c.settled.minor, c.settled.currency) for c in changes],
        ),
        "settled_currency": Column(
            name="settled_currency", values=[c.settled.currency for c in changes]
        ),
        "rivals": Column(name="rivals", values=[" ".join(c.rivals) for c in changes]),
    }
    for side, standings in (("old", [c.old for c in changes]), ("new", [c.new for c in changes])):
        for name, cells, word in _OF_ONE_SIDE:
            values = [word(s) if s else "" for s in standings]
            columns[f"{side}_{name}"] = Column(name=f"{side}_{name}", cells=cells, values=values)
    write_table([columns[name] for name in CHANGE_COLUMNS], path)


def _score(standing: Standing) -> str:
    return millionths([standing.score])[0]


_OF_ONE_SIDE: tuple[tuple[str, Cells, Callable[[Standing], str]], ...] = (
    ("decision", Cells.TEXT, lambda s: s.decision.value),
    ("reasons", Cells.TEXT, lambda s: " ".join(reason.value for reason in s.reasons)),
    ("score", Cells.FRACTION, _score),
    ("difference", Cells.TEXT, lambda s: s.difference.value),
)
