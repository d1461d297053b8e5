"""`capture`, `names` and `explain --with` on a real cluster: what they say before holds afterwards."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import PROGRAM
from tests.e2e.images import image
from tests.e2e.world import World, kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTAINER = {"name": "main", "image": image("glibc"), "command": ["sleep", "infinity"]}
SECONDS = re.compile(r'"seconds": [0-9.]+')
QUEUE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "queue"},
    "spec": {"clusterIP": "None", "selector": {"app": "db"}, "ports": [{"port": 80}]},
}


def service(name, app, **spec):
    spec = {"selector": {"app": app}, "ports": [{"name": "http", "port": 80}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def workload(kind, name, replicas, **spec):
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [CONTAINER]},
    }
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template,
        **spec,
    }
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


OBJECTS = [
    workload("Deployment", "web", 2),
    service("web", "web"),
    workload("StatefulSet", "db", 2, serviceName="db", podManagementPolicy="Parallel"),
    service("db", "db", clusterIP="None"),
    workload("Deployment", "idle", 0),
]


class Shop:
    """A namespace with a Deployment, a StatefulSet and their Services."""

    def __init__(self) -> None:
        self.world = World(f"hosts-e2e-tickets-{secrets.token_hex(2)}")
        self.namespace = self.world.namespace

    def build(self) -> None:
        """Make it; wait until DNS has the endpoints."""
        self.world.core.create_namespace({"metadata": {"name": self.namespace}})
        accounts = self.world.core.list_namespaced_service_account
        wait_until("the service account", lambda: accounts(self.namespace).items)
        self.apply({"apiVersion": "v1", "kind": "List", "items": OBJECTS})
        for name in ("deployment/web", "statefulset/db"):
            kubectl("-n", self.namespace, "rollout", "status", name, "--timeout=200s")
        wait_until("endpoints in DNS", lambda: self.getent("db-1.db"), 60.0)

    def apply(self, obj) -> None:
        """`kubectl apply` of OBJ."""
        kubectl("apply", "-n", self.namespace, "-f", "-", stdin=json.dumps(obj).encode())

    def getent(self, name) -> set[str]:
        """The addresses that getent has for NAME in a pod of the Deployment."""
        done = subprocess.run(
            ["kubectl", "-n", self.namespace, "exec", "deploy/web", "--", "getent", "ahosts", name],
            capture_output=True,
            check=False,
        )
        return {line.split()[0] for line in done.stdout.decode().splitlines()}

    def run(self, *argv) -> tuple[int, str, str]:
        """(status, stdout, stderr) of the program in the namespace."""
        done = subprocess.run(
            [PROGRAM, *argv, "-n", self.namespace],
            env=os.environ | {"KUBECONFIG": self.world.kubeconfig},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    made = Shop()
    try:
        made.build()
        yield made
    finally:
        made.world.close()


@pytest.fixture(scope="module")
def ticket(shop, tmp_path_factory):
    file = str(tmp_path_factory.mktemp("ticket") / "ticket.json")
    status, out, _ = shop.run("capture", "deploy/web", "db-0", *ASKED, "-o", file)
    assert (status, out) == (0, "")
    return file


ASKED = ("web", "db-1.db", "redis-that-is-not-there", "10.96.0.10", "_http._tcp.web", "localhost")


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("show", "deploy/web", "--all-pods"), id="show"),
        pytest.param(("show", "db-0", "-o", "json", "--all-containers"), id="show as a document"),
        pytest.param(("diff", "deploy/web"), id="diff"),
        pytest.param(("explain", *ASKED, "--from", "db-0"), id="explain"),
        pytest.param(("explain", *ASKED, "--from", "db-0", "-o", "wide"), id="explain all"),
        pytest.param(("explain", *ASKED, "--from", "deploy/web", "-o", "json"), id="documents"),
        pytest.param(("explain", *ASKED, "--from", "deploy/web", "--all-pods"), id="groups"),
    ],
)
def test_a_capture_says_what_the_cluster_said(shop, ticket, argv):
    live, played = shop.run(*argv), shop.run(*argv, "-f", ticket)
    assert SECONDS.sub("", played[1]) == SECONDS.sub("", live[1])
    assert played[0] == live[0]


def test_a_capture_has_no_secret_and_no_command(ticket):
    with open(ticket, encoding="utf-8") as file:  # noqa: PTH123  one line
        document = json.load(file)
    assert "Secret" not in {each["kind"] for each in document["objects"]}
    assert "sleep" not in json.dumps(document)


@pytest.mark.parametrize("target", ["svc/web", "svc/db", "sts/db", "pod/db-1"])
def test_each_name_that_is_listed_leads_there_in_a_pod(shop, target):
    status, out, _ = shop.run("names", target, "-o", "json")
    names = json.loads(out)["names"]
    assert (status, len(names) > 4) == (0, True)
    addresses = [each for each in names if not each["type"]]
    assert {each["name"]: shop.getent(each["name"]) for each in addresses} == {
        each["name"]: set(each["addresses"]) for each in addresses
    }


def test_what_applying_a_file_would_change_is_what_it_changes(shop, tmp_path):
    file = tmp_path / "queue.json"
    file.write_text(json.dumps(QUEUE))
    arguments = ("queue", "--from", "deploy/web", "--with", str(file), "-o", "json")
    status, out, _ = shop.run("explain", *arguments)
    document = json.loads(out)
    assert status == 0
    assert document["changes"] == [f"makes Service {shop.namespace}/queue"]
    assert document["before"]["predicted"]["outcome"] == "nxdomain"
    assert shop.getent("queue") == set()
    shop.apply(QUEUE)
    try:
        wait_until("queue in DNS", lambda: shop.getent("queue"), 90.0)
        assert shop.getent("queue") == set(document["after"]["predicted"]["addresses"])
    finally:
        kubectl("-n", shop.namespace, "delete", "service", "queue")


ADDRESSES = {"QUEUE": "queue:80", "GONE": "gone:80", "DB": "db-1.db:80", "LOST": "lost:80"}


def env(values):
    listed = [{"name": key, "value": value} for key, value in values.items()]
    container = {"name": "main", "env": listed or None}
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


def test_what_a_check_says_with_a_file_is_what_it_says_afterwards(shop, tmp_path):
    """A Service is made, one is deleted, and half a Deployment patches the one that is there."""
    idle = {**workload("Deployment", "idle", 0), **env(ADDRESSES)}
    gone = service("gone", "db")
    file = tmp_path / "release.json"
    changed = [QUEUE, {**gone, "$patch": "delete"}, idle]
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": changed}))

    def checked(*flags):
        """What the names of the workload lead to."""
        _, out, _ = shop.run("check", "deploy/idle", "-o", "json", *flags)
        return {
            each["name"]: (each["outcome"], set(each["addresses"]))
            for each in json.loads(out)["names"]
        }

    in_shop = ("-n", shop.namespace)
    shop.apply(gone)
    try:
        assert checked("--no-exec") == {}
        before = checked("--with", str(file))
        shop.apply(QUEUE)
        kubectl(*in_shop, "delete", "service", "gone")
        kubectl(*in_shop, "patch", "deployment", "idle", "-p", json.dumps(env(ADDRESSES)))
        wait_until("queue in DNS", lambda: shop.getent("queue"), 90.0)
        assert checked("--no-exec") == before
        assert {name: outcome for name, (outcome, _) in before.items()} == {
            "queue": "found",
            "gone": "nxdomain",
            "db-1.db": "found",
            "lost": "nxdomain",
        }
        assert shop.getent("queue") == before["queue"][1]
    finally:
        kubectl(*in_shop, "delete", "service", "queue", "gone", "--ignore-not-found")
        kubectl(*in_shop, "patch", "deployment", "idle", "-p", json.dumps(env({})))


def test_a_workload_without_pods_is_predicted(shop):
    status, out, err = shop.run("show", "deploy/idle")
    assert (status, err) == (0, "deployments/idle has no pods now: predicted from its template\n")
    assert "will match the spec" in out.splitlines()[0]


def test_a_namespace_that_does_not_exist_is_an_error(shop):
    nowhere = f"{shop.namespace}-nowhere"
    done = subprocess.run(
        [PROGRAM, "diff", "-n", nowhere],
        env=os.environ | {"KUBECONFIG": shop.world.kubeconfig},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert f'namespaces "{nowhere}" not found' in done.stderr.decode()
