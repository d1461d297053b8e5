"""What `diff` prints, and kubectl diff's exit statuses."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from itertools import islice

import jsonschema
import pytest

from kubectl_hosts.cluster.live import LiveBackend
from kubectl_hosts.errors import NotFound
from kubectl_hosts.model.resources import NAMESPACES
from kubectl_hosts.offline.capture import capture_document
from kubectl_hosts.offline.recorder import Recorder
from kubectl_hosts.run import run_many
from tests.cli.schemas import schema
from tests.cli.tour import tour
from tests.fakes import FakeCluster, a_node, a_pod, capture_of, container_files, hosts_text, run


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    return capture_of(tour(), tmp_path_factory.mktemp("tour"), all_containers=True)


@pytest.fixture(autouse=True)
def no_diff_program(monkeypatch):
    monkeypatch.delenv("KUBECTL_EXTERNAL_DIFF", raising=False)


@pytest.mark.parametrize("name", ["edited", "escapes", "not-utf-8"])
def test_a_file_that_differs_is_a_unified_diff_and_1(capture, capfd, golden, name):
    status, out, err = run(capfd, "diff", name, "-f", capture)
    assert out == golden(f"diff/{name}.diff", out)
    assert (status, err) == (1, "")


@pytest.mark.parametrize("name", ["holds", "host-network", "several", "shell-less"])
def test_a_file_as_the_spec_asks_is_nothing_and_0(capture, capfd, name):
    status, out, _ = run(capfd, "diff", name, "-f", capture)
    assert (status, out) == (0, "")


def test_a_mount_of_its_own_is_no_difference_and_says_that_nothing_was_compared(capture, capfd):
    status, out, err = run(capfd, "diff", "own-mount", "-f", capture)
    assert (status, out) == (0, "")
    assert err == (
        "shop/own-mount, container main: not compared: own mount "
        "(volume own, ConfigMap shop/own-hosts)\n"
    )


@pytest.mark.parametrize("name", ["forbidden", "finished", "pending", "windows"])
def test_a_file_of_a_pod_that_was_named_and_that_could_not_be_read_is_trouble(capture, capfd, name):
    status, out, err = run(capfd, "diff", name, "-f", capture)
    assert (status, out) == (2, "")
    error, hint = err.splitlines()
    assert error.startswith(f"error: could not look into shop/{name}, container main: ")
    assert hint.startswith("hint: ")


def test_the_rest_of_a_file_that_was_cut_is_trouble_not_a_difference(tmp_path, capfd):
    # A node with a block list of more than our cap; hostAliases stand behind it.
    pod = a_pod("web", aliases=[("10.1.2.3", "db")], spec={"hostNetwork": True})
    node = "".join(f"0.0.0.0 ads-{number}.example.org\n" for number in range(40_000))
    head = "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n"
    tail = "\n# Entries added by HostAliases.\n10.1.2.3\tdb\n"
    for blocked, status, said in ((node, 2, "error: could not look into"), ("", 0, "")):
        files = {("web", "main"): container_files((head + blocked + tail).encode())}
        capture = capture_of(FakeCluster([pod, a_node()], files), tmp_path)
        found = run(capfd, "diff", "web", "-f", capture)
        assert (found[0], found[1], found[2].partition(" shop/")[0]) == (status, "", said)


def test_what_would_help_with_many_is_said_once(capture, capfd):
    _, _, err = run(capfd, "diff", "finished", "pending", "windows", "-f", capture)
    starts = [each.partition(":")[0] for each in err.splitlines()]
    assert starts == ["error", "error", "error", "hint"]


def test_trouble_with_one_hides_no_difference_of_another(capture, capfd):
    status, out, err = run(capfd, "diff", "edited", "forbidden", "-f", capture)
    assert status == 2
    assert "+203.0.113.7 metrics.example.net" in out
    assert "error: could not look into shop/forbidden" in err


def test_a_missing_final_newline_is_said_as_diff_says_it(tmp_path, capfd):
    pod = a_pod("web")
    files = {("web", "main"): container_files(hosts_text(pod)[:-1])}
    capture = capture_of(FakeCluster([a_node(), pod], files=files), tmp_path)
    status, out, _ = run(capfd, "diff", "web", "-f", capture)
    assert status == 1
    assert out.endswith("+10.244.1.5\tweb\n\\ No newline at end of file\n")


def test_colours_are_for_whole_lines(capture, capfd):
    _, out, _ = run(capfd, "diff", "edited", "-f", capture, "--color=always")
    assert "\x1b[32m+203.0.113.7 metrics.example.net\x1b[0m\n" in out
    assert "\x1b[31m-10.1.2.3\tfoo.remote\x1b[0m\n" in out


@pytest.mark.skipif(shutil.which("diff") is None, reason="diff(1) is not on this machine")
def test_the_users_own_program_is_run_on_two_folders(capture, capfd, monkeypatch):
    monkeypatch.setenv("KUBECTL_EXTERNAL_DIFF", "diff -U0 -r $(touch ran)")
    status, out, err = run(capfd, "diff", "escapes", "-f", capture)
    assert (status, err) == (1, "")
    header, before, after, hunk, *lines = out.splitlines()
    assert header.startswith("diff -U0 -r /")
    assert (before[:4], after[:4], hunk) == ("--- ", "+++ ", "@@ -8,0 +9 @@")
    assert lines == ["+192.0.2.66 \x1b[31mred\x1b[0m\x07 \u202efdp.exe"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param("", 'failed to run "{}": No such file or directory', id="not there"),
        pytest.param("#!/bin/sh\nexit 3\n", '"{}" ended with exit code 3', id="it has trouble"),
    ],
)
def test_a_program_that_fails_is_trouble(capture, capfd, monkeypatch, tmp_path, script, message):
    program = tmp_path / "my-diff"
    if script:
        program.write_text(script)
        program.chmod(0o755)
    monkeypatch.setenv("KUBECTL_EXTERNAL_DIFF", str(program))
    status, out, err = run(capfd, "diff", "edited", "-f", capture)
    assert (status, out) == (2, "")
    *_, error, hint = err.splitlines()
    assert error == f"error: {message.format(program)}"
    assert hint.startswith("hint: ")


def test_the_document_is_that_of_show(capture, capfd):
    status, out, _ = run(capfd, "diff", "edited", "-f", capture, "-o", "json")
    assert status == 1
    jsonschema.validate(json.loads(out), schema("hosts-report"))
    assert out == run(capfd, "show", "edited", "-f", capture, "-o", "json")[1]


def test_manifests_alone_are_nothing_to_compare_with(tmp_path, capfd):
    file = tmp_path / "pod.yaml"
    file.write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n")
    status, out, err = run(capfd, "diff", "-f", str(file))
    assert (status, out) == (2, "")
    assert err.splitlines()[0] == (
        "error: nothing to compare with: -f has manifests and no capture"
    )


WEB = {"app": "web"}
CRASHING = {
    "phase": "Running",
    "podIPs": [{"ip": "10.244.1.5"}],
    "containerStatuses": [
        {"name": "main", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 4}
    ],
}


def replicas(tmp_path, *, extra="", pods=()):
    """A capture of a Deployment with three pods, EXTRA lines in the last one's file, and PODS."""
    web = [a_pod(f"web-{number}", labels=WEB) for number in range(3)]
    files = {(each["metadata"]["name"], "main"): container_files(hosts_text(each)) for each in web}
    files["web-2", "main"] = container_files(hosts_text(web[2], extra=extra))
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "Deployment-web"},
        "spec": {"selector": {"matchLabels": WEB}},
    }
    recorded = FakeCluster([a_node(), *web, *pods, deployment], files=files)
    return capture_of(recorded, tmp_path, workloads=("web",))


def test_a_workload_means_all_its_pods(tmp_path, capfd):
    capture = replicas(tmp_path, extra="203.0.113.7 metrics.example.net\n")
    status, out, err = run(capfd, "diff", "deploy/web", "-f", capture)
    assert (status, err) == (1, "")
    assert out.splitlines()[0].startswith("--- ")
    assert [line for line in out.splitlines() if line.startswith("+2")] == [
        "+203.0.113.7 metrics.example.net"
    ]


def test_a_workload_whose_pods_are_as_they_should_be_differs_in_nothing(tmp_path, capfd):
    assert run(capfd, "diff", "deploy/web", "-f", replicas(tmp_path)) == (0, "", "")


def test_pods_that_have_ended_are_skipped_with_one_note_unless_named(tmp_path, capfd):
    ended = [
        a_pod("job-1", labels=WEB, status={"phase": "Succeeded"}),
        a_pod("job-2", labels=WEB, status={"phase": "Failed"}),
    ]
    capture = replicas(tmp_path, pods=ended)
    said = "skipped {}: a finished pod has no file to read\n"
    assert run(capfd, "diff", "-f", capture) == (0, "", said.format("2 finished pods"))
    assert run(capfd, "diff", "deploy/web", "-f", capture) == (
        0,
        "",
        said.format("2 finished pods"),
    )
    status, out, err = run(capfd, "diff", "deploy/web", "job-1", "-f", capture)
    assert (status, out) == (2, "")
    assert err.splitlines()[0] == said.format("1 finished pod").rstrip()
    assert err.splitlines()[1].startswith("error: could not look into shop/job-1, container main: ")


@pytest.mark.parametrize(
    ("pod", "why"),
    [
        pytest.param(
            a_pod("late", labels=WEB, spec={"nodeName": ""}, status={"phase": "Pending"}),
            "pod late does not have a host assigned",
            id="pending",
        ),
        pytest.param(
            a_pod("late", labels=WEB, status=CRASHING),
            'container "main" is not running: waiting, CrashLoopBackOff',
            id="crashing",
        ),
    ],
)
def test_a_pod_that_does_not_run_is_a_warning_unless_named(tmp_path, capfd, pod, why):
    capture = replicas(tmp_path, pods=[pod])
    where = f"could not look into shop/late, container main: {why}\n"
    assert run(capfd, "diff", "-f", capture) == (0, "", f"warning: {where}")
    status, out, err = run(capfd, "diff", "late", "-f", capture)
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {where}hint: ")


def test_a_container_that_runs_and_cannot_be_read_is_trouble_in_a_fleet_as_well(capture, capfd):
    status, _, err = run(capfd, "diff", "-f", capture)
    assert status == 2
    assert "error: could not look into shop/forbidden, container main: " in err
    assert "warning: could not look into shop/pending, container main: " in err
    assert "shop/finished" not in err


@pytest.mark.parametrize(
    ("extra", "read", "expected"),
    [
        pytest.param("", 0, 130, id="nothing was read"),
        pytest.param("", 3, 130, id="what was read does not differ"),
        pytest.param("203.0.113.7 metrics.example.net\n", 3, 1, id="one differs"),
    ],
)
def test_after_an_interrupt_only_a_difference_is_known(
    tmp_path, capfd, monkeypatch, extra, read, expected
):
    def interrupted(make, arguments, answering):
        yield from islice(run_many(make, arguments, answering), read)
        raise KeyboardInterrupt

    monkeypatch.setattr("kubectl_hosts.cli.hosts.run_many", interrupted)
    status, out, err = run(capfd, "diff", "-A", "-f", replicas(tmp_path, extra=extra))
    assert status == expected
    assert bool(out) == (expected == 1)
    assert err == f"interrupted: {read} of 3 pods were read\n"


def test_a_namespace_that_was_not_there_is_trouble(tmp_path, capfd):
    recorder = Recorder(LiveBackend(FakeCluster([a_node(), a_pod("web")])))
    with suppress(NotFound):
        recorder.get(NAMESPACES, "bank")
    file = tmp_path / "capture.json"
    file.write_text(json.dumps(capture_document(recorder.capture())))
    status, out, err = run(capfd, "diff", "-n", "bank", "-f", str(file))
    assert (status, out) == (2, "")
    assert err.splitlines()[0] == 'Error from server (NotFound): namespaces "bank" not found'
    assert run(capfd, "show", "-n", "bank", "-f", str(file))[0] == 1


def test_a_selection_of_nothing_differs_in_nothing(capture, capfd):
    status, out, err = run(capfd, "diff", "-l", "app=none", "-n", "shop", "-f", capture)
    assert (status, out, err) == (0, "", "No resources found in shop namespace.\n")
