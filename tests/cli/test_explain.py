"""`explain` as a command: which pods it asks from, and the status that it ends with."""

from __future__ import annotations

import pytest

from tests.fakes import run

PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostAliases: [{ip: 10.1.2.3, hostnames: [db]}]
  containers: [{name: main, image: example.org/app}]
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: shop}
spec:
  containers: [{name: main, image: example.org/app}]
---
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: shop}
spec: {clusterIP: 10.96.0.77, ports: [{port: 6379}]}
"""


@pytest.fixture
def manifests(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(PODS)
    return str(file)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(("redis", "--from", "web"), 0, id="a name that resolves"),
        pytest.param(("redis", "db", "--from", "web"), 0, id="two that resolve"),
        pytest.param(("redis", "nowhere", "--from", "web"), 1, id="one of two that does not"),
        pytest.param(("db", "--all-pods"), 1, id="a pod that has no such name"),
        pytest.param(("redis", "--all-pods"), 0, id="all pods have it"),
        pytest.param(("redis", "-l", "app=none"), 1, id="no pod asks"),
    ],
)
def test_with_exit_code_a_name_that_does_not_resolve_is_1(capfd, manifests, arguments, status):
    assert run(capfd, "explain", *arguments, "--exit-code", "-f", manifests)[0] == status
    assert run(capfd, "explain", *arguments, "-f", manifests)[0] == 0


def test_all_pods_without_from_are_those_of_the_namespace(capfd, manifests):
    status, out, err = run(
        capfd, "explain", "db", "--all-pods", "-f", manifests, "-o", "short", "--no-headers"
    )
    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["db", "shop/web", "10.1.2.3"],
        ["db", "shop/job", "<unknown>"],
    ]


TWO_FILES = """\
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  volumes: [{name: own, configMap: {name: own}}]
  containers:
  - {name: main, image: example.org/app}
  - name: side
    image: example.org/app
    volumeMounts: [{name: own, mountPath: /etc/hosts, subPath: hosts}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: own}
data: {hosts: "192.0.2.1 own"}
"""


def test_the_predicted_file_of_one_container_of_several_is_printed(capfd, tmp_path):
    file = tmp_path / "two.yaml"
    file.write_text(TWO_FILES)
    own = run(capfd, "show", "two", "-f", str(file), "-o", "hosts", "--expected", "-c", "side")
    assert own == (0, "192.0.2.1 own", "")
    status, out, _ = run(capfd, "show", "two", "-f", str(file), "-o", "hosts", "--expected")
    assert (status, out) == (1, "")
