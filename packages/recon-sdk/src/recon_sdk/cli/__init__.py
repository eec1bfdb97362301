"""The `recon` command.

Exit codes: 0 done, also where input rows were left out and listed (`--strict` refuses those); 1 an
error, said in one line on stderr; 2 a wrong command line; 3 a change, where `backtest` was asked
to fail on one; 130 interrupted. A file that was to be written is complete or as it was before.
Results go to stdout, all else to stderr.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from recon_sdk.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_NEEDED = ("click", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line without the name of the command, by default those of
            this process.

    Returns:
        The exit code.
    """
    if any(find_spec(module) is None for module in _NEEDED):
        error = MissingExtraError("cli", "the recon command")
        sys.stderr.write(f"recon: {error}\n")
        return 1
    from recon_sdk.cli.app import run

    return run(arguments)
