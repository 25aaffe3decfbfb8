"""The data folder (`.mercato/`): its layout, its lock, its secrets, and starting over."""

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from typing import IO

import msgspec

from mercato.devstack.errors import StackError
from mercato.platform.settings import SEED_BYTES

_MARKER = "mercato.json"
_MARKER_TEXT = '{"made_by": "mercato", "layout": 1}\n'
# What an own folder can hold. `bootstrap` (tools of the Makefile) outlives a fresh start.
_DATA = ("postgres", "postgres.new", "valkey", "meilisearch", "media", "logs", "run", "secrets.json")
_KEPT = (_MARKER, "lock", "bootstrap")


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """Keys made once for a data folder and kept in it, readable by its owner only."""

    admin_key: str
    postgres_password: str
    valkey_password: str
    meilisearch_key: str
    signing_key: str = ""
    """Ed25519 seed of access tokens; folders made before there were accounts get theirs when it is first asked for."""


class RunningStack(msgspec.Struct, frozen=True, kw_only=True):
    """What a live run leaves for other commands on the same data folder."""

    pid: int
    environment: dict[str, str]


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Ports the servers had, to have them again: a database tool's saved connection goes on working."""

    postgres: int | None = None
    valkey: int | None = None
    meilisearch: int | None = None


class DataFolder:
    """A folder that one run at a time may use."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: IO[str] | None = None

    @property
    def logs(self) -> Path:
        """Folder of the log files, one a process."""
        return self.path / "logs"

    @property
    def records(self) -> Path:
        """Folder of the records of running children."""
        return self.path / "run"

    @property
    def media(self) -> Path:
        """Folder of pictures, unless the settings name another."""
        return self.path / "media"

    @property
    def is_claimed(self) -> bool:
        """Whether this object holds the folder's lock."""
        return self._lock is not None

    def log(self, name: str) -> Path:
        """Log file of a process."""
        return self.logs / f"{name}.log"

    def record(self, name: str) -> Path:
        """Where the process id of a child is written while it runs."""
        return self.records / f"{name}.json"

    def claim(self) -> None:
        """Make the folder if need be and lock it for this process.

        Raises `StackError` when another live run has it, or when the folder holds things that Mercato did not make.
        The lock is the kernel's: it goes with the process that holds it, however that ends.
        """
        if self.is_claimed:
            return
        self._refuse_foreign_folder()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as error:
            message = f"the data folder {self.path} cannot be written: {error.strerror}"
            raise StackError(
                message, remedy="Choose another with --data-dir, or run as the user it belongs to."
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            message = f"{self.path} is in use by another run" + (f" (process {holder})" if holder else "")
            raise StackError(message, remedy="Stop that one first, or use another folder with --data-dir.") from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock
        (self.path / _MARKER).write_text(_MARKER_TEXT)
        self.records.mkdir(exist_ok=True)
        self.logs.mkdir(exist_ok=True)

    def release(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.close()
            self._lock = None

    def has_data(self) -> bool:
        """Whether there is anything that `wipe` would remove."""
        return any((self.path / name).exists() for name in _DATA if name not in {"logs", "run"})

    def wipe(self) -> None:
        """Remove all data, keys and logs; only for the holder of the lock."""
        if not self.is_claimed:
            raise StackError("only the run that holds the lock may wipe a data folder")
        for name in _DATA:
            path = self.path / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.records.mkdir()
        self.logs.mkdir()

    def secrets(self) -> Secrets:
        """Return the folder's keys, making them the first time."""
        path = self.path / "secrets.json"
        if path.is_file():
            try:
                found = msgspec.json.decode(path.read_bytes(), type=Secrets)
            except (OSError, msgspec.DecodeError) as error:
                raise StackError(
                    f"{path} cannot be read: {error}", remedy="Restore it, or start over with `mercato up --fresh`."
                ) from error
            return found if found.signing_key else self._keep(msgspec.structs.replace(found, signing_key=_new_seed()))
        made = Secrets(
            admin_key=f"mk_{secrets.token_urlsafe(24)}",
            postgres_password=secrets.token_urlsafe(24),
            valkey_password=secrets.token_urlsafe(24),
            meilisearch_key=secrets.token_urlsafe(24),
            signing_key=_new_seed(),
        )
        return self._keep(made)

    def _keep(self, made: Secrets) -> Secrets:
        _write_private(self.path / "secrets.json", msgspec.json.format(msgspec.json.encode(made)))
        return made

    def ports(self) -> Ports:
        """Return the ports of the last run."""
        try:
            return msgspec.json.decode((self.path / "run" / "ports").read_bytes(), type=Ports)
        except (OSError, msgspec.DecodeError):
            return Ports()

    def save_ports(self, ports: Ports) -> None:
        """Remember the ports for the next run."""
        (self.path / "run" / "ports").write_bytes(msgspec.json.encode(ports))

    def begin_filling(self, arguments: list[str]) -> None:
        """Remember that the database is being filled, and with which arguments, until `end_filling`."""
        (self.path / "run" / "filling").write_bytes(msgspec.json.encode(arguments))

    def unfinished_filling(self) -> list[str] | None:
        """Arguments of a filling that a stop cut short; None when there is none."""
        try:
            return msgspec.json.decode((self.path / "run" / "filling").read_bytes(), type=list[str])
        except (OSError, msgspec.DecodeError):
            return None

    def end_filling(self) -> None:
        """Forget `begin_filling`: all is there."""
        (self.path / "run" / "filling").unlink(missing_ok=True)

    def announce(self, environment: dict[str, str]) -> None:
        """Leave this run's addresses for other commands (see `running_environment`)."""
        running = RunningStack(pid=os.getpid(), environment=environment)
        _write_private(self.path / "run" / "addresses", msgspec.json.encode(running))

    def withdraw(self) -> None:
        """Undo `announce`."""
        (self.path / "run" / "addresses").unlink(missing_ok=True)

    def _refuse_foreign_folder(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise StackError(f"{self.path} is not a folder")
        if not self.path.is_dir() or (self.path / _MARKER).is_file():
            return
        strangers = sorted(entry.name for entry in self.path.iterdir() if entry.name not in {*_DATA, *_KEPT})
        if strangers:
            message = (
                f"{self.path} does not look like a data folder of Mercato (it holds {', '.join(strangers[:3])}, …)"
            )
            raise StackError(message, remedy="Name an empty or new folder with --data-dir.")


def running_environment(data_dir: Path) -> dict[str, str]:
    """Return the addresses (environment variables) of the run that is live on a data folder; {} when there is none."""
    try:
        running = msgspec.json.decode((data_dir / "run" / "addresses").read_bytes(), type=RunningStack)
        lock = (data_dir / "lock").open()
    except (OSError, msgspec.DecodeError):
        return {}
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return running.environment
    return {}  # nobody holds the lock: these are the addresses of a killed run


def _write_private(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)


def _new_seed() -> str:
    return secrets.token_urlsafe(SEED_BYTES)
