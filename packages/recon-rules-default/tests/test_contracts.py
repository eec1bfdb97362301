"""All that the plugin offers keeps the promises of its kind."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from recon_rules_default import plugin
from recon_rules_default.settings import Settings
from recon_sdk import PluginConfig, TenantRef
from recon_sdk.testing import (
    AssignerContract,
    BlockerContract,
    DifferenceModelContract,
    PluginContract,
    PolicyContract,
    RuleContract,
)

if TYPE_CHECKING:
    from recon_sdk import Assigner, Blocker, DecisionPolicy, DifferenceModel, ScoringRule

TENANT = TenantRef(id="tenant")
PLAIN = PluginConfig(plugin="rules-default", settings=Settings())
NARROW = PluginConfig(
    plugin="rules-default",
    settings=Settings(
        tolerance_minor=0,
        tolerance_by_currency={"JPY": 5},
        tolerance_basis_points=0,
        early_days=0,
        late_days=0,
        grace_days=0,
        rounding_minor=0,
        usual_fees=(),
        largest_fee=0,
        largest_fee_basis_points=0,
        usual_discounts=(),
        discount_days=0,
        vat=True,
        auto_margin=0,
        auto_margin_batch=0,
        auto_margin_sibling=0,
    ),
)
WIDE = PluginConfig(
    plugin="rules-default",
    settings=Settings(
        tolerance_minor=10**15,
        tolerance_basis_points=10_000,
        late_days=36_500,
        rounding_minor=10_000,
        usual_fees=(1, 10**15),
        largest_fee=10**11,
        largest_fee_basis_points=10_000,
        usual_discounts=(1, 5_000, 9_999),
        discount_days=36_500,
        vat=True,
        auto_margin=1_000_000,
    ),
)
CONFIGS = {"plain": PLAIN, "narrow": NARROW, "wide": WIDE}


def params(hook: Any) -> list[Any]:
    """What a hook gives, and what it gives under other settings where that is not the same."""
    return [
        pytest.param(thing, id=f"{thing.name}-{words}")
        for words, config in CONFIGS.items()
        for thing in hook(tenant=TENANT, config=config)
        if words == "plain" or hasattr(thing, "settings") or thing.name == "vat"
    ]


@pytest.fixture(params=params(plugin.recon_register_rules))
def rule(request: pytest.FixtureRequest) -> ScoringRule:
    found: ScoringRule = request.param
    return found


@pytest.fixture(params=params(plugin.recon_register_blockers))
def blocker(request: pytest.FixtureRequest) -> Blocker:
    found: Blocker = request.param
    return found


@pytest.fixture(params=params(plugin.recon_register_difference_models))
def model(request: pytest.FixtureRequest) -> DifferenceModel:
    found: DifferenceModel = request.param
    return found


class TestRules(RuleContract):
    @pytest.fixture
    def rule(self, rule: ScoringRule) -> ScoringRule:
        return rule


class TestBlockers(BlockerContract):
    @pytest.fixture
    def blocker(self, blocker: Blocker) -> Blocker:
        return blocker


class TestDifferenceModels(DifferenceModelContract):
    @pytest.fixture
    def model(self, model: DifferenceModel) -> DifferenceModel:
        return model


class TestAssigner(AssignerContract):
    @pytest.fixture
    def assigner(self) -> Assigner:
        return plugin.recon_build_assigner(tenant=TENANT, config=PLAIN)


class TestPolicy(PolicyContract):
    @pytest.fixture(params=CONFIGS)
    def policy(self, request: pytest.FixtureRequest) -> DecisionPolicy:
        return plugin.recon_build_policy(tenant=TENANT, config=CONFIGS[request.param])


class TestPlugin(PluginContract):
    @pytest.fixture
    def name(self) -> str:
        return "rules-default"


def test_tax_is_explained_only_where_switched_on() -> None:
    def names(config: PluginConfig) -> list[str]:
        models = plugin.recon_register_difference_models(tenant=TENANT, config=config)
        return sorted(model.name for model in models)

    assert set(names(WIDE)) - set(names(PLAIN)) == {"vat"}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_everything_survives_pickling(config: PluginConfig) -> None:
    things: list[Any] = [
        *plugin.recon_register_rules(tenant=TENANT, config=config),
        *plugin.recon_register_blockers(tenant=TENANT, config=config),
        *plugin.recon_register_difference_models(tenant=TENANT, config=config),
        plugin.recon_build_policy(tenant=TENANT, config=config),
        plugin.recon_build_assigner(tenant=TENANT, config=config),
    ]
    for thing in things:
        copy = pickle.loads(pickle.dumps(thing))  # noqa: S301 - made here
        assert type(copy) is type(thing)
        assert copy.name == thing.name
        if thing.name != "text_similarity":
            assert copy == thing
