"""Evaluation: how well a result agrees with a ledger whose truth is known."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from recon_sdk.errors import InputError

if TYPE_CHECKING:
    import os

    from recon_sdk.results import Result

__all__ = ["AutoFigures", "Evaluation", "evaluate", "read_truth"]

_TRUTH_COLUMNS = ("invoice_id", "transaction_id", "kind")

_Link = tuple[str, str]


@attrs.frozen(kw_only=True)
class AutoFigures:
    """How well `auto` does on its own.

    Attributes:
        links: Links that were decided `auto`.
        right: Of them those in the truth.
        errors: Of them those not in the truth.
        precision: Share of `right` in `links`, 1 where there are none.
        coverage: Share of the true links that were decided `auto`, rightly.
        coverage_by_kind: The same by kind of payment.
    """

    links: int
    right: int
    errors: int
    precision: float
    coverage: float
    coverage_by_kind: Mapping[str, float]


@attrs.frozen(kw_only=True)
class Evaluation:
    """Agreement with the truth, over links (one invoice, one transaction).

    Attributes:
        links: Links of the chosen matches.
        true_links: Links of the truth.
        right: Links in both.
        precision: Share of `right` in `links`.
        recall: Share of `right` in `true_links`.
        f1: Harmonic mean of the two.
        top1: Share of the true payments of one invoice by one transaction that are the best link
            of their invoice.
        true_by_kind: True links by kind of payment.
        recall_by_kind: Recall by kind of payment.
        auto: The same question for what was decided `auto`.
    """

    links: int
    true_links: int
    right: int
    precision: float
    recall: float
    f1: float
    top1: float
    true_by_kind: Mapping[str, int]
    recall_by_kind: Mapping[str, float]
    auto: AutoFigures


def evaluate(result: Result, truth: str | os.PathLike[str]) -> Evaluation:
    """Compare the chosen matches of a result with the truth.

    Args:
        result: What a run found.
        truth: A CSV file with the columns `invoice_id`, `transaction_id` and `kind`, or the folder
            that has it as `truth.csv`.

    Raises:
        InputError: The file is missing or lacks a column.
    """
    true = read_truth(truth)
    scores, auto = _links(result)
    right = scores.keys() & true.keys()
    by_kind = Counter(true.values())
    precision, recall = len(right) / max(1, len(scores)), len(right) / max(1, len(true))
    good = auto & true.keys()
    return Evaluation(
        links=len(scores),
        true_links=len(true),
        right=len(right),
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(1e-9, precision + recall),
        top1=_top1(scores, true),
        true_by_kind=dict(sorted(by_kind.items())),
        recall_by_kind=_shares(Counter(true[link] for link in right), by_kind),
        auto=AutoFigures(
            links=len(auto),
            right=len(good),
            errors=len(auto) - len(good),
            precision=len(good) / len(auto) if auto else 1.0,
            coverage=len(good) / max(1, len(true)),
            coverage_by_kind=_shares(Counter(true[link] for link in good), by_kind),
        ),
    )


def read_truth(path: str | os.PathLike[str]) -> dict[_Link, str]:
    """Read true links and the kind of payment behind each.

    Args:
        path: The CSV file, or the folder that has it as `truth.csv`.

    Raises:
        InputError: The file is missing or lacks a column.
    """
    file = Path(path)
    if file.is_dir():
        file /= "truth.csv"
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = [c for c in _TRUTH_COLUMNS if c not in (rows.fieldnames or ())]
            if missing:
                raise InputError(
                    str(file),
                    f"lacks the column {missing[0]!r}",
                    f"the truth needs {', '.join(_TRUTH_COLUMNS)}",
                )
            return {(row["invoice_id"], row["transaction_id"]): row["kind"] for row in rows}
    except OSError as error:
        raise InputError(
            str(file),
            f"cannot be read: {error.strerror or error}",
            "give a ledger folder with invoices.csv, transactions.csv and truth.csv",
        ) from error


def _links(result: Result) -> tuple[dict[_Link, int], set[_Link]]:
    """Give the score of each link of the chosen matches, and which links are `auto`."""
    found, ledger = result.outcome.matches, result.ledger
    chosen = found.chosen
    end = int(found.starts[chosen])
    sizes = found.starts[1 : chosen + 1] - found.starts[:chosen]
    links = list(
        zip(
            ledger.invoices.ids[found.invoice_rows[:end]].tolist(),
            ledger.transactions.ids[found.transaction_rows[:end]].tolist(),
            strict=True,
        )
    )
    scores = found.score[:chosen].repeat(sizes).tolist()
    decided = (found.reasons[:chosen] == 0).repeat(sizes).tolist()
    return (
        dict(zip(links, scores, strict=True)),
        {link for link, is_auto in zip(links, decided, strict=True) if is_auto},
    )


def _top1(scores: Mapping[_Link, int], true: Iterable[_Link]) -> float:
    best: dict[str, tuple[int, str]] = {}
    for (invoice, transaction), score in scores.items():
        best[invoice] = max(best.get(invoice, (score, transaction)), (score, transaction))
    invoices = Counter(invoice for invoice, _ in true)
    transactions = Counter(transaction for _, transaction in true)
    pairs = [(i, t) for i, t in true if invoices[i] == transactions[t] == 1]
    hits = sum(best.get(invoice, (0, ""))[1] == transaction for invoice, transaction in pairs)
    return hits / max(1, len(pairs))


def _shares(part: Mapping[str, int], whole: Mapping[str, int]) -> dict[str, float]:
    return {kind: part.get(kind, 0) / number for kind, number in sorted(whole.items())}
