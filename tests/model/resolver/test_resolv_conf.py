import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.resolver.resolv_conf import (
    GLIBC,
    GLIBC_BEFORE_2_26,
    GO,
    MUSL,
    Setting,
    parse_resolv_conf,
)

POD = (
    b"search shop.svc.cluster.local svc.cluster.local cluster.local\n"
    b"nameserver 10.96.0.10\noptions ndots:5\n"
)
ALL = (GLIBC, MUSL, GO)


def search(text, reader):
    return parse_resolv_conf(text, reader).search_list


@pytest.mark.parametrize("reader", [GLIBC, MUSL, GO], ids=lambda reader: reader.id)
def test_the_kubelets_file_reads_alike(reader):
    conf = parse_resolv_conf(POD, reader)
    assert conf.search_list == ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local")
    assert conf.nameservers == (Setting("10.96.0.10", 2),)
    assert (conf.ndots, conf.timeout, conf.attempts) == (5, 5, 2)


@pytest.mark.parametrize(
    ("text", "glibc", "musl", "go"),
    [
        pytest.param(b"search a\nsearch b\n", *[("b",)] * 3, id="the last search wins"),
        pytest.param(b"search a\ndomain b\n", *[("b",)] * 3, id="the last of both wins"),
        pytest.param(b"domain b\nsearch a\n", *[("a",)] * 3, id="search after domain"),
        pytest.param(b"search a # b\n", *[("a", "#", "b")] * 3, id="text after # is taken"),
        pytest.param(b" search a\n", (), (), ("a",), id="leading blank"),
        pytest.param(b"search a b\r\n", ("a", "b\r"), ("a", "b"), ("a", "b"), id="a CRLF"),
        pytest.param(b"search\x0ba\n", (), ("a",), (), id="a vertical tab"),
        pytest.param(b"# search a\n", *[()] * 3, id="a comment"),
        pytest.param(b"; search a\n", *[()] * 3, id="a comment with a semicolon"),
        pytest.param(b"search . a\n", (".", "a"), (".", "a"), ("a",), id="the root"),
        pytest.param(b"search a\nsearch \n", ("a",), (), (), id="an empty search"),
        pytest.param(
            b"search " + b"x" * 248 + b"\n",
            ("x" * 248,),
            (),
            ("x" * 248,),
            id="256 bytes with the newline are too many for musl",
        ),
        pytest.param(b"search " + b"x" * 247 + b"\n", *[("x" * 247,)] * 3, id="255 are not"),
    ],
)
def test_the_search_list(text, glibc, musl, go):
    assert tuple(search(text, reader) for reader in ALL) == (glibc, musl, go)


def test_glibc_before_2_26_keeps_six_domains_and_256_characters():
    assert search(b"search a b c d e f g\n", GLIBC_BEFORE_2_26) == tuple("abcdef")
    assert search(b"search " + b"x" * 200 + b" " + b"y" * 200, GLIBC_BEFORE_2_26) == ("x" * 200,)


@pytest.mark.parametrize(
    ("text", "glibc", "musl", "go"),
    [
        (b"options ndots:3", 3, 3, 3),
        (b"options ndots:99", 15, 15, 15),
        (b"options ndots:", 0, 1, 0),
        (b"options ndots:2 ndots:4", 4, 2, 4),
        (b"options ndots:+2", 2, 1, 0),
        (b"options ndots: 3", 3, 1, 0),
        (b"options ndots: ndots:2", 2, 1, 2),
        (b"options ndots:-1", 15, 1, 0),
        (b"options ndots:2x", 2, 2, 2),
        (b"options ndots:2\r", 2, 2, 2),
        (b"options ndots:2\noptions ndots:4", 4, 4, 4),
        (b"options debug", 1, 1, 1),
        (b"ndots:3", 1, 1, 1),
        (b"options xndots:3", 1, 3, 1),
        (b"options ndots:" + b"9" * 5000, 15, 1, 15),
    ],
)
def test_ndots(text, glibc, musl, go):
    assert tuple(parse_resolv_conf(text, reader).ndots for reader in (GLIBC, MUSL, GO)) == (
        glibc,
        musl,
        go,
    )


@pytest.mark.parametrize(
    ("reader", "timeout", "attempts"),
    [(GLIBC, 30, 5), (MUSL, 60, 10), (GO, 99, 99)],
)
def test_timeout_and_attempts_have_caps(reader, timeout, attempts):
    conf = parse_resolv_conf(b"options timeout:99 attempts:99\n", reader)
    assert (conf.timeout, conf.attempts) == (timeout, attempts)


FOUR = b"".join(b"nameserver 192.0.2.%d\n" % n for n in range(4))


@pytest.mark.parametrize("reader", ALL, ids=lambda reader: reader.id)
def test_the_first_three_nameservers_count(reader):
    conf = parse_resolv_conf(FOUR, reader)
    assert [each.line for each in conf.nameservers] == [1, 2, 3]
    assert [each.line for each in conf.ignored] == [4]


@pytest.mark.parametrize("reader", ALL, ids=lambda reader: reader.id)
def test_no_nameserver_is_the_loopback(reader):
    assert parse_resolv_conf(b"", reader).nameservers[0] == Setting("127.0.0.1", None)


@pytest.mark.parametrize("reader", ALL, ids=lambda reader: reader.id)
@given(data=st.binary())
def test_no_bytes_raise(reader, data):
    conf = parse_resolv_conf(b"options " + data + b"\n" + data, reader)
    assert conf.nameservers
    assert 0 <= conf.ndots <= 15


@pytest.mark.parametrize(
    ("line", "glibc", "musl", "go"),
    [
        pytest.param(b"nameserver 192.0.2.1 text", *["192.0.2.1"] * 3, id="text behind it"),
        pytest.param(b"nameserver 192.0.2.1\r", "127.0.0.1", *["192.0.2.1"] * 2, id="a CRLF"),
        *(
            pytest.param(b"nameserver 192.0.2.1" + each, *["127.0.0.1"] * 3, id=each.decode())
            for each in (b";", b"#53", b":53", b",192.0.2.2")
        ),
    ],
)
def test_a_nameserver_is_an_address_to_its_last_character(line, glibc, musl, go):
    """Measured on glibc 2.36 and musl 1.2.3; Go dnsconfig_unix.go."""
    read = (parse_resolv_conf(line + b"\n", reader) for reader in (GLIBC, MUSL, GO))
    assert [each.nameservers[0].text for each in read] == [glibc, musl, go]


def test_a_carriage_return_is_told_where_it_counts():
    data = b"nameserver 192.0.2.1\r\nsearch a\r\n"
    said = [(each.line, each.why) for each in parse_resolv_conf(data, GLIBC).ignored]
    ends = "ends with a carriage return (CRLF line ends)"
    assert said == [(1, f"its address {ends}"), (2, f"its last domain {ends}")]
    assert parse_resolv_conf(data, MUSL).ignored == ()
