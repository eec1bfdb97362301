"""Every error that Recon raises on purpose.

```text
ReconError
├── ConfigError              a configuration value is wrong; carries its path
├── PluginError              a plugin failed; names plugin and hook
│   ├── PluginNotFoundError
│   ├── DuplicateNameError
│   └── NoRulesError
├── DataError                an input is wrong
│   ├── MoneyError           an amount or currency that is not one
│   ├── InputError           a file or table as a whole is unusable
│   └── RowError             one row is unusable; names source, line and column
├── MissingExtraError        an optional dependency is not installed
├── StorageError
│   ├── NotFoundError        the id is unknown (or belongs to somebody else: no difference)
│   ├── ConflictError        the state moved on; carries the reason
│   └── NoTenantError        storage was used without a tenant
└── RunError                 a run could not be finished
```

Each class has a stable `code`, which is also the heading of its section in
`docs/reference/errors.md`.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ConfigError",
    "ConflictError",
    "DataError",
    "DuplicateNameError",
    "InputError",
    "MissingExtraError",
    "MoneyError",
    "NoRulesError",
    "NoTenantError",
    "NotFoundError",
    "PluginError",
    "PluginNotFoundError",
    "ReconError",
    "RowError",
    "RunError",
    "StorageError",
]


class ReconError(Exception):
    """Base of all errors that Recon raises on purpose."""

    code: ClassVar[str] = "recon-error"


class ConfigError(ReconError):
    """A configuration value is wrong.

    Attributes:
        path: Where the value stands, for example `rules.exact_amount.weight`.
        detail: What is wrong and what would be right.
    """

    code = "config-invalid"

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}" if path else detail)
        self.path = path
        self.detail = detail


class PluginError(ReconError):
    """A plugin failed or returned something that its hook does not allow.

    Attributes:
        plugin: The plugin's name.
        hook: The hook or method that was called.
        detail: What went wrong.
    """

    code = "plugin-failed"

    def __init__(self, plugin: str, hook: str, detail: str) -> None:
        super().__init__(f"plugin {plugin!r}, {hook}: {detail}")
        self.plugin = plugin
        self.hook = hook
        self.detail = detail


class PluginNotFoundError(PluginError):
    """A configured plugin is not installed."""

    code = "plugin-not-found"


class DuplicateNameError(PluginError):
    """Two plugins of one tenant offer things of one kind under the same name."""

    code = "plugin-duplicate-name"


class NoRulesError(PluginError):
    """No active plugin offers a scoring rule, so there is nothing to match with."""

    code = "plugin-no-rules"


class DataError(ReconError):
    """An input value, row or file is wrong."""

    code = "data-invalid"


class MoneyError(DataError):
    """A text or number is not an amount of money in the given currency."""

    code = "money-invalid"


class InputError(DataError):
    """A file or table cannot be used as a whole.

    Attributes:
        source: The file name or a word for the table.
        detail: What is wrong.
        remedy: What to do about it.
    """

    code = "input-invalid"

    def __init__(self, source: str, detail: str, remedy: str = "") -> None:
        super().__init__(f"{source}: {detail}" + (f" ({remedy})" if remedy else ""))
        self.source = source
        self.detail = detail
        self.remedy = remedy


class RowError(DataError):
    """One row cannot be used.

    Attributes:
        source: The file name or a word for the table.
        line: Line in the file, starting at 1 (header included); for tables the row, starting at 1.
        column: The column's name in the source, or "" for the whole row.
        detail: What is wrong.
        remedy: What to do about it.
    """

    code = "row-invalid"

    def __init__(self, source: str, line: int, column: str, detail: str, remedy: str = "") -> None:
        where = f"{source}:{line}" + (f", column {column!r}" if column else "")
        super().__init__(f"{where}: {detail}" + (f" ({remedy})" if remedy else ""))
        self.source = source
        self.line = line
        self.column = column
        self.detail = detail
        self.remedy = remedy


class MissingExtraError(ReconError):
    """An optional dependency is needed and not installed.

    Attributes:
        extra: The extra of `recon-sdk` that brings it.
        needed_for: What it is needed for.
    """

    code = "missing-extra"

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(f"{needed_for} needs an extra: pip install 'recon-sdk[{extra}]'")
        self.extra = extra
        self.needed_for = needed_for


class StorageError(ReconError):
    """Storage failed."""

    code = "storage-failed"


class NotFoundError(StorageError):
    """The tenant has no such object. A foreign id looks exactly like an absent one."""

    code = "not-found"


class ConflictError(StorageError):
    """The stored state does not allow this change.

    Attributes:
        reason: A stable kebab-case word, for example `match-state-conflict`.
    """

    code = "conflict"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class NoTenantError(StorageError):
    """Tenant data was touched without a tenant."""

    code = "no-tenant"


class RunError(ReconError):
    """A reconciliation run could not be finished."""

    code = "run-failed"
