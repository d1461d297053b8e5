"""parse.go and endpointHostname on paper, by upstream's tables."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.cluster_dns import query_names
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import (
    KubernetesOptions,
    View,
    endpoint_hostname,
)
from kubectl_hosts.model.cluster_dns.query_names import parse_requested_name
from kubectl_hosts.model.cluster_dns.versions import parse_version, rules_of
from kubectl_hosts.model.objects import Endpoint
from tests.model.cluster_dns.paper_coredns import TABLES

PARSE = TABLES["parse_request"]


def parsed(row):
    return parse_requested_name(
        row["q"],
        PARSE["zone"],
        multicluster=row.get("multicluster", False),
        zonal=row.get("zonal", False),
    )


@pytest.mark.parametrize("row", PARSE["valid"], ids=lambda row: row["q"])
def test_a_name_falls_into_its_parts(row):
    found = parsed(row)
    parts = (found.port, found.protocol, found.endpoint, found.cluster)
    text = ".".join((*parts, found.service, found.namespace, found.kind))
    assert (text, found.topology_zone) == (row["parsed"].lower(), row.get("topology_zone", ""))


@pytest.mark.parametrize("row", PARSE["invalid"], ids=str)
def test_no_record_can_have_another_form(row):
    assert parsed(row) is None


@pytest.mark.parametrize("row", TABLES["endpoint_hostname"]["cases"], ids=str)
def test_an_endpoint_is_named_by_hostname_pod_or_address(row):
    options = KubernetesOptions(line=1, zones=(), endpoint_pod_names=row["endpoint_pod_names"])
    view = View(options=options, rules=rules_of(None), zone="cluster.local.")
    endpoint = Endpoint(addresses=(row["ip"],), hostname=row["hostname"], target=row["pod"])
    assert endpoint_hostname(view, endpoint, row["ip"]) == row["out"]


def test_a_pod_name_of_64_characters_is_no_label():
    options = KubernetesOptions(line=1, zones=(), endpoint_pod_names=True)
    view = View(options=options, rules=rules_of(None), zone="cluster.local.")
    endpoint = Endpoint(addresses=("192.0.2.1",), target="p" * 64)
    assert endpoint_hostname(view, endpoint, "192.0.2.1") == "192-0-2-1"


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        pytest.param("Corp.Example", ("corp.example.",), id="a name"),
        pytest.param("10.0.0.0/8", ("10.in-addr.arpa.",), id="an octet"),
        pytest.param(
            "10.96.0.0/15",
            ("96.10.in-addr.arpa.", "97.10.in-addr.arpa."),
            id="inside an octet: the zones of the next boundary",
        ),
        pytest.param("fd00::/16", ("0.0.d.f.ip6.arpa.",), id="nibbles"),
        pytest.param("0.0.0.0/0", ("in-addr.arpa.",), id="all"),
    ],
)
def test_an_origin_is_a_zone_or_the_reverse_zones_of_a_network(text, zones):
    assert query_names.zones_of(text) == zones


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("4.3.2.1.in-addr.arpa.", "1.2.3.4"),
        (query_names.reverse_name("fd00:10:244::22"), "fd00:10:244::22"),
        ("3.2.1.in-addr.arpa.", ""),
        ("x.4.3.2.1.in-addr.arpa.", ""),
        ("4.3.2.1.example.org.", ""),
        ("10." + query_names.reverse_name("fd00::1"), ""),
    ],
)
def test_only_a_whole_reverse_name_is_an_address(name, address):
    assert query_names.reversed_address(name) == address


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("registry.k8s.io/coredns/coredns:v1.11.1", (1, 11, 1)),
        ("602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1.11.1-eksbuild.4", (1, 11, 1)),
        ("rancher/mirrored-coredns-coredns:1.10.1", (1, 10, 1)),
        ("registry:5000/coredns:1.14", (1, 14, 0)),
        ("quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:1234", None),
        ("coredns:latest", None),
        (f"coredns:v1.{'9' * 5000}", None),
        ("coredns:v1.١٢", None),
        ("registry.example:1.2/coredns", None),
    ],
)
def test_the_release_is_in_the_image_tag(image, version):
    assert parse_version(image) == version
