"""Make the examples in README.md, docs/ and docstrings part of the test run.

In Markdown, python blocks run and `>>>` blocks are compared; the blocks of one page share names. A
block that only shows something is preceded by `<!-- skip: next -->`. Pages run in an empty folder
that has the repository's `examples/`, so what they write is thrown away.
"""

from __future__ import annotations

import os
import tempfile
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path
from typing import Any

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.markdown import (
    ClearNamespaceParser,
    PythonCodeBlockParser,
    SkipParser,
)
from sybil.parsers.rest import DocTestParser

ROOT = Path(__file__).parent
FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE


def enter_scratch_folder(namespace: dict[str, Any]) -> None:
    """Go to a fresh folder in which `examples/` is the repository's."""
    scratch = tempfile.TemporaryDirectory(prefix="recon-docs-")
    namespace["_scratch"] = scratch, Path.cwd()
    (Path(scratch.name) / "examples").symlink_to(ROOT / "examples")
    os.chdir(scratch.name)


def leave_scratch_folder(namespace: dict[str, Any]) -> None:
    """Go back and delete the folder."""
    scratch, before = namespace["_scratch"]
    os.chdir(before)
    scratch.cleanup()


pages = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=FLAGS),
        ClearNamespaceParser(),
        SkipParser(),
    ],
    patterns=["README.md", "docs/*.md", "docs/**/*.md"],
    excludes=["docs/_build/**"],
    setup=enter_scratch_folder,
    teardown=leave_scratch_folder,
)
docstrings = Sybil(
    parsers=[DocTestParser(optionflags=FLAGS)],
    patterns=["packages/*/src/*/*.py", "packages/*/src/*/*/*.py", "packages/*/src/*/*/*/*.py"],
    excludes=["**/__main__.py"],
    document_types={".py": PythonDocStringDocument},
)
pytest_collect_file = (pages + docstrings).pytest()
