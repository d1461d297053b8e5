"""The model's verdict on each manifest of the table is that of API server 1.34, as recorded."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.findings import Reason, Severity
from tests.model.api.table import TABLE
from tests.model.api.verdicts import recorded, reviewed, without_indexes

SERVER = recorded()

# Where the API server names what it made of the mistake, and the model the mistake itself.
SAID_OF_WHAT_WAS_MADE = {
    "a Job name of 64 characters": {"metadata.name"},
    "an operator that nobody knows": {"spec.selector.matchExpressions.operator"},
    "a port without a number in a Service": {"spec.ports.port"},
    "a port above 65535": {"spec.ports.port"},
    "a generated name in upper case": {"metadata.generateName"},
    "a DaemonSet without a selector": {"spec.selector", "spec.template.metadata.labels"},
    "a label of a template with a blank": {"spec.template.metadata.labels"},
    "a Job with an expression": {"spec.selector"},
    "a resource in another case": {"spec.containers.resources.limits[Cpu]"},
}
# The server names what is around the field, leaves out a step of its path, or names two at once.
NEARER_THAN_THE_SERVER = {
    "a header's name with a blank": {"spec.containers.livenessProbe.httpGet.httpHeaders.name"},
    "valueFrom two sources": {"spec.containers.env.valueFrom.fieldRef"},
    "a file of no field": {"spec.volumes.downwardAPI.items"},
    "a file of a field that files cannot have": {
        "spec.volumes.downwardAPI.items.fieldRef.fieldPath"
    },
    "a file outside its volume": {"spec.volumes.downwardAPI.items.path"},
    "a claim of no size": {"spec.volumeClaimTemplates.spec.resources.requests.storage"},
    "two spreads that nothing tells apart": {"spec.topologySpreadConstraints"},
    "a claim of size 0": {"spec.volumeClaimTemplates.spec.resources.requests.storage"},
}
OURS = {**SAID_OF_WHAT_WAS_MADE, **NEARER_THAN_THE_SERVER}


def fields(review, *, refused):
    return {
        without_indexes(each.evidence[0].field)
        for each in review.findings
        if (each.severity is Severity.ERROR and each.reason is not Reason.DUPLICATE_KEY) == refused
    }


def is_at(server_field, ours):
    """Whether one of OURS is the server's field, or an entry of the map that it names."""
    return any(each == server_field or each.startswith(f"{server_field}[") for each in ours)


def test_the_server_has_judged_every_row_and_no_other():
    assert list(SERVER) == [row.id for row in TABLE]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in TABLE])
def test_the_verdict_is_the_servers_and_so_are_the_fields(row):
    server, review = SERVER[row.id], reviewed(row.text)
    assert review.refused == server.refused
    if row.id in OURS:
        assert fields(review, refused=True) == OURS[row.id]
    elif server.refused:
        ours = fields(review, refused=True)
        assert [each for each in server.fields if not is_at(each, ours)] == []
        # Of what cannot be decoded the server says no more; here all is said at once.
        assert not server.validated or ours == set(server.fields)
    else:
        assert fields(review, refused=True) == set()


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row.id) for row in TABLE if SERVER[row.id].dropped]
)
def test_what_the_server_takes_and_drops_is_told(row):
    assert fields(reviewed(row.text), refused=False) >= set(SERVER[row.id].dropped)
