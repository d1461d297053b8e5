"""Wall times of commands that take turns, so that a busy moment hits all of them alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def medians(commands: Mapping[str, Sequence[Sequence[str]]], rounds: int) -> dict[str, float]:
    """The median seconds of each, over ROUNDS turns after one that warms up.

    A command is a sequence of argv that run one after the other; each must end as it did when
    it warmed up, or the measurement is of something else.
    """
    expected = {name: _run(argvs)[1] for name, argvs in commands.items()}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argvs in commands.items():
            took, ended = _run(argvs)
            if ended != expected[name]:
                raise RuntimeError(f"{name} ended with {ended}, first with {expected[name]}")
            seconds[name].append(took)
    return {name: statistics.median(values) for name, values in seconds.items()}


def peak_memory(argv: Sequence[str]) -> int:
    """The largest resident size of a command, in the unit of getrusage(2)."""
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_maxrss


def _run(argvs: Sequence[Sequence[str]]) -> tuple[float, list[int]]:
    start = time.perf_counter()
    ended = [
        subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for argv in argvs
    ]
    return time.perf_counter() - start, [each.returncode for each in ended]
