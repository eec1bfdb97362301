"""Things given to `reconcile(plugins=[...])` without a package around them."""

from __future__ import annotations

from typing import Any

import attrs

from recon_sdk.errors import PluginError
from recon_sdk.kinds import BLOCKERS, DIFFERENCE_MODELS, RECOGNISERS, RULES, Kind
from recon_sdk.markers import hookimpl
from recon_sdk.offers import check_thing

__all__ = ["LOCAL", "LooseThings", "refuse"]

LOCAL = "local"
"""Name of the plugin that stands for all things given without a package; no other may have it."""

_KINDS = (RULES, BLOCKERS, DIFFERENCE_MODELS, RECOGNISERS)


@attrs.frozen(eq=False)
class LooseThings:
    """Rules, blockers and difference models as if one plugin named `local` offered them.

    Attributes:
        things: The things with their kinds.
    """

    things: tuple[tuple[Kind, Any], ...] = ()

    @staticmethod
    def kind_of(item: object) -> Kind | None:
        """Say what kind of thing an item is, None where it is none."""
        if isinstance(item, type):
            return None
        return next((kind for kind in _KINDS if isinstance(item, kind.protocol)), None)

    def adding(self, item: object, kind: Kind) -> LooseThings:
        """Give the collection with one thing more.

        Raises:
            PluginError: A field of the thing is wrong.
        """
        check_thing(kind, LOCAL, item)
        return LooseThings((*self.things, (kind, item)))

    @property
    def version(self) -> str:
        """The names and versions of all things, sorted."""
        return ", ".join(
            sorted(f"{thing.name} {getattr(thing, 'version', '0')}" for _, thing in self.things)
        )

    @hookimpl
    def recon_register_rules(self) -> tuple[Any, ...]:
        """Give the rules among them."""
        return self._of(RULES)

    @hookimpl
    def recon_register_blockers(self) -> tuple[Any, ...]:
        """Give the blockers among them."""
        return self._of(BLOCKERS)

    @hookimpl
    def recon_register_difference_models(self) -> tuple[Any, ...]:
        """Give the difference models among them."""
        return self._of(DIFFERENCE_MODELS)

    @hookimpl
    def recon_register_recognisers(self) -> tuple[Any, ...]:
        """Give the recognisers among them."""
        return self._of(RECOGNISERS)

    def _of(self, kind: Kind) -> tuple[Any, ...]:
        return tuple(thing for its, thing in self.things if its is kind)


def refuse(item: object) -> PluginError:
    """Word why an item given to `plugins=` is nothing that can be used."""
    if isinstance(item, str):
        detail = f"{item!r} is a name; name installed plugins in the configuration (`plugins`)"
    elif isinstance(item, type):
        detail = f"{item.__name__} is a class; give an instance of it"
    else:
        detail = (
            f"a {type(item).__name__} is no rule, blocker or difference model, and nothing in it "
            "is marked with @hookimpl"
        )
    return PluginError(LOCAL, "plugins", detail)
