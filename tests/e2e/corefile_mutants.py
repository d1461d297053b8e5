"""`python -m tests.e2e.corefile_mutants [COUNT [SEED]]`: Corefiles with mistakes, and who loads them.

The real CoreDNS on the PATH (`realcluster` has one) starts with each of them; what it says is held
against `parse_corefile`. A line for each that they judge differently, and the counts.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

from kubectl_hosts.model.cluster_dns.corefile import CorefileError
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.plugin_setup import PLUGINS, options_of

STOCK = """\
.:PORT {
    errors
    health 127.0.0.1:0 {
       lameduck 5s
    }
    ready 127.0.0.1:0
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       kubeconfig KUBECONFIG
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    hosts {
       10.0.0.1 a.example b.example
       ttl 60
       fallthrough
    }
    rewrite name exact foo.example bar.example
    rewrite name regex (.*)\\.old\\.example {1}.new.example answer auto
    rewrite stop {
       name suffix .x.example .y.example
       answer name y x
    }
    template IN A t.example {
       match ^(.*)\\.t\\.example\\.$
       answer "{{ .Name }} 60 IN A 10.1.1.1"
       fallthrough
    }
    prometheus 127.0.0.1:0
    forward . /etc/resolv.conf {
       max_concurrent 1000
       policy random
       health_check 5s
    }
    cache 30 {
       success 1000
       denial 500
    }
    loop
    reload 10s
    loadbalance
    log
}
example.org:PORT {
    forward . 10.0.0.1 10.0.0.2:5353 tls://10.0.0.3
    cache
}
10.0.0.0/8:PORT {
    whoami
}
"""
_WORDS = """
. { } " # * 10.0.0.1 192.0.2.1:5353 [::1]:53 ::1 10.0.0.0/8 0 1 -1 30 512 99999 5s 1h 30s1 1.5s
fallthrough ttl success denial prefetch answer name exact prefix suffix substring regex stop
continue auto value random round_robin sequential weighted IN A AAAA ANY type class edns0
local set NXDOMAIN SERVFAIL rcode example.org a.example cluster.local /etc/resolv.conf
tls://1.1.1.1 (a [ (.*)\\.x {1}.y 0-30 30- verified disabled insecure empty_service noendpoints
namespaces labels a=b no_rec domain GET POST immediate verify query response clear aa net
stdout all error lameduck force_tcp except expire max_fails keepttl serve_stale disable on off
"""
WORDS = _WORDS.split()
# What needs files, the network or the machine's own settings to be set up.
_ELSEWHERE = """
auto azure bind clouddns dnssec dnstap etcd federation file geoip grpc grpc_server https https3
kubernetes nomad on pprof proxy proxyproto quic root route53 secondary shed sign tls trace tsig
"""
_PLUGINS = tuple(sorted(set(PLUGINS) - {*_ELSEWHERE.split()})) + ("rewrite", "forward", "hosts") * 4


def changed(chance: random.Random) -> str:
    """The stock Corefile with one or two mistakes."""
    lines = STOCK.splitlines()
    for _ in range(chance.choice((1, 1, 1, 2))):
        at = chance.randrange(len(lines))
        words = lines[at].split(" ")
        places = [place for place, word in enumerate(words) if word]
        place = chance.choice(places)
        match chance.choice(("drop", "twice", "move", "word", "word", "word", "brace")):
            case "drop":
                del lines[at]
            case "twice":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(chance.randrange(len(lines)), lines.pop(at))
            case "word":
                words[place : place + 1] = _instead(words[place], chance)
                lines[at] = " ".join(words)
            case _:
                has_brace = bool({"{", "}"} & set(words))
                lines[at] = re.sub("[{}]", "", lines[at]) if has_brace else f"{lines[at]} {{"
    return "\n".join(lines) + "\n"


def _instead(word: str, chance: random.Random) -> list[str]:
    """What stands in the place of WORD: another, none, one more, or it with a slip."""
    cut = chance.randrange(max(1, len(word) - 1))
    slip = word[:cut] + word[cut + 1 : cut + 2] + word[cut] + word[cut + 2 :]
    other = chance.choice(WORDS)
    return chance.choice(([other], [], [word, other], [slip]))


def made(chance: random.Random) -> str:
    """A block with one plugin, whose words and options are drawn at random."""
    plugin = chance.choice(_PLUGINS)

    def some(most: int) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(chance.randint(0, most)))

    head = {"forward": "forward . 10.0.0.1", "template": "template IN A a.example"}.get(plugin)
    if head is None or chance.random() < 0.2:
        head = f"{plugin} {some(4)}".rstrip()
    options = options_of(plugin)
    if not options or chance.random() < 0.3:
        return f".:PORT {{\n  {head}\n}}\n"
    body = "".join(
        f"    {chance.choice(options)} {some(3)}".rstrip() + "\n"
        for _ in range(chance.randint(1, 2))
    )
    return f".:PORT {{\n  {head} {{\n{body}  }}\n}}\n"


class Judged(NamedTuple):
    """Whether CoreDNS loads a Corefile, its last line, and what is refused here ("" for nothing)."""

    text: str
    loads: bool
    said: str
    refused: str

    @property
    def differs(self) -> bool:
        """Whether the two are not of one mind."""
        return self.loads == bool(self.refused)


def judge(seed: int) -> Judged:
    """The Corefile of SEED, loaded by both."""
    chance = random.Random(seed)
    text = (changed if seed % 2 else made)(chance)
    text = text.replace("KUBECONFIG", os.environ.get("KUBECONFIG", "")).replace("PORT", free_port())
    parsed = parse_corefile(text, version=release())
    refused = f"{parsed.message} @{parsed.line}" if isinstance(parsed, CorefileError) else ""
    return Judged(text, *_loaded(text), refused)


def free_port() -> str:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


def program() -> str | None:
    """The CoreDNS on the PATH."""
    return shutil.which("coredns")


@cache
def release() -> tuple[int, int, int]:
    """The release of that CoreDNS."""
    said = subprocess.run([program() or "coredns", "-version"], capture_output=True, check=True)
    first, second, third = re.findall(rb"\d+", said.stdout)[:3]
    return int(first), int(second), int(third)


_LOADED = "CoreDNS-1."  # what it prints once every server has started


def _loaded(text: str) -> tuple[bool, str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Corefile").write_text(text)
        with (Path(folder) / "said").open("w+") as said:
            started = subprocess.Popen(
                [program() or "coredns", "-conf", f"{folder}/Corefile"],
                stdout=said,
                stderr=said,
                cwd=folder,
            )
            try:
                for _ in range(600):
                    is_over = started.poll() is not None
                    told = (Path(folder) / "said").read_text(errors="replace")
                    if _LOADED in told or is_over:
                        break
                    time.sleep(0.05)
            finally:
                started.kill()
                started.wait()
    lines = [line for line in told.splitlines() if line]
    return _LOADED in told, next(reversed(lines), "")


def main() -> int:
    """Judge COUNT Corefiles from SEED on; 1 where one that CoreDNS loads is refused here."""
    count, first = (int(each) for each in (*sys.argv[1:], "200", "0")[:2])
    every = [judge(seed) for seed in range(first, first + count)]
    for seed, each in enumerate(every, first):
        if each.differs:
            print(f"{seed}: CoreDNS: {each.said}\n  here: {each.refused or 'loads'}\n{each.text}")
    false = sum(each.loads and bool(each.refused) for each in every)
    refused = [each for each in every if not each.loads]
    known = sum(bool(each.refused) for each in refused)
    print(
        f"{count} Corefiles, {count - len(refused)} of which CoreDNS loads, {false} of these are "
        f"refused here; of the {len(refused)} that it refuses {known} are refused here"
    )
    return int(false > 0)


if __name__ == "__main__":
    sys.exit(main())
