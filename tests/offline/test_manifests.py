"""Manifests of -f: every problem has its file and line, and none hides the other objects."""

from __future__ import annotations

import pytest

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.findings import Reason
from kubectl_hosts.offline.manifests import read_all, review_all

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, image: i}]}\n"
)
MISSPELT = POD.replace("containers", "hostname: a\n  , HostNetwork: true, containers")


def manifests(*texts, namespace="shop"):
    documents = read_all((f"{n}.yaml", text.encode()) for n, text in enumerate(texts))
    return review_all(documents.objects, documents.bad, namespace=namespace)


def told(found):
    return [
        (each.evidence[0].file, each.evidence[0].line, each.evidence[0].field, each.message)
        for each in found.findings
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(POD, [], id="a Pod as it should be"),
        pytest.param(
            "# a comment\n" + MISSPELT,
            [("0.yaml", 6, "spec.HostNetwork", 'Pod web: unknown field "spec.HostNetwork"')],
            id="lines are those of the file",
        ),
        pytest.param(
            POD + "---\n" + MISSPELT,
            [("0.yaml", 10, "spec.HostNetwork", 'Pod web: unknown field "spec.HostNetwork"')],
            id="of the second document",
        ),
        pytest.param(
            "apiVersion: v1\nkind: List\nitems:\n"
            "- apiVersion: v1\n  kind: Pod\n  metadata: {name: web}\n"
            "  spec:\n    containers: [{name: c, image: i}]\n    hostNam: a\n",
            [("0.yaml", 9, "spec.hostNam", 'Pod web: unknown field "spec.hostNam"')],
            id="in a List",
        ),
        pytest.param(
            '{"apiVersion": "v1", "kind": "Pod",\n"metadata": {"name": "web"},\n"spec": {'
            '"containers": [{"name": "c", "image": "i"}],\n"hostNam": "a"}}',
            [("0.yaml", 4, "spec.hostNam", 'Pod web: unknown field "spec.hostNam"')],
            id="in JSON",
        ),
        pytest.param(
            POD.replace("spec:", "spec: {}\nspec:"),
            [
                (
                    "0.yaml",
                    5,
                    "spec",
                    "Pod web: spec is given twice (lines 4 and 5): the last wins, the first is lost",
                )
            ],
            id="a key given twice",
        ),
        pytest.param(
            '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {\n"hostname": "a",\n'
            '"hostname": "b", "containers": [{"name": "c", "image": "i"}]}}',
            [
                (
                    "0.yaml",
                    3,
                    "spec.hostname",
                    "Pod web: spec.hostname is given twice (lines 2 and 3): the last wins, a is lost",
                )
            ],
            id="a key given twice in JSON",
        ),
        pytest.param(
            POD.replace("image: i", ""),
            [
                (
                    "0.yaml",
                    4,
                    "spec.containers[0].image",
                    "Pod web: spec.containers[0].image: Required value",
                )
            ],
            id="what is missing has the line of what lacks it",
        ),
        pytest.param(
            "metadata: {name: web}",
            [("0.yaml", 1, "kind", "document 1: kind not set")],
            id="no kind",
        ),
        pytest.param(
            "kind: Pod\nmetadata: {name: web}",
            [("0.yaml", 1, "apiVersion", "document 1: apiVersion not set")],
            id="no apiVersion",
        ),
        pytest.param(
            "apiVersion: v1\nkind: [Pod]",
            [("0.yaml", 1, "kind", "document 1: kind not set")],
            id="a kind that is a list",
        ),
        pytest.param(
            "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a}\n",
            [
                (
                    "0.yaml",
                    1,
                    "",
                    "ServiceMonitor (monitoring.coreos.com) a was not read: a custom resource without spec.template.spec",
                )
            ],
            id="a custom resource",
        ),
    ],
)
def test_a_problem_has_its_file_line_kind_name_and_field(text, expected):
    assert told(manifests(text)) == expected


def test_one_bad_object_does_not_hide_the_others():
    text = f"{POD}---\na: [\n---\n{POD.replace('web', 'api')}---\n- 1\n---\nkind: Pod\n"
    found = manifests(text, POD.replace("web", "db").replace("name: c", "name: 5"))
    assert [each.obj["metadata"]["name"] for each in found.placed] == ["web", "api"]
    assert [
        (each.reason.value, each.evidence[0].file, each.evidence[0].line) for each in found.findings
    ] == [
        ("DocumentNotRead", "0.yaml", 7),
        ("DocumentNotRead", "0.yaml", 13),
        ("MissingField", "0.yaml", 15),
        ("WrongType", "1.yaml", 4),
    ]
    assert found.given == 6


def test_objects_that_are_refused_are_named():
    found = manifests(POD + "---\n" + MISSPELT.replace("web", "api"))
    assert found.refused == {("Pod", "shop", "api")}
    pods = [each.obj for each in found.placed]
    verdict = found.verdict(pods)
    assert verdict.refused == ("Pod api",)
    assert verdict.of_pods == {("shop", "api"): "Pod api"}


def test_the_pods_of_a_refused_workload_are_known_by_their_owners():
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replica: 1\n"
        "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
        "    spec: {containers: [{name: c, image: i}]}\n"
    )
    owner = {"kind": "ReplicaSet", "name": "web-xxxxxxxxxx", "controller": True}
    pod = {
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "shop", "ownerReferences": [owner]},
    }
    assert manifests(workload).verdict([pod]).of_pods == {("shop", "p"): "Deployment web"}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param(
            "", "no objects passed to hosts", "There is no document in 0.yaml.", id="nothing"
        ),
        pytest.param(
            "metadata:\n  name: {{ .Release.Name }}\n",
            "error parsing 0.yaml: error converting YAML to JSON: yaml: line 2: a mapping's key must be a scalar",
            "Render the chart first: helm template CHART | kubectl hosts show -f -",
            id="the template of a chart",
        ),
        pytest.param(
            "a: [\n",
            "error parsing 0.yaml: error converting YAML to JSON: yaml: line 2: did not find expected node content",
            "Correct 0.yaml there; lines are counted from the top of the file.",
            id="YAML that ends too early",
        ),
    ],
)
def test_where_nothing_can_be_read_the_run_ends(text, message, hint):
    with pytest.raises(BadInput) as caught:
        manifests(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("api", "kind", "refused"),
    [
        pytest.param("argoproj.io/v1alpha1", "Rollout", False, id="Argo Rollout"),
        pytest.param("serving.knative.dev/v1", "Service", False, id="Knative Service"),
        pytest.param("apps.kruise.io/v1alpha1", "CloneSet", False, id="OpenKruise CloneSet"),
        pytest.param("apps/v1", "Deployment", True, id="a kind of the API"),
    ],
)
def test_the_pod_template_of_any_kind_is_read_and_a_custom_one_is_never_refused(api, kind, refused):
    text = (
        f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n  selector: {{matchLabels: {{a: b}}}}\n"
        "  template:\n    metadata: {labels: {a: b}}\n    spec:\n      host_aliases: []\n"
        "      hostAliases: [{ip: x, hostnames: [a]}]\n      containers: [{name: c, image: i}]\n"
    )
    found = manifests(text)
    assert [(each.evidence[0].line, each.evidence[0].field) for each in found.findings] == [
        (9, "spec.template.spec.host_aliases"),
        (10, "spec.template.spec.hostAliases[0].ip"),
    ]
    assert {each.severity.value for each in found.findings} == {"error" if refused else "warning"}
    assert bool(found.refused) == refused


def test_the_fields_of_a_custom_resources_own_are_left_alone():
    text = (
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: web}\nspec:\n  template:\n"
        "    spec: {containerConcurrency: 5, timeoutSeconds: 9, containers: [{image: i}]}\n"
    )
    assert [each.message for each in manifests(text).findings] == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param(
            "hostAliases: []\nimage: nginx\n",
            "A chart's values? helm template CHART -f 0.yaml | kubectl hosts show -f -",
            id="the values of a chart",
        ),
        pytest.param(
            "services: {web: {image: nginx}}\n",
            "A Compose file? kompose convert --stdout | kubectl hosts show -f -",
            id="a Compose file",
        ),
        pytest.param(
            "spec: {template: {spec: {hostAliases: []}}}\n",
            "A patch? Make the objects first: kubectl kustomize DIR | kubectl hosts show -f -",
            id="a patch",
        ),
        pytest.param(
            "resources: [web.yaml]\n",
            "A kustomization? Make the objects first: kubectl kustomize DIR | kubectl hosts show -f -",
            id="a kustomization without a kind",
        ),
        pytest.param(
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
            "Make the objects first: kubectl kustomize DIR | kubectl hosts show -f -",
            id="a kustomization",
        ),
        pytest.param(
            "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: web}\nobjects: []\n",
            "Make the objects first: oc process --local -f FILE | kubectl hosts show -f -",
            id="a template of OpenShift",
        ),
        pytest.param(
            "name: web\nversion: 0.1.0\n",
            "Render the chart first: helm template CHART | kubectl hosts show -f -",
            id="Chart.yaml",
        ),
        pytest.param(
            "apiVersion: v1\nmetadata: {name: web}\n",
            "A manifest starts with apiVersion and kind.",
            id="a manifest that lost its kind",
        ),
    ],
)
def test_the_input_of_another_program_has_a_hint_that_leads_on(text, hint):
    found = manifests(text)
    assert [each.fix for each in found.findings] == [hint]
    assert found.verdict(()).fails


def test_a_template_of_another_group_is_a_custom_resource():
    text = "apiVersion: example.com/v1\nkind: Template\nmetadata: {name: web}\nobjects: []\n"
    assert not manifests(text).verdict(()).fails


@pytest.mark.parametrize(
    ("spec", "hints"),
    [
        pytest.param(
            "template: {spec: {hostAliases: [{ip: 10.1.2.3, hostnames: [a]}]}}",
            [
                "A patch? Make the objects first: kubectl kustomize DIR | kubectl hosts show -f -",
                "",
            ],
            id="what is changed alone",
        ),
        pytest.param(
            "template: {spec: {containers: [{name: a, env: [{name: b}]}]}}",
            [
                "A patch? Make the objects first: kubectl kustomize DIR | kubectl hosts show -f -",
                "",
            ],
            id="a container without its image",
        ),
        pytest.param(
            "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: b}]}}",
            ["Write selector: {matchLabels: {app: a}}."],
            id="left alone: a workload without its selector",
        ),
        pytest.param(
            "selector: {matchLabels: {app: a}}\n  template: {metadata: {labels: {app: a}}, spec: {}}",
            ["Set spec.template.spec.containers."],
            id="left alone: a workload without its containers",
        ),
    ],
)
def test_a_patch_with_its_kind_is_told_from_a_workload_that_lacks_something(spec, hints):
    found = manifests(
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  {spec}\n"
    )
    missing = [each for each in found.findings if each.reason is Reason.MISSING_FIELD]
    assert [each.hint or each.fix for each in missing] == hints


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        pytest.param(POD, False, id="a Pod as it should be"),
        pytest.param(MISSPELT, True, id="one that is refused"),
        pytest.param(f"{POD}---\na: [\n", True, id="one that cannot be read"),
        pytest.param(POD.replace("spec:", "spec: {}\nspec:"), False, id="a key given twice"),
    ],
)
def test_manifests_fail_where_kubectl_apply_would(text, fails):
    assert manifests(text).verdict(()).fails == fails


@pytest.mark.parametrize(
    ("items", "said"),
    [
        pytest.param(
            "[{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}]}]",
            ["document 1: a List in a List is not applied"],
            id="a List",
        ),
        pytest.param("null", ["document 1: items is no list"], id="no items"),
        pytest.param(
            "[{apiVersion: v1, kind: Pod, metadata: {name: a}, "
            "spec: {containers: [{name: a, image: b}]}}]",
            [],
            id="left alone: a Pod",
        ),
    ],
)
def test_a_list_among_the_items_of_one_is_no_list_to_kubectl(items, said):
    found = manifests(f"apiVersion: v1\nkind: List\nitems: {items}\n")
    assert [each.message for each in found.findings] == said
    assert bool(found.refused) == bool(said)
