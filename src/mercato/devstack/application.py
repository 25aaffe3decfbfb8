"""Mercato's own processes, as children of a run."""

import sys
from collections.abc import Mapping
from pathlib import Path

from mercato.devstack.folder import DataFolder
from mercato.devstack.process import ChildProcess, Program


class Application:
    """Makes the children that run `mercato <command>` with one environment, logging into one folder."""

    def __init__(self, folder: DataFolder, environment: Mapping[str, str]) -> None:
        self._folder = folder
        # Their logs are files: without this the last lines of a crash would be lost in a buffer.
        self._environment = {**environment, "PYTHONUNBUFFERED": "1"}

    def command(self, name: str, *arguments: str, stop_seconds: float = 10.0) -> ChildProcess:
        """Return the (not yet started) child that runs `mercato <name> <arguments>`."""
        return ChildProcess(
            Program(
                name=name,
                argv=(sys.executable, "-m", "mercato", name, *arguments),
                environment=self._environment,
                directory=Path.cwd(),
                log=self._folder.log(name),
                record=self._folder.record(name),
                marker=f"mercato {name}",
                stop_seconds=stop_seconds,
            )
        )
