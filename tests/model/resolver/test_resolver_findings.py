"""Symptoms of cluster-dns.md 7.1-7.3, 7.7 and hosts-file.md section 6: text in, reasons out."""

import pytest
from msgspec.structs import replace

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.dns import NoReply, Rcode, Record, Reply
from kubectl_hosts.model.findings import Reason
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver import libc
from kubectl_hosts.model.resolver.environment import Families, make_resolver
from kubectl_hosts.model.resolver.libc import CANDIDATES, STATIC
from kubectl_hosts.model.resolver.lookup import look_up
from kubectl_hosts.model.resolver.resolver_findings import FINDERS, LookupCase, resolver_findings
from kubectl_hosts.model.resolver.seen import agreed

CLUSTER = "shop.svc.cluster.local svc.cluster.local cluster.local"
RESOLV = "nameserver 10.96.0.10\nsearch {search}\noptions ndots:5\n"
DEFAULT = RESOLV.format(search=CLUSTER)
WITH_NODE = RESOLV.format(search=f"{CLUSTER} corp.example")
WORDS = {
    "nodata": Reply(),
    "servfail": Reply(rcode=Rcode.SERVFAIL),
    "refused": Reply(rcode=Rcode.REFUSED),
    "silent": NoReply(),
}
NXDOMAIN = Reply(rcode=Rcode.NXDOMAIN)


def answer(query, answers):
    name, kind = query.question.name, query.question.type
    said = answers.get(name)
    if said is None:
        return NXDOMAIN
    if said in WORDS:
        return WORDS[said]
    if said == "alias":
        return Reply(answer=(Record(name=name, type="CNAME", data="gone.example."),))
    if kind == "AAAA":
        return NXDOMAIN if said == "no AAAA" else Reply()
    address = "192.0.2.1" if said == "no AAAA" else said
    return Reply(answer=(Record(name=name, type="A", data=address),))


def walk(name, resolver, answers):
    return answered(look_up(name, resolver), lambda query: answer(query, answers or {}))


def make_case(name, stub=libc.GLIBC, answers=None, pod=None, family=Family.UNSPEC, **files):
    paths = {f"/etc/{key.replace('_', '.')}": text.encode() for key, text in files.items()}
    paths.setdefault("/etc/resolv.conf", DEFAULT.encode())

    def with_rules(rules, files):
        return replace(make_resolver(rules, files), families=Families(asked=family))

    resolver = with_rules(stub, paths)
    lookup = walk(name, resolver, answers)
    if stub is STATIC:
        others = [(each.id, walk(name, with_rules(each, paths), answers)) for each in CANDIDATES]
        lookup = agreed(lookup, others)
    spec = {"dnsPolicy": "None"} if pod is None else pod
    made = parse_pod({"metadata": {"namespace": "shop", "name": "p"}, "spec": spec})
    return LookupCase(lookup=lookup, resolver=resolver, pod=made)


def judge(name, *args, **case):
    return resolver_findings(make_case(name, *args, **case))


HIT = "192.0.2.1"
LONG = "10.0.0.1\t" + "\t".join(f"n{n:04}-name" for n in range(60)) + "\n"
WEB = {"web.shop.svc.cluster.local.": HIT}
OUTSIDE = {"www.example.com.": HIT}

SAID = [
    pytest.param(
        {"name": "DB", "stub": libc.MUSL, "hosts": "10.0.0.1 db\n"},
        Reason.HOSTS_NAME_CASE,
        id="C06",
    ),
    pytest.param(
        {"name": "n0050-name", "stub": libc.MUSL, "hosts": LONG},
        Reason.HOSTS_NAME_TOO_FAR_RIGHT,
        id="C07 S42",
    ),
    pytest.param(
        {"name": "db", "stub": libc.MUSL, "hosts": "10.0.0.1 db\n", "family": Family.INET6},
        Reason.HOSTS_OTHER_FAMILY_ONLY,
        id="C08",
    ),
    pytest.param(
        {"name": "db", "hosts": "10.0.0.1 db\n10.0.0.2 db\n"},
        Reason.HOSTS_FIRST_LINE_ONLY,
        id="C09 S48",
    ),
    pytest.param(
        {"name": "db.x.", "hosts": "10.0.0.1 db.x\n"}, Reason.HOSTS_NAME_FINAL_DOT, id="S44"
    ),
    pytest.param(
        {"name": "x", "hosts": "010.0.0.5 x\n"}, Reason.HOSTS_ADDRESS_REFUSED, id="S49 glibc"
    ),
    pytest.param(
        {"name": "x", "stub": libc.MUSL, "hosts": "010.0.0.5 x\n"},
        Reason.HOSTS_ADDRESS_MISREAD,
        id="S49 musl",
    ),
    pytest.param(
        {"name": "x", "stub": libc.MUSL, "hosts": "10.0.0.5 x"},
        Reason.HOSTS_LINE_NOT_READ,
        id="no newline",
    ),
    pytest.param(
        {"name": "db.shop.svc", "hosts": "10.0.0.1 db\n"}, Reason.HOSTS_WHOLE_NAME_ONLY, id="C02"
    ),
    pytest.param(
        {
            "name": "db",
            "stub": libc.GO_BEFORE_1_16,
            "hosts": "10.0.0.1 db\n",
            "answers": {"db.": HIT},
        },
        Reason.GO_ASKS_DNS_FIRST,
        id="C05 S35",
    ),
    pytest.param(
        {"name": "db", "hosts": "10.0.0.1 db\n", "nsswitch_conf": "hosts: dns\n"},
        Reason.FILES_NOT_FIRST,
        id="S37",
    ),
    pytest.param({"name": "localhost"}, Reason.LOCALHOST_NOT_IN_HOSTS, id="question 20"),
    pytest.param(
        {"name": "www.example.com", "answers": OUTSIDE}, Reason.SEARCH_LIST_WASTED, id="C12"
    ),
    pytest.param(
        {"name": "web.shop.svc.cluster.local", "answers": WEB}, Reason.FULL_NAME_SEARCHED, id="C13"
    ),
    pytest.param(
        {
            "name": "www.example.com",
            "answers": {"www.example.com.corp.example.": HIT},
            "resolv_conf": WITH_NODE,
        },
        Reason.CAPTURED_BY_SEARCH_DOMAIN,
        id="C14",
    ),
    pytest.param(
        {"name": "db", "answers": {"db.corp.example.": HIT}, "resolv_conf": WITH_NODE, "pod": {}},
        Reason.NODE_SEARCH_DOMAIN,
        id="C15",
    ),
    pytest.param(
        {"name": "db", "resolv_conf": RESOLV.format(search="localhost")},
        Reason.SEARCH_LIST_HAS_LOCALHOST,
        id="C16",
    ),
    pytest.param(
        {"name": "shop", "stub": libc.MUSL, "answers": {"shop.svc.cluster.local.": "nodata"}},
        Reason.MUSL_STOPPED_AT_EMPTY_ANSWER,
        id="C17",
    ),
    pytest.param(
        {"name": "dead", "answers": {"dead.shop.svc.cluster.local.": "alias"}},
        Reason.STOPPED_AT_ALIAS,
        id="C11b",
    ),
    pytest.param({"name": "a.b.c.d.e.f", "stub": libc.MUSL}, Reason.MUSL_DOES_NOT_SEARCH, id="C19"),
    pytest.param(
        {
            "name": "db",
            "stub": libc.MUSL,
            "resolv_conf": RESOLV.format(search=" ".join(["x" * 60] * 5)),
        },
        Reason.SEARCH_LINE_IGNORED,
        id="C21",
    ),
    pytest.param(
        {
            "name": "db",
            "pod": {"dnsConfig": {"nameservers": ["192.0.2.1"], "searches": ["gone.example"]}},
        },
        Reason.DNS_CONFIG_CUT,
        id="C20 question 23",
    ),
    pytest.param(
        {"name": "db", "resolv_conf": "nameserver 192.0.2.53\n"},
        Reason.NO_CLUSTER_SEARCH_LIST,
        id="C23",
    ),
    pytest.param(
        {"name": "db", "stub": libc.MUSL, "answers": {"db.shop.svc.cluster.local.": "servfail"}},
        Reason.MUSL_STOPPED_AT_FAILURE,
        id="C25",
    ),
    pytest.param(
        {"name": "db.", "stub": libc.MUSL, "answers": {"db.": "no AAAA"}},
        Reason.FAMILY_NOT_FOUND,
        id="C26",
    ),
    pytest.param(
        {"name": "db", "answers": {"db.shop.svc.cluster.local.": "refused"}},
        Reason.SEARCH_LIST_ABANDONED,
        id="C26b",
    ),
    pytest.param(
        {
            "name": "db",
            "stub": libc.MUSL,
            "resolv_conf": "nameserver 192.0.2.1\nnameserver 192.0.2.2\n",
        },
        Reason.NAMESERVERS_RACE,
        id="C27",
    ),
    pytest.param(
        {"name": "db", "hosts": "10.0.0.1 db\n"}, Reason.LOOKUP_COMMAND_DIFFERS, id="C29 S41"
    ),
    pytest.param(
        {"name": "web", "pod": {"hostNetwork": True}},
        Reason.HOST_NETWORK_NODE_DNS,
        id="C71 question 9",
    ),
    pytest.param(
        {"name": "web", "resolv_conf": "nameserver 169.254.20.10\n"},
        Reason.NODE_LOCAL_DNS_CACHE,
        id="question 21",
    ),
    pytest.param(
        {"name": "web", "resolv_conf": "nameserver 127.0.0.53\n", "pod": {}},
        Reason.LOOPBACK_NAMESERVER,
        id="question 24",
    ),
    pytest.param(
        {"name": "a.local", "nsswitch_conf": "hosts: files mdns4_minimal [NOTFOUND=return] dns\n"},
        Reason.MULTICAST_DNS_FIRST,
        id="C81",
    ),
    pytest.param(
        {"name": "a", "nsswitch_conf": "hosts: sss dns\n"},
        Reason.NSS_SERVICE_NOT_MODELLED,
        id="sss",
    ),
    pytest.param({"name": "1.2.3", "stub": libc.GO}, Reason.NAME_REFUSED_BY_GO, id="Go refuses"),
    pytest.param(
        {"name": "db", "stub": STATIC, "hosts": "10.0.0.1 db\n10.0.0.2 db\n"},
        Reason.RESOLVER_ASSUMED,
        id="no C library, and they differ",
    ),
]


@pytest.mark.parametrize(("case", "reason"), SAID)
def test_said(case, reason):
    assert reason in {finding.reason for finding in judge(**case)}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param({"name": "web", "answers": WEB, "pod": {}}, id="a short name of a Service"),
        pytest.param({"name": "web", "answers": WEB, "stub": libc.MUSL}, id="on musl"),
        pytest.param({"name": "web", "answers": WEB, "stub": libc.GO}, id="by Go"),
        pytest.param({"name": "www.example.com.", "answers": OUTSIDE}, id="an absolute name"),
        pytest.param({"name": "192.0.2.1"}, id="a literal"),
        pytest.param({"name": "nosuch"}, id="a name that does not exist"),
        pytest.param(
            {"name": "web", "answers": WEB, "pod": {"dnsConfig": {"searches": ["cluster.local"]}}},
            id="dnsConfig that is all there",
        ),
        pytest.param(
            {
                "name": "web.",
                "answers": {"web.": HIT},
                "pod": {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"},
            },
            id="hostNetwork with the right policy",
        ),
        pytest.param(
            {"name": "web", "answers": WEB, "nsswitch_conf": "hosts: mdns4_minimal dns\n"},
            id="mDNS and a name outside .local",
        ),
        pytest.param({"name": "a.", "stub": STATIC}, id="no C library, and none differs"),
    ],
)
def test_nothing_is_said_of(case):
    assert judge(**case) == ()


@pytest.mark.parametrize("find", FINDERS, ids=lambda find: find.__name__)
def test_the_table_reaches_every_finder(find):
    assert any(list(find(make_case(**param.values[0]))) for param in SAID)


def test_a_finding_reads_as_a_sentence_with_one_fix():
    (finding,) = [
        each
        for each in judge("www.example.com", answers=OUTSIDE)
        if each.reason is Reason.SEARCH_LIST_WASTED
    ]
    assert finding.message == (
        "3 names were tried before www.example.com: it has 2 dots, "
        "fewer than ndots:5, so the search list goes first"
    )
    assert finding.fix == (
        "Ask `www.example.com.` with a final dot, or set the dnsConfig option ndots to 2."
    )


def test_a_captured_name_says_whose_search_domain_it_was():
    found = judge(
        "www.example.com",
        answers={"www.example.com.corp.example.": HIT},
        resolv_conf=WITH_NODE,
        pod={},
    )
    (message,) = [each.message for each in found if each.reason is Reason.CAPTURED_BY_SEARCH_DOMAIN]
    assert "corp.example (from the node's resolv.conf)" in message


ROOT = "nameserver 10.96.0.10\nsearch shop.svc.cluster.local .\noptions ndots:5\n"


def test_musl_before_1_2_4_and_the_root_as_a_search_domain_is_no_silence():
    (finding,) = [
        each
        for each in judge("db", stub=libc.MUSL_BEFORE_1_2_4, resolv_conf=ROOT)
        if each.reason is Reason.MUSL_STOPPED_AT_FAILURE
    ]
    assert finding.message == (
        "musl before 1.2.4 cannot ask db.. (the search domain `.` adds the second dot) and stops"
    )


@pytest.mark.parametrize("stub", [libc.MUSL, libc.GLIBC, libc.GO], ids=lambda stub: stub.id)
def test_others_skip_the_root_and_find_the_name(stub):
    assert judge("db", stub=stub, resolv_conf=ROOT, answers={"db.": HIT}) == ()


# What no file or field says: which program looks, what a server answered, what nobody could see.
WITHOUT_A_PLACE = {
    Reason.LOOKUP_COMMAND_DIFFERS,
    Reason.FAMILY_NOT_FOUND,
    Reason.NAME_REFUSED_BY_GO,
    Reason.RESOLVER_ASSUMED,
}


@pytest.mark.parametrize(("case", "reason"), SAID)
def test_a_finding_names_the_file_or_field_that_it_is_about(case, reason):
    for found in judge(**case):
        assert bool(found.evidence) is (found.reason not in WITHOUT_A_PLACE), found


def test_the_evidence_is_the_line():
    (found,) = [
        each
        for each in judge(
            "web",
            resolv_conf="nameserver 127.0.0.53\nsearch svc.cluster.local\n",
            pod={"dnsPolicy": "Default"},
        )
        if each.reason is Reason.LOOPBACK_NAMESERVER
    ]
    (place,) = found.evidence
    assert (place.kind.value, place.object, place.line) == ("ResolvConf", "/etc/resolv.conf", 1)
