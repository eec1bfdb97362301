"""Random histories of a storage, compared with a simple model after every step."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
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
    from collections.abc import Awaitable, Callable

    from recon_sdk.checks.storage import Bench
    from recon_sdk.matches import Match
    from recon_sdk.storage import TenantSession

__all__ = ["check_random_histories"]

_T = TypeVar("_T")
_AMOUNTS = st.sampled_from([1, 40, 60, 100, 160])
_PICK = st.integers(0, 20)
_MOMENT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def check_random_histories(bench: Bench, *, histories: int, steps: int) -> None:
    """Play random histories; one that the model does not agree with is made small and raised.

    Args:
        bench: The storage.
        histories: Number of histories.
        steps: Most steps of one.
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
            suppress_health_check=list(HealthCheck),
        ),
    )


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

    @rule(amount=_AMOUNTS, credit=st.booleans())
    def add_invoice(self, amount: int, credit: bool) -> None:
        """Add an invoice or a credit note."""
        self.number += 1
        key, minor = f"i{self.number}", -amount if credit and amount < 100 else amount
        self.model.invoices[key] = minor
        self.step(lambda s: s.add_invoices([an_invoice(key, Money(minor, "EUR"))]), "")

    @rule(amount=_AMOUNTS, refund=st.booleans())
    def add_transaction(self, amount: int, refund: bool) -> None:
        """Import a payment."""
        self.number += 1
        key, minor = f"t{self.number}", amount if refund and amount < 100 else -amount
        self.model.transactions[key] = minor
        self.wait(
            self.desk.bring(
                a_transaction(key, Money(minor, "EUR"), description=f"row {self.number}")
            )
        )

    @precondition(lambda self: self.model.invoices and self.model.transactions)
    @rule(picks=st.lists(st.tuples(_PICK, _PICK, _PICK, st.booleans()), max_size=5))
    def run(self, picks: list[tuple[int, int, int, bool]]) -> None:
        """Save a run with some pairs and batches that fit."""
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

    @precondition(lambda self: self.model.matches)
    @rule(pick=_PICK, verb=st.sampled_from(["confirm", "confirm", "reject", "undo"]))
    def decide(self, pick: int, verb: str) -> None:
        """Confirm, reject or undo a match."""
        key = self._match(pick)
        reason = getattr(self.model, verb)(key)
        self.step(lambda s: getattr(s, verb)(MatchId(match_id(key))), reason)

    @precondition(lambda self: self.model.matches)
    @rule(pick=_PICK)
    def decide_and_abandon(self, pick: int) -> None:
        """Decide something, and leave without a commit."""
        key = MatchId(match_id(self._match(pick)))

        async def act() -> None:
            async with self.desk.unit() as session:
                for verb in (session.undo, session.confirm, session.reject):
                    try:
                        await verb(key)
                    except ConflictError:
                        continue

        self.wait(act())

    @precondition(lambda self: self.model.invoices and self.model.transactions)
    @rule(at=_PICK, to=_PICK, amount=_AMOUNTS)
    def add_match(self, at: int, to: int, amount: int) -> None:
        """Add a person's own match, of any amount."""
        parts = self._parts(at, to, 0, batch=False)
        if not parts:
            return
        ((invoice, transaction, minor),) = parts
        part = invoice, transaction, amount if minor > 0 else -amount
        self.step(lambda s: s.add_match([_allocation(part)]), self.model.add(part))

    @precondition(lambda self: self.model.invoices)
    @rule(pick=_PICK, amount=_AMOUNTS)
    def change_invoice(self, pick: int, amount: int) -> None:
        """Change an invoice's amount."""
        key = _nth(self.model.invoices, pick)
        minor = amount if self.model.invoices[key] > 0 else -amount
        invoice = an_invoice(key, Money(minor, "EUR"))
        self.step(lambda s: s.change_invoice(invoice), self.model.change(key, minor))

    @precondition(lambda self: self.model.invoices)
    @rule(pick=_PICK)
    def remove_invoice(self, pick: int) -> None:
        """Remove an invoice."""
        key = _nth(self.model.invoices, pick)
        self.step(lambda s: s.remove_invoice(InvoiceId(key)), self.model.remove(key))

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

    def _match(self, pick: int) -> frozenset[tuple[str, str]]:
        keys = sorted(self.model.matches, key=sorted)
        return keys[pick % len(keys)]

    def _parts(self, at: int, to: int, other: int, *, batch: bool) -> tuple[Part, ...]:
        """Give parts of one payment for one or two invoices, as far as the signs allow."""
        transaction = _nth(self.model.transactions, to)
        flow = self.model.transactions[transaction]
        names = {_nth(self.model.invoices, at)}
        names |= {_nth(self.model.invoices, other)} if batch else set()
        parts = tuple((name, transaction, self.model.invoices[name]) for name in sorted(names))
        total = -sum(minor for *_, minor in parts)
        return parts if total * flow > 0 else ()


def _nth(rows: dict[str, Any], pick: int) -> str:
    keys = sorted(rows)
    return keys[pick % len(keys)]


def _allocation(part: Part) -> Any:
    invoice, transaction, minor = part
    return an_allocation(invoice, transaction, Money(minor, "EUR"))


def _parts_of(match: Match) -> list[Part]:
    return [(a.invoice_id, a.transaction_id, a.settled.minor) for a in match.allocations]
