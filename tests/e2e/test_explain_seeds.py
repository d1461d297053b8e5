"""The cases that the project began with: what explain says of them, and that the pods agree."""

from __future__ import annotations

import json
import os
import secrets
import subprocess

import pytest

from tests.e2e import seeds
from tests.e2e.answers import complaint
from tests.e2e.audit import requests_of
from tests.e2e.conftest import PROGRAM
from tests.e2e.truth.objects import HAND_MADE, LOAD_BALANCER
from tests.e2e.world import World, kubectl, wait_until

NAMES_OF_REDIS = ["redis", "redis.{ns}", "redis.{ns}.svc", "redis.{ns}.svc.cluster.local."]


class Seeds:
    """The namespace with the seeds' objects, and `explain` in it."""

    def __init__(self, what: str = "seeds") -> None:
        self.world = World(f"hosts-e2e-{what}-{secrets.token_hex(2)}")
        self.namespace = self.world.namespace

    def build(self) -> None:
        """Make all at once; wait until the pods are ready and CoreDNS knows their endpoints."""
        self.world.core.create_namespace({"metadata": {"name": self.namespace}})
        accounts = self.world.core.list_namespaced_service_account
        wait_until("the service account", lambda: accounts(self.namespace).items)
        listed = {"apiVersion": "v1", "kind": "List", "items": seeds.everything(self.namespace)}
        kubectl("create", "-n", self.namespace, "-f", "-", stdin=json.dumps(listed).encode())
        status = {"status": {"loadBalancer": {"ingress": [{"ip": LOAD_BALANCER}]}}}
        patch = ["patch", "service", "balanced", "--subresource=status", "-p", json.dumps(status)]
        kubectl("-n", self.namespace, *patch)
        kubectl(
            "-n", self.namespace, "wait", "--for=condition=Ready", "pod", "--all", "--timeout=200s"
        )
        wait_until("endpoints in DNS", lambda: self.getent("client", "headless"), 30.0)
        wait_until("hand-made endpoints", lambda: self.mirrored("by-hand"), 30.0)

    def mirrored(self, service: str) -> bool:
        """Whether the hand-made Endpoints have become an EndpointSlice."""
        label = f"kubernetes.io/service-name={service}"
        listed = json.loads(
            kubectl("-n", self.namespace, "get", "endpointslices", "-l", label, "-o", "json")
        )
        return any(each["endpoints"] for each in listed["items"])

    def run(
        self, *argv: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """`kubectl-hosts explain ARGV`, ended."""
        return subprocess.run(
            [PROGRAM, "explain", *argv],
            env=os.environ | {"KUBECONFIG": self.world.kubeconfig} | (env or {}),
            capture_output=True,
            timeout=120,
            check=False,
        )

    def documents(self, *argv: str, env: dict[str, str] | None = None) -> list[dict]:
        """The explanations that `-o json` prints."""
        done = self.run(*argv, "-o", "json", env=env)
        assert b"Traceback" not in done.stderr, done.stderr
        document = json.loads(done.stdout)
        return document["items"] if document["kind"] == "ExplanationList" else [document]

    def explain(self, name: str, pod: str, *argv: str, env: dict[str, str] | None = None) -> dict:
        """The one explanation of NAME in POD."""
        (document,) = self.documents(self.fill(name), "--from", pod, *argv, env=env)
        return document

    def fill(self, text: str) -> str:
        """The text with the namespace where `{ns}` stands."""
        return text.replace("{ns}", self.namespace)

    def getent(self, pod: str, name: str) -> list[str]:
        """The truth: what the pod's own getent prints, each address once."""
        command = ["kubectl", "exec", "-n", self.namespace, pod, "--", "getent", "ahosts"]
        done = subprocess.run([*command, self.fill(name)], capture_output=True, check=False)
        return sorted({line.split()[0] for line in done.stdout.decode().splitlines()})

    def cluster_ip(self, service: str) -> str:
        """The Service's first cluster IP."""
        read = self.world.core.read_namespaced_service(service, self.namespace)
        return read.spec.cluster_ip

    def pod_ips(self, pod: str) -> list[str]:
        """The pod's addresses."""
        read = json.loads(kubectl("-n", self.namespace, "get", "pod", pod, "-o", "json"))
        return sorted(each["ip"] for each in read["status"]["podIPs"])


@pytest.fixture(scope="module")
def made():
    """The seeds' objects, standing."""
    built = Seeds()
    try:
        built.build()
        yield built
    finally:
        if not os.environ.get("E2E_KEEP"):
            built.world.close()


def agrees(made: Seeds, document: dict, pod: str) -> None:
    """Predicted, observed and the pod's own getent are one set."""
    truth = made.getent(pod, document["name"])
    assert sorted(document["predicted"]["addresses"]) == truth
    assert sorted(document["observed"]["addresses"]) == truth
    assert document["verdict"] == "agree"


def source(document: dict) -> tuple[str, str]:
    """The kind of the source, and its object."""
    origin = document["predicted"]["origin"]
    return origin["kind"], origin["object"]


def reasons(document: dict) -> list[str]:
    """The reasons of the findings."""
    return [each["reason"] for each in document["findings"]]


@pytest.mark.parametrize("pod", ["client", "client-musl"])
@pytest.mark.parametrize("name", NAMES_OF_REDIS)
def test_a_service_by_each_of_its_names(made, pod, name):
    document = made.explain(name, pod)
    agrees(made, document, pod)
    assert source(document) == ("Service", f"{made.namespace}/redis")
    assert document["predicted"]["addresses"] == [made.cluster_ip("redis")]


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        pytest.param("node-port", "Service", id="NodePort: the cluster IP, no node's address"),
        pytest.param("balanced", "Service", id="LoadBalancer: the cluster IP, not the balancer's"),
        pytest.param("by-hand", "Service", id="no selector, hand-made Endpoints"),
        pytest.param("headless", "HeadlessService", id="headless: the pods' own addresses"),
        pytest.param("mysql", "ExternalName", id="ExternalName to an outside name"),
    ],
)
def test_each_kind_of_service_is_named_as_the_source(made, service, kind):
    document = made.explain(service, "client")
    agrees(made, document, "client")
    assert source(document) == (kind, f"{made.namespace}/{service}")


def test_an_external_name_shows_the_alias_and_the_address(made):
    document = made.explain("mysql", "client")
    records = [(r["type"], r["data"]) for s in document["steps"] for r in s["records"]]
    assert ("CNAME", "my.database.example.com.") in records
    assert ("A", "203.0.113.10") in records
    assert document["predicted"]["canonicalName"].rstrip(".") == "my.database.example.com"
    assert document["predicted"]["addresses"] == ["203.0.113.10"]


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        pytest.param("{redis}", ("Service", "redis"), id="a cluster IP"),
        pytest.param(HAND_MADE, ("Endpoint", "by-hand"), id="an endpoint without a pod"),
        pytest.param(LOAD_BALANCER, ("Service", "balanced"), id="a balancer's address"),
    ],
)
def test_an_address_has_an_owner(made, address, owner):
    typed = address.replace("{redis}", made.cluster_ip("redis"))
    document = made.explain(typed, "client")
    owners = [(each["kind"], each["object"].split("/")[-1]) for each in document["owners"]]
    assert any(kind == owner[0] and name.startswith(owner[1]) for kind, name in owners), owners


def test_an_address_that_nothing_owns_has_no_owner(made):
    assert made.explain("192.0.2.200", "client")["owners"] == []


def test_an_alias_that_shadows_a_service_is_said_in_the_first_line(made):
    document = made.explain("redis", "aliased")
    agrees(made, document, "aliased")
    assert document["headline"] == (
        f"redis resolves to 10.1.2.3 in pod {made.namespace}/aliased because hostAliases[0] "
        f"shadows Service {made.namespace}/redis ({made.cluster_ip('redis')})"
    )
    assert made.run("redis", "--from", "aliased").stdout.decode().startswith(document["headline"])
    assert document["predicted"]["origin"]["field"] == "spec.hostAliases[0]"


@pytest.mark.parametrize(
    ("name", "address", "field"),
    [
        pytest.param("foo.local", "127.0.0.1", "spec.hostAliases[0]", id="first of a line"),
        pytest.param("bar.local", "127.0.0.1", "spec.hostAliases[0]", id="last of a line"),
        pytest.param("bar.remote", "10.1.2.3", "spec.hostAliases[1]", id="the second alias"),
    ],
)
def test_aliases_of_the_tutorial(made, name, address, field):
    document = made.explain(name, "seeds-aliases")
    agrees(made, document, "seeds-aliases")
    assert document["predicted"]["addresses"] == [address]
    assert (source(document)[0], document["predicted"]["origin"]["field"]) == ("HostAlias", field)


@pytest.mark.parametrize(("pod", "subdomain"), [("busybox-1", "aaa"), ("busybox-2", "bbb")])
def test_a_subdomain_without_its_service_is_known_to_the_pod_alone(made, pod, subdomain):
    own_name = f"{pod}.{subdomain}.{made.namespace}.svc.cluster.local"
    inside = made.explain(own_name, pod)
    agrees(made, inside, pod)
    assert source(inside)[0] == "PodIP"
    outside = made.explain(own_name, "client")
    agrees(made, outside, "client")
    assert outside["predicted"]["outcome"] == "nxdomain"
    assert "SubdomainWithoutService" in reasons(outside)
    assert any(subdomain in each["sentence"] for each in outside["fixes"])


def test_a_pod_named_by_its_address_with_dashes(made):
    (ip,) = [each for each in made.pod_ips("redis-0") if "." in each]
    document = made.explain(f"{ip.replace('.', '-')}.{made.namespace}.pod", "client")
    agrees(made, document, "client")
    assert (source(document)[0], document["predicted"]["addresses"]) == ("PodRecord", [ip])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("redis db", id="a space"),
        pytest.param("redis'", id="a single quote"),
        pytest.param('"redis"', id="double quotes"),
        pytest.param("$(touch /tmp/pwned)", id="a substitution"),
        pytest.param("`touch /tmp/pwned`", id="backquotes"),
        pytest.param("redis\nnameserver", id="a newline"),
        pytest.param("x" * 300, id="300 characters"),
        pytest.param("a..b", id="an empty label"),
        pytest.param(".", id="the root"),
        pytest.param("", id="nothing"),
        pytest.param("-redis", id="a leading dash, after --"),
    ],
)
def test_what_is_no_name_is_an_error_and_runs_nothing(made, name):
    user = f"nobody-{secrets.token_hex(4)}"
    with requests_of(user) as requests:
        done = made.run(
            "--from", "client", "--as", user, "--as-group", "system:masters", "--", name
        )
    complaint(done)
    assert (done.returncode, done.stdout) == (1, b"")
    assert [each for each in requests.paths() if "exec" in each] == []
    assert made.getent("client", "/tmp/pwned") == []


def test_a_fleet_is_grouped_and_the_odd_one_named(made):
    documents = made.documents("redis", "-l", "fleet=all")
    by_pod = {each["pod"]["name"]: each["predicted"]["addresses"] for each in documents}
    service = [made.cluster_ip("redis")]
    assert by_pod == {"aliased": ["10.1.2.3"], "client": service, "client-musl": service}
    text = made.run("redis", "-l", "fleet=all").stdout.decode()
    assert "aliased" in text
    assert "10.1.2.3" in text
    assert "hostAliases[0]" in text


EXECS = ("create get", "pods/exec pods/portforward")
# Everything that explain reads for a headless Service, in every namespace.
READ_BY_EXPLAIN = "pods services namespaces configmaps nodes endpointslices"


@pytest.fixture
def reader(made):
    """A function: KUBECONFIG of a user who may read all that explain reads, but for one resource."""
    name = f"{made.namespace}-reader"
    made.world.user("reader", EXECS)

    def kubeconfig(forbidden: str) -> dict[str, str]:
        resources = [each for each in READ_BY_EXPLAIN.split() if each != forbidden]
        rule = ["--verb=get,list", f"--resource={','.join(resources)}"]
        account = f"--serviceaccount={made.namespace}:reader"
        kubectl("create", "clusterrole", name, *rule)
        kubectl("create", "clusterrolebinding", name, f"--clusterrole={name}", account)
        token = kubectl("-n", made.namespace, "create", "token", "reader").decode()
        return {"KUBECONFIG": made.world.write_kubeconfig("reader", token=token)}

    yield kubeconfig
    kubectl("delete", "clusterrole,clusterrolebinding", name)
    kubectl("-n", made.namespace, "delete", "serviceaccount,role,rolebinding", "reader")


@pytest.mark.parametrize(
    ("forbidden", "words"),
    [
        pytest.param("configmaps", "cannot get resource configmaps", id="the Corefile"),
        pytest.param("endpointslices", "cannot list resource endpointslices", id="slices"),
    ],
)
def test_what_may_not_be_read_is_said_and_the_rest_stands(made, reader, forbidden, words):
    document = made.explain("headless", "client", env=reader(forbidden))
    assert sorted(document["observed"]["addresses"]) == made.getent("client", "headless")
    assert document["predicted"]["outcome"] in {"found", "unknown"}
    said = json.dumps([document["notChecked"], document["predicted"]["unknown"], document["steps"]])
    assert words in said.lower().replace('"', "").replace("\\", ""), said


@pytest.fixture
def no_corefile():
    """ConfigMap kube-system/coredns is deleted meanwhile; CoreDNS keeps what it has read."""
    where = ("-n", "kube-system", "configmap", "coredns")
    kept = json.loads(kubectl("get", *where, "-o", "json"))
    kept["metadata"] = {key: kept["metadata"][key] for key in ("name", "namespace")}
    kubectl("delete", *where)
    yield
    kubectl("create", "-f", "-", stdin=json.dumps(kept).encode())


@pytest.mark.usefixtures("no_corefile")
def test_a_corefile_that_is_absent_is_said_and_the_rest_stands(made):
    document = made.explain("headless", "client")
    assert sorted(document["observed"]["addresses"]) == made.getent("client", "headless")
    assert document["predicted"]["outcome"] in {"found", "unknown"}
    (missed,) = [each for each in document["notChecked"] if "coredns" in json.dumps(each)]
    assert "not found" in missed["why"]


@pytest.fixture
def several_nameservers(made):
    """A pod that has the cluster's nameserver, and a CoreDNS pod itself besides."""
    pods = json.loads(
        kubectl("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-ojson")
    )
    second = pods["items"][0]["status"]["podIP"]
    pod = seeds.runner("several", "glibc", {}, dnsConfig={"nameservers": [second]})
    kubectl("create", "-n", made.namespace, "-f", "-", stdin=json.dumps(pod).encode())
    kubectl("-n", made.namespace, "wait", "--for=condition=Ready", "pod/several", "--timeout=60s")
    yield second
    kubectl("-n", made.namespace, "delete", "pod", "several", "--now")


def test_several_nameservers_are_asked_in_one_exec(made, several_nameservers):
    """nope is asked of both: what one server does not have, another may."""
    user = f"counter-{secrets.token_hex(4)}"
    with requests_of(user) as requests:
        documents = made.documents(
            *("nope", "redis", "--from", "several"), *("--as", user, "--as-group", "system:masters")
        )
    nope, redis = documents
    assert (nope["predicted"]["outcome"], nope["verdict"]) == ("nxdomain", "agree")
    assert redis["predicted"]["addresses"] == [made.cluster_ip("redis")]
    assert nope["resolver"]["nameservers"][1:] == [several_nameservers]
    assert sum("exec" in each for each in requests.paths()) == 2


@pytest.fixture
def shell_less(made):
    """A pod that nothing can be run in."""
    pod = seeds.runner("shell-less", "shell-less", {})
    del pod["spec"]["containers"][0]["command"]
    kubectl("create", "-n", made.namespace, "-f", "-", stdin=json.dumps(pod).encode())
    kubectl(
        "-n", made.namespace, "wait", "--for=condition=Ready", "pod/shell-less", "--timeout=60s"
    )
    yield "shell-less"
    kubectl("-n", made.namespace, "delete", "pod", "shell-less", "--now")


def test_the_last_resort_is_a_port_forward_and_the_report_says_so(made, shell_less):
    document = made.explain("www.example.com.", shell_less)
    asked = sorted(document["predicted"]["addresses"])
    assert asked == made.getent("client", "www.example.com.")
    (missed,) = [each for each in document["notChecked"] if "nameserver" in each["what"]]
    assert "port-forward to kube-system/coredns" in missed["why"]
    assert "not the pod that was asked about" in missed["why"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["redis"], id="one name"),
        pytest.param(["redis", "headless", "mysql", "nope", "www.example.com"], id="five names"),
        pytest.param([f"absent-{n}" for n in range(40)], id="forty names"),
    ],
)
def test_at_most_two_execs_whatever_the_number_of_names(made, names):
    user = f"counter-{secrets.token_hex(4)}"
    with requests_of(user) as requests:
        documents = made.documents(
            *names, "--from", "client", "--as", user, "--as-group", "system:masters"
        )
    assert len(documents) == len(names)
    assert 1 <= sum("exec" in each for each in requests.paths()) <= 2


# The pod, its node, its container; the cluster's DNS (both ConfigMaps, its Service and pods); the
# Service that answers and its slices.
FOUND = [
    *("get configmaps", "get configmaps", "get nodes", "get pods", "get pods/exec"),
    *("get services", "list endpointslices", "list pods", "list services"),
]
# What else the name may mean: a namespace, a pod, a node; what is called so elsewhere, what is alike.
MEANT = [
    *("get namespaces", "get nodes", "get pods", "list pods", "list services", "list services"),
]


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        pytest.param("redis", "redis resolves to ", FOUND, id="a name that is found"),
        pytest.param(
            "kube-dns",
            "fix: Ask kube-dns.kube-system",
            [*FOUND, *MEANT],  # the proof reads nothing that the cause did not
            id="one that is not, and its proof: no exec, and the objects that it touches",
        ),
    ],
)
def test_no_more_is_read_than_the_cause_and_its_proof_need(made, name, line, expected):
    user = f"proving-{secrets.token_hex(4)}"
    with requests_of(user) as requests:
        done = made.run(name, "--from", "client", "--as", user, "--as-group", "system:masters")
    assert line in done.stdout.decode()
    assert sorted(requests.paths()) == sorted(expected)
