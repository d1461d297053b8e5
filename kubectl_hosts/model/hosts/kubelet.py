"""The hosts file the kubelet writes: kubernetes/kubernetes, pkg/kubelet/kubelet_pods.go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubectl_hosts.model.origin import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """A line as the kubelet writes it, without its newline, and the field it comes from."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFile:
    """What the kubelet writes: lines before and, for hostNetwork, after the node's own file.

    node_part says that the bytes of the node's /etc/hosts, which no API object holds, stand
    between `lines` and `tail`; without it tail is empty and the file is complete.
    """

    lines: tuple[ExpectedLine, ...]
    node_part: bool = False
    tail: tuple[ExpectedLine, ...] = ()
    assumptions: tuple[str, ...] = ()

    def to_bytes(self, *, node_hosts: bytes = b"") -> bytes:
        """The file byte for byte, with NODE_HOSTS as the node's /etc/hosts."""
        return _bytes(self.lines) + (node_hosts if self.node_part else b"") + _bytes(self.tail)


def _bytes(lines: tuple[ExpectedLine, ...]) -> bytes:
    return "".join(f"{line.text}\n" for line in lines).encode("utf-8", "surrogatepass")
