"""A Cluster whose containers are directories of programs: probes run here, for real."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from kubectl_hosts.errors import NoSuchExecutable
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget

TARGET = ExecTarget(namespace="default", pod="web-0", container="app")


class LocalContainer:
    """Runs what is exec'd with nothing on PATH but the programs it was given."""

    namespace = "default"

    def __init__(self, directory: Path, environment: dict[str, str] | None = None) -> None:
        self.directory = directory
        self.environment = environment or {}
        self.execs: list[tuple[str, ...]] = []
        self.stdins: list[bytes] = []

    def install(self, name: str, program: str = "") -> None:
        """Link NAME to this machine's PROGRAM."""
        wanted = program or name
        # A python3 on PATH may be a version manager's script.
        found = sys.executable if wanted == "python3" else shutil.which(wanted)
        assert found, program or name
        (self.directory / name).symlink_to(Path(found).resolve())

    def write(self, name: str, script: str) -> None:
        """Make NAME a script of this machine's /bin/sh."""
        path = self.directory / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def exec(self, target, argv, *, stdin=b"", limit=1 << 20, deadline=30.0, last=b""):
        """As the port says; the environment is PATH and what was given."""
        self.execs.append(tuple(argv))
        self.stdins.append(stdin)
        program = self.directory / argv[0]
        if argv[0].startswith("/") or not program.exists():
            raise NoSuchExecutable(f"{argv[0]}: not found")
        done = subprocess.run(
            [program, *argv[1:]],
            input=stdin,
            capture_output=True,
            env={"PATH": str(self.directory), **self.environment},
            timeout=deadline,
            check=False,
        )
        return CompletedExec(
            stdout=done.stdout[:limit], stderr=done.stderr, exit_code=done.returncode
        )
