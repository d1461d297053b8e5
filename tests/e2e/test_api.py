"""What the API server says of each manifest of the table, and that the model says the same.

`kubectl create --dry-run=server` with strict validation, as `kubectl apply` has it by default.
With API_RECORD=1 the answers replace tests/model/api/server-1.34.json, which the unit tests use.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from kubectl_hosts.yaml_reader import parse_yaml
from tests.model.api.table import TABLE
from tests.model.api.verdicts import record, recorded, reviewed, server_verdict

AT_ONCE = 4


def dry_run(namespace, text):
    """kubectl's exit status, what it printed for people, and the object that came back."""
    done = subprocess.run(
        f"kubectl -n {namespace} create --dry-run=server --validate=strict -o json -f -".split(),
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    stored = json.loads(done.stdout) if done.returncode == 0 else None
    return done.returncode, done.stderr, stored


@pytest.fixture(scope="module")
def namespace():
    """A namespace of the module's own; nothing is ever created in it."""
    name = f"hosts-e2e-api-{secrets.token_hex(2)}"
    subprocess.run(["kubectl", "create", "namespace", name], check=True, capture_output=True)
    yield name
    subprocess.run(
        ["kubectl", "delete", "namespace", name, "--wait=false"], check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def server(namespace):
    """The API server's verdict on every row, by its id."""

    def ask(row):
        (document,) = parse_yaml(row.text)
        status, said, stored = dry_run(namespace, row.text)
        return row.id, server_verdict(status, said, document.value, stored)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(pool.map(ask, TABLE))
    if os.environ.get("API_RECORD"):
        record(found)
    return found


# Rows on which another release than 1.34 decides otherwise, each with the change that made it so.
OF_OTHER_RELEASES: dict[str, frozenset[str]] = {}


@pytest.fixture(scope="module")
def differing():
    """The rows on which the release of this API server is known to differ from 1.34."""
    told = subprocess.run(
        ["kubectl", "version", "-o", "json"], check=True, capture_output=True, text=True
    ).stdout
    version = json.loads(told)["serverVersion"]
    return OF_OTHER_RELEASES.get(f"{version['major']}.{version['minor']}", frozenset())


def test_every_manifest_has_the_verdict_of_this_api_server(server, differing):
    ours = {row.id: reviewed(row.text).refused for row in TABLE}
    different = {
        name: (ours[name], verdict.refused)
        for name, verdict in server.items()
        if ours[name] != verdict.refused
    }
    assert different.keys() <= differing, different


def test_this_api_server_says_what_was_recorded(server, differing):
    before = recorded()
    different = {name: each for name, each in server.items() if before.get(name) != each}
    assert different.keys() <= differing, different
