"""The Corefiles of corefile_table.py: the CoreDNS on paper answers as the real one did."""

from __future__ import annotations

import json

import pytest

from kubectl_hosts.model.cluster_dns.versions import parse_version
from kubectl_hosts.model.dns import Rcode, Record, Reply
from tests.model.cluster_dns.corefile_table import (
    ANSWERS,
    OBJECTS,
    TABLE,
    UPSTREAM_HOSTS,
    question_of,
)
from tests.model.cluster_dns.paper_coredns import ask

RECORDED = json.loads(ANSWERS.read_text("utf-8"))


class Outside(dict):
    """What UPSTREAM says: (name, type) to Reply."""

    def get(self, key, _default=None):
        name, kind = key
        if name not in UPSTREAM_HOSTS:
            return Reply(rcode=Rcode.NXDOMAIN)
        record = Record(name=name, type="A", data=UPSTREAM_HOSTS[name], ttl=300)
        return Reply(answer=(record,) if kind == "A" else ())


def told(served):
    reply = served.answer
    if not isinstance(reply, Reply):
        return str(reply)
    return {
        "rcode": reply.rcode.value,
        "answer": sorted(f"{r.name} {r.ttl} {r.type} {r.data}" for r in reply.answer),
        "soa": [r.name for r in reply.authority if r.type == "SOA"],
    }


@pytest.mark.parametrize(
    ("release", "case", "question"),
    [
        pytest.param(release, case, question, id=f"{release}, {case}: {question}")
        for release in RECORDED
        for case, (_, questions) in TABLE.items()
        for question in questions
    ],
)
def test_the_paper_coredns_answers_as_the_real_one(release, case, question):
    text = TABLE[case][0].replace("KUBECONFIG", "")
    name, kind = question_of(question)
    version = parse_version(f"coredns:v{release}")
    served = ask(
        text, name, kind, OBJECTS, upstream=Outside({"": ""}), version=version, addresses=()
    )
    real = RECORDED[release][case][question]
    assert told(served) == {**real, "answer": sorted(real["answer"])}, served.rule


@pytest.mark.parametrize("release", RECORDED)
def test_every_question_of_the_table_was_asked(release):
    asked = {case: set(answers) for case, answers in RECORDED[release].items()}
    assert asked == {case: set(questions) for case, (_, questions) in TABLE.items()}
