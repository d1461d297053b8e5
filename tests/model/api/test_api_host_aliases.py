"""The values of hostAliases that the API server refuses, and what to write instead."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.api.pod_spec import host_alias_problems
from kubectl_hosts.model.api.problems import path_text, shown
from kubectl_hosts.model.findings import Reason

PLACE = ("spec",)


def problems(*items):
    return [
        (each.reason, path_text(each.path), each.refused)
        for each in host_alias_problems({"hostAliases": list(items)}, PLACE)
    ]


@pytest.mark.parametrize(
    ("name", "because"),
    [
        pytest.param("", "it is empty", id="an empty name"),
        pytest.param("https://a.example/", "it is a URL", id="a URL"),
        pytest.param("Foo", "upper case is refused", id="upper case"),
        pytest.param("foo_bar", "an underscore is refused", id="an underscore"),
        pytest.param("*.local", "a hosts file has no wildcards", id="a wildcard"),
        pytest.param("foo.", "it ends in a dot", id="a final dot"),
        pytest.param("-foo", "it is not a lowercase RFC 1123 subdomain", id="a leading hyphen"),
        pytest.param("a..b", "it is not a lowercase RFC 1123 subdomain", id="an empty label"),
        pytest.param("a b", "it is several names", id="two names in one text"),
        pytest.param("a.example, b.example", "it is several names", id="with commas"),
        pytest.param("a\nb", "it is several names", id="a line each"),
        pytest.param(" a", "it is not a lowercase RFC 1123 subdomain", id="a blank before it"),
        pytest.param("db.example:5432", "a hosts file has no ports", id="a port"),
        pytest.param("fd00::5", "it is not a lowercase RFC 1123 subdomain", id="an IPv6 address"),
        pytest.param("b\xfccher", "it is not a lowercase RFC 1123 subdomain", id="beyond ASCII"),
    ],
)
def test_a_name_that_the_api_server_refuses(name, because):
    items = [{"ip": "192.0.2.1", "hostnames": ["ok", name]}]
    (problem,) = host_alias_problems({"hostAliases": items}, PLACE)
    assert (problem.reason, problem.message) == (
        Reason.HOST_ALIAS_NAME_INVALID,
        f"spec.hostAliases[0].hostnames[1]: Invalid value: {shown(name)}: not a valid host name: {because}",
    )


def test_a_name_of_254_characters_is_told_by_its_length():
    items = [{"ip": "192.0.2.1", "hostnames": ["a" * 254]}]
    (problem,) = host_alias_problems({"hostAliases": items}, PLACE)
    assert problem.message.endswith(
        "aaa...: not a valid host name: it is longer than 253 characters"
    )


@pytest.mark.parametrize(
    "name",
    ["foo", "foo.local", "1foo", "10.1.2.3", "xn--bcher-kva.example", "a" * 64],
)
def test_a_name_that_the_api_server_takes_is_left_alone(name):
    assert problems({"ip": "192.0.2.1", "hostnames": [name]}) == []


@pytest.mark.parametrize(
    "ip",
    ["", "foo", "foo.bar", "192.0.2", "192.0.2.256", "fe80::1%eth0", "10.0.0.0/8", "\u0661.1.1.1"],
)
def test_what_is_no_address_is_refused(ip):
    assert problems({"ip": ip, "hostnames": ["a"]}) == [
        (Reason.HOST_ALIAS_IP_INVALID, "spec.hostAliases[0].ip", True)
    ]


@pytest.mark.parametrize(
    ("ip", "names", "fix"),
    [
        pytest.param("", ["a"], "Set ip.", id="none"),
        pytest.param("[fd00::5]", ["a"], "Write the address without brackets and port.", id="[]"),
        pytest.param(
            "10.1.2.3:80", ["a"], "Write the address alone: a hosts file has no ports.", id="a port"
        ),
        pytest.param(
            "10.1.2.0/24", ["a"], "Write one address: a hosts file has no ranges.", id="a range"
        ),
        pytest.param("fe80::1%eth0", ["a"], "Write the address without its zone.", id="a zone"),
        pytest.param("10.1.2.3, 10.1.2.4", ["a"], "Write one address an item.", id="two"),
        pytest.param(
            "db",
            ["10.1.2.3"],
            "Exchange ip and hostnames: the address is among the names.",
            id="exchanged",
        ),
        pytest.param("", ["10.1.2.3"], "Set ip.", id="none, and an address for a name"),
        pytest.param(
            "host-gateway",
            ["a"],
            "Write the address; hostAliases do not resolve names.",
            id="a name",
        ),
    ],
)
def test_what_to_write_instead_of_what_is_no_address(ip, names, fix):
    items = [{"ip": ip, "hostnames": names}]
    (problem,) = host_alias_problems({"hostAliases": items}, PLACE)
    assert problem.fix == fix


@pytest.mark.parametrize(
    ("ip", "canonical", "is_ambiguous"),
    [
        pytest.param("010.001.002.003", "10.1.2.3", True, id="leading zeros are decimal"),
        pytest.param("::ffff:1.2.3.4", "1.2.3.4", True, id="a mapped address"),
        pytest.param("2001:DB8::1", "2001:db8::1", False, id="upper case"),
        pytest.param("2001:db8:0:0::1", "2001:db8::1", False, id="zeros written out"),
    ],
)
def test_an_address_in_another_form_is_taken_with_a_warning(ip, canonical, is_ambiguous):
    items = [{"ip": ip, "hostnames": ["a"]}]
    (problem,) = host_alias_problems({"hostAliases": items}, PLACE)
    assert (problem.reason, problem.refused, problem.fix) == (
        Reason.HOST_ALIAS_IP_NOT_CANONICAL,
        False,
        f'Write "{canonical}".',
    )
    assert problem.message.endswith("from 1.36 on refuse it") is is_ambiguous


@pytest.mark.parametrize("ip", ["192.0.2.1", "2001:db8::ffff", "::1", "0.0.0.0"])
def test_a_canonical_address_is_left_alone(ip):
    assert problems({"ip": ip, "hostnames": ["a"]}) == []


def test_each_item_after_the_first_with_the_same_ip_is_a_duplicate():
    items = ({"ip": ip, "hostnames": ["a"]} for ip in ("192.0.2.1", "192.0.2.2", "192.0.2.1"))
    assert problems(*items) == [(Reason.HOST_ALIAS_IP_DUPLICATE, "spec.hostAliases[2].ip", False)]


def test_an_item_without_names_is_a_useless_line():
    assert problems({"ip": "192.0.2.1"}) == [
        (Reason.HOST_ALIAS_WITHOUT_NAMES, "spec.hostAliases[0].hostnames", False)
    ]


def test_an_item_whose_names_are_misspelt_is_not_without_names():
    assert problems({"ip": "192.0.2.1", "hostames": ["a"]}) == []
