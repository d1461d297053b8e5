"""A pod on paper: files as text, objects as JSON; asked as the real one, by the real models."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.causes import find_causes
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply
from kubectl_hosts.model.evidence import (
    ContainerEvidence,
    CouldNotLook,
    FileRead,
    NodeEvidence,
    PodEvidence,
)
from kubectl_hosts.model.explain.case import (
    AddressObjects,
    Exchange,
    ExplainInputs,
    answer_from,
    conclude,
    is_as_meant,
    reconsider,
)
from kubectl_hosts.model.explain.explain import explain
from kubectl_hosts.model.explain.why import NOTHING, find_cause, name_context
from kubectl_hosts.model.explanation import Observed
from kubectl_hosts.model.hosts.judge import judge_hosts
from kubectl_hosts.model.hosts.kubelet import kubelet_hosts_file, learn_cluster_domain
from kubectl_hosts.model.objects import parse_object
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver.environment import make_resolver
from kubectl_hosts.model.resolver.libc import DetectedLibc, row_for
from kubectl_hosts.model.resolver.lookup import (
    look_up,
    look_up_address,
    look_up_records,
    questions_of,
)
from kubectl_hosts.model.resolver.outcome import Outcome, ReverseLookup
from kubectl_hosts.model.selectors import select


def predict(name, qtype, resolver, exchanges):
    """What a program gets for NAME, a literal address too, with these answers."""
    asked = look_up(name, resolver) if qtype in {"", "A", "AAAA"} else None
    walk = asked or look_up_records(name, qtype, resolver)
    return answered(walk, answer_from(exchanges))


def exchange_on_paper(question, nameserver, server):
    """QUESTION put to SERVER on paper, with the causes of what it says."""
    served = yield from serve(question, server)
    causes = yield from find_causes(question, served, server)
    return Exchange(question=question, nameserver=nameserver, served=served, causes=causes)


COREFILE = """\
.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    forward . 192.0.2.53
    cache 30
}
"""
RESOLV_CONF = """\
search shop.svc.cluster.local svc.cluster.local cluster.local
nameserver 10.96.0.10
options ndots:5
"""
NODE = NodeEvidence(name="node-1", kubelet_version="v1.34.4", operating_system="linux")
UID = "0b6b4d5c-0000-4000-8000-000000000001"
KUBELETS_FILE = (
    f"812 790 8:1 /var/lib/kubelet/pods/{UID}/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
).encode()
OUTSIDE = {"example.org.": "192.0.2.80", "db.example.org.": "192.0.2.81"}


def service(namespace, name, ip="10.96.0.77", **spec):
    body = {"clusterIP": ip, "clusterIPs": [ip], "ports": [{"name": "tcp", "port": 80}], **spec}
    return {"kind": "Service", "metadata": {"namespace": namespace, "name": name}, "spec": body}


def headless(namespace, name, **spec):
    return service(namespace, name, "None", **spec)


def external(namespace, name, target):
    spec = {"type": "ExternalName", "externalName": target}
    return {"kind": "Service", "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def slices(namespace, name, *endpoints):
    """Endpoints as (address, ready, hostname)."""
    return {
        "kind": "EndpointSlice",
        "metadata": {
            "namespace": namespace,
            "name": f"{name}-x",
            "labels": {"kubernetes.io/service-name": name},
        },
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": [ip], "conditions": {"ready": ready}, "hostname": hostname}
            for ip, ready, hostname in endpoints
        ],
        "ports": [{"name": "tcp", "port": 80, "protocol": "TCP"}],
    }


def pod_object(name="cart-7d", *, namespace="shop", ip="10.1.0.7", aliases=(), **spec):
    return {
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "uid": UID},
        "spec": {
            "nodeName": "node-1",
            "hostAliases": [{"ip": ip, "hostnames": list(names)} for ip, *names in aliases],
            "containers": [{"name": "app", "image": "example.org/app:1"}],
            **spec,
        },
        "status": {
            "phase": "Running",
            "podIPs": [{"ip": ip}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


@dataclass
class Paper:
    """A pod and its cluster; libc as `musl 1.2.3`, upstream as name to address."""

    objects: tuple = ()
    pod: dict = field(default_factory=pod_object)
    hosts: str | None = None
    """None: what the kubelet writes."""
    resolv_conf: str = RESOLV_CONF
    corefile: str = COREFILE
    libc: str = "glibc 2.36"
    files: dict = field(default_factory=dict)
    upstream: dict = field(default_factory=lambda: OUTSIDE)
    asked: dict = field(default_factory=dict)
    """(name, type) to what the real nameserver says."""
    policies: tuple | None = None
    not_checked: tuple = ()
    version: tuple | None = (1, 12, 1)
    is_down: bool = False
    """Whether the DNS Service selects no pod, or none that is ready (dns_addresses)."""
    dns_addresses: tuple | None = None

    @property
    def parsed(self):
        return parse_pod(self.pod)

    @property
    def hosts_bytes(self):
        if self.hosts is not None:
            return self.hosts.encode()
        return kubelet_hosts_file(self.parsed, kubelet_version="v1.34.4").to_bytes(
            node_hosts=b"127.0.0.1 localhost\n192.0.2.1 node-1\n"
        )

    @property
    def resolver(self):
        files = {
            "/etc/hosts": self.hosts_bytes,
            "/etc/resolv.conf": self.resolv_conf.encode(),
            **{path: text.encode() for path, text in self.files.items()},
        }
        return make_resolver(row_for(*self.libc.split()), files)

    @property
    def server(self):
        return ClusterDNS(
            corefile=parse_corefile(self.corefile),
            object="kube-system/coredns",
            version=self.version,
            service="kube-system/kube-dns",
            is_down=self.is_down,
            is_in_pod_network=True,
            addresses=self.dns_addresses,
        )

    def tell(self, need):
        if isinstance(need, UpstreamAsk):
            return self._outside(need.question)
        namespaces = {each["metadata"].get("namespace") for each in self.objects} | {"shop"}
        made = [{"kind": "Namespace", "metadata": {"name": each}} for each in namespaces if each]
        return select(need, [*made, self.pod, *self.objects])

    def _outside(self, question):
        found = self.upstream.get(question.name.lower())
        if found is None:
            return Reply(rcode=Rcode.NXDOMAIN)
        if not isinstance(found, str):
            return found
        record = Record(name=question.name, type="A", data=found, ttl=300)
        return Reply(answer=(record,) if question.type == "A" else ())

    def exchanges(self, name, qtype=""):
        server = self.resolver.resolv_conf.nameservers[0].text
        return tuple(
            replace(
                answered(exchange_on_paper(each, server, self.server), self.tell),
                asked=self.asked.get((each.name, each.type)),
            )
            for each in questions_of(name, qtype, self.resolver)
        )

    def hosts_report(self):
        files = (
            ("/etc/hosts", FileRead(self.hosts_bytes)),
            (
                "/proc/self/mountinfo",
                FileRead(self.files.get("mountinfo", "").encode() or KUBELETS_FILE),
            ),
        )
        evidence = ContainerEvidence(name="app", files=files)
        return judge_hosts(PodEvidence(pod=self.parsed, node=NODE, containers=(evidence,)))

    def inputs(self, name, qtype="", observed=True, **more):
        exchanges = self.exchanges(name, qtype)
        lookup = more.pop("lookup", None) or predict(name, qtype, self.resolver, exchanges)
        report = self.hosts_report()
        domain = learn_cluster_domain(self.parsed, resolv_conf=self.resolv_conf.encode())
        return ExplainInputs(
            name=name,
            type=qtype,
            pod=self.parsed,
            container="app",
            resolver=self.resolver,
            detected=DetectedLibc(stub=self.resolver.stub, version=self.libc.split()[1]),
            lookup=lookup,
            exchanges=exchanges,
            observed=_observation(observed, lookup),
            hosts=report.containers[0],
            hosts_findings=report.findings,
            server=self.server,
            cluster_domain=domain.text,
            policies=parsed("NetworkPolicy", self.policies),
            not_checked=self.not_checked,
            **more,
        )

    def explain(self, name, qtype="", observed=True, replies=None, **more):
        """observed: True for what was predicted, False for nobody looked, or addresses, or a value.

        With the cause of what does not lead where it should; without fixes.
        """
        inputs = self.inputs(name, qtype, observed, **more)
        case = conclude(inputs)
        _, why = self._run(find_cause(case, name_context(case), replies or {}))
        assert why == NOTHING or not is_as_meant(case, replies or {})
        return explain(reconsider(case, replace(inputs, why=why)))

    def _run(self, diagnosis):
        try:
            batch = next(diagnosis)
            while True:
                batch = diagnosis.send({each: select(each, self.objects) for each in batch})
        except StopIteration as end:
            return end.value

    def explain_address(self, address, **owners):
        kinds = {"services": "Service", "slices": "EndpointSlice", "pods": "Pod", "nodes": "Node"}
        typed = {key: parsed(kinds[key], objects) for key, objects in owners.items()}
        exchanges = self.exchanges(address, "PTR")
        walk = look_up_address(address, self.resolver)
        answer = answer_from(exchanges)
        try:
            query = next(walk)
            while True:
                query = walk.send(answer(query))
        except StopIteration as end:
            lookup = end.value
        return self.explain(address, "PTR", lookup=lookup, owners=AddressObjects(**typed))


def parsed(kind, objects):
    """Objects given as JSON, typed; None stays None."""
    return objects and tuple(parse_object(kind, each) for each in objects)


def _observation(observed, lookup):
    if observed is False:
        return CouldNotLook(what="the answer in the container", why="the image has no shell")
    if isinstance(observed, (Observed, CouldNotLook)):
        return observed
    if isinstance(observed, tuple):
        outcome = Outcome.FOUND if observed else Outcome.NXDOMAIN
        return Observed(outcome=outcome, by="getent ahosts", addresses=observed)
    found = lookup.addresses
    is_data = isinstance(lookup, ReverseLookup) or any(
        not each.replace(".", "").replace(":", "").isalnum() for each in found
    )
    return Observed(
        outcome=lookup.outcome,
        by="getent ahosts",
        addresses=() if is_data else found,
        data=found if is_data else (),
        canonical_name=lookup.canonical_name,
    )


def question(name, qtype="A"):
    return Question(name, qtype)
