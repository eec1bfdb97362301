"""Rule on dates: how well the booking day fits between issue and due date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from recon_rules_default.settings import Settings
from recon_sdk import NO_DATE, Cost, Evidence, Role

if TYPE_CHECKING:
    import datetime as dt

    from recon_sdk import BankTransaction, FloatArray, Invoice, Pairs

__all__ = ["DateProximity"]


@attrs.frozen
class DateProximity:
    """Booked between issue and due date (and a little later) is as good as it gets.

    The window is asymmetric: it falls to 0 within `early_days` before the issue and within
    `late_days` after the due date, so paid the day after the issue is as good as paid when due.
    """

    settings: Settings
    name: str = "date_proximity"
    version: str = "1"
    evidence: Evidence = Evidence.DATE
    role: Role = Role.SCORE
    weight: float = 0.2
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP
    nats: float = 0.0

    def score(self, pairs: Pairs) -> FloatArray:
        """Trapezoid over the booking day; no opinion without any date of the invoice."""
        issue, due = pairs.issue_date.astype(np.int64), pairs.due_date.astype(np.int64)
        booking = pairs.booking_date.astype(np.int64)
        first = np.where(issue != NO_DATE, issue, due)
        last = np.where(due != NO_DATE, due, issue) + self.settings.grace_days
        first = np.minimum(first, last)
        early = np.maximum(first - booking, 0) / (self.settings.early_days + 1.0)
        late = np.maximum(booking - last, 0) / (self.settings.late_days + 1.0)
        value = np.clip(1.0 - np.maximum(early, late), 0.0, 1.0)
        undated = (issue == NO_DATE) & (due == NO_DATE)
        return np.where(undated, np.nan, value)

    def describe(self, value: float, invoice: Invoice, transaction: BankTransaction) -> str:
        """Say when it was booked, seen from the invoice's dates."""
        del value
        booked = transaction.booking_date
        issue, due = invoice.issue_date, invoice.due_date
        if issue is not None and (booked < issue or due is None):
            return f"booked {_seen_from(booked, issue)} the issue date {issue}"
        if due is None:
            return f"booked on {booked}"
        if issue is None or booked > due:
            return f"booked {_seen_from(booked, due)} the due date {due}"
        return f"booked on {booked}, between issue {issue} and due date {due}"


def _seen_from(booked: dt.date, day: dt.date) -> str:
    lag = (booked - day).days
    if lag == 0:
        return "on"
    return f"{_days(abs(lag))} {'after' if lag > 0 else 'before'}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
