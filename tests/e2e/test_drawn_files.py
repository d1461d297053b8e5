"""Files of a container drawn at random: what is foretold from them is what its own getent finds."""

from __future__ import annotations

import json
import os
import random
import re

import pytest

from tests.e2e.test_explain_seeds import Seeds
from tests.e2e.world import kubectl

SEEDS = range(110, 122)
_LONG = "f" * 600
NAMESERVERS = ("nameserver DNS",) * 6 + (
    *("nameserver  DNS # text", "\tnameserver 192.0.2.1\nnameserver DNS", "nameserver DNS\r"),
    *("nameserver DNS;\nnameserver DNS", "nameserver DNS\nnameserver DNS", "nameserver\tDNS text"),
)
DOMAINS = (
    "NAMESPACE.svc.cluster.local",
    "svc.cluster.local",
    "cluster.local",
    "nosuch.cluster.local",
)
OPTIONS = (
    *("ndots:0", "ndots:1", "ndots:2", "ndots:5", "ndots:16", "ndots:+2", "ndots: 3", "ndots:-1"),
    *("ndots:2x", "ndots:", "NDOTS:3", "rotate", "edns0", "trust-ad", "single-request", "no-aaaa"),
    *("timeout:1", "attempts:1", "bogus"),
)
ENTRIES = (
    *("10.9.0.1 host1", "10.9.0.2 Host1 h2", "10.9.0.3 host1 # text", "10.9.0.4 redis", "text"),
    *(" 10.9.0.5 host1", "10.9.0.6 h2\r", "2001:db8:9::1 host1", "10.9.0 host1", "300.1.1.1 h2"),
    *("10.9.0.7", "10.9.0.8 host1.", "10.9.0.9 host1;h2", f"10.9.0.10 {_LONG} h2", "#10.9.0.11 h2"),
    *("10.9.0.12 x_y", "127.0.0.1 host1", "10.9.0.13 h2 redis.NAMESPACE"),
)
SOURCES = ("files dns",) * 3 + (
    *("dns files", "files", "dns", "files [NOTFOUND=return] dns", "files [SUCCESS=continue] dns"),
    *("dns [SUCCESS=continue] files", "dns [!UNAVAIL=return] files", "files dns # text", ""),
)
NAMES = (
    *("redis", "REDIS", "redis.", "redis.NAMESPACE", "redis.NAMESPACE.svc", "headless", "h2"),
    *("redis.NAMESPACE.svc.cluster.local", "redis.NAMESPACE.svc.cluster.local.", "nosuch", "host1"),
    *("Host1", "host1.", "localhost", "LOCALHOST", "foo.localhost", "ip6-localhost", "x_y"),
)


@pytest.fixture(scope="module")
def made():
    """Two clients, whose files each test writes anew."""
    built = Seeds("drawn")
    try:
        built.build()
        yield built
    finally:
        if not os.environ.get("E2E_KEEP"):
            built.world.close()


def drawn(chance: random.Random) -> dict[str, str]:
    """The three files: lines in any order, of which some are none to one reader or another."""
    search = f"search {' '.join(chance.sample(DOMAINS, chance.randint(1, 4)))}"
    lines = [
        chance.choice(NAMESERVERS),
        search + chance.choice(("", "", "\r", " # text", " ")),
        f"options {' '.join(chance.sample(OPTIONS, 2))}",
    ]
    chance.shuffle(lines)
    hosts = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost", *chance.sample(ENTRIES, 3)]
    chance.shuffle(hosts)
    return {
        "/etc/resolv.conf": "\n".join(lines) + "\n",
        "/etc/hosts": "\n".join(hosts) + chance.choice(("\n", "")),
        "/etc/nsswitch.conf": f"hosts: {chance.choice(SOURCES)}\n",
    }


@pytest.mark.parametrize("pod", ["client", "client-musl"])
def test_what_is_foretold_from_the_files_is_what_getent_finds(made, pod):
    words = {"NAMESPACE": made.namespace, "DNS": kube_dns()}
    placeholder = re.compile("|".join(words))

    def filled(text: str) -> str:
        return placeholder.sub(lambda found: words[found[0]], text)

    verdicts: list[str] = []
    for seed in SEEDS:
        chance = random.Random(seed)
        files = drawn(chance)
        for path, text in files.items():
            command = ["exec", "-i", "-n", made.namespace, pod, "--", "sh", "-c", f"cat >{path}"]
            kubectl(*command, stdin=filled(text).encode())
        names = [filled(each) for each in chance.sample(NAMES, 8)]
        documents = made.documents(*names, "--from", pod)
        otherwise = [each for each in documents if each["verdict"] == "disagree"]
        assert [(each["headline"], each["observed"]) for each in otherwise] == [], (seed, files)
        verdicts += [each["verdict"] for each in documents]
    assert verdicts.count("agree") > len(verdicts) / 2, "the others ask servers that nobody knows"


def kube_dns() -> str:
    """The address of the cluster's DNS."""
    read = json.loads(kubectl("-n", "kube-system", "get", "service", "kube-dns", "-o", "json"))
    return read["spec"]["clusterIP"]
