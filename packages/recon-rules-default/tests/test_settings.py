"""Settings of the plugin: defaults, bounds, and errors that say where."""

from __future__ import annotations

import inspect
import re
from typing import Any

import attrs
import pytest

from recon_rules_default.settings import Settings
from recon_sdk import Reconciler
from recon_sdk.errors import ConfigError
from recon_sdk.structuring import structure, unstructure


def test_a_tenant_that_says_nothing_gets_the_defaults() -> None:
    assert structure({}, Settings) == Settings()


def test_settings_survive_a_round_trip_through_plain_data() -> None:
    settings = Settings(tolerance_by_currency={"JPY": 5}, usual_fees=(100,), vat=True)
    assert structure(unstructure(settings), Settings) == settings


def test_settings_do_not_share_or_keep_what_they_were_given() -> None:
    table = {"JPY": 5}
    settings = Settings(tolerance_by_currency=table)
    table["JPY"] = 7
    assert settings.tolerance_by_currency == {"JPY": 5}
    assert Settings().tolerance_by_currency is not Settings().tolerance_by_currency


@pytest.mark.parametrize(
    ("section", "path", "words"),
    [
        ({"tolerance_minor": -1}, "tolerance_minor", "must be from 0 to"),
        ({"tolerance_minor": 10**16}, "tolerance_minor", "must be from 0 to"),
        ({"tolerance_minor": 12.9}, "tolerance_minor", "whole number"),
        ({"tolerance_minor": True}, "tolerance_minor", "whole number"),
        ({"tolerance_minor": "7"}, "tolerance_minor", "whole number"),
        ({"tolerance_basis_points": 10_001}, "tolerance_basis_points", "must be from 0 to 10000"),
        ({"tolerance_by_currency": {"JPY": -1}}, "tolerance_by_currency.JPY", "must be from 0"),
        ({"tolerance_by_currency": {"jpy": 1}}, "tolerance_by_currency.jpy", "ISO 4217"),
        ({"tolerance_by_currency": {"EURO": 1}}, "tolerance_by_currency.EURO", "ISO 4217"),
        ({"tolerance_by_currency": {"JPY": 1.5}}, "tolerance_by_currency.JPY", "whole number"),
        ({"early_days": -1}, "early_days", "must be from 0 to 36500"),
        ({"late_days": 36_501}, "late_days", "must be from 0 to 36500"),
        ({"grace_days": -3}, "grace_days", "must be from 0 to 36500"),
        ({"rounding_minor": -5}, "rounding_minor", "must be from 0 to"),
        ({"usual_fees": [100, 0]}, "usual_fees[1]", "must be from 1 to"),
        ({"usual_fees": [-100]}, "usual_fees[0]", "must be from 1 to"),
        ({"usual_fees": "100"}, "usual_fees", "list"),
        ({"largest_fee": -1}, "largest_fee", "must be from 0 to"),
        ({"largest_fee_basis_points": 10_001}, "largest_fee_basis_points", "must be from 0"),
        ({"usual_discounts": [200, 10_000]}, "usual_discounts[1]", "must be from 1 to 9999"),
        ({"usual_discounts": [200, 2.5]}, "usual_discounts[1]", "whole number"),
        ({"discount_days": -1}, "discount_days", "must be from 0 to 36500"),
        ({"vat": 1}, "vat", "true or false"),
        ({"auto_margin": -1}, "auto_margin", "must be from 0 to"),
        ({"auto_margin_batch": -1}, "auto_margin_batch", "must be from 0 to"),
        ({"auto_margin_sibling": -1}, "auto_margin_sibling", "must be from 0 to"),
        ({"tolerance_minr": 1}, "tolerance_minr", "did you mean 'tolerance_minor'"),
        # It was read once, but nothing looked at it.
        ({"sibling_days": 60}, "sibling_days", "unknown key"),
    ],
)
def test_wrong_setting_is_refused_with_its_path(
    section: dict[str, Any], path: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Reconciler({"settings": {"rules-default": section}})
    assert caught.value.path == f"settings.rules-default.{path}"
    assert words in caught.value.detail


def test_every_setting_is_documented() -> None:
    told = re.findall(r"^    (\w+): ", inspect.getdoc(Settings) or "", re.MULTILINE)
    assert told == [field.name for field in attrs.fields(Settings)]
