"""Checks of a storage: invoices, bank transactions and aliases as rows, and their listings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from recon_sdk.checks.builders import a_match, a_transaction, an_allocation, an_invoice
from recon_sdk.checks.contract import Check, require
from recon_sdk.checks.ledgers import sample_rows
from recon_sdk.checks.storage.bench import everything, expect
from recon_sdk.errors import ConflictError, DataError, NotFoundError
from recon_sdk.filters import InvoiceFilter, TransactionFilter
from recon_sdk.ids import InvoiceId, TransactionId
from recon_sdk.invoices import Direction, InvoiceStatus
from recon_sdk.known import Alias
from recon_sdk.money import MAX_MINOR, Money
from recon_sdk.transactions import TransactionStatus

if TYPE_CHECKING:
    from recon_sdk.checks.storage.bench import Bench, Desk
    from recon_sdk.invoices import Invoice
    from recon_sdk.transactions import BankTransaction

__all__ = ["CHECKS"]

_ODD_IDS = ("B", "a", "10", "9", "é", "Z", "i/1", "𝄞", "\uff5a", "i 1", "_", "e\u0301")
"""Ids whose order differs between languages; by code point it is the same everywhere."""


def _samples() -> tuple[list[Invoice], list[BankTransaction]]:
    invoices, transactions = sample_rows()
    odd_invoices = [an_invoice(key, Money(MAX_MINOR, "EUR")) for key in _ODD_IDS]
    odd_invoices += [an_invoice("void", void=True), an_invoice("tax", tax_amount=Money(7, "EUR"))]
    odd_transactions = [
        a_transaction(key, Money(-MAX_MINOR, "EUR"), description=f"line\nfeed {key}")
        for key in _ODD_IDS
    ]
    return (
        [attrs.evolve(i, settled=0) for i in invoices] + odd_invoices,
        [attrs.evolve(t, allocated=0) for t in transactions] + odd_transactions,
    )


async def _filled(desk: Desk) -> tuple[list[Invoice], list[BankTransaction]]:
    invoices, transactions = _samples()
    await desk.add(*invoices)
    await desk.bring(*transactions)
    return invoices, transactions


async def rows_come_back_as_they_were(bench: Bench) -> None:
    """Every field of an invoice and of a transaction comes back equal, and of the same type.

    Store money as integers with a currency, dates as dates, and texts unchanged: no trimming, no
    normalising, no NULL in place of "".
    """
    async with bench.desk() as desk:
        invoices, transactions = await _filled(desk)
        async with desk.unit() as session:
            for invoice in invoices:
                found = (await session.get_invoice(InvoiceId(invoice.id))).invoice
                require(repr(found) == repr(invoice), f"{invoice} came back as {found}")
            for transaction in transactions:
                moved = (await session.get_transaction(TransactionId(transaction.id))).transaction
                require(repr(moved) == repr(transaction), f"{transaction} came back as {moved}")


async def listings_are_in_order_of_ids(bench: Bench) -> None:
    """Pages of any size give every row once, in the code-point order of ids.

    Order by the id's bytes (`COLLATE "C"` in PostgreSQL), and go on behind the last id: offsets
    repeat and lose rows when others are written.
    """
    async with bench.desk() as desk:
        invoices, transactions = await _filled(desk)
        owed, moved = sorted(i.id for i in invoices), sorted(t.id for t in transactions)
        async with desk.unit() as session:
            for size in (1, 7, 1000):
                some = await everything(lambda c: session.list_invoices(cursor=c, limit=size))  # noqa: B023
                ids = [row.invoice.id for row in some]
                require(ids == owed, f"pages of {size} invoices give {ids}, not {owed}")
                rows = await everything(lambda c: session.list_transactions(cursor=c, limit=size))  # noqa: B023
                ids = [row.transaction.id for row in rows]
                require(ids == moved, f"pages of {size} transactions give {ids}, not {moved}")


async def pages_survive_writes_between_them(bench: Bench) -> None:
    """Rows that nobody touches show up exactly once, whatever is written between two pages.

    Go on behind the last row's key instead of counting rows.
    """
    async with bench.desk() as desk:
        await desk.add(*(an_invoice(f"i{n}") for n in range(0, 40, 4)))
        first = await desk.look(lambda s: s.list_invoices(limit=4))
        await desk.add(*(an_invoice(f"i{n}") for n in range(1, 40, 4)))
        await desk.do(lambda s: s.remove_invoice(InvoiceId("i0")))
        rest = await desk.look(
            lambda s: everything(lambda c: s.list_invoices(cursor=c or first.next_cursor, limit=4))
        )
        seen = [row.invoice.id for row in (*first, *rest)]
        untouched = sorted(f"i{n}" for n in range(0, 40, 4))
        lost = [key for key in untouched if seen.count(key) != 1]
        require(not lost, f"pages lost or repeated {lost}")


async def filters_are_what_they_say(bench: Bench) -> None:
    """A filtered listing gives exactly the rows that the filter accepts.

    `accepts` of the filter is its definition; mind missing dates, signs, and money of other
    currencies.
    """
    day = dt.date(2026, 3, 10)
    invoice_filters = (
        InvoiceFilter(status=InvoiceStatus.OPEN),
        InvoiceFilter(status=InvoiceStatus.PAID),
        InvoiceFilter(status=InvoiceStatus.PARTIALLY_PAID),
        InvoiceFilter(status=InvoiceStatus.VOID),
        InvoiceFilter(vendor_id="v1", currency="EUR"),
        InvoiceFilter(issue_from=day),
        InvoiceFilter(issue_to=day),
        InvoiceFilter(due_from=day, due_to=dt.date(2026, 4, 10)),
        InvoiceFilter(amount_min=Money(-10_000, "EUR"), amount_max=Money(10_000, "EUR")),
        InvoiceFilter(text="re-2026"),
        InvoiceFilter(text="%"),
        InvoiceFilter(text="_"),
        InvoiceFilter(text="DELIVERY"),
    )
    transaction_filters = (
        TransactionFilter(status=TransactionStatus.UNMATCHED),
        TransactionFilter(status=TransactionStatus.MATCHED),
        TransactionFilter(status=TransactionStatus.IGNORED),
        TransactionFilter(status=TransactionStatus.PARTIALLY_MATCHED),
        TransactionFilter(account_id="main", currency="JPY"),
        TransactionFilter(booked_from=dt.date(2026, 4, 10), booked_to=dt.date(2026, 4, 20)),
        TransactionFilter(amount_max=Money(-1_000, "EUR")),
        TransactionFilter(amount_min=Money(0, "KWD")),
        TransactionFilter(text="acme"),
        TransactionFilter(text="payment re-"),
    )
    async with bench.desk() as desk:
        await _filled(desk)
        whole = a_match(an_allocation("tax", "paid", "100.00"))
        part = a_match(an_allocation("void2", "part", "40.00"))
        await desk.add(an_invoice("void2"))
        await desk.bring(
            a_transaction("paid", "-100.00", account_id="x"),
            a_transaction("part", "-90.00", account_id="x"),
            a_transaction("gone", "-90.00", account_id="y"),
        )
        await desk.propose(whole, part)
        await desk.confirm(whole)
        await desk.confirm(part)
        await desk.do(lambda s: s.ignore_transaction(TransactionId("gone")))
        async with desk.unit() as session:
            owed = await everything(lambda c: session.list_invoices(cursor=c))
            moved = await everything(lambda c: session.list_transactions(cursor=c))
            for where in invoice_filters:
                found = await everything(lambda c: session.list_invoices(where, cursor=c, limit=3))  # noqa: B023
                wanted = [row for row in owed if where.accepts(row.invoice)]
                require(found == wanted, f"{where} gives {[r.invoice.id for r in found]}")
            for which in transaction_filters:
                rows = await everything(
                    lambda c: session.list_transactions(which, cursor=c, limit=3)  # noqa: B023
                )
                right = [row for row in moved if which.accepts(row.transaction)]
                require(rows == right, f"{which} gives {[r.transaction.id for r in rows]}")


async def bad_cursors_and_limits_are_refused(bench: Bench) -> None:
    """A cursor that no listing gave, or a limit below 1, is a `DataError`.

    Check a cursor before you use it: it comes from outside.
    """
    async with bench.desk() as desk, desk.unit() as session:
        for cursor in ("", "x", "äö", "W10", "eyJhIjogMX0="):
            words = f"the cursor {cursor!r}"
            await expect(DataError, session.list_invoices(cursor=cursor), words)
            await expect(DataError, session.list_transactions(cursor=cursor), words)
            await expect(DataError, session.list_matches(cursor=cursor), words)
            await expect(DataError, session.list_runs(cursor=cursor), words)
            await expect(DataError, session.list_events(cursor=cursor), words)
        await expect(DataError, session.list_invoices(limit=0), "a limit of 0")
        await expect(DataError, session.list_matches(limit=-1), "a limit of -1")


async def ids_and_numbers_are_taken_once(bench: Bench) -> None:
    """An id, and a number of one direction and vendor, is taken by one invoice; void ones free it.

    Put unique indexes behind both, over the tenant's rows only: different vendors use the same
    numbers all the time.
    """
    numbered = an_invoice("i1", vendor_id="v1", invoice_number="7")
    async with bench.desk() as desk:
        await desk.add(numbered)
        for other, reason in (
            (an_invoice("i1"), "invoice-id-taken"),
            (attrs.evolve(numbered, id="i2"), "invoice-number-taken"),
        ):
            act = desk.do(lambda s: s.add_invoices([other]))  # noqa: B023
            await expect(ConflictError, act, f"adding {other.id!r} again", reason)
        twins = [attrs.evolve(numbered, id=key, vendor_id="v9") for key in ("i3", "i4")]
        await expect(
            ConflictError,
            desk.do(lambda s: s.add_invoices(twins)),
            "one number twice in a batch",
            "invoice-number-taken",
        )
        await desk.add(
            attrs.evolve(numbered, id="i5", vendor_id="v2"),
            attrs.evolve(numbered, id="i6", direction=Direction.RECEIVABLE),
            attrs.evolve(numbered, id="i7", invoice_number=""),
            attrs.evolve(numbered, id="i8", vendor_id=""),
            attrs.evolve(numbered, id="i9", vendor_id=""),
        )
        clash = desk.do(lambda s: s.change_invoice(attrs.evolve(numbered, id="i5")))
        await expect(ConflictError, clash, "changing to a taken number", "invoice-number-taken")
        await desk.do(lambda s: s.change_invoice(attrs.evolve(numbered, void=True)))
        await desk.add(attrs.evolve(numbered, id="i2"))


async def changes_are_kept_and_versioned(bench: Bench) -> None:
    """A change replaces all fields but `settled`, and gives a version that was never there.

    Draw versions from a counter of the tenant; one that starts again when a row is removed and
    added lets an old `If-Match` through.
    """
    async with bench.desk() as desk:
        (first,) = await desk.do(lambda s: s.add_invoices([an_invoice("i1")]))
        changed = an_invoice("i1", "250.00", currency="USD", vendor_name="Acme", due_date=None)
        second = await desk.do(lambda s: s.change_invoice(changed, version=first.version))
        await expect(
            ConflictError,
            desk.do(lambda s: s.change_invoice(changed, version=first.version)),
            "a change of an old version",
            "stale-version",
        )
        await expect(
            ConflictError,
            desk.do(lambda s: s.remove_invoice(InvoiceId("i1"), version=first.version)),
            "removing an old version",
            "stale-version",
        )
        found = await desk.look(lambda s: s.get_invoice(InvoiceId("i1")))
        require(found == second and found.invoice == changed, f"the change came back as {found}")
        await desk.do(lambda s: s.remove_invoice(InvoiceId("i1"), version=second.version))
        gone = desk.look(lambda s: s.get_invoice(InvoiceId("i1")))
        await expect(NotFoundError, gone, "reading a removed invoice")
        (again,) = await desk.do(lambda s: s.add_invoices([an_invoice("i1")]))
        versions = {first.version, second.version, again.version}
        require(len(versions) == 3, "a version was used twice for one id")


async def settled_comes_from_matches_alone(bench: Bench) -> None:
    """Nobody sets what is settled: adding it is a `DataError`, changing it does nothing.

    Keep the counter apart from the fields that a caller may write.
    """
    async with bench.desk() as desk:
        wrong = an_invoice("i1", settled=1)
        await expect(DataError, desk.do(lambda s: s.add_invoices([wrong])), "adding a settled one")
        await desk.add(an_invoice("i1"))
        await desk.do(lambda s: s.change_invoice(wrong))
        require(await desk.settled("i1") == 0, "a change set what is settled")
        await desk.bring(a_transaction("t1", allocated=-5, ignored=True))
        row = await desk.look(lambda s: s.get_transaction(TransactionId("t1")))
        plain = row.transaction.allocated == 0 and not row.transaction.ignored
        require(plain, "an import set what is allocated or ignored")


async def aliases_are_kept_by_name_and_vendor(bench: Bench) -> None:
    """Aliases are listed by name, then vendor; the same again replaces; one source can be cleared.

    Key them by name and vendor: one name may stand for two.
    """
    async with bench.desk() as desk:
        given = [
            Alias(name="b", vendor_id="v1"),
            Alias(name="a", vendor_id="v2", source="confirmed"),
            Alias(name="a", vendor_id="v1"),
            Alias(name="b", vendor_id="v1", source="confirmed"),
        ]
        async with desk.unit() as session:
            for alias in given:
                await session.put_alias(alias)
            await session.commit()
        found = await desk.look(lambda s: s.list_aliases())
        wanted = (given[2], given[1], given[3])
        require(found == wanted, f"the aliases are {found}")
        gone = await desk.do(lambda s: s.clear_aliases(source="confirmed"))
        rest = await desk.look(lambda s: s.list_aliases())
        require((gone, rest) == (2, (given[2],)), f"clearing one source left {rest}")
        require(await desk.do(lambda s: s.clear_aliases()) == 1, "clearing all left some")


CHECKS: tuple[Check, ...] = (
    rows_come_back_as_they_were,
    listings_are_in_order_of_ids,
    pages_survive_writes_between_them,
    filters_are_what_they_say,
    bad_cursors_and_limits_are_refused,
    ids_and_numbers_are_taken_once,
    changes_are_kept_and_versioned,
    settled_comes_from_matches_alone,
    aliases_are_kept_by_name_and_vendor,
)
"""Checks of rows and listings; they take `bench`."""
