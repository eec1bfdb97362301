"""Import, run, decide, run again: the storage and the engine together."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from pathlib import Path

import attrs
import pytest

from recon_sdk import Reconciler, demo_data, read_ledger
from recon_sdk.config import TenantRef
from recon_sdk.errors import ConflictError
from recon_sdk.filters import MatchFilter
from recon_sdk.ids import MatchId, RunId
from recon_sdk.matches import DecisionKind, MatchStatus
from recon_sdk.stored import ImportRow, RunRecord
from recon_sdk.testing import InMemoryStorage

ACME = TenantRef(id="acme")
NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def reconciler():
    pytest.importorskip("recon_rules_default")
    return Reconciler()


@pytest.fixture(scope="module")
def rows():
    folder = Path(demo_data.__file__).parent
    ledger = read_ledger(folder / "invoices.csv", folder / "transactions.csv").ledger
    return (
        [attrs.evolve(ledger.invoice(n), settled=0) for n in range(len(ledger.invoices))],
        [ledger.transaction(n) for n in range(len(ledger.transactions))],
    )


async def fill(storage, rows):
    async with storage.for_tenant(ACME) as session:
        await session.add_invoices(rows[0])
        result = await session.import_transactions([ImportRow(transaction=t) for t in rows[1]])
        await session.commit()
    return result


async def run(storage, reconciler):
    """Reconcile a snapshot and save what was found."""
    async with storage.for_tenant(ACME) as session:
        seen = await session.snapshot()
    result = reconciler.run(
        seen.invoices,
        seen.transactions,
        decisions=seen.known.decisions,
        aliases=seen.known.aliases,
    )
    record = RunRecord(
        id=RunId(f"run-{next(NUMBERS)}"),
        digest=result.digest,
        watermark=seen.watermark,
        started_at=NOW,
        finished_at=NOW,
        summary={"matches": len(result.matches)},
    )
    async with storage.for_tenant(ACME) as session:
        left_out = await session.save_run(
            record, [*result.matches, *result.alternatives], expected_epoch=seen.epoch
        )
        await session.commit()
    return result, left_out


async def proposals(storage, **where):
    async with storage.for_tenant(ACME) as session:
        wanted = MatchFilter(status=MatchStatus.PROPOSED, **where)
        return [row.match for row in await session.list_matches(wanted, limit=1_000)]


async def confirm_all(storage, matches):
    """Confirm in bulk; what conflicts is skipped."""
    refused = []
    async with storage.for_tenant(ACME, actor="ann") as session:
        for match in matches:
            try:
                await session.confirm(MatchId(match.id))
            except ConflictError as conflict:
                refused.append(conflict.reason)
        await session.commit()
    return refused


def test_what_is_confirmed_is_not_proposed_again(reconciler, rows):
    async def main():
        storage = InMemoryStorage()
        imported = await fill(storage, rows)
        assert imported.created == len(rows[1])
        first, _ = await run(storage, reconciler)
        autos = await proposals(storage, decision=DecisionKind.AUTO)
        assert {m.id for m in autos} == {m.id for m in first.matches if not m.reasons}
        assert autos
        assert await confirm_all(storage, autos) == []
        second, left_out = await run(storage, reconciler)
        assert left_out == ()
        settled = {key for m in autos for key in m.transaction_ids}
        assert settled.isdisjoint(key for m in second.matches for key in m.transaction_ids)
        rest = await proposals(storage)
        refused = await confirm_all(storage, rest)
        assert set(refused) <= {"allocation-conflict"}
        third, _ = await run(storage, reconciler)
        assert len(third.matches) < len(second.matches)

    asyncio.run(main())


def test_a_rejected_set_is_proposed_again_only_after_an_undo(reconciler, rows):
    async def main():
        storage = InMemoryStorage()
        await fill(storage, rows)
        await run(storage, reconciler)
        chosen = (await proposals(storage, decision=DecisionKind.AUTO))[0]
        async with storage.for_tenant(ACME) as session:
            await session.reject(MatchId(chosen.id))
            await session.commit()
        without, left_out = await run(storage, reconciler)
        assert left_out == ()
        assert chosen.id not in {m.id for m in [*without.matches, *without.alternatives]}
        async with storage.for_tenant(ACME) as session:
            await session.undo(MatchId(chosen.id))
            await session.commit()
        again, _ = await run(storage, reconciler)
        assert chosen.id in {m.id for m in again.matches}

    asyncio.run(main())


def test_undoing_everything_gives_the_first_run_again(reconciler, rows):
    async def main():
        storage = InMemoryStorage()
        await fill(storage, rows)
        first, _ = await run(storage, reconciler)
        autos = await proposals(storage, decision=DecisionKind.AUTO)
        await confirm_all(storage, autos)
        async with storage.for_tenant(ACME) as session:
            for match in autos:
                await session.undo(MatchId(match.id))
            await session.commit()
        again, _ = await run(storage, reconciler)
        assert again.digest == first.digest

    asyncio.run(main())


def test_a_run_is_the_same_whatever_the_order_of_imports(reconciler, rows):
    async def main(invoices, transactions):
        storage = InMemoryStorage()
        await fill(storage, (invoices, transactions))
        return (await run(storage, reconciler))[0].digest

    straight = asyncio.run(main(*rows))
    assert asyncio.run(main(rows[0][::-1], rows[1][::-1])) == straight
