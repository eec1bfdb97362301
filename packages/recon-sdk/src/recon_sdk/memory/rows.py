"""Rows of a tenant's state: put, dropped and indexed, each change with a version of its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from recon_sdk.errors import ConflictError
from recon_sdk.ids import MatchId, RunId
from recon_sdk.matches import Allocation, Match, MatchStatus
from recon_sdk.memory.state import State, found, number_of
from recon_sdk.stored import AuditAction, AuditEvent, StoredInvoice, StoredMatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recon_sdk.invoices import Invoice
    from recon_sdk.transactions import BankTransaction

__all__ = ["Rows"]


@attrs.define(kw_only=True)
class Rows:
    """A state while one actor writes to it.

    Attributes:
        state: The copy that is written to.
        now: The moment, in UTC.
        actor: Who.
        key: Idempotency key of the request.
    """

    state: State
    now: dt.datetime
    actor: str
    key: str

    def next_version(self) -> int:
        """Give a version that was never used before."""
        self.state.revision += 1
        return self.state.revision

    def _rows_of(
        self, allocations: Iterable[Allocation]
    ) -> tuple[Mapping[str, Invoice], Mapping[str, BankTransaction]]:
        invoices: dict[str, Invoice] = {}
        transactions: dict[str, BankTransaction] = {}
        for a in allocations:
            invoices[a.invoice_id] = found(self.state.invoices, "invoice", a.invoice_id).invoice
            transactions[a.transaction_id] = found(
                self.state.transactions, "bank transaction", a.transaction_id
            ).transaction
        return invoices, transactions

    def _check_number(self, invoice: Invoice, numbers: Mapping[tuple[str, str, str], str]) -> None:
        number = number_of(invoice)
        if number is not None and number in numbers:
            msg = "invoice-number-taken"
            raise ConflictError(
                msg,
                f"invoice {numbers[number]!r} has the number {number[2]!r} of this vendor",
            )

    def _has_confirmed(self, match_ids: Iterable[str]) -> bool:
        return any(
            self.state.matches[key].match.status is MatchStatus.CONFIRMED for key in match_ids
        )

    def _put_invoice(self, invoice: Invoice) -> StoredInvoice:
        stored = StoredInvoice(invoice=invoice, version=self.next_version(), changed_at=self.now)
        self.state.invoices[invoice.id] = stored
        return stored

    def _put_transaction(self, transaction: BankTransaction) -> None:
        self.state.transactions[transaction.id] = attrs.evolve(
            self.state.transactions[transaction.id],
            transaction=transaction,
            version=self.next_version(),
            changed_at=self.now,
        )

    def _put_match(self, match: Match, run_id: RunId | None) -> StoredMatch:
        stored = StoredMatch(
            match=match, version=self.next_version(), run_id=run_id, changed_at=self.now
        )
        self.state.matches[match.id] = stored
        for index, keys in self._indexes(match):
            for key in keys:
                index[key] = index.get(key, frozenset()) | {match.id}
        return stored

    def _drop_match(self, match_id: str) -> None:
        match = self.state.matches.pop(match_id).match
        for index, keys in self._indexes(match):
            for key in keys:
                index[key] -= {match_id}

    def _indexes(
        self, match: Match
    ) -> tuple[tuple[dict[str, frozenset[str]], Sequence[str]], ...]:
        return (
            (self.state.by_invoice, match.invoice_ids),
            (self.state.by_transaction, match.transaction_ids),
        )

    def _discard(self, match_ids: Iterable[str]) -> list[str]:
        """Drop those of the matches that are proposals, and give those that stood."""
        gone = [
            row
            for row in (self.state.matches[key] for key in sorted(match_ids))
            if row.match.status is MatchStatus.PROPOSED
        ]
        for row in gone:
            self._drop_match(row.match.id)
        return [row.match.id for row in gone if row.withdrawn_by is None]

    def _record(
        self,
        action: AuditAction,
        subject: str,
        withdrawn: Iterable[str] = (),
        restored: Iterable[str] = (),
    ) -> None:
        self.state.events.append(
            AuditEvent(
                sequence=len(self.state.events) + 1,
                at=self.now,
                actor=self.actor,
                key=self.key,
                action=action,
                subject=subject,
                withdrawn=tuple(map(MatchId, withdrawn)),
                restored=tuple(map(MatchId, restored)),
            )
        )
