"""Checks of a storage: tenants never meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_sdk.checks.builders import a_match, a_transaction, an_allocation, an_invoice
from recon_sdk.checks.contract import Check, broken, require
from recon_sdk.checks.storage.bench import everything, expect
from recon_sdk.config import TenantRef
from recon_sdk.errors import NoTenantError, NotFoundError
from recon_sdk.ids import InvoiceId, MatchId, RunId, TransactionId
from recon_sdk.known import Alias
from recon_sdk.stored import StoredAnswer

if TYPE_CHECKING:
    from recon_sdk.checks.storage.bench import Act, Bench, Desk

__all__ = ["CHECKS"]

_ABSENT = "nobody-has-this"


async def _fill(desk: Desk, prefix: str) -> dict[str, str]:
    """Give a tenant one of everything; ids start with a prefix."""
    await desk.add(an_invoice(f"{prefix}i", vendor_id="v", invoice_number="7"))
    imported = await desk.bring(
        a_transaction(f"{prefix}t", external_id="B1", account_id="main"),
    )
    match = a_match(an_allocation(f"{prefix}i", f"{prefix}t"))
    run = await desk.propose(match)
    async with desk.unit() as session:
        await session.put_alias(Alias(name=f"{prefix}name", vendor_id="v"))
        await session.recall("key", "f")
        await session.remember("key", StoredAnswer(fingerprint="f", body=prefix.encode()))
        await session.commit()
    return {
        "invoice": f"{prefix}i",
        "transaction": f"{prefix}t",
        "match": match.id,
        "run": run.id,
        "import": imported.import_id,
    }


def _uses(kind: str, key: str) -> dict[str, Act[object]]:
    """Give every use of an id of a kind."""
    match = MatchId(key)
    if kind == "invoice":
        invoice = InvoiceId(key)
        return {
            "get_invoice": lambda s: s.get_invoice(invoice),
            "change_invoice": lambda s: s.change_invoice(an_invoice(key, "5.00")),
            "remove_invoice": lambda s: s.remove_invoice(invoice),
            "add_match (invoice)": lambda s: s.add_match([an_allocation(key, "own-t")]),
        }
    if kind == "transaction":
        row = TransactionId(key)
        return {
            "get_transaction": lambda s: s.get_transaction(row),
            "ignore_transaction": lambda s: s.ignore_transaction(row),
            "add_match (transaction)": lambda s: s.add_match([an_allocation("own-i", key)]),
        }
    if kind == "match":
        return {
            "get_match": lambda s: s.get_match(match),
            "confirm": lambda s: s.confirm(match),
            "reject": lambda s: s.reject(match),
            "undo": lambda s: s.undo(match),
        }
    if kind == "run":
        return {"get_run": lambda s: s.get_run(RunId(key))}
    return {"get_import": lambda s: s.get_import(key)}


async def foreign_ids_are_absent_ids(bench: Bench) -> None:
    """Every method says of another tenant's id what it says of an id that nobody has.

    Ask for rows by tenant and id in one condition. A different message, or a conflict instead of
    `NotFoundError`, tells that somebody else has the id.
    """
    async with bench.two_desks() as (mine, other):
        await _fill(mine, "own-")
        foreign = await _fill(other, "foreign-")
        for kind, key in foreign.items():
            absent = _uses(kind, _ABSENT)
            for method, act in _uses(kind, key).items():
                words = f"{method} with another tenant's {kind}"
                refused = await expect(NotFoundError, mine.do(act), words)
                unknown = await expect(NotFoundError, mine.do(absent[method]), words)
                same = str(refused).replace(key, "ID") == str(unknown).replace(_ABSENT, "ID")
                require(same, f"{words} says {refused}, an absent id {unknown}")


async def listings_show_one_tenant(bench: Bench) -> None:
    """Listings, snapshots and aliases hold nothing of another tenant.

    Put the tenant into every condition, or into a policy of the database.
    """
    async with bench.two_desks() as (mine, other):
        await _fill(mine, "own-")
        await _fill(other, "foreign-")
        await other.confirm(a_match(an_allocation("foreign-i", "foreign-t")))
        async with mine.unit() as session:
            seen = [
                *await everything(lambda c: session.list_invoices(cursor=c)),
                *await everything(lambda c: session.list_transactions(cursor=c)),
                *await everything(lambda c: session.list_matches(cursor=c)),
                *await everything(lambda c: session.list_runs(cursor=c)),
                *await everything(lambda c: session.list_events(cursor=c)),
                *await session.list_aliases(),
                await session.snapshot(),
            ]
            answer = await session.recall("key", "f")
        if any("foreign" in repr(row) for row in seen):
            broken("a listing holds rows of another tenant")
        require(len(seen) == 6, f"a tenant with one of everything sees {len(seen)} things, not 6")
        require(answer is not None and answer.body == b"own-", "an answer is another tenant's")


async def tenants_may_use_the_same_ids(bench: Bench) -> None:
    """Two tenants use the same ids, numbers, bank ids and keys without meeting.

    Start every unique index with the tenant; one that does not tells a tenant what others have.
    """
    async with bench.two_desks() as (first, second):
        for desk in (first, second):
            await _fill(desk, "same-")
        match = a_match(an_allocation("same-i", "same-t"))
        await first.confirm(match)
        require(await second.settled("same-i") == 0, "a decision of one tenant moved another's")
        await second.confirm(match)
        await first.undo(match)
        require(await second.settled("same-i") == 10_000, "an undo moved another tenant's invoice")
        await first.do(lambda s: s.remove_invoice(InvoiceId("same-i")))
        await second.match(match)


async def tenants_do_not_disturb_each_other(bench: Bench) -> None:
    """What one tenant does leaves another's snapshot, epoch and watermark as they were.

    Keep the counters with the tenant.
    """
    async with bench.two_desks() as (first, second):
        await _fill(first, "a-")
        before = await first.snapshot()
        await _fill(second, "b-")
        await second.confirm(a_match(an_allocation("b-i", "b-t")))
        await second.do(lambda s: s.clear_aliases())
        require(await first.snapshot() == before, "another tenant's work changed the snapshot")


async def no_tenant_is_refused(bench: Bench) -> None:
    """Without a tenant there is no session.

    Raise `NoTenantError` where the id is empty, before anything is read.
    """

    async def enter() -> None:
        async with bench.open() as storage, storage.for_tenant(TenantRef(id="")) as session:
            await session.snapshot()

    await expect(NoTenantError, enter(), "a unit of work without a tenant")


CHECKS: tuple[Check, ...] = (
    foreign_ids_are_absent_ids,
    listings_show_one_tenant,
    tenants_may_use_the_same_ids,
    tenants_do_not_disturb_each_other,
    no_tenant_is_refused,
)
"""Checks of tenancy; they take `bench`."""
