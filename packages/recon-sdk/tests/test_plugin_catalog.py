"""Plugins that are installed: found by entry point, imported only when they are used."""

from __future__ import annotations

import sys

import pytest

from recon_sdk.catalog import PluginCatalog, source_version
from recon_sdk.config import TenantConfig, TenantRef
from recon_sdk.errors import DuplicateNameError, PluginError, PluginNotFoundError
from recon_sdk.plugin_info import list_plugins
from recon_sdk.plugins import TenantPlugins

GOOD = '''
import attrs
from recon_sdk import Blocker, Evidence, hookimpl, pair_rule

@attrs.frozen
class Settings:
    """Settings of the plugin.

    Attributes:
        days: How long.
    """

    days: int = 3

@pair_rule(evidence=Evidence.DATE)
def on_time(invoice, transaction):
    return 1.0

@hookimpl
def recon_plugin_settings():
    return Settings

@hookimpl
def recon_register_rules(config):
    assert config.settings.days
    return [on_time]
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution with one plugin on the path, as an installer would."""
    monkeypatch.syspath_prepend(str(tmp_path))
    installed = []

    def install(name, module, source, *, version="1.2", plugin=None):
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        info = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(
            f"[recon.plugins]\n{plugin or name} = {module}\n", encoding="utf-8"
        )
        installed.append(module)

    yield install
    for module in installed:
        sys.modules.pop(module, None)


def load(name, **settings):
    config = TenantConfig(plugins=(name,), policy=name, assigner=name, **settings)
    return TenantPlugins.load(TenantRef(), config, PluginCatalog.installed())


def test_an_installed_plugin_is_found_by_its_entry_point_and_has_its_version(install):
    install("fake-recon-rules", "fake_recon_rules", GOOD, plugin="fake-rules")
    loaded = load("fake-rules", settings={"fake-rules": {"days": 5}})
    assert loaded.versions == (("fake-rules", "1.2"),)
    assert [offer.thing.name for offer in loaded.rules] == ["on_time"]
    assert loaded.configs["fake-rules"].settings.days == 5


def test_looking_at_what_is_installed_imports_nothing(install):
    install("fake-lazy", "fake_lazy_plugin", GOOD)
    assert "fake-lazy" in PluginCatalog.installed().names
    assert "fake_lazy_plugin" not in sys.modules


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import nothing_of_this_name", "fake-broken cannot be imported: ModuleNotFoundError: No"),
        ("1 / 0", "fake-broken cannot be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit(2)", "fake-broken cannot be imported: SystemExit: 2"),
        ("def f(:", "fake-broken cannot be imported: SyntaxError"),
        ("x = 1", "fake_broken_plugin implements no hook"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_named(install, source, message):
    install("fake-broken", "fake_broken_plugin", source)
    with pytest.raises(PluginError) as caught:
        load("fake-broken")
    assert str(caught.value).startswith("plugin 'fake-broken', load: ")
    assert message in str(caught.value)


def test_two_distributions_with_one_plugin_name_clash_only_when_it_is_used(install):
    install("fake-one", "fake_one_plugin", GOOD, plugin="fake-clash")
    install("fake-two", "fake_two_plugin", GOOD, plugin="fake-clash")
    install("fake-three", "fake_three_plugin", GOOD)
    assert load("fake-three").names == ("fake-three",)
    with pytest.raises(DuplicateNameError, match="fake-one, fake-two each bring a plugin"):
        load("fake-clash")


def test_an_unknown_plugin_is_named_with_the_nearest_one(install):
    install("fake-rules", "fake_rules_plugin", GOOD)
    with pytest.raises(PluginNotFoundError, match="did you mean 'fake-rules'"):
        load("fake-rulse")


def test_what_is_installed_can_be_listed_with_what_it_offers(install):
    install("fake-good", "fake_good_plugin", GOOD)
    install("fake-bad", "fake_bad_plugin", "1 / 0")
    listing = {info.name: info for info in list_plugins(PluginCatalog.installed())}
    good, bad = listing["fake-good"], listing["fake-bad"]
    assert (good.version, good.origin, good.error) == ("1.2", "fake-good", "")
    assert good.hooks == ("recon_plugin_settings", "recon_register_rules")
    assert good.offers == (("rule", ("on_time",)),)
    assert good.settings["properties"]["days"]["description"] == "How long."
    assert "ZeroDivisionError" in bad.error
    assert bad.hooks == ()


def test_the_version_of_a_module_without_one_follows_its_source(install):
    install("fake-a", "fake_a_plugin", GOOD)
    install("fake-b", "fake_b_plugin", GOOD + "\n")
    import fake_a_plugin
    import fake_b_plugin

    one, two = source_version(fake_a_plugin), source_version(fake_b_plugin)
    assert one.startswith("0+")
    assert one == source_version(fake_a_plugin) != two
    assert source_version(sys) == "0"
