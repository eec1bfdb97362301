from __future__ import annotations

import math

import pytest

import recon_acme_rules
from recon_sdk import PluginCatalog
from recon_sdk.testing import (
    PluginContract,
    RuleContract,
    a_ledger,
    a_transaction,
    all_pairs,
    an_invoice,
)


class TestCostCentre(RuleContract):
    @pytest.fixture
    def rule(self):
        return recon_acme_rules.CostCentre()

    @pytest.fixture
    def pairs(self):
        """Pairs of which some name cost centres, since the usual sample names none."""
        texts = ["Toner KST 4711", "kst-4720 Papier", "KST 12 is too short", ""]
        return all_pairs(
            a_ledger(
                [an_invoice(f"i{k}", description=text) for k, text in enumerate(texts)],
                [a_transaction(f"t{k}", description=text) for k, text in enumerate(texts)],
            )
        )


class TestAcmeRules(PluginContract):
    @pytest.fixture
    def name(self):
        return "acme-rules"

    @pytest.fixture
    def catalog(self):
        return PluginCatalog.of({"acme-rules": recon_acme_rules})


@pytest.mark.parametrize(
    ("asked", "paid", "expected"),
    [
        ("Toner KST 4711", "KST-4711", 1),
        ("Toner KST 4711", "KST 4720", 0),
        ("Toner KST 4711", "Toner", None),
        ("Toner", "KST 4711", None),
    ],
)
def test_cost_centres_are_compared(asked, paid, expected):
    pairs = all_pairs(a_ledger([an_invoice(description=asked)], [a_transaction(description=paid)]))
    (value,) = recon_acme_rules.CostCentre().score(pairs).tolist()
    assert (None if math.isnan(value) else value) == expected


def test_friday_run_pays_what_was_due_in_the_week_before():
    friday = a_transaction(booking_date="2025-03-07")
    assert recon_acme_rules.friday_run(an_invoice(due_date="2025-03-05"), friday) == 1
    assert recon_acme_rules.friday_run(an_invoice(due_date="2025-03-28"), friday) == 0
    assert recon_acme_rules.friday_run(an_invoice(due_date=None), friday) is None
