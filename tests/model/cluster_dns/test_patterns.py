"""Expressions and numbers of a Corefile: as Go reads them, in linear time, or not known."""

from __future__ import annotations

import sys
import time

import pytest

from kubectl_hosts.model.cluster_dns import corefile
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile import (
    Corefile,
    CorefileError,
    Match,
    PatternUnknown,
    Refused,
    compile_pattern,
)
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import NoReply, Question, UnknownReply
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select

LONG = "a" * 250 + "!"


@pytest.fixture
def without_re2(monkeypatch):
    monkeypatch.setitem(sys.modules, "re2", None)
    corefile._compiled.cache_clear()
    yield
    corefile._compiled.cache_clear()


READ = [
    pytest.param(r"^(.*)\.a\.$", "x.a.", Match(("x.a.", "x")), id="a group"),
    pytest.param("b", "a.", None, id="no match"),
    pytest.param("(?P<n>a)b", "ab", Match(("ab", "a"), (("n", "a"),)), id="a name"),
    pytest.param("(?i)A", "a", Match(("a",)), id="a flag"),
    pytest.param("a$", "a\n", None, id="the dollar sign is the very end"),
    pytest.param(r"[a-z]+\d{2}", "ab12", Match(("ab12",)), id="classes"),
]


@pytest.mark.parametrize(("pattern", "subject", "expected"), READ)
def test_an_expression_is_read_as_go_reads_it(pattern, subject, expected):
    assert compile_pattern(pattern).search(subject) == expected


@pytest.mark.parametrize(("pattern", "subject", "expected"), READ)
@pytest.mark.usefixtures("without_re2")
def test_a_plain_expression_is_read_without_re2_too(pattern, subject, expected):
    assert compile_pattern(pattern).search(subject) == expected


@pytest.mark.parametrize(
    ("pattern", "subject", "expected"),
    [
        pytest.param(r"\Qa.b\E", "a.b", Match(("a.b",)), id="a quotation"),
        pytest.param("(?<n>a)", "a", Match(("a", "a"), (("n", "a"),)), id="a name, as in Perl"),
        pytest.param(r"[[:alpha:]]+\z", "1ab", Match(("ab",)), id="a POSIX class, the end"),
        pytest.param("(a)(x)?", "a", Match(("a", "a", None)), id="a group that took no part"),
        pytest.param("(?s).", "\n", Match(("\n",)), id="another flag"),
    ],
)
def test_what_python_does_not_know_is_read_by_re2(pattern, subject, expected):
    assert compile_pattern(pattern).search(subject) == expected


@pytest.mark.parametrize("pattern", ["(", "[a", r"\1", "(?=a)", "(?<!a)b", "a**", "a{1001}", r"\C"])
def test_an_expression_that_go_refuses_is_refused(pattern):
    with pytest.raises(Refused):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*=", "(.*)(.*)(.*)(.*)=", "(a?){99}a{99}="])
def test_an_expression_that_backtracks_takes_no_time(pattern):
    start = time.process_time()
    assert compile_pattern(pattern).search(LONG) is None
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*$", "(.*)(.*)(.*)=", r"\Qa\E", "(?<n>a)", "(?s).", "(", "é", "a$b", r"\pL"],
)
@pytest.mark.usefixtures("without_re2")
def test_without_re2_what_may_backtrack_or_differ_is_not_known(pattern):
    with pytest.raises(PatternUnknown):
        compile_pattern(pattern)


def answer(text, name="a.example.org.", qtype="A"):
    server = ClusterDNS(corefile=parse_corefile(text), object="kube-system/coredns")

    def tell(need):
        return UnknownReply("outside") if isinstance(need, UpstreamAsk) else select(need, ())

    return answered(serve(Question(name, qtype), server), tell)


REFUSED = [
    pytest.param("rewrite name regex ( {1}", 2, id="a rewrite"),
    pytest.param("rewrite name suffix a b answer name ( b", 2, id="an answer of a rewrite"),
    pytest.param("rewrite ttl regex a( 5", 2, id="a rewrite of the ttl"),
    pytest.param(f"rewrite ttl a.example.org {'9' * 5000}", 2, id="a rewrite to 5,000 digits"),
    pytest.param("rewrite ttl a.example.org ²", 2, id="a rewrite to a digit that is none"),
    pytest.param("rewrite ttl exact a.example.org -", 2, id="a range without ends"),
    pytest.param("template IN A {\n match a (\n}", 3, id="a template"),
    pytest.param("hosts {\n 192.0.2.1 a\n ttl 99999\n}", 4, id="a ttl of hosts"),
    pytest.param("hosts {\n ttl ²\n}", 3, id="a digit that is none"),
    pytest.param("kubernetes cluster.local {\n ttl 5000\n}", 3, id="a ttl of kubernetes"),
    pytest.param(f"kubernetes a {{\n ttl {'9' * 5000}\n}}", 3, id="a ttl of 5,000 digits"),
    pytest.param("k8s_external a {\n ttl -1\n}", 3, id="a ttl below zero"),
]


@pytest.mark.parametrize(("plugin", "line"), REFUSED)
def test_what_a_plugin_refuses_keeps_the_corefile_from_loading(plugin, line):
    text = f". {{\n{plugin}\n forward . 192.0.2.1\n}}\n"
    parsed = parse_corefile(text)
    assert isinstance(parsed, CorefileError)
    assert (parsed.line, parsed.message.startswith(f"plugin/{plugin.split()[0]}: ")) == (line, True)
    served = answer(text)
    assert isinstance(served.answer, UnknownReply)
    assert f"CoreDNS refuses line {line} of kube-system/coredns (" in served.answer.what


@pytest.mark.parametrize(
    "plugin",
    [
        pytest.param("rewrite name regex (.*)[.]b[.] {1}.c", id="an expression"),
        pytest.param("rewrite ttl example.org 30-300", id="a range of ttls"),
        pytest.param("hosts {\n ttl 60\n}", id="a ttl"),
        pytest.param(f"cache {'9' * 5000}", id="a number beyond all is a zone to cache"),
        pytest.param("cache ²", id="so is a digit that is none"),
    ],
)
def test_what_plugins_take_is_left_alone(plugin):
    assert isinstance(parse_corefile(f". {{\n {plugin}\n}}\n"), Corefile)


@pytest.mark.parametrize(
    "plugin",
    [
        pytest.param(
            f'template IN A {{\n answer "{{{{ .Name }}}} {"9" * 5000} IN A 192.0.2.1"\n}}',
            id="a ttl of 5,000 digits in a record",
        ),
        pytest.param(
            f'template IN A {{\n answer "{{{{ index .Match {"9" * 5000} }}}} IN A 192.0.2.1"\n}}',
            id="a group with 5,000 digits",
        ),
    ],
)
def test_a_number_that_is_none_is_unknown_by_its_line(plugin):
    served = answer(f". {{\n {plugin}\n forward . 192.0.2.1\n}}\n")
    assert isinstance(served.answer, UnknownReply)
    assert "Corefile line 2" in served.answer.what


@pytest.mark.parametrize(
    "plugin",
    [
        f"rewrite name regex (a+)+$ b\n rewrite name regex {'(.*)' * 20}= {{1}}",
        "template IN A {\n match (a+)+$\n fallthrough\n}",
        f'template IN A {{\n answer "{"{{" * 20000}"\n}}',
        f'template IN A {{\n answer "{{{{{" " * 20000}"\n}}',
        f"hosts {{\n 192.0.2.1 {'{%' * 20000}\n}}",
    ],
)
def test_no_line_keeps_the_model_busy(plugin):
    start = time.process_time()
    answer(f". {{\n {plugin}\n forward . 192.0.2.1\n}}\n", f"{'a' * 60}.{'a' * 60}.")
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "files"),
    [
        pytest.param("import many\n" * 900, {"/etc/coredns/many": "word " * 100_000}, id="files"),
        pytest.param(
            f"(a) {{\n {'word ' * 100_000}\n}}\n. {{\n{' import a{n}'.replace('{n}', chr(10)) * 900}}}\n",
            {},
            id="snippets",
        ),
    ],
)
def test_imports_without_end_are_refused(text, files):
    start = time.process_time()
    parsed = parse_corefile(text, files=files)
    assert isinstance(parsed, CorefileError)
    assert parsed.message == "more than 200000 words, imports included"
    assert time.process_time() - start < 5


def test_a_hosts_file_of_thousands_of_lines_is_read_once():
    lines = "".join(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255} host-{n}.corp\n" for n in range(20_000))
    server = ClusterDNS(
        corefile=parse_corefile(". {\n hosts /names {\n fallthrough\n }\n}\n"),
        files={"/names": lines},
    )
    start = time.process_time()
    for n in range(100):
        served = answered(serve(Question(f"host-{n}.corp.", "A"), server), lambda _: NoReply())
        assert [each.data for each in served.answered] == [f"10.0.0.{n}"]
    assert time.process_time() - start < 10
