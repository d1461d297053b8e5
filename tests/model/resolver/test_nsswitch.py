import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.resolver.nsswitch import (
    DNS_UNLESS_UNAVAILABLE_FILES,
    NssAction,
    NssHosts,
    NssService,
    NssStatus,
    parse_nsswitch,
)


@pytest.mark.parametrize(
    ("text", "names", "line"),
    [
        pytest.param(b"hosts: files dns\n", ("files", "dns"), 1, id="Debian"),
        pytest.param(
            b"passwd: files\nhosts:      files dns myhostname\n",
            ("files", "dns", "myhostname"),
            2,
            id="RHEL",
        ),
        pytest.param(
            b"hosts: files mdns4_minimal [NOTFOUND=return] dns\n",
            ("files", "mdns4_minimal", "dns"),
            1,
            id="Ubuntu desktop",
        ),
        pytest.param(b"hosts: files # dns\n", ("files",), 1, id="a comment ends the line"),
        pytest.param(b"  hosts:files\n", ("files",), 1, id="blanks are optional"),
        pytest.param(b"hosts: files\nhosts: dns\n", ("dns",), 2, id="the last line counts"),
        pytest.param(b"hosts:\n", (), 1, id="no service at all"),
    ],
)
def test_the_services_of_the_hosts_line(text, names, line):
    found = parse_nsswitch(text)
    assert found is not None
    assert (found.names, found.line) == (names, line)


@pytest.mark.parametrize("text", [b"", b"passwd: files\n", b"#hosts: dns\n", b"hostsx: dns\n"])
def test_no_hosts_line(text):
    assert parse_nsswitch(text) is None


@pytest.mark.parametrize(
    ("text", "status", "action"),
    [
        (b"hosts: dns [!UNAVAIL=return] files", NssStatus.NOTFOUND, NssAction.RETURN),
        (b"hosts: dns [!UNAVAIL=return] files", NssStatus.UNAVAIL, NssAction.CONTINUE),
        (b"hosts: dns [NOTFOUND=return]", NssStatus.NOTFOUND, NssAction.RETURN),
        (b"hosts: dns [notfound = Return TRYAGAIN=return]", NssStatus.TRYAGAIN, NssAction.RETURN),
        (b"hosts: dns [SUCCESS=merge]", NssStatus.SUCCESS, NssAction.MERGE),
        (b"hosts: dns", NssStatus.SUCCESS, NssAction.RETURN),
        (b"hosts: dns", NssStatus.TRYAGAIN, NssAction.CONTINUE),
        (
            b"hosts: dns [NOTFOUND=return] [NOTFOUND=continue]",
            NssStatus.NOTFOUND,
            NssAction.CONTINUE,
        ),
    ],
)
def test_criteria_change_what_a_status_does(text, status, action):
    found = parse_nsswitch(text)
    assert found is not None
    assert found.services[0].action_on(status) is action


@pytest.mark.parametrize(
    "text",
    [b"hosts: files [NOSUCH=return] dns", b"hosts: files [NOTFOUND] dns", b"hosts: files [x"],
)
def test_what_cannot_be_read_on_is_kept(text):
    found = parse_nsswitch(text)
    assert found is not None
    assert found.services == (NssService("files"),)


def test_the_old_default_is_what_its_text_says():
    found = parse_nsswitch(b"hosts: dns [!UNAVAIL=return] files")
    assert found == NssHosts(services=DNS_UNLESS_UNAVAILABLE_FILES.services, line=1)


@given(st.binary())
def test_no_bytes_raise(data):
    parse_nsswitch(b"hosts:" + data)
    parse_nsswitch(data)
