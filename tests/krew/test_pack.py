"""What a packed archive holds: krew refuses links and wants a LICENSE."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from krew.build_archive import pack

HOOK = Path(__file__).parents[2] / "krew" / "freezing" / "rthooks" / "frozen_start.py"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and modes are POSIX here")


@pytest.fixture
def frozen(tmp_path):
    """A folder as PyInstaller leaves it on macOS: a program, a framework, links into it."""
    folder = tmp_path / "frozen"
    version = folder / "_internal" / "Python.framework" / "Versions" / "3.13"
    version.mkdir(parents=True)
    (version / "Python").write_bytes(b"library")
    (version.parent / "Current").symlink_to("3.13")
    (folder / "_internal" / "Python").symlink_to("Python.framework/Versions/3.13/Python")
    (folder / "kubectl-hosts").write_bytes(b"program")
    (folder / "kubectl-hosts").chmod(0o775)
    (folder / "LICENSE").write_text("Apache License")
    (folder / "LICENSE").chmod(0o600)
    return folder


def run(program, env):
    """What a Python program printed, in an environment of PATH and ENV alone."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def entries(archive):
    with tarfile.open(archive) as packed:
        return {each.name: each for each in packed.getmembers()}


def test_links_become_the_files_they_lead_to(frozen, tmp_path):
    pack(frozen, tmp_path / "out.tar.gz")
    found = entries(tmp_path / "out.tar.gz")
    assert {name for name, each in found.items() if each.isreg()} == set(found)
    assert set(found) == {
        "LICENSE",
        "kubectl-hosts",
        "_internal/Python",
        "_internal/Python.framework/Versions/3.13/Python",
    }
    with tarfile.open(tmp_path / "out.tar.gz") as packed:
        assert packed.extractfile("_internal/Python").read() == b"library"


def test_who_packed_it_and_when_is_not_told(frozen, tmp_path):
    pack(frozen, tmp_path / "out.tar.gz")
    found = entries(tmp_path / "out.tar.gz").values()
    assert {(each.uid, each.gid, each.uname, each.gname, each.mtime) for each in found} == {
        (0, 0, "", "", 0)
    }
    modes = {each.name: each.mode for each in found}
    assert (modes["kubectl-hosts"], modes["LICENSE"]) == (0o755, 0o644)


def test_the_same_files_give_the_same_bytes(frozen, tmp_path):
    pack(frozen, tmp_path / "first.tar.gz")
    os.utime(frozen / "LICENSE", (0, 0))
    pack(frozen, tmp_path / "second.tar.gz")
    assert (tmp_path / "first.tar.gz").read_bytes() == (tmp_path / "second.tar.gz").read_bytes()


@pytest.mark.parametrize(
    ("frozen_flag", "given", "left"),
    [
        pytest.param(
            "True",
            {"LD_LIBRARY_PATH": "/archive/_internal", "LD_LIBRARY_PATH_ORIG": "/opt/lib"},
            "/opt/lib",
            id="the user's own value comes back",
        ),
        pytest.param(
            "True",
            {"LD_LIBRARY_PATH": "/archive/_internal"},
            None,
            id="without one, none is left for kubectl",
        ),
        pytest.param("False", {"LD_LIBRARY_PATH": "/opt/lib"}, "/opt/lib", id="left alone"),
    ],
)
def test_programs_that_an_archive_starts_load_their_own_libraries(frozen_flag, given, left):
    # The bootloader sets them before Python starts; here Python itself must find its library first.
    program = f"import os, runpy, sys; os.environ.update({given!r}); sys.frozen = {frozen_flag}; "
    program += f"runpy.run_path({str(HOOK)!r}); print(os.environ.get('LD_LIBRARY_PATH'))"
    assert run(program, {}) == str(left)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_the_user_names_are_left_alone(name):
    program = f"import os, runpy; runpy.run_path({str(HOOK)!r}); "
    program += "print({k: v for k, v in os.environ.items() if k.startswith('SSL_CERT')})"
    assert run(program, {name: "/mine"}) == str({name: "/mine"})
