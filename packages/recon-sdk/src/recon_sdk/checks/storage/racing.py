"""Checks of a storage: many tasks at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from recon_sdk.checks.builders import a_match, a_transaction, an_allocation, an_invoice
from recon_sdk.checks.contract import Check, require
from recon_sdk.checks.storage.bench import row_of
from recon_sdk.errors import ConflictError
from recon_sdk.ids import MatchId
from recon_sdk.stored import StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from recon_sdk.checks.storage.bench import Bench, Desk

__all__ = ["CHECKS"]


async def _outcomes(acts: Iterable[Awaitable[object]]) -> Counter[str]:
    """Do things at once, and count what came of them."""
    results = await asyncio.gather(*acts, return_exceptions=True)
    return Counter(
        r.reason
        if isinstance(r, ConflictError)
        else type(r).__name__
        if isinstance(r, BaseException)
        else "done"
        for r in results
    )


async def of_rivals_one_is_confirmed(bench: Bench) -> None:
    """Of any number of rivals for one payment, confirmed at once, exactly one wins.

    The others get `allocation-conflict`, none a database error: let a guarded update of the
    counter decide, and lock rows in the order of their ids.
    """
    rivals = [
        a_match(an_allocation(f"i{n}", "t"), alternative_of="m_other" if n else None)
        for n in range(8)
    ]
    async with bench.desk() as desk:
        await desk.add(*(an_invoice(f"i{n}") for n in range(8)))
        await desk.bring(a_transaction("t"))
        await desk.propose(*rivals)
        found = await _outcomes(desk.confirm(match) for match in rivals for _ in range(2))
        won = [n for n in range(8) if await desk.settled(f"i{n}")]
        require(len(won) == 1, f"{len(won)} rivals were confirmed")
        require(await desk.allocated("t") == -10_000, "the payment is not used once")
        wanted = {"done": 2, "allocation-conflict": 14}
        require(dict(found) == wanted, f"of 8 rivals, each twice, came {dict(found)}")


async def parallel_parts_stay_within_the_whole(bench: Bench) -> None:
    """Parts of one payment that are confirmed at once never sum to more than the payment.

    Check and move the counter in one statement, or under a lock.
    """
    async with bench.desk() as desk:
        await desk.add(*(an_invoice(f"i{n}", "60.00") for n in range(6)))
        await desk.bring(a_transaction("t", "-150.00"))
        found = await _outcomes(
            desk.do(lambda s, n=n: s.add_match([an_allocation(f"i{n}", "t", "60.00")]))  # type: ignore[misc]
            for n in range(6)
        )
        require(await desk.allocated("t") == -12_000, f"{await desk.allocated('t')} are used")
        require(found == {"done": 2, "allocation-conflict": 4}, f"of 6 parts came {dict(found)}")


async def one_invoice_is_paid_by_instalments_at_once(bench: Bench) -> None:
    """Instalments of one invoice that are confirmed at once all count, none is lost.

    Add to the counter; never write back a number that you read before.
    """
    parts = [a_match(an_allocation("i", f"t{n}", "10.00"), alternative_of="x") for n in range(8)]
    async with bench.desk() as desk:
        await desk.add(an_invoice("i", "80.00"))
        await desk.bring(*(a_transaction(f"t{n}", "-10.00") for n in range(8)))
        await desk.propose(*parts)
        found = await _outcomes(desk.confirm(match) for match in parts)
        require(await desk.settled("i") == 8_000, f"only {await desk.settled('i')} are settled")
        require(found == {"done": 8}, f"of 8 instalments came {dict(found)}")


async def of_twin_requests_one_is_executed(bench: Bench) -> None:
    """Of requests under one idempotency key, sent at once, one is executed, all get its answer.

    Hold the key from `recall` to the end of the unit of work, so that a twin waits.
    """

    async def request(desk: Desk, number: int) -> bytes:
        async with desk.unit() as session:
            known = await session.recall("key", "f")
            if known is None:
                await asyncio.sleep(0)
                await session.add_invoices([an_invoice(f"i{number}")])
                known = StoredAnswer(fingerprint="f", body=f"answer {number}".encode())
                await session.remember("key", known)
                await session.commit()
            return known.body

    async with bench.desk() as desk:
        results = await asyncio.gather(
            *(request(desk, n) for n in range(8)), return_exceptions=True
        )
        given = {r for r in results if not isinstance(r, ConflictError)}
        require(len(given) == 1, f"twins got {given}")
        rows = await desk.look(lambda s: s.list_invoices())
        require(len(rows) == 1, f"{len(rows)} twins were executed")


async def one_file_imported_at_once_is_stored_once(bench: Bench) -> None:
    """One file that several people import at once is stored once.

    Let unique indexes decide, and count a row that another import stored first as a duplicate.
    """
    file = [row_of(a_transaction(description=f"row {n // 2}")) for n in range(10)]
    async with bench.desk() as desk:
        results = await asyncio.gather(
            *(desk.do(lambda s: s.import_transactions(file)) for _ in range(5)),
            return_exceptions=True,
        )
        bad = [r for r in results if isinstance(r, BaseException)]
        require(not bad, f"an import failed: {bad[:1]!r}")
        made = sum(r.created for r in results if not isinstance(r, BaseException))
        rows = await desk.look(lambda s: s.list_transactions())
        require(made == len(rows) == 10, f"{made} rows were created, {len(rows)} are stored")


async def readers_see_whole_decisions(bench: Bench) -> None:
    """While others decide, a snapshot shows each decision as a whole or not at all.

    Read a snapshot in one transaction with one view of the data.
    """
    match = a_match(*(an_allocation(f"i{n}", "t", "10.00") for n in range(6)))
    async with bench.desk() as desk:
        await desk.add(*(an_invoice(f"i{n}", "10.00") for n in range(6)))
        await desk.bring(a_transaction("t", "-60.00"))
        await desk.propose(match)

        async def decide() -> None:
            for _ in range(5):
                await desk.do(lambda s: s.confirm(MatchId(match.id)))
                await desk.do(lambda s: s.undo(MatchId(match.id)))

        async def read() -> None:
            for _ in range(20):
                seen = await desk.snapshot()
                counts = len(seen.invoices), len(seen.transactions)
                require(counts in {(6, 1), (0, 0)}, f"half a decision shows: {counts}")
                await asyncio.sleep(0)

        await asyncio.gather(decide(), read(), read())


CHECKS: tuple[Check, ...] = (
    of_rivals_one_is_confirmed,
    parallel_parts_stay_within_the_whole,
    one_invoice_is_paid_by_instalments_at_once,
    of_twin_requests_one_is_executed,
    one_file_imported_at_once_is_stored_once,
    readers_see_whole_decisions,
)
"""Checks of concurrency; they take `bench`."""
