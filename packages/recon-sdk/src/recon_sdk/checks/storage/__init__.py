"""Checks of storages, by subject. All are async and take a `Bench`."""

from __future__ import annotations

from recon_sdk.checks.storage import deciding, importing, racing, rows, running, tenancy, units
from recon_sdk.checks.storage.bench import Bench, Desk, NewTenant, OpenStorage, a_tenant

__all__ = ["CHECKS", "Bench", "Desk", "NewTenant", "OpenStorage", "a_tenant"]

CHECKS = (
    *units.CHECKS,
    *rows.CHECKS,
    *importing.CHECKS,
    *deciding.CHECKS,
    *running.CHECKS,
    *tenancy.CHECKS,
    *racing.CHECKS,
)
"""All checks of a storage; they take `bench`."""
