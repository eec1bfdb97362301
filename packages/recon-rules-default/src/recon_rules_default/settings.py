"""Settings of the default rules: the `[settings.rules-default]` section."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from recon_sdk.errors import ConfigError

__all__ = ["Settings"]


def _non_negative(owner: object, attribute: attrs.Attribute[int], value: int) -> None:
    del owner
    if value < 0:
        raise ConfigError(attribute.name, f"must be at least 0, not {value!r}")


@attrs.frozen(kw_only=True)
class Settings:
    """What a tenant may set about the default rules.

    Attributes:
        tolerance_minor: Amount gap in minor units at which `amount_tolerance` still says
            something.
        tolerance_by_currency: The same for single currencies, in place of `tolerance_minor`.
        tolerance_basis_points: The same as a share of the open amount, in hundredths of a percent;
            the larger of both counts.
        early_days: Days before the issue date at which `date_proximity` reaches 0.
        late_days: Days after the due date at which `date_proximity` reaches 0.
        grace_days: Days after the due date that are as good as paid when due.
        rounding_minor: Largest gap that counts as rounding, in minor units.
        usual_fees: Fixed bank fees that are ordinary, in minor units.
        largest_fee: Largest gap that may be a bank fee, in whole units.
        largest_fee_basis_points: Largest share of the amount that may be a fee.
        usual_discounts: Cash discounts that are ordinary where the invoice states none, in
            hundredths of a percent.
        discount_days: Days after the issue within which such a discount is taken.
        vat: Whether a payment of the net amount counts as explained.
        auto_margin: Margin in thousandths of a natural-log unit that `auto` needs.
        auto_margin_batch: The same for matches of several rows.
        auto_margin_sibling: The same where the party has another invoice of the same amount.
        sibling_days: How near in time such an invoice is looked for.
    """

    tolerance_minor: int = attrs.field(default=100, validator=_non_negative)
    tolerance_by_currency: Mapping[str, int] = attrs.field(factory=dict, converter=dict)
    tolerance_basis_points: int = attrs.field(default=200, validator=_non_negative)
    early_days: int = attrs.field(default=10, validator=_non_negative)
    late_days: int = attrs.field(default=60, validator=_non_negative)
    grace_days: int = attrs.field(default=3, validator=_non_negative)
    rounding_minor: int = attrs.field(default=5, validator=_non_negative)
    usual_fees: tuple[int, ...] = attrs.field(
        default=(35, 50, 100, 150, 200, 250, 300, 350, 500, 600, 700, 750, 800, 1000, 1200, 1250,
                 1500, 1750, 2000, 2500, 3000, 3500, 4000, 5000),
        converter=tuple,
    )  # fmt: skip
    largest_fee: int = attrs.field(default=50, validator=_non_negative)
    largest_fee_basis_points: int = attrs.field(default=1500, validator=_non_negative)
    usual_discounts: tuple[int, ...] = attrs.field(default=(100, 200, 300), converter=tuple)
    discount_days: int = attrs.field(default=22, validator=_non_negative)
    vat: bool = False
    auto_margin: int = attrs.field(default=4_000, validator=_non_negative)
    auto_margin_batch: int = attrs.field(default=6_000, validator=_non_negative)
    auto_margin_sibling: int = attrs.field(default=8_000, validator=_non_negative)
    sibling_days: int = attrs.field(default=60, validator=_non_negative)
