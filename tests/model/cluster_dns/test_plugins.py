"""The plugins around `kubernetes`, each by a Corefile and a question."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
from kubectl_hosts.model.cluster_dns.plugin_setup import PLUGINS
from kubectl_hosts.model.cluster_dns.server import NOT_IN_THE_WAY, plugin_chain
from kubectl_hosts.model.dns import NoReply, Rcode, Record, Reply, UnknownReply
from tests.model.cluster_dns.paper_coredns import ask, namespaces, section

DB = {
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "db"},
    "spec": {"clusterIPs": ["10.96.0.7"], "ports": [{"name": "pg", "port": 5432}]},
}
ALIAS = {
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "mysql"},
    "spec": {"type": "ExternalName", "externalName": "db.corp.example"},
}
OBJECTS = [*namespaces(["shop"]), DB, ALIAS]
OUTSIDE = {
    ("db.corp.example.", "A"): Reply(
        answer=(Record(name="db.corp.example.", type="A", data="192.0.2.5", ttl=9),)
    ),
    ("gone.corp.example.", "A"): Reply(rcode=Rcode.NXDOMAIN),
    ("mesh.corp.example.", "A"): Reply(
        answer=(Record(name="mesh.corp.example.", type="A", data="240.240.0.1", ttl=9),)
    ),
}
STOCK = "kubernetes cluster.local in-addr.arpa ip6.arpa {\n pods insecure\n fallthrough in-addr.arpa ip6.arpa\n ttl 30\n }\n forward . /etc/resolv.conf\n cache 30\n loop\n reload\n loadbalance"


def block(*lines, key=".:53"):
    return f"{key} {{\n " + "\n ".join(lines) + "\n}\n"


def answer(corefile, qname, qtype="A", **keywords):
    """rcode and (name, type, data) of the answer section; the unknown by its name."""
    served = ask(corefile, qname, qtype, OBJECTS, upstream=OUTSIDE, **keywords)
    if isinstance(served.answer, UnknownReply):
        return served.answer.what
    if isinstance(served.answer, NoReply):
        return "silence"
    return served.answer.rcode.value, section(served.answer.answer)


def a(name, data):
    return {(name, "A", data)}


HOSTS = "hosts {\n 192.0.2.9 harbor.corp db.shop.svc.cluster.local\n 2001:db8::9 six.corp\n"


@pytest.mark.parametrize(
    ("lines", "qname", "qtype", "expected"),
    [
        pytest.param(
            (STOCK, f"{HOSTS} fallthrough\n}}"),
            "db.shop.svc.cluster.local.",
            "A",
            ("NOERROR", a("db.shop.svc.cluster.local.", "192.0.2.9")),
            id="hosts comes before kubernetes whatever the text order",
        ),
        pytest.param(
            (STOCK, f"{HOSTS} fallthrough\n}}"),
            "Harbor.Corp.",
            "AAAA",
            ("NOERROR", set()),
            id="hosts owns a name for the other family",
        ),
        pytest.param(
            (STOCK, f"{HOSTS} }}"), "x.corp.", "A", ("SERVFAIL", set()), id="no fallthrough"
        ),
        pytest.param(
            (STOCK, f"{HOSTS} fallthrough corp\n}}"),
            "db.corp.example.",
            "A",
            ("SERVFAIL", set()),
            id="fallthrough for another zone only",
        ),
        pytest.param(
            (STOCK, f"{HOSTS} fallthrough\n}}"),
            "db.corp.example.",
            "A",
            ("NOERROR", a("db.corp.example.", "192.0.2.5")),
            id="fallthrough: the next plugin answers",
        ),
        pytest.param(
            (STOCK, f"{HOSTS} fallthrough\n}}"),
            "9.2.0.192.in-addr.arpa.",
            "PTR",
            (
                "NOERROR",
                {
                    ("9.2.0.192.in-addr.arpa.", "PTR", "harbor.corp."),
                    ("9.2.0.192.in-addr.arpa.", "PTR", "db.shop.svc.cluster.local."),
                },
            ),
            id="hosts answers reverse names",
        ),
        pytest.param(
            (STOCK, "hosts harbor.corp {\n 192.0.2.9 harbor.corp\n fallthrough\n }"),
            "harbor.corp.",
            "A",
            ("NOERROR", a("harbor.corp.", "192.0.2.9")),
            id="a zone in the place of FILE is no file, and the lines count",
        ),
        pytest.param(
            (STOCK, "hosts /etc/coredns/NodeHosts {\n fallthrough\n }"),
            "node-1.",
            "A",
            "/etc/coredns/NodeHosts of the DNS server's pod (hosts, line 12)",
            id="a FILE that nobody read is not known",
        ),
        pytest.param(
            (STOCK, "foo bar"), "x.", "A", "plugin `foo` in Corefile line 12", id="a strange plugin"
        ),
        pytest.param(("errors",), "x.", "A", ("SERVFAIL", set()), id="the chain ends"),
        pytest.param((), "x.", "A", ("REFUSED", set()), id="an empty block"),
        pytest.param(
            (STOCK,),
            "mysql.shop.svc.cluster.local.",
            "A",
            (
                "NOERROR",
                {
                    ("mysql.shop.svc.cluster.local.", "CNAME", "db.corp.example."),
                    ("db.corp.example.", "A", "192.0.2.5"),
                },
            ),
            id="an ExternalName goes through the whole server",
        ),
        pytest.param(
            (
                'template IN A corp.example {\n match ^(?P<host>[^.]*)[.]corp[.]example[.]$\n answer "{{ .Name }} 60 IN A 198.51.100.1"\n}',
                STOCK,
            ),
            "mysql.shop.svc.cluster.local.",
            "A",
            (
                "NOERROR",
                {
                    ("mysql.shop.svc.cluster.local.", "CNAME", "db.corp.example."),
                    ("db.corp.example.", "A", "198.51.100.1"),
                },
            ),
            id="template sees the target of an alias",
        ),
        pytest.param(
            (
                'template IN A corp.example {\n match ^x[.]\n answer "{{ .Name }} 60 IN A 198.51.100.1"\n}',
                STOCK,
            ),
            "db.corp.example.",
            "A",
            ("SERVFAIL", set()),
            id="template without fallthrough fails where it does not match",
        ),
        pytest.param(
            ("template IN A corp.example {\n rcode NXDOMAIN\n}", STOCK),
            "db.corp.example.",
            "A",
            ("NXDOMAIN", set()),
            id="template NXDOMAIN",
        ),
        pytest.param(
            ("template IN CNAME corp.example {\n rcode NXDOMAIN\n}", STOCK),
            "db.corp.example.",
            "A",
            ("NOERROR", a("db.corp.example.", "192.0.2.5")),
            id="template of another type goes on",
        ),
        pytest.param(
            (
                'template IN A corp.example {\n answer "{{ .Remote }} 60 IN A 198.51.100.1"\n}',
                STOCK,
            ),
            "db.corp.example.",
            "A",
            "`template` in Corefile line 2 (the action `.Remote`)",
            id="an action that is not modelled is named",
        ),
        pytest.param(
            ("local", STOCK),
            "x.localhost.",
            "A",
            ("NOERROR", a("x.localhost.", "127.0.0.1")),
            id="local",
        ),
        pytest.param(
            ("dns64 {\n allow_ipv4\n}", STOCK),
            "db.shop.svc.cluster.local.",
            "AAAA",
            ("NOERROR", {("db.shop.svc.cluster.local.", "AAAA", "64:ff9b::a60:7")}),
            id="dns64 makes AAAA of A",
        ),
        pytest.param(
            ("acl {\n block net 10.0.0.0/8\n}", STOCK),
            "db.corp.example.",
            "A",
            ("REFUSED", set()),
            id="acl block",
        ),
        pytest.param(
            ("acl {\n allow net 10.1.0.0/16\n drop\n}", STOCK),
            "db.corp.example.",
            "A",
            "silence",
            id="acl drop",
        ),
        pytest.param(
            ("acl {\n block type AAAA net 10.0.0.0/8\n}", STOCK),
            "db.corp.example.",
            "A",
            ("NOERROR", a("db.corp.example.", "192.0.2.5")),
            id="acl for another type",
        ),
        pytest.param(
            ("rewrite name db.corp db.shop.svc.cluster.local", STOCK),
            "DB.corp.",
            "A",
            ("NOERROR", a("db.corp.", "10.96.0.7")),
            id="rewrite exact puts the asked name back",
        ),
        pytest.param(
            ("rewrite name suffix .corp .shop.svc.cluster.local", STOCK),
            "db.corp.",
            "A",
            ("NOERROR", a("db.shop.svc.cluster.local.", "10.96.0.7")),
            id="rewrite suffix without an answer rule leaves the foreign name",
        ),
        pytest.param(
            ("rewrite name suffix .corp .shop.svc.cluster.local answer auto", STOCK),
            "db.corp.",
            "A",
            ("NOERROR", a("db.corp.", "10.96.0.7")),
            id="answer auto",
        ),
        pytest.param(
            (
                r"rewrite name regex (.*)\.corp {1}.shop.svc.cluster.local answer name (.*)\.shop\.svc\.cluster\.local {1}.corp",
                STOCK,
            ),
            "db.corp.",
            "A",
            ("NOERROR", a("db.corp.", "10.96.0.7")),
            id="answer name",
        ),
        pytest.param(
            ("rewrite {\n name suffix .corp .shop.svc.cluster.local\n answer auto\n}", STOCK),
            "db.corp.",
            "A",
            ("NOERROR", a("db.corp.", "10.96.0.7")),
            id="a rule in braces",
        ),
        pytest.param(
            (
                "rewrite cname a.example b.example",
                "rewrite name db.corp db.shop.svc.cluster.local",
                STOCK,
            ),
            "db.corp.",
            "A",
            "db.corp. outside",
            id="a cname rule ends the list for every name",
        ),
        pytest.param(
            (
                "rewrite continue cname a.example b.example",
                "rewrite name db.corp db.shop.svc.cluster.local",
                STOCK,
            ),
            "db.corp.",
            "A",
            ("NOERROR", a("db.corp.", "10.96.0.7")),
            id="unless it goes on",
        ),
        pytest.param(
            ("rewrite cname db.corp.example db.shop.svc.cluster.local", STOCK),
            "mysql.shop.svc.cluster.local.",
            "A",
            (
                "NOERROR",
                {
                    ("mysql.shop.svc.cluster.local.", "CNAME", "db.shop.svc.cluster.local."),
                    ("db.shop.svc.cluster.local.", "A", "10.96.0.7"),
                },
            ),
            id="a cname rule gives an alias another target",
        ),
        pytest.param(
            ("rewrite type A AAAA", STOCK),
            "db.shop.svc.cluster.local.",
            "A",
            ("NOERROR", set()),
            id="type",
        ),
        pytest.param(
            ("rewrite rcode gone.corp.example NXDOMAIN NOERROR", STOCK),
            "gone.corp.example.",
            "A",
            ("NOERROR", set()),
            id="rcode",
        ),
        pytest.param(
            ("rewrite class IN CH", STOCK),
            "x.",
            "A",
            "the `rewrite` rule in Corefile line 2",
            id="class",
        ),
        pytest.param(
            (
                "kubernetes cluster.local",
                "forward corp.example 192.0.2.53 {\n except gone.corp.example\n}",
            ),
            "gone.corp.example.",
            "A",
            ("SERVFAIL", set()),
            id="forward leaves out its exceptions",
        ),
    ],
)
def test_a_block_answers(lines, qname, qtype, expected):
    assert answer(block(*lines), qname, qtype, client="10.0.0.9") == expected


@pytest.mark.parametrize(
    ("qname", "expected"),
    [
        pytest.param("a.corp.example.", "corp.example.", id="the longest zone"),
        pytest.param("a.corp.example.com.", ".", id="whole labels"),
        pytest.param(
            "db.shop.svc.cluster.local.", "shop.svc.cluster.local.", id="a block hides a namespace"
        ),
    ],
)
def test_the_block_with_the_longest_zone_serves(qname, expected):
    corefile = (
        block("forward . 192.0.2.1", key="corp.example")
        + block(STOCK)
        + block("forward . 192.0.2.2", key="Shop.svc.cluster.local")
        + block("forward . 192.0.2.3", key="corp.example:1053")
    )
    served = ask(corefile, qname, objects=OBJECTS)
    assert served.trail[0].did == f"block {expected}"


@pytest.mark.parametrize(
    "plugin", ["any", "chaos", "loadbalance", "log", "minimal", "header {\n response set aa\n}"]
)
def test_a_plugin_that_changes_no_record_is_passed(plugin):
    assert answer(block(plugin, STOCK), "db.shop.svc.cluster.local.") == (
        "NOERROR",
        a("db.shop.svc.cluster.local.", "10.96.0.7"),
    )


def test_each_plugin_of_coredns_has_its_place_and_those_without_one_come_first():
    plugins = tuple(Directive(name=each, line=1) for each in PLUGINS)
    server = ServerBlock(keys=(), line=1, plugins=plugins)
    chain = [each[0].name for each in plugin_chain(server)]
    assert chain[:1] == ["nomad"]  # of 1.13 alone
    assert not set(PLUGINS) - {*chain, *NOT_IN_THE_WAY}


@pytest.mark.parametrize(
    ("qname", "rule"),
    [
        pytest.param(
            "db.shop.svc.cluster.local.",
            "Service shop/db answers with its cluster IPs",
            id="kubernetes comes before it",
        ),
        pytest.param(
            "db.corp.example.",
            "`proxy` sends the name to 192.0.2.2, whose answer is final",
            id="the longest FROM takes the name",
        ),
        pytest.param(
            "www.example.org.",
            "`proxy` sends the name to 192.0.2.1, whose answer is final",
            id="left alone: another name",
        ),
    ],
)
def test_proxy_of_old_releases_sends_names_on_as_forward_does(qname, rule):
    lines = ("proxy . 192.0.2.1", "proxy corp.example 192.0.2.2", "kubernetes cluster.local")
    served = ask(block(*lines), qname, "A", OBJECTS, upstream=OUTSIDE, version=(1, 4, 0))
    assert served.rule == rule


def test_no_block_refuses():
    served = ask(block("forward . 192.0.2.1", key="corp.example"), "x.example.")
    assert served.answer == Reply(rcode=Rcode.REFUSED)


def test_an_answer_through_a_stub_block_names_its_line_and_servers():
    corefile = block(STOCK) + block("forward . 192.0.2.1 192.0.2.2", key="corp.example:53")
    served = ask(corefile, "db.corp.example.", upstream=OUTSIDE)
    assert (served.origin.kind.value, served.origin.line) == ("StubDomain", 14)
    assert served.rule == "`forward` sends the name to 192.0.2.1 192.0.2.2, whose answer is final"


def test_an_address_that_istio_made_up_is_no_upstreams():
    served = ask(block(STOCK), "mesh.corp.example.", upstream=OUTSIDE)
    assert (served.origin.kind.value, served.answer.origin.kind.value) == 2 * ("IstioProxy",)
    assert served.rule.startswith("the Istio proxy in the pod answers")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param((1, 12, 1), ("NXDOMAIN", set()), id="measured on 1.12.1"),
        pytest.param((1, 14, 5), ("NOERROR", a("x.localhost.", "127.0.0.1")), id="since 1.14.5"),
    ],
)
def test_names_below_localhost_depend_on_the_release(version, expected):
    assert answer(block("local", STOCK), "x.localhost.", version=version) == expected


def test_braces_after_a_dns64_prefix_are_not_read():
    # Measured on CoreDNS 1.12.1.
    corefile = block("dns64 64:ff9b:1::/64 {\n allow_ipv4\n}", STOCK)
    client = "10.0.0.9"
    assert answer(corefile, "db.shop.svc.cluster.local.", "AAAA", client=client) == (
        "NOERROR",
        set(),
    )


ZONE_FILE = """\
corp.example. 60 IN SOA a. b. 1 2 3 4 5
corp.example. 60 IN NS ns.corp.example.
db.corp.example. 60 IN A 192.0.2.5
alias.corp.example. 60 IN CNAME db.corp.example.
*.wild.corp.example. 60 IN A 192.0.2.6
deep.a.corp.example. 60 IN A 192.0.2.7
part.corp.example. 60 IN NS ns.part.corp.example.
ns.part.corp.example. 60 IN A 192.0.2.8
gone.corp.example. 60 IN CNAME nosuch.shop.svc.cluster.local.
none.corp.example. 60 IN CNAME nosuch.corp.example.
text.corp.example. 60 IN CNAME db.corp.example.
"""


@pytest.mark.parametrize(
    ("qname", "expected"),
    [
        pytest.param(
            "db.corp.example.", ("NOERROR", a("db.corp.example.", "192.0.2.5")), id="a name"
        ),
        pytest.param(
            "alias.corp.example.",
            (
                "NOERROR",
                {
                    ("alias.corp.example.", "CNAME", "db.corp.example."),
                    ("db.corp.example.", "A", "192.0.2.5"),
                },
            ),
            id="an alias is followed",
        ),
        pytest.param(
            "q.wild.corp.example.",
            ("NOERROR", a("q.wild.corp.example.", "192.0.2.6")),
            id="a wildcard",
        ),
        pytest.param("a.corp.example.", ("NOERROR", set()), id="an empty non-terminal"),
        pytest.param("x.corp.example.", ("NXDOMAIN", set()), id="no such name"),
        *(
            pytest.param(f"{name}part.corp.example.", ("NOERROR", set()), id=f"{name} delegated")
            for name in ("", "ns.", "x.")
        ),
        pytest.param(
            "gone.corp.example.",
            ("NXDOMAIN", {("gone.corp.example.", "CNAME", "nosuch.shop.svc.cluster.local.")}),
            id="an alias of a name that is not there",
        ),
        pytest.param(
            "none.corp.example.",
            ("NXDOMAIN", {("none.corp.example.", "CNAME", "nosuch.corp.example.")}),
            id="an alias of none of its own",
        ),
    ],
)
def test_a_zone_file_answers(qname, expected):
    corefile = block("file /zones/corp corp.example", STOCK)
    assert answer(corefile, qname, files={"/zones/corp": ZONE_FILE}) == expected


@pytest.mark.parametrize("files", [{}, {"/zones/corp": "((("}])
def test_a_zone_file_that_cannot_be_read_is_not_known(files):
    corefile = block("file /zones/corp corp.example", STOCK)
    assert "/zones/corp" in answer(corefile, "db.corp.example.", files=files)


@pytest.mark.parametrize(
    ("qname", "rule"),
    [
        pytest.param("db.corp.example.", "zone file /zones/corp of zone .", id="a record"),
        pytest.param(
            "a.corp.example.",
            "zone file /zones/corp of zone . has no A record for it",
            id="a name without one",
        ),
        pytest.param(
            "x.example.", "zone file /zones/corp of zone . has no such name", id="no such name"
        ),
    ],
)
def test_a_zone_file_without_a_zone_is_for_all_of_its_block(qname, rule):
    text = "\n".join(line for line in ZONE_FILE.split("\n") if " NS " not in line)
    corefile = block("file /zones/corp", "forward . 192.0.2.1")
    assert ask(corefile, qname, files={"/zones/corp": text}).rule == rule


def test_without_a_zone_the_name_servers_of_one_in_it_are_all_that_is_said_of_it():
    corefile = block("file /zones/corp", "forward . 192.0.2.1")
    served = ask(corefile, "db.corp.example.", files={"/zones/corp": ZONE_FILE})
    assert (served.answer, served.rule) == (
        Reply(
            authority=(Record(name="corp.example.", type="NS", data="ns.corp.example.", ttl=60),)
        ),
        "zone file /zones/corp of zone . only refers to the name servers of corp.example",
    )


def test_an_alias_out_of_the_zone_gave_its_target_s_rcode_from_1_8_3_on():
    corefile, files = block("file /zones/corp corp.example", STOCK), {"/zones/corp": ZONE_FILE}
    before = answer(corefile, "gone.corp.example.", files=files, version=(1, 8, 0))
    after = answer(corefile, "gone.corp.example.", files=files, version=(1, 8, 3))
    assert (before[0], after[0]) == ("NOERROR", "NXDOMAIN")


@pytest.mark.parametrize(
    ("lines", "version", "rcode"),
    [
        pytest.param("", (1, 12, 3), "REFUSED", id="the last plugin"),
        pytest.param("", (1, 12, 2), "SERVFAIL", id="before 1.12.3"),
        pytest.param("loop", (1, 12, 3), "SERVFAIL", id="a plugin behind it"),
        pytest.param("minimal", (1, 12, 3), "SERVFAIL", id="one that waits for a message"),
    ],
)
def test_a_last_file_refuses_what_is_in_none_of_its_zones(lines, version, rcode):
    corefile = f".:53 {{\n file /zones/corp corp.example\n {lines}\n}}\n"
    files = {"/zones/corp": ZONE_FILE}
    assert answer(corefile, "other.example.", files=files, version=version) == (rcode, set())


def test_any_soa_of_a_zone_file_is_the_zone_s():
    text = "other.example. IN SOA a. b. 1 2 3 4 5\ndb 60 IN A 192.0.2.5\n"
    corefile = block("file /zones/corp corp.example", STOCK)
    found = answer(corefile, "db.corp.example.", files={"/zones/corp": text})
    assert found == ("NOERROR", a("db.corp.example.", "192.0.2.5"))


def test_a_zone_file_without_soa_is_not_loaded():
    corefile = block("file /zones/corp corp.example", STOCK)
    said = answer(corefile, "db.corp.example.", files={"/zones/corp": "db 60 A 192.0.2.5\n"})
    assert said == (
        "zone file /zones/corp of zone corp.example has no SOA record: CoreDNS does not load the "
        "Corefile"
    )


def test_a_ttl_rule_changes_only_the_ttl():
    corefile = block("rewrite ttl suffix .cluster.local 60-90", STOCK)
    served = ask(corefile, "db.shop.svc.cluster.local.", objects=OBJECTS)
    assert served.answered == (
        Record(name="db.shop.svc.cluster.local.", type="A", data="10.96.0.7", ttl=60),
    )


def test_the_soa_of_a_rewritten_name_betrays_the_rule():
    corefile = block("rewrite name old.corp gone.shop.svc.cluster.local", STOCK)
    served = ask(corefile, "old.corp.", objects=OBJECTS)
    assert (served.answer.rcode, served.answer.soa.name) == (Rcode.NXDOMAIN, "cluster.local.")


def test_aliases_that_lead_round_in_circles_end():
    corefile = block(
        'template IN A corp.example {\n answer "{{ .Name }} 60 IN CNAME {{ .Name }}"\n}', STOCK
    )
    served = ask(corefile, "db.corp.example.")
    assert isinstance(served.answer, UnknownReply)


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        pytest.param(
            "10.96.0.7", "what Service shop/db (10.96.0.7) says to a.test", id="a Service's"
        ),
        pytest.param(
            "10.96.0.7:5353",
            "what Service shop/db (10.96.0.7:5353) says to a.test",
            id="with a port",
        ),
        pytest.param("10.96.0.8", "a.test. outside", id="an address that no Service has"),
        pytest.param(
            "10.96.0.7 198.51.100.3", "a.test. outside", id="only the first is a Service's"
        ),
        pytest.param("/etc/resolv.conf", "a.test. outside", id="the nameservers of the DNS pod"),
    ],
)
def test_a_server_that_nobody_asked_is_called_what_it_is(servers, said):
    assert answer(block(f"forward . {servers}"), "a.test.") == said


VIEWS = (
    ".:53 {\n view inside {\n expr %s\n }\n forward . 192.0.2.1\n}\n"
    ".:53 {\n forward . 192.0.2.2\n}\n"
)


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        pytest.param("incidr(client_ip(), '10.0.0.0/8')", 5, id="the client's network"),
        pytest.param("incidr(client_ip(), '10.1.0.0/16')", 8, id="another network"),
        pytest.param(
            "type() in ['A', 'AAAA'] && name() endsWith 'corp.example.'", 5, id="both hold"
        ),
        pytest.param("type() == 'MX' || name() startsWith 'x.'", 8, id="neither holds"),
        pytest.param("metadata('a/b') == 'c'", None, id="not modelled"),
    ],
)
def test_a_view_decides_which_block_answers(expression, line):
    served = ask(VIEWS % expression, "db.corp.example.", upstream=OUTSIDE, client="10.0.0.9")
    if line is None:
        assert served.answer.what == "the `view` of the server block in Corefile line 1"
    else:
        assert served.origin.line == line


@pytest.mark.parametrize(
    ("cache", "qname", "seconds"),
    [
        pytest.param("cache 30", "a.cluster.local.", "30 s", id="the cap"),
        pytest.param("cache", "a.cluster.local.", "3600 s", id="no cap"),
        pytest.param("cache 30 corp.example", "a.cluster.local.", None, id="other zones"),
        pytest.param(
            "cache 30 {\n disable success cluster.local\n disable denial cluster.local\n}",
            "a.cluster.local.",
            None,
            id="both disabled",
        ),
        pytest.param(
            "cache 30 {\n disable success cluster.local\n}",
            "a.cluster.local.",
            "30 s",
            id="denials stay",
        ),
    ],
)
def test_a_cache_is_a_note_not_an_answer(cache, qname, seconds):
    served = ask(block(cache, "forward . 192.0.2.1"), qname, version=(1, 12, 0))
    expected = (
        f"an older answer may come from the cache for up to {seconds} (`cache`, Corefile line 2)",
    )
    assert served.notes == (expected if seconds else ())


@pytest.mark.parametrize(
    ("labels", "rcode"),
    [
        pytest.param("", "NOERROR", id="all objects"),
        pytest.param("labels app=web", "NOERROR", id="a pod that has them"),
        pytest.param("labels app=api", "NXDOMAIN", id="one that has not"),
    ],
)
def test_the_labels_of_kubernetes_are_for_verified_pods_too(labels, rcode):
    corefile = f".:53 {{\n kubernetes cluster.local {{\n pods verified\n {labels}\n }}\n}}\n"
    web = {
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "status": {"phase": "Running", "podIP": "10.1.0.7", "podIPs": [{"ip": "10.1.0.7"}]},
    }
    objects = [*namespaces(["shop"]), web]
    said = ask(corefile, "10-1-0-7.shop.pod.cluster.local.", objects=objects).answer
    assert said.rcode.value == rcode
