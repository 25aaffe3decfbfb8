"""Markup in descriptions: harmless tags live, everything else goes, plain text stays."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.platform.html import ATTRIBUTES, SCHEMES, TAGS, has_markup, plain_text, sanitise

PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<b", ">", "<", "</", "<!--", "-->", "<!", "<?", "<script>", "</script>", "<svg>", "<math>", "<style>",
        "<a href=", "javascript:alert(1)", "https://example.com", "//x", "data:text/html,x", " onclick=alert(1)", '"', "'", "`",
        "=", "&", "&lt;", "&gt;", "&amp;", "&#60;", "&#x3c", "&#2;", "&#0;", "&nbsp;", "<table>", "<tr>", "<td>", "<li>", "<ul>",
        "<pre>", "\n", "\r\n", "<title>", "<template>", "<noscript>", "<textarea>", "<img src=x onerror=alert(1)>", "<iframe>",
        "<mtext>", "<mglyph>", "<annotation-xml>", "<foreignObject>", "<![CDATA[", "]]>", "text", "ü", " ", "<h1>", "<br/>",
    ]
)  # fmt: skip
MARKUP = st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join)


class Seen(HTMLParser):
    """Every tag and attribute of a text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


ALLOWED = {(tag, name) for tag, names in ATTRIBUTES.items() for name in names} | {("a", "rel")}


def assert_harmless(text: str) -> None:
    seen = Seen(text)
    assert seen.tags <= TAGS, text
    assert seen.attributes <= ALLOWED, text
    for link in seen.links:
        scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.\-]*):", html.unescape(link))
        assert scheme is None or scheme[1].lower() in SCHEMES, text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fish & chips",
        "5 < 6 and 7 > 6",
        "I <3 mugs",
        "a\n\nb\r\nc",
        "&amp; stays",
        "x <",
        "“quoted” & 'so'",
        "R&D; AT&T",
    ],
)
def test_plain_text_stays_as_it_was_written(text: str) -> None:
    assert sanitise(text) == text
    assert plain_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "<p>Two <strong>strong</strong> words</p>",
        "<ul><li>one</li><li>two</li></ul>",
        '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td colspan="2">1</td></tr></tbody></table>',
        "<h3>Care</h3><p>Wash at 30&nbsp;°C &amp; dry<br>flat.</p>",
    ],
)  # fmt: skip
def test_harmless_markup_stays(text: str) -> None:
    assert sanitise(text) == text


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("<script>alert(1)</script>Mug", "Mug"),
        ("<b onclick='alert(1)' style='position:fixed' class='x' id='y'>Mug</b>", "<b>Mug</b>"),
        ("<img src=x onerror=alert(1)>Mug", "Mug"),
        ("<iframe src='https://evil.example'></iframe>Mug", "Mug"),
        ("<style>body{display:none}</style>Mug", "Mug"),
        ("<svg><script>alert(1)</script></svg>Mug", "Mug"),
        ("<!-- secret -->Mug", "Mug"),
        ("<form action='/x'><input name=q>Mug</form>", "Mug"),
        ("<h1>Mug</h1>", "Mug"),
        ("<p>open", "<p>open</p>"),
        ("Mug</div>", "Mug"),
        ("<x>a &amp; b</x>", "a & b"),
        ("<x>&lt;script&gt;</x>", "&lt;script&gt;"),
        ("<b>a&#2;&#0;b</b>", "<b>a\ufffdb</b>"),
    ],
)
def test_everything_else_goes(given_text: str, kept: str) -> None:
    assert sanitise(given_text) == kept


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "&#106;avascript:alert(1)", "vbscript:x", "data:text/html,x", " javascript:x"],
)  # fmt: skip
def test_links_lead_to_pages_only(address: str) -> None:
    assert "href" not in sanitise(f'<a href="{address}">x</a>')


def test_links_give_no_rank_and_no_handle_on_the_page() -> None:
    assert (
        sanitise('<a href="https://example.com/a?b=1&amp;c=2" target="_blank">x</a>')
        == '<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow noopener noreferrer">x</a>'
    )


def test_tags_inside_of_a_line_part_no_words() -> None:
    assert plain_text('H<sub>2</sub>O, <b>warm</b>, <a href="/x" title="a>b">dry</a>.<br>So.') == "H2O, warm, dry. So."


def test_plain_text_of_markup_has_words_but_no_tags() -> None:
    assert plain_text('<p>Fish &amp; chips</p><p title=">">5 &lt; 6</p>').split() == [
        "Fish",
        "&",
        "chips",
        "5",
        "<",
        "6",
    ]


@given(MARKUP)
def test_whatever_comes_in_what_goes_out_is_harmless(text: str) -> None:
    cleaned = sanitise(text)
    if has_markup(text):
        assert_harmless(cleaned)
    else:
        assert cleaned == text


@given(MARKUP)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    cleaned = sanitise(text)
    assert sanitise(cleaned) == cleaned
