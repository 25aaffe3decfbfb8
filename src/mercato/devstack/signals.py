"""Being asked to stop."""

import asyncio
import signal


class StopSignals:
    """SIGINT, SIGTERM and SIGHUP as two events: the first asks to stop, another one to stop at once."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.forced = asyncio.Event()

    def install(self) -> None:
        """Take over the signals of this process, for the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._received)

    def _received(self) -> None:
        (self.forced if self.asked.is_set() else self.asked).set()
