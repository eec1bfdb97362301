"""Notices: what plugins are told after something was committed."""

from __future__ import annotations

import datetime as dt

import attrs

from recon_sdk.matches import Allocation, MatchStatus

__all__ = ["DecisionNotice", "RunNotice"]


@attrs.frozen(kw_only=True)
class RunNotice:
    """A run is finished and its proposals are stored.

    Attributes:
        run_id: The run.
        digest: Its digest; equal inputs give equal digests.
        proposed: Number of chosen proposals.
        automatic: How many of them are `auto`.
        set_aside: Plugins that failed in the run, sorted; where there are any, nothing is `auto`.
        finished_at: When it ended, in UTC.
    """

    run_id: str
    digest: str
    proposed: int
    automatic: int
    set_aside: tuple[str, ...] = ()
    finished_at: dt.datetime


@attrs.frozen(kw_only=True)
class DecisionNotice:
    """A person (or a caller in bulk) confirmed, rejected or undid a match.

    Attributes:
        match_id: The match.
        status: Its status now: `confirmed`, `rejected`, or `proposed` after an undo.
        previous: Its status before.
        allocations: Who settles what.
        actor: Who decided, as the caller named them.
        decided_at: When, in UTC.
    """

    match_id: str
    status: MatchStatus
    previous: MatchStatus
    allocations: tuple[Allocation, ...]
    actor: str = ""
    decided_at: dt.datetime
