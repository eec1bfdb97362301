"""The commands on the page about tuning are commands with the options that they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

click = pytest.importorskip("click")
pytest.importorskip("rich")

from recon_sdk.cli import app  # noqa: E402

PAGE = Path(__file__).parents[4] / "docs/how-to/tune-the-rules.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="the pages are not in the package")


def test_commands_on_the_page_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 3
    monkeypatch.chdir(tmp_path)
    for name in ("invoices.csv", "transactions.csv", "recon.toml", "tuned.toml"):
        (tmp_path / name).touch()
    (tmp_path / "my-ledger").mkdir()
    for line in lines:
        program, name, *words = line.split()
        assert program == "recon"
        command = app.recon.commands[name]
        assert command.make_context(name, words).params
