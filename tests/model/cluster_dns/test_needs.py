"""Which reads a question of the CoreDNS model asks for, and what it makes of each answer."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.cluster_dns.needs import (
    UpstreamAsk,
    ask_upstream,
    config_map_named,
    namespace_named,
    nodes_at,
    objects_of,
    pods_at,
    pods_in,
    service_import_named,
    service_named,
    services_at,
    services_called,
    services_with_external_ip,
    slices_at,
    slices_of,
)
from kubectl_hosts.model.dns import NoReply, Question, Rcode, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.objects import Service
from kubectl_hosts.model.reads import Found, Objects, answered
from kubectl_hosts.model.selectors import select

FORBIDDEN = CouldNotLook(what="objects", why="forbidden")


def made(kind, name, namespace="shop", **body):
    return {"kind": kind, "metadata": {"namespace": namespace, "name": name}, **body}


def sliced(name, namespace, *addresses, service="db"):
    obj = made("EndpointSlice", name, namespace, endpoints=[{"addresses": list(addresses)}])
    obj["metadata"]["labels"] = {"kubernetes.io/service-name": service}
    return obj


OBJECTS = [
    made("Namespace", "shop", ""),
    made(
        "Service",
        "db",
        spec={"clusterIPs": ["10.96.0.7", "fd00::7"], "externalIPs": ["192.0.2.7", "2001:db8::7"]},
    ),
    made("Service", "db", "bank", spec={"clusterIP": "10.96.0.8"}),
    made("ServiceImport", "db", spec={"type": "Headless"}),
    made("ConfigMap", "settings", data={"a": "b"}),
    made("Pod", "db-0", status={"podIP": "10.1.0.9"}),
    made("Pod", "db-1", "bank", status={"podIPs": [{"ip": "10.1.0.8"}, {"ip": "fd00:1::8"}]}),
    sliced("db-a", "shop", "10.1.0.9"),
    sliced("db-b", "bank", "10.1.0.9", "10.1.0.7"),
    made(
        "Node", "node-1", "", status={"addresses": [{"type": "InternalIP", "address": "fd00::1"}]}
    ),
]
PLAIN = Objects("Service", fields="spec.clusterIP=fd00::7")


def run(asking, full=(), refused=(), objects=OBJECTS, unserved=()):
    """(reads in their order, what is made of them); FULL are kinds whose page ends too early.

    Of UNSERVED kinds the API server says what it says of those that it has no resource for: none.
    """
    reads = []

    def tell(read):
        reads.append(read)
        if read.kind in refused:
            return FORBIDDEN
        if read.kind in unserved:
            return Found()
        return select(read, objects)._replace(complete=read.kind not in full)

    found = answered(asking, tell)
    if isinstance(found, CouldNotLook):
        return reads, found
    return reads, [f"{getattr(each, 'namespace', '')}/{each.name}" for each in found]


@pytest.mark.parametrize(
    ("asking", "reads", "names"),
    [
        pytest.param(
            lambda: service_named("shop", "db"),
            [Objects("Service", "shop", "db")],
            ["shop/db"],
            id="a Service",
        ),
        pytest.param(
            lambda: service_named("shop", "x"), [Objects("Service", "shop", "x")], [], id="none"
        ),
        pytest.param(
            lambda: service_import_named("shop", "db"),
            [Objects("ServiceImport", "shop", "db")],
            ["shop/db"],
            id="a ServiceImport",
        ),
        pytest.param(
            lambda: namespace_named("shop"),
            [Objects("Namespace", name="shop")],
            ["/shop"],
            id="a Namespace",
        ),
        pytest.param(
            lambda: config_map_named("shop", "settings"),
            [Objects("ConfigMap", "shop", "settings")],
            ["shop/settings"],
            id="a ConfigMap",
        ),
        pytest.param(
            lambda: pods_in("bank"),
            [Objects("Pod", "bank")],
            ["bank/db-1"],
            id="a namespace's pods",
        ),
        pytest.param(
            lambda: pods_at("10.1.0.8"),
            [Objects("Pod", fields="status.podIP=10.1.0.8")],
            ["bank/db-1"],
            id="a pod by its first address",
        ),
        pytest.param(
            lambda: pods_at("10.1.0.8", "shop"),
            [Objects("Pod", "shop", fields="status.podIP=10.1.0.8")],
            [],
            id="not that of another namespace",
        ),
        pytest.param(
            lambda: services_called("db"),
            [Objects("Service", fields="metadata.name=db")],
            ["shop/db", "bank/db"],
            id="Services of a name",
        ),
        pytest.param(
            lambda: slices_of("shop", "db"),
            [Objects("EndpointSlice", "shop", labels="kubernetes.io/service-name=db")],
            ["shop/db-a"],
            id="slices of a Service",
        ),
        pytest.param(
            lambda: slices_of("shop", "db", multicluster=True),
            [Objects("EndpointSlice", "shop", labels="multicluster.kubernetes.io/service-name=db")],
            [],
            id="slices of a ServiceImport have another label",
        ),
        pytest.param(
            lambda: services_at("10.96.0.7"),
            [Objects("Service", fields="spec.clusterIP=10.96.0.7")],
            ["shop/db"],
            id="a cluster IP",
        ),
        pytest.param(
            lambda: services_at("10.9.9.9"),
            [Objects("Service", fields="spec.clusterIP=10.9.9.9")],
            [],
            id="an IPv4 address that no Service has",
        ),
        pytest.param(
            lambda: services_at("fd00::7"),
            [PLAIN, Objects("IPAddress", name="fd00::7"), Objects("Service", "shop", "db")],
            ["shop/db"],
            id="the second family, by its IPAddress",
        ),
        pytest.param(
            lambda: services_with_external_ip("2001:DB8:0::7"),
            [Objects("Service")],
            ["shop/db"],
            id="an external IP, however it is written",
        ),
        pytest.param(
            lambda: slices_at("10.1.0.9"),
            [
                Objects("Pod", fields="status.podIP=10.1.0.9"),
                Objects("EndpointSlice", "shop"),
            ],
            ["shop/db-a"],
            id="slices with a pod's address, in its namespace",
        ),
        pytest.param(
            lambda: slices_at("10.1.0.7"),
            [Objects("Pod", fields="status.podIP=10.1.0.7"), Objects("EndpointSlice")],
            ["bank/db-b"],
            id="slices with another address, anywhere",
        ),
        pytest.param(
            lambda: nodes_at("fd00:0::1"), [Objects("Node")], ["/node-1"], id="a node's address"
        ),
    ],
)
def test_a_question_reads_and_finds(asking, reads, names):
    assert run(asking()) == (reads, names)


SERVED_SINCE_1_33 = ("IPAddress", "ServiceCIDR")


@pytest.mark.parametrize(
    ("address", "unserved", "then", "names"),
    [
        pytest.param("fd00::7", SERVED_SINCE_1_33, "Service", ["shop/db"], id="not served: listed"),
        pytest.param("fd00:0::7", SERVED_SINCE_1_33, "Service", ["shop/db"], id="as it is written"),
        pytest.param("fd00::9", SERVED_SINCE_1_33, "Service", [], id="not served, nobody has it"),
        pytest.param("fd00::9", (), None, [], id="left alone: served, and nobody has it"),
    ],
)
def test_a_second_cluster_ip_is_found_whether_or_not_ip_addresses_are_served(
    address, unserved, then, names
):
    asked = [
        Objects("Service", fields=f"spec.clusterIP={address}"),
        Objects("IPAddress", name=address),
        Objects("ServiceCIDR"),
        *([Objects(then)] if then else []),
    ]
    objects = [*OBJECTS, made("ServiceCIDR", "kubernetes", "", spec={"cidrs": ["fd00::/112"]})]
    assert run(services_at(address), objects=objects, unserved=unserved) == (asked, names)


@pytest.mark.parametrize(
    ("asking", "kind"),
    [
        pytest.param(lambda: services_with_external_ip("192.0.2.9"), "Service", id="external IPs"),
        pytest.param(lambda: slices_at("10.9.9.9"), "EndpointSlice", id="endpoints"),
        pytest.param(lambda: nodes_at("10.9.9.9"), "Node", id="nodes"),
    ],
)
def test_what_is_not_on_the_only_page_is_not_absent(asking, kind):
    why = "no selector finds them, and only 500 were read"
    assert run(asking(), full=(kind,))[1] == CouldNotLook(what=f"{kind}s", why=why)


@pytest.mark.parametrize(
    ("asking", "kind"),
    [
        pytest.param(lambda: services_with_external_ip("192.0.2.7"), "Service", id="external IPs"),
        pytest.param(lambda: slices_at("10.1.0.7"), "EndpointSlice", id="endpoints"),
        pytest.param(lambda: nodes_at("fd00::1"), "Node", id="nodes"),
    ],
)
def test_what_is_on_the_only_page_is_found(asking, kind):
    assert len(run(asking(), full=(kind,))[1]) == 1


@pytest.mark.parametrize(
    ("asking", "refused"),
    [
        pytest.param(lambda: service_named("shop", "db"), ("Service",), id="one object"),
        pytest.param(lambda: services_at("fd00::7"), ("IPAddress",), id="an IPAddress"),
        pytest.param(lambda: slices_at("10.1.0.9"), ("EndpointSlice",), id="slices"),
    ],
)
def test_what_may_not_be_read_is_not_absent(asking, refused):
    assert run(asking(), refused=refused)[1] == FORBIDDEN


def test_slices_are_looked_for_without_pods_too():
    assert run(slices_at("10.1.0.7"), refused=("Pod",))[1] == ["bank/db-b"]


def test_another_kind_than_was_asked_for_is_a_fault():
    with pytest.raises(TypeError, match="Service was asked for, and Reply was sent"):
        answered(objects_of(Objects("Service"), Service), lambda _: Reply())


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        pytest.param(Reply(rcode=Rcode.NXDOMAIN), Reply(rcode=Rcode.NXDOMAIN), id="a reply"),
        pytest.param(NoReply(), NoReply(), id="silence"),
        pytest.param(
            FORBIDDEN,
            UnknownReply("what 192.0.2.1 answers for a. (forbidden)"),
            id="nobody could ask",
        ),
        pytest.param(
            Found(), UnknownReply("what 192.0.2.1 answers for a. (not asked)"), id="no reply at all"
        ),
    ],
)
def test_an_upstream_is_asked(told, answer):
    ask = UpstreamAsk(question=Question("a.", "A"), servers=("192.0.2.1",), line=3)
    assert answered(ask_upstream(ask), lambda _: told) == answer
