"""The control plane on paper: what the API server fills in, slices, mirrors, and changes."""

from __future__ import annotations

import copy
import json

import pytest
import yaml

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.control_plane import (
    MAX_PREDICTED,
    Placeholders,
    follow,
    identity,
    mirrored_slices,
    slices_for,
    stored_service,
)
from kubectl_hosts.model.objects import parse_service

KINDS = {"service": "v1", "pod": "v1", "endpoints": "v1"}


def objects(text):
    """Objects of namespace shop from YAML documents."""
    made = [each for each in yaml.safe_load_all(text) if each]
    for each in made:
        each["metadata"].setdefault("namespace", "shop")
    return made


def of(made, kind, namespace="shop"):
    return [
        each
        for each in made.objects
        if each["kind"] == kind and each["metadata"].get("namespace", namespace) == namespace
    ]


def words(made, address):
    return made.placeholders.get(address, address)


def addresses(made, service):
    """(hostname, words for the address, ready) of each endpoint of a Service, by family."""
    return {
        each["addressType"]: [
            (
                endpoint.get("hostname", ""),
                words(made, endpoint["addresses"][0]),
                endpoint["conditions"]["ready"],
            )
            for endpoint in each["endpoints"]
        ]
        for each in of(made, "EndpointSlice")
        if each["metadata"]["labels"]["kubernetes.io/service-name"] == service
    }


SERVICE = """
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}%s}
"""
STATEFUL_SET = """
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main}]}}
"""


# What the API server fills in.


@pytest.mark.parametrize(
    ("spec", "families", "stored"),
    [
        pytest.param(
            {"selector": {"a": "b"}},
            ["IPv4"],
            ("ClusterIP", ["IPv4"], "SingleStack", ["the cluster IP that Service shop/s will get"]),
            id="one cluster IP of the cluster's family",
        ),
        pytest.param(
            {"selector": {"a": "b"}},
            ["IPv6", "IPv4"],
            (
                "ClusterIP",
                ["IPv6"],
                "SingleStack",
                ["the IPv6 cluster IP that Service shop/s will get"],
            ),
            id="the cluster's first family is the default",
        ),
        pytest.param(
            {"selector": {"a": "b"}, "ipFamilyPolicy": "PreferDualStack"},
            ["IPv4"],
            (
                "ClusterIP",
                ["IPv4"],
                "PreferDualStack",
                ["the cluster IP that Service shop/s will get"],
            ),
            id="two families are preferred where there is one",
        ),
        pytest.param(
            {"selector": {"a": "b"}, "ipFamilyPolicy": "PreferDualStack"},
            ["IPv4", "IPv6"],
            (
                "ClusterIP",
                ["IPv4", "IPv6"],
                "PreferDualStack",
                [
                    "the cluster IP that Service shop/s will get",
                    "the IPv6 cluster IP that Service shop/s will get",
                ],
            ),
            id="two families are preferred where there are two",
        ),
        pytest.param(
            {"clusterIP": "None", "selector": {"a": "b"}},
            ["IPv4", "IPv6"],
            ("ClusterIP", ["IPv4"], "SingleStack", ["None"]),
            id="headless",
        ),
        pytest.param(
            {"clusterIP": "None"},
            ["IPv4"],
            ("ClusterIP", ["IPv4", "IPv6"], "RequireDualStack", ["None"]),
            id="headless without selector has both families on every cluster",
        ),
        pytest.param(
            {"clusterIP": "10.96.7.7", "selector": {"a": "b"}},
            ["IPv4"],
            ("ClusterIP", ["IPv4"], "SingleStack", ["10.96.7.7"]),
            id="a cluster IP that is asked for",
        ),
        pytest.param(
            {"clusterIP": "fd00::7", "selector": {"a": "b"}},
            ["IPv4", "IPv6"],
            ("ClusterIP", ["IPv6"], "SingleStack", ["fd00::7"]),
            id="the family of a cluster IP that is asked for",
        ),
        pytest.param(
            {"clusterIP": "", "type": "LoadBalancer"},
            ["IPv4"],
            (
                "LoadBalancer",
                ["IPv4"],
                "SingleStack",
                ["the cluster IP that Service shop/s will get"],
            ),
            id="an empty cluster IP is none",
        ),
        pytest.param(
            {"type": "ExternalName", "externalName": "example.org", "clusterIP": ""},
            ["IPv4"],
            ("ExternalName", None, None, []),
            id="left alone: an ExternalName has no address",
        ),
    ],
)
def test_a_service_gets_type_families_and_cluster_ips(spec, families, stored):
    placeholders = Placeholders([])
    obj = {"kind": "Service", "metadata": {"name": "s", "namespace": "shop"}, "spec": spec}
    found = stored_service(obj, families, placeholders)["spec"]
    ips = [placeholders.words.get(each, each) for each in found.get("clusterIPs", [])]
    assert (found["type"], found.get("ipFamilies"), found.get("ipFamilyPolicy"), ips) == stored
    assert found.get("clusterIP", "") == next(iter(found.get("clusterIPs", [])), "")


@pytest.mark.parametrize(
    ("port", "stored"),
    [
        pytest.param(
            {"port": 80},
            {"port": 80, "protocol": "TCP", "targetPort": 80},
            id="protocol and targetPort",
        ),
        pytest.param(
            {"port": 80, "targetPort": 0},
            {"port": 80, "protocol": "TCP", "targetPort": 80},
            id="0 is no targetPort",
        ),
        pytest.param(
            {"port": 53, "protocol": "UDP", "targetPort": "dns", "name": "d"},
            {"port": 53, "protocol": "UDP", "targetPort": "dns", "name": "d"},
            id="left alone: what is given",
        ),
    ],
)
def test_a_port_of_a_service_gets_its_defaults(port, stored):
    obj = {
        "kind": "Service",
        "metadata": {"name": "s", "namespace": "shop"},
        "spec": {"ports": [port]},
    }
    assert stored_service(obj, ["IPv4"], Placeholders([]))["spec"]["ports"] == [stored]


def test_every_cluster_has_its_namespaces_and_service_kubernetes():
    made = follow(objects(SERVICE % ""))
    assert sorted(each["metadata"]["name"] for each in of(made, "Namespace")) == [
        "default",
        "kube-node-lease",
        "kube-public",
        "kube-system",
        "shop",
    ]
    (service,) = of(made, "Service", "default")
    (endpoints,) = of(made, "EndpointSlice", "default")
    assert words(made, service["spec"]["clusterIP"]) == (
        "the cluster IP that Service default/kubernetes will get"
    )
    assert words(made, endpoints["endpoints"][0]["addresses"][0]) == "the IP of kube-apiserver"


def test_a_namespace_has_its_name_as_a_label():
    (given,) = objects("{kind: Namespace, metadata: {name: shop, labels: {team: a}}}")
    found = {each["metadata"]["name"]: each for each in of(follow([given]), "Namespace")}
    assert found["shop"]["metadata"]["labels"] == {
        "team": "a",
        "kubernetes.io/metadata.name": "shop",
    }


@pytest.mark.parametrize(
    ("text", "families"),
    [
        pytest.param("{kind: Node, metadata: {name: n}}", ["IPv4"], id="nothing shows a family"),
        pytest.param(
            "{kind: Node, metadata: {name: n}, spec: {podCIDRs: [10.0.0.0/24, 'fd00::/64']}}",
            ["IPv4", "IPv6"],
            id="ranges of a node",
        ),
        pytest.param(
            "{kind: Node, metadata: {name: n}, status: {addresses: "
            "[{type: InternalIP, address: 'fd00::1'}, {type: ExternalIP, address: 192.0.2.1}]}}",
            ["IPv6"],
            id="internal IPs of a node without ranges",
        ),
        pytest.param(
            "{kind: Service, metadata: {name: s}, spec: {ipFamilyPolicy: RequireDualStack}}",
            ["IPv4", "IPv6"],
            id="a Service that requires two",
        ),
        pytest.param(
            "{kind: Service, metadata: {name: s}, spec: {ipFamilyPolicy: PreferDualStack}}",
            ["IPv4"],
            id="left alone: a Service that prefers two",
        ),
        pytest.param(
            "{kind: Service, metadata: {name: s}, spec: {clusterIP: None, ipFamilies: [IPv4, IPv6]}}",
            ["IPv4"],
            id="left alone: a headless Service without selector",
        ),
        pytest.param(
            "{kind: Pod, metadata: {name: p}, status: {podIPs: [{ip: 'fd00::2'}]}}",
            ["IPv6"],
            id="the IP of a live pod",
        ),
    ],
)
def test_the_families_of_the_cluster_are_those_that_its_objects_show(text, families):
    pod = objects("{kind: Pod, metadata: {name: new}}")
    made = follow([*objects(text), *pod])
    (found,) = [each for each in of(made, "Pod") if each["metadata"]["name"] == "new"]
    assert [
        "IPv6" if ":" in each["ip"] else "IPv4" for each in found["status"]["podIPs"]
    ] == families


# Placeholders.


def test_a_placeholder_is_the_same_for_the_same_object_whatever_else_there_is():
    alone, among = Placeholders([]), Placeholders([])
    for n in range(2000):
        among.address(f"pod shop/other-{n}", "IPv4")
    assert alone.address("pod shop/web-0", "IPv4") == among.address("pod shop/web-0", "IPv4")
    assert len(among.words) == 2001


def test_no_two_objects_share_a_placeholder_and_none_takes_an_address_that_is_there():
    free = Placeholders([])
    first = free.address("pod shop/web-0", "IPv4")
    taken = Placeholders([first])
    assert taken.address("pod shop/web-0", "IPv4") != first
    assert first.startswith("198.1")
    assert free.address("pod shop/web-0", "IPv6").startswith("2001:db8::")


# Pods.


def test_a_pod_that_nobody_runs_yet_is_taken_for_ready_with_an_ip_to_come():
    made = follow(objects("{kind: Pod, metadata: {name: web}}"))
    (pod,) = of(made, "Pod")
    assert pod["spec"] == {"dnsPolicy": "ClusterFirst"}
    assert words(made, pod["status"]["podIP"]) == "the IP that pod shop/web will get"
    assert pod["status"] == {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "podIP": pod["status"]["podIP"],
        "podIPs": [{"ip": pod["status"]["podIP"]}],
    }


LIVE = """
kind: Pod
metadata: {name: web, labels: {app: db}}
status: {phase: Pending}
"""


def test_a_pod_with_a_status_is_taken_as_it_is():
    made = follow(objects(f"{SERVICE % ''}---{LIVE}"))
    assert of(made, "Pod")[0]["status"] == {"phase": "Pending"}
    assert addresses(made, "db") == {"IPv4": []}


@pytest.mark.parametrize(
    ("nodes", "found"),
    [
        pytest.param("", ["the IP of the node of pod shop/web"], id="a node that is not known"),
        pytest.param(
            "{kind: Node, metadata: {name: n1}, status: {addresses: "
            "[{type: InternalIP, address: 172.16.0.1}]}}",
            ["172.16.0.1"],
            id="the only node",
        ),
        pytest.param(
            "{kind: Node, metadata: {name: n0}, status: {addresses: "
            "[{type: InternalIP, address: 172.16.0.1}]}}\n---\n"
            "{kind: Node, metadata: {name: n1}, status: {addresses: "
            "[{type: InternalIP, address: 172.16.0.2}]}}",
            ["172.16.0.2"],
            id="the node that the spec names",
        ),
    ],
)
def test_a_pod_on_the_hosts_network_has_the_addresses_of_its_node(nodes, found):
    name = "nodeName: n1, " if "n0" in nodes else ""
    pod = f"{{kind: Pod, metadata: {{name: web}}, spec: {{{name}hostNetwork: true}}}}"
    made = follow(objects(f"{pod}\n---\n{nodes}"))
    (web,) = of(made, "Pod")
    assert [words(made, each["ip"]) for each in web["status"]["podIPs"]] == found


# EndpointSlices.


def test_a_stateful_set_gives_each_pod_its_host_name_and_address():
    made = follow(objects(f"{SERVICE % ''}---{STATEFUL_SET}"))
    assert addresses(made, "db") == {
        "IPv4": [
            ("db-0", "the IP that pod shop/db-0 will get", True),
            ("db-1", "the IP that pod shop/db-1 will get", True),
        ]
    }


DEPLOYMENT = """
kind: Deployment
metadata: {name: web}
spec:
  replicas: %s
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main}]}}
"""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(DEPLOYMENT % 3, 3, id="each replica has an address"),
        pytest.param(DEPLOYMENT % 0, 0, id="no replica, no endpoint"),
        pytest.param(DEPLOYMENT % 10**9, MAX_PREDICTED, id="a huge number is cut"),
        pytest.param(
            "{kind: Job, metadata: {name: j}, spec: {parallelism: 2, completions: 5, "
            "template: {metadata: {labels: {app: db}}}}}",
            2,
            id="a Job runs so many at once",
        ),
        pytest.param(
            "{kind: Job, metadata: {name: j}, spec: {suspend: true, "
            "template: {metadata: {labels: {app: db}}}}}",
            0,
            id="a suspended Job",
        ),
        pytest.param(
            "{kind: Job, metadata: {name: j}, spec: {completionMode: Indexed, parallelism: 2, "
            "completions: 5, template: {metadata: {labels: {app: db}}}}}",
            2,
            id="an Indexed Job starts with the first",
        ),
        pytest.param(
            "{kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: "
            "{template: {metadata: {labels: {app: db}}}}}}}",
            0,
            id="a CronJob runs at its times only",
        ),
        pytest.param(
            f"{{kind: StatefulSet, metadata: {{name: {'x' * 53}}}, spec: "
            "{template: {metadata: {labels: {app: db}}}}}",
            0,
            id="a StatefulSet whose pods the API server refuses",
        ),
    ],
)
def test_there_are_as_many_endpoints_as_pods_that_run_at_once(text, count):
    made = follow(objects(f"{SERVICE % ''}---\n{text}"))
    found = [
        endpoint["addresses"][0]
        for each in of(made, "EndpointSlice")
        for endpoint in each["endpoints"]
    ]
    assert (len(found), len(set(found))) == (count, count)
    assert all(len(each["endpoints"]) <= 100 for each in of(made, "EndpointSlice"))


def test_interchangeable_pods_are_counted_in_words():
    made = follow(objects(f"{SERVICE % ''}---{DEPLOYMENT % 2}"))
    (found,) = addresses(made, "db").values()
    assert [said for _, said, _ in found] == [
        "the IP that pod 1 of 2 of Deployment shop/web will get",
        "the IP that pod 2 of 2 of Deployment shop/web will get",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "{kind: Pod, metadata: {name: p}}",
            ["the IP that pod shop/p will get"],
            id="a name that is known",
        ),
        pytest.param(
            DEPLOYMENT % 1, ["the IP that the pod of Deployment shop/web will get"], id="one pod"
        ),
        pytest.param(
            "{kind: Job, metadata: {name: j}, spec: {completionMode: Indexed, parallelism: 2, "
            "completions: 2, template: {}}}",
            [
                "the IP that the pod of index 0 of Job shop/j will get",
                "the IP that the pod of index 1 of Job shop/j will get",
            ],
            id="an index",
        ),
        pytest.param(
            "{kind: DaemonSet, metadata: {name: d}, spec: {template: {spec: {hostNetwork: true}}}}",
            ["the IP of the node of the pod of DaemonSet shop/d"],
            id="a node that is not known",
        ),
    ],
)
def test_a_pod_is_called_by_its_name_or_its_workload(text, said):
    made = follow(objects(text))
    assert [words(made, pod["status"]["podIP"]) for pod in of(made, "Pod")] == said


PODS = objects("""
kind: Pod
metadata: {name: a, uid: u-a, labels: {app: db}}
spec:
  hostname: a
  subdomain: db
  nodeName: n1
  initContainers:
  - {name: init, ports: [{name: setup, containerPort: 1}]}
  - {name: side, restartPolicy: Always, ports: [{name: mesh, containerPort: 15000}]}
  containers: [{name: main, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}]
status:
  phase: Running
  conditions: [{type: Ready, status: "True"}]
  podIPs: [{ip: 10.0.0.1}, {ip: "fd00:0::1"}]
""")


def service(**spec):
    return {
        "kind": "Service",
        "metadata": {"name": "db", "namespace": "shop", "uid": "u-db", "labels": {"team": "x"}},
        "spec": {"selector": {"app": "db"}, "clusterIP": "10.96.0.1", "ipFamilies": ["IPv4"]}
        | spec,
    }


def test_a_slice_is_the_controllers_whole():
    nodes = {"n1": {"metadata": {"labels": {"topology.kubernetes.io/zone": "z1"}}}}
    ports = [{"name": "web", "port": 80, "protocol": "TCP", "targetPort": "http"}]
    (made,) = slices_for(service(ports=ports), PODS, nodes=nodes)
    assert made == {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "db-xxxxx",
            "namespace": "shop",
            "labels": {
                "team": "x",
                "kubernetes.io/service-name": "db",
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            },
            "annotations": {"kubectl-hosts/predicted": "predicted for db"},
            "ownerReferences": [
                {
                    "apiVersion": "v1",
                    "kind": "Service",
                    "name": "db",
                    "uid": "u-db",
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "addressType": "IPv4",
        "ports": [{"name": "web", "protocol": "TCP", "port": 8080}],
        "endpoints": [
            {
                "addresses": ["10.0.0.1"],
                "conditions": {"ready": True, "serving": True, "terminating": False},
                "targetRef": {"kind": "Pod", "namespace": "shop", "name": "a", "uid": "u-a"},
                "hostname": "a",
                "nodeName": "n1",
                "zone": "z1",
            }
        ],
    }


def changed(pod, **parts):
    """PODS[0] with other fields of spec, status or metadata."""
    made = copy.deepcopy(pod)
    for part, fields in parts.items():
        made[part] = {**made[part], **fields}
    return made


@pytest.mark.parametrize(
    ("pod", "spec", "conditions"),
    [
        pytest.param({}, {}, (True, True, False), id="ready"),
        pytest.param({"status": {"conditions": []}}, {}, (False, False, False), id="not ready"),
        pytest.param(
            {"status": {"conditions": []}},
            {"publishNotReadyAddresses": True},
            (True, False, False),
            id="not ready, and published",
        ),
        pytest.param(
            {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
            {},
            (False, True, True),
            id="terminating",
        ),
        pytest.param(
            {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
            {"publishNotReadyAddresses": True},
            (True, True, True),
            id="terminating, and published",
        ),
        pytest.param({"status": {"phase": "Succeeded"}}, {}, None, id="ended"),
        pytest.param(
            {"status": {"phase": "Failed"}}, {"publishNotReadyAddresses": True}, None, id="failed"
        ),
        pytest.param({"status": {"podIPs": []}}, {}, None, id="without an IP"),
        pytest.param({"metadata": {"namespace": "other"}}, {}, None, id="of another namespace"),
        pytest.param({"metadata": {"labels": {"app": "x"}}}, {}, None, id="not selected"),
        pytest.param({}, {"ipFamilies": ["IPv6"]}, (True, True, False), id="of the other family"),
    ],
)
def test_an_endpoint_has_the_conditions_of_its_pod(pod, spec, conditions):
    (made,) = slices_for(service(**spec), [changed(PODS[0], **pod)])
    found = [tuple(each["conditions"].values()) for each in made["endpoints"]]
    assert found == ([conditions] if conditions else [])


def test_the_annotation_that_published_endpoints_has_no_effect_on_slices():
    old = service()
    old["metadata"]["annotations"] = {
        "service.alpha.kubernetes.io/tolerate-unready-endpoints": "true"
    }
    (made,) = slices_for(old, [changed(PODS[0], status={"conditions": []})])
    assert made["endpoints"][0]["conditions"]["ready"] is False
    assert parse_service(old).publishes_not_ready is False


@pytest.mark.parametrize(
    ("fields", "hostname"),
    [
        pytest.param({}, "a", id="hostname, and the Service as subdomain"),
        pytest.param({"subdomain": "other"}, "", id="another subdomain"),
        pytest.param({"subdomain": ""}, "", id="no subdomain"),
        pytest.param({"hostname": ""}, "", id="no hostname"),
    ],
)
def test_an_endpoint_has_a_host_name_where_the_subdomain_is_the_service(fields, hostname):
    (made,) = slices_for(service(), [changed(PODS[0], spec=fields)])
    assert made["endpoints"][0].get("hostname", "") == hostname


@pytest.mark.parametrize(
    ("port", "found"),
    [
        pytest.param({"port": 80, "targetPort": "http"}, [("", "TCP", 8080)], id="by name"),
        pytest.param({"port": 80, "targetPort": 9}, [("", "TCP", 9)], id="by number"),
        pytest.param({"port": 80}, [("", "TCP", 80)], id="the same"),
        pytest.param(
            {"port": 80, "targetPort": "mesh"}, [("", "TCP", 15000)], id="a sidecar's port"
        ),
        pytest.param(
            {"port": 53, "targetPort": "dns", "protocol": "UDP"}, [("", "UDP", 53)], id="UDP"
        ),
        pytest.param({"port": 53, "targetPort": "dns"}, [], id="the name has another protocol"),
        pytest.param({"port": 80, "targetPort": "nope"}, [], id="no such name"),
        pytest.param({"port": 80, "targetPort": "setup"}, [], id="an init container's port"),
    ],
)
def test_a_slice_has_the_ports_that_its_pods_have(port, found):
    (made,) = slices_for(service(ports=[port]), PODS)
    assert [(each["name"], each["protocol"], each["port"]) for each in made["ports"]] == found
    assert len(made["endpoints"]) == 1


def test_pods_with_other_ports_are_in_a_slice_of_their_own():
    other = changed(PODS[0], metadata={"name": "b"}, spec={"containers": []})
    made = slices_for(service(ports=[{"port": 80, "targetPort": "http"}]), [*PODS, other])
    assert [(len(each["ports"]), each["endpoints"][0]["targetRef"]["name"]) for each in made] == [
        (1, "a"),
        (0, "b"),
    ]
    assert [each["metadata"]["name"] for each in made] == ["db-xxxxx", "db-xxxx2"]


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        pytest.param({"ipFamilies": ["IPv4"]}, [("IPv4", ["10.0.0.1"])], id="one family"),
        pytest.param(
            {"ipFamilies": ["IPv6", "IPv4"]},
            [("IPv6", ["fd00::1"]), ("IPv4", ["10.0.0.1"])],
            id="two families",
        ),
        pytest.param(
            {"ipFamilies": [], "clusterIP": "None"},
            [("IPv4", ["10.0.0.1"]), ("IPv6", ["fd00::1"])],
            id="headless, and no family said",
        ),
        pytest.param(
            {"ipFamilies": [], "clusterIP": "fd00::99"},
            [("IPv6", ["fd00::1"])],
            id="the family of the cluster IP",
        ),
    ],
)
def test_each_family_has_a_slice(spec, found):
    made = slices_for(service(**spec), PODS)
    assert [
        (each["addressType"], [ip for end in each["endpoints"] for ip in end["addresses"]])
        for each in made
    ] == found


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"selector": None}, id="no selector"),
        pytest.param({"selector": {}}, id="an empty selector"),
        pytest.param({"type": "ExternalName"}, id="an ExternalName, selector or not"),
    ],
)
def test_services_that_the_controller_leaves_alone(spec):
    stale = {"kind": "EndpointSlice", "metadata": {"name": "db-abcde"}}
    assert slices_for(service(**spec), PODS) == ()
    assert slices_for(service(**spec), PODS, existing=[stale]) == (stale,)


def test_slices_that_are_there_keep_their_names():
    there = [
        {"metadata": {"name": "db-six"}, "addressType": "IPv6"},
        {"metadata": {"name": "db-four"}, "addressType": "IPv4"},
    ]
    made = slices_for(service(ipFamilies=["IPv4", "IPv6"]), PODS, existing=there)
    assert [(each["addressType"], each["metadata"]["name"]) for each in made] == [
        ("IPv4", "db-four"),
        ("IPv6", "db-six"),
    ]


def test_a_slice_that_no_service_owns_is_left_alone():
    (given,) = objects(
        "{kind: EndpointSlice, metadata: {name: mine}, addressType: IPv4, ports: [{port: 80}], "
        "endpoints: [{addresses: [192.0.2.1]}]}"
    )
    (found,) = of(follow([given]), "EndpointSlice")
    assert found == {**given, "ports": [{"port": 80, "name": "", "protocol": "TCP"}]}


# Slices mirrored from Endpoints.


def endpoints(text, **metadata):
    return {
        "kind": "Endpoints",
        "metadata": {"name": "ext", "namespace": "shop"} | metadata,
        "subsets": yaml.safe_load(text),
    }


EXT = {"kind": "Service", "metadata": {"name": "ext", "namespace": "shop"}, "spec": {}}
ONE = "[{addresses: [{ip: 192.0.2.1}], ports: [{port: 80}]}]"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(ONE, [("IPv4", [80], [("192.0.2.1", True, "")])], id="one address"),
        pytest.param(
            "[{addresses: [{ip: 192.0.2.1, hostname: a}], notReadyAddresses: [{ip: 192.0.2.2}]}]",
            [("IPv4", [], [("192.0.2.1", True, "a"), ("192.0.2.2", False, "")])],
            id="without ports, one not ready",
        ),
        pytest.param(
            "[{addresses: [{ip: 192.0.2.1}, {ip: 2001:db8:0::1}], ports: [{port: 80}]}]",
            [
                ("IPv4", [80], [("192.0.2.1", True, "")]),
                ("IPv6", [80], [("2001:db8::1", True, "")]),
            ],
            id="a slice a family, addresses in their short form",
        ),
        pytest.param(
            "[{addresses: [{ip: 192.0.2.1}], ports: [{port: 80}]},"
            " {addresses: [{ip: 192.0.2.1}], ports: [{port: 81}]}]",
            [("IPv4", [80, 81], [("192.0.2.1", True, "")])],
            id="ports of the same addresses are one subset",
        ),
        pytest.param(
            "[{addresses: [{ip: 192.0.2.1}], ports: [{port: 80}]},"
            " {addresses: [{ip: 192.0.2.2}], ports: [{port: 80}]}]",
            [("IPv4", [80], [("192.0.2.1", True, ""), ("192.0.2.2", True, "")])],
            id="addresses of the same port are one subset",
        ),
        pytest.param(
            "[{addresses: [{ip: 192.0.2.1}], notReadyAddresses: [{ip: 192.0.2.1}]}]",
            [("IPv4", [], [("192.0.2.1", False, "")])],
            id="not ready trumps ready",
        ),
        pytest.param(
            "[{addresses: [{ip: 192.000.002.001}], ports: [{port: 80}]}]",
            [("IPv4", [80], [("192.0.2.1", True, "")])],
            id="leading zeros are decimal",
        ),
        pytest.param("[{addresses: [{ip: nope}]}]", [], id="left out: what is no address"),
        pytest.param("[]", [], id="no subset, no slice"),
    ],
)
def test_endpoints_are_mirrored(text, found):
    made = mirrored_slices(endpoints(text), EXT)
    assert [
        (
            each["addressType"],
            sorted(port["port"] for port in each["ports"]),
            [
                (end["addresses"][0], end["conditions"]["ready"], end.get("hostname", ""))
                for end in each["endpoints"]
            ],
        )
        for each in made
    ] == found


def test_a_mirrored_slice_has_the_labels_of_the_endpoints():
    (made,) = mirrored_slices(endpoints(ONE, labels={"team": "x"}), EXT)
    assert made["metadata"]["labels"] == {
        "team": "x",
        "kubernetes.io/service-name": "ext",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }


@pytest.mark.parametrize(
    ("metadata", "of"),
    [
        pytest.param({}, None, id="no Service"),
        pytest.param({}, {**EXT, "spec": {"selector": {"a": "b"}}}, id="a Service with a selector"),
        pytest.param(
            {"labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}}, EXT, id="skip-mirror"
        ),
        pytest.param(
            {"annotations": {"control-plane.alpha.kubernetes.io/leader": "{}"}},
            EXT,
            id="the lock of a leader",
        ),
    ],
)
def test_endpoints_that_are_not_mirrored(metadata, of):
    assert mirrored_slices(endpoints(ONE, **metadata), of) == ()


# What is there already, and changes.


def live(made):
    """The objects of MADE as a live cluster has them: real IPs, and nothing is called predicted."""
    text = json.dumps(list(made.objects)).replace("kubectl-hosts/predicted", "example.org/note")
    for count, address in enumerate(made.placeholders, 1):
        text = text.replace(f'"{address}"', f'"10.244.0.{count}"')
    return json.loads(text)


CLUSTER = live(follow(objects(f"{SERVICE % ''}---{STATEFUL_SET}")))


def patched(cluster, kind, name, path, value):
    """The cluster with one field of one object at another value; None takes it out."""
    # By way of text: a predicted ReplicaSet and its Deployment share the template.
    made = json.loads(json.dumps(cluster))
    (target,) = [each for each in made if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    *parents, last = path.split(".")
    for part in parents:
        target = target.setdefault(part, {})
    target.pop(last, None)
    if value is not None:
        target[last] = value
    return made


def test_an_export_of_a_live_cluster_stays_as_it_is():
    made = follow(CLUSTER)
    assert {identity(each): each for each in made.objects} == {
        identity(each): each for each in CLUSTER
    }


def test_without_a_change_nothing_is_made():
    made = follow(CLUSTER, before=CLUSTER)
    assert [identity(each) for each in made.objects] == [identity(each) for each in CLUSTER]
    assert list(made.objects) == CLUSTER
    assert made.placeholders == {}


ONE_REPLICA = ("StatefulSet", "db", "spec.replicas", 1)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(
            ("StatefulSet", "db", "spec.serviceName", "other"),
            [("", "the IP that pod shop/db-0 will get", True)],
            id="serviceName: host names go, addresses are to come",
        ),
        pytest.param(("StatefulSet", "db", "spec.replicas", 0), [], id="fewer replicas"),
        pytest.param(
            ("StatefulSet", "db", "spec.template.spec.dnsPolicy", "Default"),
            [("db-0", "the IP that pod shop/db-0 will get", True)],
            id="the template",
        ),
        pytest.param(
            ("Service", "db", "spec.selector", {"app": "nope"}), [], id="another selector"
        ),
        pytest.param(
            ("Pod", "db-0", "status.conditions", []),
            [("db-0", "today's", False)],
            id="a pod that is not ready any more",
        ),
        pytest.param(
            ("Pod", "db-0", "metadata.labels", {}),
            [],
            id="a pod that is not selected any more",
        ),
        pytest.param(
            ("StatefulSet", "db", "metadata.labels", {"team": "x"}),
            [("db-0", "today's", True)],
            id="left alone: what no pod is made of",
        ),
    ],
)
def test_a_change_is_followed(change, found):
    before = list(follow(patched(CLUSTER, *ONE_REPLICA), before=CLUSTER).objects)
    (address,) = [each["status"]["podIP"] for each in before if each["kind"] == "Pod"]
    made = follow(patched(before, *change), before=before)
    assert addresses(made, "db") == {
        "IPv4": [
            (hostname, said.replace("today's", address), ready) for hostname, said, ready in found
        ]
    }


def test_pods_that_are_added_are_predicted():
    made = follow(patched(CLUSTER, "StatefulSet", "db", "spec.replicas", 3), before=CLUSTER)
    assert addresses(made, "db")["IPv4"][2] == ("db-2", "the IP that pod shop/db-2 will get", True)
    assert list(made.placeholders.values()) == ["the IP that pod shop/db-2 will get"]


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        pytest.param({"type": "RollingUpdate"}, ["to come", "to come"], id="RollingUpdate"),
        pytest.param({"type": "OnDelete"}, ["today's", "today's"], id="OnDelete waits"),
        pytest.param(
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
            ["today's", "to come"],
            id="ordinals below the partition wait",
        ),
    ],
)
def test_a_template_reaches_the_pods_that_its_strategy_replaces(strategy, said):
    before = patched(CLUSTER, "StatefulSet", "db", "spec.updateStrategy", strategy)
    after = patched(before, "StatefulSet", "db", "spec.template.spec.dnsPolicy", "Default")
    made = follow(after, before=before)
    pods = of(made, "Pod")
    assert [each["spec"]["dnsPolicy"] for each in pods] == [
        "Default" if each == "to come" else "ClusterFirst" for each in said
    ]
    found = [said for _, said, _ in addresses(made, "db")["IPv4"]]
    assert ["to come" if "will get" in each else "today's" for each in found] == said


def test_what_admission_put_into_a_pod_outlives_a_rollout():
    before = patched(
        CLUSTER,
        "Pod",
        "db-0",
        "spec.containers",
        [{"name": "main", "image": "x"}, {"name": "injected"}],
    )
    after = patched(
        before,
        "StatefulSet",
        "db",
        "spec.template.spec",
        {"containers": [{"name": "main", "tty": True}], "hostAliases": [{"ip": "192.0.2.9"}]},
    )
    pod = next(each for each in of(follow(after, before=before), "Pod"))
    assert pod["spec"]["containers"] == [
        {"name": "main", "image": "x", "tty": True},
        {"name": "injected"},
    ]
    assert pod["spec"]["hostAliases"] == [{"ip": "192.0.2.9"}]
    assert pod["spec"]["hostname"] == "db-0"


def test_what_is_deleted_takes_with_it_what_was_made_of_it():
    rest = [each for each in CLUSTER if each["kind"] not in {"StatefulSet", "Service"}]
    made = follow(rest, before=CLUSTER)
    assert [each["kind"] for each in made.objects if each["kind"] in {"Pod", "EndpointSlice"}] == [
        "EndpointSlice"  # Service kubernetes has one that no controller manages
    ]


def test_a_new_service_gets_a_cluster_ip_and_slices():
    new = objects("{kind: Service, metadata: {name: front}, spec: {selector: {app: db}}}")
    made = follow([*CLUSTER, *new], before=CLUSTER)
    (front,) = [each for each in of(made, "Service") if each["metadata"]["name"] == "front"]
    assert words(made, front["spec"]["clusterIP"]) == (
        "the cluster IP that Service shop/front will get"
    )
    assert [ready for _, _, ready in addresses(made, "front")["IPv4"]] == [True, True]
    assert [said for _, said, _ in addresses(made, "front")["IPv4"]] == [
        each["status"]["podIP"] for each in of(made, "Pod")
    ]


def chained(text, *change):
    """What a change does to a cluster of which there are only manifests."""
    base = follow(objects(text))
    after = patched(list(base.objects), *change)
    return base, follow(after, before=base.objects, placeholders=base.placeholders)


def said_by(made, service):
    return sorted(said for _, said, _ in addresses(made, service)["IPv4"])


def test_a_change_of_manifests_keeps_each_replica_and_its_placeholder():
    base, made = chained(
        f"{SERVICE % ''}---{DEPLOYMENT % 3}",
        *("Service", "db", "spec.publishNotReadyAddresses", True),
    )
    assert said_by(made, "db") == [
        f"the IP that pod {n} of 3 of Deployment shop/web will get" for n in (1, 2, 3)
    ]
    assert addresses(made, "db") == addresses(base, "db")
    assert made.placeholders == base.placeholders


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            ("Deployment", "web", "spec.replicas", 2),
            [f"the IP that pod {n} of 2 of Deployment shop/web will get" for n in (1, 2)],
            id="other replicas",
        ),
        pytest.param(
            ("Deployment", "web", "spec.template.spec.dnsPolicy", "Default"),
            [f"the IP that pod {n} of 3 of Deployment shop/web will get" for n in (1, 2, 3)],
            id="another template",
        ),
        pytest.param(("Deployment", "web", "spec.template.metadata.labels", {}), [], id="labels"),
    ],
)
def test_pods_that_nobody_runs_yet_are_predicted_anew(change, said):
    _, made = chained(f"{SERVICE % ''}---{DEPLOYMENT % 3}", *change)
    assert said_by(made, "db") == said
    assert len(of(made, "Pod")) == 1


def test_a_pod_that_leaves_the_network_of_its_node_gets_another_address():
    given = objects("{kind: Pod, metadata: {name: web}, spec: {hostNetwork: true}}")
    given[0]["status"] = {
        "phase": "Running",
        "podIPs": [{"ip": "172.16.0.1"}],
        "podIP": "172.16.0.1",
    }
    after = copy.deepcopy(given)
    after[0]["spec"] = {}
    after[0]["metadata"]["annotations"] = {"kubectl-hosts/predicted": "a change"}
    made = follow(after, before=given)
    assert words(made, of(made, "Pod")[0]["status"]["podIP"]) == "the IP that pod shop/web will get"


def test_two_workloads_of_one_name_have_pods_of_their_own():
    template = "template: {metadata: {labels: {app: db}}}"
    made = follow(
        objects(
            f"{{kind: DaemonSet, metadata: {{name: web}}, spec: {{{template}}}}}\n---\n"
            f"{{kind: ReplicaSet, metadata: {{name: web}}, spec: {{{template}}}}}"
        )
    )
    assert sorted(each["metadata"]["name"] for each in of(made, "Pod")) == [
        "web-xxxx2",
        "web-xxxxx",
    ]


def test_a_workload_of_no_replicas_has_no_pod_and_no_endpoint():
    made = follow(objects(f"{SERVICE % ''}---{DEPLOYMENT % 0}"))
    assert (of(made, "Pod"), addresses(made, "db")) == ([], {"IPv4": []})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{kind: Service, metadata: {name: s}, spec: {selector: [a]}}", id="selector"),
        pytest.param("{kind: Service, metadata: {name: s}, spec: {ports: 80}}", id="ports"),
        pytest.param("{kind: Pod, metadata: {name: p, labels: {a: 1}}}", id="a label"),
        pytest.param("{kind: Deployment, metadata: {name: d}, spec: {replicas: x}}", id="replicas"),
    ],
)
def test_a_field_of_the_wrong_type_is_bad_input(text):
    with pytest.raises(BadInput):
        follow(objects(text))
