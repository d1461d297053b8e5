"""What may not be read is not absent: each read that a command makes, refused, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kubectl_hosts.cluster import live
from kubectl_hosts.errors import Forbidden, Unreachable
from kubectl_hosts.model.resources import Resource
from tests.fakes import FakeCluster, a_node, a_pod, container_files, hosts_text, run

if TYPE_CHECKING:
    from typing import Any


class Refusing(FakeCluster):
    """A cluster whose role lacks VERB on RESOURCE; `asked` is what its user was refused or given."""

    lacks: tuple[str, str] = ("", "")

    def exec(self, target, argv, **more):
        self._check("create", Resource("pods/exec"))
        return super().exec(target, argv, **more)

    def get(self, resource, name, *, namespace=""):
        self._check("get", resource)
        return super().get(resource, name, namespace=namespace)

    def list(self, resource, selection):
        self._check("list", resource)
        return super().list(resource, selection)

    def forward(self, namespace, pod, port, *, deadline=10.0):
        raise Unreachable("no port is forwarded here")

    def close(self):
        """Nothing is open."""

    def _check(self, verb, resource):
        if self.lacks == (verb, resource.plural):
            message = f'Error from server (Forbidden): {words(verb, resource.plural)} "{resource}"'
            raise Forbidden(message, status=403, reason="Forbidden")

    def reads(self):
        """Each verb with its resource."""
        return sorted({each[:2] for each in self.asked if each[0] != "exec"})


def words(verb, plural):
    return f'User "dev" cannot {verb} resource "{plural}"'


def owned(kind, name):
    return {"ownerReferences": [{"kind": kind, "name": name, "controller": True}]}


def of_shop(kind, name, **more):
    return {"kind": kind, "metadata": {"name": name, "namespace": "shop"}, **more}


def service(name, app, ip="None"):
    spec = {"clusterIP": ip, "clusterIPs": [ip], "selector": {"app": app}, "ports": [{"port": 80}]}
    return of_shop("Service", name, spec=spec)


ASKING = a_pod("web", aliases=[("10.96.0.7", "pinned")], **owned("ReplicaSet", "web-1"))
LONE = a_pod("lone-0", ips=("10.244.1.6",), spec={"hostname": "lone-0", "subdomain": "lone"})
BEHIND = a_pod("db-0", ips=("10.244.1.7",), labels={"app": "db"})
SLICE = of_shop(
    "EndpointSlice",
    "api-1",
    endpoints=[{"addresses": ["10.244.1.7"], "conditions": {"ready": True}}],
)
SLICE["metadata"]["labels"] = {"kubernetes.io/service-name": "api"}
REPLICA_SET = of_shop("ReplicaSet", "web-1", spec={"template": {"spec": {}}})
REPLICA_SET["metadata"] |= owned("Deployment", "web")
COREFILE = ".:53 {\n kubernetes cluster.local\n forward . /etc/resolv.conf\n}\n"
IN_SYSTEM = {"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}
DNS = a_pod("coredns-1", ips=("10.244.0.2",), **IN_SYSTEM)
DNS["spec"]["volumes"] = [{"name": "config", "configMap": {"name": "coredns"}}]
DNS["spec"]["containers"][0] |= {
    "args": ["-conf", "/etc/coredns/Corefile"],
    "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns"}],
}
KUBE_DNS = service("kube-dns", "", "10.96.0.10")
KUBE_DNS["metadata"]["namespace"] = "kube-system"
KUBE_DNS["spec"]["selector"] = {"k8s-app": "kube-dns"}
WORLD = [
    DNS,
    KUBE_DNS,
    {
        "kind": "ConfigMap",
        "metadata": {"name": "coredns", "namespace": "kube-system"},
        "data": {"Corefile": COREFILE},
    },
    ASKING,
    LONE,
    BEHIND,
    a_node(),
    {"kind": "Namespace", "metadata": {"name": "shop"}},
    REPLICA_SET,
    of_shop("Deployment", "web", spec={"template": {"spec": {}}}),
    service("api", "db", "10.96.0.7"),
    service("db", "db"),
    service("empty", "nothing"),
    SLICE,
    {"kind": "ServiceCIDR", "metadata": {"name": "all"}, "spec": {"cidrs": ["10.96.0.0/16"]}},
]


@pytest.fixture
def said(monkeypatch, capfd):
    """What a command prints whose user lacks a right, and the reads that it made."""

    def command(*argv, lacks=("", "")) -> tuple[int, str, str, list[tuple[str, str]]]:
        own = (ASKING, LONE, BEHIND)
        files = {(e["metadata"]["name"], "main"): container_files(hosts_text(e)) for e in own}
        cluster = Refusing([dict(each) for each in WORLD], files)
        cluster.lacks = lacks
        monkeypatch.setattr(live, "connect", lambda _flags: cluster)
        return (*run(capfd, *argv, "-n", "shop"), cluster.reads())

    return command


CHANGE = str(Path(__file__).parents[2] / "examples" / "manifests" / "subdomains.yaml")


def explained(name):
    return ["explain", name, "--from", "web"]


COMMANDS = {
    "explain api": explained("api"),
    "explain db": explained("db"),
    "explain empty": explained("empty"),
    "explain lone": explained("lone"),
    "explain lone-0.lone": explained("lone-0.lone"),
    "explain db-7.db": explained("db-7.db"),
    "explain nosuch.bank": explained("nosuch.bank"),
    "explain 10.96.0.7": explained("10.96.0.7"),
    "explain -l": ["explain", "api", "-l", "app=db"],
    "show web": ["show", "web"],
    "show": ["show"],
    "diff web": ["diff", "web"],
    "check": ["check"],
    "names svc/db": ["names", "svc/db"],
    "names pod/web": ["names", "pod/web"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_read_that_was_refused_is_named(said, command):
    argv = COMMANDS[command]
    _, base, _, reads = said(*argv, "-o", "json")
    assert reads
    silent = []
    for lacks in reads:
        _, out, err, _ = said(*argv, "-o", "json", lacks=lacks)
        if words(*lacks) not in _not_checked(out) + err.replace('\\"', '"'):
            silent.append(lacks)
    assert (silent, bool(base)) == ([], True)


def _not_checked(out: str) -> str:
    """The reasons under notChecked, of every document."""
    document: dict[str, Any] = json.loads(out) if out else {}
    every = document.get("items", [document])
    return " ".join(each["why"] for one in every for each in one.get("notChecked", ()))


@pytest.mark.parametrize(
    ("command", "lacks", "false"),
    [
        pytest.param("explain api", ("list", "endpointslices"), "no ready endpoints", id="slices"),
        pytest.param("explain empty", ("list", "pods"), "finds no pod", id="pods of a selector"),
        pytest.param(
            "explain lone-0.lone", ("get", "services"), "there is no Service", id="Service"
        ),
        pytest.param(
            "explain lone", ("get", "services"), "no Service lone", id="a Service by name"
        ),
        pytest.param("explain db-7.db", ("list", "pods"), "no pod db-7", id="pods by hostname"),
        pytest.param("explain 10.96.0.7", ("list", "services"), "no Service", id="cluster IP"),
        pytest.param(
            "names svc/db", ("list", "endpointslices"), "no name leads", id="the names of a Service"
        ),
    ],
)
def test_what_nobody_read_is_not_told_as_absent(said, command, lacks, false):
    for form in ("table", "wide", "json"):
        output = () if form == "table" else ("-o", form)
        _, out, err, _ = said(*COMMANDS[command], *output, lacks=lacks)
        assert false not in out + err
        assert "cannot" in out + err or f"{' '.join(lacks)}" in out


@pytest.mark.parametrize(
    ("argv", "pods"),
    [
        pytest.param(["show"], "pod web and 2 more", id="show"),
        pytest.param(["diff"], "pod shop/web and 2 more", id="diff"),
    ],
)
def test_a_fleet_names_each_kind_that_it_could_not_read_once(said, argv, pods):
    _, out, err, _ = said(*argv, lacks=("get", "nodes"))
    assert (out + err).lower().count(f"not checked for {pods}: node node-1: ") == 1


@pytest.mark.parametrize("name", ["api", "lone"], ids=["found", "a fix of many lines"])
def test_one_name_says_in_its_report_what_was_not_read(said, name):
    _, out, _, _ = said(*explained(name), lacks=("get", "nodes"))
    (row,) = [each for each in out.splitlines() if each.startswith("Not read: ")]
    assert row == "Not read: get nodes: Forbidden"


def test_with_a_file_what_was_not_read_is_told_of_both_worlds(said):
    argv = [*explained("api"), "--with", CHANGE, "-o", "json"]
    _, out, _, _ = said(*argv, lacks=("get", "nodes"))
    for world in ("before", "after"):
        assert words("get", "nodes") in _not_checked(json.dumps(json.loads(out)[world]))


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["show", "web"], id="show one"),
        pytest.param(["show"], id="show many"),
        pytest.param(["diff"], id="diff"),
        pytest.param(["check"], id="check"),
        pytest.param(explained("api"), id="a name in one pod"),
        pytest.param(["explain", "api", "--all-pods"], id="a name in all"),
        pytest.param(explained("10.96.0.7"), id="an address"),
    ],
)
def test_who_may_not_exec_is_told_so_in_the_default_report(said, argv):
    _, out, err, _ = said(*argv, lacks=("create", "pods/exec"))
    assert words("create", "pods/exec") in out + err or "\nNot read: create pods/exec: F" in out
    assert "Not read: create pods/exec" not in out or words("create", "pods/exec") not in out
