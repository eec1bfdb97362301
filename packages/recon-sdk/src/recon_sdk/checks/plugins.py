"""Checks of a whole plugin, and of all that it offers: what `recon check-plugin` runs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk import kinds
from recon_sdk.catalog import PluginCatalog
from recon_sdk.checks import assigners, blockers, differences, explainers, policies, rules
from recon_sdk.checks.builders import all_pairs
from recon_sdk.checks.contract import (
    Check,
    Finding,
    broken,
    capability_of,
    require,
    run_checks,
)
from recon_sdk.checks.ledgers import sample_ledger
from recon_sdk.config import TenantConfig, TenantRef
from recon_sdk.errors import ConfigError, ReconError
from recon_sdk.offers import check_thing
from recon_sdk.plugins import TenantPlugins, settings_class

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHECKS", "check_plugin", "offers_keep_their_promises"]

_NONSENSE = "recon_check_no_such_setting"
_WRONG = ("recon-check-nonsense", "", -1, 10**9, ["recon-check"], {"recon-check": 1}, None)
"""Values that most settings refuse; a setting may also accept one."""


def plugin_loads(name: str, catalog: PluginCatalog, config: TenantConfig) -> None:
    """The plugin loads with its default settings, and offers what its hooks promise.

    Mark functions with `@hookimpl` and spell them as in `recon_sdk.hookspecs`; take only arguments
    that the hook has; wrappers and async functions are refused; give every setting a default.
    """
    try:
        _load(name, catalog, config)
    except ReconError as error:
        broken(str(error))


def wrong_settings_are_refused_by_path(
    name: str, catalog: PluginCatalog, config: TenantConfig
) -> None:
    """A wrong setting is a `ConfigError` that says where it stands, never another error.

    Give each field of the settings class an exact type, `Literal` or an enum for choices, and
    validators; what is wrong beyond that, refuse in the hook with `ConfigError(field, detail)`.
    """
    kind = settings_class(_load(name, catalog, config).host, name)
    fields = [field.name for field in attrs.fields(kind)] if kind is not None else []
    section = config.settings.get(name, {})
    for field, value in itertools.product([*fields, _NONSENSE], _WRONG):
        wrong = {**config.settings, name: {**section, field: value}}
        words = f"the setting {field} = {value!r}"
        try:
            _load(name, catalog, _with(config, settings=wrong))
        except ConfigError as error:
            below = error.path.startswith(f"settings.{name}")
            require(below, f"{words} gives the path {error.path!r}, not settings.{name}")
        except ReconError as error:
            broken(f"{words} gives a {type(error).__name__}: {error}")
        else:
            require(field != _NONSENSE, f"{words} is accepted, though there is no such setting")


def settings_have_defaults(name: str, catalog: PluginCatalog, config: TenantConfig) -> None:
    """A tenant that says nothing gets working settings.

    Give every field of the settings class a default; a tenant switches a plugin on by its name.
    """
    kind = settings_class(_load(name, catalog, config).host, name)
    if kind is None:
        return
    try:
        kind()
    except Exception as error:
        broken(f"{kind.__name__}() raised {type(error).__name__}: {error}")


def loading_twice_gives_the_same(name: str, catalog: PluginCatalog, config: TenantConfig) -> None:
    """Loaded for a second tenant, the plugin offers the same things under the same names.

    Keep no state in the module: one module serves all tenants.
    """
    first, second = (_names(_load(name, catalog, config, TenantRef(id=t))) for t in ("a", "b"))
    require(first == second, f"offered {first}, then {second}")


def tenants_share_nothing(name: str, catalog: PluginCatalog, config: TenantConfig) -> None:
    """Two tenants never get one object, unless it cannot be changed.

    Build rules and the like inside the hook, or make their classes frozen.
    """
    one, other = (_load(name, catalog, config, TenantRef(id=who)) for who in ("a", "b"))
    for kind in kinds.MANY:
        # Every call builds anew; while these are held, nothing new can have their identity.
        offers = one.offers_of(kind)
        things = {id(offer.thing) for offer in offers}
        for offer in other.offers_of(kind):
            if id(offer.thing) in things and _can_change(offer.thing):
                broken(f"{kind.noun} {getattr(offer.thing, kind.key)!r} is one object for all")


CHECKS: tuple[Check, ...] = (
    plugin_loads,
    settings_have_defaults,
    wrong_settings_are_refused_by_path,
    loading_twice_gives_the_same,
    tenants_share_nothing,
)
"""All checks of a plugin as a whole; they take `name`, `catalog` and `config`."""


def check_plugin(
    name: str,
    catalog: PluginCatalog | None = None,
    config: TenantConfig | None = None,
    lacks: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Check a plugin and all rules, blockers, models and the like that it offers.

    Args:
        name: The plugin's name.
        catalog: What is installed; by default what this environment has.
        config: The settings to check it with; by default none are made.
        lacks: Capabilities that it does not have, with the reasons; their checks are skipped.

    Returns:
        What is broken, by subject and check; nothing if the plugin keeps its promises. A plugin
        that does not load is not checked further.
    """
    catalog = PluginCatalog.installed() if catalog is None else catalog
    config = _with(config or TenantConfig(), plugins=(name,))
    given: dict[str, Any] = {"name": name, "catalog": catalog, "config": config}
    found = run_checks(f"plugin {name!r}", CHECKS[:1], given)
    if found:
        return found
    found = run_checks(f"plugin {name!r}", CHECKS[1:], given)
    return tuple(sorted(found + _check_offers(name, catalog, config, lacks or {})))


def offers_keep_their_promises(name: str, catalog: PluginCatalog, config: TenantConfig) -> None:
    """All rules, blockers, models, explainers, policy and assigner of the plugin hold.

    Each finding says what to change. Give each thing a suite of its own to see the tests one by
    one.
    """
    found = _check_offers(name, catalog, config, {})
    require(not found, "\n".join(map(str, found)))


def _check_offers(
    name: str, catalog: PluginCatalog, config: TenantConfig, lacks: Mapping[str, str]
) -> tuple[Finding, ...]:
    loaded = _load(name, catalog, config)
    ledger = sample_ledger()
    samples: dict[str, Any] = {
        "ledger": ledger,
        "pairs": all_pairs(ledger),
        "gaps": differences.sample_gaps(),
        "claims": policies.sample_claims(),
        "contexts": explainers.sample_contexts(),
        "timeout_seconds": 10.0,
    }
    found: tuple[Finding, ...] = ()
    for kind, argument, checks in _SUITES:
        some = [check for check in checks if capability_of(check) not in lacks]
        for thing in _things(loaded, name, kind):
            subject = f"{kind.noun} {getattr(thing, kind.key)!r}"
            found += run_checks(subject, some, {**samples, argument: thing})
    return found


_SUITES: tuple[tuple[kinds.Kind, str, tuple[Check, ...]], ...] = (
    (kinds.RULES, "rule", rules.CHECKS),
    (kinds.BLOCKERS, "blocker", blockers.CHECKS),
    (kinds.DIFFERENCE_MODELS, "model", differences.CHECKS),
    (kinds.EXPLAINERS, "explainer", explainers.CHECKS),
    (kinds.POLICIES, "policy", policies.CHECKS),
    (kinds.ASSIGNERS, "assigner", assigners.CHECKS),
)


def _load(
    name: str, catalog: PluginCatalog, config: TenantConfig, tenant: TenantRef | None = None
) -> TenantPlugins:
    del name
    return TenantPlugins.load(tenant or TenantRef(), config, catalog)


def _names(loaded: TenantPlugins) -> list[str]:
    return [
        f"{kind.noun} {getattr(offer.thing, kind.key)!r}"
        for kind in kinds.MANY
        for offer in loaded.offers_of(kind)
    ]


def _can_change(thing: object) -> bool:
    """Whether an object holds values that somebody could replace."""
    return bool(getattr(thing, "__dict__", None)) and type(thing).__setattr__ is object.__setattr__


def _with(config: TenantConfig, **changes: Any) -> TenantConfig:
    return attrs.evolve(config, **changes)


def _things(loaded: TenantPlugins, name: str, kind: kinds.Kind) -> list[Any]:
    """Give what the plugin offers of a kind; a policy or assigner if it builds one."""
    if kind in kinds.MANY:
        return [offer.thing for offer in loaded.offers_of(kind)]
    if kind.hook not in loaded.host.hooks_of(name):
        return []
    given = {"tenant": loaded.tenant, "config": loaded.configs[name]}
    arguments = {key: given[key] for key in loaded.host.arguments_of(kind.hook)}
    thing = loaded.host.call(name, kind.hook, arguments)
    return [] if thing is None else [check_thing(kind, name, thing)]
