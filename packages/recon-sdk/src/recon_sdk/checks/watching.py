"""Watching a call: does it look at the clock, use the network, or throw dice?"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from recon_sdk.checks.contract import BrokenContractError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["outside_world_refused"]

_BY_MODULE = {
    "time": frozenset(
        [
            "time",
            "time_ns",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "process_time",
            "sleep",
            "localtime",
            "gmtime",
            "ctime",
        ]
    ),
    "_socket": frozenset(
        ["getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo", "socketpair"]
    ),
    "posix": frozenset(["fork", "forkpty", "system", "urandom", "getrandom", "posix_spawn"]),
    "nt": frozenset(["system", "urandom"]),
    "_posixsubprocess": frozenset({"fork_exec"}),
}
_BY_METHOD = {
    "now": ("datetime",),
    "utcnow": ("datetime",),
    "today": ("date", "datetime"),
    "random": ("Random", "SystemRandom"),
    "getrandbits": ("Random", "SystemRandom"),
    "connect": ("socket", "SSLSocket"),
    "connect_ex": ("socket", "SSLSocket"),
    "sendto": ("socket", "SSLSocket"),
    "bind": ("socket", "SSLSocket"),
}
_EXCUSED = frozenset(
    {"logging", "threading", "importlib._bootstrap", "importlib._bootstrap_external"}
)
"""Modules that look at the clock for themselves."""


@contextmanager
def outside_world_refused() -> Iterator[None]:
    """Refuse the clock, the network, other processes and chance while a block runs.

    It sees calls of the interpreter's own functions from this thread, however they were imported.

    Raises:
        BrokenContractError: At the first such call, before it is made; again at the end, if the
            block swallowed it.
    """
    seen: list[str] = []

    def watch(frame: FrameType, event: str, called: Any) -> None:
        if event != "c_call":
            return
        name = _forbidden(called)
        if name and frame.f_globals.get("__name__") not in _EXCUSED:
            seen.append(f"{name} in {frame.f_code.co_filename}, line {frame.f_lineno}")
            msg = f"called {seen[0]}"
            raise BrokenContractError(msg)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)
    if seen:
        msg = f"called {seen[0]}"
        raise BrokenContractError(msg)


def _forbidden(called: Any) -> str:
    name = getattr(called, "__name__", "")
    owner = getattr(called, "__self__", None)
    module = getattr(owner, "__name__", "") if type(owner).__name__ == "module" else ""
    if name in _BY_MODULE.get(module, ()):
        return f"{module}.{name}"
    if name in _BY_METHOD:
        kind = owner if isinstance(owner, type) else type(owner)
        if any(base.__name__ in _BY_METHOD[name] for base in kind.__mro__):
            return f"{kind.__name__}.{name}"
    return ""
