"""The seam: what comes back from difference models and policies is checked before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recon_sdk.errors import PluginError

if TYPE_CHECKING:
    from recon_sdk.columns import FloatArray, Int64Array
    from recon_sdk.differences import DifferenceModel, Gaps
    from recon_sdk.policy import Claims, DecisionPolicy

__all__ = ["SetAsideError", "call_model", "checked_policy"]


class SetAsideError(Exception):
    """Something that a plugin gave failed and is left out of the run.

    Attributes:
        name: Its name.
        detail: What it did.
    """

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name!r} {detail}")
        self.name = name
        self.detail = detail


def call_model(model: DifferenceModel, gaps: Gaps) -> FloatArray:
    """Ask a difference model, and check its answer.

    Raises:
        SetAsideError: It raised, or its answer has a wrong type, dtype, length or range.
    """
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


def checked_policy(policy: DecisionPolicy, claims: Claims) -> Int64Array:
    """Ask the policy, and check its verdict.

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
    return bits
