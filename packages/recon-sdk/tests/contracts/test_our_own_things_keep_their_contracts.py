"""The fakes and built-ins of the SDK pass the suites that plugin authors run."""


# ruff: noqa: RUF012, S603 - stand-ins break rules on purpose

from __future__ import annotations

import subprocess
import sys

import pytest

from recon_sdk.engine import LocalEngine
from recon_sdk.explaining import TemplateExplainer
from recon_sdk.testing import (
    ConstantRule,
    EngineContract,
    ExplainerContract,
    FrozenClock,
    InMemoryBackend,
    RuleContract,
    ScriptedExplainer,
    SequentialIds,
    StorageContract,
)


class TestInMemoryStorage(StorageContract):
    lacks = {"durable": "it forgets everything when it goes"}

    @pytest.fixture
    def open_storage(self):
        return lambda: InMemoryBackend().open("memory:")


class TestInMemoryStorageWithInjectedClock(StorageContract):
    lacks = {"durable": "it forgets everything when it goes"}
    histories = 3

    @pytest.fixture
    def open_storage(self):
        backend = InMemoryBackend(clock=FrozenClock(), new_id=SequentialIds("import-"))
        return lambda: backend.open("memory:")


class TestConstantRule(RuleContract):
    @pytest.fixture(params=[0.0, 0.5, 1.0, float("nan")])
    def rule(self, request):
        return ConstantRule(value=request.param)


class TestScriptedExplainer(ExplainerContract):
    @pytest.fixture
    def explainer(self):
        return ScriptedExplainer(["It fits."], delay_seconds=0.01)


class TestTemplateExplainer(ExplainerContract):
    @pytest.fixture
    def explainer(self):
        return TemplateExplainer()


class TestLocalEngine(EngineContract):
    @pytest.fixture(autouse=True)
    def _needs_rules(self):
        pytest.importorskip("recon_rules_default")

    @pytest.fixture
    def engine(self):
        return LocalEngine()


def test_checks_need_no_test_framework():
    code = (
        "import sys, recon_sdk.checks, recon_sdk.checks.storage, recon_sdk.checks.engines;"
        "sys.exit('pytest' in sys.modules or 'hypothesis' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0


def test_the_kit_exports_what_it_names():
    import recon_sdk.testing

    missing = [n for n in recon_sdk.testing.__all__ if not hasattr(recon_sdk.testing, n)]
    assert missing == []
    assert recon_sdk.testing.__all__ == sorted(recon_sdk.testing.__all__)
