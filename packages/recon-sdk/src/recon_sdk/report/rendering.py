"""Rendering: templates, and the style and script that stand inside a page."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

from recon_sdk.errors import MissingExtraError
from recon_sdk.report import words
from recon_sdk.writing.atomic import replacing

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

__all__ = ["render", "write_page"]


def render(
    template: str,
    facts: Mapping[str, Any],
    *,
    styles: Sequence[str] = ("page.css",),
    script: str = "",
) -> str:
    """Render a page.

    Args:
        template: Name of the template.
        facts: What it shows; texts are escaped.
        styles: Names of the style sheets inside the page.
        script: Name of the script inside the page, "" for none.

    Raises:
        MissingExtraError: Jinja2 is not installed.
    """
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise MissingExtraError(extra="cli", needed_for="the HTML report") from error
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("recon_sdk.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.filters.update(number=words.number, count=words.count)
    inside = {"style": "".join(_static(name) for name in styles)}
    if script:
        inside["script"] = _static(script)
    ours = {name: Markup(text) for name, text in inside.items()}  # noqa: S704 - our own files
    hashes = {f"{name}_hash": _hash(text) for name, text in inside.items()}
    return environment.get_template(template).render({**facts, **ours, **hashes})


def write_page(page: str, path: str | os.PathLike[str]) -> None:
    """Write a page; the file is replaced as a whole.

    Raises:
        InputError: The file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n")


def _clean(value: object) -> object:
    """Take out what must not reach a page; text that is markup already is ours and passes."""
    return words.printable(value) if type(value) is str else value


def _static(name: str) -> str:
    return (resources.files("recon_sdk.report") / "static" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The text's hash as a content security policy wants it."""
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()
