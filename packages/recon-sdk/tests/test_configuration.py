"""Reading a configuration, and its JSON Schema."""

from __future__ import annotations

import json
import types

import attrs
import pytest

from recon_sdk.catalog import PluginCatalog
from recon_sdk.config import Limits, RuleOverride, Strategy, TenantConfig
from recon_sdk.configuration import config_problems, config_schema, load_config
from recon_sdk.errors import ConfigError
from recon_sdk.invoices import Direction
from recon_sdk.plugins import hookimpl

TOML = """
plugins = ["rules-default", "acme"]
direction = "payable"
strategy = "greedy"
threshold = 0.5

[rules.exact_amount]
weight = 0.6

[rules.vendor_name]
enabled = false

[settings.rules-default]
rounding_minor = 10

[limits]
nearest = 50
"""


def test_toml_and_json_give_the_same(tmp_path):
    toml = tmp_path / "recon.toml"
    toml.write_text(TOML, encoding="utf-8")
    config = load_config(toml)
    assert config == TenantConfig(
        plugins=("rules-default", "acme"),
        direction=Direction.PAYABLE,
        strategy=Strategy.GREEDY,
        threshold=0.5,
        rules={
            "exact_amount": RuleOverride(weight=0.6),
            "vendor_name": RuleOverride(enabled=False),
        },
        settings={"rules-default": {"rounding_minor": 10}},
        limits=Limits(nearest=50),
    )
    as_json = tmp_path / "recon.json"
    data = {
        "plugins": ["rules-default", "acme"],
        "direction": "payable",
        "strategy": "greedy",
        "threshold": 0.5,
        "rules": {"exact_amount": {"weight": 0.6}, "vendor_name": {"enabled": False}},
        "settings": {"rules-default": {"rounding_minor": 10}},
        "limits": {"nearest": 50},
    }
    as_json.write_text(json.dumps(data), encoding="utf-8")
    assert load_config(str(as_json)) == load_config(data) == config


def test_nothing_and_a_finished_configuration_pass_through():
    config = TenantConfig(top_n=3)
    assert load_config() == TenantConfig()
    assert load_config(config) is config


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        ("top_n = 12.9", "top_n", "must be a whole number, not 12.9"),
        ("top_n = true", "top_n", "must be a whole number, not True"),
        ("top_n = 0", "top_n", "must be from 1 to 1000, not 0"),
        ("treshold = 0.5", "treshold", "unknown key; did you mean 'threshold'?"),
        ("plugins = 'acme'", "plugins", "must be a list, not 'acme'"),
        ("plugins = ['A b']", "plugins", "'A b' is not a plugin name"),
        ("plugins = ['a', 'a']", "plugins", "a plugin is named twice"),
        ("base_currency = 'EUX'", "base_currency", "unknown currency 'EUX'"),
        ("direction = 'out'", "direction", "must be one of 'payable', 'receivable'"),
        ("threshold = nan", "threshold", "must be a number, not nan"),
        ("[rules.exact_amount]\nweight = '1'", "rules.exact_amount.weight", "must be a number"),
        ("[rules.exact_amount]\nweight = 11", "rules.exact_amount.weight", "from 0 to 10"),
        ("[rules.exact_amount]\nwieght = 1", "rules.exact_amount.wieght", "mean 'weight'?"),
        ("[limits]\nnearest = 0", "limits.nearest", "must be at least 1, not 0"),
        (
            "[limits]\nbatch_open_items = 60",
            "limits.batch_open_items",
            "must be from 1 to 40, not 60",
        ),
        ("[settings]\nacme = 3", "settings.acme", "must be a table of keys and values"),
        ("top_n = ", "", "is not valid TOML: Invalid value"),
        ("top_n = 1\ntop_n = 2", "", "is not valid TOML: Cannot overwrite a value"),
    ],
)
def test_errors_have_a_path_and_the_file(tmp_path, text, path, detail):
    file = tmp_path / "recon.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert caught.value.path == path
    assert detail in caught.value.detail
    assert str(caught.value).endswith(f"(in {file})")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('{"top_n": 1,}', "is not valid JSON"),
        ('{"top_n": 1, "top_n": 2}', "is not valid JSON: the key 'top_n' stands twice"),
        ('{"threshold": NaN}', "is not valid JSON: NaN is no number of JSON"),
        ("[]", "must be a table of keys and values, not []"),
    ],
)
def test_json_is_strict(tmp_path, text, detail):
    file = tmp_path / "recon.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert detail in str(caught.value)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read: No such file.*absent.toml"):
        load_config(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match=r"the ending '.yaml' is unknown; use .toml or .json"):
        load_config(tmp_path / "recon.yaml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# \xe4")
    with pytest.raises(ConfigError, match="is not valid TOML: 'utf-8' codec"):
        load_config(latin)


def test_all_problems_can_be_listed(tmp_path):
    file = tmp_path / "recon.toml"
    file.write_text("top_n = 'x'\n[limits]\nnearest = 1.5", encoding="utf-8")
    assert [problem.path for problem in config_problems(file)] == ["top_n", "limits.nearest"]
    assert config_problems({"top_n": 3}) == ()
    assert config_problems(None) == ()


@pytest.mark.parametrize("key", ["plugins", "explainers", "trusted_identity"])
def test_a_text_is_no_list_of_names(key):
    with pytest.raises(ConfigError, match="a list of names is needed, not the text 'acme'"):
        TenantConfig(**{key: "acme"})


def test_a_configuration_does_not_change_with_what_it_was_made_from():
    rules = {"a": RuleOverride()}
    config = TenantConfig(rules=rules)
    rules.clear()
    assert set(config.rules) == {"a"}


@attrs.frozen
class Settings:
    """Settings of the plugin.

    Attributes:
        days: How long.
    """

    days: int = 3


def test_schema_has_a_section_for_each_installed_plugin_with_settings():
    acme, plain, broken = (types.ModuleType(name) for name in ("acme", "plain", "broken"))
    acme.recon_plugin_settings = hookimpl(lambda: Settings)
    plain.recon_register_rules = hookimpl(lambda: ())
    broken.recon_register_rule = hookimpl(lambda: ())
    catalog = PluginCatalog.of({"acme": acme, "plain": plain, "broken": broken})
    schema = config_schema(catalog)
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["properties"]) == {field.name for field in attrs.fields(TenantConfig)}
    settings = schema["properties"]["settings"]
    assert settings["additionalProperties"] is False
    assert settings["properties"]["acme"]["properties"] == {
        "days": {"type": "integer", "description": "How long.", "default": 3}
    }
    assert set(settings["properties"]) == {"acme", "broken"}
    assert "recon_register_rule" in settings["properties"]["broken"]["description"]
    json.dumps(schema)
