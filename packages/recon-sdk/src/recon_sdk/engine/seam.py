"""The seam: what plugins give back to an engine is checked before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.engine.shapes import spread
from recon_sdk.errors import PluginError
from recon_sdk.faults import SetAsideError
from recon_sdk.matches import Reason
from recon_sdk.policy import REASON_BITS

if TYPE_CHECKING:
    from recon_sdk.assignment import Assigner
    from recon_sdk.columns import FloatArray, Int64Array
    from recon_sdk.config import Limits, Strategy
    from recon_sdk.differences import DifferenceModel, Gaps
    from recon_sdk.hypotheses import Assignment, Hypotheses
    from recon_sdk.policy import Claims, DecisionPolicy

__all__ = ["SetAsideError", "call_model", "checked_assignment", "checked_policy"]


_ALL_REASONS = sum(REASON_BITS.values())


def call_model(model: DifferenceModel, gaps: Gaps) -> FloatArray:
    """Ask a difference model, and check its answer.

    Raises:
        SetAsideError: It raised, its answer has a wrong type, dtype, length or range, or its kind
            leaves something open: how much then stays open is for the engine to say.
    """
    if not model.kind.closes:
        raise SetAsideError(model.name, f"names gaps {model.kind.value!r}, which settles nothing")
    try:
        found: object = model.explain(gaps)
    except Exception as error:
        raise SetAsideError(model.name, f"raised {type(error).__name__}: {error}") from error
    if not isinstance(found, np.ndarray) or found.dtype != np.float64:
        raise SetAsideError(model.name, "did not return a float64 array")
    if found.shape != (len(gaps),):
        raise SetAsideError(model.name, f"returned shape {found.shape} for {len(gaps)} gaps")
    if not np.all((found >= 0) & (found <= 1)):
        raise SetAsideError(model.name, "returned a value that is not a probability")
    return found


def checked_assignment(
    assigner: Assigner, hypotheses: Hypotheses, strategy: Strategy, limits: Limits
) -> Assignment:
    """Ask the assigner, and check its choice.

    Raises:
        PluginError: It raised, chose what is none of the hypotheses, or let two of them overlap; a
            run cannot go on without an assigner.
    """
    try:
        found = assigner.assign(hypotheses, strategy, limits)
        chosen: object = found.chosen
        margin: object = found.margin
        complete: object = found.complete
    except Exception as error:
        detail = f"raised {type(error).__name__}: {error}"
        raise PluginError(assigner.name, "assign", detail) from error
    for name, column, dtype in (
        ("chosen", chosen, np.int64),
        ("margin", margin, np.int64),
        ("complete", complete, np.bool_),
    ):
        if not isinstance(column, np.ndarray) or column.dtype != dtype or column.ndim != 1:
            detail = f"must give {name!r} as a one-dimensional {dtype.__name__} array"
            raise PluginError(assigner.name, "assign", detail)
        if len(column) != len(found.chosen):
            raise PluginError(assigner.name, "assign", "its columns differ in length")
    at = found.chosen
    if len(at) and (np.any(at[1:] <= at[:-1]) or at[0] < 0 or at[-1] >= len(hypotheses)):
        detail = "must choose positions of hypotheses, ascending"
        raise PluginError(assigner.name, "assign", detail)
    members = np.sort(hypotheses.members[spread(hypotheses.starts[at], hypotheses.sizes[at])])
    if np.any(members[1:] == members[:-1]):
        raise PluginError(assigner.name, "assign", "chose hypotheses that overlap")
    return found


def checked_policy(policy: DecisionPolicy, claims: Claims) -> Int64Array:
    """Ask the policy, and check its verdict.

    Where something failed in the run, nothing is `auto` whatever the policy says.

    Raises:
        PluginError: It raised or returned something else than reason bits; a run cannot go on
            without a policy.
    """
    try:
        bits: object = policy.decide(claims)
    except Exception as error:
        raise PluginError(
            policy.name, "decide", f"raised {type(error).__name__}: {error}"
        ) from error
    if not isinstance(bits, np.ndarray) or bits.dtype != np.int64 or bits.shape != (len(claims),):
        raise PluginError(policy.name, "decide", "must return one int64 of reason bits per claim")
    if np.any(bits & ~_ALL_REASONS):
        raise PluginError(policy.name, "decide", "returned bits that stand for no reason")
    return bits | REASON_BITS[Reason.RULE_FAILED] if claims.rule_failed else bits
