"""What the product says: `kubectl-hosts explain NAME... --from POD -o json`, one run a pod."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.e2e.truth.pods import Row

Document = dict[str, Any]
PROGRAM = Path(sys.executable).with_name("kubectl-hosts")


def explain(row: Row, namespace: str, names: Sequence[str], *flags: str) -> dict[str, Document]:
    """The explanation of each name in the row's pod."""
    place = ["-n", namespace, "--from", row.name, "-o", "json", *flags]
    command = [PROGRAM, "explain", *place, "--", *names]
    done = subprocess.run(command, capture_output=True, check=False, timeout=200)
    if not done.stdout:
        raise RuntimeError(f"{row.name}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
    document = json.loads(done.stdout)
    listed = document["items"] if document["kind"] == "ExplanationList" else [document]
    return {each["name"]: each for each in listed}


def refuses(row: Row, namespace: str, name: str) -> bool:
    """Whether explain takes NAME for no name: one error, nothing on standard output."""
    command = [PROGRAM, "explain", "-n", namespace, "--from", row.name, "--", name]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    return done.returncode == 1 and not done.stdout and done.stderr.startswith(b"error: ")
