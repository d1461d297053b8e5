"""One exec for `explain`: a container's files, its C library, and that library's view of names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.gather.explain_readers import lookups
from kubectl_hosts.gather.files import RESOLVER_PATHS, FilesRead, first_that_reads
from kubectl_hosts.gather.libc_view import parse_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.gather.ports import Cluster, ExecTarget
    from kubectl_hosts.model.observation import LibcView

HOSTNAME = "/proc/sys/kernel/hostname"
IF_INET6 = "/proc/net/if_inet6"
"""The IPv6 addresses of the pod, for AI_ADDRCONFIG; proc_net(5)."""
EXPLAIN_PATHS = (HOSTNAME, IF_INET6, *RESOLVER_PATHS)
# Of an exec's deadline: what starting it and bringing its output back may take.
_MARGIN_SECONDS = 4
_SHELLS = {
    "sh": ("sh", "-c"),
    "/busybox/sh": ("/busybox/sh", "-c"),
    "/bin/busybox": ("/bin/busybox", "sh", "-c"),
}


class Tools(NamedTuple):
    """Programs of a container that can carry bytes; `shell` is () where it has none."""

    shell: tuple[str, ...] = ()
    """The argv that a script's text is appended to."""
    names: frozenset[str] = frozenset()


class LibcSeen(NamedTuple):
    """What the exec saw of the C library and its environment."""

    libraries: frozenset[str] = frozenset()
    version: str = ""
    environment: tuple[tuple[str, str], ...] = ()


class Inside(NamedTuple):
    """What one exec told about a container; `views` has one of each name, in their order."""

    read: FilesRead
    views: tuple[LibcView, ...]
    tools: Tools = Tools()
    variables: tuple[tuple[str, str], ...] = ()
    """LOCALDOMAIN, RES_OPTIONS, HOSTALIASES, RESOLV_MULTI where the container's spec sets them."""
    version: str = ""
    """What the C library says of its version; "" where it was not asked, or there are two."""


def look_inside(
    cluster: Cluster, target: ExecTarget, names: Sequence[str], *, deadline: float = 30.0
) -> Inside:
    """Files, C library and views of NAMES (checked by names.py) in TARGET, in one exec.

    DEADLINE is in seconds. Raises a child of ExecFailed where nothing reads there; a name that
    could not be looked up is a LibcView that says so. (With `cat` alone: three execs, no views.)
    """
    within = max(1, int(deadline) - _MARGIN_SECONDS)
    looked = first_that_reads(cluster, target, lookups(within), (*EXPLAIN_PATHS, *names), deadline)
    sections = _sections(looked.stdout, looked.marker)
    via = looked.read.via
    tools = frozenset(rest for kind, rest, _ in sections if kind == "tool")
    return Inside(
        looked.read,
        parse_views(names, sections, via),
        Tools(_SHELLS.get(via, ()), tools),
        tuple(
            (head, body.removesuffix("\n")) for kind, head, body in sections if kind == "variable"
        ),
        _version([body for kind, _, body in sections if kind == "version"]),
    )


def _sections(stdout: bytes, marker: str) -> tuple[tuple[str, str, str], ...]:
    """(kind, rest of its line, text below it) of everything that is not a file."""
    if not marker:
        return ()
    parts = (part.partition(b"\n") for part in stdout.split(marker.encode())[1:])
    read = ((_text(head).strip().partition(" "), _text(body)) for head, _, body in parts)
    return tuple((kind, rest, body) for (kind, _, rest), body in read)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _version(said: Sequence[str]) -> str:
    """The two lines in which a loader names itself and its version (musl: on the second)."""
    if len(said) != 1:
        return ""
    return " ".join(said[0].split("\n")[:2]).strip()
