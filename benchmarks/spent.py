"""What processes cost, as the kernel counted it: on a machine that others use too, time on the clock tells little."""

import os
from pathlib import Path
from typing import NamedTuple

TICK = 1 / os.sysconf("SC_CLK_TCK")


class Spent(NamedTuple):
    """Seconds of CPU so far: of the receiver, and of the database's server with all its children."""

    receiver: float
    database: float

    @classmethod
    def of(cls, receiver: int, postmaster: int) -> "Spent":
        """Read both."""
        children = sum(_seconds(pid) for pid in _children_of(postmaster))
        return cls(_seconds(receiver), _seconds(postmaster, reaped=True) + children)

    def until(self, later: "Spent", count: int) -> str:
        """Say what each of `count` cost between two readings."""
        receiver, database = ((after - before) / count for before, after in zip(self, later, strict=True))
        return f"receiver {receiver * 1e6:.0f} us, database {database * 1e6:.0f} us"


def postmaster_of(folder: Path) -> int:
    """Find the embedded server of an installation's folder."""
    (file,) = folder.glob(".campaign/**/postmaster.pid")
    return int(file.read_text().split()[0])


def peak_megabytes(pid: int) -> float:
    """Read the most memory a process ever held."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(_fields(stat)[1]) == parent:
                found.append(int(stat.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
    return found


def _seconds(pid: int, *, reaped: bool = False) -> float:
    """Read user and system time; `reaped` adds that of children which have ended."""
    try:
        fields = _fields(Path(f"/proc/{pid}/stat"))
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11 : 15 if reaped else 13])) * TICK


def _fields(stat: Path) -> list[str]:
    # The second field is a name in brackets, which may hold spaces.
    return stat.read_text().rpartition(")")[2].split()
