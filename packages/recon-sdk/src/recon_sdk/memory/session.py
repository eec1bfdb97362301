"""A unit of work over one tenant's in-memory state."""

# ruff: noqa: D102 - what the methods promise stands in `recon_sdk.storage`

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import attrs

from recon_sdk.errors import ConflictError, StorageError
from recon_sdk.filters import InvoiceFilter, MatchFilter, TransactionFilter
from recon_sdk.importing import KnownRows, plan_import
from recon_sdk.known import Alias, Decision, Known
from recon_sdk.matches import Allocation, Difference, Match, MatchStatus
from recon_sdk.memory.change import Change
from recon_sdk.memory.state import State, found, page_of
from recon_sdk.stored import (
    AuditEvent,
    ImportResult,
    ImportRow,
    Page,
    RunRecord,
    Snapshot,
    StoredAnswer,
    StoredInvoice,
    StoredMatch,
    StoredTransaction,
)

if TYPE_CHECKING:
    from recon_sdk.ids import InvoiceId, MatchId, RunId, TransactionId
    from recon_sdk.invoices import Invoice

__all__ = ["InMemorySession", "Shelf"]


@attrs.define(kw_only=True, eq=False)
class Shelf:
    """One tenant's place in an in-memory storage.

    Attributes:
        state: What was committed last; replaced, never written to.
        writing: Held by the one unit of work that writes.
    """

    state: State = attrs.field(factory=State)
    writing: asyncio.Lock = attrs.field(factory=asyncio.Lock)


@attrs.define(kw_only=True, eq=False)
class InMemorySession:
    """See `recon_sdk.storage.TenantSession`.

    Reads see the last committed state until the first write; that write waits for the tenant's
    lock and goes on with a copy of the state of that moment.
    """

    _shelf: Shelf
    _clock: Callable[[], dt.datetime]
    _new_id: Callable[[], str]
    _patience_seconds: float
    _actor: str
    _key: str
    _draft: State | None = None
    _held: dict[str, str] = attrs.field(factory=dict)
    _over: bool = False

    # -- the unit of work ---------------------------------------------------------------------

    async def commit(self) -> None:
        self._check_open()
        if self._draft is not None:
            self._shelf.state = self._draft
        self.end()

    def end(self) -> None:
        """End the unit of work; what was not committed is gone."""
        if self._draft is not None:
            self._draft = None
            self._shelf.writing.release()
        self._over = True

    def _check_open(self) -> None:
        if self._over:
            msg = "this unit of work is over; start another one"
            raise StorageError(msg)

    def _read(self) -> State:
        self._check_open()
        return self._shelf.state if self._draft is None else self._draft

    async def _write(self) -> Change:
        self._check_open()
        if self._draft is None:
            try:
                async with asyncio.timeout(self._patience_seconds):
                    await self._shelf.writing.acquire()
            except TimeoutError:
                msg = "storage-busy"
                raise ConflictError(
                    msg,
                    f"another unit of work has been writing for {self._patience_seconds} seconds",
                ) from None
            self._draft = self._shelf.state.copy()
        return Change(state=self._draft, now=self._clock(), actor=self._actor, key=self._key)

    # -- invoices -----------------------------------------------------------------------------

    async def add_invoices(self, invoices: Sequence[Invoice]) -> tuple[StoredInvoice, ...]:
        return (await self._write()).add_invoices(invoices)

    async def get_invoice(self, invoice_id: InvoiceId) -> StoredInvoice:
        return found(self._read().invoices, "invoice", invoice_id)

    async def list_invoices(
        self, where: InvoiceFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[StoredInvoice]:
        accepts = (where or InvoiceFilter()).accepts
        rows = (row for row in self._read().invoices.values() if accepts(row.invoice))
        return page_of(rows, lambda row: (row.invoice.id,), cursor, limit)

    async def change_invoice(
        self, invoice: Invoice, *, version: int | None = None
    ) -> StoredInvoice:
        return (await self._write()).change_invoice(invoice, version)

    async def remove_invoice(self, invoice_id: InvoiceId, *, version: int | None = None) -> None:
        (await self._write()).remove_invoice(invoice_id, version)

    # -- bank transactions --------------------------------------------------------------------

    async def import_transactions(self, rows: Sequence[ImportRow]) -> ImportResult:
        change = await self._write()
        state = change.state
        known = KnownRows(
            by_id={key: row.transaction for key, row in state.transactions.items()},
            by_bank_id={
                bank_id: state.transactions[key].transaction
                for bank_id, key in state.by_bank_id.items()
            },
            copies={
                content: tuple(state.transactions[key].transaction for key in keys)
                for content, keys in state.copies.items()
            },
        )
        new, outcomes = plan_import(rows, known)
        import_id = self._new_id()
        for row in new:
            moved = row.transaction
            if moved.external_id:
                state.by_bank_id[moved.account_id, moved.external_id] = moved.id
            else:
                state.copies[row.fingerprint] = (*state.copies.get(row.fingerprint, ()), moved.id)
            state.transactions[moved.id] = StoredTransaction(
                transaction=moved,
                version=change.next_version(),
                import_id=import_id,
                fingerprint=row.fingerprint,
                ordinal=row.ordinal,
                changed_at=change.now,
            )
        result = ImportResult(import_id=import_id, rows=outcomes, imported_at=change.now)
        state.imports[import_id] = result
        return result

    async def get_import(self, import_id: str) -> ImportResult:
        return found(self._read().imports, "import", import_id)

    async def get_transaction(self, transaction_id: TransactionId) -> StoredTransaction:
        return found(self._read().transactions, "bank transaction", transaction_id)

    async def list_transactions(
        self, where: TransactionFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[StoredTransaction]:
        accepts = (where or TransactionFilter()).accepts
        rows = (row for row in self._read().transactions.values() if accepts(row.transaction))
        return page_of(rows, lambda row: (row.transaction.id,), cursor, limit)

    async def ignore_transaction(
        self, transaction_id: TransactionId, *, ignored: bool = True, version: int | None = None
    ) -> StoredTransaction:
        change = await self._write()
        change.ignore_transaction(transaction_id, ignored, version)
        return change.state.transactions[transaction_id]

    # -- runs ---------------------------------------------------------------------------------

    async def snapshot(self) -> Snapshot:
        state = self._read()
        rejected = [
            Decision(status=row.match.status, allocations=row.match.allocations)  # type: ignore[arg-type]
            for _, row in sorted(state.matches.items())
            if row.match.status is MatchStatus.REJECTED
        ]
        known = Known(decisions=rejected, aliases=await self.list_aliases())  # type: ignore[arg-type]
        invoices = (row.invoice for _, row in sorted(state.invoices.items()))
        transactions = (row.transaction for _, row in sorted(state.transactions.items()))
        return Snapshot(
            invoices=tuple(i for i in invoices if not i.void and i.open_amount.minor),
            transactions=tuple(
                t for t in transactions if not t.ignored and t.unallocated_amount.minor
            ),
            known=known,
            epoch=state.epoch,
            watermark=state.revision,
        )

    async def save_run(
        self, run: RunRecord, matches: Sequence[Match], *, expected_epoch: int
    ) -> tuple[MatchId, ...]:
        return (await self._write()).save_run(run, matches, expected_epoch)

    async def get_run(self, run_id: RunId) -> RunRecord:
        return found(self._read().runs, "run", run_id)

    async def list_runs(self, *, cursor: str | None = None, limit: int = 50) -> Page[RunRecord]:
        rows = enumerate(self._read().runs.values())
        page = page_of(rows, lambda row: (-row[0],), cursor, limit)
        return Page(items=tuple(run for _, run in page), next_cursor=page.next_cursor)

    # -- matches ------------------------------------------------------------------------------

    async def get_match(self, match_id: MatchId) -> StoredMatch:
        return found(self._read().matches, "match", match_id)

    async def list_matches(
        self, where: MatchFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[StoredMatch]:
        accepts = (where or MatchFilter()).accepts
        return page_of(
            filter(accepts, self._read().matches.values()),
            lambda row: (-row.match.score, -row.match.evidence, row.match.id),
            cursor,
            limit,
        )

    async def confirm(
        self,
        match_id: MatchId,
        *,
        allocations: Sequence[Allocation] | None = None,
        version: int | None = None,
    ) -> StoredMatch:
        return (await self._write()).confirm(match_id, allocations, version)

    async def reject(self, match_id: MatchId, *, version: int | None = None) -> StoredMatch:
        return (await self._write()).reject(match_id, version)

    async def undo(self, match_id: MatchId, *, version: int | None = None) -> StoredMatch:
        return (await self._write()).undo(match_id, version)

    async def add_match(
        self, allocations: Sequence[Allocation], *, difference: Difference | None = None
    ) -> StoredMatch:
        return (await self._write()).add_match(allocations, difference)

    async def list_events(
        self, *, subject: str = "", cursor: str | None = None, limit: int = 50
    ) -> Page[AuditEvent]:
        rows = (e for e in self._read().events if subject in ("", e.subject))
        return page_of(rows, lambda event: (event.sequence,), cursor, limit)

    # -- aliases ------------------------------------------------------------------------------

    async def put_alias(self, alias: Alias) -> None:
        change = await self._write()
        change.next_version()
        change.state.aliases[alias.name, alias.vendor_id] = alias

    async def list_aliases(self) -> tuple[Alias, ...]:
        return tuple(alias for _, alias in sorted(self._read().aliases.items()))

    async def clear_aliases(self, *, source: str = "") -> int:
        change = await self._write()
        change.next_version()
        aliases = change.state.aliases
        gone = [key for key, alias in aliases.items() if source in ("", alias.source)]
        for key in gone:
            del aliases[key]
        return len(gone)

    # -- idempotency --------------------------------------------------------------------------

    async def recall(self, key: str, fingerprint: str) -> StoredAnswer | None:
        try:
            change = await self._write()
        except ConflictError as error:
            msg = "idempotency-in-flight"
            raise ConflictError(msg, str(error)) from None
        if key not in change.state.answers:
            self._held[key] = fingerprint
            return None
        answer, _ = change.state.answers[key]
        if answer.fingerprint != fingerprint:
            msg = "idempotency-key-reused"
            raise ConflictError(msg, f"the key {key!r} was used for another request")
        return answer

    async def remember(self, key: str, answer: StoredAnswer) -> None:
        change = await self._write()
        if self._held.pop(key, None) != answer.fingerprint:
            msg = f"the key {key!r} was not recalled for this request"
            raise StorageError(msg)
        change.state.answers[key] = answer, change.now

    async def forget_answers(self, before: dt.datetime) -> int:
        answers = (await self._write()).state.answers
        gone = [key for key, (_, at) in answers.items() if at < before]
        for key in gone:
            del answers[key]
        return len(gone)
