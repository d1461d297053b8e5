"""Peak memory and time of a fleet without a server: `python -m tests.bench.memory PODS [-o json]`.

Every pod has a spec of its own and a file that somebody edited: nothing is shared, all differ.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import kubectl_hosts.cli.hosts
from kubectl_hosts.cli.main import main
from kubectl_hosts.cli.session import Opened
from kubectl_hosts.cluster.live import LiveBackend
from tests.fakes import FakeCluster, a_node, a_pod, container_files, hosts_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.probes.ports import CompletedExec, ExecTarget


def a_pod_of_its_own(number: int) -> Json:
    """A pod with an address and aliases that no other has."""
    address = f"{number // 250}.{number % 250}"
    names = (f"db-{number}.example", f"cache-{number}.example")
    pod: Json = a_pod(
        f"pod-{number}", aliases=[(f"10.1.{address}", *names)], ips=(f"10.2.{address}",)
    )
    return pod


class Fleet(FakeCluster):
    """PODS pods, made when they are listed."""

    def __init__(self, pods: int) -> None:
        super().__init__([a_node()])
        self.pods = pods

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The pods, else nothing."""
        if resource.plural == "pods":
            for each in range(self.pods):  # by way of text, as from a server: no string is shared
                yield json.loads(json.dumps(a_pod_of_its_own(each)))

    def exec(self, target: ExecTarget, argv: tuple[str, ...], **more: object) -> CompletedExec:
        """What the pod's file holds, and a line of its own."""
        number = int(target.pod.removeprefix("pod-"))
        extra = f"10.3.{number // 250}.{number % 250}\textra-{number}.example\n"
        files = container_files(hosts_text(a_pod_of_its_own(number), extra=extra))
        container = FakeCluster(files={(target.pod, target.container): files})
        done: CompletedExec = container.exec(target, argv, **more)
        self.asked.clear()
        return done


def run(pods: int, *output: str) -> tuple[int, float]:
    """(peak memory in KiB, seconds) of `show -A` in this process; what it prints is dropped."""
    backend = LiveBackend(Fleet(pods))
    kubectl_hosts.cli.hosts.open_backend = lambda *_: Opened(backend)  # type: ignore[assignment]
    began = time.monotonic()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        sys.stdout = nowhere
        main(["show", "-A", *output])
        sys.stdout = sys.__stdout__
    return peak_memory(), time.monotonic() - began


def peak_memory() -> int:
    """The most memory of this process so far, in KiB: getrusage(2) also counts who started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, _, found = status.read_text(encoding="ascii").partition("VmHWM:")
    return int(found.split()[0])


if __name__ == "__main__":
    print(*run(int(sys.argv[1]), *sys.argv[2:]))
