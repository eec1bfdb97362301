"""Recon itself, run in this process as a program would that embeds it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs

from accuracy_parts.scoring import Answer
from recon_sdk import reconcile
from recon_sdk.configuration import load_config
from recon_sdk.invoices import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from accuracy_parts.ledgers import Ledger, Link
    from recon_sdk.matches import Match
    from recon_sdk.results import Result


def run(ledger: Ledger, config: Path | None) -> tuple[Answer, Result]:
    """Reconcile a folder: read the files, match, and list the links."""
    wall, cpu = time.perf_counter(), time.process_time()
    settings = load_config(config)
    if settings.direction is None:
        settings = attrs.evolve(settings, direction=Direction.PAYABLE)
    result = reconcile(
        ledger.folder / "invoices.csv",
        ledger.folder / "transactions.csv",
        config=settings,
        rates=ledger.rates,
    )
    links: dict[Link, float] = {}
    auto: set[Link] = set()
    for match, link in _links(result):
        links[link] = result.outcome.matches.score[match]
        if result.outcome.matches.reasons[match] == 0:
            auto.add(link)
    answer = Answer(
        links=links,
        auto=auto,
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
    )
    return answer, result


def match_of(result: Result, link: Link) -> Match | None:
    """Give the chosen match that has a link."""
    for at, found in _links(result):
        if found == link:
            return result.matches[at]
    return None


def _links(result: Result) -> Iterator[tuple[int, Link]]:
    """Give position of the match and link, for all chosen matches."""
    columns, ledger = result.outcome.matches, result.ledger
    for at in range(columns.chosen):
        for k in range(int(columns.starts[at]), int(columns.starts[at + 1])):
            invoice = ledger.invoices.ids[columns.invoice_rows[k]]
            transaction = ledger.transactions.ids[columns.transaction_rows[k]]
            yield at, (str(invoice), str(transaction))
