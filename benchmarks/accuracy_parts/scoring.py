"""Scores: how far an answer agrees with the truth, for one ledger and for several pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs

from accuracy_parts.ledgers import Ledger, Link


@attrs.frozen(kw_only=True, eq=False)
class Answer:
    """What a matcher said of a ledger.

    Attributes:
        links: Score of each link that it gives.
        auto: Links that it would confirm without a look.
        wall: Seconds by the clock, from reading the files to the last link.
        cpu: Seconds of all processors together.
    """

    links: Mapping[Link, float]
    auto: Collection[Link]
    wall: float
    cpu: float


@attrs.define(kw_only=True)
class Score:
    """Counts; every share is worked out from them, so that ledgers can be pooled by adding up."""

    ledger: str
    matcher: str
    links: int = 0
    true_links: int = 0
    right: int = 0
    singles: int = 0
    singles_first: int = 0
    auto: int = 0
    auto_right: int = 0
    twice_paid: int = 0
    twice_first: int = 0
    twice_second: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    true_by_kind: Counter[str] = attrs.field(factory=Counter)
    right_by_kind: Counter[str] = attrs.field(factory=Counter)
    lost: Counter[str] = attrs.field(factory=Counter)
    wrong: Counter[str] = attrs.field(factory=Counter)

    def figures(self) -> dict[str, Any]:
        """Give the shares and counts that are printed."""
        precision, recall = _share(self.right, self.links), _share(self.right, self.true_links)
        return {
            "ledger": self.ledger,
            "matcher": self.matcher,
            "links": self.links,
            "true_links": self.true_links,
            "precision": precision,
            "recall": recall,
            "f1": round(2 * precision * recall / max(1e-9, precision + recall), 5),
            "top1": _share(self.singles_first, self.singles),
            "auto_links": self.auto,
            "auto_errors": self.auto - self.auto_right,
            "auto_precision": _share(self.auto_right, self.auto) if self.auto else None,
            "auto_cover": _share(self.auto_right, self.true_links),
            "duplicate_first": _share(self.twice_first, self.twice_paid),
            "duplicate_second": _share(self.twice_second, self.twice_paid),
            "wall_s": round(self.wall, 2),
            "cpu_s": round(self.cpu, 2),
            "recall_by_kind": {
                kind: _share(self.right_by_kind[kind], number)
                for kind, number in sorted(self.true_by_kind.items())
            },
            "true_by_kind": dict(sorted(self.true_by_kind.items())),
            "lost_by_cause": dict(self.lost.most_common()),
            "wrong_by_cause": dict(self.wrong.most_common()),
        }


def score(ledger: Ledger, matcher: str, answer: Answer) -> Score:
    """Compare an answer with the truth of its ledger."""
    truth, found = ledger.truth, answer.links
    right = found.keys() & truth.keys()
    best = _best_of(found)
    singles = [link for link in truth if ledger.is_one_to_one(link)]
    twice = [link for link, kind in truth.items() if kind == "duplicate"]
    linked = {invoice for invoice, _ in found}
    return Score(
        ledger=ledger.folder.name,
        matcher=matcher,
        links=len(found),
        true_links=len(truth),
        right=len(right),
        singles=len(singles),
        singles_first=sum(best.get(i) == t for i, t in singles),
        auto=len(answer.auto),
        auto_right=len(set(answer.auto) & truth.keys()),
        twice_paid=len(twice),
        twice_first=sum(link in found for link in twice),
        twice_second=sum(link not in found and link[0] in linked for link in twice),
        wall=answer.wall,
        cpu=answer.cpu,
        true_by_kind=Counter(truth.values()),
        right_by_kind=Counter(truth[link] for link in right),
    )


def pool(name: str, scores: Iterable[Score]) -> Score:
    """Add up the counts of several ledgers: every link counts alike."""
    whole: Score | None = None
    for one in scores:
        if whole is None:
            whole = Score(ledger=name, matcher=one.matcher)
        for field in attrs.fields(Score):
            if field.name not in {"ledger", "matcher"}:
                total = getattr(whole, field.name) + getattr(one, field.name)
                setattr(whole, field.name, total)
    if whole is None:
        message = "nothing to pool"
        raise ValueError(message)
    return whole


def _best_of(links: Mapping[Link, float]) -> dict[str, str]:
    """Give for each invoice the transaction of its highest score."""
    best: dict[str, tuple[float, str]] = {}
    for (invoice, transaction), value in links.items():
        best[invoice] = max(best.get(invoice, (value, transaction)), (value, transaction))
    return {invoice: transaction for invoice, (_, transaction) in best.items()}


def _share(part: int, whole: int) -> float:
    return round(part / max(1, whole), 5)
