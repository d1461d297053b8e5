"""`explain` as a command: which pods it asks from, and the status that it ends with."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from kubectl_hosts.model.reads import Replies
from kubectl_hosts.offline.backend import FilesBackend
from tests.cli.schemas import schema
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


CHANGE = """\
apiVersion: v1
kind: Service
metadata: {name: cache, namespace: shop}
spec: {clusterIP: 10.96.0.88, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostAliases: [{ip: 10.9.9.9, hostnames: [spare]}]
---
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: shop}
$patch: delete
"""
FULL = "{}.shop.svc.cluster.local."


@pytest.fixture
def change(tmp_path):
    file = tmp_path / "change.yaml"
    file.write_text(CHANGE)
    return str(file)


@pytest.mark.parametrize(
    ("name", "expected", "status"),
    [
        pytest.param(
            FULL.format("cache"),
            "NXDOMAIN now; resolves to 10.96.0.88 (Service shop/cache)",
            0,
            id="a Service is made",
        ),
        pytest.param(
            "spare",
            "unknown now; resolves to 10.9.9.9 (hostAliases[0] in the hosts file)",
            0,
            id="an alias is added",
        ),
        pytest.param(
            FULL.format("redis"),
            "resolves to 10.96.0.77 (Service shop/redis) now; NXDOMAIN",
            1,
            id="a Service is deleted",
        ),
        pytest.param(
            FULL.format("other"), "NXDOMAIN now, and the same", 1, id="what it does not touch"
        ),
    ],
)
def test_with_a_file_the_first_line_says_what_changes(
    capfd, manifests, change, name, expected, status
):
    arguments = ("explain", name, "--from", "web", "-f", manifests, "--with", change)
    got, out, err = run(capfd, *arguments, "--exit-code")
    assert (got, err) == (status, "")
    assert out.splitlines()[0] == f"{name}: {expected} with {change}"
    assert run(capfd, *arguments, "-o", "short") == (0, f"{out.splitlines()[0]}\n", "")


def test_with_a_file_both_explanations_follow(capfd, manifests, change):
    name = FULL.format("cache")
    _, out, _ = run(capfd, "explain", name, "--from", "web", "-f", manifests, "--with", change)
    assert out.splitlines()[1] == (
        f"{change} makes Service shop/cache, changes Pod shop/web, deletes Service shop/redis."
    )
    assert [line for line in out.splitlines() if line in {"Now:", f"With {change}:"}] == [
        "Now:",
        f"With {change}:",
    ]


def test_with_a_file_the_document_has_both(capfd, manifests, change):
    names = (FULL.format("cache"), FULL.format("redis"))
    arguments = ("--from", "web", "-f", manifests, "--with", change, "-o", "json")
    _, out, _ = run(capfd, "explain", *names, *arguments)
    document = json.loads(out)
    jsonschema.validate(document, schema("explanation-change"))
    outcomes = [
        (each["before"]["predicted"]["outcome"], each["after"]["predicted"]["outcome"])
        for each in document["items"]
    ]
    assert outcomes == [("nxdomain", "found"), ("found", "nxdomain")]
    _, one, _ = run(capfd, "explain", names[0], *arguments)
    jsonschema.validate(json.loads(one), schema("explanation-change"))
    assert json.loads(one) == document["items"][0]


def test_with_a_file_that_does_not_suffice_what_is_missing_then_is_said(capfd, manifests, tmp_path):
    file, name = tmp_path / "cart.yaml", FULL.format("cart")
    file.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\n"
        "spec: {clusterIP: None, selector: {app: nobody}, ports: [{port: 80}]}\n"
    )
    arguments = ("--from", "web", "-f", manifests, "--with", str(file), "-o", "json")
    _, out, _ = run(capfd, "explain", name, *arguments)
    document = json.loads(out)
    assert [document[when]["cause"]["missing"] for when in ("before", "after")] == [
        ["no Service cart in namespace shop"],
        ["the selector app=nobody of headless Service shop/cart finds no pod"],
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            "kind: Capture\napiVersion: kubectl-hosts/v2\n",
            "{} is a capture, and manifests can be applied",
            id="a capture",
        ),
        pytest.param("", "no objects passed to hosts", id="nothing"),
    ],
)
def test_with_a_file_that_cannot_be_applied_is_an_error(
    capfd, manifests, tmp_path, content, message
):
    file = tmp_path / "no.yaml"
    file.write_text(content)
    status, out, err = run(
        capfd, "explain", "db", "--from", "web", "-f", manifests, "--with", str(file)
    )
    assert (status, out) == (1, "")
    assert err.splitlines()[0] == f"error: {message.format(file)}"


QUESTIONS = str(Path(__file__).parents[2] / "examples" / "questions.json")


@pytest.mark.parametrize(
    ("name", "pod", "output", "asked"),
    [
        pytest.param("billing", "web", "table", False, id="the cluster has it elsewhere"),
        pytest.param("ledger-0.ledger", "web", "table", False, id="a pod without a hostname"),
        pytest.param("billing", "web", "wide", True, id="left alone: each step is shown"),
        pytest.param("billing", "web", "json", True, id="left alone: a document has each step"),
        pytest.param("redis", "node-dns", "table", True, id="left alone: another DNS server"),
        pytest.param("redis", "silent", "table", True, id="left alone: nobody answered in time"),
        pytest.param("www.example.com", "loopback", "table", True, id="left alone: outside"),
    ],
)
def test_no_nameserver_is_asked_for_what_objects_explain(capfd, mocker, name, pod, output, asked):
    reads = mocker.spy(FilesBackend, "answer")
    status, out, _ = run(capfd, "explain", name, "--from", pod, "-o", output, "-f", QUESTIONS)
    given = [each for call in reads.call_args_list for each in call.args[1]]
    assert status == 0
    assert any(isinstance(each, Replies) for each in given) is asked
    assert ("outside the cluster: not asked" in out) is not asked


def test_what_objects_explain_leads_with_the_cause_that_each_step_proves(capfd):
    _, brief, _ = run(capfd, "explain", "billing", "--from", "web", "-f", QUESTIONS)
    _, whole, _ = run(capfd, "explain", "billing", "--from", "web", "-f", QUESTIONS, "-o", "wide")
    assert brief.splitlines()[:2] == whole.splitlines()[:2]
