"""Kinds of things that plugins hand over, and what makes a thing of each kind usable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from recon_sdk.assignment import Assigner
from recon_sdk.blocking import Blocker
from recon_sdk.differences import DifferenceModel
from recon_sdk.engines import Engine
from recon_sdk.explanations import Explainer
from recon_sdk.matches import DifferenceKind
from recon_sdk.policy import DecisionPolicy
from recon_sdk.recognisers import Recogniser
from recon_sdk.rules import Cost, Evidence, Role, ScoringRule
from recon_sdk.statements import StatementReader
from recon_sdk.storage import StorageBackend

__all__ = [
    "ASSIGNERS",
    "BLOCKERS",
    "DIFFERENCE_MODELS",
    "ENGINES",
    "EXPLAINERS",
    "MANY",
    "POLICIES",
    "RECOGNISERS",
    "RULES",
    "STATEMENT_READERS",
    "STORAGE_BACKENDS",
    "FieldCheck",
    "Kind",
]

FieldCheck: TypeAlias = Callable[[Any], str]
"""Gives "" for a right value, else what the field must be."""


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of thing that plugins hand over, and what makes it usable.

    Attributes:
        hook: The hook that hands it over.
        noun: What messages call it.
        protocol: The runtime-checkable Protocol that it satisfies.
        key: The field that is unique for a tenant.
        fields: Checks by field; each gives "" or what the field must be.
        methods: Its methods.
        awaited: Which of them may be `async`.
    """

    hook: str
    noun: str
    protocol: Any
    key: str = "name"
    fields: Mapping[str, FieldCheck]
    methods: tuple[str, ...]
    awaited: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------
# Checks of fields: each gives "" or what the field must be
# ------------------------------------------------------------------------------------------------


def _matching(pattern: str, words: str) -> FieldCheck:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: "" if isinstance(value, str) and compiled.fullmatch(value) else words


def _number(low: float, high: float) -> FieldCheck:
    def check(value: Any) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if is_number and low <= value <= high else f"a number from {low} to {high}"

    return check


def _member(kind: type, *, but: tuple[object, ...] = ()) -> FieldCheck:
    def check(value: Any) -> str:
        return "" if isinstance(value, kind) and value not in but else f"a {kind.__name__}"

    return check


def _days(value: Any) -> str:
    return "" if type(value) is int and value >= 0 else "a number of days, at least 0"


def _endings(value: Any) -> str:
    good = isinstance(value, tuple) and value and all(_ending(one) == "" for one in value)
    return "" if good else "a tuple of endings such as ('.sta',)"


def _expression(value: Any) -> str:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return "a regular expression"
    return ""


_snake = _matching("[a-z][a-z0-9_]*", "lower-case letters, digits and '_'")
_kebab = _matching("[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", "lower-case letters, digits and '-'")
_scheme = _matching("[a-z][a-z0-9+.-]*", "a URL scheme in lower case")
_ending = _matching(r"\.[a-z0-9][a-z0-9._-]*", "an ending in lower case")
_version = _matching(r"\S(.*\S)?", "a text that is not empty")
_flag = _member(bool)


# ------------------------------------------------------------------------------------------------
# The kinds
# ------------------------------------------------------------------------------------------------

RULES = Kind(
    hook="recon_register_rules",
    noun="rule",
    protocol=ScoringRule,
    fields={
        "name": _snake,
        "version": _version,
        "evidence": _member(Evidence),
        "role": _member(Role),
        "weight": _number(0, 10),
        "upper_bound": _number(0, 1),
        "cost": _member(Cost),
    },
    methods=("score", "describe"),
)
BLOCKERS = Kind(
    hook="recon_register_blockers",
    noun="blocker",
    protocol=Blocker,
    fields={"name": _snake, "days_before": _days, "days_after": _days},
    methods=("invoice_keys", "transaction_keys"),
)
DIFFERENCE_MODELS = Kind(
    hook="recon_register_difference_models",
    noun="difference model",
    protocol=DifferenceModel,
    fields={
        "name": _snake,
        "version": _version,
        "kind": _member(DifferenceKind, but=(DifferenceKind.NONE,)),
        "is_usual": _flag,
    },
    methods=("explain",),
)
RECOGNISERS = Kind(
    hook="recon_register_recognisers",
    noun="recogniser",
    protocol=Recogniser,
    fields={"name": _snake, "version": _version, "pattern": _expression},
    methods=("read",),
)
EXPLAINERS = Kind(
    hook="recon_register_explainers",
    noun="explainer",
    protocol=Explainer,
    fields={"name": _kebab},
    methods=("explain",),
    awaited=("explain",),
)
STATEMENT_READERS = Kind(
    hook="recon_register_statement_readers",
    noun="statement reader",
    protocol=StatementReader,
    fields={"name": _kebab, "suffixes": _endings},
    methods=("read",),
)
STORAGE_BACKENDS = Kind(
    hook="recon_register_storage_backends",
    noun="storage backend",
    protocol=StorageBackend,
    key="scheme",
    fields={"scheme": _scheme},
    methods=("open",),
    awaited=("open",),
)
ENGINES = Kind(
    hook="recon_register_engines",
    noun="engine",
    protocol=Engine,
    fields={"name": _kebab},
    methods=("run",),
)
POLICIES = Kind(
    hook="recon_build_policy",
    noun="policy",
    protocol=DecisionPolicy,
    fields={"name": _kebab, "version": _version},
    methods=("decide",),
)
ASSIGNERS = Kind(
    hook="recon_build_assigner",
    noun="assigner",
    protocol=Assigner,
    fields={"name": _kebab, "version": _version},
    methods=("assign",),
)
MANY = (
    RULES,
    BLOCKERS,
    DIFFERENCE_MODELS,
    RECOGNISERS,
    EXPLAINERS,
    STATEMENT_READERS,
    STORAGE_BACKENDS,
    ENGINES,
)
"""Kinds of which a plugin may offer many."""
