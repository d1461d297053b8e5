"""The pod's own lines, compared as a set: hosts-file.md 0.2, 1.6 (k/k#130129, #103263)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.hosts.report import DriftKind, LineStatus, ReportLine
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.hosts.kubelet import ExpectedLine

OTHER_ORDER = (
    "the pod IPs stand in the runtime's order, not in that of status.podIPs; the next container "
    "start puts them in status order"
)


def judge_pod_ips(
    lines: Sequence[ReportLine], expected: Sequence[ExpectedLine]
) -> tuple[tuple[ReportLine, ...], tuple[str, ...]]:
    """The lines with what is no drift in the pod's own ones forgiven, and notes on it.

    The runtime's order differs from status.podIPs until a container restarts, and the runtime may
    report more addresses than the two that status keeps.
    """
    if not any(line.origin.kind is OriginKind.POD_IP for line in expected):
        return tuple(lines), ()
    block = _own_block(lines)
    allowed = {None, DriftKind.REORDERED, DriftKind.EXTRA}
    if not block or any(lines[at].difference not in allowed for at in block):
        return tuple(lines), ()
    judged = list(lines)
    notes = []
    if any(lines[at].difference is DriftKind.REORDERED for at in block):
        notes.append(OTHER_ORDER)
    for at in block:
        if lines[at].difference is DriftKind.EXTRA:
            notes.append(
                f"{lines[at].address} is not in status.podIPs: the runtime reported it when the "
                "pod started, or somebody added it"
            )
        judged[at] = _forgiven(lines[at], lines[block[0]].origin)
    return tuple(judged), tuple(notes)


def _own_block(lines: Sequence[ReportLine]) -> range:
    """The run of own lines, with extra ones of the same names in it; empty where it is broken."""
    own = [at for at, line in enumerate(lines) if line.origin.kind is OriginKind.POD_IP]
    if not own:
        return range(0)
    names = lines[own[0]].names
    known = {lines[at].address for at in own}
    first, last = own[0], own[-1]
    while first > 0 and _is_another_own(lines[first - 1], names, known):
        first -= 1
    while last + 1 < len(lines) and _is_another_own(lines[last + 1], names, known):
        last += 1
    is_whole = all(
        lines[at].origin.kind is OriginKind.POD_IP or _is_another_own(lines[at], names, known)
        for at in range(first, last + 1)
    )
    return range(first, last + 1) if is_whole else range(0)


def _is_another_own(line: ReportLine, names: tuple[str, ...], known: set[str]) -> bool:
    if line.difference is not DriftKind.EXTRA or not names or line.names != names:
        return False
    if line.address in known:
        return False
    from ipaddress import ip_address  # noqa: PLC0415  10 ms that a file without drift is spared

    try:
        return bool(ip_address(line.address))
    except ValueError:
        return False


def _forgiven(line: ReportLine, own: Origin) -> ReportLine:
    origin = line.origin if line.origin.kind is OriginKind.POD_IP else replace(own, field="")
    return replace(line, status=LineStatus.EXPECTED, difference=None, instead_of="", origin=origin)
