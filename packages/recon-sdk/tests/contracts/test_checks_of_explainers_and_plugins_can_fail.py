"""Every check of an explainer or a whole plugin catches one that breaks just that promise."""


# ruff: noqa: ARG001, ARG002, ARG005, ASYNC251, RUF001 - stand-ins break rules on purpose

from __future__ import annotations

import asyncio
import time
import types

import attrs
import pytest

from recon_sdk.catalog import PluginCatalog
from recon_sdk.checks import check_plugin, explainers, plugins
from recon_sdk.checks.contract import BrokenContractError
from recon_sdk.checks.explainers import numbers_in, numbers_of
from recon_sdk.config import TenantConfig
from recon_sdk.explanations import Explanation
from recon_sdk.markers import hookimpl
from recon_sdk.testing import ConstantRule, PluginContract, ScriptedExplainer, sample_contexts

# -- explainers -----------------------------------------------------------------------------------


class Explainer:
    """An explainer made of one function of the context."""

    name = "said"

    def __init__(self, how, **fields):
        self.how = how
        for field, value in fields.items():
            setattr(self, field, value)

    async def explain(self, context):
        return Explanation(text=self.how(context), source=self.name)


class Blocking(Explainer):
    async def explain(self, context):
        time.sleep(0.4)
        return await super().explain(context)


class Slow(Explainer):
    async def explain(self, context):
        await asyncio.sleep(30)
        return await super().explain(context)


class Stubborn(Explainer):
    async def explain(self, context):
        for _ in range(30):
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                continue
        return await super().explain(context)


class Plain(Explainer):
    def explain(self, context):
        return Explanation(text="It fits.", source=self.name)


class OtherSource(Explainer):
    async def explain(self, context):
        return Explanation(text="It fits.", source="somebody")


class NoExplanation(Explainer):
    async def explain(self, context):
        return "It fits."


def says(text):
    return Explainer(lambda context: text)


BROKEN_EXPLAINERS = {
    "explainer_says_what_it_is": [
        lambda: Explainer(str, name="Said So"),
        lambda: Plain(str),
        object,
    ],
    "text_is_plain": [
        lambda: says(""),
        lambda: says(" \n"),
        lambda: says("x" * 1_201),
        lambda: says("see <b>this</b>"),
        lambda: says("see [this](there)"),
        lambda: says("see https://evil.example"),
        lambda: says("a\x07b"),
        lambda: says("a\u202eb"),
        lambda: Explainer(lambda context: f"paid by {context.transactions[0].counterparty_name}"),
        lambda: OtherSource(str),
        lambda: NoExplanation(str),
    ],
    "text_cites_only_given_facts": [
        lambda: says("It is 4711.00 EUR."),
        lambda: says("It fits at 99.9 %."),
        lambda: Explainer(lambda context: "The bank says 99999."),
    ],
    "explaining_leaves_the_loop_free": [lambda: Blocking(str), lambda: Slow(str)],
    "explaining_can_be_cancelled": [lambda: Stubborn(str)],
    "same_match_gets_the_same_text": [lambda: ScriptedExplainer(["It fits.", "It may fit."])],
}


def test_every_check_of_an_explainer_has_one_that_it_catches():
    assert set(BROKEN_EXPLAINERS) == {check.__name__ for check in explainers.CHECKS}


@pytest.mark.parametrize(
    ("check", "make"),
    [
        (check, make)
        for check in explainers.CHECKS
        for make in BROKEN_EXPLAINERS.get(check.__name__, ())
    ],
)
def test_check_catches_the_explainer(check, make, monkeypatch):
    monkeypatch.setattr(explainers, "_GRACE_SECONDS", 0.3)
    given = {"explainer": make(), "contexts": sample_contexts(), "timeout_seconds": 0.5}
    wanted = check.__code__.co_varnames[: check.__code__.co_argcount]
    with pytest.raises(BrokenContractError):
        check(**{key: given[key] for key in wanted})


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("nothing", set()),
        ("1,234.50 EUR", {"1234", "50"}),
        ("1.234,50 EUR", {"1234", "50"}),
        ("1234.50", {"1234", "50"}),
        ("on 2026-03-09", {"2026", "3", "9"}),
        ("12, 13 and 14.", {"12", "13", "14"}),
        ("0.97", {"97"}),
        ("1’234’567", {"1234567"}),
    ],
)
def test_numbers_in_a_text(text, numbers):
    assert numbers_in(text) == numbers


def test_numbers_that_a_text_may_hold():
    plain, batch, hostile = (numbers_of(context) for context in sample_contexts())
    assert {"1237", "50", "12", "1250", "2026", "17", "31", "87", "873", "30"} <= plain
    assert {"2400", "700", "3"} <= batch
    assert "99999" not in hostile
    assert "4711" not in plain


# -- plugins --------------------------------------------------------------------------------------


def module(name="acme", /, **members):
    made = types.ModuleType(name)
    vars(made).update(members)
    return made


def hook(function):
    return hookimpl(function)


@attrs.frozen(kw_only=True)
class Settings:
    value: float = 0.5
    mode: str = "fast"


@attrs.frozen(kw_only=True)
class Demanding:
    value: float


def gives(*things):
    @hook
    def recon_register_rules(tenant, config):
        return things

    return recon_register_rules


@hook
def recon_plugin_settings():
    return Settings


def by_mode():
    @hook
    def recon_register_rules(tenant, config):
        weight = {"fast": 0.1, "slow": 0.2}[config.settings.mode]
        return (ConstantRule(weight=weight),)

    return recon_register_rules


def counting():
    calls = []

    @hook
    def recon_register_rules(tenant, config):
        calls.append(tenant)
        return (ConstantRule(name=f"constant_{len(calls)}"),)

    return recon_register_rules


@attrs.define(kw_only=True, slots=False)
class Mutable:
    value: float = 1.0
    name: str = "mutable"
    version: str = "1"
    evidence: object = ConstantRule().evidence
    role: object = ConstantRule().role
    weight: float = 0.1
    upper_bound: float = 1.0
    cost: object = ConstantRule().cost
    score = ConstantRule.score
    describe = ConstantRule.describe


def wrapper():
    @hookimpl(wrapper=True)
    def recon_register_rules(tenant, config):
        return (yield)

    return recon_register_rules


def misspelt():
    @hook
    def recon_register_rule(tenant, config):
        return ()

    return recon_register_rule


GOOD = module(
    recon_register_rules=gives(ConstantRule()), recon_plugin_settings=recon_plugin_settings
)


class TestPlugin(PluginContract):
    @pytest.fixture
    def name(self):
        return "acme"

    @pytest.fixture
    def catalog(self):
        return PluginCatalog.of({"acme": GOOD})


BROKEN_PLUGINS = {
    "plugin_loads": [
        module(),
        module(recon_register_rules=wrapper()),
        module(recon_register_rule=misspelt()),
        module(recon_register_rules=gives("a text")),
    ],
    "settings_have_defaults": [
        module(
            recon_register_rules=gives(ConstantRule()),
            recon_plugin_settings=hookimpl(specname="recon_plugin_settings")(lambda: Demanding),
        )
    ],
    "wrong_settings_are_refused_by_path": [
        module(recon_register_rules=by_mode(), recon_plugin_settings=recon_plugin_settings)
    ],
    "loading_twice_gives_the_same": [module(recon_register_rules=counting())],
    "tenants_share_nothing": [module(recon_register_rules=gives(Mutable()))],
    "offers_keep_their_promises": [module(recon_register_rules=gives(ConstantRule(value=2.0)))],
}
ALL = (*plugins.CHECKS, plugins.offers_keep_their_promises)


def test_every_check_of_a_plugin_has_one_that_it_catches():
    assert set(BROKEN_PLUGINS) == {check.__name__ for check in ALL}


@pytest.mark.parametrize(
    ("check", "plugin"),
    [(check, plugin) for check in ALL for plugin in BROKEN_PLUGINS.get(check.__name__, ())],
)
def test_check_catches_the_plugin(check, plugin):
    settings = {"acme": {"value": 1.0}} if check is plugins.settings_have_defaults else {}
    config = TenantConfig(plugins=("acme",), settings=settings)
    with pytest.raises(BrokenContractError):
        check("acme", PluginCatalog.of({"acme": plugin}), config)


def test_check_plugin_finds_nothing_in_a_good_one():
    assert check_plugin("acme", PluginCatalog.of({"acme": GOOD})) == ()


def test_check_plugin_names_subject_check_and_remedy():
    bad = module(recon_register_rules=gives(ConstantRule(value=2.0, upper_bound=1.0)))
    found = check_plugin("acme", PluginCatalog.of({"acme": bad}))
    assert {(f.subject, f.check) for f in found} >= {
        ("rule 'constant'", "every_pair_gets_a_value")
    }
    assert all(finding.remedy for finding in found)
    assert list(found) == sorted(found)


def test_check_plugin_stops_at_a_plugin_that_does_not_load():
    (found,) = check_plugin("acme", PluginCatalog.of({"acme": module()}))
    assert found.check == "plugin_loads"
    (missing,) = check_plugin("nobody", PluginCatalog.of({}))
    assert "not installed" in missing.detail


def test_check_plugin_skips_what_a_plugin_lacks():
    local = ConstantRule

    class Local(local):
        pass

    catalog = PluginCatalog.of({"acme": module(recon_register_rules=gives(Local()))})
    names = {finding.check for finding in check_plugin("acme", catalog)}
    assert names == {"values_are_the_same_elsewhere"}
    assert check_plugin("acme", catalog, lacks={"pickle": "made on the fly"}) == ()
