"""Every check of a storage catches one that breaks just that promise.

Each row is a way to break the in-memory storage: patches that are in force while the check runs.
"""


# ruff: noqa: ARG001, ARG005, EM102, PT008 - stand-ins break rules on purpose

from __future__ import annotations

import asyncio
import contextlib
import json
from unittest import mock

import attrs
import numpy as np
import pytest

from recon_sdk.checks import storage
from recon_sdk.checks.contract import BrokenContractError
from recon_sdk.checks.storage import Bench
from recon_sdk.errors import DataError, NotFoundError, ReconError
from recon_sdk.filters import InvoiceFilter
from recon_sdk.importing import KnownRows, plan_import
from recon_sdk.matches import MatchStatus
from recon_sdk.memory import InMemoryBackend, InMemoryStorage
from recon_sdk.memory import change as change_module
from recon_sdk.memory import session as session_module
from recon_sdk.memory.change import Change
from recon_sdk.memory.session import InMemorySession, Shelf
from recon_sdk.memory.state import State, number_of
from recon_sdk.settlement import Usage
from recon_sdk.stored import Page, RowStatus
from recon_sdk.testing.storage_machine import check_random_histories

CHECKS = {check.__name__: check for check in storage.CHECKS}
BROKEN = []


def breaks(*names):
    """Say which checks catch what a function patches."""

    def mark(patch):
        BROKEN.extend((name, patch) for name in names)
        return patch

    return mark


def replaced(owner, name, make):
    """Patch a function or method with one made from the original."""
    return mock.patch.object(owner, name, make(getattr(owner, name)))


# -- units of work --------------------------------------------------------------------------------


@breaks("nothing_is_kept_without_commit", "cancelled_unit_leaves_nothing_and_holds_nothing")
def leaving_commits():
    def make(end):
        def broken(self):
            if self._draft is not None:
                self._shelf.state = self._draft
            end(self)

        return broken

    return replaced(InMemorySession, "end", make)


@breaks("commit_keeps_everything")
def commit_forgets():
    async def commit(self):
        self.end()

    return mock.patch.object(InMemorySession, "commit", commit)


@breaks("unit_is_over_after_commit")
def session_never_ends():
    return mock.patch.object(InMemorySession, "_check_open", lambda self: None)


@breaks("unit_sees_itself_and_hides_from_others", "readers_see_whole_decisions")
def writes_show_at_once():
    def make(write):
        async def broken(self):
            change = await write(self)
            self._draft = change.state = self._shelf.state
            await asyncio.sleep(0)
            return change

        return broken

    stack = contextlib.ExitStack()
    stack.enter_context(replaced(InMemorySession, "_write", make))

    def slowly(confirm):
        async def broken(self, match_id, **given):
            change = await self._write()
            stored = change.state.matches[match_id]
            usage = session_module.Change._rows_of(change, stored.match.allocations)[0]
            for key in usage:
                row = change.state.invoices[key].invoice
                change._put_invoice(attrs.evolve(row, settled=row.amount.minor))
                await asyncio.sleep(0)
                change._put_invoice(row)
                break
            result = change.confirm(match_id, None, None)
            await asyncio.sleep(0)
            return result

        return broken

    stack.enter_context(replaced(InMemorySession, "confirm", slowly))
    return stack


@breaks("refused_call_changes_nothing")
def batch_is_added_one_by_one():
    def make(add):
        def broken(self, invoices):
            return tuple(row for invoice in invoices for row in add(self, [invoice]))

        return broken

    return replaced(Change, "add_invoices", make)


@breaks("cancelled_unit_leaves_nothing_and_holds_nothing")
def cancelled_unit_keeps_the_lock():
    @contextlib.asynccontextmanager
    async def for_tenant(self, tenant, *, actor="system", key=""):
        session = InMemorySession(
            shelf=self._shelves.setdefault(tenant.id, Shelf()),
            clock=self.clock,
            new_id=self.new_id,
            patience_seconds=0.2,
            actor=actor,
            key=key,
        )
        yield session
        session.end()

    return mock.patch.object(InMemoryStorage, "for_tenant", for_tenant)


@breaks("answers_are_kept_byte_for_byte", "commit_keeps_everything")
def answers_are_text():
    def make(remember):
        async def broken(self, key, answer):
            body = json.dumps(json.loads(answer.body or b"0")).encode()
            await remember(self, key, attrs.evolve(answer, body=body))

        return broken

    return replaced(InMemorySession, "remember", make)


@breaks("answers_are_kept_byte_for_byte")
def any_request_gets_the_answer():
    async def recall(self, key, fingerprint):
        change = await self._write()
        self._held[key] = fingerprint
        return change.state.answers.get(key, (None,))[0]

    return mock.patch.object(InMemorySession, "recall", recall)


@breaks("answers_need_their_key")
def answers_need_no_key():
    async def remember(self, key, answer):
        change = await self._write()
        change.state.answers[key] = answer, change.now

    return mock.patch.object(InMemorySession, "remember", remember)


@breaks("old_answers_can_be_forgotten")
def all_answers_are_forgotten():
    async def forget_answers(self, before):
        answers = (await self._write()).state.answers
        gone = len(answers)
        answers.clear()
        return gone

    return mock.patch.object(InMemorySession, "forget_answers", forget_answers)


@breaks("data_outlives_the_storage")
def nothing():
    return contextlib.nullcontext()


# -- rows and listings ----------------------------------------------------------------------------


@breaks("rows_come_back_as_they_were")
def texts_are_trimmed():
    def make(put):
        def broken(self, invoice):
            return put(self, attrs.evolve(invoice, description=invoice.description[:200]))

        return broken

    return replaced(Change, "_put_invoice", make)


@breaks("rows_come_back_as_they_were")
def money_is_a_float():
    def make(put):
        def broken(self, invoice):
            minor = int(np.float32(invoice.amount.minor))
            return put(
                self, attrs.evolve(invoice, amount=attrs.evolve(invoice.amount, minor=minor))
            )

        return broken

    return replaced(Change, "_put_invoice", make)


def paging(how):
    return mock.patch.object(session_module, "page_of", how)


@breaks("listings_are_in_order_of_ids")
def listings_ignore_case():
    def page(rows, key, cursor, limit):
        def folded(row):
            return tuple(str(k).casefold() if isinstance(k, str) else k for k in key(row))

        return session_module_page(rows, folded, cursor, limit)

    return paging(page)


session_module_page = session_module.page_of


@breaks("pages_survive_writes_between_them")
def pages_are_counted():
    def page(rows, key, cursor, limit):
        at = int(cursor or 0)
        ordered = sorted(rows, key=key)
        more = len(ordered) > at + limit
        return Page(
            items=tuple(ordered[at : at + limit]), next_cursor=str(at + limit) if more else None
        )

    return paging(page)


@breaks("bad_cursors_and_limits_are_refused")
def bad_cursors_start_again():
    def page(rows, key, cursor, limit):
        try:
            return session_module_page(rows, key, cursor, limit)
        except DataError:
            return session_module_page(rows, key, None, max(1, limit))

    return paging(page)


@breaks("bad_cursors_and_limits_are_refused")
def limits_are_not_checked():
    def page(rows, key, cursor, limit):
        return session_module_page(rows, key, cursor, max(1, limit))

    return paging(page)


def listing_invoices(accepts):
    """Filter invoices by another definition."""

    async def list_invoices(self, where=None, *, cursor=None, limit=50):
        where = where or InvoiceFilter()
        rows = [r for r in self._read().invoices.values() if accepts(where, r.invoice)]
        return session_module_page(rows, lambda row: (row.invoice.id,), cursor, limit)

    return mock.patch.object(InMemorySession, "list_invoices", list_invoices)


@breaks("filters_are_what_they_say")
def filters_forget_dates():
    return listing_invoices(
        lambda where, row: attrs.evolve(where, due_from=None, due_to=None).accepts(row)
    )


@breaks("filters_are_what_they_say")
def filters_mix_currencies():
    def accepts(where, row):
        plain = attrs.evolve(where, amount_min=None, amount_max=None)
        least, most = where.amount_min, where.amount_max
        return (
            plain.accepts(row)
            and (least is None or row.amount.minor >= least.minor)
            and (most is None or row.amount.minor <= most.minor)
        )

    return listing_invoices(accepts)


@breaks("filters_are_what_they_say")
def filters_know_wildcards():
    def accepts(where, row):
        text = where.text.replace("%", "").replace("_", "")
        return attrs.evolve(where, text=text).accepts(row)

    return listing_invoices(accepts)


@breaks("ids_and_numbers_are_taken_once")
def numbers_are_free():
    return mock.patch.object(change_module, "number_of", lambda invoice: None)


@breaks("ids_and_numbers_are_taken_once")
def numbers_belong_to_all_vendors():
    def number(invoice):
        found = number_of(invoice)
        return found and ("", "", found[2])

    stack = contextlib.ExitStack()
    stack.enter_context(mock.patch.object(change_module, "number_of", number))
    stack.enter_context(mock.patch("recon_sdk.memory.rows.number_of", number))
    return stack


@breaks("changes_are_kept_and_versioned")
def versions_start_again():
    def make(put):
        def broken(self, invoice):
            old = self.state.invoices.get(invoice.id)
            stored = attrs.evolve(put(self, invoice), version=old.version + 1 if old else 1)
            self.state.invoices[invoice.id] = stored
            return stored

        return broken

    return replaced(Change, "_put_invoice", make)


@breaks("changes_are_kept_and_versioned", "states_change_only_along_the_edges")
def versions_are_not_checked():
    return mock.patch.object(change_module, "_check_version", lambda stored, seen: None)


@breaks("settled_comes_from_matches_alone")
def settled_is_writable():
    def make(change):
        def broken(self, invoice, version):
            stored = change(self, invoice, version)
            return self._put_invoice(attrs.evolve(stored.invoice, settled=invoice.settled))

        return broken

    return replaced(Change, "change_invoice", make)


@breaks("settled_comes_from_matches_alone")
def allocated_is_imported():
    def plan(rows, known):
        new, outcomes = plan_import(rows, known)
        return tuple(
            attrs.evolve(row, transaction=attrs.evolve(row.transaction, ignored=True))
            for row in new
        ), outcomes

    return mock.patch.object(session_module, "plan_import", plan)


@breaks("aliases_are_kept_by_name_and_vendor")
def one_vendor_a_name():
    async def put_alias(self, alias):
        change = await self._write()
        change.state.aliases[alias.name, ""] = alias

    return mock.patch.object(InMemorySession, "put_alias", put_alias)


# -- imports --------------------------------------------------------------------------------------

NO_ROWS = KnownRows(by_id={}, by_bank_id={}, copies={})


def planning(how):
    return mock.patch.object(session_module, "plan_import", how)


@breaks("same_file_twice_stores_nothing_new", "own_ids_tell_rows_apart")
def imports_know_nothing():
    return planning(lambda rows, known: plan_import(rows, NO_ROWS))


@breaks("same_file_twice_stores_nothing_new", "overlapping_files_add_up")
def contents_are_unique():
    def plan(rows, known):
        seen, kept = set(), []
        for row in rows:
            content = row.transaction and attrs.evolve(row.transaction, id="x")
            if content in seen and not (content and content.external_id):
                row = attrs.evolve(row, transaction=None, problem="twin")
            seen.add(content)
            kept.append(row)
        return plan_import(kept, known)

    return planning(plan)


@breaks("overlapping_files_add_up")
def contents_are_never_duplicates():
    count = iter(range(10**6))

    def plan(rows, known):
        named = [
            attrs.evolve(r, derive_id=False, transaction=attrs.evolve(t, id=f"n{next(count)}"))
            for r in rows
            for t in [r.transaction]
        ]
        return plan_import(named, attrs.evolve(known, copies={}))

    return planning(plan)


@breaks("bank_ids_tell_rows_apart", "own_ids_tell_rows_apart")
def reused_ids_are_dropped():
    def plan(rows, known):
        new, outcomes = plan_import(rows, known)
        return new, tuple(
            attrs.evolve(o, status=RowStatus.DUPLICATE, reason="same-id")
            if o.reason.endswith("reused")
            else o
            for o in outcomes
        )

    return planning(plan)


@breaks("bank_ids_tell_rows_apart")
def bank_ids_belong_to_all_accounts():
    def plan(rows, known):
        merged = {("", key[1]): row for key, row in known.by_bank_id.items()}
        moved = [
            attrs.evolve(
                r, transaction=r.transaction and attrs.evolve(r.transaction, account_id="")
            )
            for r in rows
        ]
        return plan_import(moved, attrs.evolve(known, by_bank_id=merged))

    return planning(plan)


@breaks("equal_rows_can_be_forced")
def force_is_ignored():
    return planning(
        lambda rows, known: plan_import([attrs.evolve(r, force=False) for r in rows], known)
    )


@breaks("unreadable_rows_are_reported", "imports_can_be_read_again")
def unreadable_rows_vanish():
    return planning(
        lambda rows, known: plan_import([r for r in rows if r.transaction is not None], known)
    )


@breaks("imports_can_be_read_again")
def imports_keep_their_first_row():
    async def get_import(self, import_id):
        found = self._read().imports[import_id]
        return attrs.evolve(found, rows=found.rows[:1])

    return mock.patch.object(InMemorySession, "get_import", get_import)


@breaks("derived_ids_follow_from_content")
def derived_ids_are_random():
    count = iter(range(10**6))

    def plan(rows, known):
        named = [
            attrs.evolve(
                r,
                derive_id=False,
                transaction=attrs.evolve(r.transaction, id=f"random-{next(count)}"),
            )
            if r.derive_id and r.transaction
            else r
            for r in rows
        ]
        return plan_import(named, known)

    return planning(plan)


# -- decisions ------------------------------------------------------------------------------------


@breaks("confirming_moves_balances", "money_is_never_used_twice")
def transactions_are_not_used():
    def make(move):
        def broken(self, match, sign):
            before = dict(self.state.transactions)
            move(self, match, sign)
            self.state.transactions.update(before)

        return broken

    return replaced(Change, "_move", make)


@breaks(
    "money_is_never_used_twice",
    "parallel_parts_stay_within_the_whole",
    "rivals_are_withdrawn_and_come_back",
)
def nothing_is_in_the_way():
    return mock.patch.object(Usage, "obstacle", lambda *_: "")


@breaks("rivals_are_withdrawn_and_come_back", "every_edge_leaves_one_event")
def rivals_stay():
    return mock.patch.object(Change, "_proposals_near", lambda self, match: [])


@breaks("rivals_are_withdrawn_and_come_back")
def rivals_come_back_whatever_is_left():
    def make(fits):
        return lambda self, match: fits(self, match) or self.state.matches[match.id].withdrawn_by

    return replaced(Change, "_fits", make)


@breaks("states_change_only_along_the_edges", "every_edge_leaves_one_event")
def confirmed_ones_can_be_rejected():
    def reject(self, match_id, version):
        stored = self.state.matches[match_id]
        if stored.match.status is MatchStatus.CONFIRMED:
            self._move(stored.match, -1)
        self._record(change_module.AuditAction.MATCH_REJECTED, match_id)
        return self._put_match(
            attrs.evolve(stored.match, status=MatchStatus.REJECTED), stored.run_id
        )

    return mock.patch.object(Change, "reject", reject)


@breaks("every_edge_leaves_one_event")
def nobody_is_named():
    def make(record):
        def broken(self, *given, **named):
            self.actor = "system"
            record(self, *given, **named)

        return broken

    return replaced(Change, "_record", make)


@breaks("amounts_may_be_chosen")
def chosen_amounts_are_ignored():
    def make(confirm):
        return lambda self, match_id, allocations, version: confirm(self, match_id, None, version)

    return replaced(Change, "confirm", make)


@breaks(
    "amounts_may_be_chosen", "people_may_add_their_own", "contradictory_runs_are_refused_whole"
)
def claims_are_not_checked():
    def claim(allocations, difference, invoices, transactions):
        return change_module.kind_of(allocations)

    return mock.patch.object(change_module, "check_claim", claim)


@breaks("people_may_add_their_own")
def own_matches_are_proposals():
    def make(add):
        def broken(self, allocations, difference):
            stored = add(self, allocations, difference)
            proposed = attrs.evolve(stored.match, status=MatchStatus.PROPOSED)
            return self._put_match(proposed, None)

        return broken

    return replaced(Change, "add_match", make)


@breaks("rows_in_use_stay")
def nothing_is_in_use():
    return mock.patch.object(Change, "_has_confirmed", lambda self, ids: False)


@breaks("rows_in_use_stay")
def proposals_survive_a_change():
    def make(change):
        def broken(self, invoice, version):
            with mock.patch.object(Change, "_discard", lambda self, ids: []):
                return change(self, invoice, version)

        return broken

    return replaced(Change, "change_invoice", make)


# -- runs -----------------------------------------------------------------------------------------


def snapshots(change):
    def make(snapshot):
        async def broken(self):
            return change(self._read(), await snapshot(self))

        return broken

    return replaced(InMemorySession, "snapshot", make)


@breaks("snapshot_shows_what_is_open")
def snapshot_shows_all_rows():
    return snapshots(
        lambda state, seen: attrs.evolve(
            seen, invoices=tuple(row.invoice for row in state.invoices.values())
        )
    )


@breaks("snapshot_shows_what_is_open")
def snapshot_repeats_what_is_settled():
    def change(state, seen):
        decisions = [
            session_module.Decision(status=r.match.status, allocations=r.match.allocations)
            for r in state.matches.values()
            if r.match.status is not MatchStatus.PROPOSED
        ]
        return attrs.evolve(seen, known=attrs.evolve(seen.known, decisions=decisions))

    return snapshots(change)


@breaks("runs_are_kept_whole")
def matches_lose_their_evidence():
    def make(put):
        return lambda self, match, run: put(self, attrs.evolve(match, evidence=0), run)

    return replaced(Change, "_put_match", make)


@breaks("runs_are_kept_whole")
def runs_are_listed_oldest_first():
    async def list_runs(self, *, cursor=None, limit=50):
        rows = enumerate(self._read().runs.values())
        page = session_module_page(rows, lambda row: (row[0],), cursor, limit)
        return Page(items=tuple(run for _, run in page), next_cursor=page.next_cursor)

    return mock.patch.object(InMemorySession, "list_runs", list_runs)


@breaks("runs_replace_only_what_nobody_decided")
def old_proposals_stay():
    def make(save):
        def broken(self, run, matches, expected_epoch):
            with mock.patch.object(Change, "_discard", lambda self, ids: []):
                return save(self, run, matches, expected_epoch)

        return broken

    return replaced(Change, "save_run", make)


@breaks("runs_replace_only_what_nobody_decided")
def decided_sets_come_again():
    def make(save):
        def broken(self, run, matches, expected_epoch):
            for match in matches:
                self.state.matches.pop(match.id, None)
            return save(self, run, matches, expected_epoch)

        return broken

    return replaced(Change, "save_run", make)


@breaks("stale_runs_are_refused")
def epochs_are_not_compared():
    def make(save):
        return lambda self, run, matches, epoch: save(self, run, matches, self.state.epoch)

    return replaced(Change, "save_run", make)


@breaks("stale_runs_are_refused")
def rejections_do_not_count():
    def make(reject):
        def broken(self, *given):
            epoch = self.state.epoch
            stored = reject(self, *given)
            self.state.epoch = epoch
            return stored

        return broken

    return replaced(Change, "reject", make)


@breaks("contradictory_runs_are_refused_whole")
def proposals_are_not_checked():
    return mock.patch.object(Change, "_check_proposal", lambda self, match: None)


# -- tenancy --------------------------------------------------------------------------------------


@breaks(
    "foreign_ids_are_absent_ids",
    "listings_show_one_tenant",
    "tenants_may_use_the_same_ids",
    "tenants_do_not_disturb_each_other",
)
def all_tenants_are_one():
    def make(for_tenant):
        def broken(self, tenant, **given):
            return for_tenant(self, attrs.evolve(tenant, id=tenant.id and "all"), **given)

        return broken

    return replaced(InMemoryStorage, "for_tenant", make)


@breaks("foreign_ids_are_absent_ids")
def foreign_ids_are_told():
    everywhere = set()

    def find(rows, kind, key):
        everywhere.update(rows)
        if key in everywhere and key not in rows:
            raise NotFoundError(f"{kind} {key!r} belongs to another tenant")
        if key not in rows:
            raise NotFoundError(f"no {kind} {key!r}")
        return rows[key]

    stack = contextlib.ExitStack()

    def make(put):
        def broken(self, invoice):
            everywhere.add(invoice.id)
            return put(self, invoice)

        return broken

    stack.enter_context(replaced(Change, "_put_invoice", make))
    stack.enter_context(mock.patch.object(session_module, "found", find))
    return stack


@breaks("tenants_do_not_disturb_each_other")
def one_counter_for_all():
    total = []

    def next_version(self):
        total.append(1)
        self.state.revision = len(total)
        return len(total)

    stack = contextlib.ExitStack()
    stack.enter_context(mock.patch.object(Change, "next_version", next_version))
    stack.enter_context(snapshots(lambda state, seen: attrs.evolve(seen, watermark=len(total))))
    return stack


@breaks("no_tenant_is_refused")
def no_tenant_is_a_tenant():
    def make(for_tenant):
        def broken(self, tenant, **given):
            return for_tenant(self, attrs.evolve(tenant, id=tenant.id or "nobody"), **given)

        return broken

    return replaced(InMemoryStorage, "for_tenant", make)


# -- races ----------------------------------------------------------------------------------------


@breaks(
    "of_rivals_one_is_confirmed",
    "parallel_parts_stay_within_the_whole",
    "one_invoice_is_paid_by_instalments_at_once",
    "of_twin_requests_one_is_executed",
    "one_file_imported_at_once_is_stored_once",
)
def nobody_waits():
    async def write(self):
        self._check_open()
        if self._draft is None:
            self._draft = self._shelf.state.copy()
            await asyncio.sleep(0)
        return Change(state=self._draft, now=self._clock(), actor=self._actor, key=self._key)

    def end(self):
        self._draft = None
        self._over = True

    stack = contextlib.ExitStack()
    stack.enter_context(mock.patch.object(InMemorySession, "_write", write))
    stack.enter_context(mock.patch.object(InMemorySession, "end", end))
    return stack


# -- the tests ------------------------------------------------------------------------------------


@pytest.fixture
def bench():
    return Bench(open=lambda: InMemoryBackend().open("memory:"))


def test_every_check_has_a_storage_that_it_catches():
    assert {name for name, _ in BROKEN} == set(CHECKS)


@pytest.mark.parametrize(("name", "patch"), BROKEN)
def test_check_catches_it(name, patch, bench):
    with patch(), pytest.raises((BrokenContractError, ReconError)):
        asyncio.run(CHECKS[name](bench))


@pytest.mark.parametrize(
    "patch",
    [
        leaving_commits,
        transactions_are_not_used,
        nothing_is_in_the_way,
        rivals_stay,
        confirmed_ones_can_be_rejected,
        own_matches_are_proposals,
        old_proposals_stay,
        decided_sets_come_again,
        nothing_is_in_use,
        proposals_survive_a_change,
        commit_forgets,
        snapshot_repeats_what_is_settled,
    ],
)
def test_random_histories_catch_it(patch, bench):
    with patch(), pytest.raises((BrokenContractError, ReconError)):
        check_random_histories(bench, histories=60, steps=30, shrink=False)


def test_state_copies_share_no_dict():
    state = State()
    copied = state.copy()
    shared = [
        field.name
        for field in attrs.fields(State)
        if getattr(state, field.name) is getattr(copied, field.name)
        and not isinstance(getattr(state, field.name), int)
    ]
    assert shared == []
