"""KUBECTL_EXTERNAL_DIFF: the user's own diff program, called as kubectl diff calls it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from kubectl_hosts.errors import BadInput

# kubectl passes on only such words of the variable: k8s.io/kubectl/pkg/cmd/diff DiffProgram.
_ARGUMENT = re.compile(r"^[a-zA-Z0-9=-]+$")


def run_external_diff(program: str, expected: bytes, observed: bytes) -> None:
    """Run PROGRAM with two folders, EXPECTED-x and OBSERVED-x, that hold one file `hosts` each.

    Raises BadInput where it cannot be run or ends with more than 1.
    """
    name, *words = program.split()
    arguments = [each for each in words if _ARGUMENT.match(each)]
    with (
        tempfile.TemporaryDirectory(prefix="EXPECTED-") as left,
        tempfile.TemporaryDirectory(prefix="OBSERVED-") as right,
    ):
        (Path(left) / "hosts").write_bytes(expected)
        (Path(right) / "hosts").write_bytes(observed)
        try:
            done = subprocess.run([name, *arguments, left, right], check=False)
        except OSError as error:
            raise BadInput(
                f'failed to run "{name}": {error.strerror}',
                hint="KUBECTL_EXTERNAL_DIFF must name a program that takes two folders.",
            ) from error
    if done.returncode > 1:
        raise BadInput(
            f'"{name}" ended with exit code {done.returncode}',
            hint="KUBECTL_EXTERNAL_DIFF must name a program that takes two folders.",
        )
