"""The page: gathers what the templates show and renders them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recon_sdk.report import rows, words
from recon_sdk.report.figures import Figures, Share
from recon_sdk.report.rendering import render, write_page
from recon_sdk.writing.wording import explained_matches

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from recon_sdk.results import Result

__all__ = ["MOST_MATCHES", "render_report", "write_report"]

MOST_MATCHES = 2000
"""Matches that a page shows; more make it slow to open."""
_MOST_ROWS = 200


def write_report(
    result: Result, path: str | os.PathLike[str], *, most_matches: int = MOST_MATCHES
) -> None:
    """Write a result as one HTML page.

    Args:
        result: What a run found.
        path: The file; it is replaced as a whole.
        most_matches: How many matches the table shows, those for review first.

    Raises:
        MissingExtraError: Jinja2 is not installed.
        InputError: The file cannot be written.
    """
    write_page(render_report(result, most_matches=most_matches), path)


def render_report(result: Result, *, most_matches: int = MOST_MATCHES) -> str:
    """Render a result as one HTML page.

    Args:
        result: What a run found.
        most_matches: How many matches the table shows, those for review first.

    Raises:
        MissingExtraError: Jinja2 is not installed.
    """
    return render("page.html.jinja", _facts(result, most_matches), script="page.js")


def _facts(result: Result, most_matches: int) -> dict[str, Any]:
    figures = Figures(result)
    summary = result.summary
    config = result.rule_set.config
    return {
        "summary": summary,
        "figures": figures,
        "headline": _headline(figures.invoices),
        "matches": _match_rows(result, most_matches),
        "reasons": [
            (reason.value, advice, summary.by_reason[reason.value])
            for reason, advice in words.REASONS.items()
            if reason.value in summary.by_reason
        ],
        "kinds": [
            (words.KINDS[kind], summary.by_kind[kind.value])
            for kind in words.KINDS
            if kind.value in summary.by_kind
        ],
        "differences": [
            (words.DIFFERENCES[kind], summary.by_difference[kind.value])
            for kind in words.DIFFERENCES
            if kind.value in summary.by_difference
        ],
        "duplicates": rows.duplicates(result, _MOST_ROWS),
        "unmatched_invoices": rows.unmatched_invoices(result, _MOST_ROWS),
        "unmatched_transactions": rows.unmatched_transactions(result, _MOST_ROWS),
        "problems": result.problems[:_MOST_ROWS],
        "rules": [
            (words.label(rule.name), f"{weight / 1e6:+.2f}", result.rule_set.plugin_of[rule.name])
            for rule, weight in result.rule_set.rules
        ],
        "plugin_versions": result.rule_set.plugin_versions,
        "config": config,
        "threshold": f"{100 * config.threshold:.2f}",
        "counts": [(words.label(name), n) for name, n in sorted(summary.counts.items())],
        "digest": result.digest,
    }


def _match_rows(result: Result, most: int) -> list[rows.MatchRow]:
    runners_up = rows.alternatives_of(result)
    shown = []
    positions = rows.largest_matches(result, most)
    explained = explained_matches(result, positions)
    for at, (context, explanation) in zip(positions.tolist(), explained, strict=True):
        others = np.array(runners_up.get(at, ()), np.int64)
        alternatives = [other for other, _ in explained_matches(result, others)]
        shown.append(rows.match_row(context, explanation, alternatives))
    return shown


def _headline(invoices: Sequence[Share]) -> str:
    """Say in a sentence how far the run got."""
    auto, review, left = (int(share.text.replace(",", "")) for share in invoices)
    total = auto + review + left
    if not total:
        return "There was no open invoice."
    if not auto + review:
        return f"None of {words.count(total, 'invoice')} found its payment."
    found = f"{words.number(auto + review)} of {words.count(total, 'invoice')}"
    return f"{found} found {'its payment' if total == 1 else 'their payments'}."
