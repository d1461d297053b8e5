"""Corefiles as CoreDNS takes them apart: text in, blocks with their lines out."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_hosts.model.cluster_dns.corefile import (
    ONCE,
    Corefile,
    CorefileError,
    Directive,
    ServerBlock,
    ServerKey,
)
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.plugin_setup import seconds_of

KUBEADM = """\
.:53 {
    errors
    health {
       lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {   # the zones
       pods insecure
       ttl 30
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    loadbalance
}
"""


def test_the_stock_corefile_keeps_its_lines():
    assert parse_corefile(KUBEADM) == Corefile(
        blocks=(
            ServerBlock(
                keys=(ServerKey(zone="."),),
                line=1,
                plugins=(
                    Directive(name="errors", line=2),
                    Directive(
                        name="health",
                        line=3,
                        body=(Directive(name="lameduck", line=4, args=("5s",)),),
                    ),
                    Directive(
                        name="kubernetes",
                        line=6,
                        args=("cluster.local", "in-addr.arpa", "ip6.arpa"),
                        body=(
                            Directive(name="pods", line=7, args=("insecure",)),
                            Directive(name="ttl", line=8, args=("30",)),
                        ),
                    ),
                    Directive(
                        name="forward",
                        line=10,
                        args=(".", "/etc/resolv.conf"),
                        body=(Directive(name="max_concurrent", line=11, args=("1000",)),),
                    ),
                    Directive(name="loadbalance", line=13),
                ),
            ),
        )
    )


def plugins(text, **keywords):
    parsed = parse_corefile(text, **keywords)
    assert isinstance(parsed, Corefile), parsed
    return [(each.name, each.args, each.line) for each in parsed.blocks[0].plugins]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        pytest.param(". {\n}", [(".", 53)], id="port 53 where none is named"),
        pytest.param("Example.Org:1053 {\n}", [("example.org.", 1053)], id="a port"),
        pytest.param(
            "a.example b.example {\n}", [("a.example.", 53), ("b.example.", 53)], id="two"
        ),
        pytest.param(
            "a.example,\nb.example {\n}", [("a.example.", 53), ("b.example.", 53)], id="comma"
        ),
        pytest.param("dns://.:5353 {\n}", [(".", 5353)], id="a scheme"),
        pytest.param("tls://example.org {\n}", [("example.org.", 853)], id="another transport"),
        pytest.param("10.0.0.0/24 {\n}", [("0.0.10.in-addr.arpa.", 53)], id="a network"),
        pytest.param("{$ZONE}:53 {\n}", [("corp.example.", 53)], id="an environment variable"),
        pytest.param(".:53\nerrors\n", [(".", 53)], id="one block may go without braces"),
    ],
)
def test_a_block_listens_for_its_keys(text, keys):
    parsed = parse_corefile(text, environment={"ZONE": "corp.example"})
    assert isinstance(parsed, Corefile)
    assert [(key.zone, key.port) for key in parsed.blocks[0].keys] == keys


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "(log) {\n errors\n}\n. {\n import log\n}", [("errors", (), 2)], id="a snippet"
        ),
        pytest.param(
            '. {\n log "a b" \'c\n}', [("log", ("a b", "'c"), 2)], id="only double quotes quote"
        ),
        pytest.param('. {\n log "a \\" b\\d"\n}', [("log", ('a " b\\d',), 2)], id="escapes"),
        pytest.param("\ufeff. {\r\n errors\r\n}\r\n", [("errors", (), 2)], id="a Windows file"),
        pytest.param(
            '. {\n log "a\nb"\n errors\n}',
            [("log", ("a\nb",), 2), ("errors", (), 4)],
            id="quotes over lines",
        ),
    ],
)
def test_words_are_those_of_caddy(text, found):
    assert plugins(text) == found


def test_imports_come_from_files_in_name_order_and_keep_their_own_lines():
    files = {
        "/etc/coredns/custom/b.override": "log\n",
        "/etc/coredns/custom/a.override": "\nrewrite name a b\n",
        "/etc/coredns/custom/deeper/c.override": "never\n",
        "/etc/coredns/custom/d.server": "corp.example {\n forward . 192.0.2.1\n}\n",
    }
    text = ". {\n import custom/*.override\n}\nimport /etc/coredns/custom/*.server\n"
    parsed = parse_corefile(text, files=files)
    assert isinstance(parsed, Corefile)
    first, second = parsed.blocks
    assert [(each.name, each.line, each.file[-10:]) for each in first.plugins] == [
        ("rewrite", 2, "a.override"),
        ("log", 1, "b.override"),
    ]
    assert (second.zones, second.file) == (("corp.example.",), "/etc/coredns/custom/d.server")


def test_a_glob_without_files_is_no_error():
    parsed = parse_corefile(". {\n import custom/*.override\n errors\n}")
    assert isinstance(parsed, Corefile)
    assert [each.name for each in parsed.blocks[0].plugins] == ["errors"]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        pytest.param(
            ". {\n errors\n", "Syntax error: Unexpected end of file, expecting '}'", 1, id="open"
        ),
        pytest.param(". {\n hosts {\n", "Unexpected EOF", 2, id="open plugin"),
        pytest.param(
            ". {\n errors }\n}\n",
            "Unexpected '}' because no matching opening brace",
            2,
            id="a brace behind a plugin",
        ),
        pytest.param(
            ". {\n import missing\n}", "File to import not found: missing", 2, id="import"
        ),
        pytest.param(
            "(a) {\n}\n(a) {\n}", "redeclaration of previously declared snippet a", 3, id="twice"
        ),
        pytest.param(
            "(a) {\n import a\n}\n. {\n import a\n}",
            "maximum import depth (1000) exceeded",
            2,
            id="self",
        ),
        pytest.param(
            "a.example, {\n}",
            "Expected another address but had '{' - check for extra comma",
            1,
            id="comma",
        ),
        pytest.param(
            ". {\n forward . 192.0.2.1 dns.shop.svc.cluster.local\n}",
            'plugin/forward: not an IP address or file: "dns.shop.svc.cluster.local"',
            2,
            id="a name to forward to",
        ),
        pytest.param(
            "ftp://. {\n}",
            "invalid server block key ftp://.: unknown transport ftp",
            1,
            id="scheme",
        ),
    ],
)
def test_what_coredns_refuses_is_an_error_with_its_line(text, message, line):
    assert parse_corefile(text) == CorefileError(message, line)


@pytest.mark.parametrize(
    "to",
    [
        "192.0.2.1",
        "192.0.2.1:5353",
        "2001:db8::1",
        "[2001:db8::1]:53",
        "tls://192.0.2.1%dns.example",
        "/etc/resolv.conf",
        "{$UPSTREAM}",
    ],
)
def test_addresses_and_files_are_what_forward_takes(to):
    text = f". {{\n forward . {to}\n}}"
    assert isinstance(parse_corefile(text, environment={"UPSTREAM": "192.0.2.1"}), Corefile)


WORDS = st.sampled_from(
    [
        ".",
        "{",
        "}",
        "import",
        "(a)",
        "a",
        "hosts",
        '"',
        "#",
        "\n",
        "\r\n",
        " ",
        "\\",
        "{$A}",
        ",",
        ":53",
        "*",
        "é",
        "10.0.0.0/9",
        "::/1",
    ]
)


@given(st.one_of(st.text(), st.lists(WORDS, max_size=60).map(" ".join)))
@example("import 0*")
def test_any_text_is_a_corefile_or_an_error(text):
    parsed = parse_corefile(text, files={"/etc/coredns/a": text})
    assert isinstance(parsed, (Corefile, CorefileError))


def test_braces_nested_without_end_are_an_error():
    assert isinstance(parse_corefile(". {\n" + "a {\n" * 5000), CorefileError)


def test_a_fleet_s_pods_have_their_server_s_corefile_parsed_once():
    files = {"/etc/coredns/custom/a.server": "corp.example {\n forward . 192.0.2.1\n}\n"}
    text = "import custom/*.server\n. {\n errors\n}\n"
    assert parse_corefile(text, files=files) is parse_corefile(text, files=dict(files))
    assert parse_corefile(text, files=files) is not parse_corefile(text, files={})


BLOCK = ". {\n %s\n forward . 192.0.2.1\n}\n"
REFUSED_AT_START = [
    # text, release, the message and its line; None: it is loaded
    pytest.param(
        BLOCK % "forward . 192.0.2.2", (1, 9, 3), (f"plugin/forward: {ONCE}", 3), id="forward twice"
    ),
    pytest.param(BLOCK % "forward . 192.0.2.2", (1, 9, 4), None, id="forward twice, taken"),
    pytest.param(BLOCK % "forward . 192.0.2.2", None, None, id="forward twice in no known release"),
    pytest.param(BLOCK % "loop\n loop", (1, 12, 1), (f"plugin/loop: {ONCE}", 3), id="loop twice"),
    pytest.param(BLOCK % "template IN A a\n template IN A b", (1, 12, 1), None, id="two templates"),
    pytest.param(
        BLOCK % "proxy b 192.0.2.2", (1, 5, 0), ("Unknown directive 'proxy'", 2), id="proxy"
    ),
    pytest.param(BLOCK % "proxy b 192.0.2.2", (1, 4, 0), None, id="proxy before"),
    pytest.param(BLOCK % "proxy b 192.0.2.2", None, None, id="proxy of an unknown build"),
    pytest.param(BLOCK % "k8s_gateway b", (1, 12, 1), None, id="a plugin of another build"),
    pytest.param(
        BLOCK % "hosts{\n 192.0.2.1 a\n }", None, ("Unknown directive 'hosts{'", 2), id="no space"
    ),
    pytest.param(
        BLOCK % "b.test:53 {\n }", None, ("Unknown directive 'b.test:53'", 2), id="block in a block"
    ),
    pytest.param(
        BLOCK % "kubernetes a {\n  upstream\n }",
        (1, 7, 0),
        ("plugin/kubernetes: unknown property 'upstream'", 3),
        id="an option that is gone",
    ),
    pytest.param(BLOCK % "kubernetes a {\n  upstream\n }", (1, 6, 9), None, id="before that"),
    pytest.param(
        BLOCK % "kubernetes a {\n  multicluster a\n }",
        (1, 12, 1),
        ("plugin/kubernetes: unknown property 'multicluster'", 3),
        id="an option that is yet to come",
    ),
    pytest.param(
        BLOCK % "kubernetes a {\n  multicluster a\n }", (1, 12, 2), None, id="and is there"
    ),
    pytest.param(
        BLOCK % "kubernetes a {\n  except b\n }",
        None,
        ("plugin/kubernetes: unknown property 'except'", 3),
        id="an option of another plugin",
    ),
    pytest.param(
        BLOCK % "file db.a a {\n  ttl 30\n }",
        None,
        ("plugin/file: unknown property 'ttl'", 3),
        id="an option that zone files do not have",
    ),
    pytest.param(
        ". {\n forward . 192.0.2.1 {\n  except a\n  max_concurrent 9\n  prefer_udp\n }\n}\n",
        None,
        None,
        id="options that some release has",
    ),
    pytest.param(
        BLOCK % "dnssec a {\n  key file b\n  anything b\n }",
        None,
        None,
        id="a plugin whose options are not listed",
    ),
    pytest.param(
        BLOCK % "log" + BLOCK % "log",
        None,
        ("cannot serve dns://.:53 - it is already defined", 5),
        id="a zone twice",
    ),
    pytest.param(BLOCK % "view v {\n  expr true\n }" + BLOCK % "log", None, None, id="a view"),
    pytest.param(
        BLOCK % "log" + BLOCK % "view v {\n  expr true\n }",
        (1, 14, 2),
        ("cannot serve dns://.:53 - it is already defined", 5),
        id="a view behind the block of all, before 1.14.3",
    ),
    pytest.param(
        BLOCK % "log" + BLOCK % "view v {\n  expr true\n }", (1, 14, 3), None, id="and from then on"
    ),
    pytest.param(
        2 * (BLOCK % "view v {\n  expr true\n }"), (1, 12, 1), None, id="two views, none of all"
    ),
    pytest.param(BLOCK % "log" + ".:5353 {\n log\n}\n", None, None, id="another port"),
    pytest.param(BLOCK % "multicluster a.test", None, None, id="a plugin of other builds"),
    # a slip, and a brace that is missing or too much
    *(
        pytest.param(BLOCK % line, None, (f"Unknown directive '{line.split()[0]}'", 2), id=line)
        for line in ("foward . 192.0.2.2", "kubernets a", "pods insecure", "ttl 30", "5")
    ),
    *(
        pytest.param(BLOCK % line, (1, 12, 1), None, id=line)
        for line in ("k8s_crd a", "fanout . 192.0.2.2", "records a", "unbound", "block a")
    ),
    pytest.param(
        ". {\n kubernetes a {\n  pods insecure\n forward . 192.0.2.1\n cache {\n }\n}\n",
        None,
        ("plugin/kubernetes: unknown property 'forward'", 4),
        id="an open brace, which that of the block closes",
    ),
    pytest.param(". {\n hosts {\n }\n", None, None, id="the last word is a brace"),
    pytest.param(".\nlog\n}\n", None, None, id="a brace without one that opens"),
    pytest.param("}\n" + BLOCK % "log", None, ("Unknown directive '.'", 2), id="behind one"),
    pytest.param(
        BLOCK % "hosts {\n  192.0.2.1 a\n  fallthrough\n  192.0.2.2 b\n }",
        None,
        ("plugin/hosts: unknown property '192.0.2.2'", 5),
        id="an entry of hosts behind its fallthrough",
    ),
    pytest.param(
        BLOCK % "hosts {\n  192.0.2.1 a\n  no_reverse\n  fallthrough\n  ttl 5\n }",
        None,
        None,
        id="an option there",
    ),
]
_SAID = "Wrong argument count or unexpected line ending after"
_ONLY = (
    "name rule supports only exact, prefix, suffix, substring, and regex name matching, "
    "received: {}"
)
_GROUPS = (
    "the rewrite regex pattern ({}) uses more subexpressions than its corresponding matching "
    "regex pattern ({})"
)
OF_PLUGINS = [
    # the lines of a block, what the plugin says and its line; None: it is loaded
    ("errors", None),
    ("errors stdout", None),
    ("errors /dev/stderr", ("invalid log file: '/dev/stderr'", 2)),
    ("errors {\n consolidate 5m .* warning\n}", None),
    ("errors {\n consolidate 5 .*\n}", ('time: missing unit in duration "5"', 3)),
    ("health :8080", None),
    ("health 8080", ("address 8080: missing port in address", 2)),
    ("health {\n lameduck 5s\n}", None),
    ("health {\n lameduck\n}", (f"{_SAID} 'lameduck'", 3)),
    ("health {\n lameduk 5s\n}", ("unknown property 'lameduk'", 3)),
    ("cache 30 cluster.local", None),
    ("cache 0", ("cache TTL can not be zero or negative", 2)),
    ("cache {\n success 9984 30\n denial 9984 5\n serve_stale 1h immediate\n}", None),
    ("cache {\n succes 9984\n}", (f"{_SAID} 'succes'", 3)),
    ("cache {\n servfail 10m\n}", ("invalid duration 10m", 3)),
    ("cache {\n disable denial cluster.local\n}", None),
    ("reload 10s", None),
    ("reload 10", ('time: missing unit in duration "10"', 2)),
    ("reload 1s", ("invalid duration 1s", 2)),
    ("loop a", (f"{_SAID} 'a'", 2)),
    ("loadbalance round_robin", None),
    ("loadbalance fastest", ("unknown policy: 'fastest'", 2)),
    ("log . {\n class denial error\n}", None),
    ("log {\n class denied\n}", ("not a valid class: 'denied'", 3)),
    ("kubernetes a {\n pods verified\n ttl 30\n namespaces b c\n}", None),
    ("kubernetes a {\n pods inscure\n}", ("wrong value for pods: 'inscure'", 3)),
    ("kubernetes a {\n noendpoints true\n}", (f"{_SAID} 'true'", 3)),
    (
        "kubernetes a {\n namespaces b\n namespace_labels c=d\n}",
        ("namespaces and namespace_labels cannot both be set", 2),
    ),
    ("kubernetes 10.in-addr.arpa", ("non-reverse zone name must be used", 2)),
    ("k8s_external a", ("kubernetes plugin not loaded", 2)),
    ("kubernetes b\nk8s_external a", None),
    ("template IN A a {\n answer b\n}", None),
    ("template A IN a", ("invalid query class 'A'", 2)),
    ("template IN A a {\n record b\n}", (f"{_SAID} 'record'", 3)),
    ("acl {\n allow net 10.0.0.0/8\n block type A net *\n}", None),
    ("acl {\n allow 10.0.0.0/8\n}", ("unexpected token \"10.0.0.0/8\"; expect 'type | net'", 3)),
    ("bufsize 1232", None),
    ("bufsize 1", ("not in range [512, 4096]: 1", 2)),
    ("bufsize\nbufsize 1", None),
    ("dns64 64:ff9b::/96", None),
    ("dns64 10.0.0.0/8", ("invalid CIDR address: 10.0.0.0/8", 2)),
    ("header {\n response set ra\n}", None),
    ("header", (f"{_SAID} 'header'", 2)),
    ("header {\n response add ra\n}", ("unknown flag action=add, should be set or clear", 3)),
    ("autopath @kubernetes", None),
    ("autopath kubernetes", ('failed to parse "kubernetes": no such file or directory', 2)),
    ("metadata\nmetadata", (f"{_SAID} 'metadata'", 3)),
    ("transfer {\n to *\n}", None),
    ("transfer {\n to ns.example\n}", ("must specify an IP address: `ns.example'", 3)),
    ("timeouts {\n read 5s\n}", None),
    ("timeouts", ("timeouts block with no timeouts specified", 2)),
    ("rewrite name a.example b.example", None),
    ("rewrite name regex (.*)\\.a {1}.b answer auto", None),
    ("rewrite stop {\n name suffix .a .b\n answer name b a\n}", None),
    ("rewrite type A AAAA", None),
    ("rewrite ttl regex a 30-60", None),
    ("rewrite rcode regex a NXDOMAIN NOERROR", None),
    ("rewrite class CH IN", None),
    ("rewrite", ("no rule type specified for rewrite", 2)),
    ("rewrite nam a b", ('invalid rule type "nam"', 2)),
    ("rewrite name a", ("too few arguments for a name rule", 2)),
    (
        "rewrite name contains a b",
        (
            _ONLY.format("contains"),
            2,
        ),
    ),
    (
        "rewrite name regex a {1}.b",
        (
            _GROUPS.format("{1}.b", "a"),
            2,
        ),
    ),
    (
        "rewrite name suffix a b c d",
        ("exceeded the number of arguments for a non-answer rule argument for suffix rule", 2),
    ),
    (
        "rewrite name suffix a b answer all",
        ('invalid type "all" for answer rule for suffix rule', 2),
    ),
    ("rewrite name suffix a b answer", ("invalid arguments for suffix rule", 2)),
    (
        "rewrite name suffix a b answer name c",
        ("name answer rule for suffix rule: 2 arguments required", 2),
    ),
    (
        "rewrite name suffix a b answer auto answer name c d",
        ("auto name answer rule cannot be combined with explicit name answer rules", 2),
    ),
    ("rewrite type A", ("type rules must have exactly two arguments", 2)),
    ("rewrite type A X", ('invalid type "X"', 2)),
    ("rewrite rcode a NXDOMAIN FINE", ("invalid RCODE 'FINE' for a rcode rule", 2)),
    ("rewrite ttl a 60-30", ("invalid TTL '60-30' for a ttl rule", 2)),
    ("rewrite cname a", ("too few (1) arguments for a cname rule", 2)),
    ("rewrite edns0 local add 1 2", ('invalid action: "add"', 2)),
    ("rewrite answer name a b", ("response rewrites must begin with a name rule", 2)),
    ("dnssec {\n anything at all\n}", None),
]


@pytest.mark.parametrize(("lines", "said"), OF_PLUGINS)
def test_what_a_plugin_takes_and_what_it_refuses(lines, said):
    """coredns plugin/*/setup.go; tests/e2e/test_corefile_setup.py asks the real one."""
    parsed = parse_corefile(f". {{\n{lines}\n forward . 192.0.2.1\n}}\n")
    plugin = lines.split()[0]
    expected = None if said is None else (f"plugin/{plugin}: {said[0]}", said[1])
    assert (
        (parsed.message, parsed.line) if isinstance(parsed, CorefileError) else None
    ) == expected


@pytest.mark.parametrize(
    ("plugin", "option", "release", "is_taken"),
    [
        ("forward", "next NXDOMAIN", (1, 11, 3), False),
        ("forward", "next NXDOMAIN", (1, 11, 4), True),
        ("kubernetes", "startup_timeout 30s", (1, 12, 2), False),
        ("kubernetes", "startup_timeout 30s", None, True),
        ("cache", "keepttl", (1, 10, 0), False),
        ("cache", "keepttl", (1, 10, 1), True),
    ],
)
def test_an_option_is_taken_from_its_release_on(plugin, option, release, is_taken):
    head = "forward . 192.0.2.1" if plugin == "forward" else f"{plugin} a"
    text = f". {{\n {head} {{\n  {option}\n }}\n}}\n"
    assert isinstance(parse_corefile(text, version=release), Corefile) == is_taken
    running = parse_corefile(text, version=release, is_running=True)
    assert isinstance(running, Corefile), "its builder may have taken it over"


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        *(("5s", 5.0), ("1h30m", 5400.0), ("1.5s", 1.5), ("0", 0.0), ("-2s", -2.0), ("+.5m", 30.0)),
        *((each, None) for each in ("", "5", "s", "5d", "5 s", "1,5s", "s5", "5s5", "\u0665s")),
    ],
)
def test_a_duration_is_what_go_takes_for_one(word, seconds):
    assert seconds_of(word) == seconds


@pytest.mark.parametrize(("text", "version", "refused"), REFUSED_AT_START)
def test_what_keeps_coredns_from_loading_a_corefile(text, version, refused):
    parsed = parse_corefile(text, version=version)
    said = (parsed.message, parsed.line) if isinstance(parsed, CorefileError) else None
    assert said == refused


def test_a_line_of_an_imported_file_says_so():
    files = {"/etc/coredns/custom/a.override": "\nlog"}
    parsed = parse_corefile(". {\n import custom/*.override\n errors\n}", files=files)
    assert isinstance(parsed, Corefile)
    lines = [f"line {each.line}" for each in parsed.blocks[0].plugins]
    assert lines == ["line 2 of a.override", "line 3"]
