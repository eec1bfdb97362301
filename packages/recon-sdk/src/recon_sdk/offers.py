"""Offers: what plugins hand over, checked at the seam before anything else touches it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from recon_sdk.errors import DuplicateNameError, PluginError
from recon_sdk.suggestions import listed

if TYPE_CHECKING:
    from recon_sdk.kinds import Kind

__all__ = ["Offer", "check_thing", "check_things", "fault_of", "sort_offers"]

T = TypeVar("T")


@attrs.frozen
class Offer(Generic[T]):
    """One thing and the plugin that offers it.

    Attributes:
        plugin: The plugin's name.
        thing: What it offers.
    """

    plugin: str
    thing: T


def fault_of(kind: Kind, thing: object) -> str:
    """Say why a thing is not of a kind, "" where it is."""
    what = type(thing).__name__
    if inspect.isawaitable(thing):
        _discard(thing)
        return f"gave a {what}: hooks are plain functions, not async"
    if isinstance(thing, type):
        return f"gave the class {thing.__name__}, not an instance of it"
    missing = [name for name in (*kind.fields, *kind.methods) if not hasattr(thing, name)]
    if missing or not isinstance(thing, kind.protocol):
        lack = listed(missing) if missing else "attributes of its own (__getattr__ does not do)"
        return f"gave a {what}, which is no {kind.noun}: it lacks {lack}"
    label = f"{kind.noun} {getattr(thing, kind.key)!r}"
    for field, check in kind.fields.items():
        value = getattr(thing, field)
        if wanted := check(value):
            return f"{label} ({what}): {field} must be {wanted}, not {value!r}"
    for name in kind.methods:
        method = getattr(thing, name)
        if not callable(method):
            return f"{label} ({what}): {name} must be a method, not {method!r}"
        if name not in kind.awaited and inspect.iscoroutinefunction(method):
            return f"{label} ({what}): {name} must not be async"
    return ""


def check_thing(kind: Kind, plugin: str, thing: object) -> object:
    """Check what a hook that gives one thing gave.

    Raises:
        PluginError: It is not of the kind; names plugin and hook.
    """
    if fault := fault_of(kind, thing):
        raise PluginError(plugin, kind.hook, fault)
    return thing


def check_things(kind: Kind, plugin: str, given: object) -> tuple[object, ...]:
    """Check what a hook that gives many things gave.

    Raises:
        PluginError: It gave none (`()` means none), something that is no collection, or something
            of another kind; names plugin and hook.
    """
    if inspect.isawaitable(given) or inspect.isasyncgen(given):
        fault = fault_of(kind, given) or "gave an async generator: hooks are not async"
        raise PluginError(plugin, kind.hook, fault)
    if given is None:
        detail = f"gave None (a forgotten return?); give the {kind.noun}s, or () for none"
        raise PluginError(plugin, kind.hook, detail)
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        detail = f"gave {type(given).__name__}, not a list of {kind.noun}s"
        raise PluginError(plugin, kind.hook, detail)
    return tuple(check_thing(kind, plugin, thing) for thing in given)


def sort_offers(kind: Kind, offers: Iterable[Offer[T]]) -> tuple[Offer[T], ...]:
    """Sort offers by name, so that no order of installation or listing has a meaning.

    Raises:
        DuplicateNameError: Two are of one name; names both plugins.
    """
    by_name: dict[str, Offer[T]] = {}
    for offer in offers:
        name = getattr(offer.thing, kind.key)
        if name in by_name:
            other = by_name[name].plugin
            also = "twice" if other == offer.plugin else f"and so does plugin {other!r}"
            detail = f"offers the {kind.noun} {name!r}, {also}; names are unique for a tenant"
            raise DuplicateNameError(offer.plugin, kind.hook, detail)
        by_name[name] = offer
    return tuple(by_name[name] for name in sorted(by_name))


def _discard(awaitable: object) -> None:
    """Close a coroutine, so that Python does not warn of one that was never awaited."""
    close = getattr(awaitable, "close", None)
    if callable(close):
        close()
