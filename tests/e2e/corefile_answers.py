"""`python -m tests.e2e.corefile_answers [COUNT [SEED]]`: what CoreDNS answers, and what is foretold.

Corefiles drawn at random are served by the real CoreDNS on the PATH (`realcluster` has one), with the
objects of the cluster in KUBECONFIG; each is asked for names of every kind, and what it answers is
held against the model. Another CoreDNS is the outside. A line for each difference, and the counts.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select
from tests.e2e.corefile_mutants import free_port, program, release
from tests.e2e.world import kubectl

if TYPE_CHECKING:
    from collections.abc import Iterator


KINDS = ("namespaces", "services", "endpointslices", "pods")
UPSTREAM = """\
.:PORT {
    template ANY ANY nx.example {
        rcode NXDOMAIN
    }
    template IN CNAME chain.example {
        answer "{{ .Name }} 60 IN CNAME www.up.example."
    }
    hosts {
        198.51.100.80 www.up.example up.example x.new.example bar.example
        2001:db8::80 www.up.example
        198.51.100.81 a.b.up.example web.SPACE web
    }
}
"""
ZONE = """\
$ORIGIN zone.test.
@ 60 IN SOA ns.zone.test. m.zone.test. 1 2 3 4 5
@ 60 IN NS ns.zone.test.
@ 60 IN A 203.0.113.1
www 60 IN A 203.0.113.2
www 60 IN AAAA 2001:db8::2
al 60 IN CNAME www
out 60 IN CNAME www.up.example.
k 60 IN CNAME web.SPACE.svc.cluster.local.
*.w 60 IN A 203.0.113.3
sub 60 IN NS ns.sub
ns.sub 60 IN A 203.0.113.4
"""
HOSTS_FILE = "10.9.9.9 filehost.example www.zone.test\n10.9.9.8 FileHost.Example # comment\n"
_NAMES = """
web.SPACE.svc.cluster.local WEB.SPACE.svc.Cluster.local db.SPACE.svc.cluster.local
db-0.db.SPACE.svc.cluster.local 198-51-100-12.db.SPACE.svc.cluster.local
db-2.db.SPACE.svc.cluster.local empty.SPACE.svc.cluster.local out.SPACE.svc.cluster.local
alias.SPACE.svc.cluster.local broken.SPACE.svc.cluster.local loop-a.SPACE.svc.cluster.local
x.out.SPACE.svc.cluster.local nosuch.SPACE.svc.cluster.local web.nosuch.svc.cluster.local
SPACE.svc.cluster.local svc.cluster.local cluster.local pod.cluster.local
10-0-0-1.SPACE.pod.cluster.local 1-2-3.SPACE.pod.cluster.local web.SPACE.cluster.local
_http._tcp.web.SPACE.svc.cluster.local _sql._tcp.db.SPACE.svc.cluster.local
_http._udp.web.SPACE.svc.cluster.local a.web.SPACE.svc.cluster.local www.up.example
nosuch.up.example a.nx.example c.chain.example a.example b.example foo.a.example x.old.example
y.x.old.example t.example q.t.example 10-1-1-1.t.example zone.test www.zone.test al.zone.test
wild.w.zone.test no.zone.test x.sub.zone.test ns.sub.zone.test out.zone.test k.zone.test web
web.SPACE localhost.cluster.local web.SPACE.ext.test ext.test filehost.example
1.0.0.10.in-addr.arpa 9.2.0.192.in-addr.arpa 11.100.51.198.in-addr.arpa
"""
TYPES = ("A", "A", "AAAA", "AAAA", "SRV", "PTR", "CNAME", "MX")


def objects(space: str) -> list[dict[str, object]]:
    """Services of every kind, and the slices of one, in a namespace of their own."""

    def service(name: str, **spec: object) -> dict[str, object]:
        spec = {"ports": [{"name": "http", "port": 80}], **spec}
        meta = {"name": name, "namespace": space}
        return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}

    def alias(name: str, target: str) -> dict[str, object]:
        return service(name, type="ExternalName", externalName=target)

    def endpoint_slice(name: str, family: str, *endpoints: dict[str, object]) -> dict[str, object]:
        labels = {"kubernetes.io/service-name": "db"}
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": name, "namespace": space, "labels": labels},
            "addressType": family,
            "endpoints": endpoints,
            "ports": [{"name": "sql", "port": 5432, "protocol": "TCP"}],
        }

    def endpoint(address: str, *, ready: bool = True, hostname: str = "") -> dict[str, object]:
        named = {"hostname": hostname} if hostname else {}
        return {"addresses": [address], "conditions": {"ready": ready}, **named}

    four = (
        endpoint("198.51.100.11", hostname="db-0"),
        endpoint("198.51.100.12"),
        endpoint("198.51.100.13", ready=False, hostname="db-2"),
    )
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}},
        service("web"),
        service("db", clusterIP="None"),
        service("empty", clusterIP="None"),
        endpoint_slice("db-4", "IPv4", *four),
        endpoint_slice("db-6", "IPv6", endpoint("2001:db8::11", hostname="db-0")),
        alias("out", "www.up.example"),
        alias("alias", f"web.{space}.svc.cluster.local"),
        alias("broken", f"nosuch.{space}.svc.cluster.local"),
        alias("loop-a", f"loop-b.{space}.svc.cluster.local"),
        alias("loop-b", f"loop-a.{space}.svc.cluster.local"),
    ]


class Draw:
    """A Corefile drawn by CHANCE; SPACE, PORT and FOLDER stand for what is known later."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def corefile(self) -> str:
        """A block for all names, and now and then one for some."""
        text = self._block(".", has_kubernetes=self._one_in(1.2))
        for zone in ("example", "cluster.local", "up.example", "zone.test", "10.in-addr.arpa"):
            text += self._block(zone) if self._one_in(12) else ""
        return text

    def _one_in(self, count: float) -> bool:
        return self._chance.random() < 1 / count

    def _of(self, *words: str) -> str:
        return self._chance.choice(words)

    def _block(self, zone: str, *, has_kubernetes: bool = False) -> str:
        parts = [self._hosts()] if self._one_in(2) else []
        parts += [self._rewrite() for _ in range(self._chance.choice((0, 0, 1, 1, 2)))]
        parts += [self._template() for _ in range(self._chance.choice((0, 0, 1, 1, 2)))]
        parts += [self._kubernetes()] if has_kubernetes or self._one_in(4) else []
        parts += [f"file FOLDER/{self._of('zone', 'zone', 'none')} zone.test"] * self._one_in(3)
        if self._one_in(1.3):
            parts.append(f"forward {self._of('.', '.', 'up.example')} 127.0.0.1:UPSTREAM")
        small = ("any", "minimal", "local", "loop", "autopath @kubernetes", "dns64", "whoami")
        blocks = ("acl {\nblock type AAAA net *\n}", "acl {\nfilter type A net 127.0.0.0/8\n}")
        external = ("k8s_external ext.test {\nheadless\nfallthrough\n}",) * has_kubernetes
        parts += [self._of(*small, *blocks, *external)] * self._one_in(2)
        return f"{zone}:PORT {{\n" + "\n".join(parts) + "\n}\n"

    def _fallthrough(self) -> str:
        return self._of("", "fallthrough", "fallthrough", "fallthrough example cluster.local")

    def _hosts(self) -> str:
        names = ("a.example", "b.example", "web.SPACE.svc.cluster.local", "www.up.example")
        names += ("nosuch.SPACE.svc.cluster.local", "x.old.example", "t.example", "www.zone.test")
        addresses = ("10.0.0.1", "192.0.2.9", "2001:db8::5")
        entries = [
            f"{self._of(*addresses)} {' '.join(self._chance.sample(names, 2))}"
            for _ in range(self._chance.randint(1, 3))
        ]
        head = self._of("hosts", "hosts FOLDER/hosts", "hosts FOLDER/none example")
        more = ("no_reverse",) * self._one_in(4)
        return "\n".join((f"{head} {{", *entries, *more, self._fallthrough(), "}"))

    def _rewrite(self) -> str:
        asked = self._of("a.example", "x.old.example", "web.SPACE.svc.cluster.local", "web.SPACE")
        to = self._of("web.SPACE.svc.cluster.local", "b.example", "out.SPACE.svc.cluster.local")
        back = self._of("", " answer auto")
        rule = self._of(
            f"name {asked} {to}",
            f"name suffix .old.example .new.example{back}",
            f"name suffix .a.example. .SPACE.svc.cluster.local.{back}",
            f"name prefix {self._of('web.', 'x.')} {self._of('db.', 'y.')}{back}",
            f"name substring old new{back}",
            rf"name regex (.*)\.old\.example\. {{1}}.SPACE.svc.cluster.local{back}",
            r"name regex ^(\w+)\.example\.$ {1}.SPACE.svc.cluster.local answer name "
            r"(.*)\.SPACE\.svc\.cluster\.local {1}.example",
            f"type {self._of('A AAAA', 'AAAA A')}",
            "cname suffix up.example. new.example.",
            f"rcode suffix example {self._of('NXDOMAIN', 'SERVFAIL')} NOERROR",
        )
        return f"rewrite {self._of('', 'stop', 'continue')} {rule}"

    def _template(self) -> str:
        zone = self._of("t.example", "example", "cluster.local", "up.example", "zone.test")
        match = self._of(
            r"^(.*)\.t\.example\.$",
            "^(?P<a>[0-9]*)-(?P<b>[0-9]*)-(?P<c>[0-9]*)-(?P<d>[0-9]*)[.]",
            ".*",
            "nosuch",
        )
        answer = self._of(
            '"{{ .Name }} 60 IN A 192.0.2.77"',
            '"{{ .Name }} 60 IN AAAA 2001:db8::7"',
            '"{{ .Name }} 60 IN CNAME www.up.example."',
            '"{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"',
        )
        lines = [f"match {match}"] * self._one_in(1.5) + [f"answer {answer}"] * self._one_in(1.3)
        lines += [f"rcode {self._of('NXDOMAIN', 'NOERROR', 'SERVFAIL')}"] * self._one_in(3)
        head = f"template IN {self._of('A', 'AAAA', 'ANY', 'CNAME')} {zone} {{"
        return "\n".join((head, *lines, self._fallthrough(), "}"))

    def _kubernetes(self) -> str:
        zones = self._of("", " in-addr.arpa", " in-addr.arpa ip6.arpa")
        every = ("noendpoints", "endpoint_pod_names", "namespaces SPACE", "labels dns=yes")
        lines = [f"pods {self._of('insecure', 'verified', 'disabled')}"] * self._one_in(1.5)
        lines += [each for each in (*every, "ignore empty_service") if self._one_in(10)]
        passed = self._of("", "fallthrough", "fallthrough in-addr.arpa ip6.arpa")
        head = f"kubernetes cluster.local{zones} {{"
        return "\n".join((head, "kubeconfig KUBECONFIG", *lines, passed, "}"))


Said = tuple[str, tuple[tuple[str, str, str], ...]]
"""An rcode and the records of an answer, or what came in their place."""


class Difference(NamedTuple):
    """A question that the two answer otherwise, and the rule by which it was foretold."""

    seed: int
    question: Question
    real: Said
    foretold: Said
    rule: str
    corefile: str


class Counts(NamedTuple):
    """How many questions were asked, how many of them the model knows, and what differs."""

    asked: int
    known: int
    different: list[Difference]


@contextmanager
def serving(corefile: str, folder: str) -> Iterator[bool]:
    """CoreDNS with COREFILE; whether it loaded it."""
    said = Path(folder) / f"said-{secrets.token_hex(4)}"
    conf = said.with_suffix(".corefile")
    conf.write_text(corefile)
    with said.open("w") as output:
        command = [program() or "coredns", "-conf", str(conf)]
        started = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        for _ in range(400):
            if "CoreDNS-1." in said.read_text(errors="replace") or started.poll() is not None:
                break
            time.sleep(0.05)
        yield started.poll() is None
    finally:
        started.kill()
        started.wait()


def ask(question: Question, port: str) -> Reply | None:
    """The reply to QUESTION, None where none comes in 4 s."""
    query = dns.message.make_query(question.name, question.type).to_wire()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(4)
        connection.sendto(query, ("127.0.0.1", int(port)))
        try:
            reply = dns.message.from_wire(connection.recv(65535))
        except (OSError, dns.exception.DNSException):
            return None
    rcode = Rcode(dns.rcode.to_text(reply.rcode()))
    authority = records(reply.authority)
    return Reply(rcode=rcode, answer=records(reply.answer), authority=authority)


def records(rrsets: list[dns.rrset.RRset]) -> tuple[Record, ...]:
    """The records of a section."""
    return tuple(
        Record(
            name=str(each.name),
            type=dns.rdatatype.to_text(each.rdtype),
            data=str(data),
            ttl=each.ttl,
        )
        for each in rrsets
        for data in each
    )


def compare(seeds: range) -> Counts:
    """Ask the Corefile of each seed for a part of the names, and the model as well."""
    space = f"answers-{secrets.token_hex(2)}"
    made = {"apiVersion": "v1", "kind": "List", "items": objects(space)}
    kubectl("apply", "-f", "-", stdin=json.dumps(made).encode())
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _Comparison(space, folder).run(seeds)
    finally:
        kubectl("delete", "namespace", space)  # to its end: others would find its addresses


class _Comparison:
    """What stays the same for every seed: the cluster's objects, the outside, the files."""

    def __init__(self, space: str, folder: str) -> None:
        self._folder = folder
        self._words = {
            "KUBECONFIG": os.environ["KUBECONFIG"],
            "SPACE": space,
            "FOLDER": folder,
            "UPSTREAM": free_port(),
        }
        listed = (json.loads(kubectl("get", kind, "-A", "-o", "json"))["items"] for kind in KINDS)
        self._objects = [each for items in listed for each in items]
        zone = self._told(ZONE)
        self._files = {f"{folder}/zone": zone, f"{folder}/hosts": HOSTS_FILE}
        for path, text in self._files.items():
            Path(path).write_text(text)
        self._said: dict[tuple[str, str], Reply] = {}

    def _told(self, text: str, **more: str) -> str:
        for word, value in {**self._words, **more}.items():
            text = text.replace(word, value)
        return text

    def run(self, seeds: range) -> Counts:
        """What came of SEEDS."""
        counts = Counts(0, 0, [])
        outside = UPSTREAM.replace("PORT", self._words["UPSTREAM"])
        with serving(self._told(outside), self._folder):
            for seed in seeds:
                asked, known, different = self._of_seed(seed)
                counts.different.extend(different)
                counts = Counts(counts.asked + asked, counts.known + known, counts.different)
        return counts

    def _of_seed(self, seed: int) -> Counts:
        chance = random.Random(seed)
        port = free_port()
        text = self._told(Draw(chance).corefile(), PORT=port)
        parsed = parse_corefile(text, files=self._files, version=release())
        with serving(text, self._folder) as is_loaded:
            if not is_loaded or not isinstance(parsed, Corefile):
                return Counts(0, 0, [])  # tests/e2e/test_corefile_setup.py
            server = ClusterDNS(
                corefile=parsed,
                object="kube-system/coredns",
                version=release(),
                files=self._files,
                directories=frozenset({self._folder}),
            )
            names = chance.sample(self._told(_NAMES).split(), 20)
            questions = [Question(f"{name}.", chance.choice(TYPES)) for name in names]
            compared = [self._question(each, server, port) for each in questions]
        known = [each for each in compared if each is not None]
        different = [
            Difference(seed, question, *each, text)
            for question, each in zip(questions, compared, strict=True)
            if each is not None and each[0] != each[1]
        ]
        return Counts(len(compared), len(known), different)

    def _question(
        self, question: Question, server: ClusterDNS, port: str
    ) -> tuple[Said, Said, str] | None:
        """What CoreDNS answers, what is foretold and by which rule; None where that is unknown."""
        served = answered(serve(question, server, "127.0.0.1"), self._tell)
        if isinstance(served.answer, UnknownReply):
            return None
        foretold = _said(served.answer) if isinstance(served.answer, Reply) else ("no reply", ())
        reply = ask(question, port)
        return ("no reply", ()) if reply is None else _said(reply), foretold, served.rule

    def _tell(self, need: object) -> object:
        if isinstance(need, UpstreamAsk):
            return self._outside(need.question)
        return select(need, self._objects)

    def _outside(self, question: Question) -> Reply:
        key = question.name, question.type
        if key not in self._said:
            self._said[key] = ask(question, self._words["UPSTREAM"]) or Reply(rcode=Rcode.SERVFAIL)
        return self._said[key]


def _said(reply: Reply) -> Said:
    """A reply without its order, TTLs and case."""
    found = {(each.name.lower(), each.type, each.data.lower()) for each in reply.answer}
    return reply.rcode.value, tuple(sorted(found))


def main() -> int:
    """Compare COUNT Corefiles from SEED on; 1 where something differs."""
    count, first = (int(each) for each in (*sys.argv[1:], "40", "0")[:2])
    asked, known, different = compare(range(first, first + count))
    for each in different:
        print(
            f"{each.seed}: {each.question.name} {each.question.type}\n  CoreDNS:  {each.real}\n"
            f"  foretold: {each.foretold}\n  {each.rule}\n{each.corefile}"
        )
    print(f"{asked} questions, {known} of which are foretold, {len(different)} otherwise")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main())
