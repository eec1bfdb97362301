"""`recon explain`: why two rows were matched, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from recon_sdk.cli.options import (
    examples,
    input_arguments,
    matching_options,
    reading_options,
)
from recon_sdk.cli.requests import Request
from recon_sdk.cli.summaries import print_problems

if TYPE_CHECKING:
    from recon_sdk.results import Result

__all__ = ["explain_command"]


@click.command(
    "explain",
    epilog=examples(
        "recon explain invoices.csv transactions.csv I0042",
        "recon explain invoices.csv transactions.csv I0042 T0107",
        "recon explain invoices.csv transactions.csv 3f9c2a51b0d4",
    ),
)
@input_arguments
@click.argument("key")
@click.argument("transaction_id", required=False)
@matching_options
@reading_options
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def explain_command(*, key: str, transaction_id: str | None, **asked: Any) -> None:
    """Say why rows of the INVOICES and the TRANSACTIONS are matched, or why not.

    KEY is the id of a match, of an invoice or of a transaction. With a TRANSACTION_ID as well, KEY
    is an invoice's id and the answer is about this pair, matched or not: its score, and what won
    in its place. Give the same files and options as to recon match.
    """
    from recon_sdk.cli.accounts import account_of_key, account_of_pair

    result: Result = Request(**asked).run()
    print_problems(result.problems, result.summary.problems)
    if transaction_id is None:
        lines = account_of_key(result, key)
    else:
        lines = account_of_pair(result, key, transaction_id)
    for line in lines:
        click.echo(line)
