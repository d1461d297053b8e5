"""`explain -f MANIFEST`: what is asked of a pod that nobody runs, in the program's own words."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.cli.schemas import schema
from tests.fakes import run

MANIFESTS = Path(__file__).parents[2] / "examples" / "manifests"
OWN_DNS = """\
apiVersion: v1
kind: Pod
metadata: {name: own-dns}
spec:
  dnsPolicy: None
  dnsConfig: {nameservers: [192.0.2.53], searches: [corp.example.com], options: [{name: ndots, value: "1"}]}
  containers: [{name: main, image: example.org/app}]
"""


@pytest.mark.parametrize(
    ("case", "arguments"),
    [
        pytest.param("alias", ["redis", "--from", "deploy/cart"], id="a hostAlias of the template"),
        pytest.param(
            "service", ["mysql", "--from", "deploy/cart"], id="a name that DNS would have"
        ),
    ],
)
def test_a_deployment_predicts_what_its_pods_would_resolve(capfd, golden, case, arguments):
    status, out, err = run(
        capfd, "explain", *arguments, "-f", str(MANIFESTS / "shadowed-service.yaml")
    )
    assert (status, err) == (0, "")
    assert out == golden(f"explain-manifest/{case}.txt", out)


def test_a_pod_that_does_not_run_can_be_predicted_from(capfd, golden):
    status, out, err = run(capfd, "explain", "redis", "-f", str(MANIFESTS / "default-pod.yaml"))
    assert status == 0
    assert err == "Asking from pod/default-pod in namespace default (--from chooses another)\n"
    assert out == golden("explain-manifest/default-pod.txt", out)


def test_nameservers_of_the_spec_are_known_without_a_cluster(capfd, golden, tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(OWN_DNS)
    status, out, _ = run(capfd, "explain", "www.example.com", "-f", str(file))
    assert status == 0
    assert out == golden("explain-manifest/own-dns.txt", out)


NODE_NETWORK = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  hostAliases: [{ip: 10.1.2.3, hostnames: [api]}]
  containers: [{name: main, image: example.org/app}]
"""


def test_an_alias_behind_the_node_s_lines_is_known_and_its_line_is_not(capfd, tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(NODE_NETWORK)
    status, out, _ = run(capfd, "explain", "api", "-f", str(file))
    assert status == 0
    assert out.splitlines()[0] == (
        "api should resolve to 10.1.2.3 in pod default/web because hostAliases[0] says so "
        "(its hosts file)"
    )
    assert "Answer:   a line of the hosts file: 10.1.2.3  api (from hostAliases[0])" in out
    status, out, _ = run(capfd, "explain", "api", "-f", str(file), "-o", "json")
    document = json.loads(out)
    jsonschema.validate(document, schema("explanation"))
    assert document["steps"][0]["lines"][0]["number"] is None


@pytest.mark.parametrize(
    ("dns", "said"),
    [
        pytest.param(
            "dnsPolicy: None\n  dnsConfig: {nameservers: [127.0.0.53]}",
            "the nameserver 127.0.0.53 is the pod itself: dnsConfig names it, and a stub of the node "
            "cannot be reached from here",
            id="a stub in dnsConfig",
        ),
        pytest.param(
            "dnsPolicy: None\n  dnsConfig: {nameservers: [192.0.2.53]}", None, id="left alone"
        ),
    ],
)
def test_who_names_a_loopback_nameserver(capfd, tmp_path, dns, said):
    file = tmp_path / "pod.yaml"
    file.write_text(
        OWN_DNS.partition("  dnsPolicy")[0] + f"  {dns}\n  containers: [{{name: a, image: b}}]\n"
    )
    _, out, _ = run(capfd, "explain", "redis", "-f", str(file), "-o", "json")
    found = [
        each["message"]
        for each in json.loads(out)["findings"]
        if each["reason"] == "LoopbackNameserver"
    ]
    assert found == ([said] if said else [])


def test_the_only_namespace_of_the_files_is_where_names_are_asked(capfd, tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(OWN_DNS.replace("name: own-dns", "name: own-dns, namespace: shop"))
    for arguments in ([], ["--from", "own-dns"]):
        status, out, _ = run(capfd, "explain", "own-dns", *arguments, "-f", str(file))
        assert status == 0
        assert "in pod shop/own-dns" in out.splitlines()[0]


CHART = """\
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: shop}
spec: {selector: {app: redis}, ports: [{port: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: None, selector: {app: api}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      hostAliases: [{ip: 10.1.2.3, hostnames: [twice]}, {ip: 10.1.2.4, hostnames: [twice]}]
      containers: [{name: api, image: example.org/api}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: pg, namespace: shop}
spec:
  serviceName: pg
  selector: {matchLabels: {app: pg}}
  template:
    metadata: {labels: {app: pg}}
    spec: {containers: [{name: pg, image: example.org/pg}]}
---
apiVersion: v1
kind: Service
metadata: {name: pg, namespace: shop}
spec: {clusterIP: None, selector: {app: pg}, ports: [{port: 5432}]}
"""
COREFILE = """\
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
        kubernetes lab.example in-addr.arpa ip6.arpa
        forward . /etc/resolv.conf
    }
"""
MADE_UP = ("198.18.", "198.19.", "198-18-", "198-19-", "2001:db8:")


@pytest.fixture
def asked(capfd, tmp_path):
    """What `explain ARGUMENTS -f` prints of CHART and MORE."""

    def explain(*arguments, more="", status=0):
        file = tmp_path / "chart.yaml"
        file.write_text(CHART + more)
        found, out, err = run(capfd, "explain", *arguments, "-n", "shop", "-f", str(file))
        assert (found, err) == (status, "")
        return out

    return explain


FROM = ("--from", "pod/pg-0")


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        pytest.param(
            ("redis",),
            "to the cluster IP that Service shop/redis will get (asked as redis.shop.svc.cluster.local)",
            id="a Service",
        ),
        pytest.param(
            ("redis.shop.svc.cluster.local",),
            "to the cluster IP that Service shop/redis will get",
            id="by its whole name, asked below the node's search domains first",
        ),
        pytest.param(
            ("redis.shop",),
            "to the cluster IP that Service shop/redis will get (asked as redis.shop.svc.cluster.local)",
            id="1 dot",
        ),
        pytest.param(
            ("api",),
            "to the IPs that the 2 pods of Deployment shop/api will get because",
            id="the pods of a headless Service",
        ),
        pytest.param(
            ("pg-0",), "to the pod's own IP because the kubelet writes", id="its own name"
        ),
        pytest.param(
            ("_http._tcp.api", "--type", "SRV"),
            "0 50 80 <IP>.api.shop.svc.cluster.local",
            id="names made of addresses",
        ),
        pytest.param(
            ("redi",), "no Service redi in namespace shop; there is redis", id="a name that is near"
        ),
        pytest.param(("svc.cluster.local.",), "should not resolve", id="a name of the zone alone"),
        pytest.param(
            ("twice", "--from", "deploy/api"),
            "which C library the program has (glibc: 10.1.2.3; musl and go: 10.1.2.3, 10.1.2.4)",
            id="what the C libraries differ over",
        ),
    ],
)
@pytest.mark.parametrize("output", ["table", "wide", "tree", "mermaid", "short"])
def test_nobody_reads_an_address_that_nobody_has_given(asked, arguments, first, output):
    out = asked(*arguments, *(() if "--from" in arguments else FROM), "-o", output)
    assert [each for each in MADE_UP if each in out] == []
    if output in {"table", "wide"}:
        assert first in out.splitlines()[0]


FIXED_IP = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.77, ports: [{port: 80}]}
"""
UNLESS = "in pod shop/pg-0 unless DNS outside the cluster has it"


@pytest.mark.parametrize(
    ("arguments", "more", "first"),
    [
        pytest.param(
            ("redis-ha",),
            "",
            f"redis-ha should not resolve {UNLESS}: no Service redis-ha in namespace shop; "
            "there is redis",
            id="no such Service",
        ),
        pytest.param(
            ("web", "--type", "AAAA"),
            FIXED_IP,
            f"web should not resolve {UNLESS}: web.shop.svc.cluster.local has no AAAA record, "
            "which is IPv6",
            id="a Service of the other family",
        ),
        pytest.param(
            ("redis",),
            COREFILE.replace("lab.example ", "cluster.local ")
            + "    local:53 {\n        forward . 192.0.2.7\n    }\n",
            f"redis should not resolve {UNLESS}: block local (Corefile line 5) answers for the "
            "name, and has no `kubernetes`",
            id="a block that takes the cluster's names",
        ),
        pytest.param(
            ("www.example.com",),
            "",
            "what www.example.com resolves to in pod shop/pg-0 is not known: nobody asked DNS "
            "outside the cluster for www.example.com",
            id="a name of the outside",
        ),
    ],
)
def test_what_the_cluster_lacks_is_said_whatever_the_outside_knows(asked, arguments, more, first):
    assert asked(*arguments, *FROM, more=more).splitlines()[0] == first


def test_a_document_keeps_the_address_and_says_what_it_stands_for(asked):
    document = json.loads(asked("redis", *FROM, "-o", "json"))
    jsonschema.validate(document, schema("explanation"))
    (address,) = document["predicted"]["addresses"]
    said = "the cluster IP that Service shop/redis will get"
    assert document["placeholders"] == {address: said}
    assert said in document["headline"]
    assert address not in document["headline"]


def test_a_document_without_such_addresses_has_no_placeholders(asked):
    document = json.loads(asked("twice", "--from", "deploy/api", "-o", "json"))
    jsonschema.validate(document, schema("explanation"))
    assert document["placeholders"] == {}


def test_a_fix_gives_what_will_be_there(asked):
    document = json.loads(asked("redi", *FROM, "-o", "json"))
    (fix,) = document["fixes"]
    assert (fix["name"], fix["then"]["addresses"]) == ("redis", [])
    assert fix["then"]["origin"] == "the cluster IP that Service shop/redis will get"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param(
            "redis.shop.svc.cluster.local",
            [
                (
                    "not read; they are asked first, and are assumed not to have "
                    "redis.shop.svc.cluster.local"
                )
            ],
            id="asked before the name that answers",
        ),
        pytest.param("redis", [], id="not asked"),
        pytest.param("redis.shop.svc.cluster.local.", [], id="a final dot"),
    ],
)
def test_what_is_taken_for_granted_of_the_nodes_search_domains_is_said(asked, name, said):
    document = json.loads(asked(name, *FROM, "-o", "json"))
    assert document["predicted"]["outcome"] == "found"
    missed = [e for e in document["notChecked"] if e["what"] == "the node's search domains"]
    assert [each["why"] for each in missed] == said


@pytest.mark.parametrize(
    ("more", "domain", "assumed"),
    [
        pytest.param("", "cluster.local", ["cluster.local is assumed"], id="no Corefile"),
        pytest.param(COREFILE, "lab.example", [], id="the Corefile's"),
    ],
)
def test_the_cluster_domain_is_the_corefiles_or_is_assumed_and_called_so(
    asked, more, domain, assumed
):
    document = json.loads(asked("redis", *FROM, "-o", "json", more=more))
    assert document["predicted"]["canonicalName"] == f"redis.shop.svc.{domain}"
    missed = [e["why"] for e in document["notChecked"] if e["what"] == "the cluster domain"]
    assert missed == assumed
    graver = [e["reason"] for e in document["findings"] if e["severity"] != "info"]
    assert graver == ["ServiceWithoutEndpoints"]


def test_nobody_saw_the_c_library_is_said_once_and_only_where_it_decides(asked):
    for arguments, reasons in (
        (("redis", *FROM), []),
        (("twice", "--from", "deploy/api"), ["ResolverAssumed"]),
    ):
        document = json.loads(asked(*arguments, "-o", "json"))
        found = [e for e in document["findings"] if e["reason"] == "ResolverAssumed"]
        assert [each["reason"] for each in found] == reasons
        assert [each["fix"] for each in found] == [""] * len(reasons)


IMPORTED = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: main, image: example.org/app}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
        kubernetes cluster.local clusterset.local {
            multicluster clusterset.local
        }
    }
---
apiVersion: multicluster.x-k8s.io/v1alpha1
kind: ServiceImport
metadata: {name: api, namespace: shop}
spec: {type: ClusterSetIP, ips: [10.10.0.5], ports: [{port: 80}]}
"""


@pytest.mark.parametrize(
    ("name", "first"),
    [
        pytest.param(
            "api.shop.svc.clusterset.local",
            "api.shop.svc.clusterset.local should resolve to 10.10.0.5 in pod shop/web because "
            "that is an IP of ServiceImport shop/api",
            id="a ServiceImport of the manifests",
        ),
        pytest.param(
            "db.shop.svc.clusterset.local",
            "db.shop.svc.clusterset.local should not resolve in pod shop/web: no ServiceImport db "
            "in namespace shop",
            id="one that is not there",
        ),
    ],
)
def test_a_multicluster_zone_has_service_imports(capfd, tmp_path, name, first):
    file = tmp_path / "imported.yaml"
    file.write_text(IMPORTED)
    status, out, _ = run(capfd, "explain", name, "-n", "shop", "--from", "web", "-f", str(file))
    assert (status, out.split("\n")[0]) == (0, first)


RENAMED = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: example.org/web}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: 10.96.0.7, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
        rewrite name regex (.*)[.]corp[.]test {1}.shop.svc.cluster.local
        reload
        kubernetes cluster.local
        template ANY ANY bad.test {
            rcode NOERROR
        }
        hosts {
            192.0.2.9 www.other.test
            fallthrough
        }
        rewrite name regex www[.]corp[.]other api.shop.svc.cluster.local answer name api[.].* www.corp.other
    }
"""


@pytest.mark.parametrize(
    ("name", "searched", "first", "fix"),
    [
        pytest.param(
            "api.corp.test",
            "",
            "what api.corp.test resolves to in pod shop/web is not known: which C library the "
            "program has (glibc: not found; musl and go: 10.96.0.7): `rewrite` (Corefile line 2) "
            "leaves api.shop.svc.cluster.local in the answer, which glibc does not take for the "
            "name that it asked",
            "Add `answer auto` to Corefile line 2; the name then resolves to 10.96.0.7 (Service "
            "shop/api)",
            id="what glibc does not find",
        ),
        pytest.param(
            "www.corp.other",
            "",
            "what www.corp.other resolves to in pod shop/web is not known: which C library the "
            "program has (glibc: not found; musl and go: 10.96.0.7): `rewrite` (Corefile line 12) "
            "leaves www.corp.other in the answer for www.corp.other.shop.svc.cluster.local, which "
            "glibc does not take for the name that it asked",
            "Ask www.corp.other.; it then resolves to 10.96.0.7 (Service shop/api)",
            id="what the search list made of the name",
        ),
        pytest.param(
            "www.other.test",
            "bad.test",
            "what www.other.test resolves to in pod shop/web is not known: which C library the "
            "program has (glibc and go: 192.0.2.9; musl: not found): musl stops at an empty answer "
            "(www.other.test.bad.test: the name exists, without a record of this type)",
            "Ask www.other.test.; it then resolves to 192.0.2.9 (hosts in the Corefile)",
            id="what musl does not find",
        ),
    ],
)
def test_of_libraries_that_differ_the_one_that_fails_is_explained(
    capfd, tmp_path, name, searched, first, fix
):
    config = f"spec: {{dnsConfig: {{searches: [{searched}]}}, containers:"
    file = tmp_path / "renamed.yaml"
    file.write_text(RENAMED.replace("spec: {containers:", config, 1))
    status, out, _ = run(capfd, "explain", name, "-n", "shop", "--from", "web", "-f", str(file))
    lines = out.split("\n")
    fixed = next(each for each in lines if each.startswith("fix: "))
    assert (status, lines[0], fixed) == (0, first, f"fix: {fix}")


AUTOPATH = """\
    cluster.local {
        autopath @kubernetes
        kubernetes cluster.local {
            pods verified
        }
    }
    . {
        forward . SERVERS
    }
"""
NOBODY = "nobody asked DNS outside the cluster for www.other.test"


@pytest.mark.parametrize(
    ("corefile", "first"),
    [
        pytest.param(
            ".:53 {\n        kubernetes cluster.local\n        forward . 192.0.2.53 192.0.2.54\n    }\n",
            f"{NOBODY}, which is sent to 192.0.2.53 and 192.0.2.54",
            id="servers by their addresses",
        ),
        pytest.param(
            ".:53 {\n        kubernetes cluster.local\n        forward . /etc/resolv.conf\n    }\n",
            NOBODY,
            id="those of the node",
        ),
        pytest.param(
            AUTOPATH.replace("SERVERS", "/etc/resolv.conf").lstrip(),
            f"which C library the program has (glibc and go: not known: {NOBODY}; musl: servfail): "
            "musl stops at a SERVFAIL (www.other.test.shop.svc.cluster.local: nothing in the block "
            "answers the name, as it has no `forward`: `no next plugin found`)",
            id="one library stops before it comes to them",
        ),
    ],
)
def test_what_nobody_asked_outside_is_told_with_who_would_be(capfd, tmp_path, corefile, first):
    file = tmp_path / "outside.yaml"
    file.write_text(f"{RENAMED.partition('.:53')[0]}{corefile}")
    asked = ("explain", "www.other.test", "-n", "shop", "--from", "web", "-f", str(file))
    _, out, _ = run(capfd, *asked)
    known = "what www.other.test resolves to in pod shop/web is not known: "
    assert out.split("\n")[0] == known + first


@pytest.mark.parametrize(
    ("rule", "name", "qtype", "first"),
    [
        pytest.param(
            "rewrite stop type AAAA A",
            "api.shop.svc.cluster.local.",
            "AAAA",
            "api.shop.svc.cluster.local. should not resolve in pod shop/web: `rewrite` (Corefile "
            "line 2) asks for A in the place of AAAA",
            id="another type is asked for",
        ),
        pytest.param(
            "rewrite stop type AAAA A",
            "api.shop.svc.cluster.local.",
            "A",
            "api.shop.svc.cluster.local. should resolve to 10.96.0.7 in pod shop/web because that "
            "is the cluster IP of Service shop/api",
            id="left alone: the type that it leaves",
        ),
        pytest.param(
            "template ANY A {\n rcode NOERROR\n}",
            "api.shop.svc.cluster.local.",
            "A",
            "api.shop.svc.cluster.local. should not resolve in pod shop/web: `template` (Corefile "
            "line 2) answers A before `kubernetes` does",
            id="a template has no data for a type that the Service has",
        ),
        pytest.param(
            "template ANY AAAA {\n rcode NOERROR\n}",
            "api.shop.svc.cluster.local.",
            "AAAA",
            "api.shop.svc.cluster.local. should not resolve in pod shop/web: "
            "api.shop.svc.cluster.local has no AAAA record, which is IPv6",
            id="left alone: a type that the Service does not have",
        ),
        pytest.param(
            "rewrite name edge.test api.shop.svc.cluster.local",
            "edge.test.",
            "AAAA",
            "edge.test. should not resolve in pod shop/web: Service shop/api answers with its "
            "cluster IPs; no such record",
            id="another name is asked for, which has no such record",
        ),
    ],
)
def test_what_a_rewrite_asks_for_is_why_there_is_no_record(
    capfd, tmp_path, rule, name, qtype, first
):
    file = tmp_path / "retyped.yaml"
    rule = rule.replace("\n", "\n        ")
    block = f".:53 {{\n        {rule}\n        kubernetes cluster.local\n    }}\n"
    file.write_text(f"{RENAMED.partition('.:53')[0]}{block}")
    asked = ("explain", name, "--type", qtype, "-n", "shop", "--from", "web", "-f", str(file))
    _, out, _ = run(capfd, *asked)
    assert out.split("\n")[0] == first


@pytest.mark.parametrize(
    ("name", "fixes"),
    [
        pytest.param(
            "api.shop.svc.cluster.local",
            ["fix: Ask api.shop.svc; it then resolves to 10.96.0.7 (Service shop/api)"],
            id="a Service's name",
        ),
        pytest.param("www.example.com", [], id="a name of nobody"),
    ],
)
def test_a_template_below_a_search_domain_that_takes_a_services_name_is_told(
    capfd, tmp_path, name, fixes
):
    file = tmp_path / "wildcard.yaml"
    answers = RENAMED.replace("rcode NOERROR", 'answer "{{ .Name }} 60 IN A 192.0.2.7"')
    config = "spec: {dnsConfig: {searches: [bad.test]}, containers:"
    file.write_text(answers.replace("spec: {containers:", config, 1))
    status, out, _ = run(capfd, "explain", name, "-n", "shop", "--from", "web", "-f", str(file))
    lines = out.split("\n")
    assert (status, [each for each in lines if each.startswith("fix: ")]) == (0, fixes)
    assert f"{name} should resolve to 192.0.2.7" in lines[0]


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        pytest.param("[{port: 80}]", "", id="one that is taken"),
        pytest.param("7", "the API server refuses Service db: ", id="one that is refused"),
        pytest.param(
            "[{port: 80, name: of_http}]",
            "the API server refuses Service db: ",
            id="one that is refused for a value",
        ),
        pytest.param("[}", "cannot be read: ", id="one that nobody can read"),
    ],
)
@pytest.mark.parametrize("command", [("explain", "db", "--from", "web"), ("names", "pod/web")])
def test_what_does_not_come_of_the_manifests_is_said(capfd, tmp_path, ports, said, command):
    file = tmp_path / "db.yaml"
    db = f"apiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: shop}}\nspec: {{ports: {ports}}}\n"
    file.write_text(f"{RENAMED}---\n{db}")
    status, out, err = run(capfd, *command, "-n", "shop", "-f", str(file))
    assert (status, err.count("\n")) == (0, 1 if said else 0)
    assert err.startswith(said)
    assert ("no Service db in namespace shop" in out) is (bool(said) and "db" in command)


NOT_READY = """\
---
apiVersion: v1
kind: Pod
metadata: {name: coredns-0, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec:
  containers:
  - name: coredns
    image: example.org/coredns:1.12.1
    args: [-conf, /etc/coredns/Corefile]
    volumeMounts: [{name: config, mountPath: /etc/coredns}]
  volumes: [{name: config, configMap: {name: coredns}}]
status:
  phase: Running
  podIPs: [{ip: 10.244.0.2}]
  conditions: [{type: Ready, status: "False"}]
"""


def test_a_corefile_that_ended_coredns_is_mended(capfd, tmp_path):
    file = tmp_path / "refused.yaml"
    refused = RENAMED.replace(
        "kubernetes cluster.local\n",
        "kubernetes cluster.local {\n            except a\n        }\n",
    )
    file.write_text(refused + NOT_READY)
    status, out, _ = run(capfd, "explain", "api", "-n", "shop", "--from", "web", "-f", str(file))
    lines = out.split("\n")
    fixed = next((each for each in lines if each.startswith("fix: ")), "")
    assert (status, lines[0], fixed) == (
        0,
        (
            "api should get no answer in pod shop/web: Service kube-system/kube-dns has no ready pod, "
            "so that nothing answers DNS: CoreDNS refuses line 5 of kube-system/coredns "
            "(plugin/kubernetes: unknown property 'except')"
        ),
        (
            "fix: Take `except` out of `kubernetes` in the Corefile; the name then resolves to "
            "10.96.0.7 (Service shop/api)"
        ),
    )


@pytest.mark.parametrize(
    ("name", "policy", "fixed"),
    [
        pytest.param(
            "api",
            "ClusterFirst",
            "Set dnsPolicy ClusterFirstWithHostNet on Pod shop/web; the name then "
            "resolves to 10.96.0.7 (Service shop/api, unless the node's hosts file has the name)",
            id="a name of the cluster",
        ),
        pytest.param(
            "apii",
            "ClusterFirstWithHostNet",
            "Ask api; it then resolves to 10.96.0.7 (Service shop/api, unless the node's hosts "
            "file has the name)",
            id="a slip, in a pod that has the cluster's DNS",
        ),
        pytest.param(
            "api",
            "ClusterFirst, dnsConfig: {nameservers: [10.96.0.10]}",
            "Set dnsPolicy ClusterFirstWithHostNet on Pod shop/web; the name then "
            "resolves to 10.96.0.7 (Service shop/api, unless the node's hosts file has the name)",
            id="the cluster's nameserver behind the node's",
        ),
        pytest.param("db.example.com", "ClusterFirst", "", id="a name of the outside"),
    ],
)
def test_a_fix_for_a_pod_with_the_nodes_hosts_file_says_what_it_takes_for_granted(
    capfd, tmp_path, name, policy, fixed
):
    spec = f"spec: {{hostNetwork: true, dnsPolicy: {policy}, containers:"
    file = tmp_path / "on_node.yaml"
    file.write_text(RENAMED.replace("spec: {containers:", spec, 1))
    status, out, _ = run(capfd, "explain", name, "-n", "shop", "--from", "web", "-f", str(file))
    first = next((each for each in out.split("\n") if each.startswith("fix: ")), "")
    assert (status, first.removeprefix("fix: ")) == (0, fixed)


WRITTEN_EARLY = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  initContainers:
  - {name: early, image: i, command: [sh, -c, 'COMMAND']}
  containers: [{name: main, image: example.org/app}]
"""


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        pytest.param(
            'echo "192.0.2.9 db.corp.example" >> /etc/hosts',
            "init container early writes it into /etc/hosts, which the kubelet writes anew for "
            "each container",
            id="an entry of an init container",
        ),
        pytest.param('echo "192.0.2.9 web.corp.example" >> /etc/hosts', "", id="another name"),
        pytest.param("ping 192.0.2.9 db.corp.example", "", id="a command that writes nothing"),
    ],
)
def test_what_an_init_container_writes_into_the_hosts_file_is_gone(capfd, tmp_path, command, cause):
    file = tmp_path / "early.yaml"
    file.write_text(WRITTEN_EARLY.replace("COMMAND", command))
    where = ("-n", "shop", "--from", "web", "-f", str(file))
    status, out, _ = run(capfd, "explain", "db.corp.example", *where)
    fixed = "fix: Add db.corp.example to the hostAliases of Pod shop/web; the name then resolves"
    assert status == 0
    assert (cause in out.split("\n")[0], fixed in out) == (True, bool(cause))


DENIED = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: main, image: example.org/app}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: 10.96.7.7, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress], egress: [EGRESS]}
"""


@pytest.mark.parametrize(
    ("egress", "is_warned"),
    [
        pytest.param("", True, id="nothing is allowed"),
        pytest.param("{ports: [{port: 443, protocol: TCP}]}", True, id="another port is"),
        pytest.param("{ports: [{port: 53, protocol: UDP}]}", False, id="DNS is"),
        pytest.param("{}", False, id="everything is"),
        pytest.param("{to: [{podSelector: {}}]}", True, id="pods of the namespace alone are"),
        pytest.param(
            "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]}",
            False,
            id="the pods of DNS are, by the label that kubeadm gives them",
        ),
        pytest.param(
            "{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}", False, id="addresses are: not known of whom"
        ),
    ],
)
def test_a_policy_of_the_manifests_that_denies_dns_is_told(capfd, tmp_path, egress, is_warned):
    file = tmp_path / "denied.yaml"
    file.write_text(DENIED.replace("EGRESS", egress))
    status, out, _ = run(capfd, "explain", "api", "-n", "shop", "--from", "web", "-f", str(file))
    said = "NetworkPolicy shop/deny selects the pod and allows no egress to port 53: where policies"
    assert (status, said in out) == (0, is_warned)


SERVED = """\
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Pod
metadata: {name: coredns-0, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec:
  containers:
  - name: coredns
    image: example.org/coredns:1.12.1
    args: [-conf, /etc/coredns/Corefile]
    volumeMounts: [{name: config, mountPath: /etc/coredns}]
  volumes: [{name: config, configMap: {name: coredns}}]
STATUS
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data: {Corefile: ".:53 {\\n kubernetes cluster.local\\n}\\n"}
"""
RUNS = 'status: {phase: Running, podIPs: [{ip: 10.244.0.2}], conditions: [{type: Ready, status: "True"}]}'
ON_NODE = """\
---
apiVersion: v1
kind: ConfigMap
metadata: {name: node-local-dns, namespace: kube-system}
data: {Corefile: "cluster.local:53 {\\n bind 10.96.0.10\\n forward . 10.96.0.10\\n}\\n"}
"""
OF_PODS = "{to: [{ipBlock: {cidr: 10.244.0.0/16}}]}"
OF_SERVICE = "{to: [{ipBlock: {cidr: 10.96.0.10/32}}]}"
FOUND_IT = (
    "api should resolve to 10.96.7.7 in pod shop/web because that is the cluster IP of Service "
)
FOUND_IT += "shop/api (asked as api.shop.svc.cluster.local)"
MAY = "; NetworkPolicy shop/deny may keep it from DNS"
KEPT = (
    "api should get no answer in pod shop/web where NetworkPolicies are enforced: shop/deny allows "
)
KEPT += "no egress to DNS"


@pytest.mark.parametrize(
    ("more", "egress", "first", "opened"),
    [
        pytest.param(RUNS, OF_PODS, FOUND_IT, "", id="the pods'"),
        pytest.param("", OF_PODS, FOUND_IT + MAY, "", id="the pods', which have none yet"),
        pytest.param(RUNS, OF_SERVICE, FOUND_IT + MAY, "", id="the Service's, before translation"),
        pytest.param(ON_NODE, OF_SERVICE, FOUND_IT, "", id="the cache's own"),
        pytest.param(
            ON_NODE,
            "{to: [{namespaceSelector: {}}]}",
            FOUND_IT + MAY,
            "",
            id="all pods, of which the cache is on the node",
        ),
        pytest.param(
            ON_NODE,
            "{to: [{podSelector: {}}]}",
            KEPT,
            "cidr: 10.96.0.10/32",
            id="other pods, with the cache on the node",
        ),
        pytest.param(RUNS, "{to: [{podSelector: {}}]}", KEPT, "k8s-app: kube-dns", id="other pods"),
    ],
)
def test_which_addresses_a_policy_allows_is_held_against_what_answers(
    capfd, tmp_path, more, egress, first, opened
):
    file = tmp_path / "addresses.yaml"
    status, cache = ("", more) if more == ON_NODE else (more, "")
    served = SERVED.replace("STATUS", status)
    file.write_text(DENIED.replace("EGRESS", egress) + served + cache)
    _, out, _ = run(capfd, "explain", "api", "-n", "shop", "--from", "web", "-f", str(file))
    fixes = out.partition("fix: ")[2]
    assert (out.split("\n")[0], opened in fixes, bool(fixes)) == (first, True, bool(opened))


CAPTURED = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - {name: main, image: example.org/app}
  - {name: istio-proxy, image: example.org/proxy, env: [{name: ISTIO_META_DNS_CAPTURE, value: "VALUE"}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: 10.96.7.7, ports: [{port: 80}]}
"""
GONE = "no Service gone in namespace shop"


@pytest.mark.parametrize(
    ("value", "container", "name", "first"),
    [
        pytest.param(
            "true",
            "main",
            "gone",
            "what gone resolves to in pod shop/web is not known: what the proxy in container "
            f"istio-proxy answers of its own (ISTIO_META_DNS_CAPTURE); {GONE}",
            id="what objects do not have",
        ),
        pytest.param(
            "true",
            "main",
            "www.example.org",
            "what www.example.org resolves to in pod shop/web is not known: what the proxy in "
            "container istio-proxy answers of its own (ISTIO_META_DNS_CAPTURE)",
            id="a name of the outside",
        ),
        pytest.param(
            "true",
            "main",
            "api",
            "api should resolve to 10.96.7.7 in pod shop/web because that is the cluster IP of "
            "Service shop/api (asked as api.shop.svc.cluster.local)",
            id="left alone: a Service",
        ),
        pytest.param(
            "false",
            "main",
            "gone",
            f"gone should not resolve in pod shop/web unless DNS outside the cluster has it: {GONE}",
            id="left alone: a proxy that leaves DNS",
        ),
        pytest.param(
            "true",
            "istio-proxy",
            "gone",
            f"gone should not resolve in pod shop/web unless DNS outside the cluster has it: {GONE}",
            id="left alone: the proxy itself",
        ),
    ],
)
def test_what_a_proxy_in_the_pod_may_have_is_not_said_to_be_missing(
    capfd, tmp_path, value, container, name, first
):
    file = tmp_path / "captured.yaml"
    file.write_text(CAPTURED.replace("VALUE", value))
    asked = ("explain", name, "-n", "shop", "--from", "web", "-c", container)
    _, out, _ = run(capfd, *asked, "-f", str(file))
    assert out.split("\n")[0] == first


LOST = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db-headless
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: main, image: example.org/db}]}
"""


def test_an_address_that_nobody_has_given_is_no_name_to_ask(capfd, tmp_path):
    file = tmp_path / "lost.yaml"
    file.write_text(LOST)
    asked = ("explain", "db-1", "-n", "shop", "--from", "sts/db", "-o", "json")
    status, out, _ = run(capfd, *asked, "-f", str(file))
    assert (status, "198-18" in out) == (0, False)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("localhost", "its hosts file was not read whole", id="what it surely has"),
        pytest.param("gone", "no Service gone in namespace default", id="left alone: a Service"),
    ],
)
def test_of_a_nodes_file_that_nobody_read_nothing_is_claimed(capfd, tmp_path, name, said):
    file = tmp_path / "x.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
        "spec: {hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet,"
        " containers: [{name: a, image: b}]}\n"
    )
    _, out, _ = run(capfd, "explain", name, "--from", "web", "-f", str(file))
    assert out.splitlines()[0] == (
        f"what {name} resolves to in pod default/web is not known: {said}"
    )


MISLABELLED = """\
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, selector: {app: bd}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db}}
spec: {containers: [{name: main, image: example.org/app}]}
"""


@pytest.mark.parametrize(
    ("flags", "kubectl"),
    [
        ([], "kubectl"),
        (["-n", "shop"], "kubectl"),
        (["--context", "prod", "--token", "secret"], "kubectl --context prod"),
    ],
)
def test_a_fix_is_for_the_cluster_of_the_command_line(capfd, tmp_path, flags, kubectl):
    file = tmp_path / "db.yaml"
    file.write_text(MISLABELLED)
    status, out, _ = run(capfd, "explain", "db", "-f", str(file), *flags)
    assert status == 0
    assert f"\n     {kubectl} patch service db -n shop " in out


@pytest.mark.parametrize(
    ("verb", "command", "formats"),
    [
        (["explain", "db"], "patch service db -n shop", ("table", "wide", "json", "yaml")),
        (
            ["check"],
            "get pods -n shop",
            ("table", "wide", "json", "yaml", "html", "junit", "sarif"),
        ),
    ],
)
def test_what_is_pasted_is_for_that_cluster_in_every_format(
    capfd, tmp_path, verb, command, formats
):
    file = tmp_path / "db.yaml"
    file.write_text(MISLABELLED)
    for output in formats:
        _, out, _ = run(capfd, *verb, "-f", str(file), "--context", "prod", "-o", output)
        assert f"kubectl --context prod {command} " in " ".join(out.split())
        assert f"kubectl {command}" not in out
