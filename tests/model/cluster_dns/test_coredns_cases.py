"""CoreDNS's own test tables, asked of the CoreDNS on paper."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.dns import Reply
from tests.model.cluster_dns.paper_coredns import (
    TABLES,
    ask,
    case_corefile,
    case_files,
    case_objects,
    case_upstream,
    expected_section,
    section,
)

# ci-autopath: the client is a pod of test-1, and asks its first search candidate.
CLIENT_POD = {
    "kind": "Pod",
    "metadata": {"namespace": "test-1", "name": "client"},
    "status": {"phase": "Running", "podIP": "172.17.0.9"},
}


def served(case):
    config = case["config"]
    qname, objects, server = case["qname"], case_objects(case), {}
    if case.get("group") == "ci-autopath":
        qname, objects = f"{qname}test-1.svc.cluster.local.", [*objects, CLIENT_POD]
    if config.get("fixture") != "none" and case.get("fixture") == "ci-cluster":
        server["service"] = "kube-system/kube-dns"
    if "local_ips" in config:
        server["addresses"] = tuple(config["local_ips"])
    return ask(
        case_corefile(config),
        qname,
        case["qtype"],
        objects,
        upstream=case_upstream(case),
        client="172.17.0.9",
        files=case_files(config),
        **server,
    )


# A CoreDNS that may not list what it needs fails; nobody who asks through the API can see that.
ROWS = [
    case
    for case in TABLES["cases"]
    if "unreliable" not in case and case.get("group") != "not-synced"
]
UNRELIABLE = [case for case in TABLES["cases"] if "unreliable" in case]


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["id"])
def test_the_paper_coredns_answers_as_coredns_does(case):
    answer = served(case).answer
    assert isinstance(answer, Reply), answer
    assert (answer.rcode.value, section(answer.answer)) == (
        case["rcode"],
        expected_section(case["answers"]),
    )


@pytest.mark.parametrize(
    "case",
    [case for case in ROWS if not case["group"].startswith(("ci-", "hosts"))],
    ids=lambda case: case["id"],
)
def test_the_other_sections_are_those_of_coredns(case):
    answer = served(case).answer
    assert isinstance(answer, Reply)
    assert section(answer.additional) == expected_section(case["additional"])
    assert {(r.name.lower(), r.type) for r in answer.authority} == {
        (row["name"].lower(), row["type"]) for row in case["authority"]
    }


def test_215_rows_are_there_and_one_of_them_is_vacuous_upstream():
    # hosts-plugin apps.example.com: the wildcard holds for the names below, not for itself.
    assert (len(TABLES["cases"]), [case["id"] for case in UNRELIABLE]) == (215, ["hosts-plugin-09"])
    assert served(UNRELIABLE[0]).answer.rcode.value == "SERVFAIL"


@pytest.mark.parametrize("case", TABLES["derived"]["cases"], ids=lambda case: case["id"])
def test_what_was_read_from_the_code_holds(case):
    answer = served(case).answer
    assert isinstance(answer, Reply), answer
    assert (answer.rcode.value, section(answer.answer)) == (
        case["rcode"],
        expected_section(case["answers"]),
    )
