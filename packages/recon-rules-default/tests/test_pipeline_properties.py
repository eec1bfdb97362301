"""What holds for every ledger, whatever is in it: the whole pipeline with the default rules."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon_sdk import (
    BankTransaction,
    Decision,
    DecisionKind,
    Direction,
    Invoice,
    Match,
    MatchStatus,
    Money,
    Rate,
    Reason,
    Reconciler,
    Result,
    Strategy,
)
from recon_sdk.settlement import check_claim, usage_of

if TYPE_CHECKING:
    import random

RECONCILER = Reconciler()
GREEDY = Reconciler({"strategy": "greedy"})
RATES = (Rate(base="USD", quote="EUR", micros=920_000, date=dt.date(2024, 1, 1)),)
FIRST = dt.date(2025, 3, 1)
VENDORS = (
    ("v1", "Acme GmbH", "DE89370400440532013000"),
    ("v2", "Brightwater Ltd", "GB29NWBK60161331926819"),
    ("v3", "Ceylon Tea Company", ""),
    ("", "Żabka Polska Sp. z o.o.", ""),
    ("", "", ""),
)
AMOUNTS = (10_000, 12_000, 12_100, 25_000, 4_199, 70_000, 22_000, 100)

many = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@attrs.frozen
class Books:
    invoices: tuple[Invoice, ...]
    transactions: tuple[BankTransaction, ...]

    def run(self, reconciler: Reconciler = RECONCILER, **known: Any) -> Result:
        return reconciler.run(self.invoices, self.transactions, rates=RATES, **known)


def _shown(draw: Any, invoices: list[Invoice]) -> dict[str, str]:
    """What a bank shows of who paid and what for: all of it, some of it or nothing."""
    name, iban = invoices[0].vendor_name, invoices[0].vendor_iban
    quoted = " ".join(i.invoice_number for i in invoices if i.invoice_number)
    return {
        "counterparty_name": draw(
            st.sampled_from([name, name.upper(), "", name[:9], "Unknown Ltd", f"PAYPAL *{name}"])
        ),
        "counterparty_iban": draw(st.sampled_from(["", iban])),
        "description": draw(
            st.sampled_from([quoted, "", quoted.lower(), quoted.replace("-", " "), "thank you"])
        ),
    }


def _owed(draw: Any, count: int, first: int) -> list[Invoice]:
    """Some invoices of one vendor."""
    vendor_id, name, iban = draw(st.sampled_from(VENDORS))
    direction = draw(st.sampled_from([Direction.PAYABLE] * 4 + [Direction.RECEIVABLE, None]))
    currency = draw(st.sampled_from(["EUR", "EUR", "EUR", "EUR", "USD", "JPY"]))
    out = []
    for n in range(first, first + count):
        minor = draw(st.sampled_from(AMOUNTS)) * draw(st.sampled_from([1, 1, 1, 1, 1, -1]))
        issue = FIRST + dt.timedelta(days=draw(st.integers(0, 40)))
        out.append(
            Invoice(
                id=f"i{n}",
                amount=Money(minor, currency),
                issue_date=draw(st.sampled_from([issue, issue, issue, None])),
                due_date=draw(st.sampled_from([issue + dt.timedelta(days=30), None])),
                invoice_number=draw(
                    st.sampled_from([f"INV-20{n:02d}", f"{1000 + n}", "R-77", ""])
                ),
                vendor_id=vendor_id,
                vendor_name=name,
                vendor_iban=iban,
                direction=direction,
                discount_percent=draw(st.sampled_from([None, None, 200])),
                settled=draw(st.sampled_from([0, 0, 0, 0, minor // 2])),
            )
        )
    return out


def _split(draw: Any, owed: int) -> list[int]:
    """The amounts that are paid of what is owed: whole, in parts, more, less or other."""
    how = draw(
        st.sampled_from(
            ["all", "all", "all", "thirds", "parts", "twice", "part", "less", "more", "other"]
        )
    )
    if how == "thirds":
        return [owed // 3, owed // 3, owed - 2 * (owed // 3)]
    if how == "parts":
        first = owed * draw(st.integers(30, 70)) // 100
        return [first, owed - first]
    return {
        "twice": [owed, owed], "part": [owed * 2 // 5], "less": [owed - 3], "more": [owed + 1_000],
        "other": [draw(st.sampled_from(AMOUNTS))],
    }.get(how, [owed])  # fmt: skip


@st.composite
def books(draw: Any, most_stories: int = 4) -> Books:
    """Small ledgers in which much fits together, and much nearly does."""
    invoices: list[Invoice] = []
    transactions = []
    for _ in range(draw(st.integers(1, most_stories))):
        owed = _owed(draw, draw(st.integers(1, 4)), len(invoices))
        invoices += owed
        paid = owed[: draw(st.integers(0, len(owed)))]
        if not paid:
            continue
        whole = sum(i.open_amount.minor for i in paid)
        flow = 1 if owed[0].direction is Direction.RECEIVABLE else -1
        flow *= draw(st.sampled_from([1] * 9 + [-1]))
        abroad = draw(st.sampled_from([False] * 5 + [True]))
        currency = "EUR" if abroad else owed[0].amount.currency
        day = FIRST + dt.timedelta(days=draw(st.integers(0, 70)))
        shown = _shown(draw, paid)
        for minor in _split(draw, whole * 93 // 100 if abroad else whole):
            transactions.append(
                BankTransaction(
                    id=f"t{len(transactions)}",
                    amount=Money(flow * minor, currency),
                    booking_date=day,
                    allocated=draw(st.sampled_from([0] * 9 + [flow * minor // 3])),
                    **shown,
                )
            )
            day += dt.timedelta(days=draw(st.sampled_from([30, 0, 5])))
            if draw(st.booleans()):
                shown = _shown(draw, paid)
    return Books(tuple(invoices), tuple(transactions))


def pairs_of(match: Match) -> frozenset[tuple[str, str]]:
    return frozenset((a.invoice_id, a.transaction_id) for a in match.allocations)


def proposed(result: Result) -> set[frozenset[tuple[str, str]]]:
    return {pairs_of(match) for match in (*result.matches, *result.alternatives)}


def shape_of(result: Result) -> dict[frozenset[tuple[str, str]], tuple[Any, ...]]:
    return {
        pairs_of(m): (m.allocations, m.difference, m.decision, m.reasons, m.evidence)
        for m in result.matches
    }


def total(result: Result) -> int:
    return sum(match.evidence for match in result.matches)


@many
@given(books(), st.randoms(use_true_random=False))
def test_order_of_input_changes_nothing(ledger: Books, chance: random.Random) -> None:
    invoices, transactions = list(ledger.invoices), list(ledger.transactions)
    chance.shuffle(invoices)
    chance.shuffle(transactions)
    mixed = Books(tuple(invoices), tuple(transactions)).run()
    result = ledger.run()
    assert mixed.digest == result.digest
    assert list(mixed.matches) == list(result.matches)
    assert list(mixed.alternatives) == list(result.alternatives)


@many
@given(books(), st.sampled_from(list(Strategy)))
def test_chosen_matches_never_overlap(ledger: Books, strategy: Strategy) -> None:
    result = ledger.run(Reconciler({"strategy": strategy.value}))
    uses = Counter(key for match in result.matches for key in match.invoice_ids)
    uses += Counter(key for match in result.matches for key in match.transaction_ids)
    assert set(uses.values()) <= {1}
    if strategy is Strategy.RANK:
        assert not result.matches


@many
@given(books())
def test_allocations_obey_their_equations_and_balances(ledger: Books) -> None:
    invoices = {invoice.id: invoice for invoice in ledger.invoices}
    transactions = {transaction.id: transaction for transaction in ledger.transactions}
    result = ledger.run()
    for match in (*result.matches, *result.alternatives):
        kind = check_claim(match.allocations, match.difference, invoices, transactions)
        assert kind is match.kind
        usage = usage_of(match.allocations)
        assert usage.obstacle(invoices, transactions) == "", result.explain(match)
        if match.difference is None or match.difference.kind.closes:
            for key, minor in usage.settled.items():
                assert minor == invoices[key].open_amount.minor
    together = usage_of([a for match in result.matches for a in match.allocations])
    assert together.obstacle(invoices, transactions) == ""


@many
@given(books())
def test_difference_is_what_the_rows_differ_by(ledger: Books) -> None:
    result = ledger.run()
    for match in (*result.matches, *result.alternatives):
        context = result.context(match)
        currencies = {i.amount.currency for i in context.invoices}
        if currencies != {t.amount.currency for t in context.transactions}:
            continue
        asked = sum(i.open_amount.minor for i in context.invoices)
        paid = sum(t.unallocated_amount.minor for t in context.transactions)
        flow = 1 if (paid > 0) == (asked > 0) else -1
        named = match.difference.amount.minor if match.difference else 0
        assert flow * paid - asked == named, result.explain(match)


@many
@given(books())
def test_money_never_flows_the_wrong_way(ledger: Books) -> None:
    result = ledger.run()
    for match in (*result.matches, *result.alternatives):
        invoices = {i.id: i for i in result.context(match).invoices}
        for a in match.allocations:
            direction = invoices[a.invoice_id].direction
            if direction is not None:
                flow = 1 if direction is Direction.RECEIVABLE else -1
                assert (a.paid.minor > 0) == (flow * a.settled.minor > 0)


@many
@given(books())
def test_an_auto_match_has_no_equal_answer(ledger: Books) -> None:
    """But for a later payment that repeats its own: there the earlier one is right."""
    result = ledger.run()
    for match in result.matches:
        if match.decision is not DecisionKind.AUTO:
            continue
        without = ledger.run(
            decisions=(Decision(status=MatchStatus.REJECTED, allocations=match.allocations),)
        )
        rivals = sum(
            other.evidence
            for other in without.matches
            if Reason.POSSIBLE_DUPLICATE not in other.reasons
        )
        assert rivals < total(result), result.explain(match)


@many
@given(books(), st.integers(0, 7))
def test_a_copied_invoice_makes_its_match_a_question(ledger: Books, which: int) -> None:
    original = ledger.invoices[which % len(ledger.invoices)]
    copy = attrs.evolve(original, id=original.id + "copy")
    result = Books((*ledger.invoices, copy), ledger.transactions).run()
    for match in result.matches:
        held = {original.id, copy.id} & set(match.invoice_ids)
        if len(held) == 1:
            assert match.decision is DecisionKind.REVIEW, result.explain(match)


@many
@given(books())
def test_no_auto_without_a_known_direction(ledger: Books) -> None:
    result = ledger.run()
    for match in result.matches:
        if any(i.direction is None for i in result.context(match).invoices):
            assert match.decision is DecisionKind.REVIEW


@many
@given(books(), st.data())
def test_a_rejected_set_is_never_proposed_again(ledger: Books, data: Any) -> None:
    result = ledger.run()
    found = [*result.matches, *result.alternatives]
    refused = data.draw(st.sets(st.sampled_from(found), max_size=3)) if found else set()
    decisions = tuple(
        Decision(status=MatchStatus.REJECTED, allocations=match.allocations) for match in refused
    )
    again = ledger.run(decisions=decisions)
    assert not proposed(again) & {decision.pairs for decision in decisions}


@many
@given(books(), st.data())
def test_what_is_confirmed_is_never_touched_again(ledger: Books, data: Any) -> None:
    result = ledger.run()
    matches = list(result.matches)
    taken = data.draw(st.sets(st.sampled_from(matches), min_size=1)) if matches else set()
    again = ledger.run(
        decisions=tuple(
            Decision(status=MatchStatus.CONFIRMED, allocations=match.allocations)
            for match in taken
        )
    )
    together = usage_of([a for match in (*taken, *again.matches) for a in match.allocations])
    invoices = {invoice.id: invoice for invoice in ledger.invoices}
    transactions = {transaction.id: transaction for transaction in ledger.transactions}
    assert together.obstacle(invoices, transactions) == ""
    for match in taken:
        if match.difference is None or match.difference.kind.closes:
            for other in (*again.matches, *again.alternatives):
                assert not set(other.invoice_ids) & set(match.invoice_ids)
                assert not set(other.transaction_ids) & set(match.transaction_ids)


@many
@given(books(), st.randoms(use_true_random=False))
def test_a_decision_replayed_is_the_same(ledger: Books, chance: random.Random) -> None:
    first = ledger.run()
    decisions = [
        Decision(
            status=chance.choice([MatchStatus.CONFIRMED, MatchStatus.REJECTED]),
            allocations=match.allocations,
        )
        for match in first.matches
    ]
    once = ledger.run(decisions=tuple(decisions))
    chance.shuffle(decisions)
    turned = [attrs.evolve(d, allocations=tuple(reversed(d.allocations))) for d in decisions]
    again = ledger.run(decisions=tuple(turned))
    assert again.digest == once.digest
    assert list(again.matches) == list(once.matches)


@many
@given(books(), st.integers(1, 3), st.booleans())
def test_an_unrelated_vendor_changes_no_other_match(ledger: Books, more: int, paid: bool) -> None:
    """With limits: its amounts are its own, so that nobody's payment could be for it."""
    strangers = [
        Invoice(
            id=f"stranger-{n}",
            amount=Money(987_653 + 7 * n, "CHF"),
            issue_date=FIRST + dt.timedelta(days=n),
            due_date=FIRST + dt.timedelta(days=n + 30),
            invoice_number=f"ZZ/{90_000 + n}",
            vendor_id="z",
            vendor_name="Quixotic Xylophones",
            vendor_iban="CH9300762011623852957",
            direction=Direction.PAYABLE,
        )
        for n in range(more)
    ]
    payments = [
        BankTransaction(
            id=f"payment-{n}",
            amount=-invoice.amount,
            booking_date=FIRST + dt.timedelta(days=20 + n),
            counterparty_name="Quixotic Xylophones",
            description=invoice.invoice_number,
        )
        for n, invoice in enumerate(strangers)
        if paid
    ]
    alone = shape_of(ledger.run())
    beside = shape_of(
        Books((*strangers, *ledger.invoices), (*payments, *ledger.transactions)).run()
    )
    kept = {pairs: facts for pairs, facts in beside.items() if "stranger-" not in str(pairs)}
    assert kept == alone
    assert len(beside) - len(kept) == len(payments)


@many
@given(books())
def test_a_score_is_the_clipped_sum_of_its_contributions(ledger: Books) -> None:
    result = ledger.run()
    for match in (*result.matches, *result.alternatives):
        summed = sum(contribution.points for contribution in match.contributions)
        assert match.score == min(max(summed, 0), 1_000_000)
    for candidate in result.candidates:
        summed = sum(contribution.points for contribution in candidate.contributions)
        assert candidate.score == min(max(summed, 0), 1_000_000)


@many
@given(books())
def test_summary_counts_what_the_result_holds(ledger: Books) -> None:
    result = ledger.run()
    summary = result.summary
    assert summary.matches == len(result.matches) == summary.auto + summary.review
    assert summary.matches == sum(summary.by_kind.values())
    assert summary.links == sum(len(match.allocations) for match in result.matches)
    used = {key for match in result.matches for key in match.invoice_ids}
    assert summary.unmatched_invoices == summary.invoices - len(used)
    used = {key for match in result.matches for key in match.transaction_ids}
    assert summary.unmatched_transactions == summary.transactions - len(used)


@many
@given(books())
def test_a_plain_search_never_finds_a_better_whole(ledger: Books) -> None:
    """Where no payment repeats another: there the first settles, whatever its evidence."""
    best, plain = ledger.run(), ledger.run(GREEDY)
    if not best.summary.possible_duplicates and not plain.summary.possible_duplicates:
        assert total(best) >= total(plain)


def test_a_ledger_may_have_one_side_only() -> None:
    invoice = Invoice(id="i", amount=Money(100, "EUR"), issue_date=FIRST)
    payment = BankTransaction(id="t", amount=Money(-100, "EUR"), booking_date=FIRST)
    for ledger in (Books((invoice,), ()), Books((), (payment,)), Books((), ())):
        result = ledger.run()
        assert not result.matches
        assert len(result.unmatched_invoices) == len(ledger.invoices)
        assert len(result.unmatched_transactions) == len(ledger.transactions)
