"""Test kit for plugin authors: contract suites, builders and fakes.

Subclass the suite of what you wrote and give it the thing by one fixture:

```python
import pytest
from recon_sdk.testing import RuleContract

from acme_rules import SameMonth

class TestSameMonth(RuleContract):
    @pytest.fixture
    def rule(self):
        return SameMonth()
```

Needs the extra `recon-sdk[testing]`. The checks behind the suites need no test framework:
`recon_sdk.checks`.
"""

# ruff: noqa: E402 - pytest has to hear of the suites before they are imported

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "recon_sdk.testing.contract", "recon_sdk.testing.storages", "recon_sdk.testing.suites"
)

from recon_sdk.checks import BrokenContractError, Finding, check_plugin
from recon_sdk.checks.assigners import hypotheses_of
from recon_sdk.checks.builders import (
    a_ledger,
    a_match,
    a_transaction,
    all_pairs,
    an_allocation,
    an_invoice,
    pairs_of,
)
from recon_sdk.checks.differences import sample_gaps, some_gaps
from recon_sdk.checks.explainers import sample_contexts
from recon_sdk.checks.ledgers import sample_ledger, sample_rows
from recon_sdk.checks.policies import sample_claims
from recon_sdk.memory import InMemoryBackend, InMemoryStorage
from recon_sdk.testing.contract import Contract
from recon_sdk.testing.fakes import ConstantRule, FrozenClock, ScriptedExplainer, SequentialIds
from recon_sdk.testing.storages import StorageContract
from recon_sdk.testing.suites import (
    AssignerContract,
    BlockerContract,
    DifferenceModelContract,
    EngineContract,
    ExplainerContract,
    PluginContract,
    PolicyContract,
    RuleContract,
)

__all__ = [
    "AssignerContract",
    "BlockerContract",
    "BrokenContractError",
    "ConstantRule",
    "Contract",
    "DifferenceModelContract",
    "EngineContract",
    "ExplainerContract",
    "Finding",
    "FrozenClock",
    "InMemoryBackend",
    "InMemoryStorage",
    "PluginContract",
    "PolicyContract",
    "RuleContract",
    "ScriptedExplainer",
    "SequentialIds",
    "StorageContract",
    "a_ledger",
    "a_match",
    "a_transaction",
    "all_pairs",
    "an_allocation",
    "an_invoice",
    "check_plugin",
    "hypotheses_of",
    "pairs_of",
    "sample_claims",
    "sample_contexts",
    "sample_gaps",
    "sample_ledger",
    "sample_rows",
    "some_gaps",
]
