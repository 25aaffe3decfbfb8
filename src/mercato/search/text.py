"""Text of queries and results: marking matches safely, reading codes, and finding what a misspelling meant."""

import html
import re
from collections import Counter
from collections.abc import Sequence

MARK_OPEN, MARK_CLOSE = "\x02", "\x03"
"""The engine marks matches with these control characters, which the catalog refuses in texts; escaping comes first, marks after."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKED = re.compile(rf"{MARK_OPEN}(.*?){MARK_CLOSE}([^\W_]*)", re.DOTALL)
"""A match and the rest of its word: a prefix that matched stands for the whole word."""
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
MIN_CODE_LENGTH = 4
MIN_STEM, MAX_ENDING = 3, 2


def mark_up(text: str) -> str:
    """HTML-safe text with `<mark>` around the matches."""
    escaped = html.escape(text.strip(), quote=False)
    return escaped.replace(MARK_OPEN, "<mark>").replace(MARK_CLOSE, "</mark>")


def code_of(query: str) -> str | None:
    """The query as a code (SKU, GTIN) would be compared: letters and digits only, lower case.

    None when it cannot be one: too short, or without a digit.
    """
    code = _NOT_ALPHANUMERIC.sub("", query).lower()
    if len(code) < MIN_CODE_LENGTH or not any(character.isdigit() for character in code):
        return None
    return code


def correct(query: str, marked: Sequence[str]) -> str | None:
    """The query with misspelt words replaced by the words that matched them; None when all was spelt as found.

    `marked` are texts of the best hits with their matches marked. A word of the query counts as misspelt when no match
    starts with it; it then becomes the most frequent match within the distance that the engine tolerates.
    """
    matches = Counter(
        word.lower() for text in marked for found in _MARKED.findall(text) for word in _WORD.findall("".join(found))
    )
    if not matches:
        return None

    def spell(word: re.Match[str]) -> str:
        low = word[0].lower()
        is_found = any(match.startswith(low) or _is_inflected(low, match) for match in matches)
        return word[0] if is_found else _nearest(low, matches) or word[0]

    corrected = _WORD.sub(spell, query)
    return corrected if corrected != query else None


def complete(query: str, marked: Sequence[str], at_most: int) -> list[str]:
    """Queries that the best hits suggest: the words that matched, whole and rightly spelt, most frequent first.

    "wirless hea" becomes "wireless headphones" when the names of products say so. Hits that did not match every word are left out.
    """
    words = _WORD.findall(query)
    phrases: Counter[str] = Counter()
    for text in marked:
        found = [word.lower() for match in _MARKED.findall(text) for word in _WORD.findall("".join(match))]
        if len(found) == len(words) == len(set(found)):
            phrases[" ".join(found)] += 1
    typed = " ".join(words).lower()
    return [phrase for phrase, _count in phrases.most_common() if phrase != typed][:at_most]


def _is_inflected(word: str, match: str) -> bool:
    """Whether the word is the match with an ending ("lamps", "boxes"): another form of it, not a misspelling."""
    return len(match) >= MIN_STEM and word.startswith(match) and len(word) - len(match) <= MAX_ENDING


def _nearest(word: str, matches: Counter[str]) -> str | None:
    allowed = 0 if len(word) < 4 or any(c.isdigit() for c in word) else 1 if len(word) < 8 else 2
    best: tuple[int, int, str] | None = None
    for match, count in matches.items():
        distance = min(edit_distance(word, match, allowed), edit_distance(word, match[: len(word)], allowed))
        if distance <= allowed and (best is None or (distance, -count, match) < best):
            best = (distance, -count, match)
    return best[2] if best else None


def edit_distance(left: str, right: str, limit: int) -> int:
    """Edits (insert, delete, replace, swap of neighbours) between two words, or `limit + 1` when there are more.

    Optimal string alignment (Boytsov 2011, section 2.2).
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row = row, [i] + [0] * len(right)
        for j, b in enumerate(right, 1):
            row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                row[j] = min(row[j], before[j - 2] + 1)
        before = previous
    return min(row[-1], limit + 1)
