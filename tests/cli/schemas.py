"""The JSON Schemas of the repository."""

from __future__ import annotations

import json
from pathlib import Path

import kubectl_hosts

SCHEMAS = Path(kubectl_hosts.__file__).parent / "schemas"


def schema(name):
    """`hosts-report` as an object."""
    return json.loads((SCHEMAS / f"{name}.json").read_text())
