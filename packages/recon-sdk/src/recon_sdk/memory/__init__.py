"""In-memory storage: the whole storage contract without a database, for tests and small tools."""

from __future__ import annotations

from recon_sdk.memory.backend import InMemoryBackend, InMemoryStorage

__all__ = ["InMemoryBackend", "InMemoryStorage"]
