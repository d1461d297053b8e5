"""A command line as kubectl's users type it; every mistake is one `error:` and one `hint:`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kubectl_hosts
from kubectl_hosts.cli.flags import GLOBAL_FLAGS
from kubectl_hosts.cli.main import COMMANDS, SUMMARIES, cli, main
from kubectl_hosts.cli.usage import SWITCHES, as_click
from kubectl_hosts.errors import HostsError
from tests.fakes import run

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
    "spec: {containers: [{name: main, image: example.org/app}]}\n"
)


@pytest.fixture
def manifest(tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(POD)
    return str(file)


def complaint(capfd, *argv):
    """The exit status, the error and the hint of a command line that is wrong."""
    status, out, err = run(capfd, *argv)
    error, hint = err.splitlines()
    assert (out, hint[:6]) == ("", "hint: ")
    return status, error, hint.removeprefix("hint: ")


SEE_SHOW = "See 'kubectl hosts show --help' for usage."
SEE = "See 'kubectl hosts --help' for usage."


@pytest.mark.parametrize(
    ("argv", "error", "hint"),
    [
        pytest.param(["show", "--foo"], "unknown flag: --foo", SEE_SHOW, id="a flag"),
        pytest.param(["--foo"], "unknown flag: --foo", SEE, id="a flag before the verb"),
        pytest.param(
            ["show", "-x"], "unknown shorthand flag: 'x' in -x", SEE_SHOW, id="a shorthand"
        ),
        pytest.param(
            ["show", "--colour"],
            "unknown flag: --colour",
            f"Did you mean --color? {SEE_SHOW}",
            id="a flag that is nearly one",
        ),
        pytest.param(
            ["show", "-o"], "flag needs an argument: 'o' in -o", SEE_SHOW, id="-o with nothing"
        ),
        pytest.param(
            ["show", "--context"], "flag needs an argument: --context", SEE_SHOW, id="no context"
        ),
        pytest.param(
            ["show", "--expected=maybe"],
            'invalid argument for "--expected" flag: it is true or false',
            SEE_SHOW,
            id="a switch that is neither",
        ),
        pytest.param(
            ["show", "--color=blue"],
            'invalid argument for "--color" flag: it is auto, always or never',
            SEE_SHOW,
            id="a colour",
        ),
        pytest.param(
            ["show me"],
            'unknown command "show me" for "kubectl hosts"',
            "Did you mean this? kubectl hosts show",
            id="a verb",
        ),
        pytest.param(
            ["explains", "redis"],
            'unknown command "explains" for "kubectl hosts"',
            "Did you mean this? kubectl hosts explain redis",
            id="a verb with a wrong letter",
        ),
        pytest.param(
            ["nslookup", "redis"],
            'unknown command "nslookup" for "kubectl hosts"',
            "Did you mean this? kubectl hosts explain redis",
            id="another tool's word for a verb",
        ),
        pytest.param(
            ["get", "pods", "-l=app in (web)"],
            'unknown command "get" for "kubectl hosts"',
            "Did you mean this? kubectl hosts show pods -l 'app in (web)'",
            id="the words after it stay, as a shell takes them",
        ),
        pytest.param(
            ["dig"],
            'unknown command "dig" for "kubectl hosts"',
            "Did you mean this? kubectl hosts explain NAME",
            id="what the verb cannot do without",
        ),
        pytest.param(
            ["redis:6379"],
            'unknown command "redis:6379" for "kubectl hosts"',
            "Did you mean this? kubectl hosts explain redis:6379",
            id="a host and its port without a verb",
        ),
        pytest.param(
            ["show", "--dry-run=client"],
            "unknown flag: --dry-run",
            "It only reads, and changes nothing: leave --dry-run out.",
            id="--dry-run",
        ),
        pytest.param(
            ["deploy/web"],
            'unknown command "deploy/web" for "kubectl hosts"',
            "kubectl hosts show deploy/web",
            id="a target without a verb",
        ),
        pytest.param(
            ["web-0", "-n", "shop"],
            'unknown command "web-0" for "kubectl hosts"',
            "kubectl hosts show web-0, if it is a pod; kubectl hosts explain web-0, if a name",
            id="a pod or a name without a verb",
        ),
        pytest.param(
            ["$(x)"], 'unknown command "$(x)" for "kubectl hosts"', SEE, id="a word that is none"
        ),
        pytest.param(
            ["show", "-R", "-f", "x"],
            "unknown shorthand flag: 'R' in -R",
            "-f DIR reads the files of DIR alone: name each, -f DIR -f DIR/SUB.",
            id="-R",
        ),
        pytest.param(
            ["explain", "-k", "overlay"],
            "unknown shorthand flag: 'k' in -k",
            "kubectl kustomize DIR | kubectl hosts explain -f -",
            id="-k",
        ),
        pytest.param(
            ["show", "--sort-by=.metadata.name"],
            "unknown flag: --sort-by",
            "-o json prints documents that jq can sort.",
            id="--sort-by",
        ),
        pytest.param(
            ["show", "-o", "custom-columns=A:.metadata.name"],
            "-o custom-columns is not known here",
            "-o jsonpath='{...}' prints fields, -o json all.",
            id="custom columns",
        ),
        pytest.param(
            ["show", "-o=go-template={{.}}"],
            "-o go-template is not known here",
            "-o jsonpath='{...}' prints fields, -o json all.",
            id="a Go template",
        ),
        pytest.param(
            ["show", "shop/web-0"],
            'the server doesn\'t have a resource type "shop"',
            "Did you mean this? kubectl hosts show web-0 -n shop",
            id="a pod as our own output prints it",
        ),
        pytest.param(
            ["show", "deploymnt/web"],
            'the server doesn\'t have a resource type "deploymnt"',
            "Did you mean this? kubectl hosts show deployment/web",
            id="a type that is nearly one",
        ),
        pytest.param(
            ["explain", "redis", "--from", "shop/web-0"],
            'the server doesn\'t have a resource type "shop"',
            "Did you mean this? kubectl hosts explain redis --from web-0 -n shop",
            id="--from as our own output prints it",
        ),
        pytest.param(
            ["explain", "redis", "deploy/web"],
            "deploy/web is an object, not a name to look up",
            "Did you mean this? kubectl hosts explain redis --from deploy/web",
            id="a workload after the name",
        ),
        pytest.param(
            ["explain", "-n", "shop", "deploy/web", "redis", "--context", "a b"],
            "deploy/web is an object, not a name to look up",
            "Did you mean this? kubectl hosts explain redis --from deploy/web --context 'a b' -n shop",
            id="and where to look",
        ),
        pytest.param(
            ["show", "-n", "shop", "pod/prod/web-0"],
            "arguments in resource/name form must have a single resource and name",
            "Did you mean this? kubectl hosts show pod/web-0 -n prod",
            id="TYPE/NAMESPACE/NAME and another namespace",
        ),
        pytest.param(
            ["show", "--token", "secret", "-n", "shop", "web-0,web-1", "--user", "jane"],
            '"web-0,web-1" is not a name',
            "Did you mean this? kubectl hosts show web-0 web-1 -n shop --user jane",
            id="what is secret is not said again",
        ),
        pytest.param(
            ["explain", "svc/redis"],
            "svc/redis is an object, not a name to look up",
            "Did you mean this? kubectl hosts explain redis; or all its names: kubectl hosts names svc/redis",
            id="a Service for its name",
        ),
        pytest.param(
            ["explain", "redis", "--type", "B"],
            'invalid argument for "--type" flag: it is A, AAAA, SRV, PTR, CNAME or TXT',
            "See 'kubectl hosts explain --help' for usage.",
            id="a type of record that is none",
        ),
        pytest.param(
            ["show", "web/deploy"],
            'the server doesn\'t have a resource type "web"',
            "Did you mean this? kubectl hosts show deploy/web",
            id="NAME/TYPE",
        ),
        pytest.param(
            ["show", "pod/shop/web-0"],
            "arguments in resource/name form must have a single resource and name",
            "Did you mean this? kubectl hosts show pod/web-0 -n shop",
            id="TYPE/NAMESPACE/NAME",
        ),
        pytest.param(
            ["show", "node/node-1"],
            "node has no pods of its own",
            "The pods of a node: --field-selector spec.nodeName=node-1",
            id="a node",
        ),
        pytest.param(
            ["show", "-n", "x", "ns/shop"],
            "ns has no pods of its own",
            "The pods of a namespace: -n shop",
            id="a namespace",
        ),
        pytest.param(
            ["show", "cm/web"],
            "cm has no pods of its own",
            "TYPE is one of pod, deployment, statefulset, daemonset, replicaset, "
            "replicationcontroller, job, cronjob, service.",
            id="a type without pods",
        ),
        pytest.param(
            ["show", "web-0,web-1"],
            '"web-0,web-1" is not a name',
            "Did you mean this? kubectl hosts show web-0 web-1",
            id="pods with a comma",
        ),
        pytest.param(
            ["show", __file__],
            f"{__file__} is a file",
            f"Did you mean this? -f {__file__}",
            id="a file without -f",
        ),
        pytest.param(
            ["explain", "redis", "--pod", "web-0"],
            "unknown flag: --pod",
            "Did you mean --from? See 'kubectl hosts explain --help' for usage.",
            id="another word for a flag",
        ),
        pytest.param(
            ["explain", "redis", "--all"],
            "unknown flag: --all",
            "Did you mean --all-namespaces or --all-pods? "
            "See 'kubectl hosts explain --help' for usage.",
            id="the beginning of a flag",
        ),
        pytest.param(
            ["show", "-N", "shop"],
            "unknown shorthand flag: 'N' in -N",
            f"Did you mean -n? {SEE_SHOW}",
            id="a shorthand in the other case",
        ),
        pytest.param(
            ["show", "-o", "yml"],
            'unable to match a printer suitable for the output format "yml", '
            "allowed formats are: table,wide,json,yaml,name,hosts,jsonpath",
            "Did you mean -o yaml?",
            id="a format that is nearly one",
        ),
        pytest.param(
            ["options", "me"],
            "got unexpected extra argument (me)",
            "See 'kubectl hosts options --help' for usage.",
            id="a word too many",
        ),
        pytest.param(
            ["completion"],
            "you must specify install, uninstall, bash, zsh or fish",
            "See 'kubectl hosts completion --help' for usage.",
            id="no action",
        ),
        pytest.param(["-n", "shop"], "you must specify a command", SEE, id="no verb"),
        pytest.param(
            ["explain"],
            "you must specify NAME ...",
            "See 'kubectl hosts explain --help' for usage.",
            id="no name",
        ),
        pytest.param(
            ["show", "--help=yes"],
            'invalid argument for "--help" flag: it is true or false',
            SEE_SHOW,
            id="help with a value",
        ),
        pytest.param(
            ["completion", "tcsh"],
            "invalid argument for ACTION: it is install, uninstall, bash, zsh or fish",
            "See 'kubectl hosts completion --help' for usage.",
            id="a shell that is not served",
        ),
        pytest.param(
            ["version", "-o", "xml"],
            'invalid argument for "--output" flag: it is json or yaml',
            "See 'kubectl hosts version --help' for usage.",
            id="a format of version",
        ),
    ],
)
def test_a_wrong_command_line_is_told_in_kubectls_words(capfd, argv, error, hint):
    assert complaint(capfd, *argv) == (1, f"error: {error}", hint)


def test_a_word_too_many_is_one_error_and_one_hint(capfd):
    """In click's own sentence, which is click's to change."""
    status, error, _ = complaint(capfd, "version", "now")
    assert (status, error[:7]) == (1, "error: ")


def test_the_switches_are_those_of_the_commands():
    """`-A=true` is read before click is asked, so the table has to know them all."""
    context = click.Context(cli)
    commands = [cli, *(cli.get_command(context, each) for each in COMMANDS)]
    options = [each for command in commands for each in command.params]
    flags = {name for each in options if getattr(each, "is_flag", False) for name in each.opts}
    assert flags == SWITCHES


@pytest.mark.parametrize(
    ("output", "error"),
    [
        pytest.param(
            "xml",
            'unable to match a printer suitable for the output format "xml", allowed formats are: '
            "table,wide,json,yaml,name,hosts,jsonpath",
            id="a format",
        ),
        pytest.param(
            "jsonpath", "template format specified but no template given", id="no template"
        ),
        pytest.param(
            "jsonpath={.a[", 'error parsing jsonpath {.a[: "]" is missing', id="a broken one"
        ),
    ],
)
def test_a_wrong_format_is_one_error_and_one_hint(capfd, manifest, output, error):
    status, said, _ = complaint(capfd, "show", "-f", manifest, "-o", output)
    assert (status, said) == (1, f"error: {error}")


@pytest.mark.parametrize(
    ("argv", "error"),
    [
        pytest.param(
            ["nope"], 'Error from server (NotFound): pods "nope" not found', id="no such pod"
        ),
        pytest.param(
            ["widget/web"],
            'error: the server doesn\'t have a resource type "widget"',
            id="an unknown TYPE",
        ),
        pytest.param(
            ["web", "-c", "nope"],
            "error: container nope not found in pod web",
            id="no such container",
        ),
        pytest.param(
            ["web", "-l", "a=b"],
            "error: name cannot be provided when a selector is specified",
            id="a name and a selector",
        ),
        pytest.param(["-l", "a b"], "error: ", id="a selector that is none"),
        pytest.param(["--field-selector", "spec.nodeName"], "error: ", id="a field without value"),
        pytest.param(["--request-timeout", "soon"], "error: ", id="a time-out that is none"),
    ],
)
@pytest.mark.parametrize(("verb", "expected"), [("show", 1), ("diff", 2)])
def test_a_wrong_question_is_one_error_and_one_hint(capfd, manifest, verb, expected, argv, error):
    status, said, hint = complaint(capfd, verb, *argv, "-f", capture_file(manifest))
    assert (status, said[: len(error)]) == (expected, error)
    assert hint != ""


def capture_file(manifest):
    """A capture of nothing, so that `diff` has something to look into."""
    file = f"{manifest}.json"
    pod = {
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"containers": [{"name": "main"}], "nodeName": "node-1"},
    }
    document = {
        "apiVersion": "kubectl-hosts/v2",
        "kind": "Capture",
        "objects": [{"apiVersion": "v1", "kind": "Pod", **pod}],
        "reads": [{"kind": "Pod"}],
    }
    Path(file).write_text(json.dumps(document))
    return file


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("kind: Pod\n\tname: web\n", "pod.yaml", id="no YAML"),
        pytest.param("", "no objects passed to hosts", id="nothing"),
        pytest.param(
            "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n",
            "no pod in",
            id="no pod",
        ),
        pytest.param("just words\n", "pod.yaml", id="no object"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_one_error_and_one_hint(capfd, tmp_path, text, words):
    file = tmp_path / "pod.yaml"
    file.write_text(text)
    status, error, hint = complaint(capfd, "show", "-f", str(file))
    assert status == 1
    assert words in error
    assert hint != ""


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param(
            POD.replace("[{", "{").replace("}]", "}"),
            "Pod web: spec.containers is an object: the API takes a list of objects",
            id="a wrong type",
        ),
        pytest.param(
            POD.partition("spec:")[0],
            "Pod web: spec.containers: Required value",
            id="no containers",
        ),
    ],
)
def test_what_the_api_server_would_refuse_is_a_finding_and_the_status_says_so(
    capfd, tmp_path, text, finding
):
    file = tmp_path / "pod.yaml"
    file.write_text(text)
    status, out, err = run(capfd, "show", "-f", str(file))
    first = out.splitlines()[0]
    assert (status, err, first.startswith("error "), finding in first) == (1, "", True, True)


def test_a_file_that_is_not_there_is_one_error_and_one_hint(capfd, tmp_path):
    status, error, _ = complaint(capfd, "show", "-f", str(tmp_path / "nope.yaml"))
    assert (status, error[:6]) == (1, "error:")


def test_without_a_cluster_there_is_one_error_and_one_hint(capfd, monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nope"))
    for name in ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    status, error, _ = complaint(capfd, "show", "web", "--server", "http://127.0.0.1:1")
    assert status == 1
    assert error == (
        "The connection to the server 127.0.0.1:1 was refused"
        " - did you specify the right host or port?"
    )


def test_a_context_that_is_not_there_is_one_error_and_one_hint(capfd, monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nope"))
    status, error, _ = complaint(capfd, "diff", "web", "--context", "nope")
    assert status == 2
    assert 'context "nope" does not exist' in error


@pytest.mark.parametrize(
    ("message", "error"),
    [
        pytest.param("no", "error: no", id="ours"),
        pytest.param("a\n  b\n\nc\n", "error: a b c", id="a credential plugin's many lines"),
        pytest.param("\x1b[31mred\x07", "error: ^[[31mred\\x07", id="escape sequences"),
        *(
            pytest.param(f"{opening} x", f"{opening} x", id=opening)
            for opening in (
                "Error from server (Forbidden):",
                "Error in configuration:",
                "Unable to connect to the server:",
                "The connection to the server",
            )
        ),
    ],
)
def test_every_error_is_one_line_that_starts_as_kubectls(capfd, mocker, message, error):
    mocker.patch("kubectl_hosts.cli.session.open_backend", side_effect=HostsError(message))
    mocker.patch("kubectl_hosts.cli.hosts.open_backend", side_effect=HostsError(message))
    assert complaint(capfd, "show", "web") == (1, error, "kubectl hosts --help lists the commands.")


def test_an_interrupt_is_130_and_ends_the_line(capfd, mocker):
    mocker.patch("kubectl_hosts.cli.hosts.open_backend", side_effect=KeyboardInterrupt)
    assert run(capfd, "show", "web") == (130, "", "\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([], ["--help"], id="nothing is a call for help"),
        pytest.param(["help"], ["--help"], id="help"),
        pytest.param(["help", "show"], ["show", "--help"], id="help VERB"),
        pytest.param(["show", "-A=true"], ["show", "-A"], id="a switch that is true"),
        pytest.param(["show", "--no-headers=false"], ["show"], id="a switch that is false"),
        pytest.param(["show", "help"], ["show", "help"], id="a pod called help"),
        pytest.param(["show", "-n=shop"], ["show", "-n", "shop"], id="= after a shorthand"),
        pytest.param(["show", "-l=app=web"], ["show", "-l", "app=web"], id="one = of two"),
        pytest.param(["show", "-c="], ["show", "-c", ""], id="nothing after ="),
        pytest.param(["show", "-An=shop"], ["show", "-An", "shop"], id="a switch before it"),
        pytest.param(["show", "-v=6"], ["show", "-v", "6"], id="-v"),
        pytest.param(["--version"], ["version"], id="--version"),
        pytest.param(["show", "-lapp=web"], ["show", "-lapp=web"], id="a selector without a blank"),
        pytest.param(["show", "--output=json"], ["show", "--output=json"], id="a long flag"),
        pytest.param(["show", "--", "-n=x"], ["show", "--", "-n=x"], id="after --"),
        pytest.param(["show", "-l", "a=true"], ["show", "-l", "a=true"], id="a selector"),
        pytest.param(["help", "help"], ["--help"], id="help about help"),
        pytest.param(
            ["-o", "json", "-A", "-n=shop", "show", "web"],
            ["show", "-o", "json", "-A", "-n", "shop", "web"],
            id="flags before the verb",
        ),
        pytest.param(
            ["-nshop", "--from=a", "explain", "b"],
            ["explain", "-nshop", "--from=a", "b"],
            id="flags that hold their values, before the verb",
        ),
        pytest.param(["-n", "show"], ["-n", "show"], id="a namespace that is called as a verb"),
        pytest.param(["--", "show"], ["--", "show"], id="-- before the verb"),
    ],
)
def test_what_kubectl_takes_is_taken(words, expected):
    assert as_click(words) == expected


@pytest.mark.parametrize("argv", [["help"], [], ["-h"], ["--help"]])
def test_help_lists_every_verb(capfd, argv):
    status, out, err = run(capfd, *argv)
    assert (status, err) == (0, "")
    assert out.startswith("Usage: kubectl hosts [OPTIONS] COMMAND [ARGS]...\n")
    assert all(f"  {verb} " in out for verb in COMMANDS)
    assert tuple(SUMMARIES) == COMMANDS


@pytest.mark.parametrize("verb", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_verb_has_help_with_examples(capfd, monkeypatch, verb, flag):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = run(capfd, verb, flag)
    assert (status, err) == (0, "")
    assert out.startswith(f"Usage: kubectl hosts {verb}")
    assert "Examples:" in out
    assert max(map(len, out.splitlines())) <= 80


def test_options_lists_each_global_flag_as_kubectl_does(capfd):
    _, out, _ = run(capfd, "options")
    assert all(each.names[-1] in out and each.text in out for each in GLOBAL_FLAGS)
    assert "    -n, --namespace='':\n\tThe namespace scope for this request.\n" in out


KUBECTL = """#!/bin/sh
echo "$@" >$0.arguments
printf '%s' '{"clientVersion": {"gitVersion": "v1.34.1"}, "serverVersion": {"gitVersion": "v1.34.4"}}'
"""


@pytest.fixture
def kubectl(monkeypatch, tmp_path):
    """A kubectl that knows its version and its server's, and keeps what it was asked."""
    file = tmp_path / "kubectl"
    file.write_text(KUBECTL)
    file.chmod(0o755)
    monkeypatch.setenv("KUBECTL_PATH", str(file))
    return file


def test_version_says_what_a_report_of_a_bug_needs(capfd, kubectl):
    status, out, err = run(capfd, "-n", "shop", "version", "--context", "prod")
    first, python, *others = out.splitlines()
    assert (status, err) == (0, "")
    assert first.startswith(f"kubectl-hosts v{kubectl_hosts.__version__}")
    assert python.startswith(f"python        {sys.version_info[0]}.{sys.version_info[1]}.")
    assert others == ["kubectl       v1.34.1", "server        v1.34.4"]
    asked = Path(f"{kubectl}.arguments").read_text()
    assert asked == "version -o json --context=prod --request-timeout=3s\n"


@pytest.mark.parametrize(
    ("program", "others"),
    [
        pytest.param(
            "#!/bin/sh\necho no; exit 1\n", ["(does not answer)", "(not reached)"], id="junk"
        ),
        pytest.param(
            """#!/bin/sh\necho '{"clientVersion": {"gitVersion": "v1.34.1"}}'; exit 1\n""",
            ["v1.34.1", "(not reached)"],
            id="no server",
        ),
        pytest.param("", ["(does not answer)", "(not reached)"], id="no program"),
    ],
)
def test_what_has_no_version_is_said_to_have_none(capfd, kubectl, program, others):
    kubectl.write_text(program)
    status, out, err = run(capfd, "version")
    assert (status, [line[14:] for line in out.splitlines()[-2:]], err) == (0, others, "")


def test_the_versions_of_the_client_alone_ask_nobody(capfd, kubectl):
    status, out, err = run(capfd, "version", "--client", "-o", "json")
    document = json.loads(out)
    assert (status, err, Path(f"{kubectl}.arguments").exists()) == (0, "", False)
    assert list(document) == ["apiVersion", "kind", "version", "commit", "python"]
    assert document["kind"] == "Version"
    assert document["version"] == f"v{kubectl_hosts.__version__}"
    assert set(document["commit"]) <= set("0123456789abcdef")


def test_a_flag_may_stand_before_or_after_the_verb(capfd, manifest):
    before = run(capfd, "-n", "other", "show", "web", "-f", manifest, "-o", "json")
    after = run(capfd, "show", "web", "-f", manifest, "-o", "json", "-n", "other")
    assert before == after
    assert json.loads(before[1])["pod"]["namespace"] == "other"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        pytest.param(["-l", "app=none"], "No resources found.", id="everywhere"),
        pytest.param(["-n", "shop"], "No resources found in shop namespace.", id="in a namespace"),
        pytest.param(["-A", "-n", "shop", "-l", "a=b"], "No resources found.", id="-A beats -n"),
    ],
)
def test_nothing_found_is_no_error(capfd, manifest, argv, words):
    file = manifest if argv[0] != "-n" else capture_file(manifest)
    assert run(capfd, "show", *argv, "-f", file) == (0, "", f"{words}\n")


def test_a_name_is_found_in_the_only_namespace_of_the_files(capfd, tmp_path):
    file = tmp_path / "pod.yaml"
    file.write_text(POD.replace("name: web", "name: web, namespace: shop"))
    status, out, _ = run(capfd, "show", "web", "-f", str(file), "-o", "name")
    assert (status, out) == (0, "pod/web\n")
    status, error, _ = complaint(capfd, "show", "web", "-n", "other", "-f", str(file))
    assert (status, error) == (1, 'Error from server (NotFound): pods "web" not found')


def test_all_namespaces_beat_the_namespace(capfd, manifest):
    status, out, _ = run(
        capfd, "show", "-A", "-n", "other", "-f", capture_file(manifest), "-o", "name"
    )
    assert (status, out) == (0, "pod/web\n")


WORDS = st.sampled_from(
    [
        "-A",
        "-l",
        "app=web",
        "-c",
        "main",
        "-n",
        "-o",
        "json",
        "--expected",
        "web",
        "pod/web",
        "pods",
    ]
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(WORDS | st.text("ab=/,!()[]{}.\x1b\u00e9\U0001f600 ", max_size=5), max_size=5)
)
def test_no_command_line_ends_in_a_traceback(capfd, manifest, words):
    status, _, err = run(capfd, "show", *words, "-f", manifest)
    said = [each for each in err.splitlines() if not each.startswith(("No resources", "Found"))]
    assert (status, len(said)) in {(0, 0), (1, 2)}, err


def test_a_type_of_record_may_be_typed_in_small_letters(capfd, manifest):
    small = run(capfd, "explain", "redis", "--type", "aaaa", "-f", manifest, "-o", "json")
    large = run(capfd, "explain", "redis", "--type", "AAAA", "-f", manifest, "-o", "json")
    assert small == large
    assert json.loads(small[1])["type"] == "AAAA"


def test_a_url_is_explained_by_its_host_and_names_are_asked_once(capfd, manifest):
    words = ("http://me:secret@redis:6379/0", "redis", "--from", "web", "-f", manifest)
    status, out, err = run(capfd, "explain", *words, "-o", "json")
    assert (status, err) == (0, "Explaining redis, the host of the URL\n")
    assert json.loads(out)["name"] == "redis"


def test_main_returns_the_status_and_does_not_exit():
    assert main(["version"]) == 0


@pytest.mark.parametrize(
    ("argv", "error", "hint"),
    [
        pytest.param(["logs", "web"], 'error: unknown command "logs" for "kubectl hosts"', "It is kubectl's own: kubectl logs", id="a command of kubectl's"),
        pytest.param(["log-collector"], 'error: unknown command "log-collector" for "kubectl hosts"', "kubectl hosts show log-collector, if it is a pod; kubectl hosts explain log-collector, if a name", id="a name that begins like one"),
        pytest.param(["show", "web", "-A"], "error: a resource cannot be retrieved by name across all namespaces", "Name its namespace with -n, or choose the pods by label: -A -l.", id="a name and -A"),
        pytest.param(["show", "-c", "deploy/web"], 'error: invalid container name "deploy/web": it has a slash', "-c takes the name of a container: -c CONTAINER deploy/web", id="-c that took the target"),
        pytest.param(["show", "all"], 'Error from server (NotFound): pods "all" not found', "Without a name it is all pods of the namespace.", id="all, of kubectl get"),
        pytest.param(["explain", "web", "-t", "A"], "error: unknown shorthand flag: 't' in -t", "Did you mean --type? See 'kubectl hosts explain --help' for usage.", id="-t"),
    ],
)  # fmt: skip
def test_habits_of_kubectl_lead_on(capfd, manifest, argv, error, hint):
    files = ["-f", manifest] if argv[0] in {"show", "explain"} else []
    assert complaint(capfd, *argv, *files)[1:] == (error, hint)
