"""Checks of a storage: snapshots and runs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from recon_sdk.checks.builders import a_match, a_transaction, an_allocation, an_invoice
from recon_sdk.checks.contract import Check, require
from recon_sdk.checks.storage.bench import everything, expect
from recon_sdk.errors import ConflictError, DataError, NotFoundError
from recon_sdk.filters import MatchFilter
from recon_sdk.ids import InvoiceId, RunId, TransactionId
from recon_sdk.known import Alias
from recon_sdk.matches import DecisionKind, MatchStatus
from recon_sdk.stored import RunRecord

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from recon_sdk.checks.storage.bench import Bench, Desk
    from recon_sdk.matches import Allocation, Match
    from recon_sdk.stored import Snapshot

__all__ = ["CHECKS"]


def _pair(invoice: str, transaction: str, amount: str = "100.00") -> Allocation:
    return an_allocation(invoice, transaction, amount)


async def _rows(desk: Desk, number: int = 3) -> None:
    await desk.add(*(an_invoice(f"i{n}") for n in range(number)))
    await desk.bring(*(a_transaction(f"t{n}") for n in range(number)))


def _run(key: str, seen: Snapshot) -> RunRecord:
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    return RunRecord(
        id=RunId(key), digest="d", watermark=seen.watermark, started_at=now, finished_at=now
    )


async def snapshot_shows_what_is_open(bench: Bench) -> None:
    """A snapshot has the open rows by id, what was rejected, the aliases, and nothing else.

    Leave out what is paid, used up, void or ignored. What is confirmed is in the rows' counters;
    as a decision it would be taken off twice.
    """
    rejected = a_match(_pair("i2", "t2"))
    async with bench.desk() as desk:
        await _rows(desk, 6)
        await desk.add(an_invoice("void", void=True), an_invoice("10"), an_invoice("9"))
        await desk.propose(rejected)
        await desk.do(lambda s: s.add_match([_pair("i0", "t0")]))
        await desk.do(lambda s: s.add_match([_pair("i1", "t1", "40.00")]))
        await desk.reject(rejected)
        await desk.do(lambda s: s.ignore_transaction(TransactionId("t5")))
        alias = Alias(name="acme", vendor_id="v1")
        await desk.do(lambda s: s.put_alias(alias))
        seen = await desk.snapshot()
        owed = [i.id for i in seen.invoices]
        moved = [t.id for t in seen.transactions]
        require(owed == ["10", "9", "i1", "i2", "i3", "i4", "i5"], f"open invoices are {owed}")
        require(moved == ["t1", "t2", "t3", "t4"], f"free transactions are {moved}")
        left = seen.invoices[2].open_amount.minor, seen.transactions[0].unallocated_amount.minor
        require(left == (6_000, -6_000), f"of a part-paid pair is left {left}")
        decided = [(d.status, d.allocations) for d in seen.known.decisions]
        wanted = [(MatchStatus.REJECTED, rejected.allocations)]
        require(decided == wanted, f"the decisions are {decided}")
        require(seen.known.aliases == (alias,), f"the aliases are {seen.known.aliases}")


async def runs_are_kept_whole(bench: Bench) -> None:
    """A saved run and its matches come back equal; runs are listed newest first.

    Store every field of a match, its breakdown and rivals too: explanations are worded from it.
    """
    matches = [
        a_match(_pair("i0", "t0"), score=500_000, decision=DecisionKind.AUTO, margin=9_000),
        a_match(_pair("i1", "t1"), score=900_000, evidence=1),
        a_match(_pair("i2", "t2"), score=900_000, evidence=2),
    ]
    async with bench.desk() as desk:
        await _rows(desk)
        runs = [await desk.propose(*matches[:n]) for n in range(4)]
        async with desk.unit() as session:
            for run in runs:
                found = await session.get_run(run.id)
                require(found == run, f"the run {run} came back as {found}")
            listed = await everything(lambda c: session.list_runs(cursor=c, limit=3))
            order = [run.id for run in listed]
            require(order == [run.id for run in runs[::-1]], f"runs are listed as {order}")
            rows = await everything(lambda c: session.list_matches(cursor=c, limit=2))
            require([row.match for row in rows] == matches[::-1], "matches are not best first")
            require({row.run_id for row in rows} == {runs[-1].id}, "a match names another run")
            for where in (
                MatchFilter(run_id=runs[-1].id, decision=DecisionKind.AUTO),
                MatchFilter(invoice_id=InvoiceId("i1"), status=MatchStatus.PROPOSED),
                MatchFilter(transaction_id=TransactionId("t2")),
                MatchFilter(run_id=runs[0].id),
                MatchFilter(status=MatchStatus.CONFIRMED),
            ):
                some = (await session.list_matches(where)).items
                wanted = [row for row in rows if where.accepts(row)]
                require(list(some) == wanted, f"{where} gives {[r.match.id for r in some]}")


async def runs_replace_only_what_nobody_decided(bench: Bench) -> None:
    """A new run takes the place of open proposals; decided matches stay, and do not come again.

    Delete proposals and insert the new ones in one transaction. A proposal of the same pairs as a
    decided match is left out, and named.
    """
    one, two, three = (a_match(_pair(f"i{n}", f"t{n}", "50.00")) for n in range(3))
    two_with_three = a_match(_pair("i1", "t1", "50.00"), _pair("i2", "t1", "50.00"))
    async with bench.desk() as desk:
        await _rows(desk)
        await desk.propose(one, two, three)
        before = await desk.match(three)
        confirmed = await desk.confirm(one)
        rejected = await desk.reject(two)
        again = attrs.evolve(three, score=1)
        await desk.propose(two_with_three)
        await expect(NotFoundError, desk.match(three), "an old proposal")
        await desk.propose(again)
        now = await desk.match(three)
        require(now.match == again, f"the new proposal is {now.match}")
        require(now.version != before.version, "a later run used a version of the match again")
        require(await desk.match(one) == confirmed, "a run touched a confirmed match")
        require(await desk.match(two) == rejected, "a run touched a rejected match")
        seen = await desk.snapshot()
        left_out = await desk.do(
            lambda s: s.save_run(_run("last", seen), [one, two, three], expected_epoch=seen.epoch)
        )
        require(left_out == tuple(sorted([one.id, two.id])), f"left out were {left_out}")
        listed = set(await desk.proposals())
        require(listed == {one.id, two.id, three.id}, f"listed are {listed}")
        await desk.undo(two)
        seen = await desk.snapshot()
        free = await desk.do(
            lambda s: s.save_run(_run("free", seen), [two], expected_epoch=seen.epoch)
        )
        require(free == (), "a set was left out though its rejection was undone")


async def stale_runs_are_refused(bench: Bench) -> None:
    """A run whose snapshot was overtaken is a `run-conflict`, and leaves nothing.

    Count an epoch up with every decision, change and saved run, and compare it in the transaction
    that saves. Imports and new invoices do not count: the run has not seen them.
    """
    match = a_match(_pair("i0", "t0"))
    async with bench.desk() as desk:
        await _rows(desk, 8)
        await desk.propose(match, a_match(_pair("i1", "t1")))
        changes: tuple[tuple[str, Callable[[], Awaitable[object]]], ...] = (
            ("confirming", lambda: desk.confirm(match)),
            ("undoing", lambda: desk.undo(match)),
            ("rejecting", lambda: desk.reject(match)),
            ("adding a match", lambda: desk.do(lambda s: s.add_match([_pair("i5", "t5")]))),
            ("a change", lambda: desk.do(lambda s: s.change_invoice(an_invoice("i2", "9.00")))),
            ("a removal", lambda: desk.do(lambda s: s.remove_invoice(InvoiceId("i3")))),
            ("ignoring", lambda: desk.do(lambda s: s.ignore_transaction(TransactionId("t4")))),
            ("another run", lambda: desk.propose()),
        )
        for number, (words, change) in enumerate(changes):
            seen = await desk.snapshot()
            await change()
            late = desk.do(
                lambda s: s.save_run(
                    _run(f"late{number}", seen),  # noqa: B023
                    [a_match(_pair("i6", "t6"))],
                    expected_epoch=seen.epoch,  # noqa: B023
                )
            )
            await expect(ConflictError, late, f"a run overtaken by {words}", "run-conflict")
            missing = desk.look(lambda s: s.get_run(RunId(f"late{number}")))  # noqa: B023
            await expect(NotFoundError, missing, "a refused run")
        seen = await desk.snapshot()
        await desk.add(an_invoice("new"))
        await desk.bring(a_transaction("new"))
        later = await desk.snapshot()
        require(later.watermark > seen.watermark, "new rows did not raise the watermark")
        run = _run("in time", seen)
        await desk.do(lambda s: s.save_run(run, [], expected_epoch=seen.epoch))
        seen = await desk.snapshot()
        twice = desk.do(lambda s: s.save_run(run, [], expected_epoch=seen.epoch))
        await expect(ConflictError, twice, "a run that is saved already", "run-id-taken")


async def contradictory_runs_are_refused_whole(bench: Bench) -> None:
    """Proposals that contradict each other or the balances are a `DataError`; nothing is kept.

    Check all of them before you write; an engine is a plugin too.
    """
    good = a_match(_pair("i0", "t0"))
    async with bench.desk() as desk:
        await _rows(desk)
        await desk.propose(good)
        await desk.do(lambda s: s.add_match([_pair("i2", "t2", "60.00")]))
        for words, bad in (
            ("two that overlap", [good, a_match(_pair("i0", "t1"))]),
            ("one match twice", [good, good]),
            ("a confirmed one", [attrs.evolve(good, status=MatchStatus.CONFIRMED)]),
            ("an `auto` alternative", [_auto_alternative(good)]),
            ("more than is left", [a_match(_pair("i2", "t1"))]),
            ("an id of its own", [attrs.evolve(good, id="mine")]),
            ("a gap without a name", [a_match(an_allocation("i0", "t0", "100.00", "-90.00"))]),
        ):
            seen = await desk.snapshot()
            act = desk.do(lambda s: s.save_run(_run("bad", seen), bad, expected_epoch=seen.epoch))  # noqa: B023
            await expect(DataError, act, f"a run with {words}")
        unknown = [good, a_match(_pair("i9", "t1"))]
        seen = await desk.snapshot()
        act = desk.do(lambda s: s.save_run(_run("bad", seen), unknown, expected_epoch=seen.epoch))
        await expect(NotFoundError, act, "a run with an unknown invoice")
        require(good.id in await desk.proposals(), "a refused run replaced the proposals")
        missing = desk.look(lambda s: s.get_run(RunId("bad")))
        await expect(NotFoundError, missing, "a refused run")


def _auto_alternative(match: Match) -> Match:
    return attrs.evolve(match, decision=DecisionKind.AUTO, alternative_of="m_other")


CHECKS: tuple[Check, ...] = (
    snapshot_shows_what_is_open,
    runs_are_kept_whole,
    runs_replace_only_what_nobody_decided,
    stale_runs_are_refused,
    contradictory_runs_are_refused_whole,
)
"""Checks of runs; they take `bench`."""
