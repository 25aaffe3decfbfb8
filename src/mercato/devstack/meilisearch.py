"""The Meilisearch of the embedded stack."""

from collections.abc import Callable
from pathlib import Path

from mercato.devstack.errors import StackError
from mercato.devstack.folder import DataFolder
from mercato.devstack.meilisearch_binary import meilisearch_binary, program_version
from mercato.devstack.ports import LOOPBACK
from mercato.devstack.probe import HTTP_OK, http_get
from mercato.devstack.process import Program
from mercato.devstack.server import Server


class MeilisearchServer(Server):
    """Meilisearch with a master key; its data can always be made anew from the database."""

    name = "meilisearch"
    title = "Meilisearch"

    def __init__(
        self,
        folder: DataFolder,
        *,
        key: str,
        port: int | None = None,
        preferred_port: int | None = None,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(folder, port=port, preferred_port=preferred_port)
        self._key = key
        self._notify = notify
        self._binary: Path | None = None

    @property
    def url(self) -> str:
        """Address as `http://127.0.0.1:port` (the key is apart)."""
        return f"http://{LOOPBACK}:{self.port}"

    async def version(self) -> str:
        """Version of the server program, as `1.21.0`."""
        return await program_version(await self._resolve())

    async def _resolve(self) -> Path:
        if self._binary is None:
            self._binary = await meilisearch_binary(self._notify)
        return self._binary

    async def _prepare(self) -> None:
        await self._resolve()
        self.data.mkdir(mode=0o700, exist_ok=True)
        stamp = self.data / "data.ms" / "VERSION"
        if not stamp.is_file():
            return
        made_by, version = stamp.read_text().strip(), await self.version()
        if made_by.split(".")[:2] != version.split(".")[:2]:
            raise StackError(
                f"the search data in {self.data} was made by Meilisearch {made_by}, this is Meilisearch {version}",
                remedy=f"Remove it with rm -r '{self.data}', start again and run `mercato reindex`: "
                "it is made anew from the database.",
            )

    def _program(self) -> Program:
        return Program(
            name=self.name,
            argv=(
                str(self._binary),
                f"--db-path={self.data / 'data.ms'}",
                f"--dump-dir={self.data / 'dumps'}",
                f"--snapshot-dir={self.data / 'snapshots'}",
                f"--http-addr={LOOPBACK}:{self.port}",
                "--env=development",
                "--no-analytics",
                # Left alone it takes two thirds of the machine's memory for indexing.
                "--max-indexing-memory=512MiB",
                "--log-level=WARN",
            ),
            environment=self._environment({"MEILI_MASTER_KEY": self._key}),
            directory=self.data,
            log=self.folder.log(self.name),
            record=self.folder.record(self.name),
            marker=str(self.data),
        )

    async def _is_ready(self) -> bool:
        answer = await http_get(f"{self.url}/health")
        return answer is not None and answer.status == HTTP_OK
