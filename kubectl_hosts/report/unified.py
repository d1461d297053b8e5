"""diff(1)'s unified format: the file that the spec asks for against the one that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.report.terminal import Style, escape

if TYPE_CHECKING:
    from kubectl_hosts.model.hosts.report import ContainerReport, HostsReport

_NO_NEWLINE = "\\ No newline at end of file\n"


def expected_bytes(container: ContainerReport) -> bytes:
    """The predicted file; the node's part of a hostNetwork file is taken from what was read.

    b"" where the kubelet's file is not due.
    """
    if container.expected is None:
        return b""
    numbers = {line.number for line in container.lines if line.origin.kind is OriginKind.NODE_HOSTS}
    observed = container.observed.lines if container.observed else ()
    node = b"".join(
        line.raw + (b"\n" if line.ended else b"") for line in observed if line.number in numbers
    )
    return container.expected.to_bytes(node_hosts=node)


def print_unified(report: HostsReport, container: ContainerReport, style: Style) -> str:
    """The differences of one container, "" where there are none."""
    if not container.drift or container.observed is None:
        return ""
    from difflib import unified_diff  # noqa: PLC0415

    place = f"{report.namespace}/{report.name}/{container.name}"
    lines = unified_diff(
        _lines(expected_bytes(container)),
        _lines(container.observed.to_bytes()),
        f"{place}: expected",
        f"{place}: as it is",
    )
    return "".join(_paint(line, style) for line in lines)


def _lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "backslashreplace")
    return [f"{each}\n" for each in text.split("\n")[:-1]] + [
        each for each in text.split("\n")[-1:] if each
    ]


def _paint(line: str, style: Style) -> str:
    text = escape(line.removesuffix("\n"))
    if line.startswith("-"):
        text = style.bad(text)
    elif line.startswith("+"):
        text = style.good(text)
    return f"{text}\n" if line.endswith("\n") else f"{text}\n{_NO_NEWLINE}"
