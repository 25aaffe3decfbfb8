"""Bounded memory of what was looked up, with forgetting by subject."""

import time
from collections.abc import Sequence
from typing import Generic, TypeVar
from uuid import UUID

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Memory(Generic[KeyT, ValueT]):
    """The newest `size` entries, each for `lifetime_s` seconds at most."""

    def __init__(self, size: int, lifetime_s: float = float("inf")) -> None:
        self._size, self._lifetime_s = size, lifetime_s
        self._entries: dict[KeyT, tuple[ValueT, float, Sequence[UUID]]] = {}
        self._about: dict[UUID, set[KeyT]] = {}
        self.changes = 0
        """Rises with each `forget_about` and `clear`: what was read before one of them may be old news after it."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: KeyT) -> ValueT | None:
        """What is remembered and not too old."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if time.monotonic() >= entry[1]:
            self.forget(key)
            return None
        return entry[0]

    def put(self, key: KeyT, value: ValueT, *, about: Sequence[UUID | None] = (), began: int | None = None) -> None:
        """Remember a value that tells of the subjects in `about`. Not when `changes` has risen since `began`, before the reading."""
        if began is not None and began != self.changes:
            return
        self.forget(key)
        while len(self._entries) >= self._size:
            self.forget(next(iter(self._entries)))
        subjects = [subject for subject in about if subject is not None]
        self._entries[key] = (value, time.monotonic() + self._lifetime_s, subjects)
        for subject in subjects:
            self._about.setdefault(subject, set()).add(key)

    def forget(self, key: KeyT) -> None:
        """Forget one entry, if it is there."""
        entry = self._entries.pop(key, None)
        for subject in entry[2] if entry else ():
            keys = self._about[subject]
            keys.discard(key)
            if not keys:
                del self._about[subject]

    def forget_about(self, subject: UUID) -> None:
        """Forget every entry that tells of the subject."""
        self.changes += 1
        for key in tuple(self._about.get(subject, ())):
            self.forget(key)

    def clear(self) -> None:
        """Forget everything."""
        self.changes += 1
        self._entries.clear()
        self._about.clear()
