"""Names that the Corefile's `hosts` block gives, with and without fallthrough.

The module edits ConfigMap kube-system/coredns of the cluster under test, restarts CoreDNS so that
no minute is spent on `reload`, and puts the ConfigMap back as it was.
"""

from __future__ import annotations

import os

import pytest

from tests.e2e.coredns import corefile, served
from tests.e2e.test_explain_seeds import Seeds, agrees, source
from tests.e2e.world import wait_until

HOSTS = """
        hosts {
           192.0.2.101 harbor.example.org
           192.0.2.102 notary.example.org
           fallthrough
        }
"""


@pytest.fixture(scope="module")
def made():
    """A client, while the Corefile has a `hosts` block before `kubernetes`."""
    built = Seeds("corefile")
    try:
        built.build()
        with served(corefile().replace("    kubernetes ", f"{HOSTS}    kubernetes ", 1)):
            wait_until("the hosts block", lambda: built.getent("client", "harbor.example.org"), 60)
            yield built
    finally:
        if not os.environ.get("E2E_KEEP"):
            built.world.close()


@pytest.mark.parametrize(
    ("name", "address"),
    [("harbor.example.org", "192.0.2.101"), ("notary.example.org", "192.0.2.102")],
)
@pytest.mark.parametrize("pod", ["client", "client-musl"])
def test_a_name_of_the_hosts_block_is_the_corefiles(made, name, address, pod):
    document = made.explain(name, pod)
    agrees(made, document, pod)
    assert document["predicted"]["addresses"] == [address]
    assert source(document) == ("CorefileHosts", "kube-system/coredns")
    assert document["predicted"]["origin"]["line"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("redis", "Service", id="a Service"),
        pytest.param("www.example.com", "Upstream", id="a name outside"),
    ],
)
def test_fallthrough_leaves_the_other_names_to_the_plugins_below(made, name, kind):
    document = made.explain(name, "client")
    agrees(made, document, "client")
    assert source(document)[0] == kind
