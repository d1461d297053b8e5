"""Drift: what differs from the kubelet's file, in the words a person would use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.hosts.drift import (
    NEW_LAYOUT,
    OLD_LAYOUT,
    OTHER_ORDER,
    find_drift,
    looks_half_written,
)
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.hosts_report import DriftKind
from kubectl_hosts.model.hosts.kubelet import kubelet_hosts_file
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import HostAlias, Pod

POD = Pod(
    namespace="shop",
    name="web",
    pod_ips=("192.0.2.7",),
    host_aliases=(
        HostAlias("127.0.0.1", ("foo.local", "bar.local")),
        HostAlias("10.1.2.3", ("foo.remote", "bar.remote")),
    ),
)
DUAL_STACK = Pod(namespace="shop", name="web", pod_ips=("192.0.2.7", "2001:db8::7"))
HOST_NETWORK = Pod(
    namespace="shop",
    name="agent",
    host_network=True,
    pod_ips=("192.0.2.1",),
    host_aliases=(HostAlias("10.1.2.3", ("foo.remote",)),),
)

PLAIN = b"""# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
192.0.2.7\tweb
"""
WRITTEN = (
    PLAIN
    + b"""
# Entries added by HostAliases.
127.0.0.1\tfoo.local\tbar.local
10.1.2.3\tfoo.remote\tbar.remote
"""
)
NODE = b"127.0.0.1 localhost\n192.0.2.1 node-1\n"
HEADER = b"# Kubernetes-managed hosts file (host network).\n"
TAIL = b"\n# Entries added by HostAliases.\n10.1.2.3\tfoo.remote\n"


def drift_of(data, pod=POD, version="v1.34.4"):
    expected = kubelet_hosts_file(pod, kubelet_version=version)
    return find_drift(expected, parse_hosts_file(data), node="node-1")


def differences(data, pod=POD, version="v1.34.4"):
    return [
        (line.difference.value, line.number, line.text.replace("\t", " "))
        for line in drift_of(data, pod, version).lines
        if line.difference
    ]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(
            WRITTEN + b"10.0.0.9 db\n", [("extra", 13, "10.0.0.9 db")], id="a line appended"
        ),
        pytest.param(
            WRITTEN.replace(b"127.0.0.1\tlocalhost\n", b""),
            [("missing", None, "127.0.0.1 localhost")],
            id="localhost removed",
        ),
        pytest.param(
            WRITTEN.replace(b"127.0.0.1\tlocalhost\n", b"") + b"127.0.0.1 other\n",
            [("missing", None, "127.0.0.1 localhost"), ("extra", 12, "127.0.0.1 other")],
            id="localhost removed, the same address with another name at the end",
        ),
        pytest.param(
            WRITTEN.replace(b"10.1.2.3", b"10.9.9.9"),
            [("changed", 12, "10.9.9.9 foo.remote bar.remote")],
            id="an alias's address changed",
        ),
        pytest.param(
            WRITTEN.replace(b"foo.local\tbar.local", b"foo.local"),
            [("changed", 11, "127.0.0.1 foo.local")],
            id="a name of an alias removed",
        ),
        pytest.param(
            WRITTEN.replace(b"# Kubernetes-managed hosts file.", b"# managed by hand"),
            [("changed", 1, "# managed by hand")],
            id="the header rewritten",
        ),
        pytest.param(
            WRITTEN.replace(b"192.0.2.7", b"192.0.2.6"),
            [("changed", 8, "192.0.2.6 web")],
            id="a stale pod IP",
        ),
        pytest.param(
            WRITTEN.replace(b"\tfoo.local", b" foo.local"),
            [("white-space", 11, "127.0.0.1 foo.local bar.local")],
            id="a tab that became a blank",
        ),
        pytest.param(
            WRITTEN[:-1],
            [("white-space", 12, "10.1.2.3 foo.remote bar.remote")],
            id="the final newline lost",
        ),
        pytest.param(
            PLAIN
            + b"\n# Entries added by HostAliases.\n10.1.2.3\tfoo.remote\tbar.remote\n"
            + b"127.0.0.1\tfoo.local\tbar.local\n",
            [("reordered", 11, "10.1.2.3 foo.remote bar.remote")],
            id="two aliases in the other order",
        ),
        pytest.param(
            WRITTEN + b"192.0.2.7\tweb\n",
            [("extra", 13, "192.0.2.7 web")],
            id="a line repeated: the second one is extra",
        ),
        pytest.param(
            PLAIN,
            [
                ("missing", None, ""),
                ("missing", None, "# Entries added by HostAliases."),
                ("missing", None, "127.0.0.1 foo.local bar.local"),
                ("missing", None, "10.1.2.3 foo.remote bar.remote"),
            ],
            id="no aliases at all",
        ),
    ],
)
def test_what_a_person_would_say(data, found):
    assert differences(data) == found


def test_a_missing_line_stands_where_it_would_stand():
    lines = drift_of(WRITTEN.replace(b"127.0.0.1\tlocalhost\n", b"")).lines
    assert [line.number for line in lines[:4]] == [1, None, 2, 3]


def the_differing(drift, kind):
    (line,) = (line for line in drift.lines if line.difference is kind)
    return line


def test_a_changed_line_keeps_what_the_spec_asks_for_and_its_origin():
    line = the_differing(drift_of(WRITTEN.replace(b"10.1.2.3", b"10.9.9.9")), DriftKind.CHANGED)
    assert line.instead_of == "10.1.2.3\tfoo.remote\tbar.remote"
    assert line.origin == Origin(
        kind=OriginKind.HOST_ALIAS, object="shop/web", field="spec.hostAliases[1]"
    )


def test_an_extra_line_is_nobodys():
    line = the_differing(drift_of(WRITTEN + b"10.0.0.9 db\n"), DriftKind.EXTRA)
    assert (line.origin, line.address, line.names) == (
        Origin(kind=OriginKind.FOREIGN, line=13),
        "10.0.0.9",
        ("db",),
    )


OLD = PLAIN + (
    b"\n# Entries added by HostAliases.\n127.0.0.1\tfoo.local\n127.0.0.1\tbar.local\n"
    b"10.1.2.3\tfoo.remote\n10.1.2.3\tbar.remote\n"
)
REVERSED = PLAIN.replace(b"192.0.2.7\tweb\n", b"2001:db8::7\tweb\n192.0.2.7\tweb\n")


@pytest.mark.parametrize(
    ("data", "pod", "version", "notes"),
    [
        pytest.param(WRITTEN, POD, "v1.34.4", (), id="byte for byte"),
        pytest.param(OLD, POD, "v1.13.0", (), id="byte for byte, 1.13"),
        pytest.param(OLD, POD, "v1.34.4", (OLD_LAYOUT,), id="the old layout of aliases"),
        pytest.param(WRITTEN, POD, "v1.13.0", (NEW_LAYOUT,), id="the new layout of aliases"),
        pytest.param(REVERSED, DUAL_STACK, "v1.34.4", (OTHER_ORDER,), id="the other IP order"),
        pytest.param(HEADER + NODE + TAIL, HOST_NETWORK, "v1.34.4", (), id="the node's lines"),
        pytest.param(
            HEADER + NODE.rstrip() + TAIL,
            HOST_NETWORK,
            "v1.34.4",
            (),
            id="a node's file without a final newline swallows the blank line",
        ),
        pytest.param(HEADER + TAIL, HOST_NETWORK, "v1.34.4", (), id="an empty node's file"),
        pytest.param(NODE + TAIL, HOST_NETWORK, "v1.10.0", (), id="no header before 1.11"),
    ],
)
def test_what_is_left_alone(data, pod, version, notes):
    drift = drift_of(data, pod, version)
    assert (drift.found, drift.notes) == (False, notes)


def test_an_address_that_status_does_not_keep_is_a_note():
    data = PLAIN + b"198.51.100.7\tweb\n"
    drift = drift_of(data, Pod(namespace="shop", name="web", pod_ips=("192.0.2.7",)))
    assert not drift.found
    (note,) = drift.notes
    assert note.startswith("198.51.100.7 is not in status.podIPs: ")


def test_the_own_line_repeated_is_extra_even_beside_itself():
    pod = Pod(namespace="shop", name="web", pod_ips=("192.0.2.7",))
    assert differences(PLAIN + b"192.0.2.7\tweb\n", pod) == [("extra", 9, "192.0.2.7 web")]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(
            HEADER + NODE + TAIL + b"10.0.0.9 db\n", [("extra", 7, "10.0.0.9 db")], id="appended"
        ),
        pytest.param(
            HEADER + NODE + TAIL.replace(b"10.1.2.3", b"10.9.9.9"),
            [("changed", 6, "10.9.9.9 foo.remote")],
            id="an alias changed",
        ),
        pytest.param(
            NODE + TAIL,
            [("missing", None, "# Kubernetes-managed hosts file (host network).")],
            id="the header gone",
        ),
        pytest.param(
            HEADER + NODE,
            [
                ("missing", None, ""),
                ("missing", None, "# Entries added by HostAliases."),
                ("missing", None, "10.1.2.3 foo.remote"),
            ],
            id="the aliases gone",
        ),
    ],
)
def test_around_the_nodes_part(data, found):
    assert differences(data, HOST_NETWORK) == found


def test_the_nodes_lines_name_the_node_and_their_line_there():
    lines = drift_of(HEADER + NODE + TAIL, HOST_NETWORK).lines
    assert [(line.text, line.origin) for line in lines[1:3]] == [
        (
            "127.0.0.1 localhost",
            Origin(kind=OriginKind.NODE_HOSTS, object="node-1", line=1),
        ),
        ("192.0.2.1 node-1", Origin(kind=OriginKind.NODE_HOSTS, object="node-1", line=2)),
    ]


@pytest.mark.parametrize(
    ("data", "half"),
    [
        pytest.param(b"", True, id="empty"),
        pytest.param(PLAIN[:60], True, id="a header and a part of the rest"),
        pytest.param(PLAIN[:-1], True, id="no final newline"),
        pytest.param(PLAIN[:33], True, id="a header alone"),
        pytest.param(PLAIN, False, id="whole"),
        pytest.param(WRITTEN + b"10.0.0.9 db\n", False, id="edited"),
        pytest.param(b"127.0.0.1 localhost", False, id="somebody else's"),
        pytest.param(PLAIN[:33] + b"10.0.0.9 db\n", False, id="a header over other lines"),
    ],
)
def test_when_to_read_again(data, half):
    assert looks_half_written(data) is half


hosts_lines = st.one_of(
    st.sampled_from([line.decode() for line in WRITTEN.split(b"\n")]),
    st.from_regex(r"[0-9.: \t#a-z]{0,30}", fullmatch=True),
)


@given(st.integers(0, 11), hosts_lines)
def test_an_edited_line_is_found_and_no_other(at, text):
    lines = WRITTEN.decode().split("\n")[:-1]
    edited = [*lines[:at], text, *lines[at + 1 :]]
    drift = drift_of("".join(f"{line}\n" for line in edited).encode())
    shown = [line for line in drift.lines if line.number is not None]
    assert [line.text for line in shown] == edited
    assert drift.found == (edited != lines)
    # An edit can turn a line into its neighbour's text; then one of the equal two is extra.
    same = {at} | {index for index, line in enumerate(edited) if line == text}
    assert {line.number - 1 for line in shown if line.difference} <= same
    missing = [line.text for line in drift.lines if line.difference is DriftKind.MISSING]
    assert missing in ([], [lines[at]])


@given(st.lists(hosts_lines, max_size=20))
def test_every_observed_line_is_shown_once_and_in_order(lines):
    data = "".join(f"{line}\n" for line in lines).encode()
    drift = drift_of(data)
    shown = [line for line in drift.lines if line.number is not None]
    assert [(line.number, line.text) for line in shown] == list(enumerate(lines, 1))
    assert drift.found == (data != WRITTEN)
