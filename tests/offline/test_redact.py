"""A redacted capture explains the same, and has nothing of the names and addresses in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kubectl_hosts.offline.redact import KEPT, redact
from tests.fakes import run

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = {
    "apiVersion": "kubectl-hosts/v2",
    "kind": "Capture",
    "namespace": "acme-prod",
    "objects": [
        {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {
                "name": "ledger-0",
                "namespace": "acme-prod",
                "labels": {"app": "ledger", "acme.example/team": "payments"},
            },
            "spec": {
                "nodeName": "ip-10-1-2-3.acme.net",
                "containers": [{"name": "books", "image": "registry.acme.net/ledger:v1.2"}],
                "hostAliases": [{"ip": "172.20.9.9", "hostnames": ["oracle.acme.net"]}],
            },
            "status": {"phase": "Running", "podIPs": [{"ip": "172.20.1.7"}]},
        },
        {
            "kind": "ConfigMap",
            "apiVersion": "v1",
            "metadata": {"name": "coredns", "namespace": "kube-system"},
            "data": {
                "Corefile": ".:53 {\n  # acme, ask Jane\n  forward . 10.1.0.53\n"
                "  rewrite name regex (.*)\\.acme\\.net {1}.acme-prod.svc.cluster.local\n}\n"
            },
        },
        {"kind": "ServiceCIDR", "apiVersion": "networking.k8s.io/v1", "spec": {"cidrs": ["172.21.0.0/16"]}},
    ],
    "reads": [{"kind": "Service", "namespace": "acme-prod", "name": "ledgerz"}],
    "containers": [
        {
            "namespace": "acme-prod",
            "pod": "ledger-0",
            "container": "books",
            "files": [
                {"path": "/etc/hosts", "text": "127.0.0.1 localhost\n172.20.1.7\tledger-0\n# by Jane\n"},
                {"path": "/etc/resolv.conf", "text": "search acme.net\nnameserver 172.21.0.10\n"},
            ],
            "nameservers": [
                {
                    "address": "172.21.0.10",
                    "couldNotLook": {"what": "nameserver 172.21.0.10", "why": "ledger-0 did not ask"},
                    "answers": [
                        {"name": "7.1.20.172.in-addr.arpa.", "type": "PTR", "rcode": "NOERROR"},
                        {"name": "172-20-1-7.acme-prod.pod.cluster.local.", "type": "A", "rcode": "NXDOMAIN"},
                    ],
                }
            ],
        }
    ],
}  # fmt: skip
NAMES = ("acme", "ledger", "payments", "oracle", "jane", "team", "books", "prod", "ledgerz")


def redacted():
    return redact(SECRET)[0]


def test_no_name_and_no_address_is_left():
    text = json.dumps(redacted()).lower()
    assert [each for each in NAMES if re.search(rf"\b{each}\b", text)] == []
    assert re.findall(r"\b(?:172|10)[.-][0-9]+[.-]", text) == []
    assert "20.172.in-addr" not in text


def test_what_kubernetes_and_dns_mean_by_a_word_stays():
    text = json.dumps(redacted())
    for each in ("kube-system", "coredns", "forward", "rewrite name regex", ".svc.cluster.local"):
        assert each in text


def test_the_same_is_the_same_everywhere():
    document = redacted()
    pod, _, ranges = document["objects"]
    (container,) = document["containers"]
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    address = pod["status"]["podIPs"][0]["ip"]
    hosts, resolv = (each["text"] for each in container["files"])
    reverse, dashed = (each["name"] for each in container["nameservers"][0]["answers"])
    assert re.fullmatch(r"[a-z]{6}-0", name)
    assert (container["namespace"], container["pod"]) == (namespace, name)
    assert hosts == f"127.0.0.1 localhost\n{address}\t{name}\n#\n"
    assert reverse == ".".join(reversed(address.split("."))) + ".in-addr.arpa."
    assert dashed == f"{address.replace('.', '-')}.{namespace}.pod.cluster.local."
    assert container["nameservers"][0]["couldNotLook"]["why"] == f"{name} did not ask"
    assert ranges["spec"]["cidrs"] == ["203.0.113.0/24"]
    assert re.search(r"nameserver 203\.0\.113\.[0-9]+\n", resolv)


def test_addresses_are_those_that_documents_use():
    text = json.dumps(redacted())
    found = set(re.findall(r"\b[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(?:/[0-9]+)?\b(?!\.in-addr)", text))
    assert {each.rpartition(".")[0] for each in found} <= {"127.0.0", "192.0.2", "203.0.113"}


def test_two_captures_have_nothing_in_common():
    first, second = redact(SECRET)[1], redact(SECRET)[1]
    assert set(first.words) == set(second.words)
    assert first.words != second.words
    assert not set(first.words.values()) & (set(first.words) | KEPT)


QUESTIONS = [
    pytest.param("capture.json", "default-pod", "redis", id="a Service"),
    pytest.param("capture.json", "default-pod", "mysql", id="no Service"),
    pytest.param("capture.json", "hostaliases-pod", "bar.remote", id="an alias"),
    pytest.param("capture.json", "default-pod", "_redis._tcp.redis", id="SRV"),
    pytest.param("capture.json", "host-network", "redis", id="the node's network"),
]


@pytest.mark.parametrize(("file", "pod", "name"), QUESTIONS)
def test_an_explanation_takes_the_same_way(capfd, tmp_path, file, pod, name):
    path = EXAMPLES / file
    document, mapping = redact(json.loads(path.read_text()))
    other = tmp_path / "redacted.json"
    other.write_text(json.dumps(document))
    asked = (path, pod, name), (other, mapping.text(pod), mapping.text(name))
    before, after = (
        json.loads(run(capfd, "explain", each[2], "--from", each[1], "-f", str(each[0]), "-o", "json")[1])
        for each in asked
    )  # fmt: skip
    assert shape(after, str) == shape(before, mapping.text)


def shape(explanation, words):
    """The way and the answer of an explanation, names and addresses by WORDS."""
    return {
        "verdict": explanation["verdict"],
        "outcome": explanation["predicted"]["outcome"],
        "addresses": [words(each) for each in explanation["predicted"]["addresses"]],
        "data": [words(each) for each in explanation["predicted"]["data"]],
        "observed": sorted(words(each) for each in explanation["observed"]["addresses"]),
        "steps": [
            (each["source"], words(each["name"]), each["outcome"], each["rule"]["id"])
            for each in explanation["steps"]
        ],
        "findings": [each["reason"] for each in explanation["findings"]],
    }
