"""`recon demo`: a small ledger with a story in every row, matched."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from recon_sdk.cli.match import show_result, write_files
from recon_sdk.cli.options import examples
from recon_sdk.cli.requests import Request
from recon_sdk.writing import replacing

__all__ = ["DEMO_FILES", "demo_command"]

DEMO_FILES = ("invoices.csv", "transactions.csv", "rates.csv", "truth.csv")
"""Files of the demo ledger."""


@click.command("demo", epilog=examples("recon demo", "recon demo --dir /tmp/recon-demo"))
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("recon-demo"),
    show_default=True,
    help="Folder for the data and the results; made if it is not there.",
)
def demo_command(folder: Path) -> None:
    """Match a small example ledger and leave its files to look at.

    The books of a furniture workshop: part payments, batches, discounts, a payment made twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in DEMO_FILES:
        with replacing(folder / name) as temporary:
            temporary.write_bytes((resources.files("recon_sdk.demo_data") / name).read_bytes())
    result = Request(
        invoices=folder / "invoices.csv",
        transactions=folder / "transactions.csv",
        rates=folder / "rates.csv",
    ).run()
    write_files(
        result,
        out=folder / "matches.csv",
        candidates=folder / "candidates.csv",
        report=folder / "report.html",
    )
    show_result(result, as_json=False, quiet=False, has_file=False)
    click.echo(
        f"\nIn {folder}: the data, matches.csv, candidates.csv and report.html.\n"
        "Look at the page, then ask about a row or measure against the truth:\n"
        f"  recon explain {folder}/invoices.csv {folder}/transactions.csv P037\n"
        f"  recon evaluate {folder}"
    )
