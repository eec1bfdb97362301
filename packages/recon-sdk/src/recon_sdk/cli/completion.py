"""`recon completion`: make a shell complete commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from recon_sdk.cli.options import examples

__all__ = ["completion_command"]


@click.command(
    "completion",
    epilog=examples(
        "recon completion bash >> ~/.bashrc",
        "recon completion zsh >> ~/.zshrc",
        "recon completion fish > ~/.config/fish/completions/recon.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that makes a SHELL complete this command."""
    if found := get_completion_class(shell):
        script = found(context.find_root().command, {}, "recon", "_RECON_COMPLETE")
        # Not `source()`, which asks the shell for its version: it need not be installed here.
        click.echo(script.source_template % script.source_vars())
