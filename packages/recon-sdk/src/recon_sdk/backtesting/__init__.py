"""Backtesting: which decisions a change of rules would alter, on the same rows."""

from __future__ import annotations

from recon_sdk.backtesting.comparing import compare
from recon_sdk.backtesting.outcome import (
    Backtest,
    Change,
    ChangeKind,
    SettingChange,
    Standing,
    Totals,
)
from recon_sdk.backtesting.runs import backtest

__all__ = [
    "Backtest",
    "Change",
    "ChangeKind",
    "SettingChange",
    "Standing",
    "Totals",
    "backtest",
    "compare",
]
