"""Checks: the promises of each kind of plugin as plain functions, without a test framework.

`recon_sdk.testing` makes test suites of them, `recon check-plugin` runs them at onboarding.
"""

from __future__ import annotations

from recon_sdk.checks.contract import BrokenContractError, Finding
from recon_sdk.checks.plugins import check_plugin

__all__ = ["BrokenContractError", "Finding", "check_plugin"]
