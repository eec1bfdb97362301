"""Model: what a storage must say, as a few dicts. Amounts are minor units of one currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Model", "Part"]

Part = tuple[str, str, int]
"""An invoice, a transaction, and what is settled; as much is paid, with the other sign."""


@attrs.define
class _Match:
    parts: tuple[Part, ...]
    status: str = "proposed"
    withdrawn: bool = False


@attrs.define
class Model:
    """One tenant, simply. Methods give the reason of a refusal, "" where all is well.

    Attributes:
        invoices: What was invoiced, by id.
        transactions: What moved, by id.
        matches: All matches, by the set of their pairs.
        events: Number of audit events.
    """

    invoices: dict[str, int] = attrs.field(factory=dict)
    transactions: dict[str, int] = attrs.field(factory=dict)
    matches: dict[frozenset[tuple[str, str]], _Match] = attrs.field(factory=dict)
    events: int = 0

    @staticmethod
    def key(parts: Iterable[Part]) -> frozenset[tuple[str, str]]:
        """Give what a match is known by."""
        return frozenset((invoice, transaction) for invoice, transaction, _ in parts)

    def settled(self, invoice: str) -> int:
        """Sum what confirmed matches settle of an invoice."""
        return sum(minor for i, _, minor in self._confirmed_parts() if i == invoice)

    def allocated(self, transaction: str) -> int:
        """Sum what confirmed matches use of a transaction."""
        return sum(-minor for _, t, minor in self._confirmed_parts() if t == transaction)

    def fits(self, parts: Iterable[Part]) -> bool:
        """Whether the rows can bear this on top of what is confirmed."""
        taken: dict[str, int] = {}
        for invoice, transaction, minor in parts:
            taken["i" + invoice] = taken.get("i" + invoice, 0) + minor
            taken["t" + transaction] = taken.get("t" + transaction, 0) - minor
        for key, minor in taken.items():
            kind, name = key[0], key[1:]
            whole = self.invoices[name] if kind == "i" else self.transactions[name]
            used = minor + (self.settled(name) if kind == "i" else self.allocated(name))
            if not (0 <= used <= whole or whole <= used <= 0):
                return False
        return True

    def run(self, proposals: Iterable[tuple[Part, ...]]) -> None:
        """Replace what nobody decided."""
        self.matches = {k: m for k, m in self.matches.items() if m.status != "proposed"}
        for parts in proposals:
            self.matches.setdefault(self.key(parts), _Match(parts))

    def confirm(self, key: frozenset[tuple[str, str]]) -> str:
        """Confirm a match."""
        match = self.matches[key]
        if match.status == "confirmed":
            return ""
        if match.status == "rejected":
            return "match-state-conflict"
        if match.withdrawn or not self.fits(match.parts):
            return "allocation-conflict"
        match.status = "confirmed"
        self._settle_rivals(match, withdrawn=True)
        self.events += 1
        return ""

    def reject(self, key: frozenset[tuple[str, str]]) -> str:
        """Reject a match."""
        match = self.matches[key]
        if match.status == "rejected":
            return ""
        if match.status == "confirmed" or match.withdrawn:
            return "match-state-conflict"
        match.status = "rejected"
        self.events += 1
        return ""

    def undo(self, key: frozenset[tuple[str, str]]) -> str:
        """Make a proposal of it again."""
        match = self.matches[key]
        if match.status == "proposed":
            return "match-state-conflict"
        confirmed = match.status == "confirmed"
        match.status = "proposed"
        if confirmed:
            self._settle_rivals(match, withdrawn=False)
        self.events += 1
        return ""

    def add(self, part: Part) -> str:
        """Confirm a person's own match of one pair."""
        key = self.key([part])
        old = self.matches.get(key)
        if old is not None and old.status != "proposed":
            return "match-state-conflict"
        if not self.fits([part]):
            return "allocation-conflict"
        match = self.matches[key] = _Match((part,), "confirmed")
        self._settle_rivals(match, withdrawn=True)
        self.events += 1
        return ""

    def change(self, invoice: str, minor: int) -> str:
        """Change what was invoiced."""
        settled = self.settled(invoice)
        if settled and not (0 < settled <= minor or minor <= settled < 0):
            return "invoice-in-use"
        self.invoices[invoice] = minor
        self._drop(invoice, "proposed")
        self.events += 1
        return ""

    def remove(self, invoice: str) -> str:
        """Remove an invoice."""
        if self.settled(invoice):
            return "invoice-in-use"
        self._drop(invoice, "proposed", "rejected")
        del self.invoices[invoice]
        self.events += 1
        return ""

    def _confirmed_parts(self) -> Iterable[Part]:
        return (p for m in self.matches.values() if m.status == "confirmed" for p in m.parts)

    def _settle_rivals(self, match: _Match, *, withdrawn: bool) -> None:
        rows = {row for part in match.parts for row in (("i", part[0]), ("t", part[1]))}
        for other in self.matches.values():
            mine = {row for part in other.parts for row in (("i", part[0]), ("t", part[1]))}
            if other is match or other.status != "proposed" or rows.isdisjoint(mine):
                continue
            if self.fits(other.parts) != withdrawn:
                other.withdrawn = withdrawn

    def _drop(self, invoice: str, *statuses: str) -> None:
        self.matches = {
            key: match
            for key, match in self.matches.items()
            if match.status not in statuses or all(invoice != i for i, _ in key)
        }
