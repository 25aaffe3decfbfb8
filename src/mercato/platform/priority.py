"""Work in the background: a process that takes only what nobody else wants of the processors (Linux; elsewhere merely a nice one)."""

import ctypes
import os
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

NICENESS = 19
SLICE_NS = 100_000
"""The least that Linux takes (sched_setattr(2)); a process keeps the processor for so long before one that wakes up gets it."""
AUTOGROUP = Path("/proc/self/autogroup")
_SCHED_SETATTR: Mapping[str, int] = {"x86_64": 314, "aarch64": 274}
"""Number of the system call, for which neither Python nor older C libraries have a function."""


class _Attributes(ctypes.Structure):
    """`struct sched_attr`."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def stand_back(processors: int) -> None:
    """Give way to all others and keep to the last so many processors, with all threads that this process will have.

    Those that are left free of background work answer as on an idle machine.
    """
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-processors:])
    os.nice(NICENESS)
    # Niceness counts only among the processes of a session, and sessions are equals (sched(7), autogroup). Hence an own one, nice as well.
    with suppress(OSError):
        os.setsid()
        AUTOGROUP.write_text(str(NICENESS))
    # Who is that nice still keeps a processor for its slice, 3 ms by default: longer than a shopper's whole request.
    number = _SCHED_SETATTR.get(platform.machine()) if sys.platform == "linux" else None
    if number is not None:
        wanted = _Attributes(size=ctypes.sizeof(_Attributes), policy=os.SCHED_BATCH, nice=NICENESS, runtime=SLICE_NS)
        ctypes.CDLL(None).syscall(number, 0, ctypes.byref(wanted), 0)
