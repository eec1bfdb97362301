"""Reading a tenant's configuration, and the JSON Schema of what may stand in it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from recon_sdk.config import TenantConfig
from recon_sdk.errors import ConfigError, PluginError
from recon_sdk.hosting import PluginHost
from recon_sdk.plugins import settings_class
from recon_sdk.schema import schema_of
from recon_sdk.structuring import Problem, problems_of, structure

if TYPE_CHECKING:
    import os

    from recon_sdk.catalog import PluginCatalog

__all__ = ["ConfigSource", "config_problems", "config_schema", "load_config"]

ConfigSource: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any] | TenantConfig | None"
"""A TOML or JSON file, its content, a finished configuration, or None for the defaults."""


def load_config(source: ConfigSource = None) -> TenantConfig:
    """Read a configuration.

    The sections of plugins are structured when the plugins are loaded, since only they know what
    may stand there.

    Raises:
        ConfigError: The file cannot be read, or something in it is wrong: path, detail and file.

    Example:
        >>> load_config({"rules": {"exact_amount": {"weight": 0.6}}}).rules["exact_amount"].weight
        0.6
    """
    if source is None:
        return TenantConfig()
    if isinstance(source, TenantConfig):
        return source
    if isinstance(source, Mapping):
        return structure(source, TenantConfig)
    path = Path(source)
    try:
        return structure(_read(path), TenantConfig)
    except ConfigError as error:
        raise ConfigError(error.path, f"{error.detail} (in {path})") from error


def config_problems(source: ConfigSource) -> tuple[Problem, ...]:
    """List everything that is wrong in a configuration, () where nothing is.

    Raises:
        ConfigError: The file cannot be read at all.
    """
    if source is None or isinstance(source, TenantConfig):
        return ()
    return problems_of(
        source if isinstance(source, Mapping) else _read(Path(source)), TenantConfig
    )


def config_schema(catalog: PluginCatalog) -> dict[str, Any]:
    """Describe the configuration, with the settings of all installed plugins.

    Imports the plugins. The section of one that cannot be loaded takes anything, and its
    description says why.

    Returns:
        A JSON Schema, draft 2020-12.
    """
    schema = schema_of(TenantConfig)
    sections = {name: _section(catalog, name) for name in catalog.names}
    settings = schema["properties"]["settings"]
    settings.update(
        properties={name: section for name, section in sections.items() if section is not None},
        additionalProperties=False,
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _section(catalog: PluginCatalog, name: str) -> dict[str, Any] | None:
    try:
        host = PluginHost()
        host.add(name, catalog.load(name))
        kind = settings_class(host, name)
    except (ConfigError, PluginError) as error:
        return {"description": f"The plugin cannot be loaded: {error}"}
    return None if kind is None else schema_of(kind)


def _read(path: Path) -> object:
    readers: dict[str, Callable[[str], object]] = {".toml": tomllib.loads, ".json": _json}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        detail = f"the ending {path.suffix!r} is unknown; use .toml or .json"
        raise ConfigError(path="", detail=detail)
    try:
        return reader(path.read_text(encoding="utf-8"))
    except OSError as error:
        detail = f"cannot be read: {error.strerror or error}"
        raise ConfigError(path="", detail=detail) from error
    except ValueError as error:  # also what both readers and the decoder raise
        detail = f"is not valid {path.suffix[1:].upper()}: {error}"
        raise ConfigError(path="", detail=detail) from error


def _json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        message = f"the key {twice!r} stands twice"
        raise ValueError(message)
    return table


def _refuse_constant(word: str) -> NoReturn:
    message = f"{word} is no number of JSON"
    raise ValueError(message)
