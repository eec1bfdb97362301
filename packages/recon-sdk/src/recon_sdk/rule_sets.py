"""Rule sets: what a tenant's plugins offer, with the tenant's weights and switches applied."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from recon_sdk.config import RuleOverride
from recon_sdk.engines import RuleSet
from recon_sdk.errors import ConfigError, DuplicateNameError, NoRulesError
from recon_sdk.rules import Evidence, Role
from recon_sdk.suggestions import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk.assignment import Assigner
    from recon_sdk.blocking import Blocker
    from recon_sdk.config import TenantConfig
    from recon_sdk.differences import DifferenceModel
    from recon_sdk.offers import Offer
    from recon_sdk.policy import DecisionPolicy
    from recon_sdk.recognisers import Recogniser
    from recon_sdk.rules import ScoringRule

__all__ = ["active_rules", "make_rule_set", "millionths"]

_PIP = "run `pip install recon-rules-default` and name 'rules-default' in `plugins`"


def millionths(number: float) -> int:
    """Turn a number into integer millionths, by its shortest decimal text, ties to even."""
    scaled = Decimal(str(float(number))) * 1_000_000
    return int(scaled.to_integral_value(ROUND_HALF_EVEN))


def active_rules(
    offers: tuple[Offer[ScoringRule], ...], config: TenantConfig
) -> tuple[tuple[ScoringRule, int], ...]:
    """Apply a tenant's switches and weights to the offered rules.

    Returns:
        Rules by name, each with its weight in millionths, negative for a penalty.

    Raises:
        ConfigError: A named rule is offered by nobody, or a weight has more than six decimals.
        NoRulesError: No rule is left.
    """
    offered = {offer.thing.name for offer in offers}
    if not offered:
        detail = f"no active plugin offers a scoring rule; {_PIP}"
        raise NoRulesError(plugin="rules-default", hook="recon_register_rules", detail=detail)
    for name, override in config.rules.items():
        if name not in offered:
            hint = did_you_mean(name, offered)
            detail = f"no active plugin offers this rule{hint} (offered: {listed(offered)})"
            raise ConfigError(path=f"rules.{name}", detail=detail)
        if override.weight is not None and Decimal(str(override.weight)) * 1_000_000 % 1:
            detail = f"has more than six decimals: {override.weight!r}"
            raise ConfigError(path=f"rules.{name}.weight", detail=detail)
    rules = []
    for offer in offers:
        rule = offer.thing
        change = config.rules.get(rule.name, RuleOverride())
        if change.enabled:
            weight = millionths(rule.weight if change.weight is None else change.weight)
            rules.append((rule, -weight if rule.role is Role.PENALTY else weight))
    if not rules:
        detail = "every rule is switched off; enable one in `rules`"
        raise NoRulesError(listed({o.plugin for o in offers}), "recon_register_rules", detail)
    return tuple(rules)


def make_rule_set(
    *,
    config: TenantConfig,
    rules: tuple[Offer[ScoringRule], ...],
    blockers: tuple[Offer[Blocker], ...],
    difference_models: tuple[Offer[DifferenceModel], ...],
    recognisers: tuple[Offer[Recogniser], ...],
    assigner: Assigner,
    policy: DecisionPolicy,
    plugin_versions: tuple[tuple[str, str], ...],
) -> RuleSet:
    """Put together what an engine needs.

    Raises:
        ConfigError: A named rule is offered by nobody, or a weight has more than six decimals.
        NoRulesError: No rule is left.
        DuplicateNameError: Two plugins use one name, be it for different kinds of things.
    """
    return RuleSet(
        config=config,
        rules=active_rules(rules, config),
        blockers=tuple(offer.thing for offer in blockers),
        difference_models=tuple(offer.thing for offer in difference_models),
        recognisers=tuple(offer.thing for offer in recognisers),
        assigner=assigner,
        policy=policy,
        plugin_versions=plugin_versions,
        trusted_identity=frozenset(
            offer.thing.name
            for offer in rules
            if offer.thing.evidence is Evidence.IDENTITY
            and offer.plugin in config.trusted_identity
        ),
        plugin_of=_owners((*rules, *blockers, *difference_models, *recognisers)),
    )


def _owners(offers: Iterable[Offer[Any]]) -> dict[str, str]:
    """Say which plugin a name belongs to; one plugin may use it for several kinds of things."""
    owners: dict[str, str] = {}
    for offer in offers:
        name = offer.thing.name
        other = owners.setdefault(name, offer.plugin)
        if other != offer.plugin:
            detail = f"{name!r} is already the name of something that plugin {other!r} offers"
            raise DuplicateNameError(offer.plugin, "register", detail)
    return owners
