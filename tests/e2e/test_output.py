"""The forms of one answer: the same document as JSON, YAML and jsonpath, another program's diff."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

import kubectl_hosts
from tests.e2e.answers import report

SCHEMA = Path(kubectl_hosts.__file__).parent / "schemas" / "hosts-report.json"


@pytest.mark.parametrize("verb", ["show", "diff"])
def test_yaml_is_the_same_document_as_json(hosts, verb):
    as_json = hosts(verb, "alias-changed", "-o", "json")
    as_yaml = hosts(verb, "alias-changed", "-o", "yaml")
    assert yaml.safe_load(as_yaml.stdout) == json.loads(as_json.stdout)
    assert as_yaml.returncode == as_json.returncode == {"show": 0, "diff": 1}[verb]


def test_jsonpath_reads_out_of_that_document(hosts):
    done = hosts("show", "appended", "-o", "jsonpath={.containers[0].drift} {.verdict.kind}")
    assert done.stdout == b"true differs"


def test_several_pods_are_a_list(world, hosts):
    document = report(hosts("show", "-l", "scenario in (default,appended)", "-o", "json"))
    assert (document["apiVersion"], document["kind"]) == ("kubectl-hosts/v1", "HostsReportList")
    assert [each["verdict"]["kind"] for each in document["items"]] == ["differs", "holds"]


def test_every_report_is_as_its_schema_says(hosts):
    selector = "scenario notin (hangs,deleted-half-way,huge)"
    document = report(hosts("show", "-l", selector, "--all-containers", "-o", "json"))
    assert len(document["items"]) > 40
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))


def test_another_program_may_compare(hosts):
    """KUBECTL_EXTERNAL_DIFF, as `kubectl diff` takes it."""
    done = hosts("diff", "appended", env={"KUBECTL_EXTERNAL_DIFF": "diff -u -N"})
    assert b"\n+192.0.2.66\tintruder\n" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("scenarios", "status"),
    [
        pytest.param("default,aliases", 0, id="no difference anywhere"),
        pytest.param("default,appended", 1, id="one pod differs"),
        pytest.param("default,finished", 0, id="a finished pod is skipped"),
        pytest.param("default,appended,never-pulled", 1, id="one pod does not run"),
    ],
)
def test_the_exit_status_of_a_fleet_is_that_of_its_worst_pod(hosts, scenarios, status):
    done = hosts("diff", "-l", f"scenario in ({scenarios})")
    assert done.returncode == status
    assert (b"intruder" in done.stdout) is ("appended" in scenarios)
