"""Random histories of a storage, compared with a simple model after every step."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from recon_sdk.checks.builders import a_match, a_transaction, an_allocation, an_invoice
from recon_sdk.checks.contract import require
from recon_sdk.checks.storage.bench import Desk, everything
from recon_sdk.digests import match_id
from recon_sdk.errors import ConflictError
from recon_sdk.filters import MatchFilter
from recon_sdk.ids import InvoiceId, MatchId, RunId
from recon_sdk.money import Money
from recon_sdk.stored import RunRecord
from recon_sdk.testing.storage_model import Model, Part

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from recon_sdk.checks.storage import Bench
    from recon_sdk.matches import Allocation, Match
    from recon_sdk.storage import TenantSession

__all__ = ["check_random_histories"]

_T = TypeVar("_T")
_AMOUNTS = st.sampled_from([1, 40, 60, 100, 160])
_PICK = st.integers(0, 20)
_MOMENT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def check_random_histories(
    bench: Bench, *, histories: int, steps: int, shrink: bool = True
) -> None:
    """Play random histories; one that the model does not agree with is made small and raised.

    Args:
        bench: The storage.
        histories: Number of histories.
        steps: Most steps of one.
        shrink: Whether to make it small.
    """

    class Bound(_Histories):
        """Histories of this storage."""

        def __init__(self) -> None:
            super().__init__(bench)

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, *((Phase.shrink,) if shrink else ())),
            suppress_health_check=list(HealthCheck),
        ),
    )


def _has_invoices(history: _Histories) -> bool:
    return bool(history.model.invoices)


def _has_matches(history: _Histories) -> bool:
    return bool(history.model.matches)


class _Histories(RuleBasedStateMachine):
    """Steps that a tenant may take. Each is committed or abandoned."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.model = Model()
        self.number = 0
        self.runner = asyncio.Runner()
        self.opened = bench.open()
        storage = self.wait(self.opened.__aenter__())
        self.desk = Desk(storage=storage, tenant=self.wait(bench.new_tenant(storage)))

    def teardown(self) -> None:
        """Close the storage."""
        self.wait(self.opened.__aexit__(None, None, None))
        self.runner.close()

    def wait(self, act: Awaitable[_T]) -> _T:
        """Await something in the history's own event loop."""

        async def main() -> _T:
            return await act

        return self.runner.run(main())

    def step(self, act: Callable[[TenantSession], Awaitable[object]], reason: str) -> None:
        """Do something and expect what the model said."""
        try:
            self.wait(self.desk.do(act))
        except ConflictError as refused:
            require(refused.reason == reason, f"refused as {refused.reason!r}, not {reason!r}")
        else:
            require(not reason, f"not refused; the model says {reason!r}")

    # -- steps --------------------------------------------------------------------------------

    @initialize(amounts=st.lists(st.tuples(_AMOUNTS, _AMOUNTS), min_size=3, max_size=4))
    def begin(self, amounts: list[tuple[int, int]]) -> None:
        """Begin with some invoices and payments."""
        for owed, paid in amounts:
            self.add_rows(owed, paid, credit=False)

    @rule(owed=_AMOUNTS, paid=_AMOUNTS, credit=st.booleans())
    def add_rows(self, owed: int, paid: int, credit: bool) -> None:
        """Add an invoice and import a payment, or a credit note and a refund."""
        self.number += 1
        sign = -1 if credit else 1
        invoice, transaction = f"i{self.number}", f"t{self.number}"
        self.model.invoices[invoice] = sign * owed
        self.model.transactions[transaction] = -sign * paid
        self.step(lambda s: s.add_invoices([an_invoice(invoice, Money(sign * owed, "EUR"))]), "")
        row = a_transaction(transaction, Money(-sign * paid, "EUR"), description=transaction)
        self.wait(self.desk.bring(row))

    @precondition(_has_invoices)
    @rule(picks=st.lists(st.tuples(_PICK, _PICK, _PICK, st.booleans()), min_size=1, max_size=6))
    def run(self, picks: list[tuple[int, int, int, bool]]) -> None:
        """Save a run with some pairs and batches of what is left."""
        used: set[str] = set()
        proposals: dict[frozenset[tuple[str, str]], Match] = {}
        for at, to, other, batch in picks:
            parts = self._parts(at, to, other, batch=batch)
            rows = {row for part in parts for row in part[:2]}
            key = Model.key(parts)
            if not parts or key in proposals or not self.model.fits(parts):
                continue
            chosen = used.isdisjoint(rows)
            used |= rows if chosen else set()
            proposals[key] = a_match(
                *(_allocation(part) for part in parts),
                alternative_of=None if chosen else "m_other",
            )
        self.model.run(
            tuple((a.invoice_id, a.transaction_id, a.settled.minor) for a in m.allocations)
            for m in proposals.values()
        )

        async def save(session: TenantSession) -> None:
            seen = await session.snapshot()

            run = RunRecord(
                id=RunId(f"r{self.number}-{len(picks)}-{seen.epoch}"),
                digest="d",
                watermark=seen.watermark,
                started_at=_MOMENT,
                finished_at=_MOMENT,
            )
            await session.save_run(run, tuple(proposals.values()), expected_epoch=seen.epoch)

        self.step(save, "")

    @precondition(_has_matches)
    @rule(pick=_PICK)
    def confirm(self, pick: int) -> None:
        """Confirm a match."""
        self.decide(pick, "confirm", "proposed")

    @precondition(_has_matches)
    @rule(pick=_PICK)
    def reject(self, pick: int) -> None:
        """Reject a match."""
        self.decide(pick, "reject", "proposed")

    @precondition(_has_matches)
    @rule(pick=_PICK)
    def undo(self, pick: int) -> None:
        """Undo what was decided about a match."""
        self.decide(pick, "undo", "confirmed")

    def decide(self, pick: int, verb: str, status: str) -> None:
        """Decide about any match, mostly about one for which it makes sense."""
        every = sorted(self.model.matches, key=sorted)
        fitting = [key for key in every if self.model.matches[key].status == status]
        key = _nth(fitting if fitting and pick % 4 else every, pick)
        reason = getattr(self.model, verb)(key)
        self.step(lambda s: getattr(s, verb)(MatchId(match_id(key))), reason)

    @precondition(_has_matches)
    @rule(pick=_PICK)
    def decide_and_abandon(self, pick: int) -> None:
        """Decide something, and leave without a commit."""
        key = MatchId(match_id(_nth(sorted(self.model.matches, key=sorted), pick)))

        async def act() -> None:
            async with self.desk.unit() as session:
                for verb in (session.undo, session.confirm, session.reject):
                    try:
                        await verb(key)
                    except ConflictError:
                        continue

        self.wait(act())

    @precondition(_has_invoices)
    @rule(at=_PICK, to=_PICK, amount=_AMOUNTS)
    def add_match(self, at: int, to: int, amount: int) -> None:
        """Add a person's own match, of any amount."""
        invoice = _nth(sorted(self.model.invoices), at)
        transaction = _nth(sorted(self.model.transactions), to)
        if self.model.invoices[invoice] * self.model.transactions[transaction] > 0:
            return
        part = invoice, transaction, amount if self.model.invoices[invoice] > 0 else -amount
        self.step(lambda s: s.add_match([_allocation(part)]), self.model.add(part))

    @precondition(_has_invoices)
    @rule(pick=_PICK, amount=_AMOUNTS, away=st.sampled_from([False, False, True]))
    def edit_invoice(self, pick: int, amount: int, away: bool) -> None:
        """Change an invoice's amount, or remove it."""
        key = _nth(sorted(self.model.invoices), pick)
        if away:
            self.step(lambda s: s.remove_invoice(InvoiceId(key)), self.model.remove(key))
            return
        minor = amount if self.model.invoices[key] > 0 else -amount
        invoice = an_invoice(key, Money(minor, "EUR"))
        self.step(lambda s: s.change_invoice(invoice), self.model.change(key, minor))

    # -- what holds after every step ----------------------------------------------------------

    @invariant()
    def storage_says_what_the_model_says(self) -> None:
        """Balances, statuses, listings and the number of events agree, and money is conserved."""
        self.wait(self._compare())

    async def _compare(self) -> None:
        async with self.desk.unit() as session:
            owed = await everything(lambda c: session.list_invoices(cursor=c))
            moved = await everything(lambda c: session.list_transactions(cursor=c))
            shown = await everything(lambda c: session.list_matches(cursor=c))
            hidden = await everything(
                lambda c: session.list_matches(MatchFilter(withdrawn=True), cursor=c)
            )
            events = await everything(lambda c: session.list_events(cursor=c))
            seen = await session.snapshot()
        model = self.model
        balances = {r.invoice.id: (r.invoice.amount.minor, r.invoice.settled) for r in owed}
        wanted = {key: (minor, model.settled(key)) for key, minor in model.invoices.items()}
        require(balances == wanted, f"invoices are {balances}, not {wanted}")
        used = {
            r.transaction.id: (r.transaction.amount.minor, r.transaction.allocated) for r in moved
        }
        wanted = {key: (minor, model.allocated(key)) for key, minor in model.transactions.items()}
        require(used == wanted, f"transactions are {used}, not {wanted}")
        for whole, part in (*balances.values(), *used.values()):
            require(0 <= part <= whole or whole <= part <= 0, f"{part} is used of {whole}")
        found = {
            Model.key(_parts_of(r.match)): (r.match.status.value, r.withdrawn_by is not None)
            for r in (*shown, *hidden)
        }
        known = {key: (m.status, m.withdrawn) for key, m in model.matches.items()}
        require(found == known, f"matches are {found}, not {known}")
        require(len(events) == model.events, f"{len(events)} events, not {model.events}")
        open_ids = [i.id for i in seen.invoices]
        left = sorted(k for k, minor in model.invoices.items() if minor != model.settled(k))
        require(open_ids == left, f"open invoices are {open_ids}, not {left}")
        rejected = {d.pairs for d in seen.known.decisions}
        refused = {key for key, m in model.matches.items() if m.status == "rejected"}
        require(rejected == refused, f"rejections are {rejected}, not {refused}")

    # -- picking ------------------------------------------------------------------------------

    def _parts(self, at: int, to: int, other: int, *, batch: bool) -> tuple[Part, ...]:
        """Give parts of one payment for one or two invoices, as far as the payment goes."""
        transaction = _nth(sorted(self.model.transactions), to)
        left = -(self.model.transactions[transaction] - self.model.allocated(transaction))
        names = {_nth(sorted(self.model.invoices), at)}
        names |= {_nth(sorted(self.model.invoices), other)} if batch else set()
        parts = []
        for name in sorted(names):
            opened = self.model.invoices[name] - self.model.settled(name)
            if opened * left > 0:
                minor = min(opened, left, key=abs)
                parts.append((name, transaction, minor))
                left -= minor
        return tuple(parts)


def _nth(keys: Sequence[_T], pick: int) -> _T:
    return keys[pick % len(keys)]


def _allocation(part: Part) -> Allocation:
    invoice, transaction, minor = part
    return an_allocation(invoice, transaction, Money(minor, "EUR"))


def _parts_of(match: Match) -> list[Part]:
    return [(a.invoice_id, a.transaction_id, a.settled.minor) for a in match.allocations]
