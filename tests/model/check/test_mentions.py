"""Where a workload mentions names: each place of a pod template, and the objects that refer."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.check.hosts_in_text import Exists
from kubectl_hosts.model.check.mentions import Surroundings, mentions_of, mentions_of_data
from kubectl_hosts.model.check.subjects import ServiceReference, references_of
from kubectl_hosts.model.check.workloads import parse_workload

DATA = {
    ("ConfigMap", "conf"): {"cache": "cache:6379", "app.yaml": "db:\n  host: pg\n"},
    ("ConfigMap", "beats"): {"b.yml": "hosts: ['${DB_HOST:other}:${PORT:9200}']\n"},
    ("ConfigMap", "all"): {"QUEUE_ADDR": "mq:5672", "MODE": "fast"},
    ("Secret", "keys"): {"url": "http://vault.sec.svc:8200"},
}
AROUND = Surroundings(
    Exists(lambda name: name in {"redis", "db-0.db"}, own="web"),
    lambda reference: DATA.get((reference.kind, reference.name)),
    {"REDIS_SERVICE_HOST": "10.96.0.7"},
)


def workload(kind="Deployment", volumes=(), **container):
    spec = {"containers": [{"name": "main", **container}], "volumes": list(volumes)}
    template = {"spec": {"template": {"metadata": {}, "spec": spec}}}
    if kind == "Pod":
        template = {"spec": spec}
    if kind == "CronJob":
        template = {"spec": {"jobTemplate": template}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop"},
        **template,
    }


def found(obj, around=AROUND):
    mentions = mentions_of(parse_workload(obj), around)
    return [
        (each.container, each.where, each.text, each.name, each.form.value) for each in mentions
    ]


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        pytest.param(
            {"env": [{"name": "A_ADDR", "value": "a:1"}]},
            [("main", "env A_ADDR", "a:1", "a", "value")],
            id="a variable",
        ),
        pytest.param(
            {
                "env": [
                    {"name": "H", "value": "a.b"},
                    {"name": "A_URL", "value": "http://$(H):80/x"},
                ]
            },
            [("main", "env A_URL", "http://$(H):80/x", "a.b", "value")],
            id="a variable in another",
        ),
        pytest.param(
            {"env": [{"name": "A_URL", "value": "http://$(REDIS_SERVICE_HOST)/"}]},
            [],
            id="a variable that the kubelet sets for a Service is an address",
        ),
        pytest.param(
            {
                "env": [
                    {
                        "name": "NS",
                        "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}},
                    },
                    {"name": "A_HOST", "value": "x.$(NS)"},
                ]
            },
            [("main", "env A_HOST", "x.$(NS)", "x.shop", "value")],
            id="a field of the pod",
        ),
        pytest.param(
            {
                "env": [
                    {
                        "name": "A_ADDR",
                        "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "cache"}},
                    }
                ]
            },
            [("main", "env A_ADDR from configmap conf key cache", "cache:6379", "cache", "value")],
            id="a key of a ConfigMap",
        ),
        pytest.param(
            {"envFrom": [{"configMapRef": {"name": "all"}, "prefix": "P_"}]},
            [
                (
                    "main",
                    "env P_QUEUE_ADDR from configmap all key QUEUE_ADDR",
                    "mq:5672",
                    "mq",
                    "value",
                )
            ],
            id="a whole ConfigMap",
        ),
        pytest.param(
            {"envFrom": [{"configMapRef": {"name": "gone"}}]},
            [],
            id="a ConfigMap that is not there",
        ),
        pytest.param(
            {"args": ["--cache=a:6379", "--join", "redis", "redis"]},
            [
                ("main", "args", "--cache=a:6379", "a", "value"),
                ("main", "args", "redis", "redis", "value"),
            ],
            id="arguments",
        ),
        pytest.param({"args": ["redis"]}, [], id="a lone word may be a subcommand"),
        pytest.param({"command": ["chown", "mysql:1000"]}, [], id="a user and a group"),
        pytest.param(
            {"command": ["sh", "-c", "until nc -z a 80; do sleep 1; done"]},
            [("main", "command", "a", "a", "inside")],
            id="a shell's script",
        ),
        pytest.param(
            {"command": ["nc", "-z", "a", "80"]},
            [("main", "command", "a", "a", "value")],
            id="a program's words",
        ),
        pytest.param(
            {"readinessProbe": {"exec": {"command": ["sh", "-c", "curl http://a/ && true"]}}},
            [("main", "readinessProbe exec", "http://a/", "a", "inside")],
            id="a probe's command",
        ),
        pytest.param(
            {
                "livenessProbe": {"httpGet": {"host": "a.b", "port": 80}},
                "startupProbe": {"tcpSocket": {"host": "10.0.0.1", "port": 80}},
            },
            [("main", "livenessProbe httpGet.host", "a.b", "a.b", "value")],
            id="a probe's host, and an address",
        ),
        pytest.param(
            {"lifecycle": {"preStop": {"exec": {"command": ["run", "--peer=db-0.db:80"]}}}},
            [("main", "lifecycle preStop", "--peer=db-0.db:80", "db-0.db", "value")],
            id="a hook",
        ),
        pytest.param(
            {
                "env": [
                    {"name": "A_ADDR", "valueFrom": {"secretKeyRef": {"name": "no", "key": "x"}}}
                ]
            },
            [],
            id="a Secret that nobody reads",
        ),
    ],
)
def test_places_of_a_container(container, expected):
    for kind in ("Deployment", "Pod", "CronJob"):
        assert found(workload(kind, **container)) == expected


MOUNTED = {"volumeMounts": [{"name": "v", "mountPath": "/etc/x"}]}


@pytest.mark.parametrize(
    ("volume", "container", "expected"),
    [
        pytest.param(
            {"name": "v", "configMap": {"name": "conf"}},
            MOUNTED,
            [
                ("", "configmap conf key cache", "cache:6379", "cache", "value"),
                ("", "configmap conf key app.yaml", "host: pg", "pg", "inside"),
            ],
            id="a ConfigMap",
        ),
        pytest.param(
            {"name": "v", "configMap": {"name": "conf", "items": [{"key": "cache"}]}},
            MOUNTED,
            [("", "configmap conf key cache", "cache:6379", "cache", "value")],
            id="a key of it",
        ),
        pytest.param(
            {"name": "v", "projected": {"sources": [{"secret": {"name": "keys"}}]}},
            MOUNTED,
            [("", "secret keys key url", "http://vault.sec.svc:8200", "vault.sec.svc", "value")],
            id="a projected Secret",
        ),
        pytest.param({"name": "v", "configMap": {"name": "conf"}}, {}, [], id="mounted nowhere"),
        pytest.param(
            {"name": "v", "configMap": {"name": "beats"}},
            {**MOUNTED, "env": [{"name": "DB_HOST", "value": "$(GONE)"}]},
            [],
            id="what a variable hides that nobody knows",
        ),
        pytest.param(
            {"name": "v", "configMap": {"name": "beats"}},
            MOUNTED,
            [
                (
                    "",
                    "configmap beats key b.yml",
                    "hosts: ['${DB_HOST:other}:${PORT:9200}'",
                    "other",
                    "inside",
                )
            ],
            id="a default where there is no variable",
        ),
    ],
)
def test_data_that_pods_mount(volume, container, expected):
    obj = workload(volumes=[volume], **container)
    assert found(obj) == expected
    assert found(obj, AROUND._replace(mounted=False)) == []


@pytest.mark.parametrize(
    ("container", "broken"),
    [
        pytest.param({"env": [{"name": "DB_HOST", "value": "pg\n"}]}, True, id="of a variable"),
        pytest.param(
            {
                "env": [
                    {
                        "name": "DB_HOST",
                        "valueFrom": {"secretKeyRef": {"name": "keys", "key": "pg"}},
                    }
                ]
            },
            True,
            id="of a Secret's key",
        ),
        pytest.param({"env": [{"name": "DB_HOST", "value": "pg"}]}, False, id="none"),
        pytest.param(
            {"env": [{"name": "DB_ADDR", "value": "pg:5432\n"}]}, False, id="behind a port"
        ),
        pytest.param(
            {"env": [{"name": "DB_HOSTS", "value": "pg,redis\n"}]}, False, id="behind several names"
        ),
        pytest.param({"args": ["--db-host=pg\n"]}, False, id="of an argument, which a shell cuts"),
    ],
)
def test_a_line_break_behind_a_name_is_a_part_of_it(container, broken):
    data = {**DATA, ("Secret", "keys"): {"pg": "pg\n"}}
    around = AROUND._replace(data=lambda reference: data.get((reference.kind, reference.name)))
    mentions = mentions_of(parse_workload(workload(**container)), around)
    assert {each.has_break for each in mentions} == {broken}


@pytest.mark.parametrize(
    ("kind", "annotations", "expected"),
    [
        pytest.param(
            "Deployment",
            {"inject/file": '{\n  "db": "host=pg port=5432"\n}\n'},
            [("", "annotation inject/file", "host=pg", "pg", "inside")],
            id="a file that an injector makes",
        ),
        pytest.param(
            "Deployment", {"note": "host=pg", "checksum": "redis"}, [], id="one line is no file"
        ),
    ],
)
def test_annotations_of_pods(kind, annotations, expected):
    obj = workload(kind)
    obj["metadata"]["annotations"] = {"about": "of the\nobject: http://a/"}
    obj["spec"]["template"]["metadata"]["annotations"] = annotations
    assert found(obj) == expected


def test_the_files_of_one_configuration_know_each_others_groups():
    data = {
        "site.conf": "proxy_pass http://app;\nproxy_pass http://other;\n",
        "top.conf": "upstream app {\n  server a:80;\n}\n",
    }
    mentions = mentions_of_data("ConfigMap", "nginx", data, AROUND.exists)
    assert [each.name for each in mentions] == ["other", "a"]


def refers(kind, api_version="v1", name="x", **fields):
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        **fields,
    }


SERVICE = {"service": {"name": "hook", "namespace": "ops"}}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            refers("Service", spec={"type": "ExternalName", "externalName": "db.example.com"}),
            [("spec.externalName", "db.example.com", None)],
            id="an ExternalName",
        ),
        pytest.param(
            refers(
                "Ingress",
                "networking.k8s.io/v1",
                spec={
                    "rules": [
                        {
                            "host": "shop.example",
                            "http": {"paths": [{"backend": {"service": {"name": "web"}}}]},
                        }
                    ]
                },
            ),
            [("spec.rules.http.paths.backend.service.name", "web", ("shop", "web"))],
            id="an Ingress, whose host nobody looks up",
        ),
        pytest.param(
            refers(
                "ValidatingWebhookConfiguration",
                "admissionregistration.k8s.io/v1",
                webhooks=[{"clientConfig": SERVICE}, {"clientConfig": {"url": "https://a.b/"}}],
            ),
            [
                ("webhooks.clientConfig.url", "a.b", None),
                ("webhooks.clientConfig.service.name", "hook.ops.svc", ("ops", "hook")),
            ],
            id="webhooks",
        ),
        pytest.param(
            refers("APIService", "apiregistration.k8s.io/v1", spec=SERVICE),
            [("spec.service.name", "hook.ops.svc", ("ops", "hook"))],
            id="an APIService",
        ),
        pytest.param(
            refers(
                "Thing",
                "example.com/v1",
                spec={"to": [{"name": "a", "namespace": "b", "port": 1}], "u": "http://c/"},
            ),
            [("spec.to.name", "a.b.svc", ("b", "a")), ("spec.u", "c", None)],
            id="a custom resource",
        ),
        pytest.param(
            refers("Thing", "example.com/v1", spec={"ref": {"name": "a", "namespace": "b"}}),
            [],
            id="a reference without a port is to anything",
        ),
        pytest.param(
            refers(
                "Ingress",
                "networking.k8s.io/v1beta1",
                spec={"backend": {"serviceName": "web", "servicePort": 80}},
            ),
            [("spec.backend.serviceName", "web", ("shop", "web"))],
            id="an Ingress of old",
        ),
        pytest.param(
            refers(
                "HTTPRoute",
                "gateway.networking.k8s.io/v1",
                spec={"rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
            ),
            [("spec.rules.backendRefs.name", "web", ("shop", "web"))],
            id="a route of the Gateway API",
        ),
        pytest.param(
            refers(
                "VirtualService",
                "networking.istio.io/v1",
                spec={"http": [{"mirror": {"host": "store"}, "rewrite": {"authority": "gone"}}]},
            ),
            [("spec.http.mirror.host", "store", None)],
            id="Istio's mirror",
        ),
        pytest.param(
            refers(
                "Ingress",
                "networking.k8s.io/v1",
                spec={
                    "rules": [
                        {"backend": {"service": {"name": n, "port": {"name": p}}}}
                        for n, p in (("redirect", "use-annotation"), ("web", "http"))
                    ],
                },
            ),
            [("spec.rules.backend.service.name", "web", ("shop", "web"))],
            id="an action of an Ingress, which is no Service",
        ),
        pytest.param(
            refers(
                "Ingress",
                "networking.k8s.io/v1beta1",
                spec={"backend": {"serviceName": "redirect", "servicePort": "use-annotation"}},
            ),
            [],
            id="an action of an Ingress of old",
        ),
        pytest.param(
            refers(
                "VirtualServer",
                "k8s.nginx.org/v1",
                spec={
                    "upstreams": [{"name": "a", "service": "tea", "port": 80}],
                    "other": [{"service": "gone"}, {"service": "x.y:81", "port": 80}],
                },
            ),
            [
                ("spec.upstreams.service", "tea", ("shop", "tea")),
                ("spec.other.service", "x.y", None),
            ],
            id="a Service and its port",
        ),
        pytest.param(
            refers(
                "Middleware",
                "traefik.io/v1alpha1",
                spec={"errors": {"service": {"name": "redis", "port": 80}}, "a": {"name": "redis"}},
            ),
            [("spec.errors.service.name", "redis", None)],
            id="a Service by its name",
        ),
        pytest.param(
            refers(
                "Canary",
                "flagger.app/v1beta1",
                spec={"service": {"name": "podinfo", "port": 9898}},
            ),
            [],
            id="a Service that an operator makes",
        ),
        pytest.param(
            refers("Route", "v1", spec={"to": {"kind": "Service", "name": "web"}}),
            [("spec.to.name", "web", ("shop", "web"))],
            id="a kind without a group that nothing serves",
        ),
        pytest.param(
            refers(
                "Route",
                "route.openshift.io/v1",
                spec={
                    "to": {"kind": "Service", "name": "web"},
                    "alt": {"kind": "Pod", "name": "x"},
                },
            ),
            [("spec.to.name", "web", ("shop", "web"))],
            id="a kind that is said",
        ),
        pytest.param(
            refers(
                "Trigger",
                "example.com/v1",
                spec={
                    "ref": {"kind": "Service", "apiVersion": "serving.knative.dev/v1", "name": "x"},
                    "ports": [{"name": "http", "port": 80}],
                },
            ),
            [],
            id="a Service of another group, and a port's name",
        ),
        pytest.param(
            refers(
                "Connect",
                "example.com/v1",
                spec={
                    "bootstrapServers": "k-0.k:9092,k-1.k:9092",
                    "image": "redis:7000",
                    "dnsNames": ["a.b.svc"],
                    "mode": "redis",
                    "pod": {"env": [{"name": "CACHE_ADDR", "value": "cache:6379"}]},
                },
            ),
            [
                ("spec.pod.env.value", "cache", None),
                ("spec.bootstrapServers", "k-0.k", None),
                ("spec.bootstrapServers", "k-1.k", None),
            ],
            id="hosts with their ports, and what a certificate is for",
        ),
        pytest.param(
            refers(
                "Engine",
                "example.com/v1",
                spec={
                    "config": "zk.host=db-0.db\nmeta=http://a.b.svc/\n",
                    "about": "see https://example.com\nhost: cache\n",
                },
            ),
            [("spec.config", "db-0.db", None), ("spec.config", "a.b.svc", None)],
            id="a program's configuration: what the cluster has",
        ),
        pytest.param(
            refers(
                "VirtualService",
                "networking.istio.io/v1",
                spec={"http": [{"route": [{"destination": {"host": "nowhere"}}]}], "hosts": ["x"]},
            ),
            [("spec.http.route.destination.host", "nowhere", None)],
            id="where Istio sends to",
        ),
        pytest.param(
            refers(
                "Engine",
                "example.com/v1",
                spec={
                    "parts": [
                        {
                            "podSpec": {
                                "containers": [
                                    {
                                        "name": "a",
                                        "image": "x",
                                        "env": [{"name": "PEER_HOST", "value": "b"}],
                                        "args": ["--scheduler-host=$(PEER_HOST)-0"],
                                    }
                                ]
                            }
                        }
                    ]
                },
            ),
            [
                ("spec.parts.podSpec.containers.env.value", "b", None),
                ("spec.parts.podSpec.containers.args", "b-0", None),
            ],
            id="containers that an operator starts",
        ),
        pytest.param(
            refers(
                "Rollout",
                "example.com/v1",
                spec={
                    "template": {
                        "spec": {"containers": [{"env": [{"name": "U", "value": "http://a/"}]}]}
                    }
                },
            ),
            [],
            id="its own pods, which are read as a workload's",
        ),
        pytest.param(
            refers("Engine", "example.com/v1", spec={"containers": ["a"], "u": "http://b/"}),
            [("spec.u", "b", None)],
            id="containers that are none",
        ),
        pytest.param(
            refers("Plugin", "example.com/v1", config={"endpoint": "http://a:1/"}, status={"u": 1}),
            [("config.endpoint", "a", None)],
            id="settings beside no spec",
        ),
        pytest.param(
            refers(
                "Rules",
                "example.com/v1",
                spec={
                    "rules": [{"annotations": {"runbook_url": "https://a/"}}],
                    "selector": {"matchLabels": {"service": "redis"}},
                    "matchers": [{"name": "instance", "value": "a.b:9100"}],
                    "matches": [{"headers": [{"name": "x-to", "value": "redis"}]}],
                    "match": 'destination.service == "a.b.svc.cluster.local"',
                    "expr": 'up{host="db-0.db"} > 1',
                    "action": {"redirect": {"url": "https://a/"}},
                    "query": 'sum(\n  up{service="redis", host="a.b.svc"}\n)',
                },
                status={"url": "http://b/"},
            ),
            [],
            id="what people are told, what is matched, a query, a redirect, and a status",
        ),
        pytest.param(refers("RoleBinding", "rbac.authorization.k8s.io/v1"), [], id="another kind"),
    ],
)
def test_objects_that_refer(obj, expected):
    found = [
        (each.mention.where, each.mention.name, each.service)
        if isinstance(each, ServiceReference)
        else (each.where, each.name, None)
        for each in references_of(obj, AROUND.exists)
    ]
    assert found == expected
