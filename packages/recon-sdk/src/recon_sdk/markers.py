"""The two decorators that tie plugins to hooks. Project name: `recon`."""

from __future__ import annotations

import pluggy

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "recon"
"""Name of the project in pluggy, and the prefix of every hook."""

hookspec = pluggy.HookspecMarker(PROJECT)
"""Marks a hook specification; used in `recon_sdk.hookspecs` alone."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's function as the implementation of the hook of the same name."""
