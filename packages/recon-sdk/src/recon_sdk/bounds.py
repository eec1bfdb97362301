"""Bounds of settings: checked when a value is set, and printed in the JSON Schema."""

from __future__ import annotations

from typing import Any

import attrs

from recon_sdk.errors import ConfigError

__all__ = ["Between"]


@attrs.frozen
class Between:
    """Validator of a number: `attrs.field(default=5, validator=Between(1, 1000))`.

    Attributes:
        low: Lowest value that is allowed.
        high: Highest value that is allowed, None for no limit.
    """

    low: float
    high: float | None = None

    def __call__(self, owner: object, attribute: attrs.Attribute[Any], value: float) -> None:
        """Check a value.

        Raises:
            ConfigError: It is out of bounds; names the attribute.
        """
        del owner
        if self.high is None and not value >= self.low:
            raise ConfigError(attribute.name, f"must be at least {self.low}, not {value!r}")
        if self.high is not None and not self.low <= value <= self.high:
            detail = f"must be from {self.low} to {self.high}, not {value!r}"
            raise ConfigError(attribute.name, detail)
