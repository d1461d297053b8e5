"""What is fuzzed: each parser of text from a container, a server, a file or a user.

A target takes any bytes. It passes over the errors that its parser documents; everything else that
it raises is a find, and so are a hang and memory beyond bounds, which the fuzzer itself watches.
"""

from __future__ import annotations

import io
import json
import random
import tempfile
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kubectl_hosts.cli.main import main
from kubectl_hosts.cluster.access import load_kubeconfig
from kubectl_hosts.errors import BadInput, ExecFailed, HostsError
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.dns import Question
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.supplier import find_mount, find_mount_beside
from kubectl_hosts.model.names import check_name, names_meant
from kubectl_hosts.model.resolver.environment import parse_host_conf
from kubectl_hosts.model.resolver.nsswitch import parse_nsswitch
from kubectl_hosts.model.resolver.resolv_conf import GLIBC, GO, MUSL, parse_resolv_conf
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
from kubectl_hosts.yaml_reader import YamlError, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
TARGET = ExecTarget("shop", "web", "main")
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
    parse_host_conf(data)


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
        for argv in (["show"], ["diff"], ["explain", "redis", "-A"], ["show", "-o", "json"]):
            out, err = io.StringIO(), io.StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                main([*argv, "-f", file.name])
            assert "error: unexpected" not in err.getvalue(), (name, argv, err.getvalue())


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        *(corefile, resolv_conf, hosts, nsswitch, mountinfo, dns_messages, names, files, lookups),
        *(replies, yaml, documents, jsonpath, kubeconfig, command),
    )
}
