"""What is special about the in-memory storage: its clock, ids, patience and URLs."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from recon_sdk.config import TenantRef
from recon_sdk.errors import ConfigError, ConflictError, DataError
from recon_sdk.ids import InvoiceId
from recon_sdk.storage import Storage, StorageBackend, TenantSession
from recon_sdk.stored import RunRecord, StoredAnswer
from recon_sdk.testing import (
    FrozenClock,
    InMemoryBackend,
    InMemoryStorage,
    SequentialIds,
    an_invoice,
)

ACME = TenantRef(id="acme")


def test_it_is_what_the_protocols_say():
    async def main():
        storage = InMemoryStorage()
        async with storage.for_tenant(ACME) as session:
            return isinstance(storage, Storage), isinstance(session, TenantSession)

    assert asyncio.run(main()) == (True, True)
    assert isinstance(InMemoryBackend(), StorageBackend)


def test_clock_and_ids_are_injected():
    clock = FrozenClock()
    storage = InMemoryStorage(clock=clock, new_id=SequentialIds("import-"))

    async def main():
        async with storage.for_tenant(ACME) as session:
            await session.add_invoices([an_invoice("i")])
            first = await session.import_transactions([])
            clock.move(days=1)
            changed = await session.change_invoice(an_invoice("i", "5.00"))
            (event,) = await session.list_events()
            return first, changed, event

    first, changed, event = asyncio.run(main())
    assert first.import_id == "import-1"
    assert first.imported_at == dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert changed.changed_at == event.at == dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_a_writer_that_does_not_end_is_not_waited_for_forever():
    storage = InMemoryStorage(patience_seconds=0.01)

    async def main():
        async with storage.for_tenant(ACME) as slow:
            await slow.add_invoices([an_invoice("i")])
            async with storage.for_tenant(ACME) as other:
                with pytest.raises(ConflictError) as busy:
                    await other.add_invoices([an_invoice("j")])
                with pytest.raises(ConflictError) as held:
                    await other.recall("k", "f")
            await slow.commit()
        async with storage.for_tenant(ACME) as session:
            await session.get_invoice(InvoiceId("i"))
        return busy.value.reason, held.value.reason

    assert asyncio.run(main()) == ("storage-busy", "idempotency-in-flight")


def test_readers_do_not_wait():
    storage = InMemoryStorage(patience_seconds=0.01)

    async def main():
        async with storage.for_tenant(ACME) as writer:
            await writer.add_invoices([an_invoice("i")])
            async with storage.for_tenant(ACME) as reader:
                return len(await reader.list_invoices())

    assert asyncio.run(main()) == 0


def test_every_opening_is_a_new_storage():
    async def main():
        backend = InMemoryBackend()
        async with backend.open("memory:") as first, backend.open("memory://") as second:
            async with first.for_tenant(ACME) as session:
                await session.add_invoices([an_invoice("i")])
                await session.commit()
            async with second.for_tenant(ACME) as session:
                return len(await session.list_invoices())

    assert asyncio.run(main()) == 0


def test_other_urls_are_refused():
    async def main():
        async with InMemoryBackend().open("sqlite:x"):
            pass

    with pytest.raises(ConfigError, match="is not `memory:`"):
        asyncio.run(main())


def test_a_summary_is_json_and_cannot_be_changed():
    moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    given = {"by_kind": {"one_to_one": 1}}
    run = RunRecord(
        id="r", digest="d", watermark=1, started_at=moment, finished_at=moment, summary=given
    )
    given["by_kind"]["one_to_one"] = 2
    assert run.summary == {"by_kind": {"one_to_one": 1}}
    with pytest.raises(TypeError):
        run.summary["x"] = 1
    with pytest.raises(DataError, match="must be JSON"):
        RunRecord(
            id="r", digest="d", watermark=1, started_at=moment, finished_at=moment,
            summary={"x": float("nan")},
        )  # fmt: skip


def test_an_answer_has_a_status_and_headers():
    answer = StoredAnswer(fingerprint="f", body=b"x")
    assert (answer.status, answer.headers) == (200, ())
