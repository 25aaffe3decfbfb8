"""Markup in descriptions: which tags live, and text without any.

A description is plain text or, when something in it looks like a tag to a browser, HTML. Plain text stays as it was written
("Fish & chips, 5 < 6"); HTML is cleaned by `nh3` (ammonia, html5ever), so that it can be put into a page as it is.
"""

import html
import re

import nh3

TAGS = frozenset(
    {
        "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "dl", "dt", "em", "h3", "h4", "h5", "h6", "hr",
        "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
        "thead", "tr", "u", "ul",
    }
)  # fmt: skip
"""Tags that stay. `h1` and `h2` belong to the page around; pictures are uploaded, not linked."""
ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
"""Attributes that stay; none carries style, a class, an id or a script."""
SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style", "title", "template", "noscript", "textarea", "svg", "math", "iframe"},
    attributes=ATTRIBUTES,
    url_schemes=set(SCHEMES),
    link_rel="nofollow noopener noreferrer",
)
_LOOKS_LIKE_A_TAG = re.compile(r"<[A-Za-z/!?]")
"""What makes a browser's tokenizer leave plain text (HTML standard, section 13.2.5.6)."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INLINE = "a|abbr|b|code|del|em|i|ins|q|s|small|strong|sub|sup|u"
INLINE_TAG = rf'</?(?:{_INLINE})(?: (?:[^>"]|"[^"]*")*)?>'
"""A tag inside of a line, as `sanitise` writes it: leaving it out joins what is around it. A pattern of Python and of PostgreSQL."""
OTHER_TAG = r'<(?:[^>"]|"[^"]*")*>'
"""Any other tag: it holds apart what is around it."""
_ROUNDS = 5


def has_markup(text: str) -> bool:
    """Whether a browser would see a tag, or something like one, in the text."""
    return _LOOKS_LIKE_A_TAG.search(text) is not None


def sanitise(text: str) -> str:
    """The text with no other markup than `TAGS`; plain text comes back unchanged, and so does what was sanitised before.

    What is left without a tag becomes plain text again, unless its unescaped form would look like markup.
    """
    if not has_markup(text):
        return text
    for _ in range(_ROUNDS):
        # A character reference can spell what the input types refuse: `&#2;`.
        cleaned = _CONTROL.sub("", _CLEANER.clean(text))
        if cleaned == text:
            break
        text = cleaned
    else:
        text = nh3.clean(text, tags=set())  # a parser that never comes to rest on it is not to be trusted with it
    if has_markup(text):
        return text
    plain = html.unescape(text)
    return text if has_markup(plain) or _CONTROL.search(plain) else plain


def plain_text(text: str) -> str:
    """The text without tags, for places that show none."""
    if not has_markup(text):
        return text
    return html.unescape(re.sub(OTHER_TAG, " ", re.sub(INLINE_TAG, "", sanitise(text))))
