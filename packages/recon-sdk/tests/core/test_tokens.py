from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_sdk.folding import fold_all
from recon_sdk.tokens import Spans, TokenTexts, mask_non_references

if TYPE_CHECKING:
    from collections.abc import Sequence

SOME = st.lists(
    st.text(alphabet=st.sampled_from("aB0123 -./é\n"), max_size=12), min_size=1, max_size=6
)


def shown(texts: TokenTexts, spans: Spans) -> list[tuple[int, str]]:
    """Give the spans as (text, characters)."""
    return [
        (text, texts.bytes[start:end].tobytes().decode())
        for text, start, end in zip(
            spans.text.tolist(), spans.start.tolist(), spans.end.tolist(), strict=True
        )
    ]


def words(texts: Sequence[str]) -> list[tuple[int, str]]:
    return [
        (n, word)
        for n, text in enumerate(fold_all(texts))
        for word in re.findall("[A-Z0-9]+", text)
    ]


@given(SOME)
def test_tokens_are_maximal_runs_of_letters_and_digits(texts: list[str]) -> None:
    made = TokenTexts(texts)
    assert shown(made, made.tokens) == words(texts)
    assert shown(made, made.whole()) == [
        (n, "".join(re.findall("[A-Z0-9]+", text))) for n, text in enumerate(fold_all(texts))
    ]


@given(SOME, st.integers(1, 4))
def test_joins_are_neighbours_of_one_text(texts: list[str], most: int) -> None:
    made = TokenTexts(texts)
    tokens = words(texts)
    expected = [
        (tokens[at][0], "".join(word for _, word in tokens[at : at + size]))
        for size in range(1, most + 1)
        for at in range(len(tokens) - size + 1)
        if tokens[at][0] == tokens[at + size - 1][0]
    ]
    assert sorted(shown(made, made.joins(most))) == sorted(expected)


@given(SOME)
def test_runs_are_the_digits_inside_tokens(texts: list[str]) -> None:
    made = TokenTexts(texts)
    expected = [(n, run) for n, word in words(texts) for run in re.findall("[0-9]+", word)]
    assert shown(made, made.digit_runs()) == expected


def test_neighbouring_runs_join_across_separators_but_not_across_letters() -> None:
    made = TokenTexts(["2025/00-12 A 7", "3x4"])
    assert shown(made, made.joined_runs(3)) == [
        (0, "2025"), (0, "00"), (0, "12"), (0, "7"), (1, "3"), (1, "4"),
        (0, "202500"), (0, "0012"), (0, "20250012"),
    ]  # fmt: skip


@given(SOME)
def test_leading_zeros_are_dropped(texts: list[str]) -> None:
    made = TokenTexts(texts)
    assert shown(made, made.without_zeros(made.tokens)) == [
        (n, word.lstrip("0")) for n, word in words(texts)
    ]


@given(SOME, SOME)
def test_equal_characters_have_equal_hashes_in_any_place_of_any_text(
    some: list[str], others: list[str]
) -> None:
    found: dict[str, set[int]] = {}
    sorted_found: dict[str, set[int]] = {}
    for made in (TokenTexts(some), TokenTexts(others)):
        spans = made.joins(3)
        for (_, word), one, other in zip(
            shown(made, spans),
            made.hashes(spans).tolist(),
            made.unordered_hashes(spans).tolist(),
            strict=True,
        ):
            found.setdefault(word, set()).add(one)
            sorted_found.setdefault("".join(sorted(word)), set()).add(other)
    for hashes in (found, sorted_found):
        assert all(len(each) == 1 for each in hashes.values())
        assert len(set().union(*hashes.values())) == len(hashes)


def test_characters_are_rows_padded_with_zeros() -> None:
    made = TokenTexts(["ab cde"])
    assert made.characters(made.tokens, 3).tolist() == [
        [ord("A"), ord("B"), 0], [ord("C"), ord("D"), ord("E")],
    ]  # fmt: skip


@pytest.mark.parametrize("texts", [[""], ["", ""], ["--", "\n"], []])
def test_texts_without_characters_have_no_tokens(texts: list[str]) -> None:
    made = TokenTexts(texts)
    assert len(made.tokens) == 0
    assert len(made.joins(3)) == 0
    assert len(made.digit_runs()) == 0
    assert len(made.joined_runs(3)) == 0
    assert len(made.whole()) == len(texts)


def test_names_are_read_without_written_out_vowels() -> None:
    made = TokenTexts(["Mueller"], names=True)
    assert shown(made, made.tokens) == [(0, "MULLER")]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("PAID 2025-03-14 RE 7", "PAID   RE 7"),
        ("14.03.2025", " "),
        ("14/03/25", " "),
        ("MIETE 04/2025", "MIETE  "),
        ("12/2025", " "),
        ("13/2025", "13/2025"),
        ("EUR 1.234,56", "EUR  "),
        ("1234.56", " "),
        ("1,234.567", "1,234.567"),
        ("DE89 3704 0044 0532 0130 00", " "),
        ("DE89370400440532013000", " "),
        ("GB29NWBK60161331926819 RE7", "  RE7"),
        ("BE68539007547034 RE77 X", " RE77 X"),
        ("BE68 5390 0754 7034 RE77", " RE77"),
        ("NO93 8601 1117 947 RE77", "  RE77"),
        ("NO9386011117947", " "),
        ("DE88370400440532013000", "DE88370400440532013000"),
        ("RE20250314000123", "RE20250314000123"),
        ("RF18539007547034", "RF18539007547034"),
        ("RF18 5390 0754 7034", "RF18 5390 0754 7034"),
        ("RE-2025-03-147", "RE-2025-03-147"),
        ("RE-2025-03-14", "RE-2025-03-14"),
        ("RE/04/2025", "RE/04/2025"),
        ("VOM: 2025-03-14", "VOM:  "),
        ("2025-03-1", "2025-03-1"),
        ("2025-13-01", "2025-13-01"),
        ("2025-12-47", "2025-12-47"),
        ("12-34-56", "12-34-56"),
        ("31-12-25", " "),
        ("RE2025", "RE2025"),
        ("RE 20250314.01", "RE 20250314.01"),
        ("1001,1002", "1001,1002"),
    ],
)
def test_what_looks_like_a_number_and_is_none_is_blanked_out(text: str, left: str) -> None:
    assert mask_non_references(text) == left
