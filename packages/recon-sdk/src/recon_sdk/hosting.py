"""Plugin host: the plugins of one tenant behind pluggy, each vetted on entry and called alone."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import pluggy

from recon_sdk import hookspecs
from recon_sdk.errors import ConfigError, DuplicateNameError, PluginError
from recon_sdk.markers import PROJECT
from recon_sdk.structuring import join_path
from recon_sdk.suggestions import did_you_mean

__all__ = ["PluginHost", "blame", "marked_hooks"]

_ARGUMENTS = {
    name: frozenset(inspect.signature(getattr(hookspecs, name)).parameters)
    for name in hookspecs.__all__
}
_GIVES_ONE = {
    name
    for name in hookspecs.__all__
    if getattr(getattr(hookspecs, name), f"{PROJECT}_spec")["firstresult"]
}


class PluginHost:
    """The plugins of one tenant.

    One manager belongs to one tenant, so what is active for one is never called for another.
    """

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._plugins: dict[str, object] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the plugins, sorted."""
        return tuple(sorted(self._plugins))

    def has(self, plugin: object) -> bool:
        """Whether this very object is already one of the plugins."""
        return any(plugin is other for other in self._plugins.values())

    def add(self, name: str, plugin: object) -> None:
        """Vet a plugin and take it in.

        Raises:
            DuplicateNameError: There is one of this name.
            PluginError: It is no plugin, a hook is misspelt, an argument does not exist, or an
                implementation is a wrapper, async, or there twice.
        """
        if name in self._plugins:
            raise DuplicateNameError(name, "load", "two plugins of this name are given")
        if self.has(plugin):
            other = next(key for key, value in self._plugins.items() if value is plugin)
            raise DuplicateNameError(name, "load", f"it is the same object as plugin {other!r}")
        _vet(name, plugin)
        with blame(name, "load"):
            hash(plugin)
            self._manager.register(plugin, name=name)
            self._manager.check_pending()
        self._plugins[name] = plugin

    def hooks_of(self, name: str) -> tuple[str, ...]:
        """Names of the hooks that a plugin implements, sorted."""
        callers = self._manager.get_hookcallers(self._plugins[name]) or []
        return tuple(sorted(caller.name for caller in callers))

    @staticmethod
    def arguments_of(hook: str) -> frozenset[str]:
        """Names of the arguments that a hook is called with."""
        return _ARGUMENTS[hook]

    def call(self, name: str, hook: str, arguments: Mapping[str, Any]) -> object:
        """Call one hook of one plugin that implements it.

        Returns:
            What it gave; an iterator as a tuple of what it yielded.

        Raises:
            PluginError: It raised.
            ConfigError: It refused its settings; the path stands below `settings.<plugin>`.
        """
        others = [plugin for other, plugin in self._plugins.items() if other != name]
        with blame(name, hook):
            given = self._manager.subset_hook_caller(hook, others)(**arguments)
            if hook not in _GIVES_ONE:  # pluggy lists what each plugin gave and drops None
                given = given[0] if given else None
            return tuple(given) if isinstance(given, Iterator) else given


@contextlib.contextmanager
def blame(plugin: str, hook: str) -> Iterator[None]:
    """Turn whatever a plugin raises into an error that names it.

    Raises:
        PluginError: The block raised anything but a settings error.
        ConfigError: The block refused the plugin's settings; the path is completed.
    """
    try:
        yield
    except ConfigError as error:
        path = join_path(f"settings.{plugin}", error.path)
        raise ConfigError(path, error.detail) from error
    except (Exception, SystemExit) as error:
        if isinstance(error, PluginError) and error.plugin == plugin:
            raise
        detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise PluginError(plugin, hook, detail) from error


def marked_hooks(plugin: object) -> Iterable[tuple[str, str, Any, Mapping[str, Any]]]:
    """Find what is marked with `hookimpl`.

    Returns:
        For each its attribute, the hook that it is meant for, the function and the options.
    """
    for attribute in dir(plugin):
        if isinstance(inspect.getattr_static(plugin, attribute, None), property):
            continue
        function = getattr(plugin, attribute, None)
        options = getattr(function, f"{PROJECT}_impl", None)
        if inspect.isroutine(function) and isinstance(options, Mapping):
            yield attribute, options.get("specname") or attribute, function, options


def _vet(name: str, plugin: object) -> None:
    """Refuse what pluggy would let pass, or would refuse in words of its own."""
    if isinstance(plugin, type | str | None):
        label = plugin.__name__ if isinstance(plugin, type) else repr(plugin)
        detail = f"{label} is no plugin; a plugin is a module or an instance"
        raise PluginError(name, "load", detail)
    with blame(name, "load"):
        marked = list(marked_hooks(plugin))
    seen: set[str] = set()
    for _, hook, function, options in marked:
        if fault := _fault_of(hook, function, options):
            raise PluginError(name, hook, fault)
        if hook in seen:
            raise PluginError(name, hook, "is implemented twice; keep one")
        seen.add(hook)
    for hook in hookspecs.__all__:
        unmarked = hook not in seen and inspect.isroutine(getattr(plugin, hook, None))
        if unmarked and not hasattr(getattr(plugin, hook), f"{PROJECT}_spec"):
            raise PluginError(name, hook, "is not marked with @hookimpl, so it is never called")
    if not seen:
        what = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__name__
        detail = f"{what} implements no hook; mark functions with @hookimpl"
        raise PluginError(name, "load", detail)


def _fault_of(hook: str, function: Any, options: Mapping[str, Any]) -> str:
    if options.get("wrapper") or options.get("hookwrapper"):
        return "is a wrapper; a plugin cannot wrap what other plugins give"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "is async; hooks are plain functions"
    if hook not in _ARGUMENTS:
        return f"there is no such hook{did_you_mean(hook, _ARGUMENTS)}"
    for parameter in inspect.signature(function).parameters.values():
        argument, given = parameter.name, _ARGUMENTS[hook]
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            return f"takes *{argument}, which is never filled; name the arguments"
        if argument not in given:
            hint = did_you_mean(argument, given)
            listing = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters) or "none"
            return f"there is no argument {argument!r}{hint} (arguments: {listing})"
        if parameter.default is not parameter.empty:
            return f"argument {argument!r} has a default, so it is never filled; take it away"
    return ""
