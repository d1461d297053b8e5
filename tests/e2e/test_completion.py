"""Completion as kubectl asks for it: `kubectl __complete hosts ...`, on the real cluster."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.e2e.conftest import PROGRAM
from tests.e2e.world import kubectl

SERVICES = {"redis": {}, "redis-headless": {"clusterIP": "None"}}


@pytest.fixture(scope="session")
def services(world):
    for name, spec in SERVICES.items():
        body = {"metadata": {"name": name}, "spec": {"ports": [{"port": 6379}], **spec}}
        world.core.create_namespaced_service(world.namespace, body)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder of PATH: the program, and the script that completes it."""
    made = tmp_path_factory.mktemp("bin")
    (made / "kubectl-hosts").symlink_to(PROGRAM)
    subprocess.run([made / "kubectl-hosts", "completion", "install", made], check=True)
    return made


@pytest.fixture(scope="session")
def complete(world, folder):
    """`complete("show", "de")`: the values that kubectl offers after `kubectl hosts`, and `:N`."""

    def run(*words):
        path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["kubectl", "__complete", "hosts", *words],
            env=os.environ | {"PATH": path, "KUBECONFIG": world.kubeconfig},
            capture_output=True,
            text=True,
            check=True,
        )
        *lines, last = done.stdout.splitlines()
        return [line.partition("\t")[0] for line in lines], last

    return run


@pytest.mark.parametrize(
    ("words", "values", "directive"),
    [
        pytest.param(["sh"], ["show"], ":36", id="a verb"),
        pytest.param(["show", "aliases-s"], ["aliases-same-name-twice", "aliases-shared-ip"], ":4", id="pods"),
        pytest.param(["show", "sts/"], ["sts/web"], ":4", id="a StatefulSet"),
        pytest.param(["show", "deployment", "a"], ["app"], ":4", id="a Deployment after its type"),
        pytest.param(["diff", "default", "-c", ""], ["main"], ":4", id="a container"),
        pytest.param(["diff", "kinds", "-c", "s"], ["second", "setup", "side"], ":4", id="containers of every kind"),
        pytest.param(["show", "deploy/app", "--container="], ["main"], ":4", id="a container of a Deployment"),
        pytest.param(["explain", "x", "--from", "sts/"], ["sts/web"], ":4", id="the pod that asks"),
        pytest.param(["explain", "--type", "A"], ["A", "AAAA"], ":4", id="a record type"),
        pytest.param(["show", "-n", "kube-s"], ["kube-system"], ":4", id="a namespace"),
        pytest.param(["show", "-o", "h"], ["hosts"], ":36", id="a format"),
        pytest.param(["show", "--field"], ["--field-selector"], ":4", id="a flag"),
        pytest.param(["show", "-f", ""], [], ":0", id="files are the shell's"),
        pytest.param(["show", "--token", "x", "-s", "https://127.0.0.1:9", ""], [], ":1", id="nobody answers"),
    ],
)  # fmt: skip
def test_kubectl_offers(complete, words, values, directive):
    assert complete(*words) == (values, directive)


def test_kubectl_offers_contexts(complete):
    contexts = kubectl("config", "get-contexts", "-o", "name").decode().split()
    assert complete("show", "--context", "") == (sorted(contexts), ":4")


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    ("words", "values"),
    [
        pytest.param(["show", "svc/red"], ["svc/redis", "svc/redis-headless"], id="as a target"),
        pytest.param(["explain", "red"], ["redis", "redis-headless"], id="as a name"),
        pytest.param(["explain", "redis", "kubernetes."], ["kubernetes.default"], id="elsewhere"),
        pytest.param(["explain", "nothing-is-called-so"], [], id="no such name"),
    ],
)
def test_kubectl_offers_services(complete, words, values):
    assert complete(*words)[0] == values
