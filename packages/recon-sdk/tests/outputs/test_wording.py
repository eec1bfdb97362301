from __future__ import annotations

import attrs
import numpy as np

from recon_sdk.results import Result
from recon_sdk.writing.wording import explained_matches


def without_failing_rule(result: Result) -> Result:
    rules = attrs.evolve(result.rule_set, rules=result.rule_set.rules[:2])
    return Result(result.outcome, rules, result.digest)


def test_many_matches_at_once_equal_one_at_a_time(result: Result) -> None:
    result = without_failing_rule(result)
    everything = np.arange(len(result.outcome.matches))
    for at, (context, text) in enumerate(explained_matches(result, everything)):
        assert context == result.context(result.match_at(at))
        assert text == result.explain(result.match_at(at))


def test_any_order_of_positions_is_kept(result: Result) -> None:
    result = without_failing_rule(result)
    wanted = np.array([4, 0, 2])
    ids = [context.match.id for context, _ in explained_matches(result, wanted)]
    assert ids == [result.match_at(at).id for at in wanted.tolist()]


def test_no_match_is_no_error(result: Result) -> None:
    assert list(explained_matches(result, np.zeros(0, np.int64))) == []


def test_without_any_working_rule_there_is_no_breakdown(result: Result) -> None:
    rules = attrs.evolve(result.rule_set, rules=result.rule_set.rules[2:])
    result = Result(result.outcome, rules, result.digest)
    contexts = [context for context, _ in explained_matches(result, np.arange(2))]
    assert [context.match.contributions for context in contexts] == [(), ()]
