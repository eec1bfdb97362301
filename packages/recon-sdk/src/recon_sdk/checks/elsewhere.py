"""The same call in another process, with another hash seed, time zone and order of sets."""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
from types import ModuleType
from typing import Any

from recon_sdk.checks.contract import BrokenContractError

__all__ = ["call_elsewhere", "travelled"]

_CHILD = "from recon_sdk.checks.elsewhere import _answer; _answer()"


def travelled(thing: Any) -> bytes:
    """Pickle a thing.

    Raises:
        BrokenContractError: It cannot be pickled.
    """
    try:
        return pickle.dumps(thing)
    except Exception as error:
        msg = f"it cannot be sent to a worker process: {type(error).__name__}: {error}"
        raise BrokenContractError(msg) from error


def call_elsewhere(thing: Any, method: str, *arguments: Any) -> Any:
    """Call a method of a thing in a fresh process and give what it returned.

    Raises:
        BrokenContractError: The thing cannot be sent there, or the call failed there.
    """
    modules = []
    for kind in type(thing).__mro__:
        module = sys.modules.get(kind.__module__)
        file = getattr(module, "__file__", None)
        if file and kind.__module__ not in {"builtins", "abc", "typing"}:
            modules.append((kind.__module__, file))
    job = pickle.dumps((list(sys.path), modules, travelled(thing), method, travelled(arguments)))
    done = subprocess.run(
        [sys.executable, "-c", _CHILD],
        input=job,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONHASHSEED": "20260301", "TZ": "Pacific/Kiritimati"},
    )
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        msg = f"{method} failed in another process: {last}"
        raise BrokenContractError(msg)
    return pickle.loads(done.stdout)


def _answer() -> None:
    """Do the job on standard input and write what it gave to standard output."""
    answer, sys.stdout = sys.stdout.buffer, sys.stderr  # what a plugin prints is no answer
    path, modules, thing, method, arguments = pickle.load(sys.stdin.buffer)
    sys.path[:] = path
    for name, file in modules:
        if name not in sys.modules:
            _load(name, file)
    result = getattr(pickle.loads(thing), method)(*pickle.loads(arguments))
    answer.write(pickle.dumps(result))


def _load(name: str, file: str) -> None:
    """Import a module by its file, if its name alone does not lead to it (a test module's)."""
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is not None:
        return
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # What is pickled is looked up from the top of its name on.
    while name := name.rpartition(".")[0]:
        sys.modules.setdefault(name, ModuleType(name))
    spec.loader.exec_module(module)
