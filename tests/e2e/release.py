"""Which release of Kubernetes the suite runs against."""

from __future__ import annotations

import json
import re
import subprocess


def server_release() -> tuple[int, int]:
    """(1, 34); a provider's minor may end in `+`."""
    told = subprocess.run(
        ["kubectl", "version", "-o", "json"], check=True, capture_output=True, text=True
    ).stdout
    version = json.loads(told)["serverVersion"]
    return int(version["major"]), int(re.sub(r"\D", "", version["minor"]))
