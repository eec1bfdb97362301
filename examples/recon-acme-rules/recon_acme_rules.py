"""Rules of Acme: its payment run goes out on Fridays, and its texts carry cost centres."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_sdk import Cost, Evidence, Role, hookimpl, pair_rule

if TYPE_CHECKING:
    from recon_sdk import (
        BankTransaction,
        FloatArray,
        Int32Array,
        Int64Array,
        Invoice,
        Pairs,
        PluginConfig,
        ScoringRule,
    )

__all__ = ["AcmeSettings", "CostCentre", "friday_run"]


@pair_rule(weight=0.05, evidence=Evidence.DATE)
def friday_run(invoice: Invoice, transaction: BankTransaction) -> float | None:
    """Paid in a Friday run, within a week after it was due."""
    if invoice.due_date is None or transaction.booking_date.weekday() != 4:
        return None
    return float(0 <= (transaction.booking_date - invoice.due_date).days < 7)


@attrs.frozen(kw_only=True)
class CostCentre:
    """Both texts name a cost centre, such as `KST 4711`: 1 for the same one, 0 for two different.

    Attributes:
        prefix: What stands before the number.
    """

    prefix: str = "KST"
    name: str = "cost_centre"
    version: str = "1"
    evidence: Evidence = Evidence.TEXT
    role: Role = Role.BOOST
    weight: float = 0.2
    upper_bound: float = 1.0
    cost: Cost = Cost.TEXT

    def score(self, pairs: Pairs) -> FloatArray:
        """Compare the two numbers; no opinion where a text names none."""
        asked = self._numbers(pairs, pairs.invoice_description)
        paid = self._numbers(pairs, pairs.transaction_description)
        return np.where((asked < 0) | (paid < 0), np.nan, asked == paid)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Name the cost centres."""
        asked, paid = self._number(invoice.description), self._number(transaction.description)
        if value > 0:
            return f"both name cost centre {asked}"
        return f"the invoice names cost centre {asked}, the payment {paid}"

    def _numbers(self, pairs: Pairs, codes: Int32Array) -> Int64Array:
        """Read each distinct text once, then spread the numbers over the batch."""
        distinct, at = np.unique_inverse(codes)
        numbers = [self._number(pairs.texts[code]) for code in distinct.tolist()]
        return np.array(numbers, np.int64)[at]

    def _number(self, text: str) -> int:
        found = re.search(rf"\b{re.escape(self.prefix)}[ -]?([0-9]{{3,6}})\b", text, re.IGNORECASE)
        return int(found[1]) if found else -1


@attrs.frozen(kw_only=True)
class AcmeSettings:
    """What a tenant may set under `[settings.acme-rules]`.

    Attributes:
        prefix: What stands before the number of a cost centre.
    """

    prefix: str = "KST"


@hookimpl
def recon_plugin_settings() -> type:
    """Name the class of our settings."""
    return AcmeSettings


@hookimpl
def recon_register_rules(config: PluginConfig) -> list[ScoringRule]:
    """Offer both rules."""
    return [friday_run, CostCentre(prefix=config.settings.prefix)]
