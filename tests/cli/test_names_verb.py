"""`names`: the names that lead to an object, and none that does not."""

from __future__ import annotations

import json
from types import SimpleNamespace

import jsonschema
import pytest

from kubectl_hosts.model.explain.names_of import NamedObject, diagnose_names_of
from kubectl_hosts.model.reads import Listed, Objects
from kubectl_hosts.run import Answering
from kubectl_hosts.run import run as drive
from tests.cli.schemas import schema
from tests.fakes import run

SHOP = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.80, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db}}
spec: {hostname: db-0, subdomain: db, containers: [{name: main, image: example.org/db}]}
status:
  phase: Running
  podIP: 10.244.1.7
  podIPs: [{ip: 10.244.1.7}]
  conditions: [{type: Ready, status: "True"}]
---
apiVersion: v1
kind: Service
metadata: {name: site, namespace: bank}
spec: {type: ExternalName, externalName: web.shop.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: shop}
spec: {clusterIP: 10.96.0.81, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old, namespace: shop}
spec:
  hostAliases: [{ip: 10.96.0.80, hostnames: [legacy]}]
  containers: [{name: main, image: example.org/app}]
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, ports: [{name: dns, port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
        rewrite name shop.example.com web.shop.svc.cluster.local
        rewrite name else.example.com other.shop.svc.cluster.local
        hosts {
           10.96.0.80 pinned.example.com
           10.96.0.99 wrong.example.com
           fallthrough
        }
        kubernetes cluster.local in-addr.arpa ip6.arpa {
           pods insecure
           fallthrough in-addr.arpa ip6.arpa
        }
        forward . /etc/resolv.conf
    }
"""


@pytest.fixture
def manifests(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    return str(file)


def listed(capfd, manifests, target, *more):
    status, out, err = run(
        capfd, "names", target, "-n", "shop", "-f", manifests, "-o", "json", *more
    )
    assert (status, err) == (0, "")
    document = json.loads(out)
    jsonschema.validate(document, schema("names-report"))
    return {each["name"]: (each["from"], each["addresses"]) for each in document["names"]}


WEB = ["10.96.0.80"]
HERE, ANYWHERE = ["namespace shop"], ["any namespace"]


def test_the_names_of_a_service_are_all_that_lead_there_and_no_others(capfd, manifests):
    assert listed(capfd, manifests, "svc/web") == {
        "web": (HERE, WEB),
        "web.shop": (ANYWHERE, WEB),
        "web.shop.svc": (ANYWHERE, WEB),
        "web.shop.svc.cluster.local.": (ANYWHERE, WEB),
        "_http._tcp.web.shop.svc.cluster.local.": (
            ANYWHERE,
            ["0 100 80 web.shop.svc.cluster.local."],
        ),
        "10.96.0.80": (ANYWHERE, ["pinned.example.com."]),
        "site.bank": (ANYWHERE, WEB),
        "site.bank.svc": (ANYWHERE, WEB),
        "site.bank.svc.cluster.local.": (ANYWHERE, WEB),
        "shop.example.com.": (ANYWHERE, WEB),
        "pinned.example.com.": (ANYWHERE, WEB),
        "legacy": (["pod shop/old"], WEB),
    }


DB = ["10.244.1.7"]


@pytest.mark.parametrize("target", ["pod/db-0", "db-0"])
def test_the_names_of_a_pod_are_its_own_and_those_of_its_headless_service(capfd, manifests, target):
    assert listed(capfd, manifests, target) == {
        "db": (HERE, DB),
        "db-0.db": (HERE, DB),
        "db.shop": (ANYWHERE, DB),
        "db-0.db.shop": (ANYWHERE, DB),
        "db.shop.svc": (ANYWHERE, DB),
        "db-0.db.shop.svc": (ANYWHERE, DB),
        "db.shop.svc.cluster.local.": (ANYWHERE, DB),
        "db-0.db.shop.svc.cluster.local.": (ANYWHERE, DB),
        "10-244-1-7.shop.pod.cluster.local.": (ANYWHERE, DB),
        "_sql._tcp.db.shop.svc.cluster.local.": (
            ANYWHERE,
            ["0 100 5432 db-0.db.shop.svc.cluster.local."],
        ),
        "10.244.1.7": (ANYWHERE, ["db-0.db.shop.svc.cluster.local."]),
    }


def test_a_pod_that_asks_is_a_place_of_its_own(capfd, manifests):
    found = listed(capfd, manifests, "svc/web", "--from", "old")
    assert found["web"] == (["namespace shop", "pod shop/old"], WEB)
    assert found["legacy"] == (["pod shop/old"], WEB)


def test_the_first_line_has_the_shortest_names(capfd, manifests):
    _, out, _ = run(capfd, "names", "svc/web", "-n", "shop", "-f", manifests)
    assert out.splitlines()[0] == (
        "12 names lead to Service shop/web: web from namespace shop; web.shop from any namespace"
    )


def test_where_no_name_leads_there_what_is_missing_is_said_and_supplied(capfd, tmp_path):
    file = tmp_path / "waiting.yaml"
    file.write_text(SHOP.replace('status: "True"', 'status: "False"'))
    _, out, _ = run(capfd, "names", "svc/db", "-n", "shop", "-f", str(file))
    assert out == (
        "no name leads to Service shop/db: "
        "the only pod of headless Service shop/db, db-0, is not ready\n"
        "fix: Set publishNotReadyAddresses on Service shop/db; the name then resolves to "
        "10.244.1.7 (headless Service shop/db)\n"
        "     kubectl patch service db -n shop --type merge -p "
        """'{"spec":{"publishNotReadyAddresses":true}}'\n"""
    )
    _, out, _ = run(capfd, "names", "svc/db", "-n", "shop", "-f", str(file), "-o", "json")
    document = json.loads(out)
    jsonschema.validate(document, schema("names-report"))
    assert [each["sentence"] for each in document["fixes"]] == [
        "Set publishNotReadyAddresses on Service shop/db"
    ]


def test_bare_names_are_a_line_each(capfd, manifests):
    _, out, _ = run(capfd, "names", "svc/other", "-n", "shop", "-f", manifests, "-o", "name")
    assert out.splitlines() == [
        "other",
        "other.shop",
        "other.shop.svc",
        "other.shop.svc.cluster.local.",
        "else.example.com.",
        "10.96.0.81",
    ]


def test_the_picture_leads_from_places_by_names_to_the_object(capfd, manifests):
    _, out, _ = run(capfd, "names", "svc/other", "-n", "shop", "-f", manifests, "-o", "mermaid")
    assert out.splitlines()[:4] == [
        "flowchart LR",
        '    object["Service shop/other"]',
        '    from0(["namespace shop"])',
        '    from1(["any namespace"])',
    ]
    assert '    name0["other"]\n    from0 --> name0\n    name0 -->|"address"| object\n' in out


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        pytest.param(
            ("svc/wep",), 'services "wep" not found', "Did you mean svc/web?", id="a near name"
        ),
        pytest.param(
            ("web",),
            'pods "web" not found',
            "Did you mean svc/web?",
            id="a Service without its TYPE",
        ),
        pytest.param(
            ("svc/web", "svc/db"), "names takes one object", "then the next one.", id="two"
        ),
        pytest.param(
            ("svc",), "no name was given for svc", "kubectl hosts names svc/NAME", id="a TYPE alone"
        ),
        pytest.param(
            ("node/n1",),
            "node has no pods of its own",
            "Nodes are not in the cluster's DNS: kubectl hosts explain n1 says what a pod gets.",
            id="a node",
        ),
        pytest.param(
            ("ns/bank",),
            "ns has no pods of its own",
            "The names of one Service: kubectl hosts names svc/NAME -n bank",
            id="a namespace",
        ),
    ],
)
def test_what_is_no_object_is_an_error(capfd, manifests, words, message, hint):
    status, out, err = run(capfd, "names", *words, "-n", "shop", "-f", manifests)
    assert (status, out) == (1, "")
    error, help_line = err.splitlines()
    assert message in error
    assert hint in help_line


def test_explain_of_a_service_points_here(capfd):
    status, _, err = run(capfd, "explain", "svc/redis")
    assert status == 1
    assert "kubectl hosts names svc/redis" in err.splitlines()[1]


DEPLOYED = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: example.org/app}]}
"""


def test_before_it_is_deployed_addresses_are_called_by_their_objects(capfd, tmp_path):
    file = tmp_path / "deployed.yaml"
    file.write_text(DEPLOYED)
    found = listed(capfd, str(file), "svc/web")
    assert set(found) == {"web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local."}
    _, out, _ = run(capfd, "names", "svc/web", "-n", "shop", "-f", str(file), "--no-headers")
    rows = [line for line in out.splitlines() if line.startswith("web")]
    assert len(rows) == 4
    assert all(row.endswith("the cluster IP that Service shop/web will get") for row in rows)


SERVICE = {"clusterIP": "10.96.0.77", "ports": [{"port": 6379}]}
MANY = [
    {"metadata": {"namespace": "bank", "name": "alias"}, "spec": {"type": "ExternalName"}},
    {"metadata": {"namespace": "shop", "name": "redis"}, "spec": SERVICE},
]


@pytest.mark.parametrize(
    ("objects", "complete", "not_checked"),
    [
        pytest.param(MANY[:1], False, ["Services"], id="its own are read, and others are named"),
        pytest.param(MANY, True, [], id="left alone: all Services were read"),
    ],
)
def test_a_cluster_with_more_services_than_are_read_has_the_names(objects, complete, not_checked):
    own = [each for each in MANY if each["metadata"]["namespace"] == "shop"]
    lists = {
        Objects("Service"): Listed(tuple(objects), complete=complete),
        Objects("Service", "shop"): Listed(tuple(own)),
        Objects("Service", "shop", "redis"): Listed(tuple(own)),
    }

    def answer(reads):
        return {each: lists.get(each, Listed()) for each in reads}

    subject = NamedObject("Service", "shop", "redis")
    report = drive(diagnose_names_of(subject), Answering(SimpleNamespace(answer=answer)))
    assert report.names[0].name == "redis"
    assert [each.what for each in report.not_checked] == not_checked
