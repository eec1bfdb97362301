"""Checks of a storage: what people decide about matches, and the balances that follow."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from recon_sdk.checks.builders import a_match, a_transaction, an_allocation, an_invoice
from recon_sdk.checks.contract import Check, require
from recon_sdk.checks.storage.bench import everything, expect
from recon_sdk.errors import ConflictError, DataError, NotFoundError
from recon_sdk.filters import MatchFilter
from recon_sdk.ids import InvoiceId, MatchId, TransactionId
from recon_sdk.invoices import InvoiceStatus
from recon_sdk.matches import Difference, DifferenceKind, MatchKind, MatchStatus
from recon_sdk.money import Money
from recon_sdk.stored import AuditAction
from recon_sdk.transactions import TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recon_sdk.checks.storage.bench import Bench, Desk
    from recon_sdk.matches import Allocation, Match
    from recon_sdk.stored import AuditEvent

__all__ = ["CHECKS"]


async def _rows(desk: Desk, invoices: Sequence[str], transactions: Sequence[str]) -> None:
    """Add invoices and transactions by amount: `100.00` becomes i0, t0 and so on."""
    await desk.add(*(an_invoice(f"i{n}", amount) for n, amount in enumerate(invoices)))
    await desk.bring(*(a_transaction(f"t{n}", amount) for n, amount in enumerate(transactions)))


async def _events(desk: Desk, subject: str = "") -> list[AuditEvent]:
    async with desk.unit() as session:
        return await everything(lambda c: session.list_events(subject=subject, cursor=c, limit=2))


def _pair(invoice: int, transaction: int, amount: str = "100.00") -> Allocation:
    return an_allocation(f"i{invoice}", f"t{transaction}", amount)


async def confirming_moves_balances(bench: Bench) -> None:
    """Confirming settles the invoices and uses the transactions; undoing gives both back.

    Move the counters of all rows of the match in the same transaction as its status.
    """
    batch = a_match(_pair(0, 0, "700.00"), _pair(1, 0, "-120.00"))
    part = a_match(_pair(2, 1, "40.00"))
    async with bench.desk() as desk:
        await _rows(desk, ["700.00", "-120.00", "100.00"], ["-580.00", "-40.00"])
        await desk.propose(batch, part)
        for match in (batch, part):
            stored = await desk.confirm(match)
            require(stored.match.status is MatchStatus.CONFIRMED, "it is not confirmed")
            require(await desk.match(match) == stored, "a later read gives another match")
        async with desk.unit() as session:
            statuses = [
                (await session.get_invoice(InvoiceId(f"i{n}"))).invoice.status for n in range(3)
            ]
            used = [
                (await session.get_transaction(TransactionId(f"t{n}"))).transaction.status
                for n in range(2)
            ]
        paid, partly = InvoiceStatus.PAID, InvoiceStatus.PARTIALLY_PAID
        require(statuses == [paid, paid, partly], f"the invoices are {statuses}")
        require(used == [TransactionStatus.MATCHED] * 2, f"the transactions are {used}")
        for match in (part, batch):
            stored = await desk.undo(match)
            require(stored.match == match, f"the undone match is {stored.match}")
        left = [await desk.settled(f"i{n}") for n in range(3)]
        left += [await desk.allocated(f"t{n}") for n in range(2)]
        require(left == [0] * 5, f"after the undoing the counters are {left}")


async def money_is_never_used_twice(bench: Bench) -> None:
    """What would use more than is left is an `allocation-conflict`, and moves nothing.

    Let the counter decide (`... WHERE allocated + x <= amount`): reading it first and writing it
    later lets two confirmations through.
    """
    async with bench.desk() as desk:
        await _rows(desk, ["60.00", "60.00", "100.00"], ["-100.00", "-80.00", "-80.00"])
        await desk.propose(a_match(_pair(0, 0, "60.00")))
        await desk.do(lambda s: s.add_match([_pair(2, 1, "80.00")]))
        await desk.confirm(a_match(_pair(0, 0, "60.00")))
        for allocation in (_pair(1, 0, "60.00"), _pair(2, 2, "80.00")):
            await expect(
                ConflictError,
                desk.do(lambda s: s.add_match([allocation])),  # noqa: B023
                f"using more than is left: {allocation}",
                "allocation-conflict",
            )
        await desk.do(lambda s: s.add_match([_pair(1, 0, "40.00")]))
        used = [await desk.allocated(f"t{n}") for n in range(3)]
        require(used == [-10_000, -8_000, 0], f"the transactions are used up to {used}")


async def rivals_are_withdrawn_and_come_back(bench: Bench) -> None:
    """Confirming withdraws the proposals that no longer fit; undoing brings those back that do.

    Withdrawn ones are not listed, and confirming one is an `allocation-conflict`; those that still
    fit what is left stay.
    """
    chosen = a_match(_pair(0, 0))
    rival = a_match(_pair(0, 1), score=800_000, alternative_of=chosen.id)
    other = a_match(_pair(1, 0), score=700_000, alternative_of=chosen.id)
    apart = a_match(_pair(2, 2), score=600_000)
    async with bench.desk() as desk:
        await _rows(desk, ["100.00"] * 3, ["-100.00"] * 3)
        await desk.propose(chosen, rival, other, apart)
        everyone = [chosen.id, rival.id, other.id, apart.id]
        require(await desk.proposals() == everyone, "matches are not listed best first")
        await desk.confirm(chosen)
        listed = await desk.proposals()
        require(listed == [chosen.id, apart.id], f"after confirming, {listed} are listed")
        hidden = await desk.look(lambda s: s.list_matches(MatchFilter(withdrawn=True)))
        gone = {row.match.id: row.withdrawn_by for row in hidden}
        wanted = {rival.id: chosen.id, other.id: chosen.id}
        require(gone == wanted, f"the withdrawn matches are {gone}, not {wanted}")
        await expect(
            ConflictError, desk.confirm(rival), "confirming a rival", "allocation-conflict"
        )
        await expect(
            ConflictError, desk.reject(rival), "rejecting a rival", "match-state-conflict"
        )
        await desk.undo(chosen)
        require(await desk.proposals() == everyone, "undoing did not bring the rivals back")
        await desk.confirm(other)
        await desk.confirm(rival)
        blocked = await desk.match(chosen)
        require(blocked.withdrawn_by is not None, "a proposal without balances still stands")
        await desk.undo(other)
        blocked = await desk.match(chosen)
        require(blocked.withdrawn_by is not None, "a proposal came back that does not fit")
        await desk.undo(rival)
        require(await desk.proposals() == everyone, "undoing all did not bring all back")


async def states_change_only_along_the_edges(bench: Bench) -> None:
    """Only proposed to confirmed or rejected, and back by undoing; the rest is refused.

    `match-state-conflict` it is; asking again for what is so already changes nothing at all.
    """
    match = a_match(_pair(0, 0))
    async with bench.desk() as desk:
        await _rows(desk, ["100.00"], ["-100.00"])
        await desk.propose(match)
        conflict = "match-state-conflict"
        await expect(ConflictError, desk.undo(match), "undoing a proposal", conflict)
        seen = await desk.match(match)
        confirmed = await desk.confirm(match)
        await expect(ConflictError, desk.reject(match), "rejecting a confirmed one", conflict)
        again = await desk.do(lambda s: s.confirm(MatchId(match.id), version=seen.version))
        require(again == confirmed, "confirming again changed the match")
        await desk.undo(match)
        rejected = await desk.reject(match)
        require(rejected.match.status is MatchStatus.REJECTED, "it is not rejected")
        await expect(ConflictError, desk.confirm(match), "confirming a rejected one", conflict)
        again = await desk.do(lambda s: s.reject(MatchId(match.id), version=seen.version))
        require(again == rejected, "rejecting again changed the match")
        proposed = await desk.undo(match)
        require(proposed.match == match, f"undone, the match is {proposed.match}")
        for version in (seen.version, confirmed.version, rejected.version):
            act = desk.do(lambda s: s.confirm(MatchId(match.id), version=version))  # noqa: B023
            await expect(ConflictError, act, "confirming an old version", "stale-version")
            act = desk.do(lambda s: s.reject(MatchId(match.id), version=version))  # noqa: B023
            await expect(ConflictError, act, "rejecting an old version", "stale-version")
        await desk.do(lambda s: s.confirm(MatchId(match.id), version=proposed.version))
        stale = desk.do(lambda s: s.undo(MatchId(match.id), version=proposed.version))
        await expect(ConflictError, stale, "undoing an old version", "stale-version")


async def every_edge_leaves_one_event(bench: Bench) -> None:
    """Each decision leaves one audit event with actor, moment, key, and what it withdrew.

    Write it in the same transaction; a refused or repeated call leaves none.
    """
    match, rival = a_match(_pair(0, 0)), a_match(_pair(0, 1), alternative_of="x")
    async with bench.desk() as desk:
        await _rows(desk, ["100.00", "100.00"], ["-100.00"] * 3)
        await desk.propose(match, rival)
        before = dt.datetime.now(dt.UTC)
        async with desk.unit(actor="ann", key="k1") as session:
            await session.confirm(MatchId(match.id))
            await session.confirm(MatchId(match.id))
            await session.commit()
        await expect(ConflictError, desk.reject(match), "rejecting a confirmed one")
        await desk.undo(match)
        await desk.reject(match)
        await desk.reject(match)
        await desk.do(lambda s: s.add_match([_pair(1, 2)]))
        await desk.do(lambda s: s.change_invoice(an_invoice("i0", "90.00")))
        await desk.do(lambda s: s.ignore_transaction(TransactionId("t1")))
        await desk.do(lambda s: s.ignore_transaction(TransactionId("t1")))
        await desk.do(lambda s: s.ignore_transaction(TransactionId("t1"), ignored=False))
        await desk.do(lambda s: s.remove_invoice(InvoiceId("i0")))
        events = await _events(desk)
        actions = [event.action for event in events]
        require(actions == list(_ACTIONS), f"the events are {[a.value for a in actions]}")
        first, undone = events[0], events[1]
        who = first.actor, first.key, first.subject
        require(who == ("ann", "k1", match.id), f"the first event is of {who}")
        require(first.withdrawn == (rival.id,), f"it withdrew {first.withdrawn}")
        require(undone.restored == (rival.id,), f"undoing restored {undone.restored}")
        require(events[4].withdrawn == (rival.id,), f"the change withdrew {events[4].withdrawn}")
        later = dt.datetime.now(dt.UTC)
        moments = [event.at for event in events]
        require(all(at.utcoffset() == dt.timedelta(0) for at in moments), "a moment is not in UTC")
        near = all(before - _HOUR <= at <= later + _HOUR for at in moments) or _is_injected(
            moments
        )
        require(near and moments == sorted(moments), f"the moments are {moments}")
        order = [event.sequence for event in events]
        require(order == sorted(set(order)), f"the sequence is {order}")
        of_match = [event.action for event in await _events(desk, match.id)]
        require(of_match == list(_ACTIONS[:3]), f"the events of the match are {of_match}")


_HOUR = dt.timedelta(hours=1)
_ACTIONS = (
    AuditAction.MATCH_CONFIRMED,
    AuditAction.MATCH_UNDONE,
    AuditAction.MATCH_REJECTED,
    AuditAction.MATCH_ADDED,
    AuditAction.INVOICE_CHANGED,
    AuditAction.TRANSACTION_IGNORED,
    AuditAction.TRANSACTION_RESTORED,
    AuditAction.INVOICE_REMOVED,
)


def _is_injected(moments: Sequence[dt.datetime]) -> bool:
    """Whether the moments are of a clock that a test set: far from now, but near one another."""
    return max(moments) - min(moments) < _HOUR


async def amounts_may_be_chosen(bench: Bench) -> None:
    """A person may confirm other amounts of the same pairs; the rest stays open.

    Take the amounts in place of the proposed ones. A closing difference goes when there is no gap
    left, and a gap without a name is a `DataError`.
    """
    fee = Difference(kind=DifferenceKind.BANK_FEE, amount=Money(-200, "EUR"), invoice_id="i1")
    plain = a_match(_pair(0, 0))
    charged = a_match(an_allocation("i1", "t1", "100.00", "-98.00"), difference=fee)
    async with bench.desk() as desk:
        await _rows(desk, ["100.00"] * 2, ["-100.00", "-98.00"])
        await desk.propose(plain, charged)

        async def confirm(match: Match, *allocations: Allocation) -> Match:
            stored = await desk.do(lambda s: s.confirm(MatchId(match.id), allocations=allocations))
            return stored.match

        for words, wrong in (
            ("other pairs", [_pair(0, 1, "98.00")]),
            ("no pair", []),
            ("a gap without a name", [an_allocation("i0", "t0", "100.00", "-99.00")]),
            ("the wrong sign", [an_allocation("i0", "t0", "-1.00", "1.00")]),
            ("another currency", [an_allocation("i0", "t0", "1.00", currency="USD")]),
        ):
            await expect(DataError, confirm(plain, *wrong), words)
        too_much = confirm(plain, _pair(0, 0, "100.01"))
        await expect(ConflictError, too_much, "more than is open", "allocation-conflict")
        await confirm(plain, _pair(0, 0, "30.00"))
        require(await desk.settled("i0") == 3_000, "the chosen amount was not settled")
        await confirm(plain, _pair(0, 0, "30.00"))
        other = confirm(plain, _pair(0, 0, "20.00"))
        await expect(ConflictError, other, "yet other amounts", "match-state-conflict")
        found = await confirm(charged, _pair(1, 1, "98.00"))
        require(found.difference is None, "a difference stayed though there is no gap")
        require(await desk.settled("i1") == 9_800, "the fee was settled though nobody paid it")


async def people_may_add_their_own(bench: Bench) -> None:
    """A person's own match is confirmed at once, also of rows that no run proposed.

    It takes the place of a proposal of the same pairs. What is no match is a `DataError`.
    """
    async with bench.desk() as desk:
        await _rows(desk, ["100.00"] * 4, ["-100.00", "-200.00", "100.00"])
        proposal = a_match(_pair(0, 0))
        await desk.propose(proposal)
        stored = await desk.do(lambda s: s.add_match([_pair(0, 0)]))
        require(stored.match.id == proposal.id, "the same pairs got another id")
        own = stored.run_id is None and stored.match.status is MatchStatus.CONFIRMED
        require(own, f"a person's own match is {stored}")
        batch = await desk.do(lambda s: s.add_match([_pair(2, 1), _pair(1, 1)]))
        require(batch.match.kind is MatchKind.MANY_TO_ONE, f"two invoices are {batch.match.kind}")
        require([await desk.settled(f"i{n}") for n in range(3)] == [10_000] * 3, "not settled")
        twice = desk.do(lambda s: s.add_match([_pair(0, 0)]))
        await expect(ConflictError, twice, "the same again", "match-state-conflict")
        await desk.undo(batch.match)
        await desk.reject(batch.match)
        rejected = desk.do(lambda s: s.add_match([_pair(1, 1), _pair(2, 1)]))
        await expect(ConflictError, rejected, "a rejected set", "match-state-conflict")
        await desk.do(lambda s: s.add_match([_pair(1, 1)]))
        for words, wrong in (
            ("no allocation", []),
            ("a pair twice", [_pair(3, 1, "10.00"), _pair(3, 1, "10.00")]),
            ("several with several", [_pair(3, 1, "1.00"), _pair(2, 2, "1.00")]),
            ("a gap without a name", [an_allocation("i3", "t1", "100.00", "-90.00")]),
            ("a payment the other way", [an_allocation("i3", "t1", "100.00", "100.00")]),
        ):
            act = desk.do(lambda s: s.add_match(wrong))  # noqa: B023
            await expect(DataError, act, words)
        unknown = desk.do(lambda s: s.add_match([_pair(9, 1)]))
        await expect(NotFoundError, unknown, "an unknown invoice")


async def rows_in_use_stay(bench: Bench) -> None:
    """An invoice or transaction with a confirmed match is not removed, ignored or made too small.

    `invoice-in-use` and `transaction-in-use`. Without one, open proposals go with the row, and so
    do rejections with a removed invoice.
    """
    match, other = a_match(_pair(0, 0, "60.00")), a_match(_pair(1, 1))
    async with bench.desk() as desk:
        await _rows(desk, ["100.00", "100.00"], ["-60.00", "-100.00"])
        await desk.propose(match, other)
        await desk.confirm(match)
        removal = desk.do(lambda s: s.remove_invoice(InvoiceId("i0")))
        await expect(ConflictError, removal, "removing a settled invoice", "invoice-in-use")
        for wrong in (
            an_invoice("i0", "59.99"),
            an_invoice("i0", "-100.00"),
            an_invoice("i0", "100.00", currency="USD"),
            an_invoice("i0", "100.00", void=True),
        ):
            act = desk.do(lambda s: s.change_invoice(wrong))  # noqa: B023
            await expect(ConflictError, act, f"changing it to {wrong.amount}", "invoice-in-use")
        ignoring = desk.do(lambda s: s.ignore_transaction(TransactionId("t0")))
        await expect(ConflictError, ignoring, "ignoring a used one", "transaction-in-use")
        await desk.do(lambda s: s.change_invoice(an_invoice("i0", "60.00")))
        require(await desk.settled("i0") == 6_000, "the change lost what is settled")
        await desk.do(lambda s: s.ignore_transaction(TransactionId("t1")))
        await expect(NotFoundError, desk.match(other), "a proposal of an ignored transaction")
        await desk.do(lambda s: s.ignore_transaction(TransactionId("t1"), ignored=False))
        await desk.propose(other)
        await desk.do(lambda s: s.change_invoice(an_invoice("i1", "100.00", vendor_name="Acme")))
        await expect(NotFoundError, desk.match(other), "a proposal of a changed invoice")
        await desk.propose(other)
        await desk.reject(other)
        await desk.do(lambda s: s.remove_invoice(InvoiceId("i1")))
        await expect(NotFoundError, desk.match(other), "a rejection of a removed invoice")
        require(not (await desk.snapshot()).known.decisions, "a rejection outlived its invoice")


CHECKS: tuple[Check, ...] = (
    confirming_moves_balances,
    money_is_never_used_twice,
    rivals_are_withdrawn_and_come_back,
    states_change_only_along_the_edges,
    every_edge_leaves_one_event,
    amounts_may_be_chosen,
    people_may_add_their_own,
    rows_in_use_stay,
)
"""Checks of decisions; they take `bench`."""
