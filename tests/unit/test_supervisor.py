"""Children: started, watched, stopped in order, ended for certain, found again after a killed run."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from mercato.devstack.errors import StackError
from mercato.devstack.leftovers import Record, end_leftovers
from mercato.devstack.probe import wait_until_ready
from mercato.devstack.process import ChildProcess, Program
from mercato.devstack.supervisor import Supervisor
from tests.support.stack import until

pytestmark = pytest.mark.anyio

POLITE = """
import signal, sys
def stopped(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stopped)
print("ready", flush=True)
signal.pause()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
WITH_HELPER = """
import subprocess, sys, signal
helper = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(helper.pid, "ready", flush=True)
signal.pause()
"""

MakeChild = Callable[..., ChildProcess]


@pytest.fixture
def make_child(tmp_path: Path) -> MakeChild:
    def make(name: str, script: str, *arguments: str, stop_seconds: float = 10.0) -> ChildProcess:
        return ChildProcess(
            Program(
                name=name,
                argv=(sys.executable, "-c", script, *arguments),
                environment=dict(os.environ),
                directory=tmp_path,
                log=tmp_path / "logs" / f"{name}.log",
                record=tmp_path / "run" / f"{name}.json",
                marker=sys.executable,
                stop_seconds=stop_seconds,
            )
        )

    return make


async def until_it_says_ready(child: ChildProcess) -> None:
    async def said() -> bool:
        return any("ready" in line for line in child.log_tail())

    await wait_until_ready(child, said, seconds=20)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_child_that_ends_unasked_is_named_with_its_exit_code_and_last_words(make_child: MakeChild) -> None:
    supervisor = Supervisor()
    await supervisor.start(make_child("worker", "import sys; print('no more memory'); sys.exit(3)"))

    error = await supervisor.crash()

    assert error.message == "worker ended unexpectedly (exit code 3)"
    assert error.log_tail == ["no more memory"]
    await supervisor.stop()


async def test_a_child_that_a_signal_ends_is_named_with_the_signal(make_child: MakeChild) -> None:
    supervisor = Supervisor()
    child = make_child("api", DEAF)
    await supervisor.start(child)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)

    assert (await supervisor.crash()).message == "api ended unexpectedly (signal 9)"
    await supervisor.stop()


async def test_children_are_stopped_last_started_first(make_child: MakeChild, tmp_path: Path) -> None:
    supervisor = Supervisor()
    ends = tmp_path / "ends"
    for name in ("first", "second", "third"):
        child = make_child(name, POLITE, str(ends), name)
        await supervisor.start(child)
        await until_it_says_ready(child)

    await supervisor.stop()

    assert ends.read_text().split() == ["third", "second", "first"]


async def test_a_child_that_does_not_listen_is_killed_when_its_time_is_up(make_child: MakeChild) -> None:
    child = make_child("deaf", DEAF, stop_seconds=0.1)
    await child.start()
    await until_it_says_ready(child)

    await child.stop()

    assert child.exit_code == -signal.SIGKILL


async def test_helpers_of_a_child_end_with_it(make_child: MakeChild) -> None:
    child = make_child("api", WITH_HELPER)
    await child.start()
    await until_it_says_ready(child)
    helper = int(child.log_tail()[-1].split()[0])

    await child.stop()

    await until(lambda: not is_alive(helper))


async def test_a_failing_command_is_an_error_with_its_last_words(make_child: MakeChild) -> None:
    with pytest.raises(StackError, match=r"migrate failed \(exit code 1\)") as caught:
        await Supervisor().run(make_child("migrate", "raise SystemExit('relation is missing')"))

    assert caught.value.log_tail == ["relation is missing"]


async def test_a_program_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    child = ChildProcess(
        Program(
            name="ghost",
            argv=(str(tmp_path / "no-such-program"),),
            environment={},
            directory=tmp_path,
            log=tmp_path / "ghost.log",
            record=tmp_path / "ghost.json",
            marker="ghost",
        )
    )

    with pytest.raises(StackError, match="ghost"):
        await Supervisor().run(child)


async def test_an_ended_child_leaves_no_record(make_child: MakeChild) -> None:
    child = make_child("api", DEAF, stop_seconds=0.1)
    await child.start()
    assert child.program.record.exists()

    await child.stop()

    assert not child.program.record.exists()


async def test_what_a_killed_run_left_running_is_ended(make_child: MakeChild, tmp_path: Path) -> None:
    child = make_child("meilisearch", DEAF)
    await child.start()
    await until_it_says_ready(child)
    as_left = msgspec.json.decode(child.program.record.read_bytes(), type=Record)
    child.program.record.write_bytes(msgspec.json.encode(msgspec.structs.replace(as_left, stop_signal=signal.SIGKILL)))

    assert await end_leftovers(tmp_path / "run") == ["meilisearch"]

    assert await child.wait() == -signal.SIGKILL
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize("other", [{"started": "1"}, {"marker": "quite another program"}])
async def test_a_process_that_only_has_the_id_of_a_recorded_one_is_left_alone(
    make_child: MakeChild, tmp_path: Path, other: dict[str, str]
) -> None:
    child = make_child("meilisearch", DEAF)
    await child.start()
    record = msgspec.json.decode(child.program.record.read_bytes(), type=Record)
    child.program.record.write_bytes(msgspec.json.encode(msgspec.structs.replace(record, **other)))

    assert await end_leftovers(tmp_path / "run") == []

    assert child.is_running
    await child.kill()
