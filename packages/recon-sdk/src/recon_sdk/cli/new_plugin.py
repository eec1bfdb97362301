"""`recon new-plugin`: an installable plugin with one rule and its test, to start from."""

from __future__ import annotations

import re
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from string import Template

import click

from recon_sdk.cli.options import examples
from recon_sdk.errors import InputError

__all__ = ["new_plugin_command"]

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "plugin.py.txt": "$module.py",
    "test_plugin.py.txt": "tests/test_$module.py",
}


@click.command(
    "new-plugin",
    epilog=examples("recon new-plugin acme-rules", "recon new-plugin acme-rules --dir plugins"),
)
@click.argument("name")
@click.option(
    "--dir",
    "parent",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder in which the plugin's own folder is made; by default this one.",
)
def new_plugin_command(*, name: str, parent: Path) -> None:
    """Make a folder NAME with a rule plugin that can be installed, and its test.

    It is one module with one rule of a few lines; pip installs it, pytest runs its test.
    """
    if not _NAME.fullmatch(name):
        message = f"{name!r} is not of lower-case letters, digits and '-', such as acme-rules"
        raise click.BadParameter(message, param_hint="NAME")
    folder = parent / name
    if folder.exists():
        raise InputError(str(folder), "is already there", "choose another name or --dir")
    major, minor, *_ = version("recon-sdk").split(".")
    words = {
        "name": name,
        "module": name.replace("-", "_"),
        "sdk": f"recon-sdk>={major}.{minor},<{int(major) + 1}",
    }
    for source, target in _FILES.items():
        file = folder / Template(target).substitute(words)
        file.parent.mkdir(parents=True, exist_ok=True)
        template = resources.files("recon_sdk.cli") / "scaffold" / source
        text = Template(template.read_text(encoding="utf-8")).substitute(words)
        file.write_text(text, encoding="utf-8", newline="\n")
    click.echo(
        f"Made {folder}. Next:\n"
        f"  pip install -e '{folder}[testing]'\n"
        f"  pytest {folder}\n"
        f"  recon check-plugin {name}\n"
        f'and name it in the configuration: plugins = ["rules-default", "{name}"]'
    )
