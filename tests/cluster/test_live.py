"""The evidence about a pod: what is read, in how many execs, and what stands in for a failure."""

from __future__ import annotations

import pytest

from kubectl_hosts.cluster.live import LiveBackend, _Known, _patience
from kubectl_hosts.errors import BadInput, ExecForbidden, ExecTimedOut
from kubectl_hosts.model.evidence import CouldNotLook, FileRead
from kubectl_hosts.model.hosts.diagnosis import PodLook, read_evidence
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.probes.lookups import Tools
from kubectl_hosts.run import Answering, run, run_many
from tests.fakes import (
    EVERYTHING,
    FakeCluster,
    a_node,
    a_pod,
    container_files,
    failing,
    hosts_text,
)

WEB = a_pod("web", containers=("main", "sidecar"))
HOSTS = hosts_text(WEB)
FILES = {("web", each): container_files(HOSTS) for each in ("main", "sidecar")}
LOOK = PodLook()


def gather(cluster, pod=WEB, look=LOOK):
    return run(read_evidence(parse_pod(pod), look), Answering(LiveBackend(cluster)))


def gather_many(cluster, pods, look):
    look = look._replace(one_of_many=True)
    answering = Answering(LiveBackend(cluster))
    return run_many(lambda pod: read_evidence(parse_pod(pod), look), pods, answering)


def execs(cluster):
    return [each for each in cluster.asked if each[0] == "exec"]


def test_one_exec_reads_the_default_container():
    cluster = FakeCluster([a_node()], files=FILES)
    (found,) = gather(cluster).containers
    assert (found.name, found.via, found.failure) == ("main", "head", None)
    assert found.file("/etc/hosts") == FileRead(HOSTS)
    assert execs(cluster) == [("exec", "main", "sh")]


def test_all_containers_are_read_when_asked_for():
    cluster = FakeCluster([a_node()], files=FILES)
    assert [
        each.name for each in gather(cluster, look=PodLook(all_containers=True)).containers
    ] == [
        "main",
        "sidecar",
    ]
    # At once: which of them is first is nobody's choice.
    assert sorted(execs(cluster)) == [("exec", "main", "sh"), ("exec", "sidecar", "sh")]


def test_a_prediction_runs_nothing():
    cluster = FakeCluster([a_node()], files=FILES)
    assert gather(cluster, look=PodLook(predict_only=True)).containers == ()
    assert execs(cluster) == []


def test_a_container_that_is_not_there_is_an_error_for_one_pod_and_a_row_among_many():
    cluster = FakeCluster([a_node()], files=FILES)
    look = PodLook(container="nope")
    with pytest.raises(BadInput):
        gather(cluster, look=look)
    ((index, evidence),) = gather_many(cluster, [WEB], look)
    (found,) = evidence.containers
    assert (index, found.name) == (0, "nope")
    assert found.failure.why == "container nope not found in pod web"


def test_an_image_with_nothing_is_read_through_a_sibling():
    cluster = FakeCluster([a_node()], files=FILES, programs={("web", "main"): set()})
    (found,) = gather(cluster).containers
    assert (found.name, found.read_from, found.file("/etc/hosts")) == (
        "main",
        "sidecar",
        FileRead(HOSTS),
    )


def test_an_image_with_nothing_and_no_sibling_could_not_be_looked_into():
    nothing = {("web", "main"): set(), ("web", "sidecar"): set()}
    (found,) = gather(FakeCluster([a_node()], files=FILES, programs=nothing)).containers
    assert found.failure.why == (
        "container main has no shell, head, cat, python3, node, perl or busybox"
    )


@pytest.mark.parametrize(
    ("error", "why"),
    [
        pytest.param(
            failing(ExecForbidden, "Error from server (Forbidden): no"),
            "Error from server (Forbidden): no",
            id="no right to exec",
        ),
        pytest.param(
            failing(ExecTimedOut, "sh in shop/web/main did not end within 5 s"),
            "sh in shop/web/main did not end within 5 s",
            id="an exec that hangs",
        ),
        pytest.param(failing(ExecTimedOut, "a\nb\n"), "a b", id="several lines are one"),
    ],
)
def test_an_exec_that_fails_is_a_value_with_its_hint(error, why):
    cluster = FakeCluster([a_node()], files=FILES, failures={("web", "main"): error})
    (found,) = gather(cluster).containers
    assert found.failure == CouldNotLook(what="container main", why=why, hint="Ask.")


@pytest.mark.parametrize(
    ("spec", "system"),
    [
        pytest.param({"os": {"name": "windows"}}, "linux", id="by the pod's spec.os"),
        pytest.param({}, "windows", id="by its node"),
    ],
)
def test_a_windows_pod_could_not_be_looked_into(spec, system):
    pod = a_pod("web", spec=spec)
    cluster = FakeCluster([a_node(operating_system=system)], files=FILES)
    (found,) = gather(cluster, pod).containers
    assert found.failure.why == "files of Windows containers are not read"


class Truncated(FakeCluster):
    """The kubelet rewrites the file while it is read first: the header alone."""

    def exec(self, target, argv, *, stdin=b"", limit=1 << 20, deadline=30.0, last=b""):
        whole = self.files["web", "main"]
        cut = {**whole, "/etc/hosts": b"# Kubernetes-managed hosts file.\n"}
        self.files = {("web", "main"): whole if execs(self) else cut}
        try:
            return super().exec(target, argv, stdin=stdin, limit=limit, deadline=deadline)
        finally:
            self.files = {("web", "main"): whole}


def test_a_file_caught_while_it_is_written_is_read_once_more():
    cluster = Truncated([a_node()], files=FILES)
    (found,) = gather(cluster).containers
    assert found.file("/etc/hosts") == FileRead(HOSTS)
    assert len(execs(cluster)) == 2


def test_many_pods_cost_one_exec_each_and_one_failure_one_row():
    pods = [a_pod(f"web-{number}") for number in range(40)]
    files = {(f"web-{number}", "main"): container_files(b"x") for number in range(40)}
    failures = {("web-7", "main"): failing(ExecTimedOut, "too long")}
    cluster = FakeCluster([a_node()], files=files, failures=failures)
    found = dict(gather_many(cluster, pods, LOOK))
    assert sorted(found) == list(range(40))
    failed = [index for index, each in found.items() if each.containers[0].failure]
    assert failed == [7]
    assert len(execs(cluster)) == 40
    assert sum(1 for each in cluster.asked if each[:2] == ("get", "nodes")) == 1


def test_a_pod_that_does_not_run_costs_no_exec():
    pod = a_pod("web", status={"phase": "Succeeded"})
    cluster = FakeCluster([a_node()], files=FILES, programs={("web", "main"): EVERYTHING})
    (found,) = gather(cluster, pod).containers
    assert found.failure.why.startswith("cannot exec into a container in a completed pod")
    assert execs(cluster) == []


@pytest.mark.parametrize(
    ("resolv_conf", "waited", "patience"),
    [
        pytest.param(b"nameserver 10.0.0.1\n", 0.0, (12, False), id="nobody has waited yet"),
        pytest.param(
            b"nameserver 10.0.0.1\n", 10.02, (2, False), id="glibc has waited for all of it"
        ),
        pytest.param(
            b"nameserver 10.0.0.1\n", 5.01, (7, False), id="musl has waited for half of it"
        ),
        pytest.param(
            b"nameserver 10.0.0.1\n", 6.3, (12, True), id="left alone: an answer came late"
        ),
        pytest.param(b"nameserver 10.0.0.1\n", 26.0, (2, False), id="longer than anything allows"),
        pytest.param(
            b"nameserver 10.0.0.1\noptions timeout:1 attempts:1\n",
            0.0,
            (3, False),
            id="its own options",
        ),
        pytest.param(
            b"nameserver 10.0.0.1\nnameserver 10.0.0.2\n",
            10.0,
            (12, True),
            id="one of two may answer",
        ),
        pytest.param(
            b"options timeout:30 attempts:5\n", 0.0, (20, False), id="never longer than an exec"
        ),
    ],
)
def test_a_nameserver_is_waited_for_as_long_as_resolv_conf_says(resolv_conf, waited, patience):
    assert _patience(_Known(Tools(), resolv_conf, waited)) == patience
