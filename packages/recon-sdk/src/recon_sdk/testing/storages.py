"""The contract suite of storages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from recon_sdk.checks import storage
from recon_sdk.checks.storage import Bench, NewTenant, OpenStorage, a_tenant
from recon_sdk.testing.contract import Contract
from recon_sdk.testing.storage_machine import check_random_histories

if TYPE_CHECKING:
    from recon_sdk.checks.contract import Check

__all__ = ["StorageContract"]


class StorageContract(Contract):
    """What every storage promises. Give the fixture `open_storage`.

    Tests are plain functions that start an event loop of their own, so no async test plugin is
    needed; what a test opens, it closes in the same loop.

    Capabilities: `durable` (committed data outlives the storage).

    Attributes:
        histories: Number of random histories that are played.
        steps: Most steps of a history.
    """

    checks: ClassVar[tuple[Check, ...]] = storage.CHECKS
    histories: ClassVar[int] = 20
    steps: ClassVar[int] = 30

    @pytest.fixture
    def open_storage(self) -> OpenStorage:
        """A function that opens the storage: each call gives an async context manager."""
        msg = (
            "give the suite its subject: @pytest.fixture def open_storage(self): "
            "return lambda: MyBackend().open('mine:')"
        )
        raise NotImplementedError(msg)

    @pytest.fixture
    def new_tenant(self) -> NewTenant:
        """An async function of the storage that makes a tenant without data."""
        return a_tenant

    @pytest.fixture
    def bench(self, open_storage: OpenStorage, new_tenant: NewTenant) -> Bench:
        """What the checks get."""
        return Bench(open=open_storage, new_tenant=new_tenant)

    def test_random_histories_agree_with_a_simple_model(self, bench: Bench) -> None:
        """Whatever is done in whatever order, the storage says what a few dicts say.

        The failing history is printed, shortest first: replay it by hand. Mostly a counter was not
        moved, moved twice, or moved by a call that was refused.
        """
        check_random_histories(bench, histories=self.histories, steps=self.steps)
