import pytest

from kubectl_hosts.model.resolver.go_cgo import why_cgo
from kubectl_hosts.model.resolver.nsswitch import FILES_DNS, parse_nsswitch
from kubectl_hosts.model.resolver.resolv_conf import GO, parse_resolv_conf


def ask(name="db", nsswitch=b"", options="ndots:5", hostname="own", **environment):
    return why_cgo(
        name,
        nss=parse_nsswitch(nsswitch) or FILES_DNS,
        conf=parse_resolv_conf(f"options {options}\n".encode(), GO),
        environment=environment,
        hostname=hostname,
    )


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"options": "ndots:2 rotate single-request"},
        {"nsswitch": b"hosts: dns files\n"},
        {"nsswitch": b"hosts: files myhostname dns\n"},
        {"nsswitch": b"hosts: files mdns4 dns\n"},
        {"nsswitch": b"hosts: files [NOTFOUND=continue] dns\n"},
        {"RES_OPTIONS": ""},
    ],
)
def test_go_asks_itself(case):
    assert ask(**case) == ""


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ({"LOCALDOMAIN": ""}, "$LOCALDOMAIN is set"),
        ({"RES_OPTIONS": "ndots:1"}, "$RES_OPTIONS is set"),
        ({"options": "inet6"}, "resolv.conf has the option `inet6`, which Go doesn't know"),
        ({"nsswitch": b"hosts: files resolve\n"}, "nsswitch.conf names `resolve`"),
        (
            {"nsswitch": b"hosts: files dns [!UNAVAIL=return]\n"},
            "nsswitch.conf gives `dns` an action",
        ),
        ({"nsswitch": b"hosts: mdns4 dns\n", "name": "a.local"}, "the name ends in .local"),
        (
            {"nsswitch": b"hosts: myhostname\n", "name": "x.localhost."},
            "nss-myhostname answers this name",
        ),
        ({"nsswitch": b"hosts: myhostname\n", "name": "OWN"}, "nss-myhostname answers this name"),
    ],
)
def test_go_asks_the_c_library(case, why):
    assert ask(**case) == why
