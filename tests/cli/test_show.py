"""What `show` prints, whole, from a capture or from manifests."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml

from kubectl_hosts.model.hosts.hosts_report import VerdictKind
from tests.cli.schemas import schema
from tests.cli.tour import PODS, tour
from tests.fakes import FakeCluster, a_node, a_pod, capture_of, container_files, hosts_text, run

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: example.org/app}]
      hostAliases: [{ip: 192.0.2.1, hostnames: [db]}, {ip: 192.0.2.1, hostnames: [queue]}]
"""
REFUSED = MANIFEST.replace("replicas: 2", "hostAliases: [{ip: 192.0.2.1, hostnames: [db]}]")
STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: shop}
spec:
  replicas: 2
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: app, image: example.org/app}]}
"""


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    return capture_of(tour(), tmp_path_factory.mktemp("tour"), all_containers=True)


@pytest.fixture
def manifest(tmp_path):
    def written(text):
        file = tmp_path / "manifest.yaml"
        file.write_text(text)
        return str(file)

    return written


@pytest.mark.parametrize("name", [each["metadata"]["name"] for each in PODS])
def test_one_pod_shows_its_lines_and_the_first_line_is_the_answer(capture, capfd, golden, name):
    status, out, err = run(capfd, "show", name, "-f", capture)
    assert out == golden(f"show/{name}.txt", out)
    assert (status, out.partition(":")[0]) == (0, f"pod shop/{name}")
    chooses = name in {"several", "shell-less"}
    assert err == ('Defaulted container "main" out of: main, sidecar\n' if chooses else "")


def test_all_containers_are_shown_once_where_they_share_the_file(capture, capfd, golden):
    status, out, err = run(capfd, "show", "several", "-f", capture, "--all-containers")
    assert out == golden("show/several-all-containers.txt", out)
    assert (status, err) == (0, "")


def test_many_pods_are_a_row_each_and_those_that_differ_are_shown(capture, capfd, golden):
    status, out, err = run(capfd, "show", "-f", capture)
    assert out == golden("show/many.txt", out)
    assert (status, err) == (0, "")


def test_wide_adds_columns_and_moves_none(capture, capfd, golden):
    _, out, _ = run(capfd, "show", "-f", capture, "-o", "wide")
    assert out == golden("show/many-wide.txt", out)
    _, one, _ = run(capfd, "show", "edited", "-f", capture, "-o", "wide")
    assert one == golden("show/edited-wide.txt", one)


@pytest.mark.parametrize("pod", [(), ("edited",), ("-o", "wide")])
def test_no_headers_leaves_the_rows_alone(capture, capfd, pod):
    _, with_headers, _ = run(capfd, "show", *pod, "-f", capture)
    _, without, _ = run(capfd, "show", *pod, "-f", capture, "--no-headers")
    _, _, rest = with_headers.partition("\n\n")
    table, _, _ = rest.partition("\n\n")[0].partition("\nSupplied by: ")
    assert [line.split() for line in without.splitlines()] == [
        line.split() for line in table.splitlines()[1:]
    ]


def test_names_are_what_kubectl_takes_back(capture, capfd):
    _, out, _ = run(capfd, "show", "-f", capture, "-o", "name")
    assert out.splitlines() == [f"pod/{each['metadata']['name']}" for each in PODS]


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_the_document_is_whole(capture, capfd, golden, output):
    _, out, _ = run(capfd, "show", "edited", "-f", capture, "-o", output)
    assert out == golden(f"show/edited.{output}", out)


def test_json_and_yaml_are_one_document(capture, capfd):
    _, as_json, _ = run(capfd, "show", "-f", capture, "-o", "json")
    _, as_yaml, _ = run(capfd, "show", "-f", capture, "-o", "yaml")
    assert yaml.safe_load(as_yaml) == json.loads(as_json)


def test_a_jsonpath_picks_from_the_document(capture, capfd):
    template = '{range .items[?(@.verdict.kind=="differs")]}{.pod.name}{"\\n"}{end}'
    _, out, _ = run(capfd, "show", "-f", capture, "-o", f"jsonpath={template}")
    assert out == "edited\nescapes\nnot-utf-8\n"


@pytest.mark.parametrize(
    ("argv", "golden_name"),
    [
        pytest.param(("edited",), "edited.hosts", id="the file as it is"),
        pytest.param(("not-utf-8",), "not-utf-8.hosts", id="no UTF-8"),
        pytest.param(("escapes",), "escapes.hosts", id="escape sequences"),
        pytest.param(("own-mount",), "own-mount.hosts", id="an own mount"),
        pytest.param(("host-network",), "host-network.hosts", id="host network"),
        pytest.param(("holds", "--expected"), "holds.hosts", id="the prediction"),
        pytest.param(("edited", "--expected"), "edited-expected.hosts", id="as it should be"),
        pytest.param(("forbidden", "--expected"), "forbidden.hosts", id="without looking"),
    ],
)
def test_a_hosts_file_is_printed_byte_for_byte(capture, capfdbinary, golden, argv, golden_name):
    status, out, err = run(capfdbinary, "show", *argv, "-f", capture, "-o", "hosts")
    assert (status, err) == (0, b"")
    shown = out.decode("latin-1")
    assert shown == golden(f"show/{golden_name}", shown)


def test_the_file_of_a_pod_that_was_not_edited_is_the_predicted_one(capture, capfdbinary):
    observed = run(capfdbinary, "show", "holds", "-f", capture, "-o", "hosts")
    expected = run(capfdbinary, "show", "holds", "-f", capture, "-o", "hosts", "--expected")
    assert observed == expected


def test_escape_sequences_reach_no_output_but_the_raw_file(capture, capfd):
    for output in ("table", "wide", "yaml", "json"):
        _, out, _ = run(capfd, "show", "escapes", "-f", capture, "-o", output)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", out)


@pytest.mark.parametrize(
    ("text", "golden_name", "status"),
    [
        pytest.param(MANIFEST, "warned", 0, id="what it warns about comes last"),
        pytest.param(REFUSED, "refused", 1, id="one error is the first line"),
        pytest.param(
            f"{REFUSED}---\n{REFUSED.replace('web', 'api')}---\n{STATEFUL_SET}",
            "refused-several",
            1,
            id="several are counted there, and the others are predicted",
        ),
        pytest.param(
            MANIFEST.replace("[db]", "db"), "not-decoded", 1, id="what cannot be decoded has no pod"
        ),
    ],
)
def test_what_the_api_server_says_of_a_manifest(manifest, capfd, golden, text, golden_name, status):
    path = manifest(text)
    exit_status, out, err = run(capfd, "show", "-f", path)
    shown = out.replace(path, "manifest.yaml")
    assert shown == golden(f"show/{golden_name}.txt", shown)
    assert (exit_status, err) == (status, "")


def test_what_a_manifest_says_of_itself_is_in_the_document(manifest, capfd):
    path = manifest(REFUSED)
    status, out, _ = run(capfd, "show", "-f", path, "-o", "json")
    document = json.loads(out)
    assert [(each["reason"], each["evidence"]) for each in document["findings"]][:1] == [
        (
            "HostAliasesMisplaced",
            [
                {
                    "kind": "Manifest",
                    "object": "Deployment/web",
                    "field": "spec.hostAliases",
                    "line": 5,
                    "file": path,
                }
            ],
        )
    ]
    assert (status, document["verdict"]["kind"]) == (1, "refused")
    assert_valid(document)


def test_a_refused_object_has_no_file_to_print(manifest, capfd):
    status, out, err = run(capfd, "show", "-f", manifest(REFUSED), "-o", "hosts")
    assert (status, out) == (1, "")
    assert err.startswith("error: the API server refuses Deployment web: no pod comes of it\n")


def test_a_stateful_set_predicts_each_of_its_pods(manifest, capfd, golden):
    _, out, _ = run(capfd, "show", "-f", manifest(STATEFUL_SET))
    assert out == golden("show/stateful-set.txt", out)


def test_a_manifest_without_a_file_gives_the_predicted_one(manifest, capfd, golden):
    text = MANIFEST.replace("Deployment", "ReplicaSet").replace("replicas: 2", "replicas: 1")
    status, out, err = run(capfd, "show", "-f", manifest(text), "-o", "hosts")
    assert (status, err) == (0, "")
    assert out == golden("show/predicted.hosts", out)


def assert_valid(document):
    jsonschema.validate(document, schema("hosts-report"))


def test_every_document_is_as_its_schema_says(capture, capfd):
    _, out, _ = run(capfd, "show", "-f", capture, "-o", "json", "--all-containers")
    document = json.loads(out)
    assert_valid(document)
    for name in ("holds", "edited", "pending"):
        _, out, _ = run(capfd, "show", name, "-f", capture, "-o", "json")
        assert_valid(json.loads(out))
    kinds = {each["verdict"]["kind"] for each in document["items"]}
    assert kinds == {each.value for each in VerdictKind} - {"predicted", "refused"}
    _, out, _ = run(capfd, "show", "-f", capture, "-o", "json", "--expected")
    assert {each["verdict"]["kind"] for each in json.loads(out)["items"]} >= {"predicted"}
    assert_valid(json.loads(out))


def fleet(tmp_path, pods, edit):
    files = {(each["metadata"]["name"], "main"): edit(each) for each in pods}
    files = {place: container_files(hosts) for place, hosts in files.items()}
    return capture_of(FakeCluster([a_node(), *pods], files=files), tmp_path)


def test_of_many_that_differ_the_first_are_shown_and_the_rest_counted(tmp_path, capfd):
    pods = [a_pod(f"web-{number:02}") for number in range(13)]
    capture = fleet(tmp_path, pods, lambda pod: hosts_text(pod, extra="192.0.2.1 x\n"))
    _, out, _ = run(capfd, "show", "-f", capture)
    assert out.startswith("0 of 13 pods match their specs; 13 differ\n")
    assert out.count("\npod shop/web-") == 10
    assert out.endswith("\n3 more pods differ: kubectl hosts show POD prints the lines of one.\n")


def test_pods_that_match_their_specs_have_their_findings_in_the_fleet(tmp_path, capfd):
    long = "platform-kube-scheduler-guard-ci-run-4hj6pnwf-4f6ab-lv57z-maste"
    manifests = tmp_path / "pods.yaml"
    manifests.write_text(
        "".join(
            f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\n"
            "spec: {containers: [{name: main, image: x}]}\n"
            for name in (f"{long}r-0", f"{long}r-1", "short")
        )
    )
    _, out, _ = run(capfd, "show", "-f", str(manifests))
    first, _, _, *rows = out.splitlines()
    assert first == "3 of 3 pods will match their specs"
    assert [row.split()[3] for row in rows[:3]] == ["HostNamesCutAlike:", "HostNamesCutAlike:", "7"]
    said = (line for line in rows if line.startswith("warning HostNamesCutAlike: pod "))
    assert next(said) == (
        f"warning HostNamesCutAlike: pod {long}r-0: pod {long}r-0 and pod {long}r-1 have the same "
        f"host name, {long}: both names are cut to 63 characters"
    )


def test_a_file_of_very_many_lines_is_folded(tmp_path, capfd):
    extra = "".join(f"192.0.2.1 blocked-{number}.example.org\n" for number in range(20000))
    capture = fleet(tmp_path, [a_pod("web")], lambda pod: hosts_text(pod, extra=extra))
    _, out, _ = run(capfd, "show", "web", "-f", capture)
    assert "... 19990 more such lines: -o json has them all" in out
    assert len(out.splitlines()) < 40
    _, out, _ = run(capfd, "show", "web", "-f", capture, "-o", "json")
    assert len(json.loads(out)["containers"][0]["lines"]) == 20008


def test_a_very_long_line_does_not_push_the_rest_away(tmp_path, capfd):
    extra = f"192.0.2.1 {'x' * 100000}\n"
    capture = fleet(tmp_path, [a_pod("web")], lambda pod: hosts_text(pod, extra=extra))
    _, out, _ = run(capfd, "show", "web", "-f", capture)
    assert max(map(len, out.splitlines())) < 400
    assert len(out) < 4000


def test_all_namespaces_are_a_column(capture, capfd):
    _, out, _ = run(capfd, "show", "-A", "-f", capture)
    assert out.splitlines()[2].split() == ["NAMESPACE", "POD", "CONTAINER", "HOSTS", "WHY"]


@pytest.mark.parametrize(
    ("volume", "verdict"),
    [
        pytest.param("{configMap: {name: not-given}}", " if the container starts", id="may lack"),
        pytest.param("{emptyDir: {}}", "", id="left alone: it can be written"),
    ],
)
def test_a_volume_on_etc_that_may_keep_the_container_from_starting(
    capfd, tmp_path, volume, verdict
):
    file = tmp_path / "pod.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
        "  containers: [{name: a, image: b, volumeMounts: [{name: v, mountPath: /etc}]}]\n"
        f"  volumes: [{{name: v, {volume[1:-1]}}}]\n"
    )
    _, out, _ = run(capfd, "show", "-f", str(file))
    assert f"pod default/web: /etc/hosts will match the spec{verdict}: 7 kubelet lines" in out
