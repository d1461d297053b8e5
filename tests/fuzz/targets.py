"""What is fuzzed: each parser of text from a container, a server, a file or a user.

A target takes any bytes. It passes over the errors that its parser documents; everything else that
it raises is a find, and so are a hang and memory beyond bounds, which the fuzzer itself watches.
"""

from __future__ import annotations

import io
import json
import random
import socket
import tempfile
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kubectl_hosts.cli import check, diff, explain, show
from kubectl_hosts.cli import names as names_of
from kubectl_hosts.cli.main import main
from kubectl_hosts.cluster.access import load_kubeconfig
from kubectl_hosts.cluster.connection import BadAnswer, Connection, Deadline
from kubectl_hosts.cluster.exec import ExecCommand, exit_code, run_over_websocket
from kubectl_hosts.cluster.http_requests import Upgraded, parse_json, parse_refusal, refused
from kubectl_hosts.errors import BadInput, ExecFailed, HostsError
from kubectl_hosts.model.check.hosts_in_text import (
    Exists,
    hosts_in_script,
    hosts_of_programs,
    hosts_of_value,
)
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Question, UnknownReply
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.supplier import find_mount, find_mount_beside
from kubectl_hosts.model.names import check_name, names_meant
from kubectl_hosts.model.objects import parse_object
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver.environment import reads_all_lines
from kubectl_hosts.model.resolver.nsswitch import parse_nsswitch
from kubectl_hosts.model.resolver.resolv_conf import GLIBC, GO, MUSL, parse_resolv_conf
from kubectl_hosts.model.selectors import field_selector, label_selector, select
from kubectl_hosts.offline.documents import read_documents
from kubectl_hosts.probes.files import read_files
from kubectl_hosts.probes.lookups import look_inside
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget
from kubectl_hosts.probes.replies import (
    answers_of,
    build_queries,
    match_replies,
    read_output,
    share_out,
    split_stream,
)
from kubectl_hosts.report.jsonpath import print_jsonpath
from kubectl_hosts.report.terminal import escape, has_unsafe, json_escape
from kubectl_hosts.yaml_reader import YamlError, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
TARGET = ExecTarget("shop", "web", "main")
TYPED = (
    *("Pod", "Service", "EndpointSlice", "Endpoints", "Namespace", "Node", "ConfigMap"),
    *("NetworkPolicy", "IPAddress", "ServiceCIDR", "Deployment", "StatefulSet", "Job"),
)
QUESTIONS = (Question("web.shop.svc.cluster.local.", "A"), Question("example.com.", "AAAA"))
DOCUMENT = {"kind": "List", "items": [{"name": "a", "n": 1, "list": [1, 2, {"b": None}]}] * 3}


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def corefile(data: bytes) -> None:
    parse_corefile(text_of(data), files={"/etc/coredns/more": text_of(data[::-1])})


def resolv_conf(data: bytes) -> None:
    for each in (GLIBC, MUSL, GO):
        parse_resolv_conf(data, each)


def hosts(data: bytes) -> None:
    read = parse_hosts_file(data)
    assert read.to_bytes() == data
    for each in read.lines:
        assert each.entry is None or each.entry.address


def nsswitch(data: bytes) -> None:
    parse_nsswitch(data)
    reads_all_lines(data)


def mountinfo(data: bytes) -> None:
    find_mount(data, "/etc/hosts")
    find_mount_beside(data, "/etc/hosts")


def dns_messages(data: bytes) -> None:
    queries, _ = build_queries(QUESTIONS)
    match_replies(queries, tuple(split_stream(data)))


def names(data: bytes) -> None:
    with suppress(BadInput):
        for each in names_meant(text_of(data)).names:
            check_name(each)


class Container:
    """Every command in it writes DATA; its marker, which nobody can know, is told for `MARKER`."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def exec(self, _target: object, argv: tuple[str, ...], **_: object) -> CompletedExec:
        marker = next((each for each in argv if each.startswith("==")), "")
        root = next((each for each in argv if each.startswith("/.")), "").removesuffix("/dev/null")
        told = self.data.replace(b"MARKER", marker.encode()).replace(b"ROOT", root.encode())
        stdout, _, stderr = told.partition(b"STDERR")
        return CompletedExec(stdout, stderr, len(self.data) % 3)


def files(data: bytes) -> None:
    with suppress(ExecFailed):
        read_files(Container(data), TARGET, deadline=5.0)  # type: ignore[arg-type]


def lookups(data: bytes) -> None:
    asked = ("web", "example.com")
    with suppress(ExecFailed):
        look_inside(Container(data), TARGET, asked)  # type: ignore[arg-type]


def replies(data: bytes) -> None:
    queries, _ = build_queries(QUESTIONS)
    connections = share_out(queries, "cluster.local.")
    answers_of(connections, read_output(data, len(connections)), 5.0)


def yaml(data: bytes) -> None:
    with suppress(YamlError):
        list(parse_yaml(text_of(data)))


def documents(data: bytes) -> None:
    list(read_documents("-", data))


def jsonpath(data: bytes) -> None:
    with suppress(BadInput):
        print_jsonpath(text_of(data), DOCUMENT)


def kubeconfig(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        with suppress(HostsError):
            load_kubeconfig(file.name, {})


def dns_server(data: bytes) -> None:
    """The first line is a name that is asked of a server with the Corefile below it."""
    name, _, text = text_of(data).partition("\n")
    server = ClusterDNS(corefile=parse_corefile(text), files={"/hosts": text, "/zone": text})
    for qtype in ("A", "SRV", "PTR"):
        answered(
            serve(Question(f"{name[:200]}.", qtype), server),
            lambda need: (
                UnknownReply("the outside") if isinstance(need, UpstreamAsk) else select(need, ())
            ),
        )


@contextmanager
def said_by_a_server(data: bytes) -> Iterator[Connection]:
    """A connection on which DATA came, and then its end."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        yield Connection(here)


def http(data: bytes) -> None:
    with said_by_a_server(data) as connection, suppress(BadAnswer, OSError):
        deadline = Deadline(5.0)
        response = connection.ask("/api", (), deadline)
        connection.read_body(response)


def exec_stream(data: bytes) -> None:
    class Opened:
        has_no_v4 = False

        def upgrade(self, _: str, protocols: str, *__: object) -> Upgraded:
            return Upgraded(connection, protocols)

    command = ExecCommand(TARGET, ("cat",), b"", 1 << 16, 5.0)
    with said_by_a_server(data) as connection, suppress(HostsError):
        run_over_websocket(Opened(), command)  # type: ignore[arg-type]


def statuses(data: bytes) -> None:
    with suppress(ExecFailed):
        assert 0 <= exit_code(data) < 256
    assert refused(parse_refusal(500, data)).message


def objects(data: bytes) -> None:
    """An object of each kind, and all that a diagnosis of a pod asks of it."""
    with suppress(ValueError, BadInput):
        value = parse_json(data)
        for kind in TYPED if isinstance(value, dict) else ():
            with suppress(BadInput):
                parse_object(kind, value)


def mentions(data: bytes) -> None:
    """Each host name that a text mentions stands in that text, where it is said to stand."""
    key, _, text = text_of(data).partition("\n")
    exists = Exists(lambda name: name in {"redis", "redis.bank"}, "web", "web")
    for found in (
        *hosts_of_value(text, key, exists),
        *hosts_in_script(text, exists),
        *hosts_of_programs(text, exists),
    ):
        assert 0 <= found.start <= found.end <= len(text)


def selectors(data: bytes) -> None:
    for parse in (label_selector, field_selector):
        with suppress(BadInput):
            parse(text_of(data))({"metadata": {"name": "a", "labels": {"a": "b"}}})


def printed(data: bytes) -> None:
    """Nothing that a file or an object holds reaches a terminal raw, in any form."""
    text = data.decode("utf-8", "surrogateescape")
    assert not has_unsafe(escape(text))
    assert json.loads(json_escape(json.dumps(text, ensure_ascii=False))) == text
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
        "spec": {
            "hostname": text_of(data)[:20],
            "containers": [{"name": "main", "env": [{"name": "A_HOST", "value": text_of(data)}]}],
        },
        "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]},
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(pod, file)
        file.flush()
        for argv in PRINTED:
            out = io.StringIO()
            with redirect_stdout(out), redirect_stderr(out):
                main([*argv, "-f", file.name])
            assert not has_unsafe(out.getvalue()), (argv, out.getvalue())
            assert "error: unexpected" not in out.getvalue(), (argv, out.getvalue())


PRINTED = (
    ["show"],
    ["show", "-o", "json"],
    ["show", "-o", "yaml"],
    ["explain", "redis"],
    ["explain", "redis", "-o", "tree"],
    ["explain", "redis", "-o", "mermaid"],
    *(["check", "-o", each] for each in ("wide", "json", "sarif", "junit", "html")),
)


ODD = (None, True, 0, -1, 1 << 70, 0.5, float("inf"), "", "x", "\x00", "\u202e", "9" * 5000, [], {})


def mutated(value: object, chance: random.Random) -> object:
    """VALUE, an object of JSON, with one place in it changed."""
    places: list[tuple[object, object]] = []

    def walk(at: object) -> None:
        keys = at.keys() if isinstance(at, dict) else range(len(at)) if isinstance(at, list) else ()
        for key in keys:
            places.append((at, key))
            walk(at[key])  # type: ignore[index]

    walk(value)
    for _ in range(chance.randint(1, 3)):
        parent, key = chance.choice(places)
        other, place = chance.choice(places)
        change = chance.choice([*ODD, "swap", "drop", "wrap"])
        with suppress(KeyError, IndexError, TypeError):
            match change:
                case "swap":
                    parent[key] = json.loads(json.dumps(other[place]))  # type: ignore[index]
                case "drop":
                    del parent[key]  # type: ignore[attr-defined]
                case "wrap":
                    parent[key] = [parent[key]]  # type: ignore[index]
                case _:
                    parent[key] = change  # type: ignore[index]
    return value


def seeds() -> dict[str, object]:
    """The documents of the examples: manifests as lists, and the capture."""
    found: dict[str, object] = {}
    for file in sorted((EXAMPLES / "manifests").glob("*.yaml")) + sorted(
        (EXAMPLES / "mistakes").glob("*.yaml")
    ):
        items = [each.value for each in parse_yaml(file.read_text())]
        found[file.name] = {"apiVersion": "v1", "kind": "List", "items": items}
    found["capture.json"] = json.loads((EXAMPLES / "capture.json").read_text())
    return found


COMMANDS = (
    (("show",), tuple(each for each in show.FORMATS if each != "hosts")),  # that one is bytes
    (("diff",), diff.FORMATS),
    (("explain", "redis", "-A"), explain.FORMATS),
    (("check", "-A"), check.FORMATS),
    (("names", "svc/redis"), names_of.FORMATS),
)

_SEEDS: dict[str, str] = {}


def command(data: bytes) -> None:
    """Whole commands on a mutated document: the boundary takes what is an error, and no bug."""
    if not _SEEDS:
        _SEEDS.update({name: json.dumps(each) for name, each in seeds().items()})
    chance = random.Random(data)
    name = chance.choice(sorted(_SEEDS))
    changed = mutated(json.loads(_SEEDS[name]), chance)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(changed, file)
        file.flush()
        for words, formats in COMMANDS:
            argv = [*words, "-o", chance.choice(formats)]
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                main([*argv, "-f", file.name])
            assert "error: unexpected" not in err.getvalue(), (name, argv, err.getvalue())


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        *(corefile, resolv_conf, hosts, nsswitch, mountinfo, dns_messages, names, files, lookups),
        *(replies, yaml, documents, jsonpath, kubeconfig, command, dns_server, http, exec_stream),
        *(statuses, objects, mentions, selectors, printed),
    )
}
