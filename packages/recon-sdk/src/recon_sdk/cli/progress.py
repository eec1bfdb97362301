"""Progress on stderr: a bar with an estimate on a terminal, lines for long stages elsewhere."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from recon_sdk.engines import no_progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recon_sdk.engines import Progress as Report

__all__ = ["reporting"]

_LONG_SECONDS = 2.0


@contextlib.contextmanager
def reporting(*, quiet: bool) -> Iterator[Report]:
    """Give a function to report progress to; what it drew is gone when the block ends.

    Args:
        quiet: Report nothing.
    """
    console = Console(stderr=True)
    if quiet:
        yield no_progress
    elif console.is_terminal:
        with _bar(console) as bar:
            yield _Bars(bar)
    else:
        lines = _Lines()
        yield lines
        lines.finish()


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


class _Bars:
    """One bar, which starts anew with each stage."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._stage = ""
        self._task: TaskID | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the bar of a stage."""
        if self._task is None or stage != self._stage:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._stage = stage
            self._task = self._bar.add_task(stage, total=total or None)
        self._bar.update(self._task, completed=done, total=total or None)


class _Lines:
    """A line for each stage that took long, once it is over."""

    def __init__(self) -> None:
        self._stage = ""
        self._since = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note that a stage is going on."""
        del done, total
        if stage != self._stage:
            self.finish()
            self._stage, self._since = stage, time.monotonic()

    def finish(self) -> None:
        """Say how long the stage took, if it was long."""
        if self._stage:
            seconds = time.monotonic() - self._since
            if seconds > _LONG_SECONDS:
                click.echo(f"{self._stage}: {seconds:.1f} s", err=True)
        self._stage = ""
