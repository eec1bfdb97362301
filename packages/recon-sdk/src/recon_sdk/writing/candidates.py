"""Candidates and runners-up as one table: the evidence behind what was chosen and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.pairs import Pairs
from recon_sdk.scoring import NO_OPINION, RuleFaultError, points, rule_values
from recon_sdk.writing.matches import allocation_columns, match_ids
from recon_sdk.writing.tables import Cells, Column, millionths, write_table

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from recon_sdk.results import Result

__all__ = ["CANDIDATE_COLUMNS", "write_candidates"]

CANDIDATE_COLUMNS = (
    "record",
    "invoice_id",
    "transaction_id",
    "rank",
    "score",
    "evidence",
    "contributions",
    "match_id",
    "alternative_of",
    "kind",
    "settled_amount",
    "settled_currency",
    "paid_amount",
    "paid_currency",
    "reasons",
    "difference_kind",
    "difference_amount",
    "explanation",
)
"""Columns of the file, in order. They are a contract: new ones come last."""

_AT_ONCE = 65_536
_OF_MATCHES = CANDIDATE_COLUMNS[CANDIDATE_COLUMNS.index("match_id") :]


def write_candidates(result: Result, path: str | os.PathLike[str]) -> None:
    """Write the candidates, then the runners-up of the chosen matches.

    `record` says what a row is:

    - `candidate`: one invoice and one transaction, `rank` 1 for the invoice's best.
      `contributions` is the score's breakdown, `rule=points` separated by blanks. The columns from
      `match_id` on are empty.
    - `alternative`: one allocation of a runner-up. `alternative_of` is the id of the chosen match
      that it would replace; `rank` and `contributions` are empty.

    Args:
        result: What a run found.
        path: A file that ends in `.csv`, `.jsonl`, `.ndjson` or `.parquet`.

    Raises:
        InputError: The ending is unknown or the file cannot be written.
        MissingExtraError: Parquet was asked for and pyarrow is not installed.
    """
    pairs = _candidates(result)
    wholes = _alternatives(result)
    columns = [
        Column(name=name, cells=wholes[name].cells, values=[*pairs[name], *wholes[name].values])
        for name in CANDIDATE_COLUMNS
    ]
    write_table(columns, path)


def _candidates(result: Result) -> dict[str, list[str]]:
    found, ledger = result.outcome.candidates, result.ledger
    first = np.searchsorted(found.invoice_rows, found.invoice_rows)
    ranks = np.arange(len(found)) - first + 1
    blank = [""] * len(found)
    return {
        "record": ["candidate"] * len(found),
        "invoice_id": ledger.invoices.ids[found.invoice_rows].tolist(),
        "transaction_id": ledger.transactions.ids[found.transaction_rows].tolist(),
        "rank": [str(rank) for rank in ranks.tolist()],
        "score": millionths(found.score.tolist()),
        "evidence": [str(value) for value in found.evidence.tolist()],
        "contributions": _breakdowns(result),
        **dict.fromkeys(_OF_MATCHES, blank),
    }


def _alternatives(result: Result) -> dict[str, Column]:
    found = result.outcome.matches
    first, end = found.chosen, len(found)
    columns = allocation_columns(result, first, end)
    rows = len(columns["match_id"].values)
    sizes = np.diff(found.starts[first : end + 1]).tolist()
    chosen_ids = match_ids(result, 0, first)
    replaced = [chosen_ids[at] for at in found.alternative_of[first:end].tolist()]
    evidence = [str(value) for value in found.evidence[first:end].tolist()]

    def column(name: str, values: list[str], cells: Cells = Cells.TEXT) -> None:
        columns[name] = Column(name=name, cells=cells, values=values)

    column("record", ["alternative"] * rows)
    column("rank", [""] * rows, Cells.INTEGER)
    column("contributions", [""] * rows)
    column("evidence", _spread(evidence, sizes), Cells.INTEGER)
    column("alternative_of", _spread(replaced, sizes))
    return columns


def _spread(values: Iterable[str], sizes: list[int]) -> list[str]:
    return [value for value, n in zip(values, sizes, strict=True) for _ in range(n)]


def _breakdowns(result: Result) -> list[str]:
    """Word the points of every rule with an opinion, all candidates at once."""
    found = result.outcome.candidates
    texts: list[str] = []
    for start in range(0, len(found), _AT_ONCE):
        pairs = Pairs(
            result.ledger,
            found.invoice_rows[start : start + _AT_ONCE],
            found.transaction_rows[start : start + _AT_ONCE],
        )
        parts: list[list[str]] = [[] for _ in range(len(pairs))]
        for rule, weight in result.rule_set.rules:
            try:
                values = rule_values(rule, pairs)
            except RuleFaultError:
                continue  # the summary of the run names it
            added = millionths(points(values, weight).tolist())
            for at in np.flatnonzero(values != NO_OPINION).tolist():
                parts[at].append(f"{rule.name}={added[at]}")
        texts += map(" ".join, parts)
    return texts
