import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.readers import (
    GLIBC,
    GLIBC_MULTI,
    GO,
    MUSL,
    HostsRule,
    overlooked_lines,
)

LONG = b"10.0.0.1\t" + b"\t".join(b"n%04d-name" % n for n in range(60)) + b"\n"


@pytest.mark.parametrize(
    ("text", "name", "reader", "line", "rule"),
    [
        pytest.param(
            b"127.0.0.1 localhost\n10.0.0.9 localhost\n",
            "localhost",
            GLIBC,
            2,
            HostsRule.FIRST_LINE_ONLY,
            id="S47 an alias for localhost has no effect",
        ),
        pytest.param(b"10.0.0.1 DB\n", "db", MUSL, 1, HostsRule.CASE, id="S43 case"),
        pytest.param(b"10.0.0.1 db.x\n", "db.x.", GLIBC, 1, HostsRule.FINAL_DOT, id="S44 dot"),
        pytest.param(LONG, "n0050-name", MUSL, 1, HostsRule.LINE_BUFFER, id="S42 byte 510"),
        pytest.param(b"010.0.0.5 x\n", "x", GO, 1, HostsRule.ADDRESS_REFUSED, id="S49 refused"),
        pytest.param(
            b"10.0.0.1 " + b"x" * 499 + b" a-045 db\n",
            "db",
            MUSL,
            1,
            HostsRule.LINE_BUFFER,
            id="the rest of a long line read as a line",
        ),
        pytest.param(
            b"010.0.0.5 x\n", "x", MUSL, 1, HostsRule.ADDRESS_READ_OTHERWISE, id="S49 octal"
        ),
        pytest.param(b" 10.0.0.1 x\n", "x", MUSL, 1, HostsRule.LEADING_BLANK, id="leading blank"),
        pytest.param(b"10.0.0.1 x", "x", MUSL, 1, HostsRule.NO_FINAL_NEWLINE, id="no newline"),
    ],
)
def test_an_overlooked_line_has_a_rule(text, name, reader, line, rule):
    (found,) = overlooked_lines(name, parse_hosts_file(text), reader)
    assert (found.line, found.rule) == (line, rule)


@pytest.mark.parametrize(
    ("text", "name", "reader"),
    [
        pytest.param(b"10.0.0.1 db\n", "DB", GLIBC, id="glibc ignores case"),
        pytest.param(b"10.0.0.1 a.b\n", "a.b.", GO, id="Go roots dotted names"),
        pytest.param(b"10.0.0.1 x\n10.0.0.2 x\n", "x", GLIBC_MULTI, id="multi on merges"),
        pytest.param(b"fe80::1%lo x\n", "x", MUSL, id="a zone is read as meant"),
    ],
)
def test_nothing_is_overlooked(text, name, reader):
    assert overlooked_lines(name, parse_hosts_file(text), reader) == ()


@given(st.binary(max_size=600))
def test_no_file_raises(data):
    file = parse_hosts_file(data)
    for reader in (GLIBC, GLIBC_MULTI, MUSL, GO):
        overlooked_lines("db", file, reader)
