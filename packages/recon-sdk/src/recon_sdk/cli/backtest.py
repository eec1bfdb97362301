"""`recon backtest`: what a change of rules would alter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import click

from recon_sdk.cli.options import (
    INPUT_FILE,
    OUTPUT_FILE,
    comparing_options,
    examples,
    input_arguments,
    json_option,
    reading_options,
)
from recon_sdk.cli.progress import reporting
from recon_sdk.cli.requests import Request
from recon_sdk.cli.summaries import hints, print_problems, print_rows
from recon_sdk.cli.tables import print_table
from recon_sdk.money import Money, format_minor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recon_sdk.backtesting import Backtest, Change, Standing, Totals

__all__ = ["CHANGED", "backtest_command"]

CHANGED = 3
"""Exit code of `--fail-on-change`."""
_MOST_CHANGES = 40
_MOST_KEYS = 3


@click.command(
    "backtest",
    epilog=examples(
        "recon backtest invoices.csv transactions.csv --config old.toml --config new.toml",
        "recon backtest invoices.csv transactions.csv --config new.toml --report changes.html",
        "recon backtest inv.csv bank.csv --config old.toml --config new.toml --truth truth.csv",
        "recon backtest inv.csv bank.csv --config old.toml --config new.toml --fail-on-change",
    ),
)
@input_arguments
@click.option(
    "--config",
    "configs",
    type=INPUT_FILE,
    multiple=True,
    required=True,
    help="Twice: the old configuration, then the new one. Once: the new one; the old one is the "
    "defaults.",
)
@click.option(
    "--out", type=OUTPUT_FILE, help="Write the changes, one row each; .csv, .jsonl or .parquet."
)
@click.option("--report", type=OUTPUT_FILE, help="Write an HTML page to look at.")
@click.option(
    "--truth", type=INPUT_FILE, help="True links, to measure both configurations against."
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1),
    default=0.005,
    show_default=True,
    help="Change of a score that is no change.",
)
@click.option("--fail-on-change", is_flag=True, help="Exit with code 3 if anything changes.")
@comparing_options
@reading_options
@json_option
@click.option("--quiet", "-q", is_flag=True, help="No progress, no table; only what is wrong.")
@click.pass_context
def backtest_command(
    context: click.Context,
    /,
    *,
    configs: tuple[Path, ...],
    out: Path | None,
    report: Path | None,
    truth: Path | None,
    tolerance: float,
    fail_on_change: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Say which decisions a change of rules would alter.

    The INVOICES and the TRANSACTIONS are reconciled under both configurations. Listed are matches
    that appear, vanish, change their decision, reasons, difference or score, and what that means
    in money. Nothing is confirmed or kept.
    """
    from recon_sdk.backtesting import backtest

    if len(configs) > 2:
        message = "--config is given more than twice; give the old one, then the new one"
        raise click.UsageError(message)
    old, new = configs if len(configs) == 2 else (None, configs[0])
    before, after = Request(**asked, config=old), Request(**asked, config=new)
    _check_files(after, out, report)
    with reporting(quiet=after.quiet) as progress:
        found = backtest(
            after.invoices,
            after.transactions,
            before.tenant_config(),
            after.tenant_config(),
            decisions=after.decisions or (),
            aliases=after.aliases or (),
            rates=after.rates,
            read=attrs.evolve(after.read_options(after.tenant_config()), direction=None),
            engine=after.engine,
            truth=truth,
            tolerance=round(tolerance * 1_000_000),
            progress=progress,
        )
        _write(found, out, report)
    print_problems(found.results[1].problems, found.results[1].summary.problems)
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=2))
    elif not after.quiet:
        _print(found)
    for hint in hints(found.results[1].summary):
        click.echo(f"note: {hint}", err=True)
    if fail_on_change and found.changes:
        context.exit(CHANGED)


def _check_files(request: Request, out: Path | None, report: Path | None) -> None:
    """Find out before two long runs whether what they find can be written."""
    from recon_sdk.writing import check_target

    taken = {request.invoices.resolve(), request.transactions.resolve()}
    for path, is_table in ((out, True), (report, False)):
        if path is None:
            continue
        check_target(path, is_table=is_table)
        if path.resolve() in taken:
            message = f"{path} is given twice: as an input or for another output"
            raise click.UsageError(message)
        taken.add(path.resolve())


def _write(found: Backtest, out: Path | None, report: Path | None) -> None:
    if out:
        from recon_sdk.writing import write_changes

        write_changes(found.changes, out)
    if report:
        from recon_sdk.report import write_changes_report

        write_changes_report(found, report)


def _print(found: Backtest) -> None:
    rows = list(_setting_rows(found))
    if rows:
        print_table(("Setting", "Old", "New"), rows)
        click.echo()
    print_table(("", "Old", "New", "Change"), list(_total_rows(found.old, found.new)), " rrr")
    click.echo()
    changed = len(found.changes)
    print_rows(
        [
            ("Matches that change", f"{changed:,}", ""),
            *((f"  {kind}", f"{n:,}", "") for kind, n in found.by_kind.items()),
            ("Matches that stay", f"{found.unchanged:,}", ""),
        ]
    )
    if found.changes:
        click.echo()
        header = ("Change", "Invoices", "Payments", "Settles", "Was", "Is")
        print_table(header, [_change_row(c) for c in found.changes[:_MOST_CHANGES]], "   r")
    if changed > _MOST_CHANGES:
        click.echo(f"and {changed - _MOST_CHANGES:,} more; --out FILE.csv writes all of them")


def _setting_rows(found: Backtest) -> Iterator[tuple[str, str, str]]:
    for setting in found.settings:
        old, new = ("" if v is None else str(v) for v in (setting.old, setting.new))
        yield setting.path, old, new


def _total_rows(old: Totals, new: Totals) -> Iterator[tuple[str, str, str, str]]:
    for name, field in (
        ("Matches", "matches"),
        ("  automatic", "auto"),
        ("  for review", "review"),
        ("Links", "links"),
    ):
        a, b = getattr(old, field), getattr(new, field)
        yield name, f"{a:,}", f"{b:,}", _signed(f"{b - a:+,}")
    for name, field in (("Settled", "settled"), ("  automatically", "auto_settled")):
        sides = getattr(old, field), getattr(new, field)
        for currency in sorted(set().union(*sides)):
            a, b = (side.get(currency, 0) for side in sides)
            gap = ("" if b < a else "+") + _money(b - a, currency)
            yield f"{name}, {currency}", _money(a, currency), _money(b, currency), _signed(gap)
    if old.evaluation and new.evaluation:
        for name, x, y in (
            ("Precision", old.evaluation.precision, new.evaluation.precision),
            ("Recall", old.evaluation.recall, new.evaluation.recall),
            ("F1", old.evaluation.f1, new.evaluation.f1),
            ("Automatic precision", old.evaluation.auto.precision, new.evaluation.auto.precision),
            ("Automatic coverage", old.evaluation.auto.coverage, new.evaluation.auto.coverage),
        ):
            yield name, f"{100 * x:.2f} %", f"{100 * y:.2f} %", _signed(f"{100 * (y - x):+.2f}")


def _change_row(change: Change) -> tuple[str, str, str, str, str, str]:
    return (
        change.kind.value,
        _keys(change.invoice_ids),
        _keys(change.transaction_ids),
        f"{_money(change.settled.minor, change.settled.currency)} {change.settled.currency}",
        _standing(change.old),
        _standing(change.new),
    )


def _standing(standing: Standing | None) -> str:
    if standing is None:
        return "-"
    reasons = " ".join(reason.value for reason in standing.reasons)
    parts = (standing.decision.value, f"{standing.score / 1e6:.2f}", reasons)
    return " ".join(part for part in (*parts, standing.difference.value) if part)


def _keys(keys: tuple[str, ...]) -> str:
    from recon_sdk.report.words import printable

    shown = " ".join(keys[:_MOST_KEYS])
    return printable(f"{shown} +{len(keys) - _MOST_KEYS}" if len(keys) > _MOST_KEYS else shown)


def _signed(text: str) -> str:
    """Leave out a change of nothing."""
    return text if text.strip("+-0.,") else ""


def _money(minor: int, currency: str) -> str:
    whole, dot, rest = format_minor(minor, currency).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{dot}{rest}"


def _as_json(found: Backtest) -> dict[str, Any]:
    """Give plain values; amounts are decimal texts, scores from 0 to 1."""
    return {
        "old": _totals(found.old),
        "new": _totals(found.new),
        "settings": [attrs.asdict(setting) for setting in found.settings],
        "by_kind": {kind.value: n for kind, n in found.by_kind.items()},
        "unchanged": found.unchanged,
        "changes": [
            {
                "change": change.kind.value,
                "match_id": change.match_id,
                "invoice_ids": change.invoice_ids,
                "transaction_ids": change.transaction_ids,
                "settled": str(change.settled),
                "old": _side(change.old),
                "new": _side(change.new),
                "rivals": change.rivals,
            }
            for change in found.changes
        ],
    }


def _totals(totals: Totals) -> dict[str, Any]:
    values = attrs.asdict(totals)
    for name in ("settled", "auto_settled"):
        values[name] = {c: str(Money(minor, c)) for c, minor in values[name].items()}
    return values


def _side(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {
        "decision": standing.decision.value,
        "reasons": [reason.value for reason in standing.reasons],
        "score": round(standing.score / 1e6, 6),
        "settled": str(standing.settled),
        "difference": standing.difference.value,
    }
