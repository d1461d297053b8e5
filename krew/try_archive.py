"""Unpack an archive and run it as a machine without Python would: an empty PATH, no home.

python -m krew.try_archive [FOLDER]
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from krew.build_archive import PROGRAM, ROOT, archive_name
from kubectl_hosts import __version__

CAPTURE = str(ROOT / "examples" / "capture.json")
# A command line, and what its output begins with.
RUNS = (
    (("version",), f"kubectl-hosts v{__version__}\n"),
    (("--help",), "Usage: kubectl hosts "),
    (("show", "-f", CAPTURE, "-o", "json"), '{\n    "apiVersion": "kubectl-hosts/v1"'),
    (("show", "-f", CAPTURE, "-o", "yaml"), "apiVersion: kubectl-hosts/v1\n"),
    (("explain", "redis", "--from", "default-pod", "-f", CAPTURE), "redis resolves to "),
    (("__complete", "expl"), "explain\t"),
)


def unpack(archive: Path, folder: Path) -> Path:
    """The program of ARCHIVE, unpacked in FOLDER."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        return folder / f"{PROGRAM}.exe"
    with tarfile.open(archive) as packed:
        packed.extractall(folder)
    return folder / PROGRAM


def try_archive(archive: Path) -> None:
    """Run every line of RUNS; AssertionError, with what it printed, for the first that is wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        program = unpack(archive, Path(scratch))
        for arguments, opening in RUNS:
            done = subprocess.run(
                [program, *arguments],
                env={"PATH": scratch},
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            said = f"{' '.join(arguments)}: {done.returncode}\n{done.stdout[:500]}{done.stderr}"
            assert done.returncode == 0, said
            assert done.stdout.startswith(opening), said


if __name__ == "__main__":
    made = Path(sys.argv[1] if len(sys.argv) > 1 else "dist") / archive_name()
    try_archive(made)
    print(f"{made}: runs with no Python on PATH")
