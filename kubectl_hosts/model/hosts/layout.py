"""How kubelets of each release lay out the hosts file: hosts-file.md 1.7, one row a change."""

from __future__ import annotations

import re
from typing import NamedTuple


class Layout(NamedTuple):
    """What a kubelet writes from release `since` on."""

    since: tuple[int, int]
    fqdn: bool = False
    """A pod with a subdomain gets `IP FQDN NAME` instead of `IP NAME`."""
    host_aliases: bool = False
    alias_comment: bool = False
    """A blank line and `# Entries added by HostAliases.` stand before the aliases."""
    line_per_item: bool = False
    """One line an item of hostAliases, not one a hostname."""
    host_network: bool = False
    """hostNetwork pods get a copy of the node's file, with their hostAliases."""
    host_network_header: bool = False
    host_network_without_ips: bool = False
    """... even when they start before the node has an address."""
    every_pod_ip: bool = False
    windows: bool = False
    readable_by_all: bool = False
    """Mode 0644 whatever the kubelet's umask."""
    hostname_override_gate: bool = False
    """The gate HostnameOverride exists, off by default."""
    hostname_override: bool = False
    """The gate HostnameOverride is on by default."""


_V1_1 = Layout(since=(1, 1))  # k/k#16052
_V1_3 = _V1_1._replace(since=(1, 3), fqdn=True)
_V1_7 = _V1_3._replace(since=(1, 7), host_aliases=True)  # k/k#45148
_V1_8 = _V1_7._replace(since=(1, 8), alias_comment=True, host_network=True)  # k/k#49140, #50646
_V1_11 = _V1_8._replace(since=(1, 11), host_network_header=True)  # k/k#61613
_V1_14 = _V1_11._replace(since=(1, 14), line_per_item=True)  # k/k#71044
_V1_17 = _V1_14._replace(since=(1, 17), every_pod_ip=True)  # k/k#83123
_V1_20 = _V1_17._replace(since=(1, 20), windows=True)  # k/k#83730
_V1_26 = _V1_20._replace(since=(1, 26), readable_by_all=True)  # k/k#113209
_V1_32 = _V1_26._replace(since=(1, 32), host_network_without_ips=True)  # k/k#126460
_V1_34 = _V1_32._replace(since=(1, 34), hostname_override_gate=True)  # KEP-4762, alpha
_V1_35 = _V1_34._replace(since=(1, 35), hostname_override=True)  # KEP-4762, beta

LAYOUTS = (
    *(_V1_1, _V1_3, _V1_7, _V1_8, _V1_11, _V1_14),
    *(_V1_17, _V1_20, _V1_26, _V1_32, _V1_34, _V1_35),
)

# `v1.30.4-gke.100`, `v1.29.0+k3s1`, `1.21+`: vendors add to the end, never to the front.
_VERSION = re.compile(r"v?(\d+)\.(\d+)")


def parse_kubelet_version(text: str) -> tuple[int, int] | None:
    """Major and minor of status.nodeInfo.kubeletVersion, None where it has none."""
    match = _VERSION.match(text)
    return (int(match[1]), int(match[2])) if match else None


def layout_of(kubelet_version: str) -> tuple[Layout, str]:
    """The row of KUBELET_VERSION, and what was assumed ("" when the version was readable).

    A version that cannot be read gets the newest layout, and one below 1.1 the oldest.
    """
    version = parse_kubelet_version(kubelet_version)
    if version is None:
        shown = f'"{kubelet_version}" is none' if kubelet_version else "it is not known"
        return LAYOUTS[-1], f"the kubelet's version is current ({shown})"
    return next((row for row in reversed(LAYOUTS) if row.since <= version), LAYOUTS[0]), ""
