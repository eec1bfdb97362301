from __future__ import annotations

import io

import pytest

pytest.importorskip("rich")

from rich.console import Console

from recon_sdk.cli import progress
from recon_sdk.cli.progress import reporting


def test_a_stage_that_took_long_gets_a_line_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 1.0, 1.0, 4.5])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with reporting(quiet=False) as report:
        report("read", 0, 0)
        report("read", 1, 2)
        report("score", 0, 0)
    assert capsys.readouterr().err == "score: 3.5 s\n"


def test_quiet_reports_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(quiet=True) as report:
        report("score", 1, 2)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(
        progress,
        "Console",
        lambda **_: Console(file=screen, force_terminal=True, width=80),
    )
    with reporting(quiet=False) as report:
        report("read", 0, 0)
        report("score", 1, 4)
        report("score", 2, 4)
    assert "score" in screen.getvalue()
    assert "50%" in screen.getvalue()
