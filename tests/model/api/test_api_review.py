"""Whatever a manifest says, there is a verdict on it: what the server would refuse, it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.api.kinds import DeclaredKind, at, pod_spec_path
from kubectl_hosts.model.api.review import review
from kubectl_hosts.offline.manifests import api_model
from kubectl_hosts.yaml_reader import parse_yaml
from tests.model.api.table import TABLE

OBJECTS = [
    document.value
    for row in TABLE
    for document in parse_yaml(row.text)
    if isinstance(document.value.get("kind"), str) and "apiVersion" in document.value
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def places(value, path=()):
    """Every path of VALUE."""
    members = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for step, each in members:
        yield (*path, step)
        yield from places(each, (*path, step))


def replaced(value, path, new):
    if not path:
        return new
    step, *rest = path
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[step] = replaced(copied[step], rest, new)
    return copied


@given(st.data())
def test_a_value_of_any_type_at_any_place_has_a_verdict(data):
    obj = data.draw(st.sampled_from(OBJECTS))
    own = [each for each in places(obj) if each not in {("kind",), ("apiVersion",)}]
    changed = replaced(obj, data.draw(st.sampled_from(own)), data.draw(VALUES))
    found = review(changed, api_model)
    assert found.refused or not found.unreadable
    assert all(each.message and each.evidence for each in found.findings)


@given(st.sampled_from(OBJECTS), st.text(min_size=1))
def test_a_field_that_the_api_does_not_have_is_refused_wherever_it_stands(obj, name):
    spec = pod_spec_path(obj)
    inside = at(obj, spec) if spec else None
    if isinstance(inside, dict) and name not in api_model("V1PodSpec").fields:
        found = review(replaced(obj, spec, {**inside, name: "x"}), api_model)
        assert found.refused or not DeclaredKind(obj["apiVersion"], obj["kind"]).model


@pytest.mark.parametrize(
    ("api", "kind", "fix"),
    [
        pytest.param("v1", "Pods", "Write kind: Pod.", id="a plural"),
        pytest.param("apps/v1", "deployment", "Write kind: Deployment.", id="another case"),
        pytest.param("apps/v1", "Deploymnet", "Write kind: Deployment.", id="two letters swapped"),
        pytest.param("core/v1", "Pod", "Write apiVersion: v1.", id="a group that is none"),
        pytest.param("app/v1", "Deployment", "Write apiVersion: apps/v1.", id="a group misspelt"),
        pytest.param("extensions/v1beta1", "Deployment", "Write apiVersion: apps/v1.", id="gone"),
        pytest.param("example.com/v1", "Pods", None, id="somebody's own"),
        pytest.param("v1", "Event", None, id="a kind that nothing here reads"),
        pytest.param("v1", "Pod", None, id="a kind of the API"),
    ],
)
def test_a_kind_that_the_api_does_not_serve_is_refused_with_what_was_meant(api, kind, fix):
    obj = {"apiVersion": api, "kind": kind, "metadata": {"name": "a"}}
    obj |= {"spec": {"containers": [{"name": "a", "image": "b"}]}} if kind == "Pod" else {}
    found = [each.fix for each in review(obj, api_model).findings if "no matches" in each.message]
    assert found == ([fix] if fix else [])


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        pytest.param(DeclaredKind("v1", "Service"), "V1Service", id="the core Service"),
        pytest.param(DeclaredKind("serving.knative.dev/v1", "Service"), "", id="Knative's Service"),
        pytest.param(DeclaredKind("apps/v1", "Deployment"), "V1Deployment", id="a workload"),
        pytest.param(DeclaredKind("apps/v1beta1", "Deployment"), "", id="a version that is gone"),
        pytest.param(
            DeclaredKind("autoscaling/v2", "HorizontalPodAutoscaler"),
            "V2HorizontalPodAutoscaler",
            id="version 2",
        ),
    ],
)
def test_a_kind_is_known_by_its_group_and_version(kind, model):
    assert kind.model == model
    assert not model or api_model(model).name == model


def said(text):
    """What is said of the only manifest of TEXT: each field, and what to do about it."""
    (document,) = parse_yaml(text)
    found = review(document.value, api_model).findings
    return [(each.evidence[0].field, each.fix) for each in found]


ALIAS = "{ip: 10.1.2.3, hostnames: [db]}"
MAIN = "containers: [{name: main, image: nginx}]"


def pod(spec):
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{spec}  {MAIN}\n"


def rollout(spec, template=""):
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\nspec:\n"
        f"{spec}  template:\n{template}    spec: {{{MAIN}}}\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            pod("  hostAliases:\n  - ip: 10.1.2.3\n  hostnames: [db]\n"),
            [
                (
                    "spec.hostnames",
                    "Indent it as the fields of spec.hostAliases[0]: hostnames is one of them.",
                )
            ],
            id="a field of an item that stands beside the list",
        ),
        pytest.param(
            pod(f"  hostAliases: [{ALIAS}]\n  hostnames: [db]\n"),
            [("spec.hostnames", "Write hostname.")],
            id="the item before it has one of its own",
        ),
        pytest.param(
            pod("  hostnames: [db]\n  hostAliases: [{ip: 10.1.2.3}]\n"),
            [
                ("spec.hostnames", "Write hostname."),
                ("spec.hostAliases[0].hostnames", "List the names, or take the item out."),
            ],
            id="it stands before the list",
        ),
        pytest.param(
            pod('  extra_hosts: ["db:10.1.2.3"]\n'),
            [
                (
                    "spec.extra_hosts",
                    "Write spec.hostAliases: extra_hosts is Docker Compose's name.",
                )
            ],
            id="a field of Docker Compose",
        ),
        pytest.param(
            pod("").replace("name: web", "generateName: web-", 1),
            [("metadata.generateName", "Use kubectl create, or write metadata.name.")],
            id="a name that kubectl apply does not take",
        ),
        pytest.param(
            pod('  extraHosts: ["db:10.1.2.3"]\n'),
            [
                (
                    "spec.extraHosts",
                    "Write spec.hostAliases: extraHosts is Docker Compose's name.",
                )
            ],
            id="a field of Docker Compose in camel case",
        ),
        pytest.param(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec:\n"
            '  schedule: "0 * * * *"\n  template:\n'
            f"    spec: {{restartPolicy: Never, {MAIN}}}\n",
            [("spec.template", "Move it to spec.jobTemplate.spec.template.")],
            id="a template one level too high; nothing of it is missing as well",
        ),
        pytest.param(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
            "spec: {selector: {matchLabels: {app: a}}, "
            f"template: {{metadata: {{labels: {{app: a}}}}}}, {MAIN}}}\n",
            [("spec.containers", "Move it to spec.template.spec.containers.")],
            id="containers outside the template are not missing in it",
        ),
        pytest.param(
            pod('  hostAliases: ["db:10.1.2.3"]\n'),
            [("spec.hostAliases[0]", "Write an object: ip and hostnames.")],
            id="text for an object of two fields",
        ),
        pytest.param(
            pod('  hostAliases: {"10.1.2.3": [db]}\n'),
            [("spec.hostAliases", "Write a list whose items have ip and hostnames.")],
            id="a mapping of addresses",
        ),
        pytest.param(
            pod("  hostAliases: {ip: 10.1.2.3, hostnames: [db]}\n"),
            [("spec.hostAliases", "Write a list: start each item of hostAliases with a hyphen.")],
            id="an item without its hyphen",
        ),
        pytest.param(
            pod("  hostAliases: |\n    - ip: 10.1.2.3\n      hostnames: [db]\n"),
            [
                (
                    "spec.hostAliases",
                    "Write a list: take out what makes the lines below hostAliases text, such as |.",
                )
            ],
            id="a block of text",
        ),
        pytest.param(
            pod("  hostAliases: [{ip: 10.1.2.3, hostnames: 'a, b c'}]\n"),
            [("spec.hostAliases[0].hostnames", "Write a list: hostnames: [a, b, c]")],
            id="names in one text",
        ),
        pytest.param(
            pod("  hostAliases: [{ip: 10.1.2.3, hostnames: [[a, b]]}]\n"),
            [
                (
                    "spec.hostAliases[0].hostnames[0]",
                    "Write the text alone: hostnames has a list too many here.",
                )
            ],
            id="a list in a list",
        ),
        pytest.param(
            rollout(f"  hostAliases: [{ALIAS}]\n"),
            [
                (
                    "spec.hostAliases",
                    (
                        "Move it to spec.template.spec.hostAliases, unless Rollout (argoproj.io) has a "
                        "field of its own there."
                    ),
                )
            ],
            id="beside the template of a custom resource",
        ),
        pytest.param(
            rollout("", f"    hostAliases: [{ALIAS}]\n"),
            [
                (
                    "spec.template.hostAliases",
                    (
                        "Move it to spec.template.spec.hostAliases, unless Rollout (argoproj.io) has a "
                        "field of its own there."
                    ),
                )
            ],
            id="beside the pod spec of a custom resource",
        ),
        pytest.param(
            rollout("  strategy: {canary: {}}\n", "    podAnnotations: {a: b}\n"),
            [],
            id="other fields of a custom resource are its own",
        ),
    ],
)
def test_what_is_in_a_wrong_place_or_form_is_told_where_it_belongs(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "proved"),
    [
        pytest.param(pod("  hostAliass: []\n"), [True], id="a name that was meant"),
        pytest.param(pod("  hostNetwork: 'true'\n"), [True], id="quotes too many"),
        pytest.param(pod("  hostAliases: [{ip: 10.1.2.3, hostnames: db}]\n"), [True], id="a list"),
        pytest.param(
            pod("  hostAliases: [{ip: 10.1.2.3, hostnames: 'a b'}]\n"), [True], id="two names"
        ),
        pytest.param(
            pod("  hostAliases: [{ip: 10.1.2.3, hostnames: A_b}]\n"), [False], id="no host name"
        ),
        pytest.param(
            pod("  hostAliases: [{ip: 10.1.2.3, hostnames: [A]}]\n"), [True], id="upper case"
        ),
        pytest.param(
            pod("  hostAliases: [{ip: 10.1.2.3, hostnames: [A_b]}]\n"), [False], id="and more"
        ),
        pytest.param(pod("  dnsPolicy: clusterfirst\n"), [True], id="a word in another case"),
        pytest.param(pod("  dnsPolicy: Cluster\n"), [False], id="no word"),
        pytest.param(pod("  extra_hosts: ['db:10.1.2.3']\n"), [False], id="another program's"),
        pytest.param(pod("  hostAliases: [{}]\n"), [False, False], id="what only its writer knows"),
        pytest.param(pod("").replace("v1", "apps/v1"), [True], id="a version that the API has not"),
        pytest.param(
            pod("  hostAliases:\n  - ip: 10.1.2.3\n  hostnames: [db]\n"), [True], id="indentation"
        ),
    ],
)
def test_a_fix_is_one_that_was_tried(text, proved):
    (document,) = parse_yaml(text)
    assert [each.proved for each in review(document.value, api_model).findings] == proved
