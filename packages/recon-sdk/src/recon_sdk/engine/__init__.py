"""The local engine: the boxes of a run, on one machine."""

from __future__ import annotations

from recon_sdk.engine.local import LocalEngine

__all__ = ["LocalEngine"]
