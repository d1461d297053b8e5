"""The table of lines, and how it keeps to a terminal."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.hosts.drift import find_drift
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.hosts_report import ContainerReport, Verdict, VerdictKind
from kubectl_hosts.model.hosts.kubelet import LastWritten, kubelet_hosts_file
from kubectl_hosts.model.hosts.supplier import Kubelet
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.report.hosts_one import Layout, print_lines, shown_text
from kubectl_hosts.report.terminal import Style
from tests.fakes import a_pod, hosts_text

POD = a_pod("web", aliases=(("192.0.2.1", "db", "queue"),))


def container(data):
    expected = kubelet_hosts_file(parse_pod(POD), kubelet_version="v1.34.4")
    drift = find_drift(expected, parse_hosts_file(data), node="node-1")
    return ContainerReport(
        name="main",
        managed_by=Kubelet(),
        last_written=LastWritten(),
        drift=drift.found,
        verdict=Verdict(kind=VerdictKind.HOLDS, sentence="holds"),
        lines=drift.lines,
    )


def table(data, *, width=None, headers=True, wide=False, style=None):
    output = "wide" if wide else "table"
    return print_lines(container(data), Layout(output, style or Style(), width, headers))


WHOLE = hosts_text(POD)
CHANGED = WHOLE.replace(b"192.0.2.1\t", b"192.0.2.2\t")


def test_without_a_difference_there_is_no_status():
    header, *rows = table(WHOLE).splitlines()
    assert header.split() == ["LINE", "TEXT", "FROM"]
    assert len(rows) == len(WHOLE.splitlines())


def test_what_a_changed_line_should_be_stands_below_it():
    *_, changed, wanted = table(CHANGED).splitlines()
    assert changed.split() == ["11", "changed", "192.0.2.2", "db", "queue", "hostAliases[0]"]
    assert wanted.split() == ["instead", "of", "192.0.2.1", "db", "queue"]


def test_missing_lines_have_no_number():
    *_, missing = table(WHOLE[: WHOLE.rindex(b"192")]).splitlines()
    assert missing.split() == ["missing", "192.0.2.1", "db", "queue", "hostAliases[0]"]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_long_line_is_cut_and_its_origin_stays(width):
    data = WHOLE + b"192.0.2.9 " + b"x" * 500 + b"\n"
    rows = table(data, width=width).splitlines()
    assert max(map(len, rows)) <= width
    assert rows[-1].endswith("\u2026   manual edit")


def test_a_line_that_fits_is_left_alone():
    assert table(WHOLE, width=80) == table(WHOLE, width=None)


def test_wide_cuts_nothing():
    name = b"x" * 500
    assert name.decode() in table(WHOLE + b"192.0.2.9 " + name + b"\n", width=80, wide=True)


def test_colours_mark_what_differs_and_nothing_else():
    plain = table(CHANGED + b"192.0.2.9 x\n")
    painted = table(CHANGED + b"192.0.2.9 x\n", style=Style(on=True))
    marked = [each for each in painted.splitlines() if "\x1b" in each]
    assert [each[:5] for each in marked] == ["\x1b[31m", "\x1b[31m", "\x1b[33m"]
    assert painted.replace("\x1b[31m", "").replace("\x1b[33m", "").replace("\x1b[0m", "") == plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("192.0.2.1\tdb", "192.0.2.1  db", id="a tab"),
        pytest.param("", "<blank>", id="nothing"),
        pytest.param("  ", "<blank>", id="blanks alone"),
        pytest.param("a\x1b[2J", "a^[[2J", id="an escape sequence"),
        pytest.param("a\r", "a\\r", id="CRLF"),
    ],
)
def test_a_line_is_shown_so_that_nothing_hides(text, shown):
    assert shown_text(text) == shown
