"""A suite refuses overrides in silence, and honours what a subclass declares with a reason."""


# ruff: noqa: EM101, RUF012, RUF043 - stand-ins break rules on purpose

from __future__ import annotations

import inspect

import pytest

from recon_sdk.checks import (
    assigners,
    blockers,
    differences,
    engines,
    explainers,
    plugins,
    policies,
    rules,
    storage,
)
from recon_sdk.checks.contract import BrokenContractError, needs, remedy_of
from recon_sdk.testing import Contract, RuleContract

EVERY_CHECK = [
    check
    for module in (
        assigners, blockers, differences, engines, explainers, plugins, policies, rules, storage
    )
    for check in module.CHECKS
]  # fmt: skip


def promise_that_holds():
    """It holds.

    Do nothing.
    """


def promise_that_is_broken():
    """It is broken.

    Mend it.
    """
    raise BrokenContractError("broken")


@needs("wings")
def promise_that_needs_wings():
    """It flies.

    Grow wings.
    """
    raise BrokenContractError("cannot fly")


class Suite(Contract):
    checks = (promise_that_holds, promise_that_is_broken, promise_that_needs_wings)


def run(kind, name):
    getattr(kind(), f"test_{name}")()


def test_a_check_becomes_a_test_with_its_docstring_and_its_fixtures():
    assert Suite.test_promise_that_holds.__doc__ == promise_that_holds.__doc__
    assert list(inspect.signature(RuleContract.test_evidence_is_worded).parameters) == [
        "self", "rule", "pairs",
    ]  # fmt: skip
    run(Suite, "promise_that_holds")


def test_a_broken_promise_fails_its_test():
    with pytest.raises(BrokenContractError, match="^broken$"):
        run(Suite, "promise_that_is_broken")


def test_what_a_thing_lacks_is_skipped_with_the_reason():
    class Wingless(Suite):
        lacks = {"wings": "it is a stone"}

    with pytest.raises(pytest.skip.Exception, match="lacks wings: it is a stone"):
        run(Wingless, "promise_that_needs_wings")
    run(Wingless, "no_promise_is_left_out_in_silence")


def test_a_known_failure_is_expected_and_reported_once_it_is_mended():
    class Known(Suite):
        known_failures = {"promise_that_is_broken": "issue 1", "promise_that_holds": "issue 2"}

    with pytest.raises(pytest.xfail.Exception, match="issue 1"):
        run(Known, "promise_that_is_broken")
    with pytest.raises(pytest.fail.Exception, match="promise_that_holds is kept now"):
        run(Known, "promise_that_holds")
    run(Known, "no_promise_is_left_out_in_silence")


def test_overriding_a_test_in_silence_is_refused():
    class Override(Suite):
        def test_promise_that_is_broken(self):
            """Do not look."""

    class Gone(Suite):
        test_promise_that_is_broken = None

    for kind in (Override, Gone):
        with pytest.raises(AssertionError, match="test_promise_that_is_broken is overridden"):
            run(kind, "no_promise_is_left_out_in_silence")


def test_naming_fewer_checks_takes_no_test_away():
    class Fewer(Suite):
        checks = (promise_that_holds,)

    with pytest.raises(BrokenContractError):
        run(Fewer, "promise_that_is_broken")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"lacks": {"wings": " "}}, "'wings' has no reason"),
        ({"lacks": {"fins": "no"}}, "'fins' is none of"),
        ({"known_failures": {"promise_that_holds": ""}}, "'promise_that_holds' has no reason"),
        ({"known_failures": {"nothing": "no"}}, "'nothing' is none of"),
    ],
)
def test_declarations_need_a_known_name_and_a_reason(declared, message):
    kind = type("Declared", (Suite,), declared)
    with pytest.raises(AssertionError, match=message):
        run(kind, "no_promise_is_left_out_in_silence")


@pytest.mark.parametrize(
    "suite",
    ["AssignerContract", "BlockerContract", "DifferenceModelContract", "EngineContract",
     "ExplainerContract", "PluginContract", "PolicyContract", "RuleContract", "StorageContract"],
)  # fmt: skip
def test_a_suite_without_its_subject_says_how_to_give_it(suite, pytester_free_fixture):
    kind = getattr(__import__("recon_sdk.testing", fromlist=[suite]), suite)
    fixture = pytester_free_fixture(kind)
    with pytest.raises(NotImplementedError, match=r"give the suite its subject: @pytest.fixture"):
        fixture(kind())


@pytest.fixture
def pytester_free_fixture():
    """Give the function behind the first fixture that a suite leaves to its subclasses."""

    def find(kind):
        for value in kind.__dict__.values():
            wrapped = getattr(value, "__pytest_wrapped__", None)  # before pytest 8.4
            function = getattr(value, "_fixture_function", getattr(wrapped, "obj", None))
            if function is not None and "raise" in inspect.getsource(function):
                return function
        raise LookupError(kind)

    return find


@pytest.mark.parametrize("check", EVERY_CHECK, ids=lambda check: check.__name__)
def test_every_check_says_what_to_change(check):
    first = (inspect.getdoc(check) or "").partition("\n")[0]
    assert first.endswith(".")
    assert len(remedy_of(check)) > 10


def test_names_of_checks_are_unique_in_their_suite():
    for module in (
        assigners,
        blockers,
        differences,
        engines,
        explainers,
        policies,
        rules,
        storage,
    ):
        names = [check.__name__ for check in module.CHECKS]
        assert len(set(names)) == len(names)
