"""The demo ledger, a copy of `examples/ledger`, as package data."""

from __future__ import annotations

__all__: list[str] = []
