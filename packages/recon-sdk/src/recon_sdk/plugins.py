"""Plugins of one tenant: loaded, checked, and called one at a time.

What comes out is typed, checked and sorted by name; a failure names the plugin and the hook.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs

from recon_sdk import kinds
from recon_sdk.blocking import Blocker
from recon_sdk.catalog import PluginCatalog, source_version
from recon_sdk.config import PluginConfig, TenantConfig, TenantRef
from recon_sdk.differences import DifferenceModel
from recon_sdk.errors import ConfigError, PluginError
from recon_sdk.explanations import Explainer
from recon_sdk.hosting import PluginHost, blame, marked_hooks
from recon_sdk.loose import LOCAL, LooseThings, refuse
from recon_sdk.markers import hookimpl
from recon_sdk.offers import Offer, check_thing, check_things, sort_offers
from recon_sdk.recognisers import Recogniser
from recon_sdk.rule_sets import active_rules, make_rule_set
from recon_sdk.rules import ScoringRule
from recon_sdk.structuring import check_structurable, structure
from recon_sdk.suggestions import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk.assignment import Assigner
    from recon_sdk.engines import Engine, RuleSet
    from recon_sdk.notices import DecisionNotice, RunNotice
    from recon_sdk.policy import DecisionPolicy
    from recon_sdk.statements import StatementReader
    from recon_sdk.storage import StorageBackend

__all__ = ["PluginCatalog", "TenantPlugins", "hookimpl", "settings_class"]

T = TypeVar("T")


@attrs.frozen(kw_only=True, eq=False)
class TenantPlugins:
    """The active plugins of one tenant and what they offer.

    Attributes:
        tenant: Who is served.
        config: The tenant's configuration.
        host: The plugins themselves.
        versions: Plugin and version, sorted.
        configs: What each plugin sees of the configuration, by plugin.
        rules: All offered rules by name, switched off ones included.
        blockers: All offered blockers by name.
        difference_models: All offered difference models by name.
        recognisers: All offered recognisers by name.
        explainer_offers: All offered explainers by name, in use or not.
    """

    tenant: TenantRef
    config: TenantConfig
    host: PluginHost
    versions: tuple[tuple[str, str], ...]
    configs: dict[str, PluginConfig]
    rules: tuple[Offer[ScoringRule], ...] = ()
    blockers: tuple[Offer[Blocker], ...] = ()
    difference_models: tuple[Offer[DifferenceModel], ...] = ()
    recognisers: tuple[Offer[Recogniser], ...] = ()
    explainer_offers: tuple[Offer[Explainer], ...] = ()

    @classmethod
    def load(
        cls,
        tenant: TenantRef,
        config: TenantConfig,
        catalog: PluginCatalog,
        extra: Iterable[object] = (),
    ) -> TenantPlugins:
        """Load the plugins that a configuration names, and call all that register something.

        Args:
            tenant: Who is served.
            config: Names the plugins and holds their settings.
            catalog: What is installed.
            extra: Plugins without a package: modules and objects with marked functions, rules,
                blockers and difference models. They are active without being named. Modules go
                by the last part of their name, objects by their class's; loose things together
                are the plugin `local`.

        Raises:
            PluginNotFoundError: A named plugin is not installed.
            PluginError: A plugin failed or is none.
            DuplicateNameError: Two things of one kind, or two plugins, have the same name.
            ConfigError: A section of settings is wrong, or belongs to no active plugin.
        """
        host, versions = _host(config, catalog, extra)
        configs = {name: _plugin_config(host, name, config) for name in host.names}
        for section in config.settings:
            if section not in configs:
                hint = did_you_mean(section, host.names)
                detail = f"no plugin of this name is active{hint} (active: {listed(host.names)})"
                raise ConfigError(path=f"settings.{section}", detail=detail)
        loaded = cls(tenant=tenant, config=config, host=host, versions=versions, configs=configs)
        loaded = attrs.evolve(
            loaded,
            rules=loaded.offers_of(kinds.RULES),
            blockers=loaded.offers_of(kinds.BLOCKERS),
            difference_models=loaded.offers_of(kinds.DIFFERENCE_MODELS),
            recognisers=loaded.offers_of(kinds.RECOGNISERS),
            explainer_offers=loaded.offers_of(kinds.EXPLAINERS),
        )
        loaded.explainers()
        return loaded

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the active plugins, sorted."""
        return self.host.names

    def rule_set(self) -> RuleSet:
        """Put together what an engine needs: offers, weights, policy and assigner.

        Raises:
            NoRulesError: No rule is active.
            ConfigError: A rule, the policy or the assigner that is named is not there.
            DuplicateNameError: Two plugins use one name, be it for different kinds of things.
            PluginError: A plugin failed.
        """
        active_rules(self.rules, self.config)  # what is missing most is said first
        return make_rule_set(
            config=self.config,
            rules=self.rules,
            blockers=self.blockers,
            difference_models=self.difference_models,
            recognisers=self.recognisers,
            assigner=cast("Assigner", self._provider(kinds.ASSIGNERS, "assigner")),
            policy=cast("DecisionPolicy", self._provider(kinds.POLICIES, "policy")),
            plugin_versions=self.versions,
        )

    def explainers(self) -> tuple[Explainer, ...]:
        """Give the explainers in use, in the tenant's order.

        Raises:
            ConfigError: The configuration names one that nobody offers.
        """
        by_name = {offer.thing.name: offer.thing for offer in self.explainer_offers}
        for at, name in enumerate(self.config.explainers):
            if name not in by_name:
                hint = did_you_mean(name, by_name)
                detail = f"no active plugin offers {name!r}{hint} (offered: {listed(by_name)})"
                raise ConfigError(path=f"explainers[{at}]", detail=detail)
        return tuple(by_name[name] for name in self.config.explainers)

    def engines(self) -> tuple[Engine, ...]:
        """Give the engines that plugins offer, by name; the built-in one is not among them."""
        return _things(self.offers_of(kinds.ENGINES))

    def storage_backends(self) -> tuple[StorageBackend, ...]:
        """Give the storage backends by scheme."""
        return _things(self.offers_of(kinds.STORAGE_BACKENDS))

    def statement_readers(self) -> tuple[StatementReader, ...]:
        """Give the readers of bank files by name."""
        return _things(self.offers_of(kinds.STATEMENT_READERS))

    def notify_run_finished(self, run: RunNotice) -> tuple[PluginError, ...]:
        """Tell all plugins; give the failures, raise none."""
        return self._notify("recon_run_finished", {"run": run})

    def notify_match_decided(self, notice: DecisionNotice) -> tuple[PluginError, ...]:
        """Tell all plugins; give the failures, raise none."""
        return self._notify("recon_match_decided", {"notice": notice})

    def offers_of(self, kind: kinds.Kind) -> tuple[Offer[Any], ...]:
        """Ask all plugins for things of a kind of which one may offer many; sorted by name."""
        offers = []
        for name in self._implementing(kind.hook):
            given = self.host.call(name, kind.hook, self._arguments(name, kind.hook))
            with blame(name, kind.hook):
                things = check_things(kind, name, given)
            offers += [Offer(name, thing) for thing in things]
        return sort_offers(kind, offers)

    def build(self, kind: kinds.Kind, name: str) -> object | None:
        """Ask one active plugin for the thing of a kind of which it builds one, None for none."""
        if kind.hook not in self.host.hooks_of(name):
            return None
        given = self.host.call(name, kind.hook, self._arguments(name, kind.hook))
        with blame(name, kind.hook):
            return None if given is None else check_thing(kind, name, given)

    def _provider(self, kind: kinds.Kind, key: str) -> object:
        name = getattr(self.config, key)
        if name not in self.names:
            hint = did_you_mean(name, self.names)
            detail = f"plugin {name!r} is not active{hint} (active: {listed(self.names)})"
            raise ConfigError(key, detail)
        built = self.build(kind, name)
        if built is None:
            others = listed(set(self._implementing(kind.hook)) - {name})
            detail = f"plugin {name!r} builds no {kind.noun} (plugins that do: {others})"
            raise ConfigError(key, detail)
        return built

    def _notify(self, hook: str, arguments: dict[str, Any]) -> tuple[PluginError, ...]:
        failures = []
        for name in self._implementing(hook):
            try:
                self.host.call(name, hook, {"tenant": self.tenant, **arguments})
            except ConfigError as error:
                failures.append(PluginError(name, hook, str(error)))
            except PluginError as error:
                failures.append(error)
        return tuple(failures)

    def _implementing(self, hook: str) -> tuple[str, ...]:
        return tuple(name for name in self.names if hook in self.host.hooks_of(name))

    def _arguments(self, name: str, hook: str) -> dict[str, Any]:
        given = {"tenant": self.tenant, "config": self.configs[name]}
        return {key: given[key] for key in self.host.arguments_of(hook)}


def _things(offers: tuple[Offer[T], ...]) -> tuple[T, ...]:
    return tuple(offer.thing for offer in offers)


def _host(
    config: TenantConfig, catalog: PluginCatalog, extra: Iterable[object]
) -> tuple[PluginHost, tuple[tuple[str, str], ...]]:
    """Take in the named plugins, then what was given without a package."""
    host, versions, loose = PluginHost(), {}, LooseThings()
    for name in config.plugins:
        if name == LOCAL:
            raise ConfigError(path="plugins", detail=f"{LOCAL!r} stands for rules given in code")
        host.add(name, catalog.load(name))
        versions[name] = catalog.entry(name).version
    for item in extra:
        if host.has(item):
            continue  # named in the configuration as well
        if kind := LooseThings.kind_of(item):
            loose = loose.adding(item, kind)
            continue
        if isinstance(item, type | str) or not any(marked_hooks(item)):
            raise refuse(item)
        name = _name_of(item)
        host.add(name, item)
        versions[name] = source_version(item)
    if loose.things:
        host.add(LOCAL, loose)
        versions[LOCAL] = loose.version
    return host, tuple(sorted(versions.items()))


def _name_of(plugin: object) -> str:
    if inspect.ismodule(plugin):
        return plugin.__name__.rpartition(".")[2].strip("_").lower()
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(plugin).__name__).strip("_").lower()


def settings_class(host: PluginHost, name: str) -> type | None:
    """Ask a plugin for the class of its settings.

    Raises:
        PluginError: It gave something else, or a class that plain data cannot express.
    """
    hook = "recon_plugin_settings"
    if hook not in host.hooks_of(name):
        return None
    given = host.call(name, hook, {})
    if given is None:
        return None
    if not isinstance(given, type) or not attrs.has(given):
        detail = f"gave {given!r}; settings are an attrs class, such as one of @attrs.frozen"
        raise PluginError(name, hook, detail)
    with blame(name, hook):
        check_structurable(given)
    return given


def _plugin_config(host: PluginHost, name: str, config: TenantConfig) -> PluginConfig:
    """Structure a plugin's own section; nobody else sees it."""
    kind, path = settings_class(host, name), f"settings.{name}"
    if kind is None:
        if name in config.settings:
            raise ConfigError(path, "this plugin has no settings; take the section away")
        return PluginConfig(plugin=name)
    return PluginConfig(plugin=name, settings=structure(config.settings.get(name, {}), kind, path))
