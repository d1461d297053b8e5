from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.addresses import Family, inet_aton, inet_pton, musl_literal, parse_zoned


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("10.1", "10.0.0.1"),
        ("192.168.1", "192.168.0.1"),
        ("1", "0.0.0.1"),
        ("4294967295", "255.255.255.255"),
        ("010.0.0.5", "8.0.0.5"),
        ("0x7f.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
    ],
)
def test_inet_aton_takes_one_to_four_parts_in_three_bases(text, address):
    assert inet_aton(text) == ip_address(address)


@pytest.mark.parametrize(
    "text", ["", "1.2.3.4.5", "256.1", "08.1.1.1", "0x", "1.", "a", "4294967296", "-1", "1.2.3.256"]
)
def test_inet_aton_refuses(text):
    assert inet_aton(text) is None


@pytest.mark.parametrize("text", ["010.0.0.5", "10.1", "fe80::1%lo", "1.2.3.4,", "", "x"])
def test_the_strict_form_refuses(text):
    assert inet_pton(text) is None


def test_a_zone_needs_an_ipv6_address():
    assert parse_zoned("fe80::1%lo") == ip_address("fe80::1%lo")
    assert parse_zoned("10.0.0.1%lo") is None


def test_musl_reads_ipv4_leniently_and_ipv6_with_a_zone():
    assert musl_literal("010.0.0.5") == ip_address("8.0.0.5")
    assert musl_literal("::1") == ip_address("::1")
    assert musl_literal("fe80::1%lo") == ip_address("fe80::1%lo")
    assert musl_literal("x") is None


@given(st.ip_addresses())
def test_every_reader_agrees_on_the_canonical_form(address):
    text = str(address)
    assert inet_pton(text) == parse_zoned(text) == musl_literal(text) == address


@given(st.text())
def test_no_text_raises(text):
    for parse in (inet_pton, inet_aton, parse_zoned, musl_literal):
        parse(text)


@pytest.mark.parametrize(
    ("family", "admits"), [(Family.UNSPEC, True), (Family.INET, True), (Family.INET6, False)]
)
def test_a_family_admits_its_addresses(family, admits):
    assert family.admits(IPv4Address("192.0.2.1")) is admits
