"""The in-memory storage and its backend."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import attrs

from recon_sdk.errors import ConfigError, NoTenantError
from recon_sdk.memory.session import InMemorySession, Shelf

if TYPE_CHECKING:
    from recon_sdk.config import TenantRef
    from recon_sdk.storage import Storage, TenantSession

__all__ = ["InMemoryBackend", "InMemoryStorage"]


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _random_id() -> str:
    return uuid.uuid4().hex


@attrs.define(kw_only=True, eq=False)
class InMemoryStorage:
    """A storage that forgets everything when it goes.

    It keeps the whole contract of `recon_sdk.storage` under concurrent tasks of one event loop:
    units of work that write take turns, tenant by tenant.

    Attributes:
        clock: Gives the moment, in UTC.
        new_id: Gives ids for imports.
        patience_seconds: How long a unit of work waits for another one that writes.
    """

    clock: Callable[[], dt.datetime] = _utc_now
    new_id: Callable[[], str] = _random_id
    patience_seconds: float = 5.0
    _shelves: dict[str, Shelf] = attrs.field(factory=dict, init=False)

    @asynccontextmanager
    async def for_tenant(
        self, tenant: TenantRef, *, actor: str = "system", key: str = ""
    ) -> AsyncIterator[TenantSession]:
        """Start a unit of work for one tenant; see `recon_sdk.storage.Storage`."""
        if not tenant.id:
            msg = "tenant data was asked for without a tenant"
            raise NoTenantError(msg)
        session = InMemorySession(
            shelf=self._shelves.setdefault(tenant.id, Shelf()),
            clock=self.clock,
            new_id=self.new_id,
            patience_seconds=self.patience_seconds,
            actor=actor,
            key=key,
        )
        try:
            yield session
        finally:
            session.end()


@attrs.frozen(kw_only=True)
class InMemoryBackend:
    """Opens `memory:` URLs; every opening is a new, empty storage.

    Attributes:
        scheme: `memory`.
        clock: Gives the moment, in UTC.
        new_id: Gives ids for imports.
    """

    scheme: str = "memory"
    clock: Callable[[], dt.datetime] = _utc_now
    new_id: Callable[[], str] = _random_id

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Storage]:
        """Open a new storage; see `recon_sdk.storage.StorageBackend`."""
        if url not in ("memory:", "memory://"):
            msg = "storage"
            raise ConfigError(msg, f"{url!r} is not `memory:`")
        yield InMemoryStorage(clock=self.clock, new_id=self.new_id)
