"""What the user may ask about, and what is refused before anything runs."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.names import Meant, check_name, names_meant

A63 = "a" * 63


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("redis", id="a relative name"),
        pytest.param("redis.shop.svc.cluster.local.", id="an absolute name"),
        pytest.param("_http._tcp.web.shop.svc", id="a port of a Service"),
        pytest.param("REDIS.Default", id="upper case"),
        pytest.param("10.96.0.1", id="an IPv4 address"),
        pytest.param("10.1", id="an address as inet_aton(3) reads it"),
        pytest.param("fd00::1", id="an IPv6 address"),
        pytest.param("fe80::1%eth0", id="an IPv6 address with a zone"),
        pytest.param("10-1-0-7.shop.pod", id="a dashed pod address"),
        pytest.param("xn--bcher-kva.example", id="punycode"),
        pytest.param("*.shop.svc", id="a wildcard"),
        pytest.param("a-.b", id="a label that ends with a hyphen"),
        pytest.param(f"{A63}.{A63}.{A63}.{'a' * 61}.", id="253 bytes and the final dot"),
    ],
)
def test_a_name_is_left_as_it_is(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("", "it is empty", id="nothing"),
        pytest.param("a b", "it has a space", id="a space"),
        pytest.param('a"b', "it has a quote", id="a quote"),
        pytest.param("a'b", 'it has "\'"', id="an apostrophe"),
        pytest.param("$(reboot)", 'it has "$"', id="a command substitution"),
        pytest.param("a;b", 'it has ";"', id="a semicolon"),
        pytest.param("a\nb", "it has a line break", id="a line break"),
        pytest.param("a\x1b[0m", "it has a control character", id="an escape sequence"),
        pytest.param("a..b", "it has an empty label", id="two dots"),
        pytest.param(".", "it has an empty label", id="a dot alone"),
        pytest.param(".a", "it has an empty label", id="a dot first"),
        pytest.param("a..", "it has an empty label", id="two final dots"),
        pytest.param("-rf", 'it begins with "-"', id="an option"),
        pytest.param("a." * 150, "it has 299 bytes", id="300 characters"),
        pytest.param("fd00::1%$(x)", 'it has ":"', id="a zone that is a command"),
        pytest.param("fd00::12345", 'it has ":"', id="no IPv6 address"),
    ],
)
def test_a_name_is_refused_with_its_fault(name, fault):
    with pytest.raises(BadInput, match=r"^invalid name ") as error:
        check_name(name)
    assert fault in error.value.message
    assert error.value.message.isprintable()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("redis\n", "Explain redis; what stands around it is no part of a name."),
        ('"redis.shop",', "Explain redis.shop; what stands around it is no part of a name."),
        pytest.param(
            "{{ .Release.Name }}-redis",
            "A template of Helm: `helm template` prints the name that it makes.",
            id="Helm",
        ),
        pytest.param("${DB_HOST}", "A variable: explain its value.", id="a shell's variable"),
        pytest.param("$(DB_HOST)", "A variable: explain its value.", id="a kubelet's variable"),
        pytest.param(
            "svc/redis",
            "NAME is what an application looks up; --from takes POD or TYPE/NAME.",
            id="an object",
        ),
        pytest.param(
            "api..shop",
            "Explain api.shop; what stood between the dots may be a variable that is not set.",
            id="a variable that is empty",
        ),
        pytest.param("bücher.example", "In DNS it is written xn--bcher-kva.example", id="IDN"),
    ],
)
def test_the_hint_says_what_was_meant(name, hint):
    with pytest.raises(BadInput) as error:
        check_name(name)
    assert error.value.hint == hint


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_bad_input(text):
    with suppress(BadInput):
        name = check_name(text)
        assert name.isascii()
        assert name.isprintable()
        assert not set(name) & set(" \"'$`\\;|&<>()/")
        assert not name.startswith("-")


URL, PORT = "the host of the URL", "the host alone"


@pytest.mark.parametrize(
    ("typed", "name", "words"),
    [
        pytest.param("http://redis:6379/0", "redis", URL, id="a URL"),
        pytest.param("https://example.com", "example.com", URL, id="a URL of a host alone"),
        pytest.param("amqp://example.com?heartbeat=5", "example.com", URL, id="a query"),
        pytest.param(
            "jdbc:postgresql://db.shop:5432/x", "db.shop", URL, id="a scheme of two parts"
        ),
        pytest.param("postgres://me:s%2Fcr:et@db/x", "db", URL, id="a password"),
        pytest.param("http://a@b@db/", "db", URL, id="an @ in a password"),
        pytest.param("http://[fd00::1]:80/", "fd00::1", URL, id="an IPv6 address"),
        pytest.param("redis:6379", "redis", PORT, id="a port"),
        pytest.param("redis:6379/0", "redis", PORT, id="a port and a path"),
        pytest.param("10.96.0.10:53", "10.96.0.10", PORT, id="an address and a port"),
        pytest.param("[fd00::1]:53", "fd00::1", PORT, id="an IPv6 address and a port"),
        pytest.param("redis:http", "redis", PORT, id="a port by its name"),
        pytest.param("redis:", "redis", PORT, id="a port that is left out"),
        pytest.param("redis/", "redis", PORT, id="a slash behind it"),
        pytest.param("//redis/x", "redis", URL, id="a URL without its scheme"),
        pytest.param("me:secret@redis/x", "redis", URL, id="a user without a scheme"),
        pytest.param("dns:///redis:53", "redis", URL, id="gRPC's name syntax"),
        pytest.param("xds+dns://8.8.8.8/redis:53", "redis", URL, id="with its authority"),
    ],
)
def test_a_url_means_its_host(typed, name, words):
    assert names_meant(typed) == Meant((name,), f"Explaining {name}, {words}")


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("redis.shop.svc.cluster.local.", id="a name"),
        pytest.param("fd00::1:80", id="an IPv6 address that ends as a port would"),
        pytest.param("10.96.0.10", id="an IPv4 address"),
    ],
)
def test_what_is_a_name_is_meant_as_it_is(typed):
    assert names_meant(typed) == Meant((typed,))


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        pytest.param("redis,queue", ("redis", "queue"), id="names"),
        pytest.param("redis:6379,queue:9092", ("redis", "queue"), id="brokers"),
        pytest.param("mongodb://me:x@a:27017,b,a/db?x=1", ("a", "b"), id="a URL, a host twice"),
    ],
)
def test_each_host_of_a_list_is_meant(typed, names):
    assert names_meant(typed) == Meant(names, f"Explaining {' and '.join(names)}, one by one")


@pytest.mark.parametrize(
    "typed",
    [
        "http://",
        "http:///x",
        "redis:123456",
        ":6379",
        "redis,",
        "10.96.0.0/16",
        "deplyo/web",
        "a?b",
    ],
)
def test_what_has_no_host_or_no_port_is_refused(typed):
    with pytest.raises(BadInput, match=r"^invalid name "):
        names_meant(typed)


@pytest.mark.parametrize("host", ["db..x", "", "db x", "$(DB)"])
def test_a_password_is_never_printed(host):
    with pytest.raises(BadInput) as error:
        names_meant(f"postgres://me:secret@{host}/")
    assert "secret" not in f"{error.value.message} {error.value.hint}"
