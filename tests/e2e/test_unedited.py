"""Pods whose file nobody edited: what is predicted is what is there, byte for byte."""

from __future__ import annotations

import pytest

from tests.e2e import pods
from tests.e2e.answers import container, origin_kinds, report
from tests.e2e.static_pod import static_pod
from tests.e2e.world import kubectl

UNEDITED = [
    *(pod["metadata"]["labels"]["scenario"] for pod in pods.plain_pods()),
    "statefulset",
    "deployment",
    "indexed-job",
    "restarted",
]
BOILERPLATE = ["KubeletBoilerplate"] * 7


def alias_section(aliases: int) -> list[str]:
    """A blank line and a comment of the kubelet's, then one line an alias; or nothing at all."""
    return ["KubeletBoilerplate"] * 2 + ["HostAlias"] * aliases if aliases else []


@pytest.mark.parametrize("scenario", UNEDITED)
def test_predicted_bytes_are_the_observed_bytes(world, hosts, scenario):
    predicted = hosts("show", world.name(scenario), "-o", "hosts", "--expected")
    assert predicted.stdout == world.hosts(scenario)
    assert predicted.returncode == 0


@pytest.mark.parametrize("scenario", UNEDITED)
def test_diff_says_nothing_and_ends_with_0(world, hosts, scenario):
    done = hosts("diff", world.name(scenario))
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize("scenario", [*UNEDITED, "host-network", "host-network-aliases"])
def test_show_says_that_the_file_holds_what_the_spec_asks(world, hosts, scenario):
    document = report(hosts("show", world.name(scenario), "-o", "json"))
    assert container(document)["drift"] is False
    assert {line["status"] for line in container(document)["lines"]} == {"expected"}


@pytest.mark.parametrize(
    ("scenario", "aliases"),
    [
        pytest.param("default", 0, id="no aliases, nothing after the pod IPs"),
        pytest.param("aliases", 2, id="a blank line, a comment, one line an alias"),
        pytest.param("aliases-shared-ip", 2, id="an ip that is given twice keeps both lines"),
        pytest.param("aliases-ipv6", 2, id="IPv6 aliases as they were typed"),
        pytest.param("aliases-same-name-twice", 2, id="a name under two addresses"),
        pytest.param("aliases-and-subdomain", 2, id="aliases come after the FQDN line"),
        pytest.param("fqdn", 0, id="setHostnameAsFQDN changes nothing in the file"),
    ],
)
def test_each_line_has_its_origin(world, hosts, scenario, aliases):
    document = report(hosts("show", world.name(scenario), "-o", "json"))
    pod_ips = ["PodIP"] * len(world.pod(scenario)["status"]["podIPs"])
    assert origin_kinds(document) == [
        *BOILERPLATE,
        *pod_ips,
        *alias_section(aliases),
    ]


def test_an_alias_names_its_item_of_the_spec(world, hosts):
    lines = container(report(hosts("show", "aliases", "-o", "json")))["lines"]
    assert [(each["text"], each["origin"]["field"]) for each in lines[-2:]] == [
        ("127.0.0.1\tfoo.local\tbar.local", "spec.hostAliases[0]"),
        ("10.1.2.3\tfoo.remote\tbar.remote", "spec.hostAliases[1]"),
    ]


def test_a_dual_stack_pod_has_a_line_for_each_of_its_ips(world, hosts):
    lines = container(report(hosts("show", "default", "-o", "json")))["lines"]
    assert {each["address"] for each in lines if each["origin"]["kind"] == "PodIP"} == {
        each["ip"] for each in world.pod("default")["status"]["podIPs"]
    }


@pytest.mark.parametrize("scenario", ["host-network", "host-network-aliases"])
def test_a_host_network_pod_shows_the_nodes_lines_as_the_nodes(world, hosts, scenario):
    kinds = origin_kinds(report(hosts("show", world.name(scenario), "-o", "json")))
    aliases = alias_section(2 if scenario.endswith("aliases") else 0)
    assert kinds[0] == "KubeletBoilerplate"
    assert set(kinds[1 : len(kinds) - len(aliases)]) == {"NodeHosts"}
    assert kinds[len(kinds) - len(aliases) :] == aliases


@pytest.mark.parametrize("scenario", ["host-network", "host-network-aliases"])
def test_a_host_network_pod_has_no_difference(world, hosts, scenario):
    done = hosts("diff", world.name(scenario))
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_static_pod_is_judged_by_the_uid_that_its_kubelet_uses(hosts):
    """Its mirror on the API server has another uid: metadata.uid is not in the paths."""
    with static_pod() as (namespace, name):
        if not name:
            pytest.skip("this cluster has no static pod, and its kubelet cannot be told to run one")
        document = report(hosts("show", name, "-n", namespace, "-o", "json"))
        expected = hosts("show", name, "-n", namespace, "-o", "hosts", "--expected").stdout
        observed = kubectl("exec", "-n", namespace, name, "--", "cat", "/etc/hosts")
    assert container(document)["drift"] is False
    assert expected == observed
