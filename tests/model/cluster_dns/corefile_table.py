"""Corefiles and questions that a real CoreDNS was asked; answers: ../../cases/corefiles.json.

`python -m tests.model.cluster_dns.corefile_table COREDNS KUBECONFIG` asks it anew: it applies
OBJECTS, starts COREDNS on ports of this machine, one Corefile after another, and writes the answers
of its release into the file.
In a Corefile, UPSTREAM is a server that has UPSTREAM_HOSTS and says NXDOMAIN to the rest.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ANSWERS = Path(__file__).parents[2] / "cases/corefiles.json"
NAMESPACE = "corefile-shop"
UPSTREAM_HOSTS = {
    "www.example.org.": "192.0.2.80",
    "api.other.example.": "192.0.2.81",
    f"api.{NAMESPACE}.svc.cluster.local.": "192.0.2.82",
    "held.cluster.local.": "192.0.2.83",
    f"gone.{NAMESPACE}.svc.cluster.local.": "192.0.2.84",
}


def _service(name, labels=None, **spec):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": NAMESPACE, "name": name, "labels": labels or {}},
        "spec": {"ports": [{"name": "http", "port": 80, "protocol": "TCP"}], **spec},
    }


def _alias(name, target):
    spec = {"type": "ExternalName", "externalName": target}
    return {**_service(name), "spec": spec}


OBJECTS = (
    {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": NAMESPACE, "labels": {"kubernetes.io/metadata.name": NAMESPACE}},
    },
    _service("api", {"tier": "front"}, clusterIP="10.96.201.7", clusterIPs=["10.96.201.7"]),
    _service("db", clusterIP="None", clusterIPs=["None"]),
    {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "namespace": NAMESPACE,
            "name": "db-1",
            "labels": {"kubernetes.io/service-name": "db"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.1.2.3"], "hostname": "db-0"}],
        "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
    },
    _alias("to-api", f"api.{NAMESPACE}.svc.cluster.local"),
    _alias("to-nothing", f"gone.{NAMESPACE}.svc.cluster.local"),
    _alias("to-held", "held.cluster.local"),
    _alias("to-outside", "www.example.org"),
    _alias("to-nowhere", "nowhere.example.org"),
    _alias("to-rewritten", "old.example.org"),
)
KUBERNETES = "kubernetes cluster.local in-addr.arpa {\n KUBECONFIG\n}"
OWN = f"svc.cluster.local. {NAMESPACE}"
API, DB = f"api.{NAMESPACE}.svc.cluster.local.", f"db-0.db.{NAMESPACE}.svc.cluster.local."


def _own(name):
    return f"{name}.{NAMESPACE}.svc.cluster.local."


# id: (Corefile, questions as `NAME TYPE`)
TABLE = {
    "the kubernetes zone ends where it has no fallthrough": (
        ". {\n kubernetes cluster.local {\n KUBECONFIG\n }\n forward . UPSTREAM\n}\n",
        (API, f"{API} AAAA", "held.cluster.local.", "www.example.org.", _own("gone"), DB),
    ),
    "with fallthrough what is no Service goes on": (
        ". {\n kubernetes cluster.local {\n KUBECONFIG\n fallthrough\n }\n forward . UPSTREAM\n}\n",
        (API, f"{API} AAAA", "held.cluster.local.", _own("gone"), "absent.cluster.local."),
    ),
    "fallthrough for a zone alone": (
        (
            ". {\n kubernetes cluster.local in-addr.arpa {\n KUBECONFIG\n fallthrough in-addr.arpa\n }\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("held.cluster.local.", "9.9.9.9.in-addr.arpa. PTR", "7.201.96.10.in-addr.arpa. PTR"),
    ),
    "an alias in the zone is looked up in kubernetes alone": (
        (
            ". {\n hosts {\n 192.0.2.7 held.cluster.local\n fallthrough\n }\n"
            " kubernetes cluster.local {\n KUBECONFIG\n fallthrough\n }\n forward . UPSTREAM\n}\n"
        ),
        (
            *(_own("to-api"), _own("to-nothing"), _own("to-held"), f"{_own('to-held')} AAAA"),
            *("held.cluster.local.", _own("to-outside"), _own("to-nowhere"), _own("gone")),
        ),
    ),
    "an alias outside goes through the whole server": (
        (
            "other.example {\n forward . UPSTREAM\n}\n"
            ". {\n rewrite name old.example.org www.example.org\n"
            " kubernetes cluster.local {\n KUBECONFIG\n }\n forward . UPSTREAM\n}\n"
        ),
        (_own("to-rewritten"), "old.example.org."),
    ),
    "a rewritten name stays in its block": (
        (
            "shop.test {\n rewrite name suffix .shop.test .corefile-shop.svc.cluster.local answer auto\n"
            " forward . UPSTREAM\n}\n"
            ". {\n kubernetes cluster.local {\n KUBECONFIG\n }\n forward . UPSTREAM\n}\n"
        ),
        ("api.shop.test.", "db.shop.test.", API),
    ),
    "a block with rewrite and nothing that answers": (
        (
            "shop.test {\n errors\n rewrite name suffix .shop.test .corefile-shop.svc.cluster.local\n}\n"
            ". {\n kubernetes cluster.local {\n KUBECONFIG\n }\n}\n"
        ),
        ("api.shop.test.", "shop.test.", API, "www.example.org."),
    ),
    "a block with rewrite and kubernetes": (
        (
            "shop.test {\n rewrite name suffix .shop.test .corefile-shop.svc.cluster.local answer auto\n"
            " kubernetes cluster.local {\n KUBECONFIG\n }\n}\n"
        ),
        ("api.shop.test.", "gone.shop.test.", "api.shop.test. AAAA"),
    ),
    "rewrite without answer auto": (
        (
            ". {\n rewrite name regex (.*)[.]shop[.]test[.] {1}.corefile-shop.svc.cluster.local\n"
            " kubernetes cluster.local {\n KUBECONFIG\n }\n}\n"
        ),
        ("api.shop.test.", "gone.shop.test."),
    ),
    "template before hosts": (
        (
            ". {\n hosts {\n 192.168.0.11 vpn.shop.test\n fallthrough\n }\n"
            ' template IN A shop.test {\n answer "{{ .Name }} 60 IN A 192.0.2.77"\n }\n'
            " forward . UPSTREAM\n}\n"
        ),
        ("vpn.shop.test.", "vpn.shop.test. AAAA", "x.shop.test.", "www.example.org."),
    ),
    "template whose expression leaves names to hosts": (
        (
            ". {\n hosts {\n 192.168.0.11 vpn.shop.test\n fallthrough\n }\n"
            " template IN A shop.test {\n match ^(?P<n>[a-u])[.]shop[.]test[.]$\n"
            ' answer "{{ .Name }} 60 IN CNAME {{ .Group.n }}.example.org."\n fallthrough\n }\n'
            " forward . UPSTREAM\n}\n"
        ),
        ("vpn.shop.test.", "u.shop.test.", "z.shop.test."),
    ),
    "hosts with a file and a zone": (
        (
            ". {\n hosts /dev/null shop.test {\n 192.0.2.7 held.shop.test held.example.org\n"
            " fallthrough\n }\n forward . UPSTREAM\n}\n"
        ),
        ("held.shop.test.", "held.example.org.", "x.shop.test.", "7.2.0.192.in-addr.arpa. PTR"),
    ),
    "hosts with a file of no folder and a zone": (
        (
            ". {\n hosts none.such shop.test {\n 192.0.2.7 held.shop.test held.example.org\n"
            " fallthrough\n }\n forward . UPSTREAM\n}\n"
        ),
        ("held.shop.test.", "held.example.org."),
    ),
    "hosts with a zone in the place of the file": (
        (
            ". {\n hosts shop.test {\n 192.0.2.7 held.shop.test held.example.org\n"
            " fallthrough\n }\n forward . UPSTREAM\n}\n"
        ),
        ("held.shop.test.", "held.example.org.", "x.shop.test."),
    ),
    "hosts with a zone and no fallthrough": (
        ". {\n hosts /dev/null shop.test {\n 192.0.2.7 held.shop.test\n }\n forward . UPSTREAM\n}\n",
        ("x.shop.test.", "www.example.org.", "held.shop.test. AAAA", "held.shop.test. TXT"),
    ),
    "a block without any plugin that answers": (
        (
            "a.test {\n errors\n log\n}\nb.test {\n debug\n}\nc.test {\n}\n"
            "e.test {\n errors\n cache 30\n loadbalance\n}\nf.test {\n reload\n}\n"
            "h.test {\n loop\n}\ni.test {\n prometheus 127.0.0.1:9199\n minimal\n}\n"
            "j.test {\n root /tmp\n bufsize 1232\n nsid x\n}\nk.test {\n any\n}\n"
        ),
        (
            *("x.a.test.", "x.b.test.", "x.c.test.", "x.e.test.", "x.f.test.", "x.g.test."),
            *("x.h.test.", "x.i.test.", "x.j.test.", "x.k.test."),
        ),
    ),
    "expressions as Go reads them": (
        (
            ". {\n rewrite name regex (?i)^\\Qold.\\E(?P<rest>[[:alpha:]]+)\\.org\\.\\z www.{1}.org\n"
            " rewrite name regex (a+)+$ b\n forward . UPSTREAM\n}\n"
        ),
        ("old.example.org.", "OLD.example.org.", "old.exam1ple.org."),
    ),
    "a group that takes no part, and one that is not there": (
        (
            ". {\n rewrite name regex (x)?www[.](.*) {1}www.{2}\n rewrite name regex (v)[.](.*) {7}{2}\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("www.example.org.", "v.www.example.org."),
    ),
    "the ttl of an answer": (
        (
            ". {\n rewrite ttl regex .* 30-60\n forward . UPSTREAM\n}\n"
            "a.test {\n rewrite ttl a.test -20\n hosts {\n 192.0.2.7 a.test b.a.test\n ttl 300\n }\n}\n"
        ),
        ("www.example.org.", "a.test.", "b.a.test."),
    ),
    "an acl sees the name before or after rewrite": (
        (
            ". {\n rewrite name old.example.org www.example.org\n acl old.example.org {\n block net *\n }\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("old.example.org.", "www.example.org."),
    ),
    "an acl for the rewritten name": (
        (
            ". {\n rewrite name old.example.org www.example.org\n acl www.example.org {\n block net *\n }\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("old.example.org.", "www.example.org."),
    ),
    "a cname target that is rewritten": (
        (
            ". {\n rewrite cname exact www.example.org. api.other.example.\n"
            " kubernetes cluster.local {\n KUBECONFIG\n }\n forward . UPSTREAM\n}\n"
        ),
        (_own("to-outside"), "www.example.org."),
    ),
    "an expression whose groups keep the final dot": (
        (
            ". {\n rewrite name regex (.*)[.]shop[.](test[.]) {1}.shop.{2}\n"
            " rewrite name regex (.*)(org[.])$ {1}{2}\n forward . UPSTREAM\n}\n"
        ),
        ("a.shop.test.", "www.example.org."),
    ),
    "names that a rewrite makes too long": (
        (
            f". {{\n rewrite name prefix x. {'y' * 64}.\n rewrite name suffix .a.test .{'z' * 63}.a.test\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("x.b.test.", ".".join(["w" * 63] * 3) + ".a.test.", "w.a.test."),
    ),
    "rewrite of the type": (
        ". {\n rewrite type AAAA A\n forward . UPSTREAM\n}\n",
        ("www.example.org. AAAA", "www.example.org. A"),
    ),
    "rewrite continues and stops": (
        (
            ". {\n rewrite continue name a.shop.test b.shop.test\n"
            " rewrite stop name b.shop.test www.example.org\n rewrite name www.example.org x.test\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("a.shop.test.", "b.shop.test.", "www.example.org."),
    ),
    "rewrite of a prefix and of a part": (
        (
            ". {\n rewrite name prefix web. www.\n rewrite name substring .sample. .example.\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("web.example.org.", "www.sample.org.", "web.sample.org."),
    ),
    "rewrite of the response code": (
        (
            ". {\n rewrite rcode exact nowhere.example.org NXDOMAIN NOERROR\n"
            " rewrite rcode regex (.*)[.]shop[.]test[.] NXDOMAIN SERVFAIL\n forward . UPSTREAM\n}\n"
        ),
        ("nowhere.example.org.", "x.shop.test.", "www.example.org."),
    ),
    "rules for names and values of the answer": (
        (
            ". {\n rewrite name regex (.*)[.]shop[.]test[.] {1}.corefile-shop.svc.cluster.local "
            "answer name (.*)[.]corefile-shop[.]svc[.]cluster[.]local[.] {1}.shop.test "
            "answer value (.*)[.]corefile-shop[.]svc[.]cluster[.]local[.] {1}.shop.test\n"
            " kubernetes cluster.local {\n KUBECONFIG\n }\n forward . UPSTREAM\n}\n"
        ),
        ("api.shop.test.", "api.shop.test. SRV", "to-api.shop.test.", "gone.shop.test."),
    ),
    "template for any type, with other codes": (
        (
            ". {\n template ANY ANY a.shop.test {\n rcode NXDOMAIN\n }\n"
            " template IN A b.shop.test {\n rcode REFUSED\n }\n"
            ' template IN A shop.test {\n match "^ip-([0-9]+)-([0-9]+)-([0-9]+)-([0-9]+)[.]"\n'
            ' answer "{{ .Name }} 60 IN A {{ index .Match 1 }}.{{ index .Match 2 }}'
            '.{{ index .Match 3 }}.{{ index .Match 4 }}"\n }\n forward . UPSTREAM\n}\n'
        ),
        (
            *("x.a.shop.test.", "x.a.shop.test. TXT", "x.b.shop.test.", "x.b.shop.test. AAAA"),
            *("ip-192-0-2-5.shop.test.", "x.shop.test.", "x.shop.test. AAAA"),
        ),
    ),
    "template whose text is no address, or of one type alone": (
        (
            '. {\n template IN A a.shop.test {\n answer "{{ .Name }} 60 IN A api.example.org"\n }\n'
            ' template IN AAAA a.shop.test {\n answer "{{ .Name }} 60 IN AAAA 192.0.2.5"\n }\n'
            ' template ANY CNAME b.shop.test {\n answer "{{ .Name }} 60 IN CNAME www.example.org."\n }\n'
            ' template ANY A c.shop.test {\n answer "{{ .Name }} 60 IN CNAME www.example.org."\n }\n'
            ' template IN AAAA d.shop.test {\n answer "{{ .Name }} 60 IN AAAA 2001:db8::5"\n }\n'
            " forward . UPSTREAM\n}\n"
        ),
        (
            *("x.a.shop.test.", "x.a.shop.test. AAAA", "x.b.shop.test.", "x.b.shop.test. CNAME"),
            *("x.c.shop.test.", "x.c.shop.test. AAAA", "x.d.shop.test. AAAA"),
        ),
    ),
    "hosts of several addresses, families and letters": (
        (
            ". {\n hosts {\n 192.0.2.7 Many.shop.test other.shop.test.\n 192.0.2.8 many.shop.test\n"
            " 2001:db8::7 many.shop.test\n 300.0.2.9 bad.shop.test\n 192.0.2.9 *.wild.shop.test\n"
            " ttl 60\n fallthrough\n }\n forward . UPSTREAM\n}\n"
        ),
        (
            *("many.shop.test.", "MANY.shop.test. AAAA", "other.shop.test.", "bad.shop.test."),
            *("x.wild.shop.test.", "many.shop.test. TXT", "8.2.0.192.in-addr.arpa. PTR"),
        ),
    ),
    "a zone file behind kubernetes": (
        (
            ". {\n kubernetes cluster.local {\n KUBECONFIG\n fallthrough\n }\n"
            " template IN A cluster.local {\n match ^file[.]cluster[.]local[.]$\n"
            ' answer "{{ .Name }} 60 IN A 192.0.2.90"\n fallthrough\n }\n forward . UPSTREAM\n}\n'
        ),
        ("file.cluster.local.", "held.cluster.local.", API),
    ),
    "forward for a zone, with exceptions": (
        (
            ". {\n forward example.org UPSTREAM {\n except nowhere.example.org\n }\n"
            " hosts {\n 192.0.2.7 held.test\n fallthrough\n }\n}\n"
        ),
        (
            "www.example.org.",
            "nowhere.example.org.",
            "x.nowhere.example.org.",
            "held.test.",
            "x.test.",
        ),
    ),
    "views choose among blocks": (
        (
            "shop.test {\n view a {\n expr type() == 'AAAA'\n }\n hosts {\n 2001:db8::7 a.shop.test\n }\n}\n"
            "shop.test {\n view b {\n expr name() matches '^b[.]'\n }\n hosts {\n 192.0.2.7 b.shop.test\n }\n}\n"
            ". {\n forward . UPSTREAM\n}\n"
        ),
        ("a.shop.test. AAAA", "a.shop.test.", "b.shop.test.", "c.shop.test.", "www.example.org."),
    ),
    "local answers for localhost": (
        ". {\n local\n forward . UPSTREAM\n}\n",
        (
            *("localhost.", "localhost. AAAA", "localhost.example.org.", "a.localhost."),
            *("1.0.0.127.in-addr.arpa. PTR", "9.0.0.127.in-addr.arpa. PTR", "localhost. TXT"),
        ),
    ),
    "dns64 for every client": (
        ". {\n dns64 {\n allow_ipv4\n }\n forward . UPSTREAM\n}\n",
        ("www.example.org. AAAA", "www.example.org.", "nowhere.example.org. AAAA"),
    ),
    "options of the kubernetes plugin": (
        (
            ". {\n kubernetes cluster.local {\n KUBECONFIG\n namespaces corefile-shop\n ttl 60\n"
            " pods insecure\n noendpoints\n }\n forward . UPSTREAM\n}\n"
        ),
        (
            *(API, "kubernetes.default.svc.cluster.local.", DB, _own("db")),
            *("10-1-2-3.corefile-shop.pod.cluster.local.", "10-1-2-3.default.pod.cluster.local."),
            *(
                "corefile-shop.svc.cluster.local.",
                "default.svc.cluster.local.",
                "ns.dns.cluster.local. TXT",
            ),
        ),
    ),
    "services by port, and names of endpoints": (
        f". {{\n {KUBERNETES}\n}}\n",
        (
            *(f"_http._tcp.{API} SRV", f"_http._udp.{API} SRV", f"_web._tcp.{API} SRV"),
            *(f"_http._tcp.{_own('db')} SRV", f"{API} SRV", f"{_own('db')} SRV", f"x.{API}"),
            *(
                f"db-1.{_own('db')}",
                f"{DB} AAAA",
                f"{_own('db')} CNAME",
                f"{_own('to-outside')} CNAME",
            ),
            *("3.2.1.10.in-addr.arpa. PTR", f"{API} MX", f"a.b.c.d.{API}", f"_http._tcp.{API}"),
        ),
    ),
    "selectors of the kubernetes plugin": (
        (
            ". {\n kubernetes cluster.local {\n KUBECONFIG\n labels tier in (front,back),!old\n }\n}\n"
            "lab.home {\n kubernetes {\n KUBECONFIG\n labels tier notin (front)\n }\n}\n"
            "ns.home {\n kubernetes {\n KUBECONFIG\n"
            " namespace_labels kubernetes.io/metadata.name=corefile-shop\n }\n}\n"
        ),
        (
            *(API, f"api.{NAMESPACE}.svc.lab.home.", f"db.{NAMESPACE}.svc.lab.home."),
            *(f"api.{NAMESPACE}.svc.ns.home.", "kubernetes.default.svc.ns.home."),
            *(f"{NAMESPACE}.svc.ns.home.", "default.svc.ns.home."),
        ),
    ),
    "the longest zone is asked alone": (
        (
            "cluster.local {\n hosts {\n 192.0.2.7 held.cluster.local\n fallthrough\n }\n"
            " forward . UPSTREAM\n}\n. {\n kubernetes cluster.local {\n KUBECONFIG\n }\n"
            " forward . UPSTREAM\n}\n"
        ),
        ("held.cluster.local.", API, _own("to-outside"), "www.example.org."),
    ),
    "a zone of its own for the plugin": (
        ". {\n kubernetes lab.home {\n KUBECONFIG\n }\n forward . UPSTREAM\n}\n",
        ("grafana.lab.home.", f"api.{NAMESPACE}.svc.lab.home.", API, "lab.home.", "svc.lab.home."),
    ),
    "several zones of the plugin": (
        ". {\n kubernetes lab.home cluster.local {\n KUBECONFIG\n }\n forward . UPSTREAM\n}\n",
        (f"to-api.{NAMESPACE}.svc.lab.home.", _own("to-api"), "7.201.96.10.in-addr.arpa. PTR"),
    ),
}


def question_of(text):
    """(name, type) of `NAME [TYPE]`."""
    name, _, kind = text.partition(" ")
    return name, kind or "A"


def _record(coredns, kubeconfig):
    import dns.message  # noqa: PLC0415
    import dns.query  # noqa: PLC0415

    port, upstream_port = 5391, 5392
    hosts = "".join(f" {ip} {name}\n" for name, ip in UPSTREAM_HOSTS.items())
    # The rest is NXDOMAIN, which `template` would say before `hosts`: a server behind says it.
    upstream = (
        f".:{upstream_port} {{\n hosts /dev/null {{\n{hosts} ttl 300\n fallthrough\n }}\n"
        f" forward . 127.0.0.1:{upstream_port + 1}\n}}\n"
        f".:{upstream_port + 1} {{\n template ANY ANY {{\n rcode NXDOMAIN\n }}\n}}\n"
    )
    release = subprocess.run([coredns, "-version"], capture_output=True, text=True, check=True)
    answers = {}
    for case, (text, questions) in TABLE.items():
        corefile = text.replace("UPSTREAM", f"127.0.0.1:{upstream_port}")
        corefile = corefile.replace("KUBECONFIG", f"kubeconfig {kubeconfig}") + upstream
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "Corefile")
            path.write_text(corefile)
            argv = [coredns, "-conf", str(path), "-dns.port", str(port)]
            with (
                Path(folder, "log").open("w+b") as log,
                subprocess.Popen(argv, stdout=log, stderr=log, cwd=folder) as server,
            ):
                try:
                    _wait(port)
                    time.sleep(1.0 if "KUBECONFIG" in text else 0.2)
                    answers[case] = {}
                    for question in questions:
                        name, kind = question_of(question)
                        message = dns.message.make_query(name, kind)
                        reply = dns.query.udp(message, "127.0.0.1", port=port, timeout=8)
                        answers[case][question] = _reply(reply)
                finally:
                    server.terminate()
    version = re.search(r"CoreDNS-(\S+)", release.stdout)[1]
    rows = json.loads(ANSWERS.read_text("utf-8")) if ANSWERS.exists() else {}
    rows[version] = answers
    ANSWERS.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(version, sum(map(len, answers.values())), "answers")


def _wait(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(port)


def _reply(reply):
    import dns.rcode  # noqa: PLC0415

    rows = [
        f"{rrset.name} {rrset.ttl} {data.rdtype.name} {data}"
        for rrset in reply.answer
        for data in rrset
    ]
    return {
        "rcode": dns.rcode.to_text(reply.rcode()),
        "answer": rows,
        "soa": [str(each.name) for each in reply.authority if each.rdtype == 6],
    }


if __name__ == "__main__":
    subprocess.run(
        ["kubectl", "apply", "-f", "-"],
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": OBJECTS}).encode(),
        check=True,
    )
    _record(*sys.argv[1:3])
