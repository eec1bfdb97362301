"""Plugin catalog: which plugins are installed, found once and imported only when they are used."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

import attrs

from recon_sdk.errors import DuplicateNameError, PluginError, PluginNotFoundError
from recon_sdk.suggestions import did_you_mean, listed

__all__ = ["GROUP", "CatalogEntry", "PluginCatalog", "source_version"]

GROUP = "recon.plugins"
"""Entry-point group in which packages announce their plugins."""


@attrs.frozen(kw_only=True)
class CatalogEntry:
    """One plugin that could be switched on.

    Attributes:
        name: The plugin's name: that of its entry point.
        version: The version of the distribution that brings it.
        origin: The distribution, or a word for where else it comes from.
        load: Imports it.
    """

    name: str
    version: str
    origin: str
    load: Callable[[], object]


@attrs.frozen
class PluginCatalog:
    """The plugins that could be switched on. Building one looks at what is installed, once.

    Attributes:
        entries: All entries by plugin name; more than one for a name is an error when it is used.
    """

    entries: Mapping[str, tuple[CatalogEntry, ...]]

    @classmethod
    def installed(cls) -> PluginCatalog:
        """Look up what is installed in this environment; imports nothing."""
        found: dict[str, list[CatalogEntry]] = {}
        for point in entry_points(group=GROUP):
            entry = CatalogEntry(
                name=point.name,
                version=point.dist.version if point.dist else "0",
                origin=point.dist.name if point.dist else point.value,
                load=point.load,
            )
            found.setdefault(entry.name, []).append(entry)
        return cls({name: tuple(found[name]) for name in sorted(found)})

    @classmethod
    def of(cls, plugins: Mapping[str, object]) -> PluginCatalog:
        """Make a catalog of given modules or objects by name, for tests and for embedding."""
        return cls(
            {
                name: (
                    CatalogEntry(
                        name=name,
                        version=source_version(plugin),
                        origin="given",
                        load=lambda plugin=plugin: plugin,  # type: ignore[misc]
                    ),
                )
                for name, plugin in sorted(plugins.items())
            }
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all plugins, sorted."""
        return tuple(sorted(self.entries))

    def entry(self, name: str) -> CatalogEntry:
        """Give the entry of a plugin.

        Raises:
            PluginNotFoundError: No such plugin is installed.
            DuplicateNameError: Two distributions bring a plugin of this name.
        """
        found = self.entries.get(name, ())
        if not found:
            remedy = "; run: pip install recon-rules-default" if name == "rules-default" else ""
            raise PluginNotFoundError(
                name,
                "load",
                f"it is not installed{did_you_mean(name, self.names)}{remedy}"
                f" (installed: {listed(self.names)})",
            )
        if len(found) > 1:
            raise DuplicateNameError(
                name,
                "load",
                f"{listed(entry.origin for entry in found)} each bring a plugin of this name; "
                "uninstall all but one",
            )
        return found[0]

    def load(self, name: str) -> object:
        """Import a plugin.

        Raises:
            PluginNotFoundError: No such plugin is installed.
            PluginError: It cannot be imported, or it is not a module or an object.
        """
        entry = self.entry(name)
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:
            detail = f"{entry.origin} cannot be imported: {type(error).__name__}: {error}"
            raise PluginError(name, "load", detail) from error
        return plugin


def source_version(plugin: object) -> str:
    """Give a version to a plugin that has none: `0+` and a hash of its module's source."""
    try:
        text = inspect.getsource(plugin if inspect.ismodule(plugin) else type(plugin))
    except (OSError, TypeError):
        return "0"
    return f"0+{hashlib.sha256(text.encode()).hexdigest()[:12]}"
