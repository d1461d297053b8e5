"""One pod's report: its verdict, the lines of its files, what they lack, what nobody could see."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.model.findings import Reason, Severity
from kubectl_hosts.model.hosts.hosts_report import LineStatus, VerdictKind
from kubectl_hosts.model.hosts.supplier import Kubelet, OwnMount, describe_supplier
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.report.finding_words import describe_origin, print_findings, print_not_checked
from kubectl_hosts.report.terminal import (
    Style,
    display_width,
    escape,
    fit,
    folded,
    print_columns,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.hosts.hosts_report import ContainerReport, HostsReport, ReportLine


class Layout(NamedTuple):
    """How to print: the format, colours, the terminal's width (None: no limit), headers."""

    output: str
    style: Style
    width: int | None = None
    headers: bool = True
    all_namespaces: bool = False
    folds: bool = False
    """Whether what is as it should be is left out, or one row."""

    def rows(self, text: str) -> int:
        """How many rows of the terminal TEXT takes; without a terminal a line is a row."""
        width = self.width
        if width is None:
            return text.count("\n")
        plain = self.style.removed(text)
        return sum(max(1, -(-display_width(line) // width)) for line in plain.splitlines())


def block(text: str) -> str:
    """TEXT after a blank line, nothing for nothing."""
    return f"\n{text}" if text else ""


# A terminal of 24 rows, with the command above and the prompt below: the first line stays in sight.
_SCREEN = 22


def print_one(report: HostsReport, layout: Layout) -> str:
    """The whole report of a pod; its first line is the answer."""
    return on_a_screen(lambda chosen: _print_one(report, chosen), layout)


def on_a_screen(show: Callable[[Layout], str], layout: Layout) -> str:
    """What SHOW prints; on a terminal with `folds` where it takes more than a screen."""
    text = show(layout)
    if layout.width is None or layout.output == "wide" or layout.rows(text) <= _SCREEN:
        return text
    return show(layout._replace(folds=True))


def _print_one(report: HostsReport, layout: Layout) -> str:
    shown = [each for each in report.containers if not each.same_as]
    several = len(report.containers) > 1
    parts = [_container(each, report, layout, named=several) for each in shown]
    # A file as it is due is no answer to who has a problem all the same: that comes first.
    is_due = report.verdict.kind in {VerdictKind.HOLDS, VerdictKind.PREDICTED}
    first = [each for each in report.findings if is_due and each.severity is not Severity.INFO]
    lead = folded(print_findings(first, layout.style), layout.width)
    rest = replace(report, findings=tuple(each for each in report.findings if each not in first))
    answer = print_verdict(report, layout)
    answer = f"{lead}{block(answer)}" if lead else answer
    return answer + "".join(map(block, parts)) + _rest(rest, layout)


def print_verdict(report: HostsReport, layout: Layout) -> str:
    """The verdict, and what to do about it."""
    fix = escape(report.verdict.fix)
    told = wrapped(fix, layout.width, indent="hint: ", hanging="      ") if fix else ""
    return _headline(report, layout) + told


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


# What the first line says of the lines that differ.
_SAID_BY_VERDICT = frozenset(
    {
        Reason.EMPTY_FILE,
        Reason.FOREIGN_LINES,
        Reason.HOST_ALIASES_MISSING,
        Reason.OWN_LINE_CHANGED,
        Reason.POD_IP_MISSING,
    }
)


def _rest(report: HostsReport, layout: Layout) -> str:
    assumed = "".join(f"Assumed: {escape(each)}.\n" for each in report.assumptions)
    told = {report.verdict.fix}
    missed = [each for each in report.not_checked if each.why not in report.verdict.sentence]
    findings = report.findings
    if layout.output != "wide" and report.verdict.kind is VerdictKind.DIFFERS:
        several = sum(1 for each in report.containers if not each.same_as) > 1
        findings = tuple(e for e in findings if several or e.reason not in _SAID_BY_VERDICT)
    parts = (
        print_findings(findings, layout.style, said=told),
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
        title += "As far as it was read:\n" if container.observed else "Predicted from the spec:\n"
    lines = print_lines(container, layout)
    return title + lines + _supplied(container, report.namespace, layout)


# How a supplier is known where the container's mounts did not tell.
_TOLD_BY = {"spec": ", by the spec alone", "header": ", by the file's header"}


def _supplied(container: ContainerReport, namespace: str, layout: Layout) -> str:
    supplier = container.managed_by
    is_due = bool(container.lines) or container.verdict.kind is not VerdictKind.NO_FILE
    if isinstance(supplier, Kubelet) and not is_due:
        return ""
    told = ""
    # A prediction says in its first line that nobody looked.
    if (
        isinstance(supplier, Kubelet | OwnMount)
        and container.verdict.kind is not VerdictKind.PREDICTED
    ):
        told = _TOLD_BY.get(supplier.told_by, "")
    read = f", read through container {container.read_from}" if container.read_from else ""
    lines = [f"Supplied by: {describe_supplier(supplier, namespace)}{told}{read}"]
    written = container.last_written
    # Of a file that was edited since, that is not when it was last written.
    if written.at and not container.drift:
        later = f", or later: {written.or_later}" if written.or_later else ""
        lines.append(f"Last written: {written.at}, when container {written.by} started{later}")
    lines += [f"Note: {each}" for each in container.notes]
    return folded("\n".join(map(escape, lines)), layout.width)


# The lines of one hosts file as a table: number, status, text, and where each comes from.

# A file of more lines than these is shown with runs of a kind folded: nobody reads 30 000 rows.
_SHOWN_WHOLE = 200
_HEAD_OF_RUN = 10
# Columns of a line's text: as many as there is room for, within these.
_NARROWEST, _WIDEST = 24, 100
_GAP = 3


class _Row(NamedTuple):
    """A row of the table, and the status that colours it."""

    status: LineStatus
    number: str
    word: str
    text: str
    source: tuple[str, ...]


def print_lines(container: ContainerReport, layout: Layout) -> str:
    """The table of a container's lines, "" where there are none.

    A text too long for the terminal is cut; without one it is cut at 100 columns.
    """
    wide = layout.output == "wide"
    lines = _in_runs(container.lines) if layout.folds else _folded(container.lines)
    rows = [row for line in lines for row in _rows(line, wide=wide)]
    if not rows:
        return ""
    numbered = any(row.number for row in rows)
    differs = wide or any(row.status is not LineStatus.EXPECTED for row in rows)
    names = [*(["LINE"] if numbered else []), *(["STATUS"] if differs else []), "TEXT", "FROM"]
    names += ["KIND", "OBJECT", "FIELD"] if wide else []
    before = [
        [*([row.number] if numbered else []), *([row.word] if differs else [])] for row in rows
    ]
    others = [[*start, *row.source] for start, row in zip(before, rows, strict=True)]
    others = [[*names[: len(before[0])], *names[-1:]], *others]
    room = None if wide else _room(others, layout.width)
    cells = [
        [*start, fit(row.text, room), *row.source] for start, row in zip(before, rows, strict=True)
    ]
    table = print_columns([*([names] if layout.headers else []), *cells])
    return _coloured(table, rows, layout)


def _room(others: Sequence[Sequence[str]], width: int | None) -> int:
    """Columns for the text beside the OTHER cells; what is left of the terminal's WIDTH."""
    if width is None:
        return _WIDEST
    taken = sum(max(map(len, column)) + _GAP for column in zip(*others, strict=True))
    return max(_NARROWEST, min(_WIDEST, width - taken))


def _folded(lines: Sequence[ReportLine]) -> Iterator[ReportLine | str]:
    """The lines; in a long file, a run of one status and kind is its head and a count."""
    if len(lines) <= _SHOWN_WHOLE:
        yield from lines
        return
    for _, group in groupby(lines, key=lambda each: (each.status, each.origin.kind)):
        run = list(group)
        yield from run[:_HEAD_OF_RUN]
        if len(run) > _HEAD_OF_RUN:
            yield f"... {len(run) - _HEAD_OF_RUN} more such lines: -o json has them all"


_SAME_IN_EVERY_FILE = frozenset({OriginKind.KUBELET_BOILERPLATE, OriginKind.NODE_HOSTS})


def _in_runs(lines: Sequence[ReportLine]) -> Iterator[ReportLine | _Row | str]:
    """The lines; a run of those that every file has, and that are as expected, is one row."""
    for (status, kind), group in groupby(lines, key=lambda each: (each.status, each.origin.kind)):
        run = list(group)
        if len(run) < 3 or status is not LineStatus.EXPECTED or kind not in _SAME_IN_EVERY_FILE:
            yield from _folded(run)
            continue
        numbers = f"{run[0].number}-{run[-1].number}"
        whose = (
            "kubelet" if kind is OriginKind.KUBELET_BOILERPLATE else f"node {run[0].origin.object}"
        )
        text = f"{len(run)} lines of every pod (-o wide)"
        yield _Row(status, numbers, status.value, text, (escape(whose),))


def _rows(line: ReportLine | _Row | str, *, wide: bool) -> Iterator[_Row]:
    if isinstance(line, _Row):
        yield line
        return
    if isinstance(line, str):
        yield _Row(LineStatus.EXPECTED, "", "", line, ("", "", "", "") if wide else ("",))
        return
    origin = line.origin
    place = (origin.kind.value, escape(origin.object), escape(origin.field)) if wide else ()
    yield _Row(
        status=line.status,
        number="" if line.number is None else str(line.number),
        word=line.status.value,
        text=shown_text(line.text),
        source=(describe_origin(origin), *place),
    )
    if line.status is LineStatus.CHANGED:
        blank = ("",) * len(place)
        wanted = shown_text(line.instead_of)
        yield _Row(LineStatus.MISSING, "", "instead of", wanted, ("", *blank))


def shown_text(text: str) -> str:
    """A line of the file in a cell: tabs as two spaces, control characters visible."""
    return "  ".join(escape(part) for part in text.split("\t")).rstrip() or "<blank>"


def _coloured(table: str, rows: Sequence[_Row], layout: Layout) -> str:
    of_status: dict[LineStatus, Callable[[str], str]] = {
        LineStatus.EXPECTED: str,
        LineStatus.EXTRA: layout.style.warning,
        LineStatus.MISSING: layout.style.bad,
        LineStatus.CHANGED: layout.style.bad,
    }
    paints: list[Callable[[str], str]] = [str] if layout.headers else []
    paints += [of_status[each.status] for each in rows]
    lines = zip(paints, table.splitlines(), strict=True)
    return "".join(f"{paint(line)}\n" for paint, line in lines)


# diff(1)'s unified format: the file that the spec asks for against the one that was read.

_NO_NEWLINE = "\\ No newline at end of file\n"


def expected_bytes(container: ContainerReport) -> bytes:
    """The predicted file; the node's part of a hostNetwork file is taken from what was read.

    b"" where the kubelet's file is not due.
    """
    if container.expected is None:
        return b""
    if container.observed is not None and container.observed.is_cut:
        return _expected_so_far(container.lines)
    numbers = {line.number for line in container.lines if line.origin.kind is OriginKind.NODE_HOSTS}
    observed = container.observed.lines if container.observed else ()
    node = b"".join(
        line.raw + (b"\n" if line.ended else b"") for line in observed if line.number in numbers
    )
    return container.expected.to_bytes(node_hosts=node)


def _expected_so_far(lines: Sequence[ReportLine]) -> bytes:
    """What is expected of a file that was cut, where it was read; the rest is not compared."""
    due = (line.instead_of or line.text for line in lines if line.status is not LineStatus.EXTRA)
    return "".join(f"{text}\n" for text in due).encode("utf-8", "surrogateescape")


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
    return "".join(_paint_line(line, style) for line in lines)


def _lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "backslashreplace")
    return [f"{each}\n" for each in text.split("\n")[:-1]] + [
        each for each in text.split("\n")[-1:] if each
    ]


def _paint_line(line: str, style: Style) -> str:
    text = escape(line.removesuffix("\n"))
    if line.startswith("-"):
        text = style.bad(text)
    elif line.startswith("+"):
        text = style.good(text)
    return f"{text}\n" if line.endswith("\n") else f"{text}\n{_NO_NEWLINE}"
