"""`check -f`: what is found in manifests, exit statuses, what is passed over."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.cli.schemas import schema
from tests.fakes import run

PUBLIC = Path(__file__).parents[1] / "cases" / "public-manifests"
SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop%(annotations)s}
spec:
  replicas: 200
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: example.org/web:1
        env:
        - {name: CACHE_ADDR, value: "%(cache)s:6379"}
        - {name: API, value: "https://api.example.com/v1"}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis, namespace: shop}
spec:
  serviceName: redis
  selector: {matchLabels: {app: redis}}
  template:
    metadata: {labels: {app: redis}}
    spec: {containers: [{name: redis, image: "example.org/redis:7"}]}
---
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: shop}
spec: {clusterIP: None, selector: {app: redis}, ports: [{port: 6379}]}
"""


@pytest.fixture
def shop(tmp_path):
    """A file of manifests in which the cache is called CACHE."""

    def write(cache, annotations=""):
        file = tmp_path / "shop.yaml"
        file.write_text(SHOP % {"cache": cache, "annotations": annotations})
        return str(file)

    return write


def report(capfd, *arguments):
    status, out, err = run(capfd, "check", *arguments, "-o", "json")
    document = json.loads(out)
    Draft202012Validator(schema("check-report")).validate(document)
    return status, document, err


def places(document):
    return {
        (each["workload"], each["where"], each["name"], each["outcome"])
        for each in document["names"]
    }


def test_a_name_that_dangles_is_an_error_with_its_proved_fix(capfd, shop):
    file = shop("redsi")
    status, document, err = report(capfd, "-f", file)
    assert (status, err) == (1, "")
    assert places(document) == {
        ("Deployment/web", "env CACHE_ADDR", "redsi", "nxdomain"),
        ("Deployment/web", "env API", "api.example.com", "outside"),
    }
    (problem,) = document["problems"]
    assert {
        key: problem[key] for key in ("reason", "severity", "object", "namespace", "count")
    } == {
        "reason": "MentionedNameNotFound",
        "severity": "error",
        "object": "Deployment/web",
        "namespace": "shop",
        "count": 200,
    }
    assert problem["fixes"][0]["name"] == "redis"
    (place,) = problem["evidence"]
    assert (place["file"], place["line"]) == (file, 14)


def test_a_clean_result_says_what_was_checked(capfd, shop):
    status, out, err = run(capfd, "check", "-f", shop("redis"))
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == (
        "1 of 2 names in 2 workloads resolves, 1 external and not looked up"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "ignored"),
    [
        pytest.param(["--ignore", "MentionedNameNotFound"], 0, 1, id="a reason"),
        pytest.param(["--ignore", "MentionedNameNotFound=deploy/web"], 0, 1, id="of an object"),
        pytest.param(["--ignore", "MentionedNameNotFound=shop/web"], 0, 1, id="with its namespace"),
        pytest.param(["--ignore", "MentionedNameNotFound=deploy/api"], 1, 0, id="of another"),
        pytest.param(["--ignore", "ReferenceWithoutService"], 1, 0, id="another reason"),
    ],
)
def test_what_the_command_line_ignores(capfd, shop, arguments, status, ignored):
    got, document, _ = report(capfd, "-f", shop("redsi"), *arguments)
    assert (got, len(document["ignored"])) == (status, ignored)


@pytest.mark.parametrize(
    ("annotation", "status", "because"),
    [
        pytest.param("MentionedNameNotFound made by the operator", 0, ["made by the operator"]),
        pytest.param("NoReadyEndpoints it is so", 1, []),
        pytest.param("MentionedNameNotFound", 1, []),
        pytest.param("Nonsense whatever", 1, []),
    ],
)
def test_what_the_annotation_ignores(capfd, shop, annotation, status, because):
    file = shop("redsi", f', annotations: {{"kubectl-hosts/ignore": "{annotation}"}}')
    got, document, _ = report(capfd, "-f", file)
    assert (got, [each["because"] for each in document["ignored"]]) == (status, because)


def test_a_warning_fails_only_where_it_is_asked_to(capfd, shop, tmp_path):
    file = tmp_path / "idle.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: idle, namespace: shop}\n"
        "spec: {selector: {app: idle}, ports: [{port: 80}]}\n"
    )
    arguments = ("-f", shop("redis"), "-f", str(file))
    status, document, _ = report(capfd, *arguments)
    assert (status, [each["reason"] for each in document["problems"]]) == (
        0,
        ["ServiceSelectsNothing"],
    )
    status, _, _ = report(capfd, *arguments, "--fail-on", "warning")
    assert status == 1


def _pods(*readiness):
    return "".join(
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: db-{at}, namespace: shop, labels: {{app: db}}}}\n"
        "spec: {containers: [{name: main, image: example.org/db}]}\n"
        f'status: {{phase: Running, podIPs: [{{ip: 10.1.0.{at}}}], conditions: [{{type: Ready, status: "{ready}"}}]}}\n'
        for at, ready in enumerate(readiness, 1)
    )


@pytest.mark.parametrize(
    ("pods", "found"),
    [
        pytest.param(
            _pods("False"),
            [
                (
                    "its only pod is not ready: connections to its cluster IP fail",
                    "See why: kubectl get pods -n shop -l app=db",
                )
            ],
            id="one",
        ),
        pytest.param(
            _pods("False", "False"),
            [
                (
                    "none of its 2 pods is ready: connections to its cluster IP fail",
                    "See why: kubectl get pods -n shop -l app=db",
                )
            ],
            id="several",
        ),
        pytest.param(
            _pods("True").replace("labels: {app: db}", "labels: {app: web}"),
            [
                (
                    "its selector app=db finds no pod: connections to its cluster IP fail",
                    "Compare it with the labels: kubectl get pods -n shop --show-labels",
                )
            ],
            id="none",
        ),
        pytest.param(_pods("False", "True"), [], id="left alone: one is ready"),
    ],
)
def test_a_service_without_endpoints_says_what_to_look_at(capfd, tmp_path, pods, found):
    file = tmp_path / "db.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\n"
        f"spec: {{selector: {{app: db}}, ports: [{{port: 80}}]}}\n{pods}"
    )
    _, document, _ = report(capfd, "-f", str(file))
    assert [(each["message"], each["hint"]) for each in document["problems"]] == found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(
            "|",
            ["db: not found with the line break behind it (env DB_HOST of app)"],
            id="a block of YAML keeps its line break",
        ),
        pytest.param("|-", [], id="left alone: without it"),
    ],
)
def test_a_line_break_behind_a_name_is_a_warning(capfd, tmp_path, value, said):
    file = tmp_path / "web.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\n"
        "spec: {clusterIP: 10.96.0.9, ports: [{port: 80}]}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n"
        "spec:\n  containers:\n  - name: app\n    image: i\n    env:\n"
        f"    - name: DB_HOST\n      value: {value}\n        db\n"
    )
    status, document, _ = report(capfd, "-f", str(file))
    problems = [each for each in document["problems"] if "line break" in each["message"]]
    assert (status, [each["message"] for each in problems]) == (0, said)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["-f", "nowhere.yaml"], id="no such file"),
        pytest.param(["--ignore", "Nonsense", "-f", "x"], id="no such reason"),
        pytest.param(["web", "-A", "-f", "x"], id="a name and a selection"),
        pytest.param(["-o", "name", "-f", "x"], id="no such format"),
    ],
)
def test_trouble_is_two(capfd, arguments):
    status, out, err = run(capfd, "check", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")


REDSI = "apiVersion: v1\nkind: Service\nmetadata: {name: redsi, namespace: shop}\n"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {defaultBackend: {service: {name: lost, port: {number: 80}}}}
"""


@pytest.mark.parametrize(
    ("changed", "outcomes"),
    [
        pytest.param(
            REDSI + "spec: {selector: {app: redis}, ports: [{port: 6379}]}\n",
            {"redsi": "found", "redis": "found", "lost": "nxdomain"},
            id="a Service is made",
        ),
        pytest.param(
            REDSI.replace("redsi", "redis") + "$patch: delete\n",
            {"redsi": "nxdomain", "redis": "nxdomain", "lost": "nxdomain"},
            id="a Service is deleted",
        ),
        pytest.param(
            INGRESS.replace("name: lost", "name: web"),
            {"redsi": "nxdomain", "redis": "found", "web": "found"},
            id="an Ingress is changed",
        ),
        pytest.param(
            INGRESS + "$patch: delete\n",
            {"redsi": "nxdomain", "redis": "found"},
            id="an Ingress is deleted",
        ),
        pytest.param(
            DEPLOYMENT
            + "spec: {template: {spec: {hostAliases: [{ip: 10.1.2.3, hostnames: [redsi]}]}}}\n",
            {"redsi": "found", "redis": "found", "lost": "nxdomain"},
            id="half a Deployment patches the one that is there",
        ),
        pytest.param(
            REDSI.replace("shop", "bank") + "spec: {ports: [{port: 6379}]}\n",
            {"redsi": "nxdomain", "redis": "found", "lost": "nxdomain"},
            id="left alone: a Service of another namespace",
        ),
    ],
)
def test_with_lays_manifests_over_what_is_there(capfd, shop, tmp_path, changed, outcomes):
    file, laid = tmp_path / "all.yaml", tmp_path / "changed.yaml"
    api = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\n"
        "spec: {type: ExternalName, externalName: redis.shop.svc.cluster.local}\n"
    )
    file.write_text("---\n".join((Path(shop("redsi")).read_text(), api, INGRESS)))
    laid.write_text(changed)
    _, document, _ = report(capfd, "-f", str(file), "--with", str(laid))
    inside = {
        each["name"].removesuffix(".shop.svc.cluster.local"): each["outcome"]
        for each in document["names"]
    }
    del inside["api.example.com"]
    assert inside == outcomes


@pytest.mark.parametrize(
    ("target", "fixes"),
    [
        pytest.param(
            "redis",
            ["Set externalName redis.shop.svc.cluster.local on Service shop/api"],
            id="a target without its domain",
        ),
        pytest.param(
            "redsi.shop.svc.cluster.local",
            ["Set externalName redis.shop.svc.cluster.local on Service shop/api"],
            id="a target that is misspelt",
        ),
        pytest.param("redis.shop.svc.cluster.local", None, id="left alone: one that is there"),
    ],
)
def test_an_alias_is_mended_where_its_target_stands(capfd, shop, tmp_path, target, fixes):
    """To ask another name, as a pod can, mends no externalName: that is never searched for."""
    alias = tmp_path / "alias.yaml"
    alias.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\n"
        f"spec: {{type: ExternalName, externalName: {target}}}\n"
    )
    _, document, _ = report(capfd, "-f", shop("redis"), "-f", str(alias))
    found = [each for each in document["problems"] if each["object"] == "Service/api"]
    assert [[fix["sentence"] for fix in each["fixes"]] for each in found] == (
        [] if fixes is None else [fixes]
    )


def test_with_a_manifest_that_the_api_server_refuses_is_trouble(capfd, shop, tmp_path):
    laid = tmp_path / "changed.yaml"
    laid.write_text(DEPLOYMENT.replace("web", "other"))
    status, out, err = run(capfd, "check", "-f", shop("redsi"), "--with", str(laid))
    assert (status, out) == (2, "")
    assert err == (
        "error: the API server refuses Deployment other\n"
        "hint: kubectl hosts show -f says what is wrong with it.\n"
    )


@pytest.mark.parametrize(
    ("text", "status", "outcomes"),
    [
        pytest.param(
            "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n"
            "spec: {url: http://nowhere/}\n",
            0,
            ["nxdomain"],
            id="a custom resource, whose operator may make the Service",
        ),
        pytest.param(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n"
            "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n",
            1,
            ["nxdomain"],
            id="an Ingress",
        ),
        pytest.param(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n", 0, [], id="nothing"
        ),
    ],
)
def test_a_file_without_a_pod_is_checked_as_well(capfd, tmp_path, text, status, outcomes):
    file = tmp_path / "x.yaml"
    file.write_text(text)
    got, document, err = report(capfd, "-f", str(file))
    assert (got, [each["outcome"] for each in document["names"]], err) == (status, outcomes, "")


POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\n"
    "spec: {{{spec}containers: [{{name: a, image: b, env: [{{name: DB_HOST, value: {name}}}]}}]}}\n"
)
CUSTOM = "---\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n"
KAFKA = {"group": "k.example", "kind": "Kafka", "name": "pay"}
MAKES = "the operator of Kafka/pay may make Service "
INSTALLER = {"group": "helm.toolkit.fluxcd.io", "kind": "HelmRelease", "name": "x"}


@pytest.mark.parametrize(
    ("name", "maker", "said"),
    [
        pytest.param("pay", KAFKA, [f"{MAKES}pay"], id="its own name"),
        pytest.param("pay-boot.default.svc", KAFKA, [f"{MAKES}pay-boot"], id="begun so"),
        pytest.param("rfs-pay", KAFKA, [f"{MAKES}rfs-pay"], id="it ends with its name"),
        pytest.param(
            "prometheus-operated",
            {"group": "monitoring.coreos.com", "kind": "Prometheus", "name": "x"},
            ["the operator of Prometheus/x may make Service prometheus-operated"],
            id="a governing Service",
        ),
        pytest.param("payments", KAFKA, [], id="left alone: another word"),
        pytest.param(
            "pay",
            {"group": "cert-manager.io", "kind": "Issuer", "name": "pay"},
            [],
            id="left alone: it makes none",
        ),
        pytest.param(
            "pay-tea",
            {"group": "k8s.nginx.org", "kind": "VirtualServer", "name": "pay"},
            [],
            id="left alone: a route makes none",
        ),
        pytest.param("pay.ops", KAFKA, [], id="left alone: of another namespace"),
        pytest.param(
            "web.apps.svc",
            INSTALLER,
            ["the operator of HelmRelease/x may make Service web"],
            id="of a namespace that only a chart may fill",
        ),
        pytest.param("web.ops.svc", INSTALLER, [], id="left alone: of a namespace of the files"),
    ],
)
def test_a_service_that_an_operator_may_make_is_not_known(capfd, tmp_path, name, maker, said):
    file = tmp_path / "x.yaml"
    file.write_text(
        POD.format(spec="", name=f"{name}:80")
        + CUSTOM.format(**maker)
        + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ops}\n"
    )
    status, document, _ = report(capfd, "-f", str(file))
    assert status == (0 if said else 1)
    assert [each["outcome"] for each in document["names"]] == ["unknown" if said else "nxdomain"]
    assert [each["why"] for each in document["notChecked"]] == said


DNS_POD = (
    "---\napiVersion: v1\nkind: Pod\n"
    "metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}\n"
    "spec: {containers: [{name: a, image: b}]}\n"
)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("gone.nowhere.svc", "there is no namespace nowhere", id="no namespace"),
        pytest.param("gone.idle.svc", "no Service gone in namespace idle", id="no Service"),
        pytest.param(
            "gone.idle", "no Service gone in namespace idle", id="no Service, by two labels"
        ),
        pytest.param("gone", "no Service gone in namespace default", id="of its own namespace"),
    ],
)
def test_what_nobody_asked_a_server_outside_is_not_said_of_it(capfd, tmp_path, name, said):
    file = tmp_path / "x.yaml"
    idle = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: idle}\n"
    file.write_text(POD.format(spec="", name=name) + idle)
    _, document, _ = report(capfd, "-f", str(file))
    (problem,) = document["problems"]
    assert problem["message"] == f"{name}: not found: {said} (env DB_HOST of a)"


@pytest.mark.parametrize(
    ("name", "more", "outcome"),
    [
        pytest.param("kube-dns.kube-system", "", "unknown", id="nobody read the cluster's DNS"),
        pytest.param(
            "kube-dns.kube-system", DNS_POD, "nxdomain", id="left alone: its pods are there"
        ),
        pytest.param("dns.kube-system", "", "nxdomain", id="left alone: another Service"),
    ],
)
def test_the_service_of_the_clusters_own_dns_is_not_known(capfd, tmp_path, name, more, outcome):
    file = tmp_path / "x.yaml"
    file.write_text(POD.format(spec="", name=f"{name}.svc.cluster.local") + more)
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["outcome"] for each in document["names"]] == [outcome]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        pytest.param("www.example.idle", "outside", id="a domain called like a namespace"),
        pytest.param("db-0.gone.idle", "nxdomain", id="left alone: a pod's name by its ordinal"),
    ],
)
def test_three_labels_that_end_as_a_namespace(capfd, tmp_path, name, outcome):
    file = tmp_path / "x.yaml"
    idle = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: idle}\n"
    file.write_text(POD.format(spec="", name=name) + idle)
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["outcome"] for each in document["names"]] == [outcome]


@pytest.mark.parametrize(
    ("beside", "outcome"),
    [
        pytest.param(
            "b.shop.svc", "nxdomain", id="its namespace is that of a whole name beside it"
        ),
        pytest.param("b.other.svc", "outside", id="left alone: another namespace"),
    ],
)
def test_two_labels_beside_a_whole_name(capfd, tmp_path, beside, outcome):
    file = tmp_path / "x.yaml"
    file.write_text(POD.format(spec="", name=f'"a.shop,{beside}"'))
    _, document, _ = report(capfd, "-f", str(file))
    found = {each["name"]: each["outcome"] for each in document["names"]}
    assert found == {"a.shop": outcome, beside: "nxdomain"}


OWNER = "ownerReferences: [{apiVersion: k.example/v1, kind: Kafka, name: pay, uid: u, controller: true}], "
SET = (
    "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {OWNERname: pay-k}\n"
    "spec: {serviceName: NAME, selector: {matchLabels: {a: b}}, template: {metadata: {labels: "
    "{a: b}}, spec: {containers: [{name: a, image: b, env: [{name: DB_HOST, value: gone}]}]}}}\n"
)


@pytest.mark.parametrize("owner", ["", OWNER])
@pytest.mark.parametrize(
    ("service", "reasons"),
    [
        pytest.param("pay", ["MentionedNameNotFound"], id="whose Service an operator may make"),
        pytest.param(
            "other", ["MentionedNameNotFound", "SubdomainWithoutService"], id="or nobody makes"
        ),
    ],
)
def test_a_manifests_own_object_is_named_whoever_owns_it(capfd, tmp_path, owner, service, reasons):
    file = tmp_path / "x.yaml"
    file.write_text(CUSTOM.format(**KAFKA) + SET.replace("OWNER", owner).replace("NAME", service))
    _, document, _ = report(capfd, "-f", str(file))
    found = [(each["object"], each["reason"]) for each in document["problems"]]
    assert found == [("StatefulSet/pay-k", reason) for reason in reasons]


NODE = "hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet, "


@pytest.mark.parametrize(
    ("spec", "name", "outcome"),
    [
        pytest.param(NODE, "localhost", "found", id="the node's localhost"),
        pytest.param(NODE, "gone", "nxdomain", id="no Service, and none of the node's names"),
        pytest.param(NODE, "kubernetes", "found", id="a Service"),
        pytest.param("", "localhost", "found", id="left alone: the pod's own file"),
        pytest.param("", "db.shop-1:80", "nxdomain", id="no domain ends in a digit"),
        pytest.param("", "db.pay-roll", "nxdomain", id="nor in a word with a hyphen"),
        pytest.param("", "db.xn--p1ai", "outside", id="left alone: an IDNA name does"),
        pytest.param("", "db.example", "outside", id="left alone: letters"),
    ],
)
def test_what_is_assumed_of_nodes_and_of_the_outside(capfd, tmp_path, spec, name, outcome):
    file = tmp_path / "x.yaml"
    file.write_text(POD.format(spec=spec, name=name))
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["outcome"] for each in document["names"]] == [outcome]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("web.bank", ["bank"], id="a namespace that nothing is in"),
        pytest.param("web.default", [], id="left alone: it resolves"),
        pytest.param("gone.bank-1", [], id="left alone: no Service of that name"),
    ],
)
def test_files_that_may_be_meant_for_a_namespace(capfd, tmp_path, name, said):
    file = tmp_path / "x.yaml"
    file.write_text(
        POD.format(spec="", name=f"{name}:5432")
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        "spec: {ports: [{port: 80}], externalName: a.example, type: ExternalName}\n"
    )
    _, out, _ = run(capfd, "check", "-f", str(file))
    assert re.findall(r"-n (\S+) puts them there", out) == said


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("CREATE TABLE pay.web (id int);", [], id="SQL's schema and table"),
        pytest.param("output.web: {}", [], id="a key with a dot"),
        pytest.param("peers of web-0.web", ["web-0.web"], id="a pod by its ordinal"),
        pytest.param("master.web is one", ["master.web"], id="a pod by its hostname"),
        pytest.param("web.default is one", ["web.default"], id="a Service and its namespace"),
    ],
)
def test_a_word_with_a_dot_before_a_service(capfd, tmp_path, text, names):
    file = tmp_path / "x.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        "spec: {clusterIP: None, selector: {app: web}}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: web}}\n"
        "spec: {hostname: master, subdomain: web, containers: [{name: a, image: b}]}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
        f"data: {{text: '{text}'}}\n"
    )
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["name"] for each in document["names"]] == names


@pytest.mark.parametrize(
    ("reads", "names"),
    [
        pytest.param("", ["a.b", "c.d"], id="nobody reads it"),
        pytest.param("key: one", ["a.b", "c.d"], id="the other key stands for itself"),
        pytest.param("volume", ["a.b", "c.d"], id="a volume takes one key"),
    ],
)
def test_a_key_that_no_pod_reads_is_checked_as_well(capfd, tmp_path, reads, names):
    of_key = f"valueFrom: {{configMapKeyRef: {{name: c, {reads}}}}}" if ":" in reads else "value: x"
    items = "items: [{key: two, path: two}]"
    volume = (
        f"volumes: [{{name: v, configMap: {{name: c, {items}}}}}], " if reads == "volume" else ""
    )
    mounts = "volumeMounts: [{name: v, mountPath: /c}], " if reads == "volume" else ""
    file = tmp_path / "x.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
        f"spec: {{{volume}containers: [{{name: a, image: b, {mounts}env: [{{name: E, {of_key}}}]}}]}}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
        "data: {one: 'http://a.b/', two: 'http://c.d/'}\n"
    )
    _, document, _ = report(capfd, "-f", str(file))
    assert sorted(each["name"] for each in document["names"]) == names


def test_a_key_without_a_value_ends_no_run(capfd, tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
        "data: {one: null, two: 'http://c.d/'}\n"
    )
    status, document, err = report(capfd, "-f", str(file))
    assert (status, [each["name"] for each in document["names"]], err) == (0, ["c.d"], "")


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        pytest.param(
            "{metadata: [{name: connectionString, value: 'host=web.default.svc port=5432 a=b'}]}",
            ["web.default.svc"],
            id="a libpq string under value",
        ),
        pytest.param(
            "{metadata: [{name: redisHost, value: 'cache:6379'}]}", ["cache"], id="a named setting"
        ),
        pytest.param(
            "{code: \"connect('host=web port=1')\"}", ["web"], id="a setting in a program"
        ),
        pytest.param(
            "{smtp: {host: mail.example.net, port: 587}}", ["mail.example.net"], id="a port"
        ),
        pytest.param(
            "{backends: [{service: web, weight: 1}]}", ["web"], id="a Service by its name"
        ),
        pytest.param("{target: web}", ["web"], id="a target that is a Service"),
        pytest.param(
            "{config: \"exporters:\\n  oap:\\n    address: 'oap:11800'\\n\"}",
            ["oap"],
            id="a program's",
        ),
        pytest.param("{pmm: {serverHost: monitor}}", ["monitor"], id="the host of a role"),
        pytest.param(
            '{config: "a = b\\nimport.url = https://raw.example.com/x\\n"}',
            ["raw.example.com"],
            id="a URL that is a line's value",
        ),
        pytest.param(
            '{config: "a line\\nand see https://raw.example.com/x for more\\n"}',
            [],
            id="left alone: a URL in prose",
        ),
        pytest.param("{ui: {webHost: monitor}}", [], id="left alone: what it answers to"),
        pytest.param("{smtp: {host: mail.example.net}}", [], id="left alone: who answers to it"),
        pytest.param(
            "{listeners: [{hostname: www.example.net, port: 443}]}", [], id="left alone: a listener"
        ),
        pytest.param("{service: nowhere, target: nowhere}", [], id="left alone: any word"),
        pytest.param(
            "{config: \"see the docs:\\nnote: 'oap:11800'\\n\"}", [], id="left alone: no host's key"
        ),
        pytest.param("{description: 'see the web for more'}", [], id="prose"),
        pytest.param("{build: {image: hub.ops.svc:5000/app:1}}", [], id="an image"),
    ],
)
def test_settings_of_custom_resources(capfd, tmp_path, spec, names):
    file = tmp_path / "x.yaml"
    file.write_text(
        CUSTOM.format(group="k.example", kind="Component", name="x") + f"spec: {spec}\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n"
    )
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["name"] for each in document["names"]] == names


@pytest.mark.parametrize(
    ("owner", "name", "sentences"),
    [
        pytest.param("web", "web-adapter", [], id="more of its own Service's name"),
        pytest.param("other", "web-adapter", ["Ask web.default"], id="left alone: another's"),
        pytest.param("web", "wev", ["Ask web.default"], id="left alone: a slip"),
        pytest.param(
            "web, subdomain: web", "web-peers", ["Ask web.default"], id="left alone: of its peers"
        ),
    ],
)
def test_a_pod_does_not_mean_itself_by_half_a_name(capfd, tmp_path, owner, name, sentences):
    file = tmp_path / "x.yaml"
    label, _, spec = owner.partition(", ")
    file.write_text(
        POD.format(spec=f"{spec}, " if spec else "", name=f"{name}:80").replace(
            "{name: web}", f"{{name: web, labels: {{app: {label}}}}}"
        )
        + "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
        "spec: {selector: {app: web}, ports: [{port: 80}]}\n"
    )
    _, document, _ = report(capfd, "-f", str(file))
    missing = [each for each in document["problems"] if each["reason"] == "MentionedNameNotFound"]
    assert [fix["sentence"] for each in missing for fix in each["fixes"]] == sentences


@pytest.mark.parametrize(
    ("label", "sentences"),
    [
        pytest.param("one", [], id="the Service would have both pods"),
        pytest.param(
            "two", ["Create headless Service default/peer for the pod"], id="left alone: it alone"
        ),
    ],
)
def test_a_service_for_a_pod_has_that_pod_alone(capfd, tmp_path, label, sentences):
    file = tmp_path / "x.yaml"
    peer = "apiVersion: v1\nkind: Pod\nmetadata: {name: peer, labels: {app: LABEL}}\n"
    file.write_text(
        POD.format(spec="", name="peer").replace("{name: web}", "{name: web, labels: {app: one}}")
        + f"---\n{peer.replace('LABEL', label)}spec: {{containers: [{{name: a, image: b}}]}}\n"
    )
    _, document, _ = report(capfd, "-f", str(file))
    fixes = [fix["sentence"] for each in document["problems"] for fix in each["fixes"]]
    assert fixes == sentences


def test_a_name_of_two_containers_is_one_row(capfd, tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(
        POD.format(
            spec="initContainers: [{name: i, image: b, command: [nc, -z, gone, '1']}], ",
            name="gone",
        )
    )
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["message"] for each in document["problems"]] == [
        "gone: not found: no Service gone in namespace default (command of i, and 1 more)"
    ]


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        pytest.param(
            "10.1.0.1, 10.1.0.2, 10.1.0.3",
            ["resolv.conf lacks 10.1.0.3 of dnsConfig"],
            id="one too many beside the cluster's",
        ),
        pytest.param("10.1.0.1, 10.1.0.2", [], id="left alone: three are kept"),
    ],
)
@pytest.mark.parametrize("mentions", ["", "env: [{name: DB_HOST, value: nowhere}]"])
def test_what_the_kubelet_cuts_is_known_on_paper(capfd, tmp_path, servers, said, mentions):
    file = tmp_path / "x.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
        f"  dnsConfig: {{nameservers: [{servers}]}}\n"
        f"  containers:\n  - name: a\n    image: b\n    {mentions}\n"
    )
    _, document, _ = report(capfd, "-f", str(file))
    cut = [each for each in document["problems"] if each["reason"] == "DNSConfigCut"]
    assert [each["message"].partition(":")[0] for each in cut] == said


def test_an_object_that_is_refused_is_named_once(capfd, tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
        "spec: {hostNames: a, containers: [{name: a, image: b}]}\n---\na: [\n"
    )
    _, document, _ = report(capfd, "-f", str(file))
    assert [
        (each["object"], each["message"].partition(":")[0]) for each in document["problems"]
    ] == [
        (f"File/{file}", "cannot be read"),
        ("Pod/web", 'unknown field "spec.hostNames"'),
    ]
    assert document["problems"][1]["namespace"] == "default"


def test_a_file_without_any_object_is_trouble(capfd, tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text("apiVersion: v1\nkind: List\nitems: []\n")
    status, out, err = run(capfd, "check", "-f", str(file))
    assert (status, out) == (2, "")
    assert "an empty list only" in err


def test_one_workload_is_checked_alone(capfd, shop):
    status, document, _ = report(capfd, "sts/redis", "-n", "shop", "-f", shop("redsi"))
    assert (status, document["names"], document["checked"]["workloads"]) == (0, [], 1)


WITHOUT_PODS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: a, env: [{name: CACHE_ADDR, value: "cache:6379"}]}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: a, env: [{name: CACHE_ADDR, value: "cache:6379"}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cache}
spec: {clusterIP: 10.96.1.1, ports: [{port: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: cache.default.svc.cluster.local}
"""


def test_workloads_without_pods_are_counted_and_objects_that_start_none_are_not(capfd, tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(WITHOUT_PODS)
    _, document, _ = report(capfd, "-f", str(file))
    assert {(each["workload"], each["outcome"]) for each in document["names"]} == {
        ("Deployment/web", "found"),
        ("CronJob/nightly", "found"),
        ("Service/alias", "found"),
    }
    counted = {key: document["checked"][key] for key in ("workloads", "pods", "names")}
    assert counted == {"workloads": 2, "pods": 0, "names": 3}


AGENT = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostNetwork: true
      containers: [{name: agent, image: x, env: [{name: API_HOST, value: %s}]}]
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {selector: {app: agent}, ports: [{port: 80}]}
"""


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        pytest.param("api", ["HostNetworkNodeDNS"], id="a Service's name, asked of the node"),
        pytest.param("api.example.com", [], id="an external name"),
    ],
)
def test_a_pod_of_the_host_network_that_asks_for_a_service(capfd, tmp_path, name, reasons):
    file = tmp_path / "agent.yaml"
    file.write_text(AGENT % name)
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["outcome"] for each in document["names"]] == ["unknown"]
    assert [each["reason"] for each in document["problems"]] == reasons


TYPHA = """
apiVersion: v1
kind: Service
metadata: {name: typha}
spec: {ports: [{port: 5473}], selector: {app: node}}
---
apiVersion: v1
kind: Pod
metadata: {name: node, labels: {app: node}}
spec:
  POLICY
  containers:
  - name: node
    image: x
    args: [ARGS]
    env: [{name: KEY, value: "typha"}]
"""


@pytest.mark.parametrize(
    ("policy", "key", "args", "found"),
    [
        pytest.param("hostNetwork: true", "TYPHAK8SSERVICENAME", "", [], id="an object's name"),
        pytest.param("dnsPolicy: Default", "X", "-upstreamsvc, typha", [], id="behind a flag"),
        pytest.param("hostNetwork: true", "X_SVC", "", [], id="an object's name, of a Service"),
        pytest.param("", "X_SVC", "", ["env X_SVC"], id="left alone: it asks the cluster's DNS"),
        pytest.param(
            NODE.rstrip(", ").replace(", ", "\n  "), "X_SVC", "", ["env X_SVC"], id="so does this"
        ),
        pytest.param("hostNetwork: true", "X_HOST", "", ["env X_HOST"], id="left alone: a host"),
        pytest.param("hostNetwork: true", "X_NAME", "--x, typha:80", ["args"], id="a port"),
    ],
)
def test_a_word_that_is_a_service_where_no_service_is_known(
    capfd, tmp_path, policy, key, args, found
):
    file = tmp_path / "node.yaml"
    file.write_text(TYPHA.replace("POLICY", policy).replace("KEY", key).replace("ARGS", args))
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["where"] for each in document["names"]] == found


KUBEADM = """
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver-cp, namespace: kube-system}
spec:
  hostNetwork: true
  containers:
  - name: kube-apiserver
    image: x
    command: [kube-apiserver, "%s=https://kubernetes.default.svc.cluster.local"]
"""


@pytest.mark.parametrize(
    ("flag", "reasons"),
    [
        pytest.param("--service-account-issuer", [], id="what it calls itself"),
        pytest.param("--api-audiences", [], id="whom tokens are meant for"),
        pytest.param("--oidc-issuer-url", ["HostNetworkNodeDNS"], id="left alone: it is asked"),
    ],
)
def test_the_api_server_of_kubeadm(capfd, tmp_path, flag, reasons):
    file = tmp_path / "apiserver.yaml"
    file.write_text(KUBEADM % flag)
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["reason"] for each in document["problems"]] == reasons


PEERS = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka}
spec:
  serviceName: kafka
  selector: {matchLabels: {app: kafka}}
  template:
    metadata: {labels: {app: kafka}}
    spec: {containers: [{name: kafka, image: x, env: [{name: PEER_ADDR, value: "%s"}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: kafka}
spec: {clusterIP: None, selector: {app: kafka}, ports: [{port: 9092}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: nobody, namespace: idle}
"""


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        pytest.param("kafka-0.kafka:9092", "found", id="a pod of the Service"),
        pytest.param("kafka-0.broker:9092", "nxdomain", id="a pod, and no such Service"),
        pytest.param("kafka.bank:9092", "nxdomain", id="a Service, and no such namespace"),
        pytest.param("https://kafka.com", "outside", id="a domain that is called like a Service"),
        pytest.param("other.bank:9092", "outside", id="nothing here is called so"),
        pytest.param("http://other.idle/", "nxdomain", id="a namespace that has no Service"),
        pytest.param("kafka-0.example.com:9092", "outside", id="a name of three labels"),
        pytest.param("zk-0.zk-hs:2181", "nxdomain", id="a pod of a StatefulSet that is not there"),
        pytest.param("zk-0.example:2181", "outside", id="a number, and another second label"),
        pytest.param("dnssrv+_x._tcp.kafka.kafka", "nxdomain", id="a port that it has not"),
    ],
)
def test_what_a_name_of_two_labels_means(capfd, tmp_path, value, outcome):
    file = tmp_path / "peers.yaml"
    file.write_text(PEERS % value)
    _, document, _ = report(capfd, "-f", str(file))
    assert [each["outcome"] for each in document["names"]] == [outcome]


def expected_names():
    for file in sorted(PUBLIC.glob("*.names.json")):
        yield pytest.param(file, id=file.name.partition(".")[0])


@pytest.mark.parametrize("file", list(expected_names()))
def test_public_manifests(capfd, file):
    """Every name of the lists is found, none of what is none is, and every verdict is right."""
    listed = json.loads(file.read_text())
    manifest = file.with_name(file.name.replace(".names.json", ".yaml"))
    _, document, _ = report(capfd, "-f", str(manifest))
    found = {
        (each["workload"], each["namespace"], each["container"], each["where"], each["name"]): (
            each["text"],
            each["form"],
            each["outcome"],
        )
        for each in document["names"]
    }
    verdicts = {True: {"found"}, False: {"nxdomain", "nodata"}, "outside": {"outside"}}
    for each in listed["names"]:
        if each["resolves"] == "unsure":
            continue
        key = tuple(
            each.get(part, "") for part in ("workload", "namespace", "container", "where", "name")
        )
        text, form, outcome = found[key]
        assert (text, form) == (each["text"], each["form"]), key
        assert outcome in verdicts[each["resolves"]], key
    said = {part for each in document["names"] for part in (each["text"], each["name"])}
    assert said.isdisjoint(listed["not_names"])


JOB = Path(__file__).parents[2] / "examples" / "in-cluster" / "check-all.yaml"


def test_the_job_in_the_cluster_checks_everything_and_changes_nothing():
    by_kind = {each["kind"]: each for each in yaml.safe_load_all(JOB.read_text())}
    (container,) = by_kind["Job"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["check", "-A", "-o", "json"]
    for rule in by_kind["ClusterRole"]["rules"]:
        may_create = rule["resources"] == ["pods/exec"]
        assert set(rule["verbs"]) <= {"get", "list"} | ({"create"} if may_create else set())
        assert "secrets" not in rule["resources"]
