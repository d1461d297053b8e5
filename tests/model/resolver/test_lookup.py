"""The walk, by the rows of cluster-dns.md 5.1; each was measured on the C library it names."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.dns import NoReply, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver import libc
from kubectl_hosts.model.resolver.environment import Families, make_resolver
from kubectl_hosts.model.resolver.lookup import look_up
from kubectl_hosts.model.resolver.outcome import Outcome

ROWS = [stub for rows in libc._ROWS.values() for _, stub in rows]
MUSL_1_2_3 = libc.MUSL_BEFORE_1_2_4
RESOLV = "nameserver 192.0.2.53\nsearch one.example two.example\noptions ndots:{ndots}\n"


def record(name, kind, data):
    return Record(name=name, type=kind, data=data)


WORDS = {
    "nodata": Reply(),
    "nxdomain": Reply(rcode=Rcode.NXDOMAIN),
    "servfail": Reply(rcode=Rcode.SERVFAIL),
    "refused": Reply(rcode=Rcode.REFUSED),
    "formerr": Reply(rcode=Rcode.FORMERR),
    "silent": NoReply(),
    "lame": Reply(recursion_available=False),
    "unknown": UnknownReply("what the upstream says"),
}


class Zone:
    """Answers by name, and by type where the families differ: words, or an address."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def __call__(self, query):
        name, kind = query.question.name, query.question.type
        self.asked.append((name, kind, query.nameserver))
        found = self.answers.get((name, query.nameserver)) or self.answers.get(name, "nxdomain")
        if isinstance(found, dict):
            found = found.get(kind, "nodata")
        return WORDS.get(found) or self.reply(name, kind, found)

    def reply(self, name, kind, found):
        if found == "alias":
            return Reply(answer=(record(name, "CNAME", "gone.example."),))
        if found == "foreign":
            return Reply(answer=(record("other.example.", "A", "192.0.2.66"),))
        has = (kind == "AAAA") == (":" in found)
        return Reply(answer=(record(name, kind, found),)) if has else Reply()


ANY_FAMILY = Families()


def ask(name, stub, answers, *, ndots=2, families=ANY_FAMILY, **files):
    paths = {f"/etc/{key.replace('_', '.')}": text.encode() for key, text in files.items()}
    paths.setdefault("/etc/resolv.conf", RESOLV.format(ndots=ndots).encode())
    resolver = make_resolver(stub, paths)
    return answered(look_up(name, replace(resolver, families=families)), Zone(answers))


def told(lookup):
    """In one word: the addresses, or the error, or what isn't known."""
    if lookup.outcome is Outcome.UNKNOWN:
        return "?"
    return " ".join(lookup.addresses) or (lookup.error.value if lookup.error else "")


HIT = "192.0.2.1"
BOTH = {"A": HIT, "AAAA": "2001:db8::1"}
NONAME, NODATA, AGAIN = "EAI_NONAME", "EAI_NODATA", "EAI_AGAIN"
NO_HOST, MISBEHAVING, IO = "no such host", "server misbehaving", "i/o timeout"

# what the first candidate answers; the second has an address: glibc, musl 1.2.3, Go
FIRST_CANDIDATE = [
    pytest.param("nxdomain", HIT, HIT, HIT, id="NXDOMAIN"),
    pytest.param("nodata", HIT, NONAME, HIT, id="NODATA stops musl"),
    pytest.param("alias", NONAME, NONAME, HIT, id="an alias alone stops glibc and musl"),
    pytest.param("foreign", NONAME, "192.0.2.66", "192.0.2.66", id="a foreign owner name"),
    pytest.param("servfail", HIT, AGAIN, HIT, id="SERVFAIL stops musl"),
    pytest.param("refused", NONAME, AGAIN, HIT, id="REFUSED: glibc leaves the list"),
    pytest.param("formerr", NONAME, AGAIN, HIT, id="FORMERR as REFUSED"),
    pytest.param("silent", NONAME, AGAIN, HIT, id="timeout: glibc leaves the list"),
    pytest.param("lame", NONAME, NONAME, HIT, id="a lame server is NODATA to musl and Go"),
    pytest.param("unknown", "?", "?", "?", id="an unknown answer"),
    pytest.param(
        {"A": "nxdomain", "AAAA": "servfail"}, HIT, HIT, HIT, id="A NXDOMAIN, AAAA SERVFAIL"
    ),
    pytest.param({"A": "servfail", "AAAA": "nxdomain"}, HIT, AGAIN, HIT, id="A is judged first"),
    pytest.param(
        {"A": "silent", "AAAA": "nxdomain"}, HIT, AGAIN, HIT, id="A silent, AAAA NXDOMAIN"
    ),
    pytest.param({"A": "nxdomain", "AAAA": "unknown"}, "?", HIT, "?", id="musl needs no AAAA here"),
]


@pytest.mark.parametrize(("first", "glibc", "musl", "go"), FIRST_CANDIDATE)
def test_what_the_first_candidate_does_to_the_second(first, glibc, musl, go):
    answers = {"db.one.example.": first, "db.two.example.": HIT}
    stubs = (libc.GLIBC, MUSL_1_2_3, libc.GO)
    assert tuple(told(ask("db", stub, answers)) for stub in stubs) == (glibc, musl, go)


ADDRESS = HIT + " 2001:db8::1"
# what A and AAAA of the only candidate answer: glibc, musl 1.2.3, Go
FAMILIES = [
    pytest.param(BOTH, ADDRESS, ADDRESS, ADDRESS, id="both"),
    pytest.param({"A": HIT, "AAAA": "nodata"}, HIT, HIT, HIT, id="A alone"),
    pytest.param({"A": HIT, "AAAA": "nxdomain"}, HIT, NONAME, HIT, id="AAAA NXDOMAIN"),
    pytest.param(
        {"A": "nxdomain", "AAAA": "2001:db8::1"},
        "2001:db8::1",
        NONAME,
        "2001:db8::1",
        id="A NXDOMAIN",
    ),
    pytest.param({"A": HIT, "AAAA": "servfail"}, HIT, AGAIN, HIT, id="AAAA SERVFAIL"),
    pytest.param({"A": HIT, "AAAA": "refused"}, HIT, AGAIN, HIT, id="AAAA REFUSED"),
    pytest.param({"A": HIT, "AAAA": "silent"}, HIT, AGAIN, HIT, id="AAAA unanswered"),
    pytest.param(
        {"A": "silent", "AAAA": "2001:db8::1"}, AGAIN, AGAIN, "2001:db8::1", id="A unanswered"
    ),
    pytest.param({"A": HIT, "AAAA": "alias"}, HIT, HIT, HIT, id="an ExternalName without AAAA"),
    pytest.param({"A": HIT, "AAAA": "unknown"}, HIT, "?", HIT, id="AAAA not known"),
]


@pytest.mark.parametrize(("answer", "glibc", "musl", "go"), FAMILIES)
def test_the_two_families_of_one_candidate(answer, glibc, musl, go):
    stubs = (libc.GLIBC, MUSL_1_2_3, libc.GO)
    assert tuple(told(ask("db.", stub, {"db.": answer})) for stub in stubs) == (glibc, musl, go)


def test_musl_before_1_2_2_takes_the_family_that_answered():
    answers = {"db.": {"A": HIT, "AAAA": "nxdomain"}}
    assert told(ask("db.", libc.MUSL_BEFORE_1_2_2, answers)) == HIT
    assert told(ask("db.", MUSL_1_2_3, answers)) == NONAME


# what both search candidates and the absolute name answer: the error glibc and Go report
FINAL_ERRORS = [
    pytest.param("nxdomain", "nxdomain", NONAME, NO_HOST, id="NXDOMAIN"),
    pytest.param("nodata", "nxdomain", NODATA, NO_HOST, id="NODATA is remembered"),
    pytest.param("servfail", "nxdomain", AGAIN, NO_HOST, id="SERVFAIL is remembered"),
    pytest.param("refused", "nxdomain", NONAME, NO_HOST, id="REFUSED leaves no trace"),
    pytest.param("silent", "nxdomain", NONAME, NO_HOST, id="a timeout leaves no trace"),
    pytest.param("nxdomain", "servfail", AGAIN, MISBEHAVING, id="the absolute name decides"),
    pytest.param("nxdomain", "silent", AGAIN, IO, id="the absolute name is silent"),
]


@pytest.mark.parametrize(("listed", "absolute", "glibc", "go"), FINAL_ERRORS)
def test_the_error_of_a_failed_list(listed, absolute, glibc, go):
    answers = {"db.one.example.": listed, "db.two.example.": listed, "db.": absolute}
    assert (told(ask("db", libc.GLIBC, answers)), told(ask("db", libc.GO, answers))) == (glibc, go)


@pytest.mark.parametrize("failure", ["nxdomain", "nodata", "servfail", "refused", "silent"])
def test_after_an_absolute_name_that_fails_glibc_and_go_walk_the_list_and_musl_stops(failure):
    answers = {"a.b.c.": failure, "a.b.c.two.example.": HIT}
    stubs = (libc.GLIBC, libc.GO)
    assert [told(ask("a.b.c", stub, answers)) for stub in stubs] == [HIT, HIT]
    assert ask("a.b.c", MUSL_1_2_3, answers).candidates == ("a.b.c.",)


TWO_SERVERS = "nameserver 192.0.2.53\nnameserver 192.0.2.54\n"
FIRST_SERVER = [
    pytest.param("nxdomain", NONAME, "?", NO_HOST, id="NXDOMAIN is final, musl takes the first"),
    pytest.param("nodata", NODATA, "?", NO_HOST, id="NODATA is final"),
    pytest.param("servfail", HIT, HIT, HIT, id="SERVFAIL: the next"),
    pytest.param("refused", HIT, HIT, HIT, id="REFUSED: the next"),
    pytest.param("silent", HIT, HIT, HIT, id="silence: the next"),
    pytest.param("formerr", AGAIN, HIT, HIT, id="FORMERR is final to glibc"),
    pytest.param("lame", HIT, "?", NO_HOST, id="only glibc knows a lame server"),
]


@pytest.mark.parametrize(("first", "glibc", "musl", "go"), FIRST_SERVER)
def test_what_the_first_nameserver_does_to_the_second(first, glibc, musl, go):
    answers = {("db.", "192.0.2.53"): first, ("db.", "192.0.2.54"): HIT}
    stubs = (libc.GLIBC, MUSL_1_2_3, libc.GO)
    found = tuple(told(ask("db", stub, answers, resolv_conf=TWO_SERVERS)) for stub in stubs)
    assert found == (glibc, musl, go)


def test_musl_is_sure_when_all_nameservers_agree():
    answers = {("db.", "192.0.2.53"): HIT, ("db.", "192.0.2.54"): HIT}
    assert told(ask("db", MUSL_1_2_3, answers, resolv_conf=TWO_SERVERS)) == HIT


@pytest.mark.parametrize(
    ("name", "glibc", "musl", "go"),
    [
        ("1.2.3.4", "1.2.3.4", "1.2.3.4", "1.2.3.4"),
        ("10.1", "10.0.0.1", "10.0.0.1", NO_HOST),
        ("010.0.0.1", "8.0.0.1", "8.0.0.1", NO_HOST),
        ("::1", "::1", "::1", "::1"),
        ("::ffff:192.0.2.1", *["::ffff:192.0.2.1"] * 3),
    ],
)
def test_literals_are_not_asked(name, glibc, musl, go):
    for stub, expected in zip((libc.GLIBC, MUSL_1_2_3, libc.GO), (glibc, musl, go), strict=True):
        lookup = ask(name, stub, {})
        assert (told(lookup), lookup.candidates) == (expected, ())


@pytest.mark.parametrize("name", ["1.2.3", "*.example", "a b", "-a", "a-", "a..b", "", "a" * 64])
def test_go_refuses_without_a_query(name):
    lookup = ask(name, libc.GO, {})
    assert (told(lookup), lookup.candidates) == (NO_HOST, ())


@pytest.mark.parametrize("name", ["a_b", "a-b", "1a", "a.b."])
def test_go_asks(name):
    assert ask(name, libc.GO, {}).candidates


HOSTS = "192.0.2.9 db\n"


@pytest.mark.parametrize(
    ("stub", "nsswitch", "expected"),
    [
        pytest.param(libc.GLIBC, "hosts: files dns\n", "192.0.2.9", id="files first"),
        pytest.param(libc.GLIBC, "hosts: dns files\n", HIT, id="dns first"),
        pytest.param(libc.GLIBC, "hosts: dns\n", HIT, id="no files"),
        pytest.param(libc.GLIBC, "", "192.0.2.9", id="no line: files dns"),
        pytest.param(libc.GLIBC_BEFORE_2_33, "", HIT, id="no line, older: dns first"),
        pytest.param(libc.GLIBC, "hosts:\n", "EAI_SYSTEM", id="no service"),
        pytest.param(libc.GLIBC, "hosts: resolve files\n", "?", id="a service we don't model"),
        pytest.param(libc.GLIBC, "hosts: mdns4_minimal [NOTFOUND=return] dns\n", HIT, id="mDNS"),
        pytest.param(libc.GLIBC, "hosts: myhostname files\n", "?", id="the own name isn't known"),
        pytest.param(MUSL_1_2_3, "hosts: dns\n", "192.0.2.9", id="musl reads no nsswitch"),
        pytest.param(libc.GO, "hosts: dns files\n", HIT, id="Go reads the order"),
        pytest.param(
            libc.GO, "hosts: resolve [NOTFOUND=return] dns\n", HIT, id="Go skips the rest"
        ),
        pytest.param(libc.GO, "", "192.0.2.9", id="Go without the file"),
        pytest.param(libc.GO_BEFORE_1_16, "", HIT, id="old Go without the file"),
    ],
)
def test_who_is_asked_first(stub, nsswitch, expected):
    answers = {"db.one.example.": HIT}
    assert told(ask("db", stub, answers, hosts=HOSTS, nsswitch_conf=nsswitch)) == expected


def test_return_on_notfound_keeps_files_from_being_asked():
    nsswitch = "hosts: dns [NOTFOUND=return] files\n"
    lookup = ask("db", libc.GLIBC, {}, hosts=HOSTS, nsswitch_conf=nsswitch)
    assert (told(lookup), lookup.steps[-1].rule.id.value) == (NONAME, "NssReturn")
    silent = {"db.one.example.": "silent", "db.": "silent"}
    assert told(ask("db", libc.GLIBC, silent, hosts=HOSTS, nsswitch_conf=nsswitch)) == "192.0.2.9"


@pytest.mark.parametrize(
    ("stub", "expected"),
    [
        (libc.GLIBC, "2001:db8::1"),
        (MUSL_1_2_3, NONAME),
        (libc.MUSL, NODATA),
        (libc.GO, "no suitable address found"),
    ],
)
def test_a_hosts_line_of_the_other_family(stub, expected):
    answers = {"db.one.example.": BOTH}
    families = Families(asked=Family.INET6)
    assert told(ask("db", stub, answers, hosts=HOSTS, families=families)) == expected


def test_multi_on_gives_every_line():
    hosts = "192.0.2.9 db\n192.0.2.10 db\n"
    assert told(ask("db", libc.GLIBC, {}, hosts=hosts)) == "192.0.2.9"
    found = ask("db", libc.GLIBC, {}, hosts=hosts, host_conf="multi on\n")
    assert (found.addresses, found.steps[0].lines) == (("192.0.2.9", "192.0.2.10"), (1, 2))


@pytest.mark.parametrize(
    ("families", "types"),
    [
        (Families(), {"A", "AAAA"}),
        (Families(asked=Family.INET), {"A"}),
        (Families(addrconfig=True, has_ipv6=False), {"A"}),
        (Families(addrconfig=True), {"A", "AAAA"}),
        (Families(has_ipv6=False), {"A", "AAAA"}),
    ],
)
def test_addrconfig_asks_for_the_families_the_pod_has(families, types):
    lookup = ask("db.", libc.GLIBC, {}, families=families)
    assert {step.type for step in lookup.steps if step.source == "dns"} == types


def test_no_aaaa_is_known_to_glibc_2_36():
    conf = "nameserver 192.0.2.53\noptions no-aaaa\n"
    asked = [
        {step.type for step in ask("db", stub, {}, resolv_conf=conf).steps if step.type}
        for stub in (libc.GLIBC, libc.GLIBC_BEFORE_2_36, libc.GO)
    ]
    assert asked == [{"A"}, {"A", "AAAA"}, {"A", "AAAA"}]


@pytest.mark.parametrize(
    ("environment", "candidates"),
    [
        ({"LOCALDOMAIN": "x.example"}, ("db.x.example.", "db.")),
        ({"LOCALDOMAIN": ""}, ("db.",)),
        ({"RES_OPTIONS": "ndots:0"}, ("db.", "db.one.example.", "db.two.example.")),
        ({"HOSTALIASES": "/etc/aliases"}, ("a.b.one.example.", "a.b.two.example.", "a.b.")),
    ],
)
def test_glibc_reads_its_environment(environment, candidates):
    files = {"/etc/resolv.conf": RESOLV.format(ndots=2).encode(), "/etc/aliases": b"db a.b\n"}
    resolver = make_resolver(libc.GLIBC, files, environment)
    assert answered(look_up("db", resolver), Zone({})).candidates == candidates
    musl = make_resolver(libc.MUSL, files, environment)
    assert answered(look_up("db", musl), Zone({})).candidates == (
        "db.one.example.",
        "db.two.example.",
        "db.",
    )


def test_a_dot_in_the_search_list_breaks_musl_before_1_2_4():
    conf = "nameserver 192.0.2.53\nsearch .\noptions ndots:5\n"
    found = [
        told(ask("db", stub, {"db.": HIT}, resolv_conf=conf))
        for stub in (libc.GLIBC, MUSL_1_2_3, libc.MUSL, libc.GO)
    ]
    assert found == [HIT, AGAIN, HIT, HIT]


@pytest.mark.parametrize("name", ["*", "-a"])
def test_glibc_takes_no_answer_for_what_is_no_host_name(name):
    answers = {f"{name}.one.example.": HIT}
    assert told(ask(name, libc.GLIBC, answers)) == NONAME
    assert told(ask(name, MUSL_1_2_3, answers)) == HIT


@pytest.mark.parametrize(
    "name", ["a..b", "x" * 64, ".".join(["x" * 63] * 4)], ids=["empty label", "label", "name"]
)
def test_what_cannot_be_sent_is_not_asked(name):
    found = [told(ask(name, stub, {})) for stub in (libc.GLIBC, MUSL_1_2_3, libc.MUSL, libc.GO)]
    assert found == ["EAI_FAIL", NONAME, NONAME, NO_HOST]


def test_neither_glibc_nor_musl_takes_an_answer_for_a_name_outside_ascii():
    answers = {"münchen.one.example.": HIT}
    stubs = (libc.GLIBC, MUSL_1_2_3, libc.GO)
    assert [told(ask("münchen", stub, answers)) for stub in stubs] == [NONAME, NONAME, NO_HOST]


def test_each_step_names_the_rule_that_applied():
    answers = {"db.one.example.": "nodata"}
    lookup = ask("db", MUSL_1_2_3, answers)
    assert [
        (step.source, step.name, step.type, step.outcome.value, step.rule.id.value)
        for step in lookup.steps
    ] == [
        ("files", "db", "", "nxdomain", "NotInFiles"),
        ("dns", "db.one.example.", "A", "nodata", "MuslStopsAtNodata"),
        ("dns", "db.one.example.", "AAAA", "nodata", "MuslStopsAtNodata"),
    ]


def test_what_is_not_known_is_named():
    assert ask("db", libc.GLIBC, {"db.one.example.": "unknown"}).unknown == (
        "what the upstream says",
    )


# search domain `.`, what is asked of the server, how the walk ended and by which rule
ROOT_IN_THE_LIST = [
    pytest.param(
        libc.MUSL_BEFORE_1_2_4,
        ("db.one.example.",),
        ("malformed", "EAI_AGAIN", "MuslSendsMalformed"),
        id="musl before 1.2.4 breaks the message, and stops",
    ),
    pytest.param(
        libc.MUSL_BEFORE_1_2_2,
        ("db.one.example.",),
        ("malformed", "EAI_AGAIN", "MuslSendsMalformed"),
        id="its older releases do so, too",
    ),
    pytest.param(
        libc.MUSL, ("db.one.example.", "db."), ("found", "", "Hit"), id="musl 1.2.4 leaves it out"
    ),
    pytest.param(
        libc.MUSL_BEFORE_1_1_13, ("db.",), ("found", "", "Hit"), id="without a list nothing is made"
    ),
    pytest.param(libc.GLIBC, ("db.one.example.", "db."), ("found", "", "Hit"), id="glibc"),
    pytest.param(libc.GO, ("db.one.example.", "db."), ("found", "", "Hit"), id="Go"),
]


@pytest.mark.parametrize(("stub", "asked", "end"), ROOT_IN_THE_LIST)
def test_the_root_as_a_search_domain(stub, asked, end):
    conf = "nameserver 192.0.2.53\nsearch one.example .\noptions ndots:5\n"
    zone = Zone({"db.": BOTH})
    resolver = make_resolver(stub, {"/etc/resolv.conf": conf.encode()})
    lookup = answered(look_up("db", resolver), zone)
    assert tuple(dict.fromkeys(name for name, _, _ in zone.asked)) == asked
    error = lookup.error.value if lookup.error else ""
    assert (lookup.outcome.value, error, lookup.steps[-1].rule.id.value) == end


SAID = [*WORDS, "alias", "foreign", HIT, "2001:db8::1"]
ANSWER = st.sampled_from(SAID) | st.fixed_dictionaries(
    {"A": st.sampled_from(SAID), "AAAA": st.sampled_from(SAID)}
)


@pytest.mark.parametrize("stub", ROWS, ids=lambda stub: stub.id)
@given(
    answers=st.dictionaries(st.sampled_from(["db.one.example.", "db.two.example.", "db."]), ANSWER),
    ndots=st.integers(0, 2),
)
def test_every_walk_ends_in_addresses_an_error_or_an_unknown(stub, answers, ndots):
    lookup = ask("db", stub, answers, ndots=ndots)
    ends = (bool(lookup.addresses), lookup.error is not None, bool(lookup.unknown))
    assert sum(ends) == 1 or (lookup.addresses and lookup.unknown)


@given(name=st.text(max_size=300), stub=st.sampled_from(ROWS))
def test_no_name_raises(name, stub):
    ask(name, stub, {})


# The table's words -> what the one server says to the first candidate, and what each word means
# for the second; where the table and a measurement differ, the measurement is FIRST_CANDIDATE's.
STOP_RULES = json.loads((Path(__file__).parents[2] / "cases" / "resolver.json").read_text())[
    "search_expansion"
]["stop_rules"]
STUB_OF = {"glibc": libc.GLIBC, "musl": MUSL_1_2_3, "go": libc.GO}
SAID_IN = {"NXDOMAIN": "nxdomain", "NODATA": "nodata", "SERVFAIL": "servfail", "timeout": "silent"}


@pytest.mark.parametrize("row", STOP_RULES, ids=lambda row: f"{row['resolver']}-{row['on']}")
def test_stop_rules(row):
    first = next(said for word, said in SAID_IN.items() if row["on"].startswith(word))
    answers = {"db.one.example.": first, "db.two.example.": HIT}
    asked = ask("db", STUB_OF[row["resolver"]], answers).candidates
    if row["then"].startswith("STOP"):
        assert asked == ("db.one.example.",)
    elif row["then"].startswith("stop the list"):
        assert asked == ("db.one.example.", "db.")
    else:
        assert asked == ("db.one.example.", "db.two.example.")


@pytest.mark.parametrize(
    ("nsswitch", "in_dns", "expected"),
    [
        pytest.param("files [SUCCESS=continue] dns", "192.0.2.1", "192.0.2.1", id="both: the last"),
        pytest.param("files [SUCCESS=continue] dns", "nxdomain", NONAME, id="the first alone"),
        pytest.param("dns [SUCCESS=continue] files", "192.0.2.1", "192.0.2.9", id="files last"),
        pytest.param("files dns", "192.0.2.1", "192.0.2.9", id="as everybody has it"),
    ],
)
def test_where_success_goes_on_the_last_source_counts(nsswitch, in_dns, expected):
    """Measured on glibc 2.36."""
    answers = {"db.one.example.": in_dns}
    lookup = ask("db", libc.GLIBC, answers, hosts=HOSTS, nsswitch_conf=f"hosts: {nsswitch}\n")
    assert told(lookup) == expected
