"""The page about a backtest: what a change of rules would alter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk.matches import DecisionKind
from recon_sdk.money import exponent_of
from recon_sdk.report import words
from recon_sdk.report.figures import money
from recon_sdk.report.rendering import render, write_page
from recon_sdk.report.rows import InvoiceRow, TransactionRow, invoice_row, transaction_row

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from recon_sdk.backtesting import Backtest, Change, Standing, Totals

__all__ = ["render_changes_report", "write_changes_report"]

_MOST_ROWS = 500
_ADVICE = {
    "vanished": ("No longer proposed", "The new rules do not propose these matches."),
    "appeared": ("Newly proposed", "Only the new rules propose these matches."),
    "decision": ("Decided otherwise", "The same matches, automatic under one set of rules only."),
    "reasons": ("Other reasons for a look", "For review under both, for other reasons."),
    "difference": ("Other difference", "The gap has another name, or another amount is settled."),
    "score": ("Other score", "Nothing but the score differs."),
}


@attrs.frozen(kw_only=True)
class StandingRow:
    """How a match stands under one configuration, as texts."""

    is_auto: bool
    score: str
    percent: str
    reasons: str
    difference: str


@attrs.frozen(kw_only=True)
class ChangeRow:
    """One change as the table shows it."""

    id: str
    invoices: Sequence[InvoiceRow]
    transactions: Sequence[TransactionRow]
    settled: str
    old: StandingRow | None
    new: StandingRow | None


@attrs.frozen(kw_only=True)
class Group:
    """The changes of one kind: its code, words, number, and the rows that are shown."""

    code: str
    title: str
    meaning: str
    count: int
    rows: Sequence[ChangeRow]


@attrs.frozen
class TotalRow:
    """A figure under both configurations, and the step between them."""

    name: str
    old: str
    new: str
    step: str


def write_changes_report(
    backtest: Backtest, path: str | os.PathLike[str], *, most_rows: int = _MOST_ROWS
) -> None:
    """Write a backtest as one HTML page.

    Args:
        backtest: What was found.
        path: The file; it is replaced as a whole.
        most_rows: How many changes of each kind are shown, the largest.

    Raises:
        MissingExtraError: Jinja2 is not installed.
        InputError: The file cannot be written.
    """
    write_page(render_changes_report(backtest, most_rows=most_rows), path)


def render_changes_report(backtest: Backtest, *, most_rows: int = _MOST_ROWS) -> str:
    """Render a backtest as one HTML page.

    Args:
        backtest: What was found.
        most_rows: How many changes of each kind are shown, the largest.

    Raises:
        MissingExtraError: Jinja2 is not installed.
    """
    old, new = backtest.old, backtest.new
    facts: dict[str, Any] = {
        "old": old,
        "new": new,
        "changed": len(backtest.changes),
        "unchanged": backtest.unchanged,
        "headline": _headline(len(backtest.changes), backtest.unchanged),
        "totals": list(_totals(old, new)),
        "settings": [
            (s.path, *("" if v is None else str(v) for v in (s.old, s.new)))
            for s in backtest.settings
        ],
        "groups": list(_groups(backtest, most_rows)),
        "tolerance": f"{backtest.tolerance / 1e6:g}",
    }
    return render("changes.html.jinja", facts, styles=("page.css", "changes.css"))


def _headline(changed: int, unchanged: int) -> str:
    if not changed:
        return "The new rules change nothing."
    total = changed + unchanged
    return f"{words.number(changed)} of {words.count(total, 'match', 'matches')} would change."


def _totals(old: Totals, new: Totals) -> Iterator[TotalRow]:
    for name, field in (
        ("Matches", "matches"),
        ("Decided automatically", "auto"),
        ("For review", "review"),
    ):
        a, b = getattr(old, field), getattr(new, field)
        yield TotalRow(name, words.number(a), words.number(b), _step(f"{b - a:+,}"))
    for name, field in (("Settled", "settled"), ("Settled automatically", "auto_settled")):
        sides = getattr(old, field), getattr(new, field)
        for currency in sorted(set().union(*sides)):
            a, b = (side.get(currency, 0) for side in sides)
            step = ("" if b < a else "+") + money(b - a, currency)
            yield TotalRow(
                f"{name}, {currency}", money(a, currency), money(b, currency), _step(step)
            )
    if old.evaluation and new.evaluation:
        x, y = old.evaluation, new.evaluation
        for name, p, q in (
            ("Precision", x.precision, y.precision),
            ("Recall", x.recall, y.recall),
            ("F1", x.f1, y.f1),
            ("Precision of what is automatic", x.auto.precision, y.auto.precision),
            ("True links that are automatic", x.auto.coverage, y.auto.coverage),
        ):
            yield TotalRow(
                name, f"{100 * p:.2f} %", f"{100 * q:.2f} %", _step(f"{100 * (q - p):+.2f}")
            )


def _step(text: str) -> str:
    """Write a step with a true minus sign; nothing where there is none."""
    return text.replace("-", "\u2212") if text.strip("+-0.,") else ""


def _groups(backtest: Backtest, most: int) -> Iterator[Group]:
    for kind, count in backtest.by_kind.items():
        changes = [change for change in backtest.changes if change.kind is kind]
        changes.sort(key=lambda c: -abs(c.settled.minor) / 10 ** exponent_of(c.settled.currency))
        title, meaning = _ADVICE[kind.value]
        yield Group(
            code=kind.value,
            title=title,
            meaning=meaning,
            count=count,
            rows=[_row(backtest, change) for change in changes[:most]],
        )


def _row(backtest: Backtest, change: Change) -> ChangeRow:
    ledger = backtest.results[0 if change.new is None else 1].ledger
    settled = change.settled
    return ChangeRow(
        id=change.match_id,
        invoices=[
            invoice_row(ledger.invoice(ledger.invoice_row(key))) for key in change.invoice_ids
        ],
        transactions=[
            transaction_row(ledger.transaction(ledger.transaction_row(key)))
            for key in change.transaction_ids
        ],
        settled=f"{money(settled.minor, settled.currency)} {settled.currency}",
        old=_standing(change.old),
        new=_standing(change.new),
    )


def _standing(standing: Standing | None) -> StandingRow | None:
    if standing is None:
        return None
    return StandingRow(
        is_auto=standing.decision is DecisionKind.AUTO,
        score=f"{standing.score / 1e6:.2f}",
        percent=f"{standing.score / 1e4:.0f}",
        reasons="; ".join(words.REASONS[reason].title for reason in standing.reasons),
        difference=words.DIFFERENCES[standing.difference],
    )
