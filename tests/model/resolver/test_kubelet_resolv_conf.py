"""The kubelet's own tables, `kubelet_resolv_conf` of tests/cases/resolver.json."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.resolver import resolv_conf
from kubectl_hosts.model.resolver.kubelet_resolv_conf import (
    LONGEST_SEARCH_LIST,
    LONGEST_SEARCH_PATH,
    MOST_NAMESERVERS,
    MOST_SEARCH_PATHS,
    BaseFile,
    KubeletDNS,
    NodeResolvConf,
    SettingSource,
    base_file,
    expected_resolv_conf,
    fit_search,
    trace_search,
)

CASES = json.loads((Path(__file__).parents[2] / "cases" / "resolver.json").read_text())[
    "kubelet_resolv_conf"
]


# The file when the kubelet's `resolvConf` is set to "".
NO_NODE_FILE = NodeResolvConf(nameservers=("127.0.0.1",), searches=(".",))


def node_file(text):
    """The values of a resolv.conf with one line of nameservers and one of search domains."""
    values = {line.split()[0]: tuple(line.split()[1:]) for line in text.splitlines()}
    return NodeResolvConf(nameservers=values["nameserver"], searches=values["search"])


def texts(settings):
    return [setting.text for setting in settings]


def make_pod(policy="ClusterFirst", host_network=False, config=None, namespace="testNS"):
    spec = {"dnsPolicy": policy, "hostNetwork": host_network, "dnsConfig": config}
    return parse_pod({"metadata": {"namespace": namespace, "name": "p"}, "spec": spec})


@pytest.mark.parametrize(
    "row",
    [row for row in CASES["search_limits"]["cases"] if row["limits"] == "expanded"],
    ids=lambda row: row["id"],
)
def test_search_limits(row):
    assert list(fit_search(tuple(row["in"]))) == row["out"]


def test_the_limits_are_those_of_the_table():
    table = CASES["search_limits"]
    expected = {"max_paths": MOST_SEARCH_PATHS, "max_line_chars": LONGEST_SEARCH_LIST}
    assert table["expanded"] == expected
    assert table["max_one_path_chars"] == LONGEST_SEARCH_PATH
    assert CASES["nameserver_limits"]["max"] == MOST_NAMESERVERS


@pytest.mark.parametrize("row", CASES["nameserver_limits"]["cases"])
def test_nameserver_limits(row):
    node = NodeResolvConf(nameservers=tuple(row["in"]))
    found = expected_resolv_conf(make_pod("Default"), KubeletDNS(node=node))
    assert texts(found.nameservers) == row["out"]


@pytest.mark.parametrize("row", CASES["merge_options"]["cases"])
def test_options_merge_by_name(row):
    node = NodeResolvConf(options=tuple(row["existing"]))
    pod = make_pod("Default", config={"options": row["dnsConfig.options"]})
    found = expected_resolv_conf(pod, KubeletDNS(node=node))
    assert sorted(texts(found.options)) == sorted(row["out"])


@pytest.mark.parametrize(
    "row", [row for row in CASES["dns_type"] if row["out"] != "error"], ids=str
)
def test_the_policy_decides_what_the_file_starts_from(row):
    pod = make_pod(row["dnsPolicy"], row["hostNetwork"])
    assert base_file(pod, has_cluster_dns=row["clusterDNS"]) is BaseFile(row["out"])


def test_an_unknown_policy_falls_back_to_the_cluster():
    """getPodDNSType reports an error, and GetPodDNS goes on with podDNSCluster."""
    (row,) = [row for row in CASES["dns_type"] if row["out"] == "error"]
    assert base_file(make_pod(row["dnsPolicy"])) is BaseFile.CLUSTER


@pytest.mark.parametrize("row", CASES["pod_dns"]["cases"], ids=lambda row: row["id"])
def test_whole_files(row):
    given_ = CASES["pod_dns"]["given"]
    kubelet = KubeletDNS(
        cluster_dns=tuple(given_["clusterDNS"]),
        cluster_domain=given_["clusterDomain"],
        node=node_file(given_["node_resolv_conf"]),
    )
    pod = make_pod(row["dnsPolicy"], row["hostNetwork"], row["dnsConfig"], given_["namespace"])
    found = expected_resolv_conf(pod, kubelet)
    assert texts(found.nameservers) == row["out"]["servers"]
    assert texts(found.search) == row["out"]["searches"]
    assert sorted(texts(found.options)) == sorted(row["out"]["options"])


@pytest.mark.parametrize("row", CASES["empty_resolv_conf_flag"], ids=lambda row: row["dnsPolicy"])
def test_a_kubelet_without_a_file(row):
    kubelet = KubeletDNS(
        cluster_dns=tuple(row.get("clusterDNS", ["203.0.113.1"])), node=NO_NODE_FILE
    )
    found = expected_resolv_conf(make_pod(row["dnsPolicy"], row["hostNetwork"]), kubelet)
    assert texts(found.nameservers) == row["out"]["servers"]
    first = row["out"].get("first_search") and "testNS.svc.cluster.local"
    assert texts(found.search)[:1] == [first or "."]


def test_an_unknown_node_file_is_said_to_be_missing():
    kubelet = KubeletDNS(cluster_dns=("10.96.0.10",))
    assert expected_resolv_conf(make_pod(), kubelet).needs_node_file
    assert not expected_resolv_conf(make_pod("None"), kubelet).needs_node_file


def test_five_own_entries_after_the_cluster_do_not_fit_into_32():
    pod = make_pod(config={"searches": [f"s{n}.example" for n in range(32)]})
    node = NodeResolvConf(searches=("corp.example", "example.com"))
    found = expected_resolv_conf(pod, KubeletDNS(cluster_dns=("10.96.0.10",), node=node))
    assert texts(found.search)[-1] == "s26.example"
    assert len(found.search) == 32


FOUND = b"""search testNS.svc.cluster.local svc.cluster.local cluster.local corp.example my.example
nameserver 10.96.0.10
nameserver 192.0.2.53
options ndots:2 timeout:1
"""
CONFIG = {
    "nameservers": ["192.0.2.53"],
    "searches": ["my.example"],
    "options": [{"name": "ndots", "value": "2"}],
}
KUBELET, OURS, NODE, NOBODY = (
    SettingSource.KUBELET,
    SettingSource.DNS_CONFIG,
    SettingSource.NODE,
    SettingSource.UNKNOWN,
)


@pytest.mark.parametrize(
    ("policy", "host_network", "sources"),
    [
        pytest.param(
            "ClusterFirst",
            False,
            [KUBELET, KUBELET, KUBELET, NODE, OURS],
            id="cluster",
        ),
        pytest.param("Default", False, [NODE, NODE, NODE, NODE, OURS], id="node"),
        pytest.param(
            "None",
            True,
            [NOBODY, NOBODY, NOBODY, NOBODY, OURS],
            id="None copies nothing",
        ),
    ],
)
def test_each_search_domain_has_its_source(policy, host_network, sources):
    conf = resolv_conf.parse_resolv_conf(FOUND, resolv_conf.GLIBC)
    pod = make_pod(policy, host_network, CONFIG)
    found = [trace_search(each, pod, "cluster.local") for each in conf.search_list]
    assert [each.source for each in found] == sources
    assert [each.field for each in found if each.field] == ["spec.dnsConfig.searches[0]"]


@given(st.lists(st.text("ab", min_size=1, max_size=300), max_size=50))
def test_what_fits_is_in_order_and_within_the_limits(searches):
    kept = fit_search(tuple(searches))
    assert len(kept) <= MOST_SEARCH_PATHS
    assert len(" ".join(kept)) <= LONGEST_SEARCH_LIST
    rest = iter(searches)
    assert all(each in rest for each in kept)
