"""The group of commands, and how each way to end becomes an exit code."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from recon_sdk.cli.backtest import backtest_command
from recon_sdk.cli.completion import completion_command
from recon_sdk.cli.demo import demo_command
from recon_sdk.cli.evaluate import evaluate_command
from recon_sdk.cli.explain import explain_command
from recon_sdk.cli.match import match_command
from recon_sdk.cli.new_plugin import new_plugin_command
from recon_sdk.cli.plugins import check_plugin_command, plugins_command
from recon_sdk.cli.tune import tune_command
from recon_sdk.errors import ReconError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["recon", "run"]

INTERRUPTED = 130


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: recon demo",
)
@click.version_option(version("recon-sdk"), prog_name="recon")
def recon() -> None:
    """Match invoices to bank transactions and say why."""


for _command in (
    match_command,
    explain_command,
    evaluate_command,
    tune_command,
    backtest_command,
    demo_command,
    plugins_command,
    check_plugin_command,
    new_plugin_command,
    completion_command,
):
    recon.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; nothing that we raise on purpose gets out."""
    try:
        code = recon.main(args=arguments, prog_name="recon", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("recon: interrupted; no file was left half-written", err=True)
        return INTERRUPTED
    except ReconError as error:
        click.echo(f"recon: {_one_line(error)}", err=True)
        return 1
    return code if isinstance(code, int) else 0


def _one_line(error: ReconError) -> str:
    """Say an error in one line, whatever the data put into it."""
    return " ".join(str(error).split())
