"""The documents of `-o json` are what the schemas in the repository say, and nothing more."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from msgspec.structs import replace

from kubectl_hosts.model.dns import NoReply
from kubectl_hosts.model.evidence import CouldNotLook, PodEvidence
from kubectl_hosts.model.explanation import Agreement, Cause, Fix, FixKind, Then
from kubectl_hosts.model.hosts.hosts_report import DriftKind, LineStatus, VerdictKind
from kubectl_hosts.model.hosts.judge import judge_hosts
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.explanation import explanations_document
from kubectl_hosts.report.hosts import hosts_documents
from kubectl_hosts.report.json_documents import print_document
from tests.model.explain.paper_cluster import Paper, external, pod_object, service

SCHEMAS = {
    name: json.loads((files("kubectl_hosts") / "schemas" / f"{name}.json").read_text("utf-8"))
    for name in ("explanation", "hosts-report")
}
REDIS = (service("shop", "redis"),)
CAUSE = Cause(reading="Service cache in namespace shop", missing=("Service cache",))
FIXES = (
    Fix(
        kind=FixKind.ASK_NAME,
        sentence="Ask redis",
        name="redis",
        then=Then(outcome=Outcome.FOUND, addresses=("10.96.0.77",), origin="Service shop/redis"),
    ),
    Fix(
        kind=FixKind.CREATE,
        sentence="Create Service cache in namespace shop",
        commands=("kubectl create service clusterip cache -n shop --tcp=6379",),
        touches=("Service shop/cache",),
        then=Then(outcome=Outcome.FOUND),
    ),
)
EXPLANATIONS = [
    pytest.param(lambda: Paper(REDIS).explain("redis"), id="a Service"),
    pytest.param(
        lambda: Paper(REDIS, pod=pod_object(aliases=[("10.1.2.3", "redis")])).explain("redis"),
        id="a shadowed Service",
    ),
    pytest.param(lambda: Paper(REDIS).explain("redis", observed=False), id="nobody could look"),
    pytest.param(lambda: Paper(REDIS).explain("redis", observed=("10.9.9.9",)), id="disagreement"),
    pytest.param(
        lambda: Paper(REDIS, asked={("redis.", "A"): NoReply()}).explain("redis."), id="silence"
    ),
    pytest.param(
        lambda: Paper((external("shop", "mysql", "db.example.org"),)).explain("mysql"), id="alias"
    ),
    pytest.param(
        lambda: Paper(REDIS).explain("_tcp._tcp.redis.shop.svc.cluster.local.", "SRV"), id="SRV"
    ),
    pytest.param(
        lambda: Paper(REDIS).explain_address("10.96.0.77", services=REDIS), id="an address"
    ),
    pytest.param(
        lambda: replace(Paper(REDIS).explain("cache"), cause=CAUSE, fixes=FIXES), id="fixes"
    ),
    pytest.param(
        lambda: Paper(corefile=".:53 {\n  hosts {\n    10.1.2.3 db.corp\n  }\n}\n").explain(
            "db.corp"
        ),
        id="a line of the Corefile",
    ),
]


def validate(name, document):
    read = json.loads(print_document(document, "json"))
    Draft202012Validator(SCHEMAS[name]).validate(read)
    assert yaml.safe_load(print_document(document, "yaml")) == read
    assert json.loads(print_document(document, "jsonpath={@}")) == read


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_one(name):
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("explained", EXPLANATIONS)
def test_an_explanation_is_as_its_schema_says(explained):
    explanation = explained()
    validate("explanation", explanations_document([explanation]))
    validate("explanation", explanations_document([explanation, explanation], single=False))


UNREAD = CouldNotLook(what="the node", why="only the manifest was read")
HOSTS = "127.0.0.1\tlocalhost\n10.9.9.9\tredis\n"
REPORTS = [
    pytest.param(lambda: Paper().hosts_report(), id="as the spec asks"),
    pytest.param(lambda: Paper(hosts=HOSTS).hosts_report(), id="lines missing and extra"),
    pytest.param(lambda: Paper(pod=pod_object(hostNetwork=True)).hosts_report(), id="hostNetwork"),
    pytest.param(
        lambda: judge_hosts(PodEvidence(pod=Paper().parsed, node=UNREAD)), id="a prediction"
    ),
]


@pytest.mark.parametrize("report", REPORTS)
def test_a_hosts_report_is_as_its_schema_says(report):
    validate("hosts-report", hosts_documents([report()], (), single=True))
    validate("hosts-report", hosts_documents([report(), report()], (), single=False))


@pytest.mark.parametrize(
    ("schema", "path", "enum"),
    [
        pytest.param("explanation", ("origin", "kind"), OriginKind, id="origin"),
        pytest.param("hosts-report", ("origin", "kind"), OriginKind, id="origin of a line"),
        pytest.param("explanation", ("step", "outcome"), Outcome, id="outcome"),
        pytest.param("explanation", ("fix", "kind"), FixKind, id="kind of fix"),
        pytest.param("explanation", ("Explanation", "verdict"), Agreement, id="agreement"),
        pytest.param("hosts-report", ("verdict", "kind"), VerdictKind, id="verdict"),
        pytest.param("hosts-report", ("line", "status"), LineStatus, id="status"),
        pytest.param("hosts-report", ("line", "difference"), DriftKind, id="difference"),
    ],
)
def test_the_schema_lists_every_value_of_the_model(schema, path, enum):
    definition, field = path
    listed = SCHEMAS[schema]["$defs"][definition]["properties"][field]["enum"]
    assert set(listed) == {each.value for each in enum}


def test_a_fix_is_a_document():
    explained = replace(Paper(REDIS).explain("cache"), cause=CAUSE, fixes=FIXES)
    document = explanations_document([explained])
    assert document["cause"] == {
        "reading": "Service cache in namespace shop",
        "missing": ["Service cache"],
    }
    assert document["fixes"] == [
        {
            "kind": "AskName",
            "sentence": "Ask redis",
            "name": "redis",
            "commands": [],
            "proved": True,
            "then": {
                "outcome": "found",
                "addresses": ["10.96.0.77"],
                "origin": "Service shop/redis",
            },
        },
        {
            "kind": "Create",
            "sentence": "Create Service cache in namespace shop",
            "commands": ["kubectl create service clusterip cache -n shop --tcp=6379"],
            "proved": True,
            "then": {"outcome": "found", "addresses": [], "origin": ""},
        },
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("verdict", "maybe", id="a verdict that is none"),
        pytest.param("surprise", 1, id="a field that nobody declared"),
        pytest.param("steps", None, id="steps that are no list"),
    ],
)
def test_a_document_that_is_not_as_the_schema_says_is_refused(field, value):
    document = explanations_document([Paper(REDIS).explain("redis")])
    with pytest.raises(ValidationError):
        validate("explanation", {**document, field: value})
