"""Measure how right Recon is on labelled ledgers, and say what its errors come from.

    python benchmarks/make_ledger.py /tmp/ledgers/plain --seed 1
    python benchmarks/accuracy.py /tmp/ledgers --json /tmp/accuracy.json
    python benchmarks/accuracy.py /tmp/ledgers --peer splink --examples 3

A folder has invoices.csv, transactions.csv, truth.csv and perhaps rates.csv, or is full of such
folders. What the columns mean is told in docs/explanation/accuracy.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accuracy_parts import recon_matcher
from accuracy_parts.causes import Causes, examples
from accuracy_parts.ledgers import Ledger, Link, find_folders
from accuracy_parts.scoring import Answer, Score, pool, score

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS = (
    ("links", "links", "d"),
    ("P", "precision", ".4f"),
    ("R", "recall", ".4f"),
    ("F1", "f1", ".4f"),
    ("top-1", "top1", ".4f"),
    ("auto P", "auto_precision", ".5f"),
    ("auto cover", "auto_cover", ".4f"),
    ("errors", "auto_errors", "d"),
    ("1st of 2", "duplicate_first", ".3f"),
    ("wall s", "wall_s", ".2f"),
    ("CPU s", "cpu_s", ".2f"),
)


class Report:
    """Collects scores and examples, and prints them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.scores: list[Score] = []
        self.lines: list[str] = []

    def add(self, ledger: Ledger, name: str, answer: Answer) -> Score:
        """Score an answer and sort its errors by cause."""
        one = score(ledger, name, answer)
        causes = Causes(ledger)
        lost = causes.lost(answer.links)
        wrong = causes.wrong(answer.links, lost)
        one.lost, one.wrong = Counter(lost.values()), Counter(wrong.values())
        self.scores.append(one)
        if self.count:
            self._show(ledger, f"{name} lost", lost, answer.links)
            self._show(ledger, f"{name} wrong", wrong, answer.links)
        return one

    def _show(
        self, ledger: Ledger, title: str, links: Mapping[Link, str], found: Mapping[Link, float]
    ) -> None:
        for cause, group in examples(links, self.count):
            total = sum(other == cause for other in links.values())
            self.lines.append(f"\n### {ledger.folder.name}: {title}: {cause} ({total})")
            for link in group:
                self.lines += describe(ledger, link, found)

    def finish(self, groups: Mapping[str, str]) -> list[Score]:
        """Give all scores, and those pooled by matcher, and by group where there are several."""
        pooled = []
        for matcher in dict.fromkeys(one.matcher for one in self.scores):
            own = [one for one in self.scores if one.matcher == matcher]
            names = dict.fromkeys(groups[one.ledger] for one in own)
            if 1 < len(names) < len(own):
                for name in names:
                    part = [one for one in own if groups[one.ledger] == name]
                    pooled.append(pool(f"all of {name}", part))
            if len(own) > 1:
                pooled.append(pool("all", own))
        return pooled


def describe(ledger: Ledger, link: Link, found: Mapping[Link, float]) -> Iterator[str]:
    """Show the rows of a link, what is true of its payment, and what was found for it."""
    invoice, transaction = link
    yield f"- {_payment(ledger, transaction)}"
    yield f"  - this link: {_invoice(ledger, invoice)} [{ledger.truth.get(link, 'not true')}]"
    for word, links in (("true", ledger.truth), ("found", found)):
        others = [i for i, t in links if t == transaction and i != invoice]
        for other in others[:3]:
            yield f"  - {word}: {_invoice(ledger, other)}"
        if len(others) > 3:
            yield f"  - {word}: and {len(others) - 3} more"
        for other in [t for i, t in links if i == invoice and t != transaction][:2]:
            yield f"  - {word} for this invoice: {_payment(ledger, other)}"


def _payment(ledger: Ledger, key: str) -> str:
    row = ledger.transactions[key]
    account = " with account" if row.get("counterparty_iban") else ""
    words = " | ".join(filter(None, (row.get("description"), row.get("reference"))))
    return (
        f"{key} {row['booking_date']} {row['amount']} {row['currency']} "
        f"'{row['counterparty_name']}'{account} '{words}'"
    )


def _invoice(ledger: Ledger, key: str) -> str:
    row = ledger.invoices[key]
    return (
        f"{key} {row['invoice_number']} {row['amount']} {row['currency']} "
        f"{row['vendor_name']} issued {row['issue_date']} due {row['due_date']}"
    )


def wrong_autos(ledger: Ledger, answer: Answer, result: Any) -> Iterator[str]:
    """Show every automatic link that is not true."""
    for link in sorted(set(answer.auto) - ledger.truth.keys()):
        match = recon_matcher.match_of(result, link)
        if match is None:
            continue
        gap = match.difference.kind.value if match.difference else "none"
        yield (
            f"\n### {ledger.folder.name}: wrong automatic link {link[0]} {link[1]}: "
            f"{match.kind.value}, {len(match.allocations)} links, evidence {match.evidence}, "
            f"margin {match.margin}, difference {gap or 'none'}"
        )
        yield from describe(ledger, link, answer.links)


def table(scores: list[Score]) -> str:
    """Lay out figures as a Markdown table."""
    heads = ["ledger", "matcher", *(head for head, _, _ in COLUMNS)]
    rows = [heads, ["---", "---", *("--:" for _ in COLUMNS)]]
    for one in scores:
        figures = one.figures()
        if not figures["auto_links"]:
            figures |= dict.fromkeys(("auto_precision", "auto_cover", "auto_errors"))
        cells = [_cell(figures[key], form) for _, key, form in COLUMNS]
        rows.append([one.ledger, one.matcher, *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def kinds_table(scores: list[Score]) -> str:
    """Lay out recall by kind as a Markdown table."""
    kinds = sorted({kind for one in scores for kind in one.true_by_kind})
    rows = [["ledger", "matcher", *kinds], ["---", "---", *("--:" for _ in kinds)]]
    for one in scores:
        recall = one.figures()["recall_by_kind"]
        rows.append([one.ledger, one.matcher, *(_cell(recall.get(kind), ".3f") for kind in kinds)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def causes_table(scores: list[Score]) -> str:
    """Lay out lost and wrong links by cause as a Markdown table."""
    total: Counter[str] = sum((one.lost + one.wrong for one in scores), Counter())
    heads = [f"{one.ledger}, {one.matcher}" for one in scores]
    rows = [["cause: lost / wrong", *heads], ["---", *("--:" for _ in scores)]]
    for cause, _ in total.most_common():
        rows.append([cause, *(f"{one.lost[cause]} / {one.wrong[cause]}" for one in scores)])
    rows.append(
        ["all", *(f"{one.true_links - one.right} / {one.links - one.right}" for one in scores)]
    )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def main() -> None:
    """Parse the command line, run, print tables, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", help="ledger folders, or folders of them")
    parser.add_argument("--config", type=Path, help="configuration; the defaults otherwise")
    parser.add_argument("--peer", choices=["splink"], help="run this one on the same ledgers too")
    parser.add_argument("--json", type=Path, help="file to write all figures to")
    parser.add_argument("--examples", type=int, default=0, help="show so many errors per cause")
    parser.add_argument(
        "--require-auto",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="end with status 1 if fewer of all automatic links are right",
    )
    parser.add_argument("--quiet", action="store_true", help="no word on what is being run")
    options = parser.parse_args()
    report = Report(options.examples)
    autos: list[str] = []
    groups: dict[str, str] = {}
    for folder in find_folders(options.folders):
        groups[folder.name] = folder.absolute().parent.name
        if not options.quiet:
            sys.stderr.write(f"{folder}\n")
        ledger = Ledger.read(folder)
        answer, result = recon_matcher.run(ledger, options.config)
        for failure in result.summary.failures:
            sys.stderr.write(f"{folder}: {failure.name} of {failure.plugin}: {failure.detail}\n")
        if result.problems:
            sys.stderr.write(f"{folder}: {len(result.problems)} rows could not be read\n")
        report.add(ledger, "recon", answer)
        autos += wrong_autos(ledger, answer, result)
        if options.peer:
            from accuracy_parts import splink_peer

            report.add(ledger, options.peer, splink_peer.run(folder))
    pooled = report.finish(groups)
    everything = [*report.scores, *pooled]
    shown = pooled or report.scores
    parts = [table(everything), kinds_table(everything), causes_table(shown)]
    sys.stdout.write("\n\n".join(parts) + "\n")
    sys.stdout.write("\n".join([*autos, *report.lines]) + "\n" if autos or report.lines else "")
    if options.json:
        figures = {
            "benchmark": "accuracy",
            "python": platform.python_version(),
            "ledgers": [one.figures() for one in report.scores],
            "pooled": [one.figures() for one in pooled],
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    own = pool("all", (one for one in report.scores if one.matcher == "recon"))
    if own.auto_right < options.require_auto * own.auto:
        errors = own.auto - own.auto_right
        sys.exit(f"{errors} of {own.auto} automatic links are wrong, more than allowed")


if __name__ == "__main__":
    main()
