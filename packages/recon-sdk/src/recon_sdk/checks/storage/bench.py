"""Bench: a storage and a tenant for one check, with short ways to fill them."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs

from recon_sdk.checks.contract import BrokenContractError, broken, require
from recon_sdk.config import TenantRef
from recon_sdk.errors import ConflictError, ReconError
from recon_sdk.ids import InvoiceId, MatchId, RunId, TransactionId
from recon_sdk.storage import Storage
from recon_sdk.stored import ImportResult, ImportRow, RunRecord, Snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from recon_sdk.invoices import Invoice
    from recon_sdk.matches import Match
    from recon_sdk.storage import TenantSession
    from recon_sdk.stored import Page, StoredMatch
    from recon_sdk.transactions import BankTransaction

__all__ = [
    "Act",
    "Bench",
    "Desk",
    "NewTenant",
    "OpenStorage",
    "a_tenant",
    "everything",
    "expect",
    "row_of",
]

_T = TypeVar("_T")
OpenStorage: TypeAlias = "Callable[[], AbstractAsyncContextManager[Storage]]"
"""Opens the storage that is checked."""
NewTenant: TypeAlias = "Callable[[Storage], Awaitable[TenantRef]]"
"""Makes a tenant that has no data yet."""
Act: TypeAlias = "Callable[[TenantSession], Awaitable[_T]]"

_NUMBERS = itertools.count(1)
_START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


async def a_tenant(storage: Storage) -> TenantRef:
    """Make up a tenant that nobody had before."""
    del storage
    return TenantRef(id=str(uuid.uuid4()))


@attrs.frozen(kw_only=True, eq=False)
class Desk:
    """One tenant's place in a storage.

    Attributes:
        storage: The storage.
        tenant: The tenant.
    """

    storage: Storage
    tenant: TenantRef

    def unit(
        self, *, actor: str = "tester", key: str = ""
    ) -> AbstractAsyncContextManager[TenantSession]:
        """Start a unit of work."""
        return self.storage.for_tenant(self.tenant, actor=actor, key=key)

    async def do(self, act: Act[_T]) -> _T:
        """Do something in a unit of work of its own and commit it."""
        async with self.unit() as session:
            result = await act(session)
            await session.commit()
        return result

    async def look(self, act: Act[_T]) -> _T:
        """Do something in a unit of work of its own and leave it."""
        async with self.unit() as session:
            return await act(session)

    async def add(self, *invoices: Invoice) -> None:
        """Add invoices."""
        await self.do(lambda s: s.add_invoices(invoices))

    async def bring(self, *transactions: BankTransaction) -> ImportResult:
        """Import bank transactions under their own ids."""
        return await self.do(
            lambda s: s.import_transactions([ImportRow(transaction=t) for t in transactions])
        )

    async def snapshot(self) -> Snapshot:
        """Take a snapshot."""
        return await self.look(lambda s: s.snapshot())

    async def propose(self, *matches: Match) -> RunRecord:
        """Save a run with these proposals."""
        seen = await self.snapshot()
        run = RunRecord(
            id=RunId(str(uuid.uuid4())),
            digest=f"digest {next(_NUMBERS)}",
            rule_set="1",
            watermark=seen.watermark,
            started_at=_START,
            finished_at=_START + dt.timedelta(seconds=3),
            summary={"matches": len(matches), "seconds": 0.25, "by_kind": {"one_to_one": 1}},
        )
        await self.do(lambda s: s.save_run(run, matches, expected_epoch=seen.epoch))
        return run

    async def confirm(self, match: Match) -> StoredMatch:
        """Confirm a match."""
        return await self.do(lambda s: s.confirm(MatchId(match.id)))

    async def reject(self, match: Match) -> StoredMatch:
        """Reject a match."""
        return await self.do(lambda s: s.reject(MatchId(match.id)))

    async def undo(self, match: Match) -> StoredMatch:
        """Undo what was decided about a match."""
        return await self.do(lambda s: s.undo(MatchId(match.id)))

    async def match(self, match: Match) -> StoredMatch:
        """Read a match."""
        return await self.look(lambda s: s.get_match(MatchId(match.id)))

    async def proposals(self) -> list[str]:
        """Give the ids of all matches that are listed, best first."""
        return [
            row.match.id
            for row in await self.look(lambda s: everything(lambda c: s.list_matches(cursor=c)))
        ]

    async def settled(self, invoice_id: str) -> int:
        """Give what is settled of an invoice, in minor units."""
        row = await self.look(lambda s: s.get_invoice(InvoiceId(invoice_id)))
        return row.invoice.settled

    async def allocated(self, transaction_id: str) -> int:
        """Give what is used of a transaction, in minor units."""
        row = await self.look(lambda s: s.get_transaction(TransactionId(transaction_id)))
        return row.transaction.allocated


@attrs.frozen(kw_only=True, eq=False)
class Bench:
    """What a check of a storage gets.

    Attributes:
        open: Opens the storage; it need not be empty, as each check makes tenants of its own.
        new_tenant: Makes a tenant without data.
    """

    open: OpenStorage
    new_tenant: NewTenant = a_tenant

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """Open the storage for a new tenant."""
        async with self.open() as storage:
            yield Desk(storage=storage, tenant=await self.new_tenant(storage))

    @asynccontextmanager
    async def two_desks(self) -> AsyncIterator[tuple[Desk, Desk]]:
        """Open the storage for two new tenants."""
        async with self.open() as storage:
            first, second = [await self.new_tenant(storage) for _ in range(2)]
            yield Desk(storage=storage, tenant=first), Desk(storage=storage, tenant=second)


async def expect(
    error: type[ReconError], act: Awaitable[object], words: str, reason: str = ""
) -> ReconError:
    """Await something that must be refused, and give the error.

    Args:
        error: The class of the error.
        act: What must be refused.
        words: What it is, for the message.
        reason: `reason` of a `ConflictError`.
    """
    try:
        await act
    except error as refused:
        if reason and isinstance(refused, ConflictError) and refused.reason != reason:
            broken(f"{words} is refused as {refused.reason!r}, not {reason!r}")
        return refused
    except BrokenContractError:
        raise
    except Exception as other:
        msg = f"{words} gives {type(other).__name__}: {other}, not {error.__name__}"
        raise BrokenContractError(msg) from other
    wanted = f"{error.__name__}({reason!r})" if reason else error.__name__
    msg = f"{words} is not refused; it must give {wanted}"
    raise BrokenContractError(msg)


async def everything(
    page: Callable[[str | None], Awaitable[Page[_T]]], most: int = 10_000
) -> list[_T]:
    """Go through all pages of a listing."""
    found: list[_T] = []
    cursor: str | None = None
    while True:
        got = await page(cursor)
        found += got.items
        require(len(found) <= most, "a listing does not end")
        if got.next_cursor is None:
            return found
        require(len(got.items) > 0, "a page that is not the last one is empty")
        cursor = got.next_cursor


def row_of(transaction: BankTransaction, *, force: bool = False) -> ImportRow:
    """Make an import row of a transaction whose file has no ids."""
    return ImportRow(transaction=transaction, derive_id=True, force=force)
