"""The default rules, through the same hooks as any other plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recon_rules_default.amounts import AmountTolerance, ExactAmount
from recon_rules_default.assigner import BestWhole
from recon_rules_default.blocking import AmountBlocker, PartyBlocker, ReferenceBlocker
from recon_rules_default.dates import DateProximity
from recon_rules_default.differences import (
    BankFee,
    CashDiscount,
    Fx,
    Rounding,
    SmallGap,
    Vat,
    Withholding,
)
from recon_rules_default.identity import (
    OtherParty,
    OtherReference,
    Reference,
    VendorAccount,
    VendorName,
)
from recon_rules_default.policy import CarefulPolicy
from recon_rules_default.recognisers import (
    BelgianReference,
    CreditorReference,
    OcrReference,
    SwissReference,
)
from recon_rules_default.settings import Settings
from recon_rules_default.text import TextSimilarity
from recon_sdk import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recon_sdk import (
        Assigner,
        Blocker,
        DecisionPolicy,
        DifferenceModel,
        PluginConfig,
        Recogniser,
        ScoringRule,
        TenantRef,
    )

__all__ = [
    "recon_build_assigner",
    "recon_build_policy",
    "recon_plugin_settings",
    "recon_register_blockers",
    "recon_register_difference_models",
    "recon_register_recognisers",
    "recon_register_rules",
]


@hookimpl
def recon_plugin_settings() -> type:
    """The section `[settings.rules-default]`."""
    return Settings


@hookimpl
def recon_register_rules(tenant: TenantRef, config: PluginConfig) -> Iterable[ScoringRule]:
    """Amount, date, text, and who and what the payment names."""
    del tenant
    settings: Settings = config.settings
    return (
        ExactAmount(),
        AmountTolerance(settings),
        DateProximity(settings),
        TextSimilarity(),
        VendorName(),
        VendorAccount(),
        Reference(),
        OtherParty(),
        OtherReference(),
    )


@hookimpl
def recon_register_blockers(tenant: TenantRef, config: PluginConfig) -> Iterable[Blocker]:
    """Same amount, same party with a near amount, quoted number."""
    del tenant, config
    return (AmountBlocker(), PartyBlocker(), ReferenceBlocker())


@hookimpl
def recon_register_difference_models(
    tenant: TenantRef, config: PluginConfig
) -> Iterable[DifferenceModel]:
    """Rounding, discount, fee, withholding, exchange rate; tax where switched on."""
    del tenant
    settings: Settings = config.settings
    models: list[DifferenceModel] = [
        Rounding(settings),
        CashDiscount(settings),
        BankFee(settings),
        SmallGap(settings),
        Withholding(),
        Fx(),
    ]
    if settings.vat:
        models.append(Vat())
    return models


@hookimpl
def recon_register_recognisers(tenant: TenantRef, config: PluginConfig) -> Iterable[Recogniser]:
    """Structured references with check digits."""
    del tenant, config
    return (CreditorReference(), BelgianReference(), SwissReference(), OcrReference())


@hookimpl
def recon_build_policy(tenant: TenantRef, config: PluginConfig) -> DecisionPolicy:
    """The careful policy."""
    del tenant
    return CarefulPolicy(config.settings)


@hookimpl
def recon_build_assigner(tenant: TenantRef, config: PluginConfig) -> Assigner:
    """The best whole."""
    del tenant, config
    return BestWhole()
