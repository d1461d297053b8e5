"""From files to a cluster without one."""

from __future__ import annotations

from io import BytesIO

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.errors import BadInput, NotFound
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.findings import Reason
from kubectl_hosts.model.reads import Files, PodRef
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.offline.backend import load

PODS = Resource("pods")
DEPLOYMENTS = Resource("deployments", group="apps")

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {hostAliases: [{ip: 192.0.2.1, hostnames: [db]}]}
"""
REPLICA_SET = """\
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-5d
  namespace: shop
  ownerReferences: [{kind: Deployment, name: web, controller: true}]
spec: {template: {metadata: {labels: {app: web}}}}
"""
OWNED_POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web-5d-abcde
  namespace: shop
  ownerReferences: [{kind: ReplicaSet, name: web-5d, controller: true}]
"""


def load_text(*documents, namespace=""):
    text = "\n---\n".join(documents)
    return load(["-"], namespace=namespace, stdin=BytesIO(text.encode()).read)


def pods_of(cluster, **selection):
    listed = cluster.list(PODS, Selection(**selection))
    return [(each["metadata"]["namespace"], each["metadata"]["name"]) for each in listed]


def test_a_manifest_without_a_namespace_gets_the_one_asked_for():
    assert pods_of(load_text(POD, namespace="shop")) == [("shop", "web")]
    assert pods_of(load_text(POD)) == [("default", "web")]
    assert pods_of(load_text(POD.replace("{name", "{namespace: own, name"), namespace="shop")) == [
        ("own", "web")
    ]


@pytest.mark.parametrize(
    ("documents", "names"),
    [
        pytest.param([DEPLOYMENT], ["web-xxxxxxxxxx-xxxxx"], id="a Deployment alone"),
        pytest.param([DEPLOYMENT, REPLICA_SET], ["web-5d-xxxxx"], id="its ReplicaSet is known"),
        pytest.param([DEPLOYMENT, REPLICA_SET, OWNED_POD], ["web-5d-abcde"], id="its pod is known"),
        pytest.param(
            [POD.replace("name: web", "generateName: web-")], ["web-xxxxx"], id="generateName"
        ),
    ],
)
def test_pods_are_predicted_only_where_none_are_given(documents, names):
    assert [name for _, name in pods_of(load_text(*documents))] == names


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"apiVersion": "v1", "kind": "List", "items": [%s]}', id="a List"),
        pytest.param('{"apiVersion": "v1", "kind": "PodList", "items": [%s]}', id="a PodList"),
        pytest.param("%s", id="JSON"),
    ],
)
def test_lists_are_taken_apart(text):
    pod = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}'
    assert pods_of(load_text(text % pod)) == [("default", "web")]


def test_items_of_a_typed_list_get_its_type():
    items = "apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: web}}]"
    assert load_text(items).get(PODS, "web", namespace="default")["kind"] == "Pod"


def test_an_object_given_twice_counts_once_and_the_later_wins():
    cluster = load_text(POD, POD + "spec: {hostname: later}")
    found = [each["spec"].get("hostname") for each in cluster.list(PODS, Selection())]
    assert found == ["later"]


def test_selections_are_evaluated_here():
    cluster = load_text(DEPLOYMENT, POD)
    assert pods_of(cluster, label_selector="app in (web)") == [("shop", "web-xxxxxxxxxx-xxxxx")]
    assert pods_of(cluster, field_selector="metadata.name=web") == [("default", "web")]
    assert pods_of(cluster, namespace="shop", field_selector="metadata.name=web") == []


def test_what_is_not_in_the_manifests_is_not_found_in_the_servers_words():
    with pytest.raises(NotFound) as caught:
        load_text(POD).get(DEPLOYMENTS, "api", namespace="default")
    assert caught.value.message == 'Error from server (NotFound): deployments.apps "api" not found'
    with pytest.raises(NotFound):
        load_text(POD).get(PODS, "web", namespace="elsewhere")


def test_nobody_can_look_into_a_container_of_a_manifest():
    read = Files(PodRef("default", "web"), "c", ("/etc/hosts",))
    assert load_text(POD).answer((read,)) == {
        read: CouldNotLook(what="container c", why="STDIN has nothing of pod default/web")
    }


def test_findings_come_with_the_cluster():
    misplaced = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{hostAliases: []}]}"
    )
    found = load_text(misplaced).manifests
    assert [each.reason for each in found.findings][:1] == [Reason.HOST_ALIASES_MISPLACED]
    assert (found.refused, found.of_pods) == (("Pod a",), {("default", "a"): "Pod a"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "no objects passed to hosts", id="nothing"),
        pytest.param("# only this", "no objects passed to hosts", id="a comment"),
        pytest.param(
            "kind: Service\napiVersion: v1\nmetadata: {name: a}\nspec: {clusterIP: None}",
            "no pod in STDIN, and no workload that makes one: Service only",
            id="no pod",
        ),
        pytest.param(
            "kind: List\napiVersion: v1\nitems: []",
            "no pod in STDIN, and no workload that makes one: an empty list only",
            id="an empty List",
        ),
        pytest.param(
            "kind: Capture\napiVersion: kubectl-hosts/v3",
            'error validating "STDIN": document 1 (line 1): no matches for kind "Capture" in version "kubectl-hosts/v3"',
            id="a capture of another version",
        ),
    ],
)
def test_what_cannot_be_used_is_one_clear_sentence(text, message):
    with pytest.raises(BadInput) as caught:
        load_text(text)
    assert caught.value.message == message


CUSTOM = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  template:
    metadata: {labels: {app: web}}
    spec: {hostname: a, containers: [{name: c, image: i}]}
"""


def test_the_template_of_a_custom_resource_has_a_pod():
    (pod,) = load_text(CUSTOM).list(PODS, Selection())
    assert (pod["metadata"]["name"], pod["spec"]["hostname"]) == ("web-xxxxx", "a")


def test_a_knative_service_is_no_service_and_has_a_pod():
    text = CUSTOM.replace("argoproj.io/v1alpha1", "serving.knative.dev/v1").replace(
        "Rollout", "Service"
    )
    found = load_text(text)
    assert pods_of(found) == [("shop", "web-xxxxx")]
    services = found.list(Resource("services"), Selection(namespace="shop"))
    assert list(services) == []


def test_what_cannot_be_decoded_is_left_out_and_told():
    found = load_text(POD, POD.replace("web", "api") + "spec: {hostAliases: {}}")
    assert pods_of(found) == [("default", "web")]
    assert found.manifests.refused == ("Pod api", "Pod web")  # without containers, both


def test_a_directory_is_read_as_kubectl_reads_it(tmp_path):
    (tmp_path / "b.yaml").write_text(POD)
    (tmp_path / "a.json").write_text(
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "api"}}'
    )
    (tmp_path / "notes.txt").write_text("not read")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "c.yaml").write_text("not: read")
    cluster = load([str(tmp_path)], namespace="", stdin=bytes)
    assert [name for _, name in pods_of(cluster)] == ["api", "web"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        pytest.param(["gone.yaml"], 'the path "gone.yaml" does not exist', id="no such file"),
        pytest.param(
            ["empty"],
            "error reading [empty]: recognized file extensions are [.json .yaml .yml]",
            id="an empty directory",
        ),
        pytest.param(["a\0b"], "open a\0b: embedded null byte", id="a NUL in the path"),
        pytest.param(
            ["-", "-"],
            "standard input cannot be used for multiple arguments",
            id="standard input twice",
        ),
        pytest.param(
            ["https://example.org/a.yaml"],
            'the path "https://example.org/a.yaml" is a URL: -f reads files only',
            id="a URL",
        ),
    ],
)
def test_a_path_that_cannot_be_read(paths, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput) as caught:
        load(paths, namespace="", stdin=BytesIO(POD.encode()).read)
    assert caught.value.message == message


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text("ab.1:")
    | st.floats(allow_nan=False, allow_infinity=False)
)
KEYS = st.sampled_from(
    [
        "kind",
        "apiVersion",
        "metadata",
        "name",
        "namespace",
        "spec",
        "template",
        "hostAliases",
        "ip",
        "hostnames",
        "items",
        "replicas",
        "containers",
        "status",
        "labels",
        "ownerReferences",
        "objects",
        "reads",
        "containers",
        "volumes",
        "completions",
        "completionMode",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=5),
    max_leaves=15,
)
TYPES = st.sampled_from(
    [
        ("v1", "Pod"),
        ("v1", "List"),
        ("v1", "PodList"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
        ("kubectl-hosts/v2", "Capture"),
        ("v1", "Service"),
    ]
)


@given(TYPES, st.dictionaries(KEYS, VALUES, max_size=6), st.booleans())
def test_any_document_is_a_cluster_or_bad_input(type_of, document, named):
    api_version, kind = type_of
    name = {"metadata": {"name": "x"}} if named else {}
    text = yaml.safe_dump({**document, **name, "apiVersion": api_version, "kind": kind})
    try:
        cluster = load_text(text)
    except BadInput:
        return
    pods_of(cluster)
