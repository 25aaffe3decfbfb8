"""The one error of the embedded stack."""


class StackError(Exception):
    """A server could not be found, started or stopped; the message says what to do about it."""

    def __init__(self, message: str, *, remedy: str = "", log_tail: list[str] | None = None) -> None:
        self.message = message
        self.remedy = remedy
        self.log_tail = log_tail or []
        lines = [message, *(f"  | {line}" for line in self.log_tail), *([remedy] if remedy else [])]
        super().__init__("\n".join(lines))
