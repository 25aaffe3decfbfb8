"""Types of text and slugs."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.platform.ids import new_id
from mercato.platform.text import (
    MAX_SLUG_LENGTH,
    Code,
    Name,
    Prose,
    Slug,
    has_control_characters,
    make_slug,
)


def fits(value: str, kind: object) -> bool:
    """Whether the type takes the text."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "name", ["a", "Crème brûlée 🍮", "سماعات", " x ", "\u200fRTL", "tab-free", "a" * 250, "\ue000"]
)
def test_a_line_of_text_is_a_name(name: str) -> None:
    assert fits(name, Name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u00a0\u3000",
        "a\n",
        "\na",
        "a\tb",
        "a\0",
        "\x1b[1m",
        "a\x7f",
        "a\x85",
        "a\x9b",
        "a\u2028b",
        "a\u2029",
        "a" * 251,
    ],
)
def test_what_is_no_line_of_text_is_no_name(name: str) -> None:
    assert not fits(name, Name)


@given(st.text())
def test_a_name_never_breaks_a_line_or_a_terminal(text: str) -> None:
    if fits(text, Name):
        assert len(text.splitlines()) == 1
        assert text.strip()
        assert not has_control_characters(text)


@pytest.mark.parametrize("text", ["", "a\nb\n", "a\tb", "a\r\nb", "Windows\x97quotes", "\n"])
def test_prose_has_lines(text: str) -> None:
    assert fits(text, Prose)


@pytest.mark.parametrize("text", ["\0", "a\x08", "\x1b[31mred", "\x7f", "x" * 20_001])
def test_prose_has_no_other_control_characters(text: str) -> None:
    assert not fits(text, Prose)


@pytest.mark.parametrize("text", ["\0", "\x01", "a\x08b", "\x0b", "\x0c", "\x1b", "\x7f"])
def test_control_characters_are_seen(text: str) -> None:
    assert has_control_characters(text)


@pytest.mark.parametrize("text", ["", "a\tb\r\nc", "é🍵"])
def test_line_ends_and_tabs_are_no_control_characters(text: str) -> None:
    assert not has_control_characters(text)


@pytest.mark.parametrize("slug", ["a", "1", "travel-mug", "a-1-b", "x" * MAX_SLUG_LENGTH])
def test_a_slug_is_lower_case_letters_digits_and_single_hyphens(slug: str) -> None:
    assert fits(slug, Slug)


@pytest.mark.parametrize("slug", ["", "A", "-a", "a-", "a--b", "a b", "ä", "a\n", "a/b", "x" * (MAX_SLUG_LENGTH + 1)])
def test_anything_else_is_no_slug(slug: str) -> None:
    assert not fits(slug, Slug)


def test_an_id_is_no_slug() -> None:
    assert not fits(str(new_id()), Slug)
    assert make_slug(str(new_id()), "fallback") == "fallback"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Travel Mug, 350 ml", "travel-mug-350-ml"),
        ("Crème Brûlée", "creme-brulee"),
        ("Straße & Söhne", "strasse-sohne"),
        ("Чайник", "chainik"),
        ("漢字", "han-zi"),
        ("  --  ", "fallback"),
        ("🍵", "fallback"),
        ("", "fallback"),
    ],
)
def test_a_name_makes_a_slug(name: str, slug: str) -> None:
    assert make_slug(name, "fallback") == slug


@given(st.text(max_size=400))
def test_whatever_the_name_its_slug_is_a_slug_with_room_for_a_number(name: str) -> None:
    slug = make_slug(name, "fallback")
    assert fits(slug, Slug)
    assert fits(f"{slug}-1234567890", Slug)


@given(st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,59}"), fullmatch=True))
def test_a_code_starts_with_a_letter(code: str) -> None:
    assert fits(code, Code)
    assert not fits(f"1{code}", Code)
    assert not fits(f"{code}\n", Code)
    assert not fits(code.upper(), Code)
