"""Processes that stand back."""

import subprocess
import sys
from pathlib import Path

import msgspec

SAY = """
import json, os, threading
from pathlib import Path
from mercato.platform.priority import stand_back
stand_back(1)
found = {}
def look():
    found.update(processors=len(os.sched_getaffinity(0)))
    found.update(nice=os.nice(0), policy=os.sched_getscheduler(0) == os.SCHED_BATCH, leads=os.getsid(0) == os.getpid())
thread = threading.Thread(target=look)
thread.start()
thread.join()
group = Path("/proc/self/autogroup")
print(json.dumps(found | {"group": group.read_text().split()[-1] if group.exists() else None}))
"""


def test_a_process_that_stood_back_is_nice_in_all_its_threads_and_as_a_session() -> None:
    said = subprocess.run([sys.executable, "-c", SAY], check=True, capture_output=True, timeout=60)
    found = msgspec.json.decode(said.stdout)
    assert (found["nice"], found["policy"], found["leads"], found["processors"]) == (19, True, True, 1)
    if Path("/proc/self/autogroup").exists():
        assert found["group"] == "19"
