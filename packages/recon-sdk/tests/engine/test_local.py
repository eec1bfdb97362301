from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from recon_sdk import DecisionKind, DifferenceKind, Keys, MatchKind, Reason, Strategy
from recon_sdk.checks.builders import a_transaction, an_invoice
from recon_sdk.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable

ACME: dict[str, Any] = {"vendor_id": "v1", "vendor_name": "Acme GmbH"}
INVOICES = (
    an_invoice("i1", "100.00", invoice_number="RE-1001", **ACME),
    an_invoice("i2", "250.00", invoice_number="RE-1002", **ACME),
)
TRANSACTIONS = (
    a_transaction("t1", "-100.00", description="RE-1001", counterparty_name="Acme GmbH"),
    a_transaction("t2", "-250.00", description="RE-1002", counterparty_name="Acme GmbH"),
)


def fail(_: Any) -> Any:
    msg = "broken"
    raise ValueError(msg)


def links(result: Any) -> list[tuple[str, str]]:
    return [(a.invoice_id, a.transaction_id) for m in result.matches for a in m.allocations]


def test_a_run_matches_decides_and_times_its_stages(run: Callable[..., Any]) -> None:
    result = run(INVOICES, TRANSACTIONS)
    assert links(result) == [("i1", "t1"), ("i2", "t2")]
    assert {match.decision for match in result.matches} == {DecisionKind.AUTO}
    assert list(result.summary.seconds) == [
        "recognise", "block", "score", "group", "assign", "decide",
    ]  # fmt: skip
    assert result.summary.counts["pairs compared"] == 4


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (fail, "raised ValueError: broken"),
        (lambda _: None, "returned NoneType, not a float64 array"),
        (lambda pairs: [0.5] * len(pairs), "returned list, not a float64 array"),
        (lambda pairs: np.ones(len(pairs), np.float32), "an array of float32, not float64"),
        (lambda pairs: np.ones(len(pairs), np.int64), "an array of int64, not float64"),
        (lambda pairs: np.ones(len(pairs) + 1), "returned shape"),
        (lambda pairs: np.ones((len(pairs), 1)), "returned shape"),
        (lambda pairs: np.full(len(pairs), np.inf), "returned an infinite value"),
        (lambda pairs: np.full(len(pairs), -np.inf), "returned an infinite value"),
        (lambda pairs: np.full(len(pairs), 1.0000001), "which is not from 0 to 1"),
        (lambda pairs: np.full(len(pairs), -0.5), "which is not from 0 to 1"),
    ],
)
def test_a_rule_that_fails_is_set_aside_and_nothing_is_auto(
    run: Callable[..., Any], toys: Any, answer: Any, detail: str
) -> None:
    rules = (toys.Rule(), toys.Rule(name="broken_rule", values=answer))
    result = run(INVOICES, TRANSACTIONS, rules=rules)
    (failure,) = result.summary.failures
    assert (failure.plugin, failure.name) == ("rules-default", "broken_rule")
    assert detail in failure.detail
    assert links(result) == links(run(INVOICES, TRANSACTIONS))
    for match in result.matches:
        assert match.reasons == (Reason.RULE_FAILED,)
        assert [c.rule for c in match.contributions] == ["same_amount"]
        assert "a rule failed in this run" in result.explain(match)


def test_a_rule_without_an_opinion_is_no_fault(run: Callable[..., Any], toys: Any) -> None:
    silent = toys.Rule(name="silent", values=lambda pairs: np.full(len(pairs), np.nan))
    result = run(INVOICES, TRANSACTIONS, rules=(toys.Rule(), silent))
    assert not result.summary.failures
    values = {c.rule: c.value for c in result.matches[0].contributions}
    assert values == {"same_amount": 1_000_000, "silent": None}


@attrs.frozen
class BadBlocker:
    """Gives keys of some form, or raises."""

    keys: Any
    name: str = "broken_blocker"
    days_before: int = 1
    days_after: int = 1

    def invoice_keys(self, ledger: Any) -> Any:
        return self.keys(len(ledger.invoices))

    def transaction_keys(self, ledger: Any) -> Any:
        return self.keys(len(ledger.transactions))


@pytest.mark.parametrize(
    ("keys", "detail"),
    [
        (fail, "raised ValueError in invoice_keys: broken"),
        (lambda _: None, "raised AttributeError in invoice_keys"),
        (lambda n: Keys(np.arange(n), np.arange(n)), "no uint64 array"),
        (lambda n: Keys(np.arange(n), list(range(n))), "no uint64 array"),  # type: ignore[arg-type]
        (lambda n: Keys(np.arange(n), np.ones((n, 1), np.uint64)), "no uint64 array"),
        (lambda n: Keys(np.arange(n + 1), np.ones(n, np.uint64)), "no int64 array as long"),
        (lambda n: Keys(np.arange(n, dtype=np.int32), np.ones(n, np.uint64)), "no int64 array"),
        (lambda n: Keys(np.arange(n) + 1, np.ones(n, np.uint64)), "a row outside 0 to 1"),
        (lambda n: Keys(np.arange(n) - 1, np.ones(n, np.uint64)), "a row outside 0 to 1"),
    ],
)
def test_a_blocker_that_fails_is_set_aside_and_nothing_is_auto(
    run: Callable[..., Any], toys: Any, keys: Any, detail: str
) -> None:
    result = run(INVOICES, TRANSACTIONS, blockers=(toys.Blocker(), BadBlocker(keys)))
    (failure,) = result.summary.failures
    assert (failure.plugin, failure.name) == ("rules-default", "broken_blocker")
    assert detail in failure.detail
    assert links(result) == [("i1", "t1"), ("i2", "t2")]
    assert {match.reasons for match in result.matches} == {(Reason.RULE_FAILED,)}


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (fail, "raised ValueError: broken"),
        (lambda _: None, "did not return a float64 array"),
        (lambda gaps: np.ones(len(gaps), np.float32), "did not return a float64 array"),
        (lambda gaps: np.ones(len(gaps) + 1), "returned shape"),
        (lambda gaps: np.full(len(gaps), np.nan), "not a probability"),
        (lambda gaps: np.full(len(gaps), 1.5), "not a probability"),
    ],
)
def test_a_difference_model_that_fails_is_set_aside(
    run: Callable[..., Any], toys: Any, answer: Any, detail: str
) -> None:
    short = attrs.evolve(TRANSACTIONS[0], amount=a_transaction("x", "-98.00").amount)
    models = (toys.Model(), toys.Model(name="broken_model", answer=answer))
    result = run(INVOICES, [short, TRANSACTIONS[1]], {"threshold": 0}, models=models)
    (failure,) = result.summary.failures
    assert (failure.name, failure.plugin) == ("broken_model", "rules-default")
    assert detail in failure.detail
    assert result.matches[0].difference.kind is DifferenceKind.BANK_FEE
    assert {match.decision for match in result.matches} == {DecisionKind.REVIEW}


@pytest.mark.parametrize(
    "kind",
    [DifferenceKind.UNDERPAYMENT, DifferenceKind.OVERPAYMENT, DifferenceKind.UNEXPLAINED],
)
def test_a_difference_model_may_not_leave_something_open(
    run: Callable[..., Any], toys: Any, kind: DifferenceKind
) -> None:
    short = attrs.evolve(TRANSACTIONS[0], amount=a_transaction("x", "-98.00").amount)
    result = run(INVOICES, [short], models=(toys.Model(kind=kind),))
    (failure,) = result.summary.failures
    assert failure.detail == f"names gaps {kind.value!r}, which settles nothing"


def test_several_parts_may_fail_one_after_the_other(run: Callable[..., Any], toys: Any) -> None:
    rules = (toys.Rule(), *(toys.Rule(name=name, values=fail) for name in ("one", "two")))
    blockers = (toys.Blocker(), BadBlocker(fail))
    result = run(INVOICES, TRANSACTIONS, rules=rules, blockers=blockers)
    assert sorted(f.name for f in result.summary.failures) == ["broken_blocker", "one", "two"]
    assert links(result) == [("i1", "t1"), ("i2", "t2")]


def change(**fields: Any) -> Any:
    return lambda found: attrs.evolve(
        found, **{name: make(getattr(found, name)) for name, make in fields.items()}
    )


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        (fail, "raised ValueError: broken"),
        (lambda _: None, "raised AttributeError"),
        (change(chosen=lambda a: a.tolist()), "'chosen' as a one-dimensional int64 array"),
        (change(margin=lambda a: a.astype(float)), "'margin' as a one-dimensional int64 array"),
        (change(complete=lambda a: a.astype(int)), "'complete' as a one-dimensional bool array"),
        (change(margin=lambda a: a[:-1]), "its columns differ in length"),
        (change(chosen=lambda a: a[::-1].copy()), "positions of hypotheses, ascending"),
        (change(chosen=lambda a: a + 100), "positions of hypotheses, ascending"),
        (change(chosen=lambda a: a - 100), "positions of hypotheses, ascending"),
    ],
)
def test_a_run_cannot_go_on_with_a_wrong_assigner(
    run: Callable[..., Any], toys: Any, changed: Any, detail: str
) -> None:
    with pytest.raises(PluginError, match=detail) as caught:
        run(INVOICES, TRANSACTIONS, assigner=toys.Assigner(change=changed))
    assert caught.value.hook == "assign"


def test_an_assigner_may_not_choose_what_overlaps(run: Callable[..., Any], toys: Any) -> None:
    twice = change(
        chosen=lambda _: np.array([0, 1]),
        margin=lambda _: np.array([0, 0]),
        complete=lambda _: np.array([True, True]),
    )
    payments = [TRANSACTIONS[0], attrs.evolve(TRANSACTIONS[0], id="t9", description="")]
    with pytest.raises(PluginError, match="chose hypotheses that overlap"):
        run(INVOICES[:1], payments, assigner=toys.Assigner(change=twice))


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (fail, "raised ValueError: broken"),
        (lambda _: None, "must return one int64"),
        (lambda claims: np.zeros(len(claims), np.int32), "must return one int64"),
        (lambda claims: np.zeros(len(claims) + 1, np.int64), "must return one int64"),
        (lambda claims: np.full(len(claims), -1), "bits that stand for no reason"),
        (lambda claims: np.full(len(claims), 1 << 40), "bits that stand for no reason"),
    ],
)
def test_a_run_cannot_go_on_with_a_wrong_policy(
    run: Callable[..., Any], toys: Any, answer: Any, detail: str
) -> None:
    with pytest.raises(PluginError, match=detail) as caught:
        run(INVOICES, TRANSACTIONS, policy=toys.Policy(answer=answer))
    assert caught.value.hook == "decide"


def test_a_policy_that_lets_all_through_cannot_make_a_failed_run_auto(
    run: Callable[..., Any], toys: Any
) -> None:
    rules = (toys.Rule(), toys.Rule(name="broken_rule", values=fail))
    easy = toys.Policy(answer=lambda claims: np.zeros(len(claims), np.int64))
    result = run(INVOICES, TRANSACTIONS, rules=rules, policy=easy)
    assert {match.decision for match in result.matches} == {DecisionKind.REVIEW}


def test_the_strategy_rank_chooses_nothing(run: Callable[..., Any]) -> None:
    result = run(INVOICES, TRANSACTIONS, {"strategy": Strategy.RANK.value})
    assert not result.matches
    assert not result.alternatives
    assert [(c.invoice_id, c.transaction_id, c.rank) for c in result.candidates] == [
        ("i1", "t1", 1), ("i2", "t2", 1), ("i2", "t1", 2),
    ]  # fmt: skip


def test_top_n_bounds_the_candidates_of_an_invoice(run: Callable[..., Any]) -> None:
    result = run(INVOICES, TRANSACTIONS, {"strategy": "rank", "top_n": 1})
    assert [(c.invoice_id, c.transaction_id) for c in result.candidates] == links(
        run(INVOICES, TRANSACTIONS)
    )


def test_a_threshold_leaves_out_what_scores_less(run: Callable[..., Any]) -> None:
    assert links(run(INVOICES, TRANSACTIONS, {"threshold": 0.75}))
    assert not links(run(INVOICES, TRANSACTIONS, {"threshold": 0.76}))


@pytest.mark.parametrize(("nearest", "cut"), [(1, 2), (2, 0), (20, 0)])
def test_rows_cut_by_a_limit_are_counted(run: Callable[..., Any], nearest: int, cut: int) -> None:
    payments = [TRANSACTIONS[0], attrs.evolve(TRANSACTIONS[0], id="t9")]
    result = run(INVOICES[:1], payments, {"limits": {"nearest": nearest}})
    assert result.summary.counts["rows cut by limits.nearest"] == cut


@pytest.mark.parametrize("budget", [1, 2, 1000])
def test_the_budget_of_a_batch_of_pairs_changes_no_answer(
    run: Callable[..., Any], budget: int
) -> None:
    result = run(INVOICES, TRANSACTIONS, {"limits": {"pairs_per_batch": budget}})
    assert [m.allocations for m in result.matches] == [
        m.allocations for m in run(INVOICES, TRANSACTIONS).matches
    ]


@pytest.mark.parametrize(
    ("invoices", "transactions"), [((), ()), (INVOICES, ()), ((), TRANSACTIONS)]
)
def test_an_empty_side_is_no_error(
    run: Callable[..., Any], invoices: Any, transactions: Any
) -> None:
    result = run(invoices, transactions)
    assert not result.matches
    assert len(result.unmatched_invoices) == len(invoices)
    assert len(result.unmatched_transactions) == len(transactions)


def test_a_booking_date_far_away_is_only_a_date(run: Callable[..., Any]) -> None:
    never = a_transaction("t9", "-7.00", booking_date="9999-12-31")
    first = a_transaction("t8", "-7.00", booking_date="1900-01-01")
    result = run(INVOICES, [*TRANSACTIONS, never, first])
    assert links(result) == [("i1", "t1"), ("i2", "t2")]
    assert not result.summary.failures


def test_progress_names_the_stages(reconciler: Callable[..., Any]) -> None:
    told: list[tuple[str, int, int]] = []
    reconciler().run(INVOICES, TRANSACTIONS, progress=lambda *args: told.append(args))
    assert [stage for stage, done, _ in told if not done] == [
        "read", "recognise", "block", "score", "group", "assign", "decide", "digest",
    ]  # fmt: skip
    assert ("score", 2, 2) in told


def test_trusted_identity_of_a_plugin_counts_and_that_of_others_does_not(
    run: Callable[..., Any], toys: Any
) -> None:
    from recon_sdk import Evidence, Role

    knows = toys.Rule(
        name="knows",
        role=Role.BOOST,
        evidence=Evidence.IDENTITY,
        values=lambda pairs: np.ones(len(pairs)),
    )
    unnamed = [an_invoice("i1", "123.45")]
    payments = [a_transaction("t1", "-123.45")]
    decisions = {}
    for trusted in (["rules-default"], []):
        result = run(unnamed, payments, {"trusted_identity": trusted}, rules=(toys.Rule(), knows))
        decisions[bool(trusted)] = result.matches[0].decision
    assert decisions == {True: DecisionKind.AUTO, False: DecisionKind.REVIEW}


def test_dear_rules_see_only_the_survivors(run: Callable[..., Any], toys: Any) -> None:
    from recon_sdk import Cost

    seen: list[int] = []

    def count(pairs: Any) -> Any:
        seen.append(len(pairs))
        return np.zeros(len(pairs))

    payments = [a_transaction(f"t{n}", f"-{n + 1}.00", counterparty_name="Acme") for n in range(9)]
    dear = toys.Rule(name="dear", values=count, cost=Cost.PYTHON, weight=0.1)
    run(
        [an_invoice("i", "777.00", **ACME)],
        payments,
        {"strategy": "rank", "limits": {"survivors": 2}, "top_n": 9},
        rules=(toys.Rule(values=lambda pairs: pairs.transaction_rows / 10.0), dear),
    )
    assert seen == [3]  # the best two, and the one that the rule could still lift above them


def test_batches_and_instalments_are_found_without_the_default_rules(
    run: Callable[..., Any],
) -> None:
    more = an_invoice("i3", "900.00", invoice_number="RE-1003", vendor_name="Beta Ltd")
    result = run(
        [*INVOICES, more],
        [
            a_transaction(
                "t1", "-350.00", description="RE-1001 RE-1002", counterparty_name="Acme"
            ),
            a_transaction("t2", "-500.00", description="RE-1003", booking_date="2026-03-20"),
            a_transaction("t3", "-400.00", description="RE-1003", booking_date="2026-04-20"),
        ],
    )
    assert [match.kind for match in result.matches] == [
        MatchKind.MANY_TO_ONE, MatchKind.ONE_TO_MANY,
    ]  # fmt: skip
    assert result.summary.links == 4
