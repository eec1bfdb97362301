"""Storage: where invoices, transactions, matches and decisions live, one tenant at a time.

```text
StorageBackend --open(url)--> Storage --for_tenant(tenant)--> TenantSession
```

A session is bound to its tenant: none of its methods takes a tenant, and an id of another tenant
is exactly as unknown as one that never was. It is one unit of work: what was done is kept by
`commit` alone, all of it or nothing; leaving the block in any other way undoes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from contextlib import AbstractAsyncContextManager

    from recon_sdk.config import TenantRef
    from recon_sdk.filters import InvoiceFilter, MatchFilter, TransactionFilter
    from recon_sdk.ids import InvoiceId, MatchId, RunId, TransactionId
    from recon_sdk.invoices import Invoice
    from recon_sdk.known import Alias
    from recon_sdk.matches import Allocation, Difference, Match
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

__all__ = ["Storage", "StorageBackend", "TenantSession"]


@runtime_checkable
class StorageBackend(Protocol):
    """Opens storages of one kind."""

    @property
    def scheme(self) -> str:
        """What stands before `:` in the URLs that it opens, for example `sqlite`."""

    def open(self, url: str) -> AbstractAsyncContextManager[Storage]:
        """Open the storage behind a URL; leaving the block closes it.

        Raises:
            ConfigError: The URL is not one of this backend.
            StorageError: The storage cannot be reached.
        """


@runtime_checkable
class Storage(Protocol):
    """All tenants' data. Safe to use from any number of tasks at once."""

    def for_tenant(
        self, tenant: TenantRef, *, actor: str = "system", key: str = ""
    ) -> AbstractAsyncContextManager[TenantSession]:
        """Start a unit of work for one tenant.

        Args:
            tenant: Whose data.
            actor: Who does it, for the audit events.
            key: Idempotency key of the request, for the audit events.

        Raises:
            NoTenantError: The tenant's id is empty.
        """


@runtime_checkable
class TenantSession(Protocol):
    """One unit of work of one tenant.

    Use it from one task only. It sees what was committed and what it did itself, never what
    another session has not committed. Every method does all it says or raises and does nothing;
    after a `ConflictError`, `NotFoundError` or `DataError` the unit can go on. After `commit`, and
    after the block, every method raises `StorageError`.

    Listings are in a total order that no order of arrival changes: ids by code point, matches and
    the newest runs and events as stated. A row that is not touched meanwhile shows up exactly once
    in the pages of one listing.

    Methods with `version` raise `ConflictError("stale-version")` if a version is given and the row
    has another by now.

    Any method that writes may raise `ConflictError("storage-busy")` when another unit of work of
    the tenant does not end.
    """

    async def commit(self) -> None:
        """Keep what was done, all of it, and end the unit of work."""

    # -- invoices -----------------------------------------------------------------------------

    async def add_invoices(self, invoices: Sequence[Invoice]) -> tuple[StoredInvoice, ...]:
        """Add invoices, all or none. They take no part in a run that has begun.

        Raises:
            ConflictError: `invoice-id-taken`; or `invoice-number-taken`, where one that is not
                void has the number, direction and vendor (its id, else its name), none of them
                empty but the direction.
            DataError: `settled` is not 0; it comes from confirmed matches alone.
        """

    async def get_invoice(self, invoice_id: InvoiceId) -> StoredInvoice:
        """Find an invoice.

        Raises:
            NotFoundError: The tenant has none of this id.
        """

    async def list_invoices(
        self, where: InvoiceFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[StoredInvoice]:
        """List invoices by id.

        Raises:
            DataError: The cursor is not one that this listing gave, or the limit is below 1.
        """

    async def change_invoice(
        self, invoice: Invoice, *, version: int | None = None
    ) -> StoredInvoice:
        """Replace the invoice of this id; `settled` stays what it is. Makes a running run stale.

        Its open proposals are removed, as they were made from other facts.

        Raises:
            NotFoundError: The tenant has none of this id.
            ConflictError: `stale-version`; `invoice-number-taken`; or `invoice-in-use`, where
                confirmed matches do not fit the new amount, currency or `void`.
        """

    async def remove_invoice(self, invoice_id: InvoiceId, *, version: int | None = None) -> None:
        """Remove an invoice, its open proposals and rejections. Makes a running run stale.

        Raises:
            NotFoundError: The tenant has none of this id.
            ConflictError: `stale-version`; or `invoice-in-use`, where it has a confirmed match.
        """

    # -- bank transactions --------------------------------------------------------------------

    async def import_transactions(self, rows: Sequence[ImportRow]) -> ImportResult:
        """Import a batch of bank transactions; `recon_sdk.importing` decides about each row.

        Rows that cannot be stored are reported, not raised. A caller that wants all or nothing
        looks at `invalid` before it commits. An import does not make a running run stale.
        """

    async def get_import(self, import_id: str) -> ImportResult:
        """Find what became of an import.

        Raises:
            NotFoundError: The tenant has none of this id.
        """

    async def get_transaction(self, transaction_id: TransactionId) -> StoredTransaction:
        """Find a bank transaction.

        Raises:
            NotFoundError: The tenant has none of this id.
        """

    async def list_transactions(
        self, where: TransactionFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[StoredTransaction]:
        """List bank transactions by id.

        Raises:
            DataError: The cursor is not one that this listing gave, or the limit is below 1.
        """

    async def ignore_transaction(
        self, transaction_id: TransactionId, *, ignored: bool = True, version: int | None = None
    ) -> StoredTransaction:
        """Say that a transaction pays no invoice, or that it may after all. Makes a run stale.

        Its open proposals are removed. A transaction that stands so already is left as it is.

        Raises:
            NotFoundError: The tenant has none of this id.
            ConflictError: `stale-version`; or `transaction-in-use`, where it has a confirmed
                match.
        """

    # -- runs ---------------------------------------------------------------------------------

    async def snapshot(self) -> Snapshot:
        """Take what a run starts from, all of one moment."""

    async def save_run(
        self, run: RunRecord, matches: Sequence[Match], *, expected_epoch: int
    ) -> tuple[MatchId, ...]:
        """Keep a finished run; its proposals replace all that nobody decided on.

        Confirmed and rejected matches are not touched, and a proposal of the same pairs as one of
        them is left out. Saving makes other running runs stale.

        Args:
            run: The run.
            matches: Its proposals, chosen ones and alternatives.
            expected_epoch: `epoch` of the snapshot that it started from.

        Returns:
            Ids of the proposals that were left out, sorted.

        Raises:
            ConflictError: `run-conflict`, where something that the run started from has changed;
                or `run-id-taken`.
            DataError: Proposals contradict each other or the balances: two chosen ones overlap, a
                row has too little left, an alternative is `auto`. That is a fault of the engine.
            NotFoundError: A proposal names an unknown invoice or transaction.
        """

    async def get_run(self, run_id: RunId) -> RunRecord:
        """Find a run.

        Raises:
            NotFoundError: The tenant has none of this id.
        """

    async def list_runs(self, *, cursor: str | None = None, limit: int = 50) -> Page[RunRecord]:
        """List runs in the order in which they were saved, the newest first.

        Raises:
            DataError: The cursor is not one that this listing gave, or the limit is below 1.
        """

    # -- matches ------------------------------------------------------------------------------

    async def get_match(self, match_id: MatchId) -> StoredMatch:
        """Find a match; a proposal that a later run replaced is unknown.

        Raises:
            NotFoundError: The tenant has none of this id.
        """

    async def list_matches(
        self, where: MatchFilter | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> Page[StoredMatch]:
        """List matches by score, then evidence, both highest first, then id.

        Withdrawn proposals are listed only where the filter asks for them.

        Raises:
            DataError: The cursor is not one that this listing gave, or the limit is below 1.
        """

    async def confirm(
        self,
        match_id: MatchId,
        *,
        allocations: Sequence[Allocation] | None = None,
        version: int | None = None,
    ) -> StoredMatch:
        """Confirm a proposal: settle its invoices and use its transactions. Makes a run stale.

        Proposals that no longer fit what is left are withdrawn: they vanish from the listing, and
        confirming one of them is an `allocation-conflict`. A match that is confirmed already, with
        these amounts, is left as it is, whatever the version, so a lost answer can be asked for
        again.

        Args:
            match_id: The match.
            allocations: Amounts in place of the proposed ones, for the same pairs.
            version: The version that the caller saw.

        Raises:
            NotFoundError: The tenant has none of this id.
            ConflictError: `stale-version`; `match-state-conflict`, where it is rejected, or
                confirmed with other amounts; `allocation-conflict`, where it is withdrawn or a row
                has too little left.
            DataError: The amounts cannot be a match, see `recon_sdk.settlement`.
        """

    async def reject(self, match_id: MatchId, *, version: int | None = None) -> StoredMatch:
        """Reject a proposal: the same set is not proposed again. Makes a run stale.

        A match that is rejected already is left as it is, whatever the version.

        Raises:
            NotFoundError: The tenant has none of this id.
            ConflictError: `stale-version`; or `match-state-conflict`, where it is confirmed or
                withdrawn.
        """

    async def undo(self, match_id: MatchId, *, version: int | None = None) -> StoredMatch:
        """Make a confirmed or rejected match a proposal again and give balances back.

        Makes a running run stale. Withdrawn proposals of its rows that fit again stand again.

        Raises:
            NotFoundError: The tenant has none of this id.
            ConflictError: `stale-version`; or `match-state-conflict`, where it is a proposal.
        """

    async def add_match(
        self, allocations: Sequence[Allocation], *, difference: Difference | None = None
    ) -> StoredMatch:
        """Add a person's own match, confirmed at once. Makes a running run stale.

        A proposal of the same pairs becomes this match. Other proposals that no longer fit are
        withdrawn.

        Raises:
            NotFoundError: An invoice or transaction is unknown.
            ConflictError: `match-state-conflict`, where the same pairs are confirmed or rejected;
                `allocation-conflict`, where a row has too little left.
            DataError: The allocations cannot be a match, see `recon_sdk.settlement`.
        """

    async def list_events(
        self, *, subject: str = "", cursor: str | None = None, limit: int = 50
    ) -> Page[AuditEvent]:
        """List what people did, oldest first.

        Args:
            subject: Id of one match, invoice or transaction; "" for all.
            cursor: `next_cursor` of the page before.
            limit: Most events of the page.

        Raises:
            DataError: The cursor is not one that this listing gave, or the limit is below 1.
        """

    # -- aliases ------------------------------------------------------------------------------

    async def put_alias(self, alias: Alias) -> None:
        """Learn a name; the same name of the same vendor is replaced."""

    async def list_aliases(self) -> tuple[Alias, ...]:
        """List all aliases by name, then vendor."""

    async def clear_aliases(self, *, source: str = "") -> int:
        """Forget the aliases of one source, or all, and say how many."""

    # -- idempotency --------------------------------------------------------------------------

    async def recall(self, key: str, fingerprint: str) -> StoredAnswer | None:
        """Find the answer under an idempotency key, and hold the key until this unit ends.

        Args:
            key: The caller's key.
            fingerprint: Hash of the caller's request.

        Returns:
            The answer, or None where the request is new. Another unit that recalls a held key
            waits for it, so of any number of twins one finds nothing and the others find its
            answer.

        Raises:
            ConflictError: `idempotency-key-reused`, where the key was used for another request; or
                `idempotency-in-flight`, where the unit that holds it does not end.
        """

    async def remember(self, key: str, answer: StoredAnswer) -> None:
        """Keep an answer under a key that this unit recalled; it is committed with the rest.

        Raises:
            StorageError: This unit did not recall the key, or the key has an answer.
        """

    async def forget_answers(self, before: dt.datetime) -> int:
        """Forget the answers that were remembered before a moment, and say how many."""
