"""Keeping several processes: notice the one that ends unasked, stop all of them in order."""

import asyncio

from mercato.devstack.errors import StackError
from mercato.devstack.process import ChildProcess


class Supervisor:
    """Children that belong together: when one ends unasked, all should."""

    def __init__(self) -> None:
        self._children: list[ChildProcess] = []
        self._watchers: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Queue[ChildProcess] = asyncio.Queue()

    async def start(self, child: ChildProcess) -> None:
        """Start `child`, to be watched from now on and stopped by `stop`."""
        self._children.append(child)
        await child.start()
        self.watch(child)

    def watch(self, child: ChildProcess) -> None:
        """Watch a child that runs already; stopping it stays with who started it."""
        watcher = asyncio.create_task(self._watch(child))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)

    async def run(self, child: ChildProcess) -> None:
        """Run a command to its end; raises `StackError` with the end of its log unless it exits with 0."""
        self._children.append(child)
        try:
            await child.start()
            code = await child.wait()
        except asyncio.CancelledError:
            await child.stop()
            raise
        finally:
            self._children.remove(child)
        if code != 0:
            raise StackError(
                f"{child.name} failed ({describe_exit(code)})",
                log_tail=child.log_tail(),
                remedy=f"Its log: {child.program.log}",
            )

    async def crash(self) -> StackError:
        """Wait until a watched child ends unasked; returns the error that says which, how, and its last words."""
        child = await self._ended.get()
        return StackError(
            f"{child.name} ended unexpectedly ({describe_exit(child.exit_code)})",
            log_tail=child.log_tail(),
            remedy=f"Its log: {child.program.log}",
        )

    async def stop(self) -> None:
        """Stop the children, the last started first."""
        for child in reversed(self._children):
            await child.stop()
        await self._end_watchers()

    async def kill(self) -> None:
        """End the children at once."""
        for child in reversed(self._children):
            await child.kill()
        await self._end_watchers()

    async def _watch(self, child: ChildProcess) -> None:
        await child.wait()
        if not child.is_stopping:
            self._ended.put_nowait(child)

    async def _end_watchers(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)


def describe_exit(code: int | None) -> str:
    """Say how a process ended: "exit code 3" or "signal 9"."""
    if code is not None and code < 0:
        return f"signal {-code}"
    return f"exit code {code}"
