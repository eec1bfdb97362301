"""One change of a tenant's state: the state machine of matches and the balances of their rows.

Every method looks before it writes, so one that raises has changed nothing.
"""

# ruff: noqa: D102 - what the methods promise stands in `recon_sdk.storage`

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from recon_sdk.digests import match_id as derive_match_id
from recon_sdk.errors import ConflictError, DataError
from recon_sdk.ids import MatchId, RunId
from recon_sdk.matches import Allocation, DecisionKind, Difference, Match, MatchStatus
from recon_sdk.memory.rows import Rows
from recon_sdk.memory.state import found, number_of
from recon_sdk.settlement import Usage, check_claim, kind_of, usage_of, with_allocations
from recon_sdk.stored import AuditAction, RunRecord, StoredInvoice, StoredMatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recon_sdk.invoices import Invoice

__all__ = ["Change"]


@attrs.define(kw_only=True)
class Change(Rows):
    """What one actor does to a state at one moment."""

    # -- invoices -----------------------------------------------------------------------------

    def add_invoices(self, invoices: Sequence[Invoice]) -> tuple[StoredInvoice, ...]:
        ids, numbers = set(self.state.invoices), dict(self.state.numbers)
        for invoice in invoices:
            if invoice.settled:
                msg = f"invoice {invoice.id!r}: `settled` comes from confirmed matches"
                raise DataError(msg)
            if invoice.id in ids:
                msg = "invoice-id-taken"
                raise ConflictError(msg, f"there is an invoice {invoice.id!r}")
            ids.add(invoice.id)
            self._check_number(invoice, numbers)
            if (number := number_of(invoice)) is not None:
                numbers[number] = invoice.id
        self.state.numbers = numbers
        return tuple(self._put_invoice(invoice) for invoice in invoices)

    def change_invoice(self, invoice: Invoice, version: int | None) -> StoredInvoice:
        before = found(self.state.invoices, "invoice", invoice.id)
        _check_version(before.version, version)
        invoice = attrs.evolve(invoice, settled=before.invoice.settled)
        others = {n: key for n, key in self.state.numbers.items() if key != invoice.id}
        self._check_number(invoice, others)
        if before.invoice.settled:
            fits = Usage(settled={invoice.id: 0}, paid={}).obstacle({invoice.id: invoice}, {})
            if fits or invoice.amount.currency != before.invoice.amount.currency:
                msg = "invoice-in-use"
                raise ConflictError(
                    msg,
                    f"confirmed matches settle {before.invoice.settled} minor units of invoice "
                    f"{invoice.id!r}, which does not fit the change; undo them first",
                )
        self.state.numbers = others
        if (number := number_of(invoice)) is not None:
            others[number] = invoice.id
        self.state.epoch += 1
        withdrawn = self._discard(self.state.by_invoice.get(invoice.id, ()))
        self._record(AuditAction.INVOICE_CHANGED, invoice.id, withdrawn)
        return self._put_invoice(invoice)

    def remove_invoice(self, invoice_id: str, version: int | None) -> None:
        before = found(self.state.invoices, "invoice", invoice_id)
        _check_version(before.version, version)
        matches = self.state.by_invoice.get(invoice_id, frozenset())
        if self._has_confirmed(matches):
            msg = "invoice-in-use"
            raise ConflictError(
                msg, f"invoice {invoice_id!r} has a confirmed match; undo it first"
            )
        self.state.epoch += 1
        withdrawn = self._discard(matches)
        for key in self.state.by_invoice.get(invoice_id, frozenset()):
            self._drop_match(key)
        if (number := number_of(before.invoice)) is not None:
            self.state.numbers.pop(number, None)
        del self.state.invoices[invoice_id]
        self._record(AuditAction.INVOICE_REMOVED, invoice_id, withdrawn)

    def ignore_transaction(self, transaction_id: str, ignored: bool, version: int | None) -> None:
        before = found(self.state.transactions, "bank transaction", transaction_id)
        if before.transaction.ignored == ignored:
            return
        _check_version(before.version, version)
        matches = self.state.by_transaction.get(transaction_id, frozenset())
        if self._has_confirmed(matches):
            msg = "transaction-in-use"
            raise ConflictError(
                msg,
                f"bank transaction {transaction_id!r} has a confirmed match; undo it first",
            )
        self.state.epoch += 1
        withdrawn = self._discard(matches)
        self._put_transaction(attrs.evolve(before.transaction, ignored=ignored))
        action = AuditAction.TRANSACTION_IGNORED if ignored else AuditAction.TRANSACTION_RESTORED
        self._record(action, transaction_id, withdrawn)

    # -- runs ---------------------------------------------------------------------------------

    def save_run(
        self, run: RunRecord, matches: Sequence[Match], expected_epoch: int
    ) -> tuple[MatchId, ...]:
        if self.state.epoch != expected_epoch:
            msg = "run-conflict"
            raise ConflictError(msg, f"the data moved on since run {run.id!r} started; run again")
        if run.id in self.state.runs:
            msg = "run-id-taken"
            raise ConflictError(msg, f"there is a run {run.id!r}")
        used: set[tuple[str, str]] = set()
        ids: set[str] = set()
        for match in matches:
            self._check_proposal(match)
            if match.id in ids:
                msg = f"match {match.id!r} is proposed twice"
                raise DataError(msg)
            ids.add(match.id)
            if match.alternative_of is not None:
                continue
            rows = {("invoice", key) for key in match.invoice_ids}
            rows |= {("transaction", key) for key in match.transaction_ids}
            if not used.isdisjoint(rows):
                msg = f"match {match.id!r} overlaps another chosen one"
                raise DataError(msg)
            used |= rows
        self.state.epoch += 1
        self._discard(tuple(self.state.matches))
        self.state.runs[run.id] = run
        decided = ids & self.state.matches.keys()
        for match in matches:
            if match.id not in decided:
                self._put_match(match, run.id)
        return tuple(MatchId(key) for key in sorted(decided))

    def _check_proposal(self, match: Match) -> None:
        invoices, transactions = self._rows_of(match.allocations)
        if match.status is not MatchStatus.PROPOSED:
            msg = f"match {match.id!r} is {match.status}; a run only proposes"
            raise DataError(msg)
        if match.id != _id_of(match.allocations):
            msg = f"the id of match {match.id!r} does not follow from its pairs"
            raise DataError(msg)
        if match.alternative_of is not None and match.decision is DecisionKind.AUTO:
            msg = f"match {match.id!r} is an alternative and cannot be `auto`"
            raise DataError(msg)
        if match.kind is not check_claim(
            match.allocations, match.difference, invoices, transactions
        ):
            msg = f"match {match.id!r} is of another kind than its allocations"
            raise DataError(msg)
        obstacle = usage_of(match.allocations).obstacle(invoices, transactions)
        if obstacle:
            msg = f"match {match.id!r} does not fit: {obstacle}"
            raise DataError(msg)

    # -- matches ------------------------------------------------------------------------------

    def confirm(
        self, match_id: str, allocations: Sequence[Allocation] | None, version: int | None
    ) -> StoredMatch:
        stored = found(self.state.matches, "match", match_id)
        match = stored.match
        if allocations is not None:
            match = with_allocations(match, allocations)
        if match.status is MatchStatus.CONFIRMED and match == stored.match:
            return stored
        _check_version(stored.version, version)
        if match.status is not MatchStatus.PROPOSED:
            msg = "match-state-conflict"
            raise ConflictError(msg, f"match {match_id!r} is {match.status}")
        if stored.withdrawn_by is not None:
            msg = "allocation-conflict"
            raise ConflictError(
                msg,
                f"match {match_id!r} was withdrawn when {stored.withdrawn_by!r} was confirmed",
            )
        self._check_fit(match)
        return self._settle(match, stored.run_id, AuditAction.MATCH_CONFIRMED)

    def reject(self, match_id: str, version: int | None) -> StoredMatch:
        stored = found(self.state.matches, "match", match_id)
        if stored.match.status is MatchStatus.REJECTED:
            return stored
        _check_version(stored.version, version)
        if stored.match.status is MatchStatus.CONFIRMED or stored.withdrawn_by is not None:
            stands = "withdrawn" if stored.withdrawn_by else "confirmed"
            msg = "match-state-conflict"
            raise ConflictError(msg, f"match {match_id!r} is {stands}")
        self.state.epoch += 1
        self._record(AuditAction.MATCH_REJECTED, match_id)
        return self._put_match(
            attrs.evolve(stored.match, status=MatchStatus.REJECTED), stored.run_id
        )

    def undo(self, match_id: str, version: int | None) -> StoredMatch:
        stored = found(self.state.matches, "match", match_id)
        _check_version(stored.version, version)
        if stored.match.status is MatchStatus.PROPOSED:
            msg = "match-state-conflict"
            raise ConflictError(msg, f"match {match_id!r} is a proposal")
        self.state.epoch += 1
        restored: list[str] = []
        if stored.match.status is MatchStatus.CONFIRMED:
            restored = self._give_back(stored.match)
        self._record(AuditAction.MATCH_UNDONE, match_id, restored=restored)
        return self._put_match(
            attrs.evolve(stored.match, status=MatchStatus.PROPOSED), stored.run_id
        )

    def add_match(
        self, allocations: Sequence[Allocation], difference: Difference | None
    ) -> StoredMatch:
        ordered = tuple(sorted(allocations, key=lambda a: (a.invoice_id, a.transaction_id)))
        kind = kind_of(ordered)
        self._rows_of(ordered)
        match = Match(
            id=_id_of(ordered),
            kind=kind,
            allocations=ordered,
            score=0,
            difference=difference,
        )
        stored = self.state.matches.get(match.id)
        if stored is not None and stored.match.status is not MatchStatus.PROPOSED:
            msg = "match-state-conflict"
            raise ConflictError(msg, f"these pairs are {stored.match.status}; undo that first")
        self._check_fit(match)
        return self._settle(match, None, AuditAction.MATCH_ADDED)

    def _check_fit(self, match: Match) -> None:
        invoices, transactions = self._rows_of(match.allocations)
        check_claim(match.allocations, match.difference, invoices, transactions)
        obstacle = usage_of(match.allocations).obstacle(invoices, transactions)
        if obstacle:
            msg = "allocation-conflict"
            raise ConflictError(msg, obstacle)

    def _settle(self, match: Match, run_id: RunId | None, action: AuditAction) -> StoredMatch:
        self.state.epoch += 1
        self._move(match, 1)
        stored = self._put_match(attrs.evolve(match, status=MatchStatus.CONFIRMED), run_id)
        withdrawn = [
            row.match.id
            for row in self._proposals_near(match)
            if row.withdrawn_by is None and not self._fits(row.match)
        ]
        for key in withdrawn:
            self._mark(key, withdrawn_by=MatchId(match.id))
        self._record(action, match.id, withdrawn)
        return stored

    def _give_back(self, match: Match) -> list[str]:
        self._move(match, -1)
        restored = [
            row.match.id
            for row in self._proposals_near(match)
            if row.withdrawn_by is not None and self._fits(row.match)
        ]
        for key in restored:
            self._mark(key, withdrawn_by=None)
        return restored

    def _proposals_near(self, match: Match) -> list[StoredMatch]:
        """Give the other proposals of its rows, withdrawn ones too, by id."""
        near: set[str] = set()
        for index, keys in self._indexes(match):
            for key in keys:
                near |= index.get(key, frozenset())
        rows = (self.state.matches[key] for key in sorted(near - {match.id}))
        return [row for row in rows if row.match.status is MatchStatus.PROPOSED]

    def _fits(self, match: Match) -> bool:
        return not usage_of(match.allocations).obstacle(*self._rows_of(match.allocations))

    def _mark(self, match_id: str, withdrawn_by: MatchId | None) -> None:
        self.state.matches[match_id] = attrs.evolve(
            self.state.matches[match_id],
            withdrawn_by=withdrawn_by,
            version=self.next_version(),
            changed_at=self.now,
        )

    def _move(self, match: Match, sign: int) -> None:
        usage = usage_of(match.allocations)
        for key, minor in usage.settled.items():
            invoice = self.state.invoices[key].invoice
            self._put_invoice(attrs.evolve(invoice, settled=invoice.settled + sign * minor))
        for key, minor in usage.paid.items():
            row = self.state.transactions[key].transaction
            self._put_transaction(attrs.evolve(row, allocated=row.allocated + sign * minor))


def _id_of(allocations: Iterable[Allocation]) -> str:
    return derive_match_id((a.invoice_id, a.transaction_id) for a in allocations)


def _check_version(stored: int, seen: int | None) -> None:
    if seen is not None and seen != stored:
        msg = "stale-version"
        raise ConflictError(msg, f"version {seen} is stale; it is {stored} by now")
