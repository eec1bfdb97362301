"""Replace a file as a whole: readers see the old one or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from recon_sdk.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["no_folder", "replacing"]


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path to write to that takes the place of `path` when the block ends well.

    The temporary file lies in the same folder, so the last step is one rename. It is removed when
    the block raises, Ctrl-C included. A link is followed; a device or pipe is written to directly.

    Raises:
        InputError: The folder is missing or the file cannot be written.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with replacing(folder / "note.txt") as temporary:
        ...     _ = temporary.write_text("done", encoding="utf-8")
        >>> [file.name for file in folder.iterdir()]
        ['note.txt']
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        if target.is_dir():
            raise InputError(str(path), "is a folder, not a file", "give a file name")
        yield target
        return
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
    except OSError as error:
        if not target.parent.is_dir():
            raise no_folder(target) from error
        detail = f"cannot be written: {error.strerror or error}"
        raise InputError(str(path), detail, "choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)


def no_folder(path: Path) -> InputError:
    """Word that the folder of a file does not exist."""
    return InputError(
        str(path), f"the folder {path.resolve().parent} does not exist", "create it first"
    )
