"""What is valid no more, held in every process, so that no request asks the database whether its token still holds.

The database announces each end of a session, change of an account and change of a key (`LISTEN identity`, triggers of revision
0002); everything that could concern a living token is also read when listening begins and every half minute. While the database is
away what is known stays known; nothing can be revoked meanwhile either.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, cast
from uuid import UUID

import anyio
import asyncpg

from mercato.platform.db import DATABASE_AWAY, Database, Reader
from mercato.platform.logging import get_logger

CHANNEL = "identity"
REFRESH_S = 30.0
RETRY_S = 1.0
MARGIN_S = 300.0
"""Kept longer than tokens live: a change is stamped when its transaction begins to write, and seen when it commits."""

Subject = Literal["account", "session", "api_key"]
OnChange = Callable[[Subject | None, UUID | None], None]

_EPOCHS = "SELECT id, epoch FROM account WHERE epoch_changed_at > now() - make_interval(secs => $1)"
_ENDED = "SELECT id FROM account_session WHERE revoked_at > now() - make_interval(secs => $1)"

_log = get_logger()


class Revocations:
    """Ended sessions and raised epochs of the last minutes. `on_change` hears of each announcement (None: anything may have changed)."""

    def __init__(self, db: Database, token_lifetime_s: float) -> None:
        self._db = db
        self._keep_s = token_lifetime_s + MARGIN_S
        self._epochs: dict[UUID, tuple[int, float]] = {}
        self.ended: dict[UUID, float] = {}
        """Sessions that ended lately, with the moment of the news (monotonic seconds)."""
        self._observers: list[OnChange] = []

    def observe(self, on_change: OnChange) -> None:
        """Call `on_change` from now on."""
        self._observers.append(on_change)

    def allows(self, account_id: UUID, session_id: UUID, epoch: int) -> bool:
        """Whether nothing known speaks against a token of this account, session and epoch."""
        if session_id in self.ended:
            return False
        raised = self._epochs.get(account_id)
        return raised is None or epoch >= raised[0]

    def note_session_end(self, session_id: UUID) -> None:
        """A session has ended."""
        self.ended[session_id] = time.monotonic()
        self._tell("session", session_id)

    def note_key_end(self, key_id: UUID) -> None:
        """An API key was revoked or changed."""
        self._tell("api_key", key_id)

    def note_epoch(self, account_id: UUID, epoch: int) -> None:
        """An account's epoch is at least this."""
        known = self._epochs.get(account_id)
        self._epochs[account_id] = (epoch if known is None else max(epoch, known[0]), time.monotonic())
        self._tell("account", account_id)

    async def load(self, reader: Reader | None = None) -> None:
        """Read what happened lately, and forget what no living token can be of. Knowledge only grows, so order does not matter."""
        reader = reader or self._db.reads
        for row in await reader.fetch(_EPOCHS, self._keep_s):
            self.note_epoch(cast("UUID", row[0]), cast("int", row[1]))
        for row in await reader.fetch(_ENDED, self._keep_s):
            self.note_session_end(cast("UUID", row[0]))
        oldest = time.monotonic() - self._keep_s
        self._epochs = {key: value for key, value in self._epochs.items() if value[1] >= oldest}
        self.ended = {key: noted for key, noted in self.ended.items() if noted >= oldest}

    async def keep_current(self) -> None:
        """Listen until cancelled, through lost connections."""
        while True:
            try:
                await self._listen()
            except (*DATABASE_AWAY, asyncpg.PostgresError) as error:
                _log.warning("identity_listener_lost", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - a defect here must not end the whole API; it is logged
                _log.exception("identity_listener_crashed")
            await anyio.sleep(RETRY_S)

    async def _listen(self) -> None:
        connection = await self._db.connect()
        lost = anyio.Event()
        try:
            await connection.add_listener(CHANNEL, self._hear)
            connection.add_termination_listener(lambda *_: lost.set())
            self._tell(None, None)
            while not connection.is_closed():
                await self.load(connection)
                with anyio.move_on_after(REFRESH_S):
                    await lost.wait()
        finally:
            with suppress(OSError, asyncpg.InterfaceError):
                connection.terminate()

    def _hear(self, *details: object) -> None:
        """An announcement: "account <id> <epoch>", "session <id>" or "api_key <id>"."""
        subject, *words = str(details[-1]).split(" ")
        try:
            subject_id = UUID(words[0])
            if subject == "account":
                self.note_epoch(subject_id, int(words[1]))
            elif subject == "session":
                self.note_session_end(subject_id)
            else:
                self.note_key_end(subject_id)
        except (IndexError, ValueError):
            _log.warning("identity_announcement_unreadable", payload=str(details[-1])[:100])
            self._tell(None, None)

    def _tell(self, subject: Subject | None, subject_id: UUID | None) -> None:
        for on_change in self._observers:
            on_change(subject, subject_id)
