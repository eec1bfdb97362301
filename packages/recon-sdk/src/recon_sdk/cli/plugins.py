"""`recon plugins` and `recon check-plugin`: what is installed, and whether it holds."""

from __future__ import annotations

import json

import attrs
import click

from recon_sdk.cli.options import examples, json_option

__all__ = ["check_plugin_command", "plugins_command"]


@click.command(
    "plugins",
    epilog=examples(
        "recon plugins", "recon plugins --json", "recon plugins --schema > recon.schema.json"
    ),
)
@click.option(
    "--schema",
    is_flag=True,
    help="Print the JSON Schema of the configuration, with the settings of all plugins.",
)
@json_option
def plugins_command(*, schema: bool, as_json: bool) -> None:
    """List the installed plugins and what they offer.

    A plugin is active only where a configuration names it; without one that is rules-default.
    """
    from recon_sdk.catalog import PluginCatalog
    from recon_sdk.plugin_info import list_plugins

    catalog = PluginCatalog.installed()
    if schema:
        from recon_sdk.configuration import config_schema

        click.echo(json.dumps(config_schema(catalog), indent=2))
        return
    found = list_plugins(catalog)
    if as_json:
        click.echo(json.dumps([attrs.asdict(plugin) for plugin in found], indent=2))
        return
    if not found:
        click.echo("No plugin is installed. Run: pip install recon-rules-default")
    for plugin in found:
        origin = "" if plugin.origin == plugin.name else f" from {plugin.origin}"
        click.echo(f"{plugin.name} {plugin.version}{origin}")
        if plugin.error:
            click.echo(f"  cannot be used: {plugin.error}")
        for noun, names in plugin.offers:
            click.echo(f"  {noun}: {', '.join(names)}")
        if plugin.settings:
            click.echo(f"  settings: {', '.join(plugin.settings.get('properties', {}))}")


@click.command("check-plugin", epilog=examples("recon check-plugin rules-default"))
@click.argument("name")
@click.pass_context
def check_plugin_command(context: click.Context, name: str) -> None:
    """Check that the installed plugin NAME keeps what plugins promise.

    Exit code 1 if it does not; each finding says what to change.
    """
    from recon_sdk.checks import check_plugin

    findings = check_plugin(name)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        click.echo(f"{name}: {len(findings)} broken", err=True)
        context.exit(1)
    click.echo(f"{name}: all checks passed")
