"""From an exec's output to files: markers, cut output, and what stands in for a shell."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.errors import ExecFailed, HostsError, NoSuchExecutable
from kubectl_hosts.model.evidence import (
    HOSTNAME,
    HOSTS,
    IF_INET6,
    MOUNTINFO,
    OS_RELEASE,
    RESOLV_CONF,
    RESOLVER_PATHS,
    CouldNotLook,
    FileAbsent,
    FileRead,
)
from kubectl_hosts.model.evidence import HOSTS_PATHS as PATHS
from kubectl_hosts.probes.files import (
    FILES_ALONE,
    first_that_reads,
    new_marker,
    parse_sections,
    read_files,
    readers,
    root_of,
    why,
)
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget
from tests.fakes import FakeCluster, section

MARKER = f"=={'a' * 32}=="
TARGET = ExecTarget(namespace="shop", pod="web", container="main")
WEB = ("web", "main")


class Answers(FakeCluster):
    """A cluster whose execs all end with the same."""

    def __init__(self, **done):
        super().__init__()
        self.done = CompletedExec(**{"stdout": b"", "stderr": b"", "exit_code": 0, **done})

    def exec(self, target, argv, *, stdin=b"", limit=1 << 20, deadline=30.0, last=b""):
        return self.done


def test_every_marker_is_new():
    markers = {new_marker() for _ in range(50)}
    assert len(markers) == 50
    assert all(re.fullmatch("==[0-9a-f]{32}==", each) for each in markers)


@given(st.dictionaries(st.sampled_from(PATHS), st.binary() | st.none() | st.just("absent")))
def test_what_a_reader_prints_is_what_is_parsed(contents):
    stdout = b"".join(section(MARKER, path, each) for path, each in contents.items())
    files, _ = parse_sections(stdout, MARKER)
    assert files == {path: parsed(path, each) for path, each in contents.items()}


def parsed(path, content):
    match content:
        case bytes():
            return FileRead(content)
        case None:
            return CouldNotLook(what=path, why=f"{path} is a directory")
    return FileAbsent()


@given(st.binary())
def test_any_output_can_be_parsed(stdout):
    files, libraries = parse_sections(stdout, MARKER)
    assert (files, libraries) == ({}, frozenset())


@pytest.mark.parametrize(
    ("stdout", "expected"),
    [
        pytest.param(
            f"{MARKER} file {HOSTS}\n127.0.0.1",
            FileRead(b"127.0.0.1", truncated=True),
            id="an end that never came",
        ),
        pytest.param(
            f"{MARKER} file {HOSTS}\nhead: {HOSTS}:\nPermission denied\n{MARKER} end 1\n",
            CouldNotLook(what=HOSTS, why="Permission denied"),
            id="the last line of a complaint is the reason",
        ),
        pytest.param(
            f"{MARKER} file {HOSTS}\n{MARKER} end 127\n",
            CouldNotLook(what=HOSTS, why="exit code 127"),
            id="a failure without a word",
        ),
    ],
)
def test_a_file_that_is_not_whole_says_so(stdout, expected):
    assert parse_sections(stdout.encode(), MARKER)[0] == {HOSTS: expected}


def headed(*files, marker=MARKER):
    """What one `head` prints of (path, content) pairs, as POSIX has it."""
    parts = [("/dev/null", b""), *((root_of(marker) + path, each) for path, each in files)]
    ended = [*parts, (f"{root_of(marker)}/dev/null", b"")]
    text = b"\n".join(f"==> {path} <==\n".encode() + each for path, each in ended)
    return f"{marker} files\n".encode() + text


@given(st.dictionaries(st.sampled_from(PATHS), st.binary()), st.integers(min_value=0))
def test_cut_output_never_gives_a_cut_file_as_whole(contents, cut):
    stdout = headed(*contents.items())
    assert parse_sections(stdout, MARKER)[0] == {
        path: FileRead(each) for path, each in contents.items()
    }
    found, _ = parse_sections(stdout[: cut % len(stdout)], MARKER)
    for path, each in found.items():
        assert isinstance(each, FileRead)
        common = min(len(each.data), len(contents[path]))
        assert each.data[:common] == contents[path][:common]
        assert each.truncated or each.data == contents[path]


def test_a_root_is_spelled_anew_for_each_marker_and_is_the_root():
    roots = {root_of(new_marker()) for _ in range(50)}
    assert len(roots) == 50
    assert {os.path.realpath(f"{each}/etc/hosts") for each in roots} == {
        os.path.realpath("/etc/hosts")
    }


@pytest.mark.parametrize(
    "complaint",
    [
        pytest.param("head: cannot open '{}/etc/hosts' for reading: Permission denied", id="GNU"),
        pytest.param("head: error reading '{}/etc/hosts': Input/output error", id="GNU, reading"),
        pytest.param("head: {}/etc/hosts: Permission denied", id="busybox"),
    ],
)
def test_a_complaint_of_head_is_the_reason_for_its_file(complaint):
    said = complaint.format(root_of(MARKER)).encode() + b"\nhead: no more\n"
    found, _ = parse_sections(headed((RESOLV_CONF, b"x")), MARKER, said)
    assert found == {
        RESOLV_CONF: FileRead(b"x"),
        HOSTS: CouldNotLook(what=HOSTS, why=complaint.format("")),
    }


def test_libraries_are_listed_apart():
    stdout = f"{MARKER} library /lib/ld-musl-x86_64.so.1\n{MARKER} done\n".encode()
    assert parse_sections(stdout, MARKER) == ({}, frozenset({"/lib/ld-musl-x86_64.so.1"}))


def read(cluster):
    return read_files(cluster, TARGET, deadline=5)


def test_one_exec_brings_every_file():
    contents = {path: path.encode() for path in PATHS}
    cluster = FakeCluster(files={WEB: contents})
    found = read(cluster)
    assert dict(found.files) == {path: FileRead(each) for path, each in contents.items()}
    assert found.via == "head"
    assert cluster.asked == [("exec", "main", "sh")]


@pytest.mark.parametrize(
    ("programs", "via"),
    [
        pytest.param({"sh", "cat"}, "sh", id="a shell without head"),
        pytest.param({"cat"}, "cat", id="cat alone"),
        pytest.param({"cat", "python3"}, "cat", id="cat before python3"),
        pytest.param({"python3", "perl"}, "python3", id="distroless Python"),
        pytest.param({"node"}, "node", id="distroless Node.js"),
        pytest.param({"perl"}, "perl", id="perl"),
        pytest.param({"/busybox/sh"}, "/busybox/sh", id="distroless :debug"),
        pytest.param({"/bin/busybox"}, "/bin/busybox", id="busybox without links"),
    ],
)
def test_an_image_without_a_shell_is_read_by_what_it_has(programs, via):
    cluster = FakeCluster(files={WEB: {HOSTS: b"x"}}, programs={WEB: programs})
    found = read(cluster)
    assert found.via == via
    assert dict(found.files)[HOSTS] == FileRead(b"x")


def test_cat_brings_what_is_essential_and_says_of_the_rest_that_nobody_looked():
    files = {HOSTS: b"x", MOUNTINFO: "cat: /proc/self/mountinfo:\nPermission denied\n"}
    cluster = FakeCluster(files={WEB: files}, programs={WEB: {"cat"}})
    looked = first_that_reads(cluster, TARGET, readers(FILES_ALONE), RESOLVER_PATHS, 5)
    assert dict(looked.read.files) == {
        HOSTS: FileRead(b"x"),
        MOUNTINFO: CouldNotLook(what=MOUNTINFO, why="cat: /proc/self/mountinfo: Permission denied"),
        "/etc/resolv.conf": FileAbsent(),
        **{
            path: CouldNotLook(what=path, why="not read: no shell")
            for path in (HOSTNAME, IF_INET6, "/etc/host.conf", "/etc/nsswitch.conf", OS_RELEASE)
        },
    }


def test_an_image_with_nothing_is_told_what_would_help():
    cluster = FakeCluster(programs={WEB: set()})
    with pytest.raises(NoSuchExecutable) as raised:
        read(cluster)
    assert "no shell, head, cat, python3, node, perl or busybox" in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("done", "message"),
    [
        pytest.param(
            {"stderr": b"head: warning\nhead: invalid option\n", "exit_code": 2},
            "head ended with exit code 2: head: invalid option",
            id="its last line of stderr",
        ),
        pytest.param({"exit_code": 137}, "head ended with exit code 137", id="without a word"),
        pytest.param(
            {"stdout": b"Welcome!\n"},
            "head ended with exit code 0",
            id="output that is no reader's",
        ),
    ],
)
def test_output_without_a_file_is_a_failure(done, message):
    with pytest.raises(ExecFailed) as raised:
        read(Answers(**done))
    assert raised.value.message == message


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        pytest.param("error: no", "no", id="kubectl's opening goes"),
        pytest.param("no\n  such\n\nthing\n", "no such thing", id="several lines are one"),
        pytest.param("Error from server: no", "Error from server: no", id="the server's stays"),
    ],
)
def test_an_error_is_a_reason_in_one_line(message, reason):
    assert why(HostsError(message)) == reason
