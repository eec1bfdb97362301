"""What a check is: a plain function that raises where a promise is broken."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeAlias, TypeVar

import attrs

__all__ = [
    "BrokenContractError",
    "Check",
    "Finding",
    "broken",
    "capability_of",
    "needs",
    "remedy_of",
    "require",
    "run_checks",
]

Check: TypeAlias = Callable[..., object]
"""A function named after its promise. The first paragraph of its docstring states the promise, the
rest says what to change where it is broken. Arguments are filled by name."""

_C = TypeVar("_C", bound=Check)


class BrokenContractError(AssertionError):
    """A promise of a contract is broken; the message says how it showed."""


def broken(message: str) -> NoReturn:
    """Raise `BrokenContractError`."""
    raise BrokenContractError(message)


def require(holds: object, message: str) -> None:
    """Raise `BrokenContractError` unless something holds."""
    if not holds:
        broken(message)


def needs(capability: str) -> Callable[[_C], _C]:
    """Mark a check that is skipped where a plugin says, with a reason, that it lacks something."""

    def mark(check: _C) -> _C:
        check.__dict__["capability"] = capability
        return check

    return mark


def capability_of(check: Check) -> str:
    """Give the capability that a check needs, "" for none."""
    return str(check.__dict__.get("capability", ""))


def remedy_of(check: Check) -> str:
    """Give what a check's docstring says about putting things right."""
    return " ".join((inspect.getdoc(check) or "").partition("\n\n")[2].split())


@attrs.frozen(kw_only=True, order=True)
class Finding:
    """One broken promise.

    Attributes:
        subject: What was checked, for example `rule 'exact_amount'`.
        check: Name of the check.
        detail: How it showed.
        remedy: What to change.
    """

    subject: str
    check: str
    detail: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.detail} ({self.check}). {self.remedy}".rstrip()


def run_checks(
    subject: str, checks: Iterable[Check], given: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Run checks one by one and collect what is broken.

    Args:
        subject: What is checked, for the findings.
        checks: The checks.
        given: Arguments by name; a check gets those that it asks for.
    """
    findings = []
    for check in checks:
        wanted = inspect.signature(check).parameters
        try:
            check(**{name: given[name] for name in wanted if name in given})
        except BrokenContractError as error:
            detail = str(error)
        except Exception as error:
            detail = f"raised {type(error).__name__}: {error}"
        else:
            continue
        findings.append(
            Finding(subject=subject, check=check.__name__, detail=detail, remedy=remedy_of(check))
        )
    return tuple(findings)
