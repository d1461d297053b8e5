"""The driver: how many diagnoses of large files are under way at once."""

from __future__ import annotations

import threading

import pytest

from kubectl_hosts.model.evidence import CouldNotLook, FileRead
from kubectl_hosts.model.reads import Files, FilesGiven, Objects, PodRef
from kubectl_hosts.run import run_many

POD = PodRef("shop", "web-0")
FILES = Files(POD, "app", ("/etc/hosts",))
SERVICES = Objects("Service")


@pytest.mark.parametrize(
    ("size", "together"),
    [
        pytest.param(1 << 20, 2, id="two of large files, the others wait with what they read"),
        pytest.param(1 << 10, 8, id="files of the usual size are all judged as they come"),
    ],
)
def test_few_diagnoses_are_past_the_read_of_a_large_file(size, together):
    """Each reads its file, then something else: how many are in that second read at once?"""
    lock, inside, most = threading.Lock(), [], []
    full = threading.Event()

    def answering(reads):
        if reads == (FILES,):
            return {FILES: FilesGiven((("/etc/hosts", FileRead(b"#" * size)),))}
        with lock:
            inside.append(1)
            most.append(len(inside))
            if len(inside) == together:
                full.set()
        full.wait(10)
        with lock:
            inside.pop()
        return {SERVICES: CouldNotLook(what="Services", why="none")}

    def diagnosis(number):
        yield (FILES,)
        yield (SERVICES,)
        return number

    assert sorted(run_many(diagnosis, range(8), answering)) == [(each, each) for each in range(8)]
    assert max(most) == together
