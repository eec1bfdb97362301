from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest

from recon_sdk.checks.builders import a_ledger, a_transaction, an_invoice
from recon_sdk.config import TenantConfig
from recon_sdk.engines import RuleSet
from recon_sdk.errors import RowError
from recon_sdk.matches import DifferenceKind, Reason
from recon_sdk.outcome import CandidateColumns, MatchColumns, Outcome, RuleFailure
from recon_sdk.policy import REASON_BITS
from recon_sdk.results import Result
from recon_sdk.rules import Cost, Evidence, Role

HOSTILE = "<script>alert(1)</script>\"'></td>&amp;\u202egnp.exe"
FORMULA = "=HYPERLINK(1)"


class SameAmount:
    name = "exact_amount"
    version = "1"
    evidence = Evidence.AMOUNT
    role = Role.SCORE
    weight = 0.5
    upper_bound = 1.0
    cost = Cost.CHEAP

    def score(self, pairs: Any) -> Any:
        return (pairs.gap == 0).astype(np.float64)

    def describe(self, value: float, _invoice: Any, transaction: Any) -> str:
        return f"{transaction.counterparty_name} paid what is open" if value else ""


class SilentOnNameless:
    name = "named_payer"
    version = "1"
    evidence = Evidence.IDENTITY
    role = Role.PENALTY
    weight = 0.2
    upper_bound = 1.0
    cost = Cost.CHEAP

    def score(self, pairs: Any) -> Any:
        codes = pairs.ledger.transactions.counterparty_name[pairs.transaction_rows]
        return np.where(codes < 0, np.nan, 0.25)

    def describe(self, value: float, _invoice: Any, _transaction: Any) -> str:
        return f"doubt of {value:.2f}"


class Raising(SameAmount):
    name = "raising"

    def score(self, _pairs: Any) -> Any:
        raise ZeroDivisionError


def rule_set(*rules: Any) -> RuleSet:
    return RuleSet(
        config=TenantConfig(),
        rules=tuple(
            (rule, round(rule.weight * 1e6) * (-1 if rule.role is Role.PENALTY else 1))
            for rule in rules
        ),
        blockers=(),
        difference_models=(),
        assigner=None,  # type: ignore[arg-type]
        policy=None,  # type: ignore[arg-type]
        plugin_versions=(("toy", "1.0"),),
        trusted_identity=frozenset(),
        plugin_of={rule.name: "toy" for rule in rules},
    )


def columns(values: Any, dtype: Any = np.int64) -> Any:
    return np.array(values, dtype)


def make_result(**changes: Any) -> Result:
    """Nine invoices and eight payments with every kind of match, hostile texts among them."""
    ledger = a_ledger(
        [
            an_invoice("i1", "100.00", invoice_number="R-1", vendor_name="Acme"),
            an_invoice("i2", "700.00", vendor_name=HOSTILE, invoice_number=FORMULA),
            an_invoice("i3", "-120.00", vendor_name="Beta"),
            an_invoice("i4", "90.00", vendor_name="Gamma", due_date="2026-04-30"),
            an_invoice("i5", "5000", currency="JPY", direction="receivable"),
            an_invoice("i6", "33.00", due_date=None),
            an_invoice("i7", "44.00", vendor_name=HOSTILE),
            an_invoice("i8", "1.00", direction=None),
            an_invoice("+9", "12.00", vendor_name="@cmd"),
        ],
        [
            a_transaction("t1", "-100.00", counterparty_name="ACME LTD"),
            a_transaction("t2", "-580.00", counterparty_name=HOSTILE, description=HOSTILE),
            a_transaction("t3", "-45.00", booking_date="2026-04-02"),
            a_transaction("t4", "-45.00", booking_date="2026-05-02"),
            a_transaction("t5", "4900", currency="JPY", counterparty_name="Kaisha"),
            a_transaction("t6", "-100.00", booking_date="2026-04-09", description="again"),
            a_transaction("t7", "-3.00", description='-fee, "odd"\nline'),
            a_transaction("t8", "-12.00", counterparty_name="=1+1"),
        ],
    )
    i = {key: row for row, key in enumerate(ledger.invoices.ids.tolist())}
    t = {key: row for row, key in enumerate(ledger.transactions.ids.tolist())}
    kinds = list(DifferenceKind)
    pairs = [
        ("+9", "t8"), ("i1", "t1"), ("i2", "t2"), ("i3", "t2"), ("i4", "t3"), ("i4", "t4"),
        ("i5", "t5"), ("i1", "t6"),
    ]  # fmt: skip
    matches = MatchColumns(
        starts=columns([0, 1, 2, 4, 6, 7, 8]),
        invoice_rows=columns([i[a] for a, _ in pairs]),
        transaction_rows=columns([t[b] for _, b in pairs]),
        settled=columns([1200, 10000, 70000, -12000, 4500, 4500, 5000, 10000]),
        paid=columns([-1200, -10000, -70000, 12000, -4500, -4500, 4900, -10000]),
        kind=columns([0, 0, 1, 2, 0, 0], np.int8),
        score=columns([300_000, 912_345, 1_000_000, 640_001, 450_000, 400_000]),
        evidence=columns([1000, 9000, 8000, 7000, 6000, 5000]),
        margin=columns([10, 9000, 8000, 700, 600, 0]),
        reasons=columns(
            [
                REASON_BITS[Reason.NO_IDENTITY] | REASON_BITS[Reason.BELOW_MARGIN],
                0,
                0,
                REASON_BITS[Reason.AMBIGUOUS],
                REASON_BITS[Reason.UNEXPLAINED_DIFFERENCE],
                REASON_BITS[Reason.ALTERNATIVE],
            ]
        ),
        difference_kind=columns([0, 0, 0, 0, kinds.index(DifferenceKind.BANK_FEE), 0], np.int8),
        difference_amount=columns([0, 0, 0, 0, -100, 0]),
        difference_row=columns([-1, -1, -1, -1, i["i5"], -1]),
        alternative_of=columns([-1, -1, -1, -1, -1, 1]),
    )
    candidates = CandidateColumns(
        invoice_rows=columns([i["i1"], i["i1"], i["i4"]]),
        transaction_rows=columns([t["t1"], t["t6"], t["t3"]]),
        raw_score=columns([912_345, 400_000, -5]),
        score=columns([912_345, 400_000, 0]),
        evidence=columns([9000, 5000, -700]),
    )
    duplicate_of = np.full(len(ledger.transactions), -1, np.int32)
    duplicate_of[t["t6"]] = t["t1"]
    outcome = Outcome(
        ledger=ledger,
        candidates=candidates,
        matches=matches,
        duplicate_of=duplicate_of,
        failures=(RuleFailure(plugin="toy", name="raising", detail=f"raised {HOSTILE}"),),
        counts={"pairs_compared": 72},
        seconds={"scoring": 0.25},
    )
    problems = tuple(
        RowError("bank.csv", line, "amount", f"{HOSTILE} is not an amount", "write it like 1.50")
        for line in range(2, 27)
    )
    rules = (SameAmount(), SilentOnNameless(), Raising())
    given = {"outcome": outcome, "rule_set": rule_set(*rules), "digest": "d" * 64}
    return Result(**{**given, "problems": problems, **changes})


@pytest.fixture
def result() -> Result:
    return make_result()


@pytest.fixture
def empty_result() -> Result:
    full = make_result()
    none = np.zeros(0, np.int64)
    found = full.outcome.matches
    nothing = {
        field.name: none.astype(getattr(found, field.name).dtype)
        for field in attrs.fields(MatchColumns)
    }
    outcome = attrs.evolve(
        full.outcome,
        matches=MatchColumns(**{**nothing, "starts": columns([0])}),
        candidates=CandidateColumns(
            **{field.name: none for field in attrs.fields(CandidateColumns)}
        ),
        failures=(),
        counts={},
    )
    return Result(outcome, full.rule_set, "e" * 64)
