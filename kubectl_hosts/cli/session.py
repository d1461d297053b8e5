"""What a command works with: the cluster (live or files), the streams, the style."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kubectl_hosts.waiting import Counting, wipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kubectl_hosts.cluster.connection_flags import ConnectionFlags
    from kubectl_hosts.model.api.review import ManifestsVerdict
    from kubectl_hosts.model.check.check_report import ObjectRef
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.offline.documents import Placed
    from kubectl_hosts.probes.ports import Backend
    from kubectl_hosts.report.hosts_one import Layout

T = TypeVar("T")

EXEC_SECONDS = 30.0
_PIECE = 1 << 16


class Opened(NamedTuple):
    """Who answers reads, and what files already say about themselves."""

    backend: Backend
    manifests: ManifestsVerdict | None = None
    is_live: bool = True
    has_captures: bool = False
    placeholders: Mapping[str, str] = {}
    """By address that nobody has given yet: `the IP that pod shop/web-0 will get`."""
    mentions: Mapping[ObjectRef, tuple[Mention, ...]] | None = None
    """The host names that workloads mention, as a capture has them."""
    captured_namespace: str = ""
    """What captures hold: a namespace, "" for all."""
    placed: tuple[Placed, ...] = ()
    """The objects of manifests as they stand there."""

    @property
    def can_look(self) -> bool:
        """Whether anything is known of what stands in containers: not from manifests alone."""
        return self.is_live or self.has_captures

    def namespace(self, flags: ConnectionFlags) -> str:
        """That of -n, else the only one of the files' pods, else that of the context."""
        from kubectl_hosts.cli.targets import only_namespace  # noqa: PLC0415

        its_own = "" if flags.namespace or self.is_live else only_namespace(self.backend)
        return flags.namespace or its_own or self.backend.namespace


def open_backend(
    flags: ConnectionFlags, filenames: Sequence[str], *, needs_pods: bool = True
) -> Opened:
    """The backend of FILENAMES where there are any, else the one kubectl would talk to.

    Files in which there is no pod are of no use where the command NEEDS_PODS.
    """
    deadline = exec_deadline(flags)
    if filenames:
        from kubectl_hosts.offline.backend import load  # noqa: PLC0415

        files = load(
            filenames,
            namespace=flags.namespace,
            stdin=sys.stdin.buffer.read,
            needs_pods=needs_pods,
        )
        return Opened(
            files,
            files.manifests,
            is_live=False,
            has_captures=bool(files.captures),
            placeholders=files.placeholders,
            mentions=files.mentions,
            captured_namespace=files.captured_namespace,
            placed=files.placed,
        )
    from kubectl_hosts.cluster.live import LiveBackend, connect  # noqa: PLC0415

    return Opened(LiveBackend(connect(flags), deadline=deadline))


def note_refused(opened: Opened) -> None:
    """Say which objects of the manifests are not there: the API server would not take them.

    Or nobody could read them.
    """
    if not opened.manifests:
        return
    for each in opened.manifests.unread:
        note(each.message)
    if opened.manifests.refused:
        named = ", ".join(opened.manifests.refused)
        note(f"the API server refuses {named}: kubectl hosts show -f says why")


def exec_deadline(flags: ConnectionFlags) -> float:
    """Seconds for one exec: --request-timeout where it limits anything. Raises BadInput."""
    from kubectl_hosts.cluster.connection_flags import parse_request_timeout  # noqa: PLC0415

    return parse_request_timeout(flags.request_timeout) or EXEC_SECONDS


def note(text: str) -> None:
    """A line for people, on stderr."""
    from kubectl_hosts.report.terminal import escape_lines  # noqa: PLC0415

    wipe()
    print(escape_lines(text), file=sys.stderr)


def write(text: str) -> None:
    """The result, on stdout; what its encoding cannot show is replaced, never an error.

    A terminal gets nothing raw, not even of `-o hosts` and jsonpath; a pipe gets those as they are.
    """
    from kubectl_hosts.report.terminal import encodable, harmless  # noqa: PLC0415

    text = harmless(text) if sys.stdout.isatty() else text
    shown = encodable(text, sys.stdout.encoding or "utf-8")
    for start in range(0, len(shown), _PIECE):  # a fleet's text is not encoded as a whole
        sys.stdout.write(shown[start : start + _PIECE])


def _terminal_width() -> int | None:
    """Columns of the terminal that stdout is, None where it is a pipe or a file."""
    if not sys.stdout.isatty():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:
        return None


def chosen_layout(output: str, color: str, *, no_headers: bool) -> Layout:
    """How to print, by the flags of a verb and what stdout is."""
    from kubectl_hosts.report.hosts_one import Layout  # noqa: PLC0415
    from kubectl_hosts.report.terminal import choose_style  # noqa: PLC0415

    return Layout(
        output=output,
        style=choose_style(color, os.environ, is_tty=sys.stdout.isatty()),
        width=_terminal_width(),
        headers=not no_headers,
    )


def as_pasted(found: T) -> T:
    """FOUND, a result, with commands that change the cluster that was asked, wherever pasted."""
    from kubectl_hosts.cli.flags import CLUSTER_FIELDS, flags_given  # noqa: PLC0415

    given = flags_given(*CLUSTER_FIELDS)
    if not given:
        return found
    import shlex  # noqa: PLC0415  most command lines name no cluster

    from kubectl_hosts.report.finding_words import for_cluster  # noqa: PLC0415

    return for_cluster(found, shlex.join(("kubectl", *given)))


def keep_each(
    results: Iterable[tuple[int, T]], total: int, keep: Callable[[int, T], object]
) -> bool:
    """KEEP each result as it is known, and say how many; whether ^C came before the last."""
    line = Counting() if total > 1 else None
    done = 0
    try:
        for place, result in results:
            keep(place, result)
            done += 1
            if line:
                line.say(f"read {done} of {total} pods")
    except KeyboardInterrupt:
        note(f"interrupted: {done} of {total} pods were read")
        return True
    finally:
        if line:
            line.end()
    return False
