"""The chosen matches as a table, one row for each allocation."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.digests import match_id
from recon_sdk.matches import DifferenceKind, MatchKind
from recon_sdk.policy import reasons_of
from recon_sdk.writing.tables import Cells, Column, decimals, millionths, write_table
from recon_sdk.writing.wording import explained_matches

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from recon_sdk.columns import Int64Array
    from recon_sdk.results import Result

__all__ = ["MATCH_COLUMNS", "allocation_columns", "match_ids", "write_matches"]

MATCH_COLUMNS = (
    "match_id",
    "invoice_id",
    "transaction_id",
    "settled_amount",
    "settled_currency",
    "paid_amount",
    "paid_currency",
    "score",
    "kind",
    "decision",
    "reasons",
    "difference_kind",
    "difference_amount",
    "explanation",
)
"""Columns of the file, in order. They are a contract: new ones come last."""

_KINDS = [kind.value for kind in MatchKind]
_DIFFERENCES = [kind.value for kind in DifferenceKind]


def write_matches(result: Result, path: str | os.PathLike[str]) -> None:
    """Write the chosen matches, one row for each allocation.

    Rows stand in the order of the matches, then of their allocations. Amounts are decimal texts,
    the score has six decimals, `reasons` are separated by blanks.

    Args:
        result: What a run found.
        path: A file that ends in `.csv`, `.jsonl`, `.ndjson` or `.parquet`.

    Raises:
        InputError: The ending is unknown or the file cannot be written.
        MissingExtraError: Parquet was asked for and pyarrow is not installed.
    """
    columns = allocation_columns(result, 0, result.outcome.matches.chosen)
    write_table([columns[name] for name in MATCH_COLUMNS], path)


def allocation_columns(result: Result, first: int, end: int) -> dict[str, Column]:
    """Lay out the matches at positions `first` to `end` of `outcome.matches` by allocation.

    Returns:
        The columns of `MATCH_COLUMNS` by name.
    """
    found, ledger = result.outcome.matches, result.ledger
    lo, hi = int(found.starts[first]), int(found.starts[end])
    sizes = np.diff(found.starts[first : end + 1])
    invoice_rows, transaction_rows = found.invoice_rows[lo:hi], found.transaction_rows[lo:hi]
    invoice_ids = ledger.invoices.ids[invoice_rows].tolist()
    transaction_ids = ledger.transactions.ids[transaction_rows].tolist()
    currency_of_invoice = ledger.invoices.currency[invoice_rows]
    currency_of_payment = ledger.transactions.currency[transaction_rows]
    bits = found.reasons[first:end].tolist()
    has_gap = found.difference_row[first:end] >= 0
    gap_amounts = decimals(
        found.difference_amount[first:end],
        currency_of_payment[found.starts[first:end] - lo],
        ledger.currencies,
    )

    def each(values: Sequence[str]) -> list[str]:
        return _repeat(values, sizes)

    columns = [
        Column(name="match_id", values=each(match_ids(result, first, end))),
        Column(name="invoice_id", values=invoice_ids),
        Column(name="transaction_id", values=transaction_ids),
        Column(
            name="settled_amount",
            cells=Cells.AMOUNT,
            values=decimals(found.settled[lo:hi], currency_of_invoice, ledger.currencies),
        ),
        Column(
            name="settled_currency",
            values=[ledger.currencies[code] for code in currency_of_invoice.tolist()],
        ),
        Column(
            name="paid_amount",
            cells=Cells.AMOUNT,
            values=decimals(found.paid[lo:hi], currency_of_payment, ledger.currencies),
        ),
        Column(
            name="paid_currency",
            values=[ledger.currencies[code] for code in currency_of_payment.tolist()],
        ),
        Column(
            name="score",
            cells=Cells.FRACTION,
            values=each(millionths(found.score[first:end].tolist())),
        ),
        Column(name="kind", values=each([_KINDS[k] for k in found.kind[first:end].tolist()])),
        Column(name="decision", values=each(["review" if b else "auto" for b in bits])),
        Column(name="reasons", values=each(_worded(bits, _reason_words))),
        Column(
            name="difference_kind",
            values=each(
                [
                    _DIFFERENCES[kind] if gap else ""
                    for kind, gap in zip(
                        found.difference_kind[first:end].tolist(), has_gap.tolist(), strict=True
                    )
                ]
            ),
        ),
        Column(
            name="difference_amount",
            cells=Cells.AMOUNT,
            values=each(
                [
                    amount if gap else ""
                    for amount, gap in zip(gap_amounts, has_gap.tolist(), strict=True)
                ]
            ),
        ),
        Column(name="explanation", values=each(_explanations(result, first, end))),
    ]
    return {column.name: column for column in columns}


def match_ids(result: Result, first: int, end: int) -> list[str]:
    """Give the ids of the matches at positions `first` to `end`."""
    found, ledger = result.outcome.matches, result.ledger
    bounds = found.starts[first : end + 1]
    pairs = list(
        zip(
            ledger.invoices.ids[found.invoice_rows[bounds[0] : bounds[-1]]].tolist(),
            ledger.transactions.ids[found.transaction_rows[bounds[0] : bounds[-1]]].tolist(),
            strict=True,
        )
    )
    return [match_id(pairs[a:b]) for a, b in pairwise((bounds - bounds[0]).tolist())]


def _explanations(result: Result, first: int, end: int) -> list[str]:
    """Word the matches at positions `first` to `end`."""
    return [text for _, text in explained_matches(result, np.arange(first, end))]


def _reason_words(bits: int) -> str:
    return " ".join(reason.value for reason in reasons_of(bits))


def _worded(codes: list[int], word: Callable[[int], str]) -> list[str]:
    """Word each code, each distinct one once."""
    words = {code: word(code) for code in set(codes)}
    return [words[code] for code in codes]


def _repeat(values: Sequence[str], times: Int64Array) -> list[str]:
    return [value for value, n in zip(values, times.tolist(), strict=True) for _ in range(n)]
