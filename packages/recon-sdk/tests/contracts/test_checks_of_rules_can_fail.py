"""Every check of a rule catches a rule that breaks just that promise."""

# ruff: noqa: ARG001, DTZ011, RUF012, S311 - stand-ins break rules on purpose

from __future__ import annotations

import contextlib
import datetime as dt
import random
import socket
import time
from typing import Any

import attrs
import numpy as np
import pytest

from recon_sdk.checks import rules
from recon_sdk.checks.contract import BrokenContractError, run_checks
from recon_sdk.rules import Cost, Evidence, Role, pair_rule
from recon_sdk.testing import RuleContract, all_pairs, sample_ledger


def same_amount(pairs):
    values = (pairs.gap == 0).astype(np.float64)
    values[pairs.unallocated_amount == 0] = np.nan
    return values


def plain_words(value, invoice, transaction):
    return f"{invoice.id} and {transaction.id} say {value:g}"


@attrs.frozen(kw_only=True)
class Rule:
    """A rule made of functions, so that a row of the table can break one thing."""

    how: Any = same_amount
    words: Any = plain_words
    name: str = "same_amount"
    version: str = "1"
    evidence: Evidence = Evidence.AMOUNT
    role: Role = Role.SCORE
    weight: float = 0.5
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP

    def score(self, pairs):
        return self.how(pairs)

    def describe(self, value, invoice, transaction):
        return self.words(value, invoice, transaction)


class TestRule(RuleContract):
    @pytest.fixture
    def rule(self):
        return Rule()


@pair_rule(weight=0.2)
def same_month(invoice, transaction):
    "issued and paid in one month"
    if invoice.issue_date is None:
        return None
    return float(invoice.issue_date.month == transaction.booking_date.month)


class TestPairRule(RuleContract):
    lacks = {"pickle": "the function behind the rule goes by the name that now means the rule"}

    @pytest.fixture
    def rule(self):
        return same_month


def halves(pairs):
    return np.full(len(pairs), 0.5, np.float32)


def too_long(pairs):
    return np.ones(len(pairs) + 1)


def percent(pairs):
    return same_amount(pairs) * 100


def infinite(pairs):
    return np.full(len(pairs), np.inf)


def a_list(pairs):
    return same_amount(pairs).tolist()


def nothing_of_nothing(pairs):
    return np.ones(max(1, len(pairs)))


def random_values(pairs):
    return np.random.default_rng().random(len(pairs))


def rank_in_the_batch(pairs):
    return np.arange(len(pairs)) / max(1, len(pairs))


def share_of_the_batch(pairs):
    amount = np.abs(pairs.open_amount).astype(np.float64)
    return amount / max(amount.max(initial=0.0), 1.0)


def writes_to_the_ledger(pairs):
    pairs.ledger.invoices.open_amount[:] += 1
    return np.ones(len(pairs))


def writes_to_the_batch(pairs):
    pairs.invoice_rows.sort()
    pairs.transaction_rows[:] = 0
    return np.ones(len(pairs))


def by_age(pairs):
    age = (dt.date.today() - dt.date(2026, 1, 1)).days
    return np.full(len(pairs), 0.5 if age else 0.4)


def by_now(pairs):
    return np.full(len(pairs), 0.5 if dt.datetime.now(dt.UTC).year else 0.4)


def by_clock(pairs):
    return np.full(len(pairs), 0.5 if time.time() else 0.4)


def by_chance(pairs):
    return np.full(len(pairs), 0.5 if random.random() < 2 else 0.4)


def by_network(pairs):
    with socket.socket() as made:
        made.settimeout(0.01)
        with contextlib.suppress(OSError):
            made.connect(("127.0.0.1", 9))
    return np.full(len(pairs), 0.5)


def by_hash(pairs):
    names = [pairs.ledger.texts[code] for code in pairs.vendor_name.tolist()]
    return np.array([hash(name) % 1000 / 1000 for name in names])


class CountingCalls:
    calls = 0

    def __call__(self, pairs):
        self.calls += 1
        return np.full(len(pairs), 1 / self.calls)


def no_words(value, invoice, transaction):
    return ""


def a_sentence(value, invoice, transaction):
    return "It fits."


def two_lines(value, invoice, transaction):
    return "it\nfits"


def not_a_text(value, invoice, transaction):
    return value


BROKEN = {
    "rule_says_what_it_is": [
        Rule(name="Same Amount"),
        Rule(version=""),
        Rule(weight=11),
        Rule(upper_bound=1.5),
        Rule(evidence="amount of money"),
        object(),
    ],
    "every_pair_gets_a_value": [
        Rule(how=how) for how in (halves, too_long, percent, infinite, a_list, nothing_of_nothing)
    ],
    "values_stay_below_the_bound": [Rule(upper_bound=0.5)],
    "same_pairs_get_the_same_values": [Rule(how=random_values), Rule(how=CountingCalls())],
    "values_do_not_depend_on_the_batch": [
        Rule(how=rank_in_the_batch),
        Rule(how=share_of_the_batch),
    ],
    "input_is_left_as_it_was": [Rule(how=writes_to_the_ledger), Rule(how=writes_to_the_batch)],
    "evidence_is_worded": [
        Rule(words=words) for words in (no_words, a_sentence, two_lines, not_a_text)
    ],
    "scoring_stays_inside": [
        Rule(how=how) for how in (by_age, by_now, by_clock, by_chance, by_network)
    ],
    "values_are_the_same_elsewhere": [
        Rule(how=by_hash),
        Rule(how=lambda pairs: same_amount(pairs)),  # cannot be pickled
    ],
}
CHECKS = {check.__name__: check for check in rules.CHECKS}


@pytest.fixture
def pairs():
    return all_pairs(sample_ledger())


def test_every_check_has_a_rule_that_it_catches():
    assert set(BROKEN) == set(CHECKS)


@pytest.mark.parametrize(
    ("name", "rule"), [(name, rule) for name, rules in BROKEN.items() for rule in rules]
)
def test_check_catches_it(name, rule, pairs):
    given = {"rule": rule, "pairs": pairs}
    check = CHECKS[name]
    wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
    with pytest.raises(BrokenContractError):
        check(**{key: given[key] for key in wanted})


def chatty(pairs):
    print("scoring")  # noqa: T201
    return same_amount(pairs)


def test_what_a_rule_prints_is_no_finding(pairs):
    given = {"rule": Rule(how=chatty), "pairs": pairs}
    assert run_checks("rule 'x'", rules.CHECKS, given) == ()


def test_a_rule_that_raises_is_a_finding(pairs):
    def fails(pairs):
        return 1 // 0

    found = run_checks("rule 'x'", rules.CHECKS[1:2], {"rule": Rule(how=fails), "pairs": pairs})
    assert [f.detail for f in found] == [
        "raised ZeroDivisionError: integer division or modulo by zero"
    ]
    assert str(found[0]).startswith(
        "rule 'x': raised ZeroDivisionError: integer division or modulo by zero (every_pair"
    )
