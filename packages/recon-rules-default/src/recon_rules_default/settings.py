"""Settings of the default rules: the `[settings.rules-default]` section."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from recon_sdk.currencies import EXPONENTS
from recon_sdk.errors import ConfigError
from recon_sdk.money import MAX_MINOR
from recon_sdk.tunable import JudgedBy, tunable

__all__ = ["Settings"]


_DAYS = 36_500
_WHOLE = 10_000
"""All of an amount, in hundredths of a percent."""
_MARGIN = 1_000_000


def _numbers(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


def _table(values: Mapping[str, int]) -> dict[str, int]:
    return dict(values)


def _up_to(most: int, least: int = 0) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """Make a validator of a whole number, or of all numbers of a field, with their paths."""

    def check(owner: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        del owner
        parts: Iterable[tuple[str, int]] = [("", value)]
        if isinstance(value, Mapping):
            parts = [(f".{key}", number) for key, number in value.items()]
        elif isinstance(value, tuple):
            parts = [(f"[{at}]", number) for at, number in enumerate(value)]
        for step, number in parts:
            if not least <= number <= most:
                path = attribute.name + step
                raise ConfigError(path, f"must be from {least} to {most}, not {number!r}")

    return check


def _currencies(owner: object, attribute: attrs.Attribute[Any], value: Mapping[str, int]) -> None:
    del owner
    for currency in value:
        if currency not in EXPONENTS:
            path = f"{attribute.name}.{currency}"
            raise ConfigError(path, "is not a currency; give an ISO 4217 code such as EUR")


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
        usual_fees: Fixed bank fees that are ordinary, in hundredths of a whole unit, whatever the
            currency's own decimals.
        largest_fee: Largest gap that may be a bank fee, in whole units.
        largest_fee_basis_points: Largest share of the amount that may be a fee.
        usual_discounts: Cash discounts that are ordinary where the invoice states none, in
            hundredths of a percent.
        discount_days: Days after the issue within which such a discount is taken.
        vat: Whether a payment of the net amount counts as explained.
        auto_margin: Margin in thousandths of a natural-log unit that `auto` needs.
        auto_margin_batch: The same for matches of several rows.
        auto_margin_sibling: The same where the party has another invoice of the same amount.
    """

    tolerance_minor: int = attrs.field(
        default=100,
        validator=_up_to(MAX_MINOR),
        metadata=tunable(0, 10, 50, 100, 200, 500, 1000, judged_by=JudgedBy.RANKING),
    )
    tolerance_by_currency: Mapping[str, int] = attrs.field(
        factory=dict, converter=_table, validator=[_currencies, _up_to(MAX_MINOR)]
    )
    tolerance_basis_points: int = attrs.field(
        default=200,
        validator=_up_to(_WHOLE),
        metadata=tunable(0, 50, 100, 200, 300, 500, 1000, judged_by=JudgedBy.RANKING),
    )
    early_days: int = attrs.field(
        default=10,
        validator=_up_to(_DAYS),
        metadata=tunable(0, 5, 10, 20, 30, 45, judged_by=JudgedBy.RANKING),
    )
    late_days: int = attrs.field(
        default=60,
        validator=_up_to(_DAYS),
        metadata=tunable(14, 30, 60, 90, 120, 180, judged_by=JudgedBy.RANKING),
    )
    grace_days: int = attrs.field(
        default=3,
        validator=_up_to(_DAYS),
        metadata=tunable(0, 3, 7, 14, 30, judged_by=JudgedBy.RANKING),
    )
    rounding_minor: int = attrs.field(default=5, validator=_up_to(MAX_MINOR))
    usual_fees: tuple[int, ...] = attrs.field(
        default=(35, 50, 100, 150, 200, 250, 300, 350, 500, 600, 700, 750, 800, 1000, 1200, 1250,
                 1500, 1750, 2000, 2500, 3000, 3500, 4000, 5000),
        converter=_numbers,
        validator=_up_to(MAX_MINOR, 1),
    )  # fmt: skip
    largest_fee: int = attrs.field(default=50, validator=_up_to(MAX_MINOR // 10_000))
    largest_fee_basis_points: int = attrs.field(default=1500, validator=_up_to(_WHOLE))
    usual_discounts: tuple[int, ...] = attrs.field(
        default=(100, 200, 300), converter=_numbers, validator=_up_to(_WHOLE - 1, 1)
    )
    discount_days: int = attrs.field(default=22, validator=_up_to(_DAYS))
    vat: bool = False
    auto_margin: int = attrs.field(
        default=4_000,
        validator=_up_to(_MARGIN),
        metadata=tunable(
            2000, 3000, 4000, 5000, 6000, 8000, 10_000, 12_000, judged_by=JudgedBy.AUTO
        ),
    )
    auto_margin_batch: int = attrs.field(
        default=6_000,
        validator=_up_to(_MARGIN),
        metadata=tunable(3000, 4000, 5000, 6000, 8000, 10_000, 12_000, judged_by=JudgedBy.AUTO),
    )
    auto_margin_sibling: int = attrs.field(
        default=8_000,
        validator=_up_to(_MARGIN),
        metadata=tunable(4000, 5000, 6000, 8000, 10_000, 12_000, judged_by=JudgedBy.AUTO),
    )
