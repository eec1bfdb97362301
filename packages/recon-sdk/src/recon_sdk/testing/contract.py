"""Contract: the checks of one kind of thing as a test class that other people subclass."""

from __future__ import annotations

import asyncio
import inspect
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from recon_sdk.checks.contract import BrokenContractError, Check, capability_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Contract"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Contract:
    """Base of all suites.

    A suite names its checks and offers fixtures for their arguments; a subclass gives the fixture
    of what it tests. Each check becomes one test with the check's docstring, which says what to
    change where the test fails.

    Attributes:
        checks: The checks of the suite.
        lacks: Capabilities that the tested thing does not have, each with a reason. Tests that
            need one are skipped.
        known_failures: Names of checks that fail for now, each with a reason. Such a test is
            expected to fail, and fails once the promise is kept again.
    """

    checks: ClassVar[tuple[Check, ...]] = ()
    lacks: ClassVar[Mapping[str, str]] = _NOTHING
    known_failures: ClassVar[Mapping[str, str]] = _NOTHING

    def __init_subclass__(cls, **options: Any) -> None:
        """Make a test of each check that the class itself names."""
        super().__init_subclass__(**options)
        for check in cls.__dict__.get("checks", ()):
            name = f"test_{check.__name__}"
            if name not in cls.__dict__:
                setattr(cls, name, _test_of(check))

    def test_no_promise_is_left_out_in_silence(self) -> None:
        """Every test of the suite runs as it was written, or says why it does not.

        Take your override away. What the thing cannot do goes into `lacks`, what it fails for now
        into `known_failures`, each with a reason.
        """
        promised = {
            f"test_{check.__name__}": check
            for kind in type(self).__mro__
            for check in kind.__dict__.get("checks", ())
        }
        for name, check in promised.items():
            kept = getattr(getattr(type(self), name, None), "check", None)
            assert kept is check, f"{name} is overridden"
        assert promised, "the suite has no checks"
        capabilities = {capability_of(check) for check in promised.values()} - {""}
        names = {check.__name__ for check in promised.values()}
        for listing, known in ((self.lacks, capabilities), (self.known_failures, names)):
            for key, reason in listing.items():
                assert key in known, f"{key!r} is none of {sorted(known)}"
                assert reason.strip(), f"{key!r} has no reason"


def _test_of(check: Check) -> Callable[..., None]:
    """Make a test method of a check: its arguments are the fixtures."""

    def test(self: Contract, **given: Any) -> None:
        __tracebackhide__ = True
        capability = capability_of(check)
        if capability in self.lacks:
            pytest.skip(f"lacks {capability}: {self.lacks[capability]}")
        reason = self.known_failures.get(check.__name__, "")
        try:
            result = check(**given)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        except BrokenContractError:
            if reason:
                pytest.xfail(reason)
            raise
        if reason:
            pytest.fail(f"{check.__name__} is kept now; take it out of `known_failures`")

    signature = inspect.signature(check)
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    test.__name__ = f"test_{check.__name__}"
    test.__qualname__ = test.__name__
    test.__doc__ = check.__doc__
    test.__module__ = check.__module__
    test.__dict__["check"] = check
    test.__dict__["__signature__"] = signature.replace(
        parameters=[own, *signature.parameters.values()], return_annotation=None
    )
    return test
