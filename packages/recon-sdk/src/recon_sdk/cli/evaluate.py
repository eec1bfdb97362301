"""`recon evaluate`: measure a run against a ledger whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from recon_sdk.cli.options import examples, json_option, matching_options, reading_options
from recon_sdk.cli.requests import Request
from recon_sdk.cli.summaries import print_problems, print_rows
from recon_sdk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_sdk.evaluation import Evaluation

__all__ = ["evaluate_command"]

_ENDINGS = (".csv", ".parquet")


@click.command(
    "evaluate",
    epilog=examples(
        "recon evaluate my-ledger --direction payable",
        "recon evaluate my-ledger --config recon.toml --json",
    ),
)
@click.argument("ledger_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@matching_options
@reading_options
@json_option
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def evaluate_command(*, ledger_dir: Path, as_json: bool, **asked: Any) -> None:
    """Reconcile the files in LEDGER_DIR and compare with its truth.csv.

    The folder holds invoices, transactions (.csv or .parquet) and truth.csv with the columns
    invoice_id, transaction_id and kind. Exchange rates are taken from rates.csv if it is there
    and --rates is not given.
    """
    from recon_sdk.evaluation import evaluate, read_truth

    read_truth(ledger_dir)
    rates = ledger_dir / "rates.csv"
    if asked["rates"] is None and rates.is_file():
        asked["rates"] = rates
    result = Request(
        invoices=_file(ledger_dir, "invoices"),
        transactions=_file(ledger_dir, "transactions"),
        **asked,
    ).run()
    print_problems(result.problems, result.summary.problems)
    evaluation = evaluate(result, ledger_dir)
    if as_json:
        click.echo(json.dumps(_rounded(attrs.asdict(evaluation)), indent=2))
    else:
        print_rows(_rows(evaluation))


def _file(folder: Path, name: str) -> Path:
    for ending in _ENDINGS:
        if (folder / (name + ending)).is_file():
            return folder / (name + ending)
    raise InputError(
        str(folder),
        f"has no {name}.csv or {name}.parquet",
        "a ledger folder has invoices, transactions and truth.csv",
    )


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Round shares to six places, deep down."""
    return {
        key: _rounded(value)
        if isinstance(value, dict)
        else round(value, 6)
        if isinstance(value, float)
        else value
        for key, value in values.items()
    }


def _rows(e: Evaluation) -> Iterator[tuple[str, str, str]]:
    yield "Links", f"{e.links:,}", f"{e.right:,} right, of {e.true_links:,} in the truth"
    yield "  precision", _share(e.precision), "of the links found, how many are right"
    yield "  recall", _share(e.recall), "of the true links, how many were found"
    yield "  F1", _share(e.f1), "both in one"
    yield "  top 1", _share(e.top1), "payments of one invoice whose first answer is right"
    yield "Automatic", f"{e.auto.links:,}", f"{e.auto.errors:,} wrong"
    yield "  precision", _share(e.auto.precision), "of the automatic links, how many are right"
    yield "  coverage", _share(e.auto.coverage), "of the true links, how many are automatic"
    yield "", "", ""
    yield "By kind", "recall", "links, and how many of them are automatic"
    for kind, n in e.true_by_kind.items():
        automatic = _share(e.auto.coverage_by_kind[kind])
        yield f"  {kind}", _share(e.recall_by_kind[kind]), f"{n:,}, {automatic} automatic"


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"
