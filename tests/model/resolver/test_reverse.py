import pytest

from kubectl_hosts.model.cluster_dns.query_names import reverse_name
from kubectl_hosts.model.dns import Rcode, Record, Reply, UnknownReply
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver import libc
from kubectl_hosts.model.resolver.environment import make_resolver
from kubectl_hosts.model.resolver.lookup import look_up_address, look_up_records
from kubectl_hosts.model.resolver.outcome import Outcome

HOSTS = b"10.0.0.1 a.example a\n10.0.0.1 b\n"
RESOLV = b"nameserver 192.0.2.53\nsearch one.example\noptions ndots:5\n"
PTR = "9.0.0.10.in-addr.arpa."
FILES = {"/etc/hosts": HOSTS, "/etc/resolv.conf": RESOLV}


def drive(walk, replies):
    asked = []
    try:
        query = next(walk)
        while True:
            asked.append(query.question.name)
            query = walk.send(replies.get(query.question.name, Reply(rcode=Rcode.NXDOMAIN)))
    except StopIteration as ended:
        return ended.value, asked


def reply_of(name, kind, data):
    return {name: Reply(answer=(Record(name=name, type=kind, data=data),))}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10.0.0.9", PTR),
        ("2001:db8::1", "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa."),
        ("fe80::1%eth0", "1." + "0." * 28 + "8.e.f.ip6.arpa."),
    ],
)
def test_the_name_that_is_asked(address, name):
    assert reverse_name(address) == name


@pytest.mark.parametrize(
    ("stub", "names"),
    [
        (libc.GLIBC, ("a.example",)),
        (libc.MUSL, ("a.example",)),
        (libc.GO, ("a.example.", "a", "b")),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_the_file_answers_first(stub, names):
    found, asked = drive(look_up_address("10.0.0.1", make_resolver(stub, FILES)), {})
    assert (found.source, found.addresses, asked) == ("files", names, [])


def test_then_the_ptr_record_without_the_search_list():
    resolver = make_resolver(libc.GLIBC, FILES)
    found, asked = drive(look_up_address("10.0.0.9", resolver), reply_of(PTR, "PTR", "x.example."))
    assert (found.source, found.addresses, asked) == ("dns", ("x.example.",), [PTR])


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(rcode=Rcode.NXDOMAIN), Outcome.NXDOMAIN),
        (UnknownReply("what the upstream says"), Outcome.UNKNOWN),
    ],
)
def test_no_name(reply, outcome):
    resolver = make_resolver(libc.MUSL, FILES)
    found, _ = drive(look_up_address("10.0.0.9", resolver), {PTR: reply})
    assert (found.outcome, found.addresses) == (outcome, ())


def test_other_types_are_searched_without_the_file():
    target = "0 100 80 web.example."
    answers = reply_of("_http._tcp.web.one.example.", "SRV", target)
    resolver = make_resolver(libc.GLIBC, FILES)
    found, asked = drive(look_up_records("_http._tcp.web", "SRV", resolver), answers)
    assert (found.addresses, asked) == ((target,), ["_http._tcp.web.one.example."])
    missing = answered(look_up_records("a", "TXT", resolver), lambda _: Reply(rcode=Rcode.NXDOMAIN))
    assert missing.outcome is Outcome.NXDOMAIN


@pytest.mark.parametrize("stub", [libc.GLIBC, libc.MUSL, libc.GO], ids=lambda stub: stub.id)
def test_an_alias_is_an_answer_to_who_asks_for_it(stub):
    found, _ = drive(
        look_up_records("a.", "CNAME", make_resolver(stub, FILES)), reply_of("a.", "CNAME", "b.")
    )
    assert found.addresses == ("b.",)
