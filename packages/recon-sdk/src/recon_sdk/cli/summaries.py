"""The summary of a run, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from recon_sdk.money import format_minor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recon_sdk.errors import RowError
    from recon_sdk.results import Result, RunSummary

__all__ = ["hints", "print_problems", "print_rows", "summary_as_json", "summary_rows"]

_MOST_PROBLEMS = 20
_KINDS = {
    "one_to_one": "one to one",
    "many_to_one": "one payment, several invoices",
    "one_to_many": "several payments, one invoice",
}


def summary_as_json(result: Result) -> dict[str, Any]:
    """Give the summary as plain values; amounts are decimal texts by currency."""
    values = attrs.asdict(result.summary)
    for name in ("open_amount", "matched_amount"):
        values[name] = {c: format_minor(minor, c) for c, minor in values[name].items()}
    return {"digest": result.digest, **values}


def summary_rows(result: Result) -> Iterator[tuple[str, str, str]]:
    """Give the summary as rows of a name, a value and a remark; an empty name is a gap."""
    s = result.summary
    matched = s.invoices - s.unmatched_invoices
    yield "Invoices", _number(s.invoices), _amounts(s.open_amount)
    yield "  matched", _number(matched), _share(matched, s.invoices)
    yield "  unmatched", _number(s.unmatched_invoices), _share(s.unmatched_invoices, s.invoices)
    yield "Bank transactions", _number(s.transactions), ""
    used = s.transactions - s.unmatched_transactions
    yield "  matched", _number(used), _share(used, s.transactions)
    yield "  unmatched", _number(s.unmatched_transactions), _duplicates(s)
    yield "", "", ""
    yield "Matches", _number(s.matches), _amounts(s.matched_amount)
    yield "  automatic", _number(s.auto), _share(s.auto, s.matches)
    yield "  for review", _number(s.review), _share(s.review, s.matches)
    for kind, n in s.by_kind.items():
        yield f"  {_KINDS.get(kind, kind)}", _number(n), ""
    yield "Candidates", _number(s.candidates), ""
    yield from _tallies("Why review", s.by_reason)
    yield from _tallies("Differences", s.by_difference)
    yield from _tallies("Search", s.counts)
    yield "", "", ""
    yield "Time", f"{sum(s.seconds.values()):.1f} s", ""
    yield "Digest", result.digest[:16], ""


def print_rows(rows: Iterable[tuple[str, str, str]], *, to_stderr: bool = False) -> None:
    """Print rows as an aligned table; a remark of several lines goes on below."""
    rows = list(rows)
    names = max(len(name) for name, *_ in rows)
    values = max(len(value) for _, value, _ in rows)
    for name, value, remark in rows:
        for line in remark.splitlines() or [""]:
            dim = f"  {click.style(line, dim=True)}" if line else ""
            click.echo(f"{name:<{names}}  {value:>{values}}{dim}".rstrip(), err=to_stderr)
            name = value = ""


def hints(summary: RunSummary) -> Iterator[str]:
    """Give what a person should know before relying on the run."""
    if n := summary.direction_unknown:
        yield (
            f"{_counted(n, 'invoice has', 'invoices have')} no direction: pass --direction "
            "payable (you pay them) or --direction receivable (you are paid); nothing about "
            "them is decided automatically until then"
        )
    for failure in summary.failures:
        yield (
            f"{failure.name} of plugin {failure.plugin} was set aside: {failure.detail}; "
            "nothing in this run is decided automatically"
        )
    if n := summary.by_reason.get("no_rate", 0):
        yield (
            f"{_counted(n, 'match needs', 'matches need')} an exchange rate: pass --rates with "
            "a rate that holds on the day of the payment"
        )


def print_problems(problems: tuple[RowError, ...], n: int) -> None:
    """List rows that could not be used on stderr, the first ones of `n` in full."""
    if not problems:
        return
    click.echo(f"{_counted(n, 'row', 'rows')} could not be used:", err=True)
    for problem in problems[:_MOST_PROBLEMS]:
        click.echo(f"  {_one_line(problem)}", err=True)
    if n > _MOST_PROBLEMS:
        click.echo(f"  and {n - _MOST_PROBLEMS:,} more; --problems FILE.csv lists them", err=True)


def _one_line(problem: RowError) -> str:
    return " ".join(str(problem).split())


def _tallies(title: str, counts: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    if counts:
        yield "", "", ""
        yield title, "", ""
        for name, n in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
            yield f"  {name.replace('_', ' ')}", _number(n), ""


def _duplicates(summary: RunSummary) -> str:
    n = summary.possible_duplicates
    return f"{_counted(n, 'looks', 'look')} like a second payment" if n else ""


def _amounts(by_currency: Mapping[str, int]) -> str:
    texts = []
    for currency, minor in sorted(by_currency.items(), key=lambda entry: (-entry[1], entry[0])):
        whole, dot, rest = format_minor(minor, currency).partition(".")
        texts.append(f"{int(whole):,}{dot}{rest} {currency}")
    return "\n".join(texts)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _number(value: int) -> str:
    return f"{value:,}"


def _counted(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
