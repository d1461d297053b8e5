"""hosts-file.md section 5, row by row; each row was measured on the C library it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.addresses import Family, address_text
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.readers import (
    GLIBC,
    GLIBC_MULTI,
    GO,
    MUSL,
    FoundInHosts,
    NotInHosts,
    OtherFamilyOnly,
    find_addresses,
    find_names,
)

KUBELET = b"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
LONG = b"10.0.0.1\t" + b"\t".join(b"n%04d-name" % n for n in range(60)) + b"\n10.0.0.2 next\n"


def ask(text, name, reader, family=Family.UNSPEC):
    """The addresses as text; `-` when only the other family has the name, `` when nothing has."""
    match find_addresses(name, parse_hosts_file(text), reader, family):
        case FoundInHosts() as found:
            return " ".join(address_text(address) for address in found.addresses)
        case OtherFamilyOnly():
            return "-"
        case NotInHosts():
            return ""


# text, name asked, then: glibc, glibc with `multi on`, musl, Go
ROWS = [
    pytest.param(
        b"10.0.0.1 db\n10.0.0.2 db\n",
        "db",
        "10.0.0.1",
        "10.0.0.1 10.0.0.2",
        "10.0.0.1 10.0.0.2",
        "10.0.0.1 10.0.0.2",
        id="several lines",
    ),
    pytest.param(b"10.0.0.1 db\n", "DB", "10.0.0.1", "10.0.0.1", "", "10.0.0.1", id="case asked"),
    pytest.param(b"10.0.0.1 DB\n", "db", "10.0.0.1", "10.0.0.1", "", "10.0.0.1", id="case written"),
    pytest.param(b"10.0.0.1 a.b\n", "a.b.", "", "", "", "10.0.0.1", id="final dot asked"),
    pytest.param(b"10.0.0.1 a.b.\n", "a.b", "", "", "", "10.0.0.1", id="final dot written"),
    pytest.param(b"10.0.0.1 db\n", "db.", "", "", "", "", id="final dot after one label"),
    pytest.param(
        b"10.0.0.1 a.b.\n", "a.b.", *["10.0.0.1"] * 4, id="final dot asked and written alike"
    ),
    pytest.param(
        b"  10.0.0.1 db\n", "db", "10.0.0.1", "10.0.0.1", "", "10.0.0.1", id="leading blanks"
    ),
    pytest.param(b"10.0.0.1 db # old\n", "old", "", "", "", "", id="in a comment"),
    pytest.param(b"10.0.0.1 db#old", "db", *["10.0.0.1"] * 4, id="a comment ends the name"),
    pytest.param(b"10.0.0.1 db\r\n", "db", *["10.0.0.1"] * 4, id="CRLF"),
    pytest.param(
        b"10.0.0.1 db", "db", "10.0.0.1", "10.0.0.1", "", "10.0.0.1", id="no final newline"
    ),
    pytest.param(
        b"10.0.0.1 db x", "db", *["10.0.0.1"] * 4, id="no final newline costs the last name only"
    ),
    pytest.param(
        LONG, "n0044-name", *["10.0.0.1"] * 4, id="a name that ends at byte 510 or before"
    ),
    pytest.param(
        LONG, "n0045-name", "10.0.0.1", "10.0.0.1", "", "10.0.0.1", id="a name past byte 510"
    ),
    pytest.param(
        b"10.0.0.1 " + b"x" * 499 + b" a-045 db\n",
        "db",
        "10.0.0.1",
        "10.0.0.1",
        "0.0.0.37",
        "10.0.0.1",
        id="musl reads the rest of a long line as a line: 045 is an octal address",
    ),
    pytest.param(LONG, "next", *["10.0.0.2"] * 4, id="the line after a long one"),
    pytest.param(b"010.0.0.5 x\n", "x", "", "", "8.0.0.5", "", id="octal"),
    pytest.param(b"192.168.1 x\n", "x", "", "", "192.168.0.1", "", id="three octets"),
    pytest.param(b"fe80::1%lo x\n", "x", "", "", "fe80::1%lo", "fe80::1%lo", id="a zone"),
    pytest.param(b"10.0.0.1, x\n", "x", "", "", "", "", id="comma after the address"),
    pytest.param(b"10.0.0.256 x\n", "x", "", "", "", "", id="bad address"),
    pytest.param(b"10.0.0.1\n", "10.0.0.1", "", "", "", "", id="address alone"),
    pytest.param(b"10.0.0.1 a_b\n", "a_b", *["10.0.0.1"] * 4, id="underscore"),
    pytest.param(
        b"10.0.0.1 x x\n",
        "x",
        "10.0.0.1",
        "10.0.0.1",
        "10.0.0.1",
        "10.0.0.1 10.0.0.1",
        id="twice on one line",
    ),
    pytest.param(
        b"10.0.0.1 x\n10.0.0.1 x\n",
        "x",
        "10.0.0.1",
        *["10.0.0.1 10.0.0.1"] * 3,
        id="twice on two lines",
    ),
    pytest.param(
        KUBELET,
        "localhost",
        "127.0.0.1",
        *["127.0.0.1 ::1"] * 3,
        id="localhost in the kubelet's file",
    ),
    pytest.param(b"10.0.0.1 \xff\xfe db\n", "db", *["10.0.0.1"] * 4, id="bytes that are not UTF-8"),
    pytest.param(b"10.0.0.1 db\n", "d", "", "", "", "", id="part of a name"),
]


@pytest.mark.parametrize(("text", "name", "glibc", "multi", "musl", "go"), ROWS)
def test_each_reader_answers_a_family_unspecified_lookup(text, name, glibc, multi, musl, go):
    answers = tuple(ask(text, name, reader) for reader in (GLIBC, GLIBC_MULTI, MUSL, GO))
    assert answers == (glibc, multi, musl, go)


@pytest.mark.parametrize(
    ("text", "family", "glibc", "multi", "musl", "go"),
    [
        pytest.param(
            b"::ffff:10.0.0.7 x\n",
            Family.UNSPEC,
            *["::ffff:10.0.0.7"] * 3,
            "10.0.0.7",
            id="mapped, any",
        ),
        pytest.param(
            b"::ffff:10.0.0.7 x\n",
            Family.INET,
            "10.0.0.7",
            "10.0.0.7",
            "-",
            "10.0.0.7",
            id="mapped, IPv4",
        ),
        pytest.param(
            b"::ffff:10.0.0.7 x\n",
            Family.INET6,
            *["::ffff:10.0.0.7"] * 3,
            "-",
            id="mapped, IPv6",
        ),
        pytest.param(
            b"::1 x\n", Family.INET, "127.0.0.1", "127.0.0.1", "-", "-", id="::1 asked for IPv4"
        ),
        pytest.param(
            b"127.0.0.1 x\n::1 x\n",
            Family.INET,
            "127.0.0.1",
            "127.0.0.1 127.0.0.1",
            "127.0.0.1",
            "127.0.0.1",
            id="localhost lines asked for IPv4",
        ),
        pytest.param(b"10.0.0.1 x\n", Family.INET6, "-", "-", "-", "-", id="other family only"),
        pytest.param(
            b"10.0.0.1 x\n2001:db8::1 x\n",
            Family.INET6,
            *["2001:db8::1"] * 4,
            id="a line of each family",
        ),
    ],
)
def test_each_reader_answers_for_one_family(text, family, glibc, multi, musl, go):
    answers = tuple(ask(text, "x", reader, family) for reader in (GLIBC, GLIBC_MULTI, MUSL, GO))
    assert answers == (glibc, multi, musl, go)


@pytest.mark.parametrize(("reader", "ends"), [(GLIBC, False), (MUSL, True), (GO, True)])
def test_a_name_of_the_other_family_ends_the_lookup_or_not(reader, ends):
    answer = find_addresses("x", parse_hosts_file(b"10.0.0.1 x\n"), reader, Family.INET6)
    assert isinstance(answer, OtherFamilyOnly)
    assert answer.ends_lookup is ends


def test_a_match_names_its_line_and_the_text_it_was_read_from():
    answer = find_addresses("b", parse_hosts_file(b"# c\n010.0.0.5 a b\n"), MUSL)
    assert isinstance(answer, FoundInHosts)
    assert [(match.line, match.written, str(match.address)) for match in answer.matches] == [
        (2, "010.0.0.5", "8.0.0.5")
    ]
    assert answer.canonical_name == "a"


def test_musl_keeps_48_addresses():
    text = b"".join(b"10.0.0.%d x\n" % n for n in range(60))
    assert len(ask(text, "x", MUSL).split()) == 48
    assert len(ask(text, "x", GO).split()) == 60


@pytest.mark.parametrize(
    ("reader", "names"),
    [
        (GLIBC, ("a.example",)),
        (MUSL, ("a.example",)),
        (GO, ("a.example.", "a", "b")),
    ],
)
def test_reverse_gives_the_first_name_or_every_name(reader, names):
    file = parse_hosts_file(b"10.0.0.1 a.example a\n10.0.0.2 x\n10.0.0.1 b\n")
    assert find_names("10.0.0.1", file, reader) == names
    assert find_names("10.0.0.9", file, reader) == ()
    assert find_names("nonsense", file, reader) == ()


@given(st.binary(max_size=1500), st.text(max_size=12))
def test_no_file_and_no_name_raise(data, name):
    file = parse_hosts_file(data)
    for reader in (GLIBC, GLIBC_MULTI, MUSL, GO):
        find_addresses(name, file, reader)
        find_names(name, file, reader)


PLAIN = st.lists(
    st.tuples(st.ip_addresses(v=4), st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4)),
    max_size=8,
)


@given(PLAIN, st.sampled_from("abcdef"))
def test_on_a_plain_file_all_readers_that_merge_lines_agree(entries, name):
    text = "".join(f"{address}\t{' '.join(names)}\n" for address, names in entries).encode()
    answers = [set(ask(text, name, reader).split()) for reader in (GLIBC_MULTI, MUSL, GO)]
    assert answers == [{str(address) for address, names in entries if name in names}] * 3
