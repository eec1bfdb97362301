"""What is installed: each plugin with what it offers, as `recon plugins` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from recon_sdk import kinds
from recon_sdk.config import TenantConfig, TenantRef
from recon_sdk.errors import ReconError
from recon_sdk.plugins import TenantPlugins, settings_class
from recon_sdk.schema import schema_of

if TYPE_CHECKING:
    from recon_sdk.catalog import CatalogEntry, PluginCatalog

__all__ = ["PluginInfo", "list_plugins"]


@attrs.frozen(kw_only=True)
class PluginInfo:
    """One installed plugin.

    Attributes:
        name: By this name a configuration switches it on.
        version: Version of its distribution.
        origin: Its distribution; several, separated by commas, where they clash.
        hooks: Hooks that it implements, sorted.
        offers: What it offers with its default settings: kind of thing and names, sorted.
        settings: JSON Schema of its settings, None where it has none.
        error: Why it cannot be used, "" where it can.
    """

    name: str
    version: str
    origin: str
    hooks: tuple[str, ...] = ()
    offers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    settings: dict[str, Any] | None = None
    error: str = ""


def list_plugins(
    catalog: PluginCatalog, tenant: TenantRef | None = None
) -> tuple[PluginInfo, ...]:
    """Load every installed plugin alone and say what it offers, by name. Raises nothing."""
    who = tenant or TenantRef()
    return tuple(_inform(catalog, name, catalog.entries[name], who) for name in catalog.names)


def _inform(
    catalog: PluginCatalog, name: str, entries: tuple[CatalogEntry, ...], tenant: TenantRef
) -> PluginInfo:
    info = PluginInfo(
        name=name,
        version=", ".join(entry.version for entry in entries),
        origin=", ".join(entry.origin for entry in entries),
    )
    try:
        config = TenantConfig(plugins=(name,), policy=name, assigner=name)
        loaded = TenantPlugins.load(tenant, config, catalog)
        settings = settings_class(loaded.host, name)
        info = attrs.evolve(
            info,
            hooks=loaded.host.hooks_of(name),
            settings=None if settings is None else schema_of(settings),
        )
        return attrs.evolve(info, offers=_offers(loaded, name))
    except ReconError as error:
        return attrs.evolve(info, error=str(error))


def _offers(loaded: TenantPlugins, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for kind in kinds.MANY:
        names = tuple(getattr(offer.thing, kind.key) for offer in loaded.offers_of(kind))
        found.append((kind.noun, names))
    for kind in (kinds.ASSIGNERS, kinds.POLICIES):
        built = loaded.build(kind, name)
        found.append((kind.noun, () if built is None else (getattr(built, kind.key),)))
    return tuple((noun, names) for noun, names in found if names)
