"""examples/in-cluster/: objects that fit together, and no right beyond reading and exec."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FILE = Path(__file__).parents[2] / "examples" / "in-cluster" / "diff-all.yaml"
BY_KIND = {each["kind"]: each for each in yaml.safe_load_all(FILE.read_text(encoding="utf-8"))}
POD = BY_KIND["Job"]["spec"]["template"]["spec"]
RULES = BY_KIND["ClusterRole"]["rules"]


def name(kind):
    return BY_KIND[kind]["metadata"]["name"]


def test_the_binding_gives_the_role_to_the_account_of_the_job():
    binding = BY_KIND["ClusterRoleBinding"]
    account = {
        "kind": "ServiceAccount",
        "name": name("ServiceAccount"),
        "namespace": name("Namespace"),
    }
    assert binding["subjects"] == [account]
    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == (
        "ClusterRole",
        name("ClusterRole"),
    )
    assert POD["serviceAccountName"] == name("ServiceAccount")
    assert BY_KIND["Job"]["metadata"]["namespace"] == name("Namespace")


@pytest.mark.parametrize("rule", RULES, ids=lambda each: ",".join(each["resources"]))
def test_a_rule_reads_or_execs(rule):
    may_create = rule["resources"] == ["pods/exec"]
    assert set(rule["verbs"]) <= {"get", "list"} | ({"create"} if may_create else set())
    assert "*" not in [*rule["resources"], *rule["apiGroups"]]


def test_the_container_is_nobody_and_writes_nothing():
    (container,) = POD["containers"]
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
