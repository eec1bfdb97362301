"""Recon: reconcile invoices with bank transactions, by rules that can be explained.

Start with `reconcile`; keep a `Reconciler` where the same tenant is served again and again. A rule
of your own is a function under `pair_rule`, or any class that has what `ScoringRule` asks for.
"""

from __future__ import annotations

from importlib.metadata import version as _version

from recon_sdk.assignment import Assigner
from recon_sdk.blocking import Blocker, Keys
from recon_sdk.bounds import Between
from recon_sdk.catalog import PluginCatalog
from recon_sdk.columns import (
    NO_AMOUNT,
    NO_DATE,
    NO_TEXT,
    BoolArray,
    FloatArray,
    Int8Array,
    Int32Array,
    Int64Array,
    StringArray,
    TextTable,
    UInt64Array,
)
from recon_sdk.config import (
    Limits,
    PluginConfig,
    RuleOverride,
    Strategy,
    TenantConfig,
    TenantRef,
)
from recon_sdk.configuration import config_schema, load_config
from recon_sdk.differences import DifferenceModel, Gaps
from recon_sdk.engines import Engine, Progress, RuleSet
from recon_sdk.errors import ReconError
from recon_sdk.explanations import Explainer, Explanation, MatchContext
from recon_sdk.facts import PartyRelation, ReferenceGrade
from recon_sdk.hypotheses import Assignment, Hypotheses
from recon_sdk.invoices import Direction, Invoice, InvoiceStatus
from recon_sdk.known import Alias, Decision, Known, Rate
from recon_sdk.known_files import load_known
from recon_sdk.ledger import InvoiceColumns, Ledger, TransactionColumns
from recon_sdk.markers import hookimpl
from recon_sdk.matches import (
    Allocation,
    Contribution,
    DecisionKind,
    Difference,
    DifferenceKind,
    Match,
    MatchKind,
    MatchStatus,
    Reason,
    Rival,
)
from recon_sdk.money import Money
from recon_sdk.notices import DecisionNotice, RunNotice
from recon_sdk.pairs import Pairs
from recon_sdk.plugins import TenantPlugins
from recon_sdk.policy import REASON_BITS, Claims, DecisionPolicy
from recon_sdk.reading import ReadOptions, read_ledger
from recon_sdk.recognisers import Recogniser
from recon_sdk.reconciliation import Reconciler, reconcile
from recon_sdk.results import Candidate, Result, RunSummary, UnmatchedTransaction
from recon_sdk.rules import Cost, Evidence, Role, ScoringRule, pair_rule
from recon_sdk.transactions import BankTransaction, TransactionStatus
from recon_sdk.wire import from_json, to_json

__all__ = [
    "NO_AMOUNT",
    "NO_DATE",
    "NO_TEXT",
    "REASON_BITS",
    "Alias",
    "Allocation",
    "Assigner",
    "Assignment",
    "BankTransaction",
    "Between",
    "Blocker",
    "BoolArray",
    "Candidate",
    "Claims",
    "Contribution",
    "Cost",
    "Decision",
    "DecisionKind",
    "DecisionNotice",
    "DecisionPolicy",
    "Difference",
    "DifferenceKind",
    "DifferenceModel",
    "Direction",
    "Engine",
    "Evidence",
    "Explainer",
    "Explanation",
    "FloatArray",
    "Gaps",
    "Hypotheses",
    "Int8Array",
    "Int32Array",
    "Int64Array",
    "Invoice",
    "InvoiceColumns",
    "InvoiceStatus",
    "Keys",
    "Known",
    "Ledger",
    "Limits",
    "Match",
    "MatchContext",
    "MatchKind",
    "MatchStatus",
    "Money",
    "Pairs",
    "PartyRelation",
    "PluginCatalog",
    "PluginConfig",
    "Progress",
    "Rate",
    "ReadOptions",
    "Reason",
    "Recogniser",
    "ReconError",
    "Reconciler",
    "ReferenceGrade",
    "Result",
    "Rival",
    "Role",
    "RuleOverride",
    "RuleSet",
    "RunNotice",
    "RunSummary",
    "ScoringRule",
    "Strategy",
    "StringArray",
    "TenantConfig",
    "TenantPlugins",
    "TenantRef",
    "TextTable",
    "TransactionColumns",
    "TransactionStatus",
    "UInt64Array",
    "UnmatchedTransaction",
    "config_schema",
    "from_json",
    "hookimpl",
    "load_config",
    "load_known",
    "pair_rule",
    "read_ledger",
    "reconcile",
    "to_json",
]

__version__ = _version("recon-sdk")
