"""`recon evaluate`: measure a run against a ledger whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from recon_sdk.cli.folders import rates_in, table_in
from recon_sdk.cli.options import examples, json_option, matching_options, reading_options
from recon_sdk.cli.requests import Request
from recon_sdk.cli.summaries import print_problems, print_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_sdk.evaluation import Evaluation

__all__ = ["evaluate_command"]


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
    asked["rates"] = rates_in(ledger_dir, asked["rates"])
    result = Request(
        invoices=table_in(ledger_dir, "invoices"),
        transactions=table_in(ledger_dir, "transactions"),
        **asked,
    ).run()
    print_problems(result.problems, result.summary.problems)
    evaluation = evaluate(result, ledger_dir)
    if as_json:
        click.echo(json.dumps(_rounded(attrs.asdict(evaluation)), indent=2))
    else:
        print_rows(_rows(evaluation))


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
