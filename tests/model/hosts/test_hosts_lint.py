"""hostAliases that were applied and that the API server dropped: hosts-file.md section 4."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.lineage import dropped_host_aliases
from kubectl_hosts.model.origin import Origin, OriginKind

METADATA = {"name": "web", "namespace": "shop"}


def test_a_field_that_an_item_does_not_have_is_dropped():
    spec = {"hostAliases": [{"ip": "192.0.2.1", "hostname": "a"}]}
    (found,) = dropped_host_aliases({"kind": "Pod", "metadata": METADATA, "spec": spec})
    assert (found.reason, found.evidence[0].field) == (
        Reason.HOST_ALIAS_FIELD_UNKNOWN,
        "spec.hostAliases[0].hostname",
    )


ALIASES = [{"ip": "192.0.2.1", "hostnames": ["a"]}]


@pytest.mark.parametrize(
    ("obj", "written", "right"),
    [
        pytest.param(
            {"kind": "Deployment", "spec": {"hostAliases": ALIASES}},
            "spec.hostAliases",
            "spec.template.spec.hostAliases",
            id="beside the template",
        ),
        pytest.param(
            {"kind": "Deployment", "spec": {"template": {"hostAliases": ALIASES}}},
            "spec.template.hostAliases",
            "spec.template.spec.hostAliases",
            id="beside the template's spec",
        ),
        pytest.param(
            {"kind": "Pod", "hostAliases": ALIASES},
            "hostAliases",
            "spec.hostAliases",
            id="beside spec",
        ),
        pytest.param(
            {"kind": "Pod", "spec": {"containers": [{}, {"hostAliases": ALIASES}]}},
            "spec.containers[1].hostAliases",
            "spec.hostAliases",
            id="in a container",
        ),
        pytest.param(
            {"kind": "Pod", "spec": {"hostaliases": ALIASES}},
            "spec.hostaliases",
            "spec.hostAliases",
            id="misspelt",
        ),
        pytest.param(
            {"kind": "Pod", "spec": {"host_aliases": ALIASES}},
            "spec.host_aliases",
            "spec.hostAliases",
            id="as Python writes it",
        ),
        pytest.param(
            {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"hostAliases": ALIASES}}}},
            "spec.jobTemplate.spec.hostAliases",
            "spec.jobTemplate.spec.template.spec.hostAliases",
            id="a level too high in a CronJob",
        ),
    ],
)
def test_host_aliases_at_the_wrong_level(obj, written, right):
    assert dropped_host_aliases({**obj, "metadata": METADATA}) == (
        Finding(
            reason=Reason.HOST_ALIASES_MISPLACED,
            severity=Severity.ERROR,
            message=f'unknown field "{written}": the API server dropped it; no pod gets these names',
            fix=f"Move it to {right}.",
            evidence=(Origin(kind=OriginKind.HOST_ALIAS, object="shop/web", field=written),),
        ),
    )


@pytest.mark.parametrize(
    "obj",
    [
        pytest.param(
            {"kind": "Deployment", "spec": {"template": {"spec": {"hostAliases": ALIASES}}}},
            id="a Deployment",
        ),
        pytest.param(
            {
                "kind": "CronJob",
                "spec": {"jobTemplate": {"spec": {"template": {"spec": {"hostAliases": ALIASES}}}}},
            },
            id="a CronJob",
        ),
        pytest.param(
            {"kind": "Pod", "metadata": {"labels": {"hostAliases": "x"}}}, id="a label of that name"
        ),
        pytest.param(
            {"kind": "Rollout", "spec": {"hostAliases": ALIASES}}, id="a kind that we do not know"
        ),
    ],
)
def test_host_aliases_where_they_belong_are_left_alone(obj):
    assert dropped_host_aliases(obj) == ()
