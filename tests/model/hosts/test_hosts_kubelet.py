"""The kubelet's file byte for byte: every record of cases/kubelet-hosts.json, and what is assumed.

cases/kubelet-hosts.json holds upstream's own test tables and files of real pods; each record names
its origin and source.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.kubelet import (
    LAYOUTS,
    ClusterDomain,
    ExpectedFile,
    ExpectedLine,
    FQDNTooLong,
    HostName,
    is_kubelet_file_mounted,
    kubelet_hosts_file,
    layout_of,
    learn_cluster_domain,
    managed_hosts_file,
    node_hosts_file,
    parse_kubelet_version,
    pod_host_name,
    truncate_host_name,
    uts_hostname,
)
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import HostAlias, Pod, parse_pod

CASES = Path(__file__).parents[2] / "cases" / "kubelet-hosts.json"
RECORDS = json.loads(CASES.read_text())

# The newest release that a record's layout holds for.
VERSION = {
    "managed": "v1.34.4",
    "node": "v1.34.4",
    "managed-legacy-line-per-hostname": "v1.13.0",
    "managed-legacy-1.7": "v1.7.16",
    "node-legacy-no-header": "v1.10.13",
    "node-legacy-line-per-hostname": "v1.13.0",
}


def records(*kinds):
    chosen = [record for record in RECORDS if record["kind"] in kinds]
    return [pytest.param(record, id=record["name"]) for record in chosen]


def aliases_of(record):
    return tuple(
        HostAlias(item["ip"], tuple(item.get("hostnames") or ())) for item in record["hostAliases"]
    )


def pod_of(record):
    """The Pod that a measured record's `input` describes, as the API has it."""
    given = record["input"]
    return parse_pod(
        {
            "metadata": {
                "name": given["podName"],
                "namespace": given["namespace"],
                "uid": "11111111-2222-3333-4444-555555555555",
            },
            "spec": {
                "hostname": given["hostname"],
                "subdomain": given["subdomain"],
                "hostNetwork": given.get("hostNetwork", False),
                "hostnameOverride": given.get("hostnameOverride"),
                "hostAliases": record["hostAliases"],
            },
            "status": {"podIPs": [{"ip": ip} for ip in record["hostIPs"] or ()]},
        }
    )


def test_the_table_holds_all_81_records():
    known = {*VERSION, "mount-decision", "hostname-domain", "truncate", "uts-hostname"}
    assert (len(RECORDS), {record["kind"] for record in RECORDS}) == (81, known)


@pytest.mark.parametrize(
    "record", records("managed", "managed-legacy-line-per-hostname", "managed-legacy-1.7")
)
def test_the_file_of_a_pod_with_its_own_network(record):
    layout, _ = layout_of(VERSION[record["kind"]])
    lines = managed_hosts_file(
        "ns/pod",
        tuple(record["hostIPs"]),
        HostName(record["hostName"], record["hostDomainName"]),
        aliases_of(record),
        layout=layout,
    )
    assert ExpectedFile(lines=lines).to_bytes().decode() == record["expected"]


@pytest.mark.parametrize(
    "record", records("node", "node-legacy-no-header", "node-legacy-line-per-hostname")
)
def test_the_file_of_a_host_network_pod_around_the_nodes(record):
    layout, _ = layout_of(VERSION[record["kind"]])
    file = node_hosts_file("ns/pod", aliases_of(record), layout=layout)
    node_hosts = record["nodeHostsContent"].encode()
    assert file.to_bytes(node_hosts=node_hosts).decode() == record["expected"]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(record, id=record["name"])
        for record in RECORDS
        if record["kind"] in {"managed", "node"} and "input" in record
    ],
)
def test_a_measured_file_follows_from_the_pod_object(record):
    file = kubelet_hosts_file(
        pod_of(record),
        kubelet_version="v1.33.0",  # before the gate HostnameOverride
        cluster_domain=ClusterDomain("cluster.local"),
    )
    node_hosts = (record["nodeHostsContent"] or "").encode()
    assert file.to_bytes(node_hosts=node_hosts).decode() == record["expected"]


@pytest.mark.parametrize("record", records("mount-decision"))
def test_whether_the_kubelet_mounts_its_file(record):
    given = record["input"]
    mounts = [
        {"name": f"v{index}", "mountPath": path}
        for index, path in enumerate(given["containerVolumeMountPaths"])
    ]
    pod = parse_pod(
        {
            "spec": {
                "hostNetwork": given["hostNetwork"],
                "containers": [{"name": "app", "volumeMounts": mounts}],
            },
            "status": {"podIPs": [{"ip": ip} for ip in given["podIPs"]]},
        }
    )
    (container,) = pod.containers
    mounted = is_kubelet_file_mounted(pod, container, kubelet_version="v1.34.4")
    assert mounted is record["expected"]


@pytest.mark.parametrize("record", records("hostname-domain"))
def test_the_host_name_and_domain(record):
    given = record["input"]
    pod = Pod(
        namespace=given["namespace"],
        name=given["podName"],
        hostname=given["hostname"],
        subdomain=given["subdomain"],
        hostname_override=given["hostnameOverride"],
    )
    gate = given["gateHostnameOverride"]
    expected = record["expected"]
    if "errorContains" in expected:
        with pytest.raises(BadInput) as error:
            pod_host_name(pod, cluster_domain=given["clusterDomain"], hostname_override=gate)
        assert expected["errorContains"] in error.value.message
    else:
        name = pod_host_name(pod, cluster_domain=given["clusterDomain"], hostname_override=gate)
        assert name == HostName(expected["hostName"], expected["hostDomainName"])


@pytest.mark.parametrize("record", records("truncate"))
def test_a_host_name_is_cut_at_63(record):
    assert truncate_host_name(record["hostName"]) == record["expected"]


@pytest.mark.parametrize("record", records("uts-hostname"))
def test_what_hostname_prints(record):
    name = HostName(record["hostName"], record["hostDomainName"])
    printed = uts_hostname(name, set_hostname_as_fqdn=record["input"]["setHostnameAsFQDN"])
    expected = record["expected"]
    assert printed == (FQDNTooLong(name.fqdn) if isinstance(expected, dict) else expected)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v1.34.4", (1, 34)),
        ("v1.30.4-gke.100", (1, 30)),
        ("v1.29.0+k3s1", (1, 29)),
        ("v1.31.1-eks-a737599", (1, 31)),
        ("1.21+", (1, 21)),
        ("v2.0.0", (2, 0)),
        ("v1.23.17-kubeedge-v1.13.0", (1, 23)),
        ("", None),
        ("garbage", None),
        ("vv1.2", None),
        (f"v{'9' * 5000}.1", None),
        (f"v1.{'9' * 5000}", None),
    ],
)
def test_vendors_add_to_the_end_of_a_version(text, version):
    assert parse_kubelet_version(text) == version


@pytest.mark.parametrize(
    ("version", "assumed"),
    [
        ("", "the kubelet's version is current (it is not known)"),
        ("garbage", 'the kubelet\'s version is current ("garbage" is none)'),
    ],
)
def test_an_unknown_version_gives_the_current_layout_and_says_so(version, assumed):
    pod = Pod(namespace="shop", name="web", pod_ips=("192.0.2.7",))
    file = kubelet_hosts_file(pod, kubelet_version=version)
    assert layout_of(version)[0] == LAYOUTS[-1]
    assert file.assumptions == (assumed,)
    assert file.lines == kubelet_hosts_file(pod, kubelet_version="v1.35.0").lines


def test_every_line_says_which_field_it_comes_from():
    pod = Pod(
        namespace="shop",
        name="web",
        pod_ips=("192.0.2.7", "2001:db8::7"),
        host_aliases=(HostAlias("192.0.2.9", ("db", "db.example.org")),),
    )
    file = kubelet_hosts_file(pod, kubelet_version="v1.34.4")
    assert file.lines[7:] == (
        ExpectedLine(
            text="192.0.2.7\tweb",
            origin=Origin(kind=OriginKind.POD_IP, object="shop/web", field="status.podIPs[0]"),
        ),
        ExpectedLine(
            text="2001:db8::7\tweb",
            origin=Origin(kind=OriginKind.POD_IP, object="shop/web", field="status.podIPs[1]"),
        ),
        *(
            ExpectedLine(
                text=text, origin=Origin(kind=OriginKind.KUBELET_BOILERPLATE, object="shop/web")
            )
            for text in ("", "# Entries added by HostAliases.")
        ),
        ExpectedLine(
            text="192.0.2.9\tdb\tdb.example.org",
            origin=Origin(
                kind=OriginKind.HOST_ALIAS, object="shop/web", field="spec.hostAliases[0]"
            ),
        ),
    )


@pytest.mark.parametrize(
    ("version", "own_lines"),
    [
        pytest.param("v1.16.15", ["192.0.2.7\tweb"], id="the first address alone"),
        pytest.param("v1.17.0", ["192.0.2.7\tweb", "2001:db8::7\tweb"], id="one line each"),
    ],
)
def test_dual_stack_lines_came_with_1_17(version, own_lines):
    pod = Pod(namespace="shop", name="web", pod_ips=("192.0.2.7", "2001:db8::7"))
    file = kubelet_hosts_file(pod, kubelet_version=version)
    assert [line.text for line in file.lines[7:]] == own_lines


@pytest.mark.parametrize(
    ("version", "uid", "name"),
    [
        pytest.param("v1.33.0", "u", "web", id="1.33 does not know the field"),
        pytest.param("v1.34.4", "", "web", id="1.34, a manifest: the gate is off"),
        pytest.param("v1.34.4", "u", "a.example.org", id="1.34, kept by the API: the gate is on"),
        pytest.param("v1.35.0", "", "a.example.org", id="1.35: on"),
    ],
)
def test_hostname_override_follows_its_gate(version, uid, name):
    pod = Pod(
        namespace="shop",
        name="web",
        uid=uid,
        hostname_override="a.example.org",
        pod_ips=("192.0.2.7",),
    )
    file = kubelet_hosts_file(pod, kubelet_version=version)
    assert file.lines[-1].text == f"192.0.2.7\t{name}"


def test_an_address_to_come_is_a_comment_in_the_bytes():
    file = kubelet_hosts_file(Pod(namespace="shop", name="web"), kubelet_version="v1.34.4")
    assert file.lines[-1].text == "<pod IP>\tweb"
    assert file.to_bytes().endswith(b"\n# <pod IP>\tweb\n")


@pytest.mark.parametrize(
    ("resolv_conf", "hosts", "domain"),
    [
        pytest.param(
            b"search shop.svc.corp.example svc.corp.example corp.example\n",
            b"192.0.2.7\tweb.sub.shop.svc.edited.example\tweb\n",
            ClusterDomain("corp.example"),
            id="the search list, whatever the hosts file says",
        ),
        pytest.param(
            b"search a.example\nsearch shop.svc.corp.example. corp.example\n",
            b"",
            ClusterDomain("corp.example"),
            id="the last search line, without the final dot",
        ),
        pytest.param(
            b"nameserver 192.0.2.53\n",
            b"192.0.2.7\tweb.sub.shop.svc.corp.example\tweb\n",
            ClusterDomain("corp.example"),
            id="no cluster search list: the own line",
        ),
        pytest.param(
            b"search other.svc.corp.example\n",
            b"192.0.2.7\tother.sub.shop.svc.corp.example\tother\n",
            ClusterDomain("cluster.local", assumed=True),
            id="another namespace and another pod: assumed",
        ),
    ],
)
def test_where_the_cluster_domain_is_learnt(resolv_conf, hosts, domain):
    pod = Pod(namespace="shop", name="web", subdomain="sub")
    learnt = learn_cluster_domain(pod, resolv_conf=resolv_conf, observed=parse_hosts_file(hosts))
    assert learnt == domain


def test_an_assumed_cluster_domain_is_said_where_it_is_written():
    plain = Pod(namespace="shop", name="web", pod_ips=("192.0.2.7",))
    subdomain = Pod(namespace="shop", name="web", subdomain="sub", pod_ips=("192.0.2.7",))
    said = [kubelet_hosts_file(pod, kubelet_version="v1.34.4") for pod in (plain, subdomain)]
    assert [file.assumptions for file in said] == [(), ("the cluster domain is cluster.local",)]


WINDOWS_MOUNT = {"name": "v", "mountPath": r"C:\Windows\System32\drivers\etc\hosts"}
HOST_PROCESS = {"windowsOptions": {"hostProcess": True}}


@pytest.mark.parametrize(
    ("container", "version", "mounted"),
    [
        pytest.param({}, "v1.34.4", True, id="current"),
        pytest.param({}, "v1.19.0", False, id="before 1.20"),
        pytest.param({"volumeMounts": [WINDOWS_MOUNT]}, "v1.34.4", False, id="own mount"),
        pytest.param(
            {"volumeMounts": [{"name": "v", "mountPath": "/etc/hosts"}]},
            "v1.34.4",
            True,
            id="Linux's path means nothing there",
        ),
        pytest.param({"securityContext": HOST_PROCESS}, "v1.34.4", False, id="hostProcess"),
    ],
)
def test_windows_has_its_own_path_and_rules(container, version, mounted):
    pod = parse_pod(
        {
            "spec": {"os": {"name": "windows"}, "containers": [{"name": "app", **container}]},
            "status": {"podIPs": [{"ip": "192.0.2.7"}]},
        }
    )
    decided = is_kubelet_file_mounted(pod, pod.containers[0], kubelet_version=version)
    assert decided is mounted


@pytest.mark.parametrize(
    ("of_pod", "of_container", "mounted"),
    [
        pytest.param({}, {}, True, id="neither"),
        pytest.param(HOST_PROCESS, {}, False, id="the pod's"),
        pytest.param(
            HOST_PROCESS,
            {"windowsOptions": {"hostProcess": False}},
            True,
            id="the container's goes first",
        ),
    ],
)
def test_host_process_of_the_pod_holds_for_its_containers(of_pod, of_container, mounted):
    container = {"name": "app", "securityContext": of_container}
    pod = parse_pod(
        {
            "spec": {
                "os": {"name": "windows"},
                "securityContext": of_pod,
                "containers": [container],
            },
            "status": {"podIPs": [{"ip": "192.0.2.7"}]},
        }
    )
    decided = is_kubelet_file_mounted(pod, pod.containers[0], kubelet_version="v1.34.4")
    assert decided is mounted


@pytest.mark.parametrize(
    ("version", "pod_ips", "mounted"),
    [
        pytest.param("v1.7.16", ("192.0.2.1",), False, id="1.7 leaves hostNetwork pods alone"),
        pytest.param("v1.8.0", ("192.0.2.1",), True, id="1.8 does not"),
        pytest.param("v1.31.0", (), False, id="1.31 wants an address first"),
        pytest.param("v1.32.0", (), True, id="1.32 does not"),
    ],
)
def test_host_network_pods_by_release(version, pod_ips, mounted):
    pod = parse_pod({"spec": {"hostNetwork": True, "containers": [{"name": "app"}]}})
    pod = Pod(
        namespace="a", name="b", host_network=True, pod_ips=pod_ips, containers=pod.containers
    )
    decided = is_kubelet_file_mounted(pod, pod.containers[0], kubelet_version=version)
    assert decided is mounted


names = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
pods = st.builds(
    Pod,
    namespace=names,
    name=names,
    subdomain=st.one_of(st.just(""), names),
    host_network=st.booleans(),
    pod_ips=st.lists(st.ip_addresses().map(str), min_size=1, max_size=3).map(tuple),
    host_aliases=st.lists(
        st.builds(HostAlias, st.ip_addresses().map(str), st.lists(names, max_size=4).map(tuple)),
        max_size=4,
    ).map(tuple),
)
versions = st.sampled_from([f"v{row.since[0]}.{row.since[1]}.0" for row in LAYOUTS])


@given(pods, versions)
def test_the_kubelets_file_parses_back_to_its_lines(pod, version):
    file = kubelet_hosts_file(pod, kubelet_version=version)
    parsed = parse_hosts_file(file.to_bytes())
    assert [line.text for line in parsed.lines] == [line.text for line in (*file.lines, *file.tail)]
    assert all(line.ended for line in parsed.lines)
