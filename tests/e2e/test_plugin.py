"""`kubectl hosts`: the executable as kubectl finds and runs it, and the targets it takes."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.e2e.answers import report
from tests.e2e.conftest import PROGRAM


@pytest.fixture(scope="session")
def kubectl(world):
    """`kubectl("hosts", "show", "default")` with the executable on PATH."""

    def run(*argv: str):
        path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
        env = os.environ | {"PATH": path, "KUBECONFIG": world.kubeconfig}
        return subprocess.run(["kubectl", *argv], env=env, capture_output=True, check=False)

    return run


def test_kubectl_lists_the_plugin(kubectl):
    assert str(PROGRAM) in kubectl("plugin", "list").stdout.decode().splitlines()


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["show", "default"], id="a pod"),
        pytest.param(["show", "pod/default", "-o", "wide"], id="TYPE/NAME and a flag behind"),
        pytest.param(["diff", "appended"], id="exit status 1 comes through"),
        pytest.param(["show", "no-such-pod"], id="an error comes through"),
        pytest.param(["show", "--help"], id="help"),
    ],
)
def test_through_kubectl_it_is_the_same_program(kubectl, hosts, argv):
    through, direct = kubectl("hosts", *argv), hosts(*argv)
    assert (through.returncode, through.stdout) == (direct.returncode, direct.stdout)
    assert through.stderr == direct.stderr


def test_the_namespace_may_be_given_before_and_after_the_verb(kubectl, world):
    before = kubectl("hosts", "-n", world.namespace, "show", "default")
    after = kubectl("hosts", "show", "default", "-n", world.namespace)
    assert (before.returncode, before.stdout) == (after.returncode, after.stdout)
    assert after.returncode == 0


@pytest.mark.parametrize(
    ("target", "scenario"),
    [
        pytest.param("sts/web", "statefulset", id="a StatefulSet"),
        pytest.param("deploy/app", "deployment", id="a Deployment"),
        pytest.param("deployments/app", "deployment", id="the plural"),
        pytest.param("job/indexed", "indexed-job", id="a Job"),
        pytest.param("po/aliases", "aliases", id="a pod by its short name"),
    ],
)
def test_a_workload_leads_to_its_pod(world, hosts, target, scenario):
    document = report(hosts("show", target, "-o", "json"))
    assert document["pod"] == {"namespace": world.namespace, "name": world.name(scenario)}


def test_a_selector_shows_one_row_a_pod(world, hosts):
    done = hosts("show", "-l", "scenario in (default,aliases,statefulset)")
    assert all(name in done.stdout.decode() for name in ("default", "aliases", "web-0"))
    assert done.returncode == 0


def test_nothing_selected_is_said_as_kubectl_says_it(world, hosts):
    done = hosts("show", "-l", "scenario=none-of-them")
    said = f"No resources found in {world.namespace} namespace.\n".encode()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", said)


def test_output_name_prints_names_alone(world, hosts):
    done = hosts("show", "-l", "scenario in (default,aliases)", "-o", "name")
    assert sorted(done.stdout.decode().split()) == ["pod/aliases", "pod/default"]


def test_all_namespaces_reach_beyond_the_contexts_own(world, hosts):
    done = hosts("show", "-A", "-l", "scenario=default", "-o", "json")
    found = {(each["pod"]["namespace"], each["pod"]["name"]) for each in report(done)["items"]}
    assert (world.namespace, "default") in found


def test_what_is_deployed_is_what_was_reviewed(world, hosts):
    """`-f` of the live object, with no cluster, predicts the bytes in the container."""
    live = subprocess.run(
        ["kubectl", "get", "pod", "-n", world.namespace, "aliases", "-o", "yaml"],
        capture_output=True,
        check=True,
    ).stdout
    done = hosts("show", "-f", "-", "-o", "hosts", stdin=live, env={"KUBECONFIG": "/nonexistent"})
    assert done.stdout == world.hosts("aliases")
