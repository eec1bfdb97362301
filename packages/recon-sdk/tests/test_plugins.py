"""Plugins of one tenant: loading, checking, and the rule set that comes out."""

# ruff: noqa: ARG001, ARG002, ARG005 - the doubles take what their protocols give them

from __future__ import annotations

import types

import attrs
import numpy as np
import pytest

from recon_sdk.blocking import Keys
from recon_sdk.catalog import PluginCatalog
from recon_sdk.config import RuleOverride, TenantConfig, TenantRef
from recon_sdk.errors import (
    ConfigError,
    DuplicateNameError,
    NoRulesError,
    PluginError,
    PluginNotFoundError,
)
from recon_sdk.matches import DifferenceKind
from recon_sdk.plugins import TenantPlugins, hookimpl
from recon_sdk.rules import Cost, Evidence, Role, pair_rule

TENANT = TenantRef(id="acme")


@attrs.frozen(kw_only=True)
class Rule:
    name: str = "exact_amount"
    version: str = "1"
    evidence: Evidence = Evidence.AMOUNT
    role: Role = Role.SCORE
    weight: float = 0.5
    upper_bound: float = 1.0
    cost: Cost = Cost.CHEAP

    def score(self, pairs):
        return np.ones(len(pairs))

    def describe(self, value, invoice, transaction):
        return "fits"


@attrs.frozen(kw_only=True)
class Blocks:
    name: str = "by_amount"
    days_before: int = 10
    days_after: int = 90

    def invoice_keys(self, ledger):
        return Keys(np.zeros(0, np.int64), np.zeros(0, np.uint64))

    def transaction_keys(self, ledger):
        return self.invoice_keys(ledger)


@attrs.frozen(kw_only=True)
class Model:
    name: str = "fee"
    version: str = "1"
    kind: DifferenceKind = DifferenceKind.BANK_FEE
    is_usual: bool = True

    def explain(self, gaps):
        return np.zeros(len(gaps))


@attrs.frozen(kw_only=True)
class Chooser:
    name: str = "best"
    version: str = "1"

    def assign(self, hypotheses, strategy, limits):
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class Judge:
    name: str = "careful"
    version: str = "1"

    def decide(self, claims):
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class Words:
    name: str = "words"

    async def explain(self, context):
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class Reader:
    name: str = "mt940"
    suffixes: tuple[str, ...] = (".sta",)

    def read(self, path):
        return []


@attrs.frozen(kw_only=True)
class Runs:
    name: str = "abacus"

    def run(self, ledger, rule_set, known, progress=None):
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class Store:
    scheme: str = "memory"

    def open(self, url):
        raise NotImplementedError


def plugin(name="acme_rules", /, **hooks):
    """Make a plugin module of functions by hook name, or of what they give."""
    module = types.ModuleType(name)
    for hook, what in hooks.items():
        function = what if isinstance(what, types.FunctionType) else giving(what)
        setattr(module, hook, hookimpl(function))
    return module


def giving(value):
    return lambda: value


def base(**hooks):
    """A plugin that offers what every tenant needs, with hooks replaced, or dropped by `...`."""
    given = {
        "recon_register_rules": [Rule()],
        "recon_register_blockers": [Blocks()],
        "recon_register_difference_models": [Model()],
        "recon_build_policy": Judge(),
        "recon_build_assigner": Chooser(),
        **hooks,
    }
    return plugin(
        "rules_default", **{hook: what for hook, what in given.items() if what is not ...}
    )


def load(installed=None, /, extra=(), **settings):
    installed = {"rules-default": base(), **(installed or {})}
    settings.setdefault("plugins", tuple(installed))
    catalog = PluginCatalog.of(installed)
    return TenantPlugins.load(TENANT, TenantConfig(**settings), catalog, extra)


def names(things):
    return [thing.name for thing in things]


# ------------------------------------------------------------------------------------------------
# What comes out
# ------------------------------------------------------------------------------------------------


def test_rule_set_holds_everything_that_the_active_plugins_offer():
    rule_set = load().rule_set()
    assert [(rule.name, weight) for rule, weight in rule_set.rules] == [("exact_amount", 500_000)]
    assert names(rule_set.blockers) == ["by_amount"]
    assert names(rule_set.difference_models) == ["fee"]
    assert (rule_set.policy.name, rule_set.assigner.name) == ("careful", "best")
    assert rule_set.plugin_of == dict.fromkeys(
        ["exact_amount", "by_amount", "fee"], "rules-default"
    )
    assert [name for name, _ in rule_set.plugin_versions] == ["rules-default"]


def test_results_are_sorted_by_name_whatever_the_order_of_plugins_and_lists():
    one = {"a": plugin("a", recon_register_rules=[Rule(name="z"), Rule(name="b")])}
    two = {"b": plugin("b", recon_register_rules=[Rule(name="c")])}
    found = {
        tuple(names(offer.thing for offer in load(plugins).rules))
        for plugins in ({**one, **two}, {**two, **one})
    }
    assert found == {("b", "c", "exact_amount", "z")}


def test_installing_a_plugin_changes_nothing():
    other = plugin("other", recon_register_rules=lambda: 1 / 0)
    loaded = load({"other": other}, plugins=("rules-default",))
    assert loaded.names == ("rules-default",)


def test_hooks_get_the_tenant_and_only_their_own_section():
    seen = []

    @attrs.frozen
    class Settings:
        days: int = 3

    def register(tenant, config):
        seen.append((tenant, config.plugin, config.settings))
        return ()

    def register_too(tenant, config):
        return register(tenant, config)

    one = plugin("one", recon_plugin_settings=Settings, recon_register_rules=register)
    two = plugin("two", recon_plugin_settings=Settings, recon_register_rules=register_too)
    load({"one": one, "two": two}, settings={"two": {"days": 9}})
    assert seen == [(TENANT, "one", Settings(3)), (TENANT, "two", Settings(9))]


def test_each_hook_is_called_once_for_a_load():
    calls = []
    rules = base(recon_register_rules=lambda: calls.append(1) or [Rule()])
    load({"rules-default": rules}).rule_set()
    assert calls == [1]


def test_weights_become_integer_millionths_and_penalties_count_against():
    rules = [
        Rule(name="a", weight=0.1),
        Rule(name="b", weight=1 / 3, role=Role.BOOST),
        Rule(name="c", weight=2, role=Role.PENALTY),
        Rule(name="d", weight=9),
        Rule(name="e"),
    ]
    loaded = load(
        {"rules-default": base(recon_register_rules=rules)},
        rules={"d": RuleOverride(weight=0.000001), "e": RuleOverride(enabled=False)},
    )
    assert [(rule.name, weight) for rule, weight in loaded.rule_set().rules] == [
        ("a", 100_000),
        ("b", 333_333),
        ("c", -2_000_000),
        ("d", 1),
    ]


def test_identity_counts_only_for_plugins_that_the_operator_trusts():
    own = plugin("own", recon_register_rules=[Rule(name="iban", evidence=Evidence.IDENTITY)])
    rules = [Rule(), Rule(name="reference", evidence=Evidence.IDENTITY)]
    plugins = {"rules-default": base(recon_register_rules=rules), "own": own}
    assert load(plugins).rule_set().trusted_identity == {"reference"}
    trusted = load(plugins, trusted_identity=("rules-default", "own")).rule_set()
    assert trusted.trusted_identity == {"reference", "iban"}


def test_engines_storage_and_readers_come_by_name():
    other = plugin(
        "other",
        recon_register_engines=[Runs(name="b"), Runs(name="a")],
        recon_register_storage_backends=[Store()],
        recon_register_statement_readers=[Reader()],
    )
    loaded = load({"other": other})
    assert names(loaded.engines()) == ["a", "b"]
    assert [backend.scheme for backend in loaded.storage_backends()] == ["memory"]
    assert names(loaded.statement_readers()) == ["mt940"]


def test_explainers_stand_in_the_tenants_order():
    words = [Words(name="b"), Words(name="a"), Words(name="unused")]
    talker = {"talker": plugin("talker", recon_register_explainers=words)}
    assert names(load(talker, explainers=("b", "a")).explainers()) == ["b", "a"]
    with pytest.raises(ConfigError, match=r"explainers\[1\]: .*'unsued'; did you mean 'unused'"):
        load(talker, explainers=("a", "unsued"))


def test_generators_may_hand_things_over():
    def register():
        yield Rule()

    assert len(load({"rules-default": base(recon_register_rules=register)}).rules) == 1


# ------------------------------------------------------------------------------------------------
# Without packaging
# ------------------------------------------------------------------------------------------------


def test_rules_blockers_and_models_need_no_package():
    @pair_rule(weight=0.2, version="3")
    def same_month(invoice, transaction):
        return 1.0

    rule_set = load(extra=[same_month, Blocks(name="mine"), Model(name="gift")]).rule_set()
    assert [rule.name for rule, _ in rule_set.rules] == ["exact_amount", "same_month"]
    assert names(rule_set.blockers) == ["by_amount", "mine"]
    assert names(rule_set.difference_models) == ["fee", "gift"]
    assert rule_set.plugin_of["same_month"] == "local"
    versions = dict(rule_set.plugin_versions)
    assert versions["local"] == "gift 1, mine 0, same_month 3"


def test_modules_and_objects_with_hooks_need_no_package():
    class MyRules:
        @hookimpl
        def recon_register_rules(self, tenant):
            return [Rule(name=tenant.id)]

    loaded = load(extra=[MyRules(), plugin("pkg.extra", recon_register_rules=[Rule(name="x")])])
    assert loaded.names == ("extra", "my_rules", "rules-default")
    versions = dict(loaded.versions)
    assert versions["my_rules"].startswith("0+")
    assert versions["extra"] == "0"


def test_a_plugin_that_is_also_named_is_loaded_once():
    module = base()
    assert load({"rules-default": module}, extra=[module]).names == ("rules-default",)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("rules-default", "'rules-default' is a name; name installed plugins"),
        (Rule, "Rule is a class; give an instance"),
        (object(), "a object is no rule"),
        (Rule(weight=11), r"rule 'exact_amount' .*weight must be a number from 0 to 10, not 11"),
    ],
)
def test_what_is_no_plugin_is_refused_with_the_remedy(item, message):
    with pytest.raises(PluginError, match=message):
        load(extra=[item])


def test_local_is_no_name_for_an_installed_plugin():
    with pytest.raises(ConfigError, match="plugins: 'local' stands for"):
        load({"local": plugin(recon_register_rules=[])})


# ------------------------------------------------------------------------------------------------
# What is refused at load
# ------------------------------------------------------------------------------------------------


def refused(error=PluginError, **hooks):
    with pytest.raises(error) as caught:
        load({"acme": plugin("acme", **hooks)})
    return caught.value


def test_a_plugin_that_is_not_installed_is_named_with_what_is():
    with pytest.raises(PluginNotFoundError) as caught:
        load(plugins=("rules-defualt",))
    assert str(caught.value) == (
        "plugin 'rules-defualt', load: it is not installed; did you mean 'rules-default'?"
        " (installed: rules-default)"
    )


def test_missing_default_rules_name_the_command():
    with pytest.raises(PluginNotFoundError, match="pip install recon-rules-default"):
        TenantPlugins.load(TENANT, TenantConfig(), PluginCatalog.of({}))


def test_a_misspelt_hook_is_named_with_the_right_one():
    assert str(refused(recon_register_rule=[])) == (
        "plugin 'acme', recon_register_rule: there is no such hook;"
        " did you mean 'recon_register_rules'?"
    )


@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
def test_wrappers_are_refused(style):
    def recon_register_rules():
        yield

    module = types.ModuleType("acme")
    module.recon_register_rules = hookimpl(**{style: True})(recon_register_rules)
    with pytest.raises(PluginError, match="'acme', recon_register_rules: is a wrapper"):
        load({"acme": module})


def test_async_implementations_are_refused():
    async def register():
        return []

    async def generate():
        yield Rule()

    for function in (register, generate):
        error = refused(recon_register_rules=function)
        assert (error.plugin, error.hook) == ("acme", "recon_register_rules")
        assert "async" in error.detail


def test_a_hidden_coroutine_is_refused_without_a_warning():
    async def later():
        return []

    assert "not async" in refused(recon_register_rules=lambda: later()).detail


def test_an_unmarked_hook_is_refused():
    module = plugin("acme", recon_register_blockers=[])
    module.recon_register_rules = giving([])
    with pytest.raises(PluginError, match="recon_register_rules: is not marked with @hookimpl"):
        load({"acme": module})


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda tenent: [], "no argument 'tenent'; did you mean 'tenant'"),
        (lambda tenant=None: [], "'tenant' has a default"),
        (lambda **rest: [], r"takes \*rest"),
    ],
)
def test_arguments_that_would_never_be_filled_are_refused(function, message):
    with pytest.raises(PluginError, match=f"'acme', recon_register_rules: .*{message}"):
        load({"acme": plugin(recon_register_rules=function)})


def test_a_hook_twice_in_one_plugin_is_refused():
    module = plugin("acme", recon_register_rules=[])
    module.other = hookimpl(specname="recon_register_rules")(giving([]))
    with pytest.raises(PluginError, match="recon_register_rules: is implemented twice"):
        load({"acme": module})


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (Rule, "Rule is no plugin; a plugin is a module or an instance"),
        (None, "None is no plugin"),
        (types.ModuleType("empty"), "empty implements no hook"),
    ],
)
def test_what_an_entry_point_must_not_name(thing, message):
    with pytest.raises(PluginError, match=f"plugin 'acme', load: {message}"):
        load({"acme": thing})


def test_an_object_that_cannot_be_hashed_is_refused():
    @attrs.define
    class Mutable:
        @hookimpl
        def recon_register_rules(self):
            return ()

    with pytest.raises(PluginError, match=r"plugin 'acme', load: .*unhashable"):
        load({"acme": Mutable()})


def test_one_object_under_two_names_is_refused():
    module = base()
    with pytest.raises(DuplicateNameError, match="same object as plugin 'rules-default'"):
        load({"rules-default": module, "again": module})


# ------------------------------------------------------------------------------------------------
# What is refused at the seam
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(3), PluginError("x", "y", "bad")])
def test_whatever_a_hook_raises_names_the_plugin_and_the_hook(error):
    def register():
        raise error

    caught = refused(recon_register_rules=register)
    assert (caught.plugin, caught.hook) == ("acme", "recon_register_rules")
    assert caught.__cause__ is error


def test_a_hook_may_refuse_its_settings_with_a_path():
    def register():
        raise ConfigError(path="days", detail="must be odd")

    error = refused(ConfigError, recon_register_rules=register)
    assert str(error) == "settings.acme.days: must be odd"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (42, "gave int, not a list of rules"),
        ("rules", "gave str, not a list"),
        (Rule(), "gave Rule, not a list"),
        (None, "gave None"),
        ([None], "gave a NoneType, which is no rule: it lacks cost, describe"),
        ([Rule], "gave the class Rule, not an instance"),
        ([Rule(name="Exact")], "name must be lower-case"),
        ([Rule(version="")], "version must be a text"),
        ([Rule(version=1)], "version must be a text"),
        ([Rule(weight=True)], "weight must be a number from 0 to 10, not True"),
        ([Rule(weight=10.1)], "weight must be a number from 0 to 10, not 10.1"),
        ([Rule(weight=float("nan"))], "weight must be"),
        ([Rule(weight="1")], "weight must be"),
        ([Rule(upper_bound=1.5)], "upper_bound must be a number from 0 to 1"),
        ([Rule(evidence="amount")], "evidence must be a Evidence, not 'amount'"),
        ([Rule(role=None)], "role must be a Role"),
        ([Rule(cost=1)], "cost must be a Cost"),
    ],
)
def test_wrong_rules_are_refused(given, message):
    error = refused(recon_register_rules=giving(given))
    assert (error.plugin, error.hook) == ("acme", "recon_register_rules")
    assert message in error.detail


def test_async_methods_are_refused():
    class Slow(Rule):
        async def score(self, pairs):
            return None

    assert "score must not be async" in refused(recon_register_rules=[Slow()]).detail


def test_a_raising_property_is_the_plugins_fault():
    class Broken(Rule):
        @property
        def score(self):
            raise RuntimeError

    assert "RuntimeError" in refused(recon_register_rules=[Broken()]).detail


@pytest.mark.parametrize(
    ("hook", "given", "message"),
    [
        ("recon_register_blockers", [Rule()], "which is no blocker: it lacks days_after"),
        ("recon_register_blockers", [Blocks(days_before=-1)], "days_before must be"),
        ("recon_register_difference_models", [Model(is_usual=1)], "is_usual must be a bool"),
        ("recon_register_difference_models", [Model(kind=DifferenceKind.NONE)], "kind must be"),
        ("recon_register_explainers", [Words(name="A b")], "name must be"),
    ],
)
def test_wrong_things_of_other_kinds_are_refused(hook, given, message):
    error = refused(**{hook: given})
    assert (error.plugin, error.hook) == ("acme", hook)
    assert message in error.detail


@pytest.mark.parametrize(
    ("hook", "given", "ask", "message"),
    [
        ("recon_register_engines", [Store()], "engines", "which is no engine"),
        ("recon_register_storage_backends", [Store(scheme="A")], "storage_backends", "scheme"),
        ("recon_register_statement_readers", [Reader(suffixes=".s")], "statement_readers", "a t"),
        ("recon_register_statement_readers", [Reader(suffixes=())], "statement_readers", "a t"),
        ("recon_register_statement_readers", [Reader(suffixes=("s",))], "statement_readers", "a"),
    ],
)
def test_wrong_things_are_refused_when_they_are_asked_for(hook, given, ask, message):
    loaded = load({"acme": plugin(**{hook: given})})
    with pytest.raises(PluginError, match=f"'acme', {hook}: .*{message}"):
        getattr(loaded, ask)()


def test_two_plugins_with_one_rule_name_are_both_named():
    error = refused(DuplicateNameError, recon_register_rules=[Rule()])
    assert "'acme'" in str(error)
    assert "'rules-default'" in str(error)
    assert "'exact_amount'" in str(error)
    twice = refused(DuplicateNameError, recon_register_rules=[Rule(name="a"), Rule(name="a")])
    assert "twice" in str(twice)


def test_a_name_belongs_to_one_plugin_across_kinds():
    loaded = load({"acme": plugin(recon_register_blockers=[Blocks(name="exact_amount")])})
    with pytest.raises(DuplicateNameError, match=r"'acme'.*'rules-default'"):
        loaded.rule_set()


# ------------------------------------------------------------------------------------------------
# Settings
# ------------------------------------------------------------------------------------------------


@attrs.frozen
class Settings:
    days: int = 3
    word: str = attrs.field(default="a", validator=attrs.validators.in_(("a", "b")))


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"days": 12.9}, "settings.acme.days: must be a whole number, not 12.9"),
        ({"days": True}, "settings.acme.days: must be a whole number, not True"),
        ({"word": 7}, "settings.acme.word: must be a text, not 7"),
        ({"dyas": 1}, "settings.acme.dyas: unknown key; did you mean 'days'?"),
        ([], "settings.acme: must be a table of keys and values, not []"),
    ],
)
def test_a_wrong_section_is_refused_with_its_path(section, message):
    acme = plugin(recon_plugin_settings=Settings)
    with pytest.raises(ConfigError) as caught:
        load({"acme": acme}, settings={"acme": section})
    assert str(caught.value) == message


def test_a_validator_of_the_settings_class_names_the_section():
    acme = plugin(recon_plugin_settings=Settings)
    with pytest.raises(ConfigError, match=r"^settings.acme.*'word' must be in"):
        load({"acme": acme}, settings={"acme": {"word": "c"}})


def test_a_section_without_a_settings_class_is_refused():
    with pytest.raises(ConfigError, match=r"settings.rules-default: this plugin has no settings"):
        load(settings={"rules-default": {}})


def test_a_section_of_an_inactive_plugin_is_refused():
    acme = plugin(recon_plugin_settings=Settings)
    with pytest.raises(ConfigError, match=r"settings.acme: no plugin of this name is active"):
        load({"acme": acme}, plugins=("rules-default",), settings={"acme": {}})


@pytest.mark.parametrize("given", [3, dict, Settings()])
def test_settings_are_an_attrs_class(given):
    error = refused(recon_plugin_settings=giving(given))
    assert (error.plugin, error.hook) == ("acme", "recon_plugin_settings")


def test_settings_that_plain_data_cannot_express_are_the_plugins_fault():
    @attrs.frozen
    class Odd:
        other: types.SimpleNamespace | None = None

    error = refused(recon_plugin_settings=Odd)
    assert "plain data cannot express" in str(error)


# ------------------------------------------------------------------------------------------------
# The rule set refuses
# ------------------------------------------------------------------------------------------------


def test_no_rule_names_the_command():
    with pytest.raises(NoRulesError, match="pip install recon-rules-default"):
        load({"rules-default": base(recon_register_rules=...)}).rule_set()
    with pytest.raises(NoRulesError, match="pip install recon-rules-default"):
        load(plugins=()).rule_set()


def test_switching_every_rule_off_is_told_apart():
    loaded = load(rules={"exact_amount": RuleOverride(enabled=False)})
    with pytest.raises(NoRulesError, match="every rule is switched off"):
        loaded.rule_set()


def test_an_override_of_an_unknown_rule_is_refused():
    loaded = load(rules={"exact_amuont": RuleOverride(weight=1.0)})
    with pytest.raises(ConfigError) as caught:
        loaded.rule_set()
    assert str(caught.value) == (
        "rules.exact_amuont: no active plugin offers this rule; did you mean 'exact_amount'?"
        " (offered: exact_amount)"
    )


def test_a_weight_with_too_many_decimals_is_refused():
    loaded = load(rules={"exact_amount": RuleOverride(weight=0.1234567)})
    with pytest.raises(ConfigError, match=r"rules.exact_amount.weight: has more than six"):
        loaded.rule_set()


@pytest.mark.parametrize("key", ["policy", "assigner"])
def test_policy_and_assigner_come_from_the_named_plugin(key):
    acme = plugin(recon_register_rules=[Rule(name="mine")])
    with pytest.raises(ConfigError, match=f"^{key}: plugin 'acme' builds no {key}"):
        load({"acme": acme}, **{key: "acme"}).rule_set()
    with pytest.raises(ConfigError, match=f"^{key}: plugin 'nobody' is not active"):
        load(**{key: "nobody"}).rule_set()
    other = plugin(
        recon_build_policy=Judge(name="other"), recon_build_assigner=Chooser(name="other")
    )
    rule_set = load({"other": other}, **{key: "other"}).rule_set()
    assert getattr(rule_set, key).name == "other"


def test_a_wrong_policy_is_refused():
    loaded = load({"rules-default": base(recon_build_policy=[Judge()])})
    with pytest.raises(PluginError, match="'rules-default', recon_build_policy: gave a list"):
        loaded.rule_set()


# ------------------------------------------------------------------------------------------------
# Notices
# ------------------------------------------------------------------------------------------------


def test_failures_of_notices_are_collected_and_all_plugins_are_told():
    told = []
    loud = plugin(recon_run_finished=lambda tenant, run: told.append((tenant.id, run)))
    broken = plugin(
        recon_run_finished=lambda run: 1 / 0,
        recon_match_decided=lambda notice: told.append(notice),
    )
    loaded = load({"a-broken": broken, "loud": loud})
    failures = loaded.notify_run_finished("run")
    assert [(failure.plugin, failure.hook) for failure in failures] == [
        ("a-broken", "recon_run_finished")
    ]
    assert loaded.notify_match_decided("notice") == ()
    assert told == [("acme", "run"), "notice"]
