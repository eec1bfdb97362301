from __future__ import annotations

import recon_acme_rules
from recon_sdk.testing import PluginContract, a_transaction, an_invoice


class TestAcmeRules(PluginContract):
    """What every plugin promises."""

    @staticmethod
    def make_plugin():
        return recon_acme_rules


def test_friday_run_pays_what_was_due_in_the_week_before():
    friday = a_transaction("t", "-10.00", booking_date="2025-03-07")
    due = an_invoice("i", "10.00", due_date="2025-03-05")
    not_yet_due = an_invoice("i", "10.00", due_date="2025-03-28")
    assert recon_acme_rules.friday_run(due, friday) == 1
    assert recon_acme_rules.friday_run(not_yet_due, friday) == 0
