"""hostAliases that the API server would refuse, prune or warn about: hosts-file.md section 4."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.lint import lint_manifest
from kubectl_hosts.model.origin import Origin, OriginKind

METADATA = {"name": "web", "namespace": "shop"}


def pod(*aliases):
    return {"kind": "Pod", "metadata": METADATA, "spec": {"hostAliases": list(aliases)}}


def reasons(obj):
    return [(each.reason, each.severity, each.evidence[0].field) for each in lint_manifest(obj)]


@pytest.mark.parametrize(
    ("name", "because"),
    [
        pytest.param("", "it is empty", id="an empty name"),
        pytest.param("Foo", "upper case is refused", id="upper case"),
        pytest.param("foo_bar", "an underscore is refused", id="an underscore"),
        pytest.param(
            "*.local",
            "a hosts file has no wildcards (kubernetes/kubernetes#60795)",
            id="a wildcard",
        ),
        pytest.param("foo.", "it ends in a dot (kubernetes/kubernetes#135273)", id="a final dot"),
        pytest.param("a" * 254, "it is longer than 253 characters", id="254 characters"),
        pytest.param("-foo", "it is no lower case RFC 1123 subdomain", id="a leading hyphen"),
        pytest.param("a..b", "it is no lower case RFC 1123 subdomain", id="an empty label"),
        pytest.param("a\nb", "it is no lower case RFC 1123 subdomain", id="a newline"),
        pytest.param(
            "bücher", "it is no lower case RFC 1123 subdomain", id="a letter beyond ASCII"
        ),
    ],
)
def test_a_name_that_the_api_server_refuses(name, because):
    (finding,) = lint_manifest(pod({"ip": "192.0.2.1", "hostnames": ["ok", name]}))
    field = "spec.hostAliases[0].hostnames[1]"
    assert (finding.reason, finding.message, finding.evidence) == (
        Reason.HOST_ALIAS_NAME_INVALID,
        f'{field}: Invalid value: "{name}": {because}',
        (Origin(kind=OriginKind.HOST_ALIAS, object="shop/web", field=field),),
    )


@pytest.mark.parametrize(
    "name",
    [
        "foo",
        "foo.local",
        "1foo",
        "10.1.2.3",
        "xn--bcher-kva.example",
        "a" * 253,
        "localhost",
        "web",
    ],
)
def test_a_name_that_the_api_server_takes_is_left_alone(name):
    assert lint_manifest(pod({"ip": "192.0.2.1", "hostnames": [name]})) == ()


@pytest.mark.parametrize(
    "ip", ["foo.bar", "fe80::1%eth0", "192.0.2.0/24", "", "1.2.3", "256.1.1.1", "1.2.3.4 "]
)
def test_what_is_no_address_is_refused(ip):
    assert reasons(pod({"ip": ip, "hostnames": ["a"]})) == [
        (Reason.HOST_ALIAS_IP_INVALID, Severity.ERROR, "spec.hostAliases[0].ip")
    ]


@pytest.mark.parametrize(
    ("ip", "canonical"),
    [
        pytest.param("010.1.2.3", "10.1.2.3", id="leading zeros are decimal"),
        pytest.param("::ffff:1.2.3.4", "1.2.3.4", id="IPv4 in IPv6"),
        pytest.param("2001:db8:0:0::1", "2001:db8::1", id="not as RFC 5952 has it"),
        pytest.param("2001:DB8::1", "2001:db8::1", id="upper case"),
    ],
)
def test_an_address_in_another_form_is_taken_with_a_warning(ip, canonical):
    (finding,) = lint_manifest(pod({"ip": ip, "hostnames": ["a"]}))
    assert (finding.reason, finding.severity, finding.fix) == (
        Reason.HOST_ALIAS_IP_NOT_CANONICAL,
        Severity.WARNING,
        f'Write "{canonical}".',
    )


@pytest.mark.parametrize("ip", ["192.0.2.1", "2001:db8::ffff", "::1", "0.0.0.0"])
def test_a_canonical_address_is_left_alone(ip):
    assert lint_manifest(pod({"ip": ip, "hostnames": ["a"]})) == ()


def test_each_item_after_the_first_with_the_same_ip_is_a_duplicate():
    found = reasons(
        pod(*({"ip": ip, "hostnames": ["a"]} for ip in ("192.0.2.1", "192.0.2.2", "192.0.2.1")))
    )
    assert found == [(Reason.HOST_ALIAS_IP_DUPLICATE, Severity.WARNING, "spec.hostAliases[2].ip")]


def test_a_misspelt_field_is_unknown_and_leaves_the_item_without_names():
    assert reasons(pod({"ip": "192.0.2.1", "hostname": "a"})) == [
        (Reason.HOST_ALIAS_FIELD_UNKNOWN, Severity.ERROR, "spec.hostAliases[0].hostname"),
        (Reason.HOST_ALIAS_WITHOUT_NAMES, Severity.WARNING, "spec.hostAliases[0].hostnames"),
    ]


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
            {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"hostAliases": ALIASES}}}},
            "spec.jobTemplate.spec.hostAliases",
            "spec.jobTemplate.spec.template.spec.hostAliases",
            id="a level too high in a CronJob",
        ),
    ],
)
def test_host_aliases_at_the_wrong_level(obj, written, right):
    assert lint_manifest({**obj, "metadata": METADATA}) == (
        Finding(
            reason=Reason.HOST_ALIASES_MISPLACED,
            severity=Severity.ERROR,
            message=f'unknown field "{written}": the API server refuses it, or drops it where '
            "validation is not strict; no pod gets these names",
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
    assert lint_manifest(obj) == ()
