"""The readers' scripts, run by the real programs on real files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from local_container import TARGET, LocalContainer

from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead
from kubectl_hosts.probes.files import (
    FILE_LIMIT,
    FILE_SECONDS,
    FILES_ALONE,
    first_that_reads,
    limited,
    new_marker,
    readers,
    root_of,
)

# What the image has, and this machine's program for it.
IMAGES = {
    "dash": {"sh": "dash", "head": "head"},
    "bash": {"sh": "bash", "head": "head"},
    "busybox": {"sh": "busybox", "head": "busybox"},
    "dash without head": {"sh": "dash", "cat": "cat"},
    "bash without head": {"sh": "bash", "cat": "cat"},
    "head alone": {"head": "head"},
    "python3": {"python3": "python3"},
    "node": {"node": "node"},
    "perl": {"perl": "perl"},
}

CONTENTS = {
    "a line": b"127.0.0.1\tlocalhost\n",
    "nothing": b"",
    "no final newline": b"192.0.2.1 last",
    "blank lines": b"\n\n",
    "a NUL": b"192.0.2.1 a\x00b\n",
    "no UTF-8, and CRLF": b"192.0.2.1 \xe9t\xe9\r\n",
    "text like a marker": b"== file /etc/hosts\n== end 0\n",
    "a marker of another exec": f"=={'0' * 32}== end 0\n".encode(),
    "a heading of head": b"==> /etc/hosts <==\n127.0.0.1 a\n\n==> /dev/null <==\n",
    "a heading of another exec": f"\n==> {root_of(new_marker())}/dev/null <==\n".encode(),
    "what shells and printf expand": b"%s %n $(date) `date` \\n 'x' \"y\"\n",
}


@pytest.fixture(params=IMAGES)
def read(request, tmp_path_factory):
    """Read paths in one exec with what an image has: the files by path."""
    programs = IMAGES[request.param]
    if not all(map(shutil.which, programs.values())):
        pytest.skip(f"{request.param} is not on this machine")
    container = LocalContainer(tmp_path_factory.mktemp("bin"))
    for name, program in programs.items():
        container.install(name, program)

    def run(*paths):
        tried = len(container.execs)
        looked = first_that_reads(
            container, TARGET, readers(FILES_ALONE), [*map(str, paths)], deadline=60.0
        )
        (ran,) = [each for each in container.execs[tried:] if each[0] in programs]
        assert looked.read.via == ran[0]
        return dict(looked.read.files)

    return run


def test_a_file_arrives_byte_for_byte(read, tmp_path):
    """One exec brings them all, as it does in a container."""
    written = {tmp_path / name.replace("/", " "): each for name, each in CONTENTS.items()}
    for file, content in written.items():
        file.write_bytes(content)
    assert read(*written) == {str(file): FileRead(each) for file, each in written.items()}


def test_several_files_arrive_under_their_own_paths(read, tmp_path):
    folder, hosts, gone = tmp_path / "etc", tmp_path / "a 'file'", tmp_path / "gone"
    folder.mkdir()
    hosts.write_bytes(b"x")
    assert read(gone, folder, hosts) == {
        str(gone): FileAbsent(),
        str(folder): CouldNotLook(what=str(folder), why=f"{folder} is a directory"),
        str(hosts): FileRead(b"x"),
    }


def test_a_path_that_looks_like_a_flag_or_a_command_is_a_path(read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ["$(touch ran)", "; touch ran", "a\\nb"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    paths = [tmp_path / name for name in names]
    assert read(*paths) == {str(path): FileRead(path.name.encode()) for path in paths}
    assert not (tmp_path / "ran").exists()


def test_a_file_is_cut_at_the_limit_and_says_so(read, tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.write_bytes(b"x" * (FILE_LIMIT - 1))
    cut.write_bytes(b"x" * (FILE_LIMIT + 1))
    assert read(whole, cut) == {
        str(whole): FileRead(b"x" * (FILE_LIMIT - 1)),
        str(cut): FileRead(b"x" * FILE_LIMIT, truncated=True),
    }


def test_a_head_that_cannot_tell_a_directory_leaves_it_to_a_shell(tmp_path):
    """busybox's head says `Input/output error` of a directory."""
    if shutil.which("busybox") is None:
        pytest.skip("busybox is not on this machine")
    folder, image = tmp_path / "hosts", tmp_path / "bin"
    for each in (folder, image):
        each.mkdir()
    container = LocalContainer(image)
    container.install("head", "busybox")
    container.install("sh", "busybox")
    looked = first_that_reads(
        container, TARGET, readers(FILES_ALONE), [str(folder)], deadline=60.0, head_first=True
    )
    assert looked.read.files == (
        (str(folder), CouldNotLook(what=str(folder), why=f"{folder} is a directory")),
    )
    assert [argv[0] for argv in container.execs] == ["sh", "sh"]


def test_a_named_pipe_is_none_to_wait_for(read, tmp_path, request):
    """Who opens it waits for a writer; `head` alone cannot know that, see the next test."""
    if request.node.callspec.params["read"] == "head alone":
        pytest.skip("nothing bounds it there")
    pipe, after = tmp_path / "hosts", tmp_path / "after"
    os.mkfifo(pipe)
    after.write_bytes(b"x")
    assert read(pipe, after) == {
        str(pipe): CouldNotLook(what=str(pipe), why=f"{pipe} is a named pipe"),
        str(after): FileRead(b"x"),
    }


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_what_waits_for_a_file_ends_inside_the_container(tmp_path, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    pipe = tmp_path / "hosts"
    os.mkfifo(pipe)
    script = limited("", ())[2].replace(f"whole {FILE_SECONDS} ", "whole 1 ")
    program = [shell, "sh"] if shell == "busybox" else [shell]
    done = subprocess.run(
        [*program, "-c", script, "sh", "m", "head", "-c", "9", str(pipe)], check=False, timeout=20
    )
    assert done.returncode == 128 + signal.SIGTERM
    assert not [each for each in Path("/proc").glob("[0-9]*/cmdline") if is_about(pipe, each)]


# Left by a program of the image: what its shell does with it, and whether the program is ended.
LEAVES = {
    "a child that holds the output": 'sleep 77 & exec head "$@"',
    "a child that holds nothing": 'sleep 77 >/dev/null 2>&1 & exec head "$@"',
    "a child, and does not end": "sleep 77 & wait",
    "a child, and does not end by a signal that can be ignored": 'trap "" TERM; sleep 77; sleep 77',
    "nothing": 'exec head "$@"',
}


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
@pytest.mark.parametrize("leaves", LEAVES)
def test_nothing_stays_of_what_was_started_in_a_container(tmp_path, shell, leaves):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    program = tmp_path / "wrapped"
    program.write_text(f"#!/bin/sh\n{LEAVES[leaves]}\n")
    program.chmod(0o755)
    file = tmp_path / "hosts"
    file.write_bytes(b"x")
    script = limited("", ())[2].replace(f"whole {FILE_SECONDS} ", "whole 1 ")
    argv = ["sh", "-c", script, "sh", "m", str(program), "-c", "9", str(file)]
    argv[0:1] = [shell, "sh"] if shell == "busybox" else [shell]
    done = subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True)
    said, _ = done.communicate(timeout=20)
    assert said in {b"xm done 0\n", b"m done 143\n"}
    done.wait()
    until = time.monotonic() + 20  # a signal takes its time; the child would take 77 s
    while of_session(done.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert of_session(done.pid) == []


def of_session(leader):
    """What still runs in a session; proc_pid_stat(5): its third field from the name on is the group."""
    stats = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # a process that has ended meanwhile
            stats.append(each.read_text().rpartition(")")[2].split())
    return [each for each in stats if each[3] == str(leader) and each[0] != "Z"]


def is_about(path, cmdline):
    with suppress(OSError):  # a process that has ended meanwhile
        return os.fsencode(path) in cmdline.read_bytes()
    return False


def test_a_link_to_nowhere_is_an_absent_file(read, tmp_path):
    link = tmp_path / "hosts"
    link.symlink_to(tmp_path / "gone")
    assert read(link) == {str(link): FileAbsent()}


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux's own unreadable file")
def test_a_file_that_cannot_be_read_gives_its_error(read):
    # Reading address 0 of one's own memory is an I/O error for root as well.
    (found,) = read("/proc/self/mem").values()
    assert isinstance(found, CouldNotLook)
    assert found.why != ""
    assert "\n" not in found.why
