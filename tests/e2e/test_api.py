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
from tests.e2e.release import server_release
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


BASE = (1, 34)
# A field that 1.34 knows and drops (gate HostnameOverride): before, it is none; after, it is kept.
OF_BASE = "hostnameOverride"
# Rows that the API server, or kubectl's validation by its schema, decides otherwise from a release
# on (pkg/features/kube_features.go, pkg/apis/apps/validation, api/openapi-spec).
CHANGED_IN = {
    # serviceName is optional, and has to be a label.
    "a StatefulSet without serviceName": (1, 33),
    "servicename of a StatefulSet": (1, 33),
    "a StatefulSet whose selector is empty": (1, 33),
    "the updateStrategy of a StatefulSet": (1, 33),
    "the podManagementPolicy of a StatefulSet": (1, 33),
    "a StatefulSet whose serviceName has an underscore": (1, 33),
    "a StatefulSet whose serviceName has a dot": (1, 33),
    # RelaxedDNSSearchValidation
    "a search domain with an underscore": (1, 33),
    "the root as search domain": (1, 33),
    # Its template is validated as any other.
    "the aliases of a StatefulSet": (1, 34),
    "a StatefulSet without containers": (1, 34),
    "a StatefulSet whose mount has no volume": (1, 34),
    "a claim without a mode": (1, 34),
    "a claim of no size": (1, 34),
    "a claim of size 0": (1, 34),
    "a claim of no such mode": (1, 34),
    # StrictIPCIDRValidation
    "an ip with leading zeros": (1, 36),
    "a mapped ip": (1, 36),
    "an endpoint with leading zeros": (1, 36),
    "a nameserver with leading zeros": (1, 36),
    # RelaxedServiceNameValidation
    "a Service name that starts with a digit": (1, 36),
}


@pytest.fixture(scope="module")
def differing():
    """The rows on which the release of this API server is known to differ from 1.34."""
    first, last = sorted((BASE, server_release()))
    changed = {row for row, release in CHANGED_IN.items() if first < release <= last}
    return changed if first == last else changed | {OF_BASE}


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
