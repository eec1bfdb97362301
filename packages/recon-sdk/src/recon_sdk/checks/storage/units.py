"""Checks of a storage: units of work and idempotency keys."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import TYPE_CHECKING

from recon_sdk.checks.builders import a_transaction, an_invoice
from recon_sdk.checks.contract import Check, needs, require
from recon_sdk.checks.storage.bench import Desk, everything, expect, row_of
from recon_sdk.errors import ConflictError, NotFoundError, StorageError
from recon_sdk.ids import InvoiceId
from recon_sdk.known import Alias
from recon_sdk.stored import StoredAnswer

if TYPE_CHECKING:
    from recon_sdk.checks.storage.bench import Bench
    from recon_sdk.storage import TenantSession

__all__ = ["CHECKS"]

_ANSWER = StoredAnswer(
    fingerprint="f1", body=b'{"a": "\xc3\xbc"}\n', status=201, headers=(("Location", "/x/1"),)
)


class _InterruptedError(Exception):
    """What a check raises inside a unit of work."""


async def _fill(session: TenantSession) -> None:
    await session.add_invoices([an_invoice("i1")])
    await session.import_transactions([row_of(a_transaction())])
    await session.put_alias(Alias(name="acme", vendor_id="v1"))
    if await session.recall("k", "f1") is None:
        await session.remember("k", _ANSWER)


async def _content(desk: Desk) -> tuple[int, int, int]:
    async with desk.unit() as session:
        return (
            len(await everything(lambda c: session.list_invoices(cursor=c))),
            len(await everything(lambda c: session.list_transactions(cursor=c))),
            len(await session.list_aliases()),
        )


async def nothing_is_kept_without_commit(bench: Bench) -> None:
    """Leaving the block without a commit undoes everything, whether by an error or in peace.

    Begin a transaction when the block is entered, and roll it back in a `finally`.
    """
    async with bench.desk() as desk:
        async with desk.unit() as session:
            await _fill(session)
        require(await _content(desk) == (0, 0, 0), "rows were kept without a commit")
        with contextlib.suppress(_InterruptedError):
            async with desk.unit() as session:
                await _fill(session)
                raise _InterruptedError
        require(await _content(desk) == (0, 0, 0), "rows were kept after an error")
        async with desk.unit() as session:
            found = await session.recall("k", "f1")
        require(found is None, "an answer was kept without a commit")


async def commit_keeps_everything(bench: Bench) -> None:
    """What was committed is there for every later unit of work.

    Commit the one transaction that all methods of the session share.
    """
    async with bench.desk() as desk:
        await desk.do(_fill)
        require(await _content(desk) == (1, 1, 1), "committed rows are missing")
        async with desk.unit() as session:
            found = await session.recall("k", "f1")
        require(found == _ANSWER, f"the committed answer is {found!r}")


async def unit_is_over_after_commit(bench: Bench) -> None:
    """After the commit, and after the block, every use of the session is a `StorageError`.

    Mark the session as over; a caller that goes on would write outside of any transaction.
    """
    async with bench.desk() as desk:
        async with desk.unit() as session:
            await _fill(session)
            await session.commit()
            await expect(StorageError, session.add_invoices([an_invoice("i2")]), "a late write")
            await expect(StorageError, session.get_invoice(InvoiceId("i1")), "a late read")
            await expect(StorageError, session.commit(), "a second commit")
        async with desk.unit() as left:
            pass
        await expect(StorageError, left.snapshot(), "a read after the block")
        require(await _content(desk) == (1, 1, 1), "something was written after the commit")


async def unit_sees_itself_and_hides_from_others(bench: Bench) -> None:
    """A unit of work sees what it did; others see nothing of it before the commit.

    Read in the same transaction as you write; never read what is not committed.
    """
    async with bench.desk() as desk, desk.unit() as session:
        await _fill(session)
        await session.get_invoice(InvoiceId("i1"))
        require(await _content(desk) == (0, 0, 0), "another unit sees what is not committed")
        await session.commit()


async def refused_call_changes_nothing(bench: Bench) -> None:
    """A method that raises did nothing, and the unit of work goes on.

    Check before you write, or use a savepoint for each method.
    """
    async with bench.desk() as desk:
        async with desk.unit() as session:
            await session.add_invoices([an_invoice("i1")])
            await expect(
                ConflictError,
                session.add_invoices([an_invoice("i2"), an_invoice("i1")]),
                "an id that is taken",
                "invoice-id-taken",
            )
            await expect(NotFoundError, session.get_invoice(InvoiceId("i2")), "half of a batch")
            await session.add_invoices([an_invoice("i3")])
            await session.commit()
        require((await _content(desk))[0] == 2, "the unit did not go on after a refused call")


async def cancelled_unit_leaves_nothing_and_holds_nothing(bench: Bench) -> None:
    """A task that is cancelled inside its unit of work keeps nothing and blocks nobody.

    Release locks and connections in a `finally`, and do not swallow `CancelledError`.
    """
    async with bench.desk() as desk:
        started = asyncio.Event()

        async def work() -> None:
            async with desk.unit() as session:
                await _fill(session)
                started.set()
                await asyncio.sleep(3600)

        task = asyncio.create_task(work())
        await started.wait()
        task.cancel()
        await asyncio.wait({task})
        require(await _content(desk) == (0, 0, 0), "a cancelled unit kept something")
        async with asyncio.timeout(5):
            await desk.do(_fill)


async def answers_are_kept_byte_for_byte(bench: Bench) -> None:
    """An idempotency key gives back status, headers and body exactly, and no other request's.

    Store the body as bytes. Compare the fingerprint before you give an answer out.
    """
    async with bench.desk() as desk:
        await desk.do(_fill)
        async with desk.unit() as session:
            require(await session.recall("k", "f1") == _ANSWER, "the answer is another one")
            await expect(
                ConflictError,
                session.recall("k", "f2"),
                "another request under a used key",
                "idempotency-key-reused",
            )
            require(await session.recall("k2", "f1") is None, "a new key has an answer")


async def answers_need_their_key(bench: Bench) -> None:
    """An answer is kept only under a key that this unit of work recalled, and only once.

    Hold the key from `recall` on: the row that marks it is what keeps a twin away.
    """
    async with bench.desk() as desk, desk.unit() as session:
        await expect(StorageError, session.remember("k", _ANSWER), "an answer without a recall")
        await session.recall("k", "f1")
        await session.remember("k", _ANSWER)
        await expect(StorageError, session.remember("k", _ANSWER), "a second answer")


async def old_answers_can_be_forgotten(bench: Bench) -> None:
    """`forget_answers` forgets what is older than the moment, and nothing else.

    Store the moment of each answer, from the same clock as the audit events.
    """
    async with bench.desk() as desk:
        await desk.do(_fill)
        event_free = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
        kept = await desk.do(lambda s: s.forget_answers(event_free))
        gone = await desk.do(lambda s: s.forget_answers(dt.datetime(2999, 1, 1, tzinfo=dt.UTC)))
        require((kept, gone) == (0, 1), f"it forgot {kept} and {gone} answers, not 0 and 1")
        found = await desk.look(lambda s: s.recall("k", "f9"))
        require(found is None, "a forgotten answer is still there")


@needs("durable")
async def data_outlives_the_storage(bench: Bench) -> None:
    """What was committed is there when the storage is closed and opened again.

    Write through to where the URL points.
    """
    async with bench.desk() as desk:
        await desk.do(_fill)
        tenant = desk.tenant
    async with bench.open() as storage:
        again = Desk(storage=storage, tenant=tenant)
        require(await _content(again) == (1, 1, 1), "committed rows are gone")


CHECKS: tuple[Check, ...] = (
    nothing_is_kept_without_commit,
    commit_keeps_everything,
    unit_is_over_after_commit,
    unit_sees_itself_and_hides_from_others,
    refused_call_changes_nothing,
    cancelled_unit_leaves_nothing_and_holds_nothing,
    answers_are_kept_byte_for_byte,
    answers_need_their_key,
    old_answers_can_be_forgotten,
    data_outlives_the_storage,
)
"""Checks of units of work; they take `bench`."""
