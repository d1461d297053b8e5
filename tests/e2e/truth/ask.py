"""The truth: what the pods' own C libraries say, by `kubectl exec`, without the product."""

from __future__ import annotations

import ipaddress
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.e2e.truth.pods import Row

# One record a name, its parts ended by a byte that no answer has; lookups of one batch run side by
# side, for a name that waits on a silent server takes 5 to 30 s.
# Lines are joined, since bash writes a printf line by line, and records must not mix.
_BATCH = """
count=0 newline='
'
ask() {
  said=$({command} 2>&1); code=$?
  IFS=$newline; set -f; set -- $said; IFS='|'; joined=$*
  printf '%s\\001%s\\001%s\\002' "$name" "$code" "$joined"
}
for name in "$@"; do
  ask &
  count=$((count + 1)); [ $((count % 12)) -eq 0 ] && wait
done
wait
"""
# The view of each image's C library. ping is the busybox image's: its first address alone.
_COMMANDS = {
    "glibc": 'getent ahosts "$name"',
    "musl": 'getent ahosts "$name"',
    "busybox": 'ping -c1 -W1 -w1 "$name" </dev/null',
}
_REVERSE = 'getent hosts "$name"'
_POINTER = 'nslookup "$name"'
_SERVICE_RECORD = 'nslookup -type=srv "$name"'

_PING = re.compile(r"^PING [^\n]* \(([^)\n]+)\): 56 data bytes", re.MULTILINE)
_SRV = re.compile(r"\tservice = (\d+ \d+ \d+) (\S+)")
_PTR = re.compile(r"\tname = (\S+)")
_TRY_AGAIN = ("Try again", "server misbehaving", "i/o timeout")


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a program in the pod got: addresses (or names, or records), each once.

    is_partial: the program shows the first address alone. tries_again: the program said that the
    failure may pass (EAI_AGAIN); None where it says nothing of a failure.
    """

    answers: frozenset[str] = frozenset()
    canonical: str = ""
    is_partial: bool = False
    tries_again: bool | None = None
    said: str = ""


def plain(address: str) -> str:
    """An address in its one form; other text as it is, in lower case and without final dot."""
    try:
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return address.rstrip(".").lower()


def addresses_of(row: Row, namespace: str, names: Sequence[str]) -> dict[str, Truth]:
    """Each name as the pod's C library, or Go's resolver, takes it: both families."""
    if row.libc == "shell-less":
        return _ask_go(row, namespace, names)
    read = _read_ping if row.libc == "busybox" else _read_getent
    said = _ask(row, namespace, _COMMANDS[row.libc], names)
    return {name: read(code, text) for name, (code, text) in said.items()}


def names_of(row: Row, namespace: str, addresses: Sequence[str], server: Row) -> dict[str, Truth]:
    """Each address as glibc's gethostbyaddr(3) names it: by one name, whichever came first.

    The other names that a DNS server gives it are those that nslookup shows in the pod of SERVER.
    """
    said = _ask(row, namespace, _REVERSE, addresses)
    pointers = _ask(server, namespace, _POINTER, addresses)
    return {
        address: _read_names(code, text, map(plain, _PTR.findall(pointers[address][1])))
        for address, (code, text) in said.items()
    }


def _read_names(code: int, text: str, pointers: Iterable[str]) -> Truth:
    """`ADDRESS NAME [ALIAS...]`; getnameinfo(3) gives the first name alone."""
    names = [plain(word) for word in text.split()[1:]] if code == 0 else []
    if not names:
        return Truth(said=text)
    return Truth(answers=frozenset((*names, *pointers)), canonical=names[0], said=text)


def service_records_of(row: Row, namespace: str, names: Sequence[str]) -> dict[str, Truth]:
    """The SRV records of each absolute name, as busybox' nslookup is told."""
    said = _ask(row, namespace, _SERVICE_RECORD, names)
    return {
        name: Truth(
            answers=frozenset(
                f"{numbers} {plain(target)}" for numbers, target in _SRV.findall(text)
            ),
            said=text,
        )
        for name, (_, text) in said.items()
    }


def _ask(
    row: Row, namespace: str, command: str, names: Sequence[str]
) -> dict[str, tuple[int, str]]:
    """(exit status, text) of COMMAND for each name, all in one exec."""
    script = _BATCH.replace("{command}", command)
    output = _exec(row, namespace, "sh", "-c", script, "sh", *names).stdout.decode()
    records = (record.split("\x01") for record in output.split("\x02")[:-1])
    said = {name: (int(code), text.replace("|", "\n")) for name, code, text in records}
    missing = set(names) - set(said)
    if missing:
        raise RuntimeError(f"{row.name}: no word of {sorted(missing)}")
    return said


def _exec(row: Row, namespace: str, *argv: str) -> subprocess.CompletedProcess[bytes]:
    command = ["kubectl", "exec", "-n", namespace, row.name, "--", *argv]
    return subprocess.run(command, capture_output=True, check=False, timeout=150)


def _read_getent(code: int, text: str) -> Truth:
    if code:
        again = any(phrase in text for phrase in _TRY_AGAIN) if text else None
        return Truth(tries_again=again, said=text)
    rows = [line.split() for line in text.splitlines()]
    canonical = next((row[-1] for row in rows if row[-1] not in {"STREAM", "DGRAM", "RAW"}), "")
    return Truth(answers=frozenset(plain(row[0]) for row in rows), canonical=plain(canonical))


def _read_ping(_: int, text: str) -> Truth:
    found = _PING.search(text)
    return Truth(
        answers=frozenset({plain(found[1])}) if found else frozenset(), is_partial=True, said=text
    )


def _ask_go(row: Row, namespace: str, names: Sequence[str]) -> dict[str, Truth]:
    """`/lookup NAME...`: `ADDRESS NAME` lines, and `lookup NAME...: reason` for each failure."""
    done = _exec(row, namespace, "/lookup", *names)
    found: dict[str, set[str]] = {name: set() for name in names}
    for line in done.stdout.decode().splitlines():
        address, _, name = line.partition(" ")
        found[name].add(plain(address))
    said = {
        line.removeprefix("lookup ").partition(" on ")[0].partition(": ")[0]: line
        for line in done.stderr.decode().splitlines()
        if line.startswith("lookup ")
    }
    silent = [name for name in names if not found[name] and name not in said]
    if silent:
        raise RuntimeError(f"{row.name}: no word of {silent}: {done.stderr.decode()[-300:]}")
    return {
        name: Truth(answers=frozenset(found[name]))
        if found[name]
        else Truth(said=said[name], tries_again=any(phrase in said[name] for phrase in _TRY_AGAIN))
        for name in names
    }
