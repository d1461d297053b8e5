"""Cases of ../../cases/coredns.json as a ClusterDNS, its objects and what upstreams say."""

from __future__ import annotations

import json
from pathlib import Path

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select

FLAGS = (("ignore_empty_service", "ignore empty_service"), ("zonal", "zonal"))
TABLES = json.loads((Path(__file__).parents[2] / "cases/coredns.json").read_text("utf-8"))


def namespaces(names):
    return [{"kind": "Namespace", "metadata": {"name": name}} for name in names]


def corefile_of(text, **files):
    parsed = parse_corefile(text, files=files)
    assert isinstance(parsed, Corefile), parsed
    return parsed


def ask(text, qname, qtype="A", objects=(), *, upstream=None, client="", files=None, **server):
    """What a server with this Corefile answers; upstream maps (name, type) to a Reply."""
    dns = ClusterDNS(
        corefile=corefile_of(text.replace("UPSTREAM", "192.0.2.53")),
        object="kube-system/coredns",
        files=files or {},
        **server,
    )

    def tell(need):
        if isinstance(need, UpstreamAsk):
            key = (need.question.name.lower(), need.question.type)
            return (upstream or {}).get(key, UnknownReply(f"{need.question.name} outside"))
        return select(need, objects)

    return answered(serve(Question(qname, qtype), dns, client), tell)


def case_objects(case):
    if "fixture" not in case:
        return [*namespaces(case["namespaces"]), *case["objects"]]
    if case["fixture"] == "none":
        return []
    fixture = TABLES["fixtures"][case["fixture"]]
    extra = case["config"].get("extra_objects", [])
    return [*namespaces(fixture["namespaces"]), *fixture["objects"], *extra]


def case_corefile(config):
    """The server block that a case's `config` stands for."""
    if config.get("plugin") == "hosts":
        fall = "" if not config["fallthrough"] else "fallthrough\n"
        return f".:53 {{\n hosts /cases/hosts {{\n ttl {config['ttl']}\n {fall} }}\n}}\n"
    options = [f"pods {config.get('pods', 'disabled')}", f"ttl {config['ttl']}"]
    options += [
        f"{name} {' '.join(config[name])}"
        for name in ("namespaces", "multicluster", "fallthrough")
        if config.get(name)
    ]
    options += [option for key, option in FLAGS if config.get(key)]
    plugins = [f"kubernetes {' '.join(config['zones'])} {{\n " + "\n ".join(options) + "\n }"]
    if config.get("plugin") == "k8s_external":
        plugins = [
            f"k8s_external {' '.join(config['zones'])} {{\n ttl {config['ttl']}\n headless\n }}",
            "kubernetes cluster.local {\n " + "\n ".join(options) + "\n }",
        ]
    if "file_zone" in config:
        plugins.append(f"file /cases/zone {config['file_zone']['origin']}")
    if "autopath" in config.get("corefile", ""):
        plugins.append("autopath @kubernetes")
    plugins.append("forward . 192.0.2.53")
    return ".:53 {\n " + "\n ".join(plugins) + "\n}\n"


def case_files(config):
    files = {}
    if "hosts_file" in config:
        files["/cases/hosts"] = "\n".join(config["hosts_file"]) + "\n"
    if "file_zone" in config:
        origin = config["file_zone"]["origin"]
        soa = f"{origin} 303 IN SOA sns.dns.icann.org. noc.dns.icann.org. 1 7200 3600 1209600 3600"
        rows = [
            f"{name} 303 IN {kind} {data}" for name, kind, data in config["file_zone"]["records"]
        ]
        files["/cases/zone"] = (
            "\n".join([soa, f"{origin} 303 IN NS a.iana-servers.net.", *rows]) + "\n"
        )
    return files


def case_upstream(case):
    rows = case["config"].get("stub_upstream", [])
    upstream = {
        (name, kind): Reply(answer=(Record(name=name, type=kind, data=data, ttl=303),))
        for name, kind, data in rows
    }
    # k8s_external-19: upstream's test has no upstream at all; the alias comes alone.
    upstream["dummy.hostname.", "A"] = Reply(rcode=Rcode.NXDOMAIN)
    if "upstream" in case:
        answer = tuple(Record(**record) for record in case["upstream"]["answer"][:1])
        upstream[(answer[0].name, answer[0].type)] = Reply(answer=answer, truncated=True)
    return upstream


def section(records):
    """What a case compares: (name, type, data), without regard to case, SOA numbers and weight."""
    return {(r.name.lower(), r.type, comparable(r.type, r.data)) for r in records}


def expected_section(rows):
    return {(r["name"].lower(), r["type"], comparable(r["type"], r["data"])) for r in rows}


def comparable(kind, data):
    words = data.lower().split()
    return " ".join(words[:2] if kind == "SOA" else words)
