"""A tenant's configuration: which plugins are active and how a run decides."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import attrs

from recon_sdk.bounds import Between
from recon_sdk.errors import ConfigError, MoneyError
from recon_sdk.invoices import Direction
from recon_sdk.money import exponent_of

__all__ = ["Limits", "PluginConfig", "RuleOverride", "Strategy", "TenantConfig", "TenantRef"]

T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


class Strategy(enum.StrEnum):
    """How matches are chosen from candidates."""

    RANK = "rank"
    """Only rank: the best candidates of each invoice, nothing is excluded."""
    GREEDY = "greedy"
    """Highest evidence first."""
    OPTIMAL = "optimal"
    """The best whole: the highest total evidence of each connected component."""


@attrs.frozen(kw_only=True)
class TenantRef:
    """Who is being served.

    Attributes:
        id: The tenant's key.
        base_currency: Currency for amounts that do not name one.
    """

    id: str = "local"
    base_currency: str = "EUR"


@attrs.frozen(kw_only=True)
class PluginConfig:
    """One plugin's own settings, already structured by the class that the plugin declared.

    Attributes:
        plugin: The plugin's name.
        settings: An instance of the plugin's settings class, or None where it declared none.
    """

    plugin: str
    settings: Any = None


@attrs.frozen(kw_only=True)
class RuleOverride:
    """What a tenant changes about one rule.

    Attributes:
        enabled: False switches the rule off.
        weight: Weight in place of the rule's default, 0 to 10 with at most six decimals.
    """

    enabled: bool = True
    weight: float | None = attrs.field(
        default=None, validator=attrs.validators.optional(Between(0, 10))
    )


_positive = Between(1)
_MOST_OPEN = 40
"""The search holds all subsets of either half; for half of 40 that table takes 168 MiB."""


def _names(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        detail = f"a list of names is needed, not the text {given!r}"
        msg = ""
        raise ConfigError(msg, detail)
    return tuple(given)


def _read_only(given: Mapping[str, T]) -> Mapping[str, T]:
    return dict(given)


@attrs.frozen(kw_only=True)
class Limits:
    """Budgets that keep a run bounded. What they cut is counted in the summary.

    Attributes:
        nearest: Rows kept inside one blocking key for one invoice, nearest by date.
        pairs_per_batch: Candidate pairs that are scored at once.
        batch_members: Most invoices that one payment may settle in one match.
        batch_open_items: Open items of one party that subset search looks at, nearest by date; at
            most 40.
        instalments: Most payments that may settle one invoice in one match.
        search_steps: Steps spent on the best whole of one connected component.
        runners_up: Losing candidates kept with each match.
        survivors: Candidates of one invoice that reach expensive (`pair_rule`) rules.
    """

    nearest: int = attrs.field(default=20, validator=_positive)
    pairs_per_batch: int = attrs.field(default=65_536, validator=_positive)
    batch_members: int = attrs.field(default=40, validator=_positive)
    batch_open_items: int = attrs.field(default=22, validator=Between(1, _MOST_OPEN))
    instalments: int = attrs.field(default=12, validator=_positive)
    search_steps: int = attrs.field(default=20_000, validator=_positive)
    runners_up: int = attrs.field(default=3, validator=_positive)
    survivors: int = attrs.field(default=5, validator=_positive)


@attrs.frozen(kw_only=True)
class TenantConfig:
    """Everything a tenant sets. The defaults match well without any file.

    Attributes:
        plugins: Names of the active plugins; installing a package changes nothing by itself.
        direction: Fills a blank invoice direction; without it the direction stays unknown.
        base_currency: Fills a blank currency.
        strategy: How matches are chosen.
        top_n: Candidates shown for one invoice.
        threshold: Lowest score of a proposed match, 0 to 1.
        policy: Plugin that provides the decision policy.
        assigner: Plugin that provides the assigner.
        explainers: Names of explainers, tried in this order before the built-in text.
        trusted_identity: Plugins whose identity evidence may count towards `auto` (operator only).
        rules: Overrides by rule name.
        settings: Sections of the plugins by plugin name, each structured by that plugin's class.
        limits: Budgets of a run.
    """

    plugins: tuple[str, ...] = attrs.field(default=("rules-default",), converter=_names)
    direction: Direction | None = None
    base_currency: str = attrs.field(default="EUR")
    strategy: Strategy = Strategy.OPTIMAL
    top_n: int = attrs.field(default=5, validator=Between(1, 1000))
    threshold: float = attrs.field(default=0.25, validator=Between(0, 1))
    policy: str = "rules-default"
    assigner: str = "rules-default"
    explainers: tuple[str, ...] = attrs.field(default=(), converter=_names)
    trusted_identity: tuple[str, ...] = attrs.field(default=("rules-default",), converter=_names)
    rules: Mapping[str, RuleOverride] = attrs.field(factory=dict, converter=_read_only)
    settings: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict, converter=_read_only)
    limits: Limits = attrs.field(factory=Limits)

    @plugins.validator
    def _check_plugins(self, _: object, value: tuple[str, ...]) -> None:
        for name in value:
            if not _NAME.fullmatch(name):
                msg = "plugins"
                raise ConfigError(msg, f"{name!r} is not a plugin name")
        if len(set(value)) != len(value):
            msg = "plugins"
            raise ConfigError(msg, "a plugin is named twice")

    @base_currency.validator
    def _check_currency(self, _: object, value: str) -> None:
        try:
            exponent_of(value)
        except MoneyError as error:
            msg = "base_currency"
            raise ConfigError(msg, str(error)) from error
