"""Text of queries and results: marks, codes, corrections, distances."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.search.text import MARK_CLOSE, MARK_OPEN, code_of, complete, correct, edit_distance, mark_up

words = st.text(alphabet="abcde", max_size=7)


def marked(text: str) -> str:
    """`[` and `]` for the marks of the engine."""
    return text.replace("[", MARK_OPEN).replace("]", MARK_CLOSE)


# --- marks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[Wireless] Headphones", "<mark>Wireless</mark> Headphones"),
        (" [a] ", "<mark>a</mark>"),
        ("<b>[a]</b> & b", "&lt;b&gt;<mark>a</mark>&lt;/b&gt; &amp; b"),
        ("<mark>a</mark>", "&lt;mark&gt;a&lt;/mark&gt;"),
        ("", ""),
    ],
)
def test_matches_become_marks_and_everything_else_is_escaped(text: str, shown: str) -> None:
    assert mark_up(marked(text)) == shown


@given(st.text())
def test_nothing_but_marks_can_be_markup(text: str) -> None:
    shown = mark_up(text)
    assert "<" not in re.sub("</?mark>", "", shown)
    if MARK_OPEN not in text and MARK_CLOSE not in text:
        assert html.unescape(shown) == html.unescape(html.escape(text.strip(), quote=False))


# --- codes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("MUG-350-GRN", "mug350grn"),
        ("mug 350 grn", "mug350grn"),
        ("4006381333931", "4006381333931"),
        ("4006 3813-33931", "4006381333931"),
        (" A_1.2/3 ", "a123"),
        ("kettle", None),
        ("a1", None),
        ("12", None),
        ("", None),
        ("---", None),
    ],
)
def test_a_query_is_a_code_when_it_has_a_digit_and_some_length(query: str, code: str | None) -> None:
    assert code_of(query) == code


# --- corrections ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "hits", "corrected"),
    [
        ("wirless hedphones", ["[Wireless] [Headphones]"], "wireless headphones"),
        ("wireless hedphones", ["[Wireless] [Headphones]"], "wireless headphones"),
        ("wireless headphones", ["[Wireless] [Headphones]"], None),
        ("wirel head", ["[Wirel]ess [Head]phones"], None),
        ("hedphones, wireless!", ["[Wireless] [Headphones]"], "headphones, wireless!"),
        ("ketle", ["[Kettle]", "[Kettle]", "[Settle]"], "kettle"),
        ("kettle", [], None),
        ("kettle", ["no match here"], None),
        ("kettle", ["[teapot]"], None),
        ("cat", ["[car]"], None),
        ("phone 12", ["[Phone] [13]"], None),
        ("abc1234", ["[abc1235]"], None),
        ("cart artt", ["[Cart] [Arts]"], "cart arts"),
        ("start art", ["[Start] [Artt]"], None),
    ],
)
def test_words_that_match_nothing_become_the_words_that_were_found(
    query: str, hits: list[str], corrected: str | None
) -> None:
    assert correct(query, [marked(hit) for hit in hits]) == corrected


def test_a_correction_leaves_the_letters_of_other_words_alone() -> None:
    assert correct("xketle ketle", [marked("[xketle] [kettle]")]) == "xketle kettle"


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_no_query_and_no_hit_breaks_corrections(query: str, hits: list[str]) -> None:
    correct(query, [f"{MARK_OPEN}{hit}{MARK_CLOSE}" for hit in hits])
    complete(query, [f"{MARK_OPEN}{hit}{MARK_CLOSE}" for hit in hits], 3)


@pytest.mark.parametrize(
    ("query", "hits", "completed"),
    [
        ("wirless hea", ["[Wireless] [Hea]dphones", "Big [Wireless] [Hea]dphones"], ["wireless headphones"]),
        ("kett", ["[Kett]le", "[Kett]le", "[Kett]ledrum"], ["kettle", "kettledrum"]),
        ("kettle", ["[Kettle]"], []),
        ("red kett", ["[Kett]le"], []),
        ("", ["[Kettle]"], []),
    ],
)
def test_queries_are_completed_from_what_was_found(query: str, hits: list[str], completed: list[str]) -> None:
    assert complete(query, [marked(hit) for hit in hits], 3) == completed


# --- distances -----------------------------------------------------------------------------------------------------------


def distance(left: str, right: str) -> int:
    """Optimal string alignment by its definition, slowly."""
    if not left or not right:
        return len(left) + len(right)
    found = min(
        distance(left[:-1], right) + 1,
        distance(left, right[:-1]) + 1,
        distance(left[:-1], right[:-1]) + (left[-1] != right[-1]),
    )
    if len(left) > 1 and len(right) > 1 and left[-2:] == right[:-3:-1]:
        found = min(found, distance(left[:-2], right[:-2]) + 1)
    return found


@given(st.text(alphabet="abc", max_size=5), st.text(alphabet="abc", max_size=5), st.integers(0, 6))
def test_the_distance_is_that_of_the_definition_up_to_the_limit(left: str, right: str, limit: int) -> None:
    assert edit_distance(left, right, limit) == min(distance(left, right), limit + 1)


@given(words, words, st.integers(0, 4))
def test_the_distance_is_the_same_both_ways(left: str, right: str, limit: int) -> None:
    assert edit_distance(left, right, limit) == edit_distance(right, left, limit)


@pytest.mark.parametrize(
    ("left", "right", "edits"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("kettle", "kettle", 0),
        ("ketle", "kettle", 1),
        ("kettel", "kettle", 1),
        ("ca", "abc", 3),
    ],
)
def test_some_distances_are_known(left: str, right: str, edits: int) -> None:
    assert edit_distance(left, right, 3) == edits
