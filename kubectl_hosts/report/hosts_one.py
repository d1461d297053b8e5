"""One pod's report: its verdict, the lines of its files, what they lack, what nobody could see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.hosts.report import VerdictKind
from kubectl_hosts.model.hosts.supplier import Kubelet, OwnMount
from kubectl_hosts.model.hosts.verdict import describe_supplier
from kubectl_hosts.report.findings import print_findings, print_not_checked
from kubectl_hosts.report.hosts_lines import print_lines
from kubectl_hosts.report.terminal import Style, escape

if TYPE_CHECKING:
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
    fix = f"fix: {escape(report.verdict.fix)}\n" if report.verdict.fix else ""
    shown = [each for each in report.containers if not each.same_as]
    several = len(report.containers) > 1
    parts = [_container(each, report, layout, named=several) for each in shown]
    return headline(report, layout.style) + fix + "".join(map(block, parts)) + _rest(report, layout)


def headline(report: HostsReport, style: Style) -> str:
    """The verdict in one line."""
    sentence = escape(report.verdict.sentence)
    where = f"pod {escape(report.namespace)}/{escape(report.name)}"
    match report.verdict.kind:
        case VerdictKind.HOLDS | VerdictKind.PREDICTED:
            return f"{where}: {report.path} {style.good(sentence)}\n"
        case VerdictKind.DIFFERS:
            return f"{where}: {report.path} {style.bad(sentence)}\n"
        case VerdictKind.OWN_MOUNT | VerdictKind.NOT_THE_KUBELET:
            return f"{where}: {report.path} {style.warning(sentence)}\n"
        case VerdictKind.COULD_NOT_LOOK | VerdictKind.NO_FILE:
            return f"{where}: {style.warning(sentence)}\n"


def _rest(report: HostsReport, layout: Layout) -> str:
    assumed = "".join(f"Assumed: {escape(each)}.\n" for each in report.assumptions)
    told = {report.verdict.fix}
    missed = [each for each in report.not_checked if each.why not in report.verdict.sentence]
    return (
        block(print_findings(report.findings, layout.style, told=told))
        + block(print_not_checked(missed, told=told))
        + block(assumed)
    )


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
    return title + lines + _supplied(container, report.namespace)


# How a supplier is known where the container's mounts did not tell.
_TOLD_BY = {"spec": ", by the spec alone", "header": ", by the file's header"}


def _supplied(container: ContainerReport, namespace: str) -> str:
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
    if written.at:
        later = f", or later: {written.or_later}" if written.or_later else ""
        words += f"Last written: {written.at}, when container {written.by} started{later}\n"
    notes = "".join(f"Note: {each}\n" for each in container.notes)
    return escape(words + notes)
