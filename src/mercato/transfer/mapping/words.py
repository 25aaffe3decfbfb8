"""Ordered rules over the words of a text, in time proportional to the text and not to the number of rules."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mercato.transfer.mapping.schemas import Condition, Rule

_WORD = re.compile(r"[^\W_]+")

Phrase = tuple[str, ...]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


class _FieldIndex:
    """The conditions on one source field: which hold for a text."""

    def __init__(self) -> None:
        self._equal: dict[str, list[int]] = {}
        self._phrases: dict[str, list[tuple[Phrase, int]]] = {}

    def add(self, condition: Condition, number: int) -> None:
        for value in condition.equals:
            self._equal.setdefault(value.strip().lower(), []).append(number)
        for value in condition.words:
            phrase = tuple(words_of(value))
            if phrase:
                self._phrases.setdefault(phrase[0], []).append((phrase, number))

    def holding(self, text: str) -> Iterator[int]:
        yield from self._equal.get(text.strip().lower(), ())
        words = words_of(text) if self._phrases else []
        for position, word in enumerate(words):
            for phrase, number in self._phrases.get(word, ()):
                if len(phrase) == 1 or tuple(words[position : position + len(phrase)]) == phrase:
                    yield number


class RuleSet:
    """Rules, the first that holds decides."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._values = [rule.then for rule in rules]
        self._fields: dict[str, _FieldIndex] = {}
        # Condition number -> (index of its rule, whether it speaks for the rule or against it)
        self._meaning: list[tuple[int, bool]] = []
        for index, rule in enumerate(rules):
            for condition in rule.when:
                self._add(condition, index, is_for=True)
            for condition in rule.unless:
                self._add(condition, index, is_for=False)

    def decide(self, row: Mapping[str, object]) -> str | None:
        """The value of the first rule that holds for a source row; None when none does."""
        wanted: set[int] = set()
        barred: set[int] = set()
        for field, index in self._fields.items():
            text = row.get(field)
            if isinstance(text, str):
                for number in index.holding(text):
                    rule, is_for = self._meaning[number]
                    (wanted if is_for else barred).add(rule)
        allowed = wanted - barred
        return self._values[min(allowed)] if allowed else None

    def _add(self, condition: Condition, rule: int, *, is_for: bool) -> None:
        self._fields.setdefault(condition.field, _FieldIndex()).add(condition, len(self._meaning))
        self._meaning.append((rule, is_for))
