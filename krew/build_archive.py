"""The self-contained archive of this machine's platform, and the krew manifest that names it.

    python -m krew.build_archive [FOLDER]     the folder is dist/ unless it is given

PyInstaller freezes the command line into a folder: a program and what it needs, no Python on the
user's machine. A folder, since one file would unpack itself at every start (client-cost.md:
3 to 5 times `kubectl --help`). It needs the C library of the building machine or a newer one.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

from krew.manifest import Release, manifest

ROOT = Path(__file__).parents[1]
PROGRAM = "kubectl-hosts"
BUNDLED = (
    *("click", "dnspython", "kubernetes", "msgspec", "PyYAML", "tabulate", "websocket-client"),
)
# What the standard library and the dependencies would use if it were there, and we never reach:
# event loops, worker processes, XML, other compressions, idna for dnspython
# (an extra of its own, not a dependency of ours).
LEFT_OUT = (
    *("kubernetes", "urllib3", "requests", "idna", "wcwidth", "setuptools"),
    *("asyncio", "multiprocessing", "_pydecimal", "fractions", "statistics"),
    *("xml", "xmlrpc", "ftplib", "webbrowser", "lzma", "bz2", "sqlite3", "tkinter", "curses"),
    *("unittest", "doctest", "pdb", "pydoc", "readline", "typing_extensions"),
)
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
LARGEST = 16_000_000


def archive_name(release: Release | None = None) -> str:
    """The file name of a release's archive, with this machine's GOOS and GOARCH as krew has them.

    Raises KeyError on a machine that no platform of the manifest means.
    """
    system, machine = platform.system().lower(), _ARCHITECTURES[platform.machine().lower()]
    ending = "zip" if system == "windows" else "tar.gz"
    return f"{PROGRAM}_{(release or Release()).tag}_{system}_{machine}.{ending}"


def _api_models(scratch: Path) -> Path:
    """The sources of the API's stable models, which are read and never run (offline/manifests)."""
    package = find_spec("kubernetes")
    assert package is not None, "make install"
    place = next(iter(package.submodule_search_locations or ()))
    copied = scratch / "api-models"
    copied.mkdir()
    for each in sorted(Path(place, "client", "models").glob("*.py")):
        if re.fullmatch(r"(core_|discovery_)?v[12]_\w+\.py", each.name):
            shutil.copyfile(each, copied / each.name)
    return copied


def freeze(scratch: Path) -> Path:
    """A folder with the program and all it needs, made in SCRATCH."""
    arguments = ["--onedir", "--noconfirm", "--clean", "--log-level=WARN", f"--name={PROGRAM}"]
    arguments += [f"--{each}path={scratch / each}" for each in ("dist", "work", "spec")]
    # PyInstaller's noarchive: modules as .pyc files, read as Python reads them. Taken out of its
    # own archive they cost a fifth more at every start.
    arguments += ["--debug=noarchive"]
    arguments += ["--collect-submodules=kubectl_hosts"]  # verbs are imported when they are typed
    arguments += [f"--additional-hooks-dir={ROOT / 'krew' / 'freezing'}"]
    arguments += [f"--exclude-module={each}" for each in LEFT_OUT]
    arguments += [f"--add-data={_api_models(scratch)}{os.pathsep}kubernetes/client/models"]
    if os.name == "posix":
        # click needs ctypes on Windows; PyInstaller's start imports it (3 ms) where it is there.
        # What fleets need of it, background.py takes from `_ctypes`.
        arguments += ["--strip", "--exclude-module=ctypes"]
    entry = ROOT / "kubectl_hosts" / "__main__.py"
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", *arguments, entry],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"},  # the same bytes from the same sources
        check=True,
    )
    return scratch / "dist" / PROGRAM


def add_licenses(folder: Path) -> None:
    """LICENSE, which krew asks for, and the licences of what is bundled."""
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    licenses = folder / "licenses"
    licenses.mkdir()
    for name in BUNDLED:
        for file in importlib.metadata.files(name) or ():
            if file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
                shutil.copy(Path(file.locate()), licenses / f"{name}-{file.name}")
    of_python = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    if of_python.is_file():
        shutil.copy(of_python, licenses / "Python-LICENSE.txt")


def plain_files(folder: Path) -> list[Path]:
    """The files to pack, in order; what a link leads to stands in its place.

    krew refuses links (internal/download/downloader.go extractTARGZ). Links to folders, which macOS
    frameworks have, are left out: they are second names of what is packed anyway.
    """
    return sorted(each for each in folder.rglob("*") if each.is_file())


def pack(folder: Path, archive: Path) -> None:
    """Write FOLDER as ARCHIVE, the same bytes for the same files."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
            for file in plain_files(folder):
                packed.write(file, file.relative_to(folder).as_posix())
        return
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", dereference=True) as packed,
    ):
        for file in plain_files(folder):
            packed.add(file, file.relative_to(folder).as_posix(), filter=_reproducible)


def _reproducible(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def build(out: Path) -> Path:
    """The archive in OUT, hosts.yaml beside it. Raises ValueError for one that is too large."""
    out.mkdir(parents=True, exist_ok=True)
    archive = out / archive_name()
    with tempfile.TemporaryDirectory() as scratch:
        folder = freeze(Path(scratch))
        add_licenses(folder)
        pack(folder, archive)
    if archive.stat().st_size > LARGEST:
        raise ValueError(f"{archive} has {archive.stat().st_size} bytes, more than {LARGEST}")
    (out / "hosts.yaml").write_text(manifest([archive]), encoding="utf-8")
    return archive


if __name__ == "__main__":
    built = build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
    print(f"{built}: {built.stat().st_size / 1e6:.1f} MB")
