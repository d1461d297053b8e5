"""The resolver of a container that nobody could look into: from its mounts, else the kubelet."""

import pytest

from kubectl_hosts.model.dns import Rcode, Reply
from kubectl_hosts.model.evidence import ContainerEvidence, CouldNotLook, FileRead, NodeEvidence
from kubectl_hosts.model.objects import ConfigMap
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import LibcSeen, answered
from kubectl_hosts.model.resolver.kubelet_resolv_conf import KubeletDNS
from kubectl_hosts.model.resolver.libc import CANDIDATES
from kubectl_hosts.model.resolver.lookup import look_up, look_up_address
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.resolver.seen import (
    NODE_NAMESERVERS,
    NODE_SEARCH_DOMAINS,
    see_resolver,
)

NODE = NodeEvidence(name="node-1", kubelet_version="v1.34.4", operating_system="linux")
KUBELET = KubeletDNS(cluster_dns=("10.96.0.10",), cluster_domain="")
NOBODY = CouldNotLook(what="container app", why="only manifests were read")
MAPS = (
    (
        "files",
        ConfigMap(
            namespace="shop",
            name="files",
            data=(
                ("hosts", "192.168.9.100 shop.example.com\n"),
                ("resolv.conf", "search corp.example\nnameserver 192.0.2.53\n"),
                ("nsswitch.conf", "hosts: dns\n"),
            ),
        ),
    ),
)


def pod(*mounts, volume=None, status=None, **spec):
    return parse_pod(
        {
            "metadata": {"namespace": "shop", "name": "web"},
            "spec": {
                "hostAliases": [{"ip": "10.1.2.3", "hostnames": ["alias.example"]}],
                "containers": [
                    {
                        "name": "app",
                        "volumeMounts": [
                            {"name": "v", "mountPath": path, "subPath": key} for path, key in mounts
                        ],
                    }
                ],
                "volumes": [{"name": "v", **(volume or {"configMap": {"name": "files"}})}],
                **spec,
            },
            "status": {"podIPs": [{"ip": "192.0.2.7"}]} if status is None else status,
        }
    )


def seen(one, *, node=NODE):
    found = ContainerEvidence(name="app", failure=NOBODY)
    return see_resolver(one, found, LibcSeen(), node=node, kubelet=KUBELET, config_maps=MAPS)


def lookup(name, one, *, node=NODE):
    def nowhere(_):
        return Reply(rcode=Rcode.NXDOMAIN)

    return answered(look_up(name, seen(one, node=node).resolver), nowhere)


AT_HOSTS = ("/etc/hosts", "hosts")
HOST_PATH = {"hostPath": {"path": "/etc"}}
NOT_READ = "the node's /etc/hosts was not read"
NO_IP = "the pod's own IP, which it does not have yet"
WINDOWS = NODE._replace(operating_system="windows")


@pytest.mark.parametrize(
    ("name", "one", "addresses"),
    [
        pytest.param("alias.example", pod(), ("10.1.2.3",), id="the kubelet's file"),
        pytest.param("web", pod(), ("192.0.2.7",), id="the pod's own name"),
        pytest.param(
            "shop.example.com", pod(AT_HOSTS), ("192.168.9.100",), id="a ConfigMap on top of it"
        ),
        pytest.param("alias.example", pod(AT_HOSTS), (), id="which has no aliases"),
        pytest.param("elsewhere.example", pod(), (), id="a name of DNS alone"),
        pytest.param(
            "alias.example", pod(hostNetwork=True), ("10.1.2.3",), id="an alias with hostNetwork"
        ),
    ],
)
def test_what_the_hosts_file_will_say(name, one, addresses):
    found = lookup(name, one)
    assert (found.addresses, found.unknown) == (addresses, ())


@pytest.mark.parametrize(
    ("name", "one", "node", "unknown"),
    [
        pytest.param("any.example", pod(hostNetwork=True), NODE, NOT_READ, id="hostNetwork"),
        pytest.param(
            "alias.example", pod(AT_HOSTS, volume=HOST_PATH), NODE, NOT_READ, id="a hostPath"
        ),
        pytest.param(
            "any",
            pod(AT_HOSTS, volume={"secret": {"secretName": "s"}}),
            NODE,
            "the content of Secret shop/s is not read",
            id="a Secret",
        ),
        pytest.param("web", pod(status={}), NODE, NO_IP, id="the own name of a pod without IP"),
        pytest.param(
            "any.example",
            pod(),
            WINDOWS,
            "what the resolver of Windows says to any.example, which is not modelled",
            id="Windows",
        ),
    ],
)
def test_what_nobody_read_is_not_said_to_be_absent(name, one, node, unknown):
    found = lookup(name, one, node=node)
    assert (found.outcome, found.unknown) == (Outcome.UNKNOWN, (unknown,))


@pytest.mark.parametrize(
    ("mounts", "search", "nameservers", "services"),
    [
        pytest.param(
            (), "shop.svc.cluster.local", ("10.96.0.10",), ("files", "dns"), id="the kubelet's"
        ),
        pytest.param(
            (("/etc/resolv.conf", "resolv.conf"),),
            "corp.example",
            ("192.0.2.53",),
            ("files", "dns"),
            id="an own resolv.conf",
        ),
        pytest.param(
            (("/etc/nsswitch.conf", "nsswitch.conf"),),
            "shop.svc.cluster.local",
            ("10.96.0.10",),
            ("dns",),
            id="an own nsswitch.conf",
        ),
        pytest.param(
            (("/etc", ""),),
            "shop.svc.cluster.local",
            ("10.96.0.10",),
            ("dns",),
            id="a volume on /etc: resolv.conf stays the runtime's",
        ),
    ],
)
def test_the_other_files_of_own_mounts(mounts, search, nameservers, services):
    resolver = seen(pod(*mounts)).resolver
    conf = resolver.resolv_conf
    assert conf.search[0].text == search
    assert tuple(each.text for each in conf.nameservers) == nameservers
    assert tuple(each.name for each in resolver.nss.services) == services


OWN = {"nameservers": ["192.0.2.9"], "searches": ["own.example"]}
CLUSTER = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")


@pytest.mark.parametrize(
    ("spec", "search", "nameservers"),
    [
        pytest.param(
            {"dnsConfig": OWN},
            (*CLUSTER, NODE_SEARCH_DOMAINS, "own.example"),
            ("10.96.0.10", "192.0.2.9"),
            id="behind what the kubelet gives",
        ),
        pytest.param(
            {"dnsConfig": OWN, "hostNetwork": True},
            (NODE_SEARCH_DOMAINS, "own.example"),
            (NODE_NAMESERVERS, "192.0.2.9"),
            id="behind what the node has, with hostNetwork",
        ),
        pytest.param(
            {"dnsConfig": OWN, "dnsPolicy": "Default"},
            (NODE_SEARCH_DOMAINS, "own.example"),
            (NODE_NAMESERVERS, "192.0.2.9"),
            id="behind what the node has, by the policy",
        ),
        pytest.param(
            {"dnsConfig": OWN, "dnsPolicy": "None"},
            ("own.example",),
            ("192.0.2.9",),
            id="alone",
        ),
        pytest.param(
            {}, (*CLUSTER, NODE_SEARCH_DOMAINS), ("10.96.0.10",), id="no settings of the pod's own"
        ),
    ],
)
def test_what_dns_config_has_stands_behind_what_the_policy_gives(spec, search, nameservers):
    conf = seen(pod(**spec)).resolver.resolv_conf
    assert tuple(each.text for each in conf.search) == search
    assert tuple(each.text for each in conf.nameservers) == nameservers


# The last line of what was read is cut in its name: it would be `before.example.org`.
CUT = b"10.0.0.1 before\n10.0.0.2 first\n10.0.0.3 before.exa"
REST = f"the rest of /etc/hosts, cut after {len(CUT)} bytes"
GLIBC, MUSL, GO = CANDIDATES


@pytest.mark.parametrize(
    ("name", "stub", "truncated", "outcome", "addresses", "unknown"),
    [
        pytest.param("before", GLIBC, True, "found", ("10.0.0.1",), (), id="glibc takes the first line: nothing behind it matters"),
        pytest.param("before", MUSL, True, "unknown", (), (REST,), id="musl takes every line, and may find more"),
        pytest.param("before", GO, True, "unknown", (), (REST,), id="so does Go"),
        pytest.param("before", MUSL, False, "found", ("10.0.0.1",), (), id="of a whole file nothing is left"),
        pytest.param("behind", GLIBC, True, "unknown", (), (REST,), id="a name behind the cut"),
        pytest.param("behind", GLIBC, False, "nxdomain", (), (), id="a name that a whole file has not"),
        pytest.param("before.exa", GLIBC, True, "unknown", (), (REST,), id="what the cut left of a name is none"),
        pytest.param("before.exa", GLIBC, False, "found", ("10.0.0.3",), (), id="in a whole file it is one"),
    ],
)  # fmt: skip
def test_what_stands_behind_the_cut_of_a_long_file_is_not_absent(
    name, stub, truncated, outcome, addresses, unknown
):
    found = look_up_in_cut_file(name, stub, look_up, truncated=truncated)
    assert (found.outcome.value, found.addresses, found.unknown) == (outcome, addresses, unknown)


@pytest.mark.parametrize(
    ("address", "stub", "truncated", "names", "unknown"),
    [
        pytest.param("10.0.0.1", GLIBC, True, ("before",), (), id="glibc gives the first name"),
        pytest.param("10.0.0.1", GO, True, (), (REST,), id="Go gives all of them"),
        pytest.param("10.0.0.9", GLIBC, True, (), (REST,), id="an address behind the cut"),
        pytest.param("10.0.0.9", GLIBC, False, (), (), id="an address that a whole file has not"),
    ],
)
def test_an_address_behind_the_cut_is_not_absent_either(address, stub, truncated, names, unknown):
    found = look_up_in_cut_file(address, stub, look_up_address, truncated=truncated)
    assert (found.addresses, found.unknown) == (names, unknown)


HOSTS_READ = ("/etc/hosts", FileRead(b"10.0.0.1 known\n"))
RESOLV = b"search a.example\nnameserver 10.0.0.53\n"
NSSWITCH = b"hosts: files dns\n"
OF_DNS = "what DNS says to gone: resolv.conf was not read to its end"
OF_NSS = "what the nsswitch service `that the rest of /etc/nsswitch.conf names` says to gone"


@pytest.mark.parametrize(
    ("path", "data", "name", "truncated", "outcomes"),
    [
        pytest.param("/etc/resolv.conf", RESOLV, "gone", True, [(OF_DNS,)] * 3, id="resolv.conf"),
        pytest.param("/etc/resolv.conf", RESOLV, "gone", False, [()] * 3, id="a whole one"),
        pytest.param("/etc/resolv.conf", RESOLV, "known", True, [()] * 3, id="files come first"),
        pytest.param(
            "/etc/nsswitch.conf", NSSWITCH, "gone", True, [(OF_NSS,), (), (OF_NSS,)], id="nsswitch"
        ),
        pytest.param("/etc/nsswitch.conf", NSSWITCH, "gone", False, [()] * 3, id="a whole one too"),
    ],
)
def test_what_stands_behind_the_cut_of_other_files_is_not_known(
    path, data, name, truncated, outcomes
):
    files = (HOSTS_READ, (path, FileRead(data, truncated=truncated)))
    container = ContainerEvidence(name="app", files=files, via="sh")
    seen_there = see_resolver(pod(), container, LibcSeen(), node=NODE, kubelet=KUBELET)
    found = [
        answered(look_up(name, each), lambda _: Reply(rcode=Rcode.NXDOMAIN))
        for each in seen_there.candidates
    ]
    assert [each.unknown for each in found] == outcomes


def look_up_in_cut_file(asked, stub, walk, *, truncated):
    """What a container whose hosts file was read up to our cap, or whole, gets."""
    files = (("/etc/hosts", FileRead(CUT, truncated=truncated)),)
    container = ContainerEvidence(name="app", files=files, via="sh")
    seen_there = see_resolver(pod(), container, LibcSeen(), node=NODE, kubelet=KUBELET)
    resolver = next(each for each in seen_there.candidates if each.stub is stub)
    return answered(walk(asked, resolver), lambda _: Reply(rcode=Rcode.NXDOMAIN))
