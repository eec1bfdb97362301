"""Findings: the values that a result is made of."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from recon_sdk.matches import Contribution, Reason
from recon_sdk.outcome import RuleFailure
from recon_sdk.transactions import BankTransaction

__all__ = ["Candidate", "RunSummary", "UnmatchedTransaction"]


@attrs.frozen(kw_only=True)
class Candidate:
    """One invoice, one transaction, and how well they fit: evidence, not a claim.

    Attributes:
        invoice_id: The invoice.
        transaction_id: The bank transaction.
        rank: 1 for the invoice's best.
        score: Millionths (0 to 1,000,000).
        evidence: Evidence total, thousandths of a natural-log unit.
        contributions: Score breakdown in rule order.
    """

    invoice_id: str
    transaction_id: str
    rank: int
    score: int
    evidence: int
    contributions: tuple[Contribution, ...]


@attrs.frozen(kw_only=True)
class UnmatchedTransaction:
    """A transaction that no chosen match uses.

    Attributes:
        transaction: The transaction.
        reason: `possible_duplicate` where it repeats another payment, else None.
        duplicate_of: Key of the earlier payment, "" for none.
    """

    transaction: BankTransaction
    reason: Reason | None = None
    duplicate_of: str = ""


@attrs.frozen(kw_only=True)
class RunSummary:
    """Counts and totals of a run.

    Attributes:
        invoices: Open invoices.
        transactions: Transactions with something unallocated.
        candidates: Candidates kept.
        matches: Chosen matches.
        auto: Of them decided `auto`.
        review: Of them for review.
        alternatives: Runners-up that are shown for review.
        links: Allocations of the chosen matches.
        by_kind: Chosen matches by `MatchKind`.
        by_reason: Chosen matches by `Reason`; one may have several.
        by_difference: Chosen matches by `DifferenceKind`, without `""`.
        open_amount: Minor units open before the run, by currency (sum of magnitudes).
        matched_amount: Minor units that the chosen matches would settle, by currency.
        unmatched_invoices: Invoices in no chosen match.
        unmatched_transactions: Transactions in no chosen match.
        possible_duplicates: Transactions that repeat another payment.
        direction_unknown: Invoices whose direction is not known.
        failures: Rules that were set aside.
        problems: Input rows that could not be used.
        counts: Facts about the search (pairs compared, rows cut by a limit, budgets hit).
        seconds: Wall time by stage.
    """

    invoices: int
    transactions: int
    candidates: int
    matches: int
    auto: int
    review: int
    alternatives: int
    links: int
    by_kind: Mapping[str, int]
    by_reason: Mapping[str, int]
    by_difference: Mapping[str, int]
    open_amount: Mapping[str, int]
    matched_amount: Mapping[str, int]
    unmatched_invoices: int
    unmatched_transactions: int
    possible_duplicates: int
    direction_unknown: int
    failures: tuple[RuleFailure, ...]
    problems: int
    counts: Mapping[str, int]
    seconds: Mapping[str, float]
