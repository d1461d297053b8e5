"""The readers' scripts, run by the real programs on real files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kubectl_hosts.gather.files import argv_of, new_marker, parse_sections, root_of
from kubectl_hosts.gather.readers import FILE_LIMIT, FILES_ALONE, readers
from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead

MARKER = new_marker()
BY_VIA = {each.via: each for each in readers(FILES_ALONE)}
# Name -> (via, this machine's program for the first word, programs on PATH or all of them).
PROGRAMS = {
    "dash": ("sh", "dash", None),
    "bash": ("sh", "bash", None),
    "busybox": ("/bin/busybox", "busybox", None),
    "busybox, and its head": ("/bin/busybox", "busybox", {"head": "busybox"}),
    "dash without head": ("sh", "dash", {"cat": "cat"}),
    "bash without head": ("sh", "bash", {"cat": "cat"}),
    "python3": ("python3", sys.executable, None),
    "node": ("node", "node", None),
    "perl": ("perl", "perl", None),
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


@pytest.fixture(params=PROGRAMS)
def read(request, tmp_path_factory):
    """Run a reader on paths: the files as parsed."""
    via, program, on_path = PROGRAMS[request.param]
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine")
    environment = dict(os.environ)
    if on_path is not None:
        folder = tmp_path_factory.mktemp("bin")
        for name, target in on_path.items():
            (folder / name).symlink_to(shutil.which(target))
        environment["PATH"] = str(folder)

    def run(*paths):
        _, *rest = argv_of(BY_VIA[via], MARKER, [*map(str, paths)])
        done = subprocess.run(
            [found, *rest], capture_output=True, check=False, timeout=60, env=environment
        )
        return parse_sections(done.stdout, MARKER, done.stderr)[0]

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
