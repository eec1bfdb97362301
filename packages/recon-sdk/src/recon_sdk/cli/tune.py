"""`recon tune`: propose weights and thresholds from labelled matches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from recon_sdk.cli.folders import rates_in, table_in
from recon_sdk.cli.options import (
    OUTPUT_FILE,
    examples,
    json_option,
    reading_options,
    tuning_options,
)
from recon_sdk.cli.progress import reporting
from recon_sdk.cli.requests import Request
from recon_sdk.cli.tables import print_table

if TYPE_CHECKING:
    from recon_sdk.tuning import Tuning

__all__ = ["tune_command"]


@click.command(
    "tune",
    epilog=examples(
        "recon tune my-ledger --direction payable",
        "recon tune my-ledger --config recon.toml --out tuned.toml",
        "recon tune my-ledger --folds 10 --seed 7 --json",
    ),
)
@click.argument("ledger_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=OUTPUT_FILE, help="Write the proposed configuration, .toml.")
@click.option("--force", is_flag=True, help="Replace the file of --out if it is there.")
@click.option(
    "--folds",
    type=click.IntRange(2, 50),
    default=5,
    show_default=True,
    help="Sets of parties; each is measured with what the others propose.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Draws the folds; the same seed gives the same file.",
)
@tuning_options
@reading_options
@json_option
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
def tune_command(
    *,
    ledger_dir: Path,
    out: Path | None,
    force: bool,
    folds: int,
    seed: int,
    as_json: bool,
    **asked: Any,
) -> None:
    """Propose weights, thresholds and margins from the labelled matches in LEDGER_DIR.

    The folder is one for recon evaluate. Everything proposed is better on parties that it was not
    chosen on, by more than its standard error; the rest is kept. Nothing changes until you use
    the file: try it with recon backtest first.
    """
    from recon_sdk.evaluation import read_truth
    from recon_sdk.tuning import tune, write_tuned
    from recon_sdk.writing import check_target

    if out:
        check_target(out, is_table=False)
        _check(out, force=force)
    truth = read_truth(ledger_dir)
    asked["rates"] = rates_in(ledger_dir, asked["rates"])
    request = Request(
        invoices=table_in(ledger_dir, "invoices"),
        transactions=table_in(ledger_dir, "transactions"),
        **asked,
    )
    config = request.tenant_config()
    with reporting(quiet=request.quiet) as progress:
        found = tune(
            request.invoices,
            request.transactions,
            truth,
            config=config,
            aliases=request.aliases or (),
            rates=request.rates,
            read=request.read_options(config),
            folds=folds,
            seed=seed,
            progress=progress,
        )
    if out:
        base = request.config.name if request.config else ""
        write_tuned(found, out, base=base, overwrite=force)
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=2))
    else:
        _print(found)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if not out and found.changes:
        click.echo("note: --out FILE.toml writes the proposed configuration", err=True)


def _check(out: Path, *, force: bool) -> None:
    """Find out before long work whether the file may be written."""
    if out.suffix.lower() != ".toml":
        message = f"{out} does not end in .toml"
        raise click.UsageError(message)
    if out.exists() and not force:
        message = f"{out} is already there; --force replaces it"
        raise click.UsageError(message)


def _print(found: Tuning) -> None:
    from recon_sdk.tuning.outcome import mean_and_spread
    from recon_sdk.tuning.written import FIGURES

    click.echo(
        f"{found.links:,} labelled links, {found.parties:,} groups of parties, "
        f"{found.folds} folds, seed {found.seed}"
    )
    rows = []
    for name, words in FIGURES:
        sides = [mean_and_spread(side, name) for side in (found.before, found.after)]
        cells = [f"{100 * mean:.2f} +- {100 * spread:.2f}" for mean, spread in sides]
        rows.append((words, *cells))
    print_table(("Mean over the folds, %", "Before", "After"), rows, " rr")
    click.echo()
    if not found.changes:
        click.echo("Keep everything: no change is certain to be better.")
        return
    print_table(
        ("Proposed", "Now", "New"),
        [(v.path, f"{v.current:g}", f"{v.proposed:g}") for v in found.changes],
        " rr",
    )
    click.echo()
    for verdict in found.changes:
        click.echo(f"{verdict.path}: {verdict.reason}")
    kept = len(found.verdicts) - len(found.changes)
    click.echo(f"Keep the other {kept} settings that were looked at.")


def _as_json(found: Tuning) -> dict[str, Any]:
    """Give plain values; shares from 0 to 1."""
    return {
        "links": found.links,
        "invoices": found.invoices,
        "transactions": found.transactions,
        "parties": found.parties,
        "folds": found.folds,
        "seed": found.seed,
        "plugins": dict(found.plugin_versions),
        "before": [_rounded(attrs.asdict(fold)) for fold in found.before],
        "after": [_rounded(attrs.asdict(fold)) for fold in found.after],
        "verdicts": [
            {**attrs.asdict(v), "verdict": "change" if v.is_change else "keep"}
            for v in found.verdicts
        ],
        "notes": found.notes,
    }


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in values.items()}
