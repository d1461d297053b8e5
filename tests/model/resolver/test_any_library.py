"""A program whose C library nobody saw: what glibc, musl and Go have in common, else nothing."""

from itertools import product

import pytest

from kubectl_hosts.model.dns import NoReply, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver.environment import make_resolver
from kubectl_hosts.model.resolver.libc import CANDIDATES, STATIC
from kubectl_hosts.model.resolver.lookup import all_come_to, look_up, look_up_address
from kubectl_hosts.model.resolver.outcome import Lookup, Outcome, RuleId
from kubectl_hosts.model.resolver.seen import agreed

HOSTS = b"127.0.0.1 localhost\n::1 localhost\n10.0.0.1 db\n10.0.0.2 db\n10.0.0.3 web.example\n10.0.0.3 other\n"
CONF = b"nameserver 192.0.2.53\nsearch shop.svc.cluster.local\noptions ndots:2\n"
KNOWN = {
    "redis.shop.svc.cluster.local.": "10.96.0.7",
    "a.b.c.shop.svc.cluster.local.": "10.96.0.8",
}


def answer(query):
    found = KNOWN.get(query.question.name)
    if query.question.name == "failing.shop.svc.cluster.local.":
        return Reply(rcode=Rcode.SERVFAIL)
    if found is None:
        return Reply(rcode=Rcode.NXDOMAIN)
    if query.question.type != "A":
        return Reply()
    return Reply(answer=(Record(name=query.question.name, type="A", data=found),))


def walk(name, by):
    walks = [
        answered(
            by(name, make_resolver(stub, {"/etc/hosts": HOSTS, "/etc/resolv.conf": CONF})), answer
        )
        for stub in (STATIC, *CANDIDATES)
    ]
    named = [(stub.libc.value, each) for stub, each in zip(CANDIDATES, walks[1:], strict=True)]
    return walks[0], agreed(walks[0], named)


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        pytest.param("redis", ("10.96.0.7",), id="a name of DNS"),
        pytest.param("other", ("10.0.0.3",), id="a line of the hosts file"),
        pytest.param("192.0.2.9", ("192.0.2.9",), id="an address"),
        pytest.param("nothing", (), id="a name that nobody has"),
    ],
)
def test_what_all_libraries_get_is_the_answer(name, addresses):
    general, found = walk(name, look_up)
    assert found is general
    assert found.addresses == addresses


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        pytest.param(
            "web.*",
            {RuleId.NOT_IN_FILES, RuleId.NEXT_AFTER_NXDOMAIN},
            id="a name that Go does not ask",
        ),
        pytest.param(
            "nothing",
            {RuleId.NOT_IN_FILES, RuleId.NEXT_AFTER_NXDOMAIN},
            id="a name that all of them ask",
        ),
    ],
)
def test_why_a_name_is_not_found_is_what_those_say_that_ask(name, rules):
    _, found = walk(name, look_up)
    assert not found.addresses
    assert {each.rule.id for each in found.steps} == rules


FILES = {"/etc/hosts": HOSTS, "/etc/resolv.conf": CONF}
TWO_SERVERS = CONF + b"nameserver 192.0.2.54\n"


def resolvers(**files):
    found = {**FILES, **{f"/etc/{name.replace('_', '.')}": text for name, text in files.items()}}
    one, *others = (make_resolver(stub, found) for stub in (STATIC, *CANDIDATES))
    return one, tuple(others)


@pytest.mark.parametrize(
    ("name", "files", "alike"),
    [
        pytest.param("redis", {}, True, id="a name of DNS"),
        pytest.param("nothing", {}, True, id="a name that nobody has"),
        pytest.param("other", {}, False, id="a line of the hosts file"),
        pytest.param("a.b.c", {}, False, id="musl searches for no name with ndots dots"),
        pytest.param("failing", {}, False, id="a server that fails"),
        pytest.param("a.onion", {}, False, id="Go asks for no .onion"),
        pytest.param("10.1", {}, False, id="what is an address to some libraries"),
        pytest.param("redis", {"resolv_conf": TWO_SERVERS}, False, id="two nameservers"),
        pytest.param(
            "redis", {"nsswitch_conf": b"hosts: dns files\n"}, False, id="the file comes last"
        ),
    ],
)
def test_most_names_need_no_walk_by_each_library(name, files, alike):
    one, others = resolvers(**files)
    found = answered(look_up(name, one), answer)
    assert all_come_to(found, one, others, answer) is alike


NAME = "redis.shop.svc.cluster.local."
REPLIES = (
    Reply(answer=(Record(name=NAME, type="A", data="192.0.2.1"),)),
    Reply(answer=(Record(name=NAME, type="AAAA", data="2001:db8::1"),)),
    Reply(answer=(Record(name=NAME, type="CNAME", data="other."),)),
    Reply(),
    Reply(recursion_available=False),
    Reply(rcode=Rcode.NXDOMAIN),
    Reply(rcode=Rcode.SERVFAIL),
    NoReply(),
    UnknownReply("what a server outside says"),
)


@pytest.mark.parametrize("searched", list(product(REPLIES, repeat=2)))
def test_where_no_walk_is_needed_each_comes_to_the_same(searched):
    one, others = resolvers()
    for absolute in product(REPLIES, repeat=2):

        def reply(query, absolute=absolute):
            of_type = searched if query.question.name == NAME else absolute
            return of_type[query.question.type == "AAAA"]

        found = answered(look_up("redis", one), reply)
        if all_come_to(found, one, others, reply):
            walked = [answered(look_up("redis", each), reply) for each in others]
            assert {(each.outcome, each.addresses) for each in walked} == {
                (found.outcome, found.addresses)
            }


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param(
            "db",
            "glibc: 10.0.0.1; musl and go: 10.0.0.1, 10.0.0.2",
            id="a name on two lines of the hosts file",
        ),
        pytest.param(
            "web.example.", "glibc and musl: not found; go: 10.0.0.3", id="a final dot and the file"
        ),
        pytest.param(
            "a.b.c", "glibc and go: 10.96.0.8; musl: not found", id="as many dots as ndots"
        ),
        pytest.param(
            "failing", "glibc and musl: servfail; go: not found", id="a server that fails"
        ),
        pytest.param(
            "10.1", "glibc and musl: 10.0.0.1; go: not found", id="what a plain program is open for"
        ),
    ],
)
def test_what_they_differ_over_is_not_known(name, said):
    _, found = walk(name, look_up)
    assert (found.outcome, found.source, found.addresses) == (Outcome.UNKNOWN, "", ())
    assert found.unknown == (f"which C library the program has ({said})",)
    assert found.steps[-1].rule.id is RuleId.LIBRARIES_DIFFER
    assert all(step.outcome is not Outcome.FOUND for step in found.steps)


@pytest.mark.parametrize(
    ("outcome", "stays"),
    [
        pytest.param(Outcome.NODATA, True, id="one finds nothing"),
        pytest.param(Outcome.UNKNOWN, True, id="of none it is known"),
        pytest.param(Outcome.SERVFAIL, False, id="one stops at a failure"),
    ],
)
def test_what_no_library_finds_is_as_open_as_for_a_plain_program(outcome, stays):
    unknown = ("what nobody asked",)
    general = Lookup(name="a", outcome=Outcome.UNKNOWN, unknown=unknown)
    found = agreed(general, [("glibc", general), ("musl", Lookup(name="a", outcome=outcome))])
    assert (found.unknown == unknown) is stays


def test_of_localhost_the_address_that_all_get_is_left():
    general, found = walk("localhost", look_up)
    assert general.addresses == ("127.0.0.1", "::1")
    assert (found.outcome, found.addresses) == (Outcome.FOUND, ("127.0.0.1",))


@pytest.mark.parametrize(
    ("address", "names"),
    [
        pytest.param("10.0.0.1", ("db",), id="one"),
        pytest.param("10.0.0.3", ("web.example",), id="two, of which getnameinfo gives one"),
        pytest.param("10.0.0.9", (), id="none"),
    ],
)
def test_the_names_of_an_address_are_those_that_all_get(address, names):
    _, found = walk(address, look_up_address)
    assert found.addresses == names
    assert found.outcome is (Outcome.FOUND if names else Outcome.NXDOMAIN)
