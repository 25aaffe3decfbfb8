"""How much one caller may ask for, as settings write it."""

import re

_RATE = re.compile(r"^([0-9]{1,9})/([0-9]{1,6})$")
_MAX_PERIOD_S = 86_400
_MICROSECONDS = 1_000_000


class Rate:
    """So many requests in so many seconds, written `600/60`. All of them may come at once; they grow back evenly.

    `off` is no limit at all: both numbers are 0.
    """

    __slots__ = ("limit", "period")

    def __init__(self, text: str) -> None:
        """Raises `ValueError` unless `text` is `off` or `requests/seconds`, within what can be counted."""
        if text == "off":
            self.limit = self.period = 0
            return
        match = _RATE.match(text)
        if match is None:
            raise ValueError("must be requests/seconds, such as 600/60, or off")
        self.limit, self.period = int(match[1]), int(match[2])
        if not 1 <= self.period <= _MAX_PERIOD_S:
            raise ValueError(f"the period must be 1 to {_MAX_PERIOD_S} seconds")
        if not 1 <= self.limit <= self.period * _MICROSECONDS:
            raise ValueError("at least one request, and at most a million a second")

    def __repr__(self) -> str:
        return "off" if self.is_off else f"{self.limit}/{self.period}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rate) and (self.limit, self.period) == (other.limit, other.period)

    def __hash__(self) -> int:
        return hash((self.limit, self.period))

    @property
    def is_off(self) -> bool:
        """Whether nothing is limited."""
        return self.limit == 0

    @property
    def interval_us(self) -> int:
        """Microseconds after which one request has grown back."""
        return self.period * _MICROSECONDS // self.limit
