"""`recon match`: reconcile two files."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from recon_sdk.cli.options import (
    OUTPUT_FILE,
    examples,
    input_arguments,
    json_option,
    matching_options,
    reading_options,
)
from recon_sdk.cli.progress import reporting
from recon_sdk.cli.requests import Request
from recon_sdk.cli.summaries import (
    hints,
    print_problems,
    print_rows,
    summary_as_json,
    summary_rows,
)
from recon_sdk.engines import no_progress

if TYPE_CHECKING:
    from pathlib import Path

    from recon_sdk.engines import Progress
    from recon_sdk.results import Result

__all__ = ["match_command", "show_result"]


@click.command(
    "match",
    epilog=examples(
        "recon match invoices.csv transactions.csv --direction payable",
        "recon match invoices.csv transactions.csv --out matches.csv --report report.html",
        "recon match inv.csv bank.csv --map invoice_number=InvNo --decimal , --date-order dmy",
        "recon match invoices.parquet transactions.parquet --json --out matches.parquet",
    ),
)
@input_arguments
@click.option(
    "--out",
    type=OUTPUT_FILE,
    help="Write the matches, one row for each allocation; .csv, .jsonl or .parquet.",
)
@click.option(
    "--candidates",
    type=OUTPUT_FILE,
    help="Write the candidates and the runners-up; same endings.",
)
@click.option("--report", type=OUTPUT_FILE, help="Write an HTML page to look at.")
@click.option(
    "--problems", type=OUTPUT_FILE, help="Write the rows that could not be used; same endings."
)
@click.option(
    "--learned",
    type=OUTPUT_FILE,
    help="Write the names that the run learned to stand for a vendor; look through them, then "
    "give them with --aliases.",
)
@matching_options
@reading_options
@json_option
@click.option("--quiet", "-q", is_flag=True, help="No progress, no summary; only what is wrong.")
def match_command(
    *,
    out: Path | None,
    candidates: Path | None,
    report: Path | None,
    problems: Path | None,
    learned: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Match the INVOICES to the bank TRANSACTIONS of two files.

    The files are CSV or Parquet. An invoice needs an id, an amount and a date, a bank transaction
    likewise; money out is negative. Everything else helps.

    The summary goes to stdout, or to stderr where stdout is no terminal and --out is given.

    Rows that cannot be used are listed on stderr and left out, and the exit code is still 0; with
    --strict the first one ends the run with exit code 1.
    """
    request = Request(**asked)
    _check_files(request, [out, candidates, problems, learned], report)
    result = request.run()
    with reporting(quiet=request.quiet) as progress:
        write_files(
            result,
            out=out,
            candidates=candidates,
            report=report,
            problems=problems,
            learned=learned,
            progress=progress,
        )
    show_result(result, as_json=as_json, quiet=request.quiet, has_file=out is not None)


def _check_files(request: Request, tables: list[Path | None], report: Path | None) -> None:
    """Find out before a long run whether what it finds can be written."""
    from recon_sdk.writing import check_target

    taken = {request.invoices.resolve(), request.transactions.resolve()}
    for path in (*tables, report):
        if path is None:
            continue
        check_target(path, is_table=path is not report)
        if path.resolve() in taken:
            message = f"{path} is given twice: as an input or for another output"
            raise click.UsageError(message)
        taken.add(path.resolve())


def write_files(
    result: Result,
    *,
    out: Path | None = None,
    candidates: Path | None = None,
    report: Path | None = None,
    problems: Path | None = None,
    learned: Path | None = None,
    progress: Progress = no_progress,
) -> None:
    """Write what was asked for."""
    from recon_sdk.report import write_report
    from recon_sdk.writing import (
        write_aliases,
        write_candidates,
        write_matches,
        write_problems,
    )

    if out:
        progress("write the matches", 0, 0)
        write_matches(result, out)
    if candidates:
        progress("write the candidates", 0, 0)
        write_candidates(result, candidates)
    if report:
        progress("write the report", 0, 0)
        write_report(result, report)
    if problems:
        write_problems(result.problems, problems)
    if learned:
        write_aliases(result.learned_aliases, learned)


def show_result(result: Result, *, as_json: bool, quiet: bool, has_file: bool) -> None:
    """Print the summary and what is wrong.

    Args:
        result: What the run found.
        as_json: Print JSON on stdout in place of the table.
        quiet: Print only what is wrong.
        has_file: The matches went to a file, so that stdout may be meant for something else.
    """
    print_problems(result.problems, result.summary.problems)
    if as_json:
        click.echo(json.dumps(summary_as_json(result), indent=2))
    elif not quiet:
        print_rows(summary_rows(result), to_stderr=has_file and not sys.stdout.isatty())
    for hint in hints(result.summary):
        click.echo(f"note: {hint}", err=True)
