"""`capture`: what it takes, where it writes it, and that the other commands answer from it."""

from __future__ import annotations

import json
import os

import pytest

from kubectl_hosts.background import Background
from kubectl_hosts.cli import session
from kubectl_hosts.cli.session import Opened
from kubectl_hosts.cluster.live import LiveBackend
from kubectl_hosts.errors import Forbidden
from tests.cli.tour import tour
from tests.fakes import FakeCluster, a_node, a_pod, container_files, hosts_text, run

LIVE = ("capture", "hosts", "explain", "checking")


@pytest.fixture
def live(monkeypatch):
    """Makes the commands talk to a cluster, unless they are given files."""

    def connect(cluster):
        def opened(flags, filenames, **needs):
            if filenames:
                return session.open_backend(flags, filenames, **needs)
            return Opened(LiveBackend(cluster))

        for module in LIVE:
            monkeypatch.setattr(f"kubectl_hosts.cli.{module}.open_backend", opened)
        return cluster

    return connect


def written(capfd, tmp_path, *words):
    """(status, path, stderr) of a capture into a file."""
    file = tmp_path / "ticket.json"
    status, out, err = run(capfd, "capture", *words, "-o", str(file))
    assert out == ""
    return status, str(file), err


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(("show",), id="all pods"),
        pytest.param(("show", "-o", "json", "--all-containers"), id="all containers"),
        pytest.param(("show", "edited"), id="one that differs"),
        pytest.param(("show", "shell-less"), id="one that is read through a sibling"),
        pytest.param(("show", "forbidden"), id="one that may not be read"),
        pytest.param(("diff",), id="diff"),
        pytest.param(("diff", "edited", "-o", "json"), id="diff as a document"),
    ],
)
def test_every_command_answers_from_a_capture_as_from_the_cluster(capfd, tmp_path, live, argv):
    live(tour())
    status, file, err = written(capfd, tmp_path, "foo.remote")
    assert status == 0
    assert err.startswith(f"{file}: 12 containers, 1 name, ")
    assert run(capfd, *argv, "-n", "shop", "-f", file) == run(capfd, *argv, "-n", "shop")


WEB = {"app": "web"}


def shop(**more):
    pods = [a_pod("web-0", labels=WEB), a_pod("web-1", labels=WEB), a_pod("other")]
    files = {(each["metadata"]["name"], "main"): container_files(hosts_text(each)) for each in pods}
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "d"},
        "spec": {"selector": {"matchLabels": WEB}},
    }
    spaces = {"kind": "Namespace", "metadata": {"name": "shop"}}
    return FakeCluster([a_node(), *pods, deployment, spaces], files=files, **more)


@pytest.mark.parametrize(
    ("words", "pods", "names"),
    [
        pytest.param((), ["other", "web-0", "web-1"], [], id="the namespace"),
        pytest.param(("deploy/web",), ["web-0", "web-1"], [], id="all pods of a workload"),
        pytest.param(("web-0", "redis"), ["web-0"], ["redis"], id="a pod and a name"),
        pytest.param(
            ("redis", "www.example.com"),
            ["other", "web-0", "web-1"],
            ["redis", "www.example.com"],
            id="names alone",
        ),
        pytest.param(
            ("https://redis:6379/x", "web-1", "redis"),
            ["web-1"],
            ["redis"],
            id="a URL is its host",
        ),
        pytest.param(("_http._tcp.web", "web-1"), ["web-1"], [], id="a name that no pod can have"),
        pytest.param(("-l", "app=web"), ["web-0", "web-1"], [], id="a selection"),
    ],
)
def test_words_are_pods_or_names(capfd, tmp_path, live, words, pods, names):
    live(shop())
    status, _, _ = written(capfd, tmp_path, *words)
    assert status == 0
    containers = json.loads((tmp_path / "ticket.json").read_text())["containers"]
    assert [each["pod"] for each in containers] == pods
    looked_up = {each["name"] for each in containers[0].get("lookups", ())}
    # What `check` asks a pod that mentions no name, to see its resolver.
    assert looked_up - {"kubernetes.default"} == set(names)


LISTING = """\
2 pods, all containers:
  shop/web-0
  shop/web-1
1 name explained in each: redis
of each container: mountinfo, hosts, resolv.conf, nsswitch.conf and the like, libc
of the API: nodes, owners, ConfigMaps of mounts; for names the Services and the Corefile
never: Secrets, command lines, environment values but the resolver's and host names
"""


def test_a_dry_run_lists_what_would_be_read_and_looks_into_nothing(capfd, live):
    cluster = live(shop())
    assert run(capfd, "capture", "deploy/web", "redis", "--dry-run") == (
        0,
        LISTING,
        "",
    )
    assert "exec" not in {each[0] for each in cluster.asked}


def test_without_a_file_it_goes_to_standard_output(capfd, live):
    live(shop())
    status, out, err = run(capfd, "capture", "web-0")
    assert (status, err) == (0, "")
    assert json.loads(out)["kind"] == "Capture"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(("deploy/none",), 'deployments "none" not found', id="no such workload"),
        pytest.param(("deploy",), "no name was given for deploy", id="a type alone"),
        pytest.param(("-l", "app=x"), "no pods in namespace shop: there is nothing", id="no pod"),
        pytest.param(("-n", "bank"), 'namespaces "bank" not found', id="no such namespace"),
        pytest.param(("web-0", "a..b"), 'invalid name "a..b"', id="no name"),
    ],
)
def test_what_cannot_be_captured_is_an_error_and_leaves_no_file(
    capfd, tmp_path, live, words, message
):
    live(shop())
    status, file, err = written(capfd, tmp_path, *words)
    assert status == 1
    assert message in err
    assert os.listdir(tmp_path) == []  # noqa: PTH208  nothing, hidden files included
    assert file


def test_a_folder_that_is_not_there_is_an_error(capfd, tmp_path, live):
    live(shop())
    file = tmp_path / "none" / "ticket.json"
    status, _, err = run(capfd, "capture", "web-0", "-o", str(file))
    assert (status, err.splitlines()[0]) == (1, f"error: open {file}: no such file or directory")


@pytest.mark.skipif(os.name == "nt", reason="a named pipe, a symbolic link")
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_what_is_no_plain_file_stays_what_it_is(capfd, tmp_path, live, kind):
    live(shop())
    file, target = tmp_path / "ticket", tmp_path / "target"
    if kind == "link":
        file.symlink_to(target)
        assert run(capfd, "capture", "web-0", "-o", str(file))[0] == 0
        assert json.loads(target.read_text())["kind"] == "Capture"
    else:
        os.mkfifo(file)
        reading = Background(file.read_text)
        assert run(capfd, "capture", "web-0", "-o", str(file))[0] == 0
        assert json.loads(reading.result())["kind"] == "Capture"
    assert file.is_fifo() or file.is_symlink()


def test_a_refusal_is_recorded_in_the_servers_words(capfd, tmp_path, live):
    refused = Forbidden("nodes is forbidden", status=403, reason="Forbidden", hint="Ask.")
    live(shop(failures={("nodes", "node-1"): refused}))
    _, file, _ = written(capfd, tmp_path, "web-0")
    assert run(capfd, "show", "web-0", "-o", "json", "-f", file) == run(
        capfd, "show", "web-0", "-o", "json"
    )
    assert "nodes is forbidden" in (tmp_path / "ticket.json").read_text()


def edited_later():
    """The same shop; somebody has edited a file of web-1 since."""
    cluster = shop()
    files = cluster.files["web-1", "main"]
    files["/etc/hosts"] += b"192.0.2.9 extra\n"
    return cluster


def capture_into(capfd, live, cluster, file, *words):
    live(cluster)
    assert run(capfd, "capture", *words, "-o", str(file))[0] == 0
    return str(file)


def test_two_captures_of_one_pod_that_changed_are_kept_apart(capfd, tmp_path, live):
    first = capture_into(capfd, live, shop(), tmp_path / "first.json")
    second = capture_into(capfd, live, edited_later(), tmp_path / "second.json")
    status, out, err = run(capfd, "show", "-f", first, "-f", second)
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        f"error: pod shop/web-1 is another one in {first} than in {second}",
        f"hint: Give one of them at a time: -f {first}",
    ]


def test_captures_that_have_nothing_against_each_other_are_read_together(capfd, tmp_path, live):
    first = capture_into(capfd, live, shop(), tmp_path / "first.json", "web-0")
    second = capture_into(capfd, live, edited_later(), tmp_path / "second.json", "web-1")
    again = capture_into(capfd, live, shop(), tmp_path / "again.json", "web-0")
    status, out, err = run(capfd, "show", "-f", first, "-f", second, "-f", again, "-o", "name")
    assert (status, err) == (0, "")
    assert sorted(out.splitlines()) == ["pod/web-0", "pod/web-1"]


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda text: text[: len(text) // 2], "unexpected EOF: the capture", id="cut"),
        pytest.param(
            lambda text: text.replace("kubectl-hosts/v2", "kubectl-hosts/v9"),
            'no matches for kind "Capture" in version "kubectl-hosts/v9"',
            id="of a newer release",
        ),
        pytest.param(
            lambda text: text.replace('"reads": [', f'"reads": {DEEP}, "more": [', 1),
            "exceeded max depth",
            id="a hundred thousand brackets",
        ),
        pytest.param(
            lambda text: text.replace('"objects": [', '"objects": 7, "more": [', 1),
            "objects",
            id="a number where a list is due",
        ),
        pytest.param(
            lambda text: text.replace('"pod": "web-0"', '"pod": ["web-0"]', 1),
            "pod",
            id="a list where a name is due",
        ),
    ],
)
def test_a_capture_that_is_none_is_a_clear_error(capfd, tmp_path, live, change, said):
    file = tmp_path / "ticket.json"
    capture_into(capfd, live, shop(), file)
    file.write_text(change(file.read_text()))
    status, out, err = run(capfd, "show", "-f", str(file))
    assert (status, out) == (1, "")
    error, hint = err.splitlines()
    assert error.startswith("error: ")
    assert said in error
    assert hint.startswith("hint: ")


def test_control_characters_of_a_capture_never_reach_the_terminal(capfd, tmp_path, live):
    file = tmp_path / "ticket.json"
    capture_into(capfd, live, shop(), file)
    file.write_text(file.read_text().replace("127.0.0.1\\tlocalhost", "127.0.0.1\\tlo\\u001b[31m"))
    for verb in ("show", "diff"):
        _, out, err = run(capfd, verb, "-f", str(file))
        assert "\x1b" not in out + err
        assert "^[[31m" in out


WITH_SERVICE = {
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"clusterIP": "10.96.0.7", "selector": WEB},
}


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        pytest.param((), True, id="the namespace as a whole"),
        pytest.param(("web-0",), False, id="one pod"),
        pytest.param(("-l", "app=web"), False, id="a selection"),
    ],
)
def test_services_and_workloads_are_in_a_capture_of_a_namespace(
    capfd, tmp_path, live, words, listed
):
    cluster = live(shop())
    cluster.objects.append(WITH_SERVICE)
    written(capfd, tmp_path, *words)
    document = json.loads((tmp_path / "ticket.json").read_text())
    reads = {(each["kind"], each.get("namespace", "")) for each in document["reads"]}
    kinds = {each["kind"] for each in document["objects"]}
    assert (("Service", "shop") in reads) == listed
    assert ("Service" in kinds, "Deployment" in kinds) == (listed, listed)


SETTINGS = {
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "shop"},
    "data": {"QUEUE_URL": "amqp://app:hunter2@queue:5672", "TOKEN": "hunter2"},
}


def with_mentions():
    """A shop whose Deployment mentions names, beside what nobody else should read."""
    cluster = shop()
    container = {
        "name": "main",
        "command": ["run", "--password=hunter2", "--db-host=nowhere"],
        "env": [
            {"name": "WEB_URL", "value": "http://app:hunter2@web:80/x"},
            {"name": "PASSWORD", "value": "hunter2"},
            {
                "name": "QUEUE_URL",
                "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "QUEUE_URL"}},
            },
        ],
    }
    for each in cluster.objects:
        if each["kind"] == "Deployment":
            each["spec"]["template"] = {"metadata": {"labels": WEB}, "spec": {}}
            each["spec"]["template"]["spec"]["containers"] = [container]
        if each["metadata"].get("labels") == WEB:
            owner = {"kind": "Deployment", "name": "web", "controller": True, "apiVersion": "x/v1"}
            each["metadata"]["ownerReferences"] = [owner]
    cluster.objects += [WITH_SERVICE, SETTINGS]
    return cluster


@pytest.mark.parametrize("output", ["table", "wide", "json", "sarif", "junit", "html"])
@pytest.mark.parametrize("scope", [("-n", "shop"), ("-A",)], ids=" ".join)
def test_a_check_of_a_capture_is_that_of_the_cluster(capfd, tmp_path, live, scope, output):
    live(with_mentions())
    _, file, _ = written(capfd, tmp_path, *scope)
    arguments = ("check", *scope, "-o", output)
    status, out, err = run(capfd, *arguments)
    assert "nowhere" in out
    assert run(capfd, *arguments, "-f", file) == (status, out, err)
    assert run(capfd, "check", "-o", output, "-f", file) == (status, out, err)


@pytest.mark.parametrize(
    ("searches", "reasons"),
    [
        pytest.param(["a.example", "b.example"], ["DNSConfigCut"], id="the file lacks them"),
        pytest.param([], [], id="left alone: the file has all"),
    ],
)
def test_the_resolver_of_a_pod_that_mentions_no_name_is_looked_at(capfd, live, searches, reasons):
    cluster = shop()
    next(each for each in cluster.objects if each["metadata"]["name"] == "other")["spec"][
        "dnsConfig"
    ] = {"searches": searches}
    live(cluster)
    _, out, _ = run(capfd, "check", "other", "-n", "shop", "-o", "json")
    assert [each["reason"] for each in json.loads(out)["problems"]] == reasons


def test_nothing_of_what_a_pod_is_started_with_but_host_names(capfd, tmp_path, live):
    live(with_mentions())
    _, file, _ = written(capfd, tmp_path)
    with open(file) as taken:  # noqa: PTH123
        text = taken.read()
    assert "hunter2" not in text
    (workload,) = [each for each in json.loads(text)["mentions"] if each["kind"] == "Deployment"]
    assert [(each["where"], each["text"], each["name"]) for each in workload["names"]] == [
        ("env WEB_URL", "http://app:***@web:80/x", "web"),
        (
            "env QUEUE_URL from configmap settings key QUEUE_URL",
            "amqp://app:***@queue:5672",
            "queue",
        ),
        ("command", "--db-host=nowhere", "nowhere"),
    ]


def outcomes(out):
    report = json.loads(out)
    names = [(each["where"], each["form"], each["outcome"]) for each in report["names"]]
    problems = [(each["reason"], each["severity"], each["count"]) for each in report["problems"]]
    return names, problems, report["checked"], len(report["notChecked"])


def test_a_check_of_a_redacted_capture_finds_the_same(capfd, tmp_path, live):
    live(with_mentions())
    _, file, _ = written(capfd, tmp_path, "--redact")
    _, plain, _ = run(capfd, "check", "-n", "shop", "-o", "json")
    _, out, _ = run(capfd, "check", "-f", file, "-o", "json")
    names, *rest = outcomes(plain)
    redacted_names, *redacted_rest = outcomes(out)
    assert redacted_rest == rest
    assert [each[1:] for each in redacted_names] == [each[1:] for each in names]
    assert [each[0].split()[0] for each in redacted_names] == ["env", "env", "command"]
    assert not {"nowhere", "queue", "hunter2"} & set(out.replace('"', " ").split())


def test_a_capture_of_some_pods_claims_nothing_of_the_others(capfd, tmp_path, live):
    cluster = live(with_mentions())
    cluster.objects.append(
        {
            "kind": "Service",
            "metadata": {"name": "api", "namespace": "shop"},
            "spec": {"clusterIP": "10.96.0.8", "selector": {"app": "api"}},
        }
    )
    _, file, _ = written(capfd, tmp_path, "web-0")
    status, out, _ = run(capfd, "check", "-f", file, "-o", "json")
    report = json.loads(out)
    assert (status, report["problems"]) == (0, [])
    assert {"services", "endpointslices"} <= {each["what"] for each in report["notChecked"]}
