"""One pod's report: its verdict, the lines of its files, what they lack, what nobody could see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.hosts.report import VerdictKind
from kubectl_hosts.model.hosts.supplier import Kubelet, OwnMount, describe_supplier
from kubectl_hosts.report.findings import print_findings, print_not_checked
from kubectl_hosts.report.hosts_lines import print_lines
from kubectl_hosts.report.terminal import Style, escape, folded, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.hosts.report import ContainerReport, HostsReport


class Layout(NamedTuple):
    """How to print: the format, colours, the terminal's width (None: no limit), headers."""

    output: str
    style: Style
    width: int | None = None
    headers: bool = True
    all_namespaces: bool = False


def block(text: str) -> str:
    """TEXT after a blank line, nothing for nothing."""
    return f"\n{text}" if text else ""


def print_one(report: HostsReport, layout: Layout) -> str:
    """The whole report of a pod; its first line is the answer."""
    fix = escape(report.verdict.fix)
    told = wrapped(fix, layout.width, indent="fix: ", hanging="     ") if fix else ""
    shown = [each for each in report.containers if not each.same_as]
    several = len(report.containers) > 1
    parts = [_container(each, report, layout, named=several) for each in shown]
    return _headline(report, layout) + told + "".join(map(block, parts)) + _rest(report, layout)


def _headline(report: HostsReport, layout: Layout) -> str:
    """The verdict in one sentence (and one line, unless a terminal is too narrow)."""
    kind = report.verdict.kind
    where = f"pod {escape(report.namespace)}/{escape(report.name)}: "
    if kind not in {VerdictKind.COULD_NOT_LOOK, VerdictKind.NO_FILE, VerdictKind.REFUSED}:
        where += f"{report.path} "
    paint = _paint(kind, layout.style)
    first, *others = wrapped(where + escape(report.verdict.sentence), layout.width).splitlines()
    # A terminal too narrow for the pod's name has it on a line of its own.
    place = len(where) if first.startswith(where) else len(first)
    painted = [f"{first[:place]}{paint(first[place:])}" if first[place:] else first]
    return "".join(f"{line}\n" for line in (*painted, *map(paint, others)))


def _paint(kind: VerdictKind, style: Style) -> Callable[[str], str]:
    match kind:
        case VerdictKind.HOLDS | VerdictKind.PREDICTED:
            return style.good
        case VerdictKind.DIFFERS | VerdictKind.REFUSED:
            return style.bad
        case _:
            return style.warning


def _rest(report: HostsReport, layout: Layout) -> str:
    assumed = "".join(f"Assumed: {escape(each)}.\n" for each in report.assumptions)
    told = {report.verdict.fix}
    missed = [each for each in report.not_checked if each.why not in report.verdict.sentence]
    parts = (
        print_findings(report.findings, layout.style, said=told),
        print_not_checked(missed, said=told),
        assumed,
    )
    return "".join(block(folded(each, layout.width)) for each in parts)


def _container(
    container: ContainerReport, report: HostsReport, layout: Layout, *, named: bool
) -> str:
    sharing = [each.name for each in report.containers if each.same_as == container.name]
    names = ", ".join((container.name, *sharing))
    title = f"Container {escape(names)}:\n" if named else ""
    if container.unreadable is not None and container.lines:
        title += "Predicted from the spec:\n"
    lines = print_lines(
        container,
        layout.style,
        width=layout.width,
        headers=layout.headers,
        wide=layout.output == "wide",
    )
    return title + lines + _supplied(container, report.namespace, layout)


# How a supplier is known where the container's mounts did not tell.
_TOLD_BY = {"spec": ", by the spec alone", "header": ", by the file's header"}


def _supplied(container: ContainerReport, namespace: str, layout: Layout) -> str:
    supplier = container.managed_by
    told = ""
    # A prediction says in its first line that nobody looked.
    if (
        isinstance(supplier, Kubelet | OwnMount)
        and container.verdict.kind is not VerdictKind.PREDICTED
    ):
        told = _TOLD_BY.get(supplier.told_by, "")
    read = f", read through container {container.read_from}" if container.read_from else ""
    words = f"Supplied by: {describe_supplier(supplier, namespace)}{told}{read}\n"
    written = container.last_written
    # Of a file that was edited since, that is not when it was last written.
    if written.at and not container.drift:
        later = f", or later: {written.or_later}" if written.or_later else ""
        words += f"Last written: {written.at}, when container {written.by} started{later}\n"
    notes = "".join(f"Note: {each}\n" for each in container.notes)
    return folded(escape(words + notes), layout.width)
