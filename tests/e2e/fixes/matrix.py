"""Make each mistake, ask `explain`, carry its first fix out, and ask the pod's own resolver.

A fix works if the resolver gives exactly the addresses of `then`; where those are addresses that a
pod gets only then, they must be that pod's.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import dns.message
import dns.query
from kubernetes.client import ApiException, CoreV1Api
from kubernetes.config import load_kube_config

from tests.e2e.fixes.mistakes import OF_COREFILES, Case, cases, pod, workload
from tests.e2e.images import image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.e2e.fixes.mistakes import Object

_READY, _WORKS, _RELOADED, _COMMAND, _BORROWED = 90, 60, 200, 90, 900  # seconds
COREFILE = "corefile"
"""The words that choose the rows which change the Corefile; no other row is run with them."""
_TO_COME = re.compile(r"the (?:IPv6 )?IP that pod ([^ ,/]+)/([^ ,]+) will get")


class Row(NamedTuple):
    """What came of a case: fix is the JSON of the first one, fault why it does not work."""

    case: Case
    headline: str = ""
    fix: dict[str, object] | None = None
    fault: str = ""

    def __str__(self) -> str:
        """For people."""
        fix = self.fix["sentence"] if self.fix else "no fix"
        return f"{self.case.id}\n    {self.headline}\n    {fix}\n    {self.fault or 'works'}"


class NotSetUp(Exception):
    """The mistake could not be made."""


def run(
    argv: Sequence[str], *, stdin: str = "", timeout: int = _COMMAND
) -> subprocess.CompletedProcess[str]:
    """The finished process with its output."""
    return subprocess.run(
        argv, input=stdin, timeout=timeout, capture_output=True, text=True, check=False
    )


def kubectl(*args: str, stdin: str = "") -> str:
    """What kubectl printed. Raises NotSetUp where it failed."""
    done = run(("kubectl", *args), stdin=stdin)
    if done.returncode:
        raise NotSetUp(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


class Place:
    """The namespaces of one case, with its words replaced."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.namespace = "fix-" + "".join(secrets.choice("bcdfghjkmnpqrtvwxz") for _ in range(7))
        self.value = ""

    def __enter__(self) -> Place:  # noqa: PYI034  no subclass
        for name in self.names:
            api().create_namespace({"metadata": {"name": name}})
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.names:
            api().delete_namespace(name)

    @property
    def names(self) -> tuple[str, str]:
        """Both namespaces."""
        return self.namespace, f"{self.namespace}-b"

    def words(self, text: str) -> str:
        """TEXT with the placeholders of mistakes.py filled in."""
        text = text.replace("NAMESPACE", self.namespace).replace("VALUE", self.value)
        text = text.replace("CLUSTERDNS", cluster_dns()).replace("UPSTREAM", upstream())
        for each in ("glibc", "musl", "ASKER"):
            chosen = self.case.libc if each == "ASKER" else each
            text = text.replace(f"IMAGE-{each}", image(chosen))
        return text

    def make(self) -> None:
        """Make the objects, wait until they are up, and do what the row prepares."""
        mistake = self.case.mistake
        objects = (*mistake.objects, self._asker())
        manifest = {"apiVersion": "v1", "kind": "List", "items": objects}
        kubectl("apply", "-f", "-", stdin=self.words(json.dumps(manifest)))
        self._wait(objects)
        for args in mistake.prepare:
            kubectl("-n", self.namespace, *map(self.words, args))
        if mistake.value:
            self.value = kubectl("-n", self.namespace, *map(self.words, mistake.value)).strip()
        if "dashed" in mistake.kind:
            self.value = self.value.replace(".", "-")

    def _asker(self) -> Object:
        kind, name = self.case.mistake.asker.split("/")
        spec = dict(self.case.mistake.spec or {})
        if kind == "pod":
            return pod(name, labels="asker", image="ASKER", **spec)
        return workload("Deployment", name, image="ASKER", **spec)

    def _wait(self, objects: Iterable[Object]) -> None:
        """Until every pod runs: those that are meant not to be ready never are."""
        until = time.monotonic() + _READY
        expected = sum(map(_pods, objects))
        while time.monotonic() < until:
            found = self._pods_now()
            if len(found) >= expected and all(map(_is_up, found)):
                return
            time.sleep(0.7)
        raise NotSetUp("the pods did not come up")

    def _pods_now(self) -> list[dict[str, object]]:
        found = []
        for name in self.names:
            reply = api().list_namespaced_pod(name, _preload_content=False)
            found += json.loads(reply.data)["items"]
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]

    def explain(self) -> dict[str, object]:
        """The explanation, as JSON."""
        program = os.environ.get("E2E_PROGRAM", ".venv/bin/kubectl-hosts")
        mistake = self.case.mistake
        kind = ("--type", mistake.type) if mistake.type else ()
        who = mistake.asker
        argv = (program, "explain", self.words(self.case.name), "--from", who, *kind)
        done = run((*argv, "-n", self.namespace, "-o", "json"))
        if done.returncode:
            raise NotSetUp(f"explain: {done.stderr.strip()}")
        document = json.loads(done.stdout)
        first = document["items"][0] if "items" in document else document
        assert isinstance(first, dict)
        return first

    def asker_now(self) -> str:
        """The newest running pod of who asks, "" while there is none."""
        kind, name = self.case.mistake.asker.split("/")
        pods = [
            each
            for each in self._pods_now()
            if _text(each, "metadata", "namespace") == self.namespace and _is_up(each)
        ]
        named = [each for each in pods if _is_of(each, kind, name)]
        newest = sorted(named, key=lambda each: _text(each, "metadata", "creationTimestamp"))
        return _text(newest[-1], "metadata", "name") if newest else ""

    def ask(self, name: str) -> set[str]:
        """What the pod's own resolver gives for NAME; for a service type what its DNS gives."""
        if self.case.mistake.type:
            return records(name, self.case.mistake.type)
        pod_name = self.asker_now()
        if not pod_name:
            return set()
        argv = ("kubectl", "-n", self.namespace, "exec", pod_name, "--", "getent", "ahosts", name)
        done = run(argv)
        return {line.split()[0] for line in done.stdout.splitlines() if line.strip()}

    def addresses_of(self, origin: str) -> set[str]:
        """The addresses that the pods which ORIGIN says will get one have now."""
        found = {}
        for each in self._pods_now():
            where = _text(each, "metadata", "namespace"), _text(each, "metadata", "name")
            status = each.get("status")
            ips = status.get("podIPs", []) if isinstance(status, dict) else []
            found[where] = {ip["ip"] for ip in ips}
        every = set().union(*found.values()) if found else set()
        named = [found.get(match) for match in _TO_COME.findall(origin)]
        known = [each for each in named if each]
        return set().union(*known) if known and len(known) == len(named) else every


def _text(obj: object, *path: str) -> str:
    for key in path:
        obj = obj.get(key, {}) if isinstance(obj, dict) else {}
    return obj if isinstance(obj, str) else ""


def _pods(obj: Object) -> int:
    spec = obj.get("spec")
    if obj["kind"] == "Pod":
        return 1
    return int(spec["replicas"]) if isinstance(spec, dict) and "replicas" in spec else 0


def _is_up(found: dict[str, object]) -> bool:
    """Whether it runs; ready, unless a probe keeps it from that."""
    status, spec = found.get("status"), found["spec"]
    if not isinstance(status, dict) or not isinstance(spec, dict):
        return False
    container = spec["containers"][0]
    ready = any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in status.get("conditions", [])
    )
    return status.get("phase") == "Running" and (ready or "readinessProbe" in container)


def _is_of(found: dict[str, object], kind: str, name: str) -> bool:
    own = _text(found, "metadata", "name")
    return own == name if kind == "pod" else own.startswith(f"{name}-")


@cache
def api() -> CoreV1Api:
    """The independent client: what is watched here costs no process each time."""
    load_kube_config()
    return CoreV1Api()


@cache
def cluster_dns() -> str:
    """The address of the cluster's nameserver."""
    found: str = api().read_namespaced_service("kube-dns", "kube-system").spec.cluster_ip
    return found


def upstream() -> str:
    """A nameserver outside of the cluster: the first of the DNS pod's own node."""
    with open("/etc/resolv.conf", encoding="utf-8") as file:  # noqa: PTH123
        lines = [line.split() for line in file]
    found = [words[1] for words in lines if words[:1] == ["nameserver"]]
    return os.environ.get("E2E_UPSTREAM", found[0] if found else "192.0.2.53")


def records(name: str, kind: str) -> set[str]:
    """The data of a type's records, asked over DNS at the cluster's nameserver."""
    query = dns.message.make_query(name, kind)
    reply = dns.query.udp(query, cluster_dns(), timeout=5)
    return {str(item) for each in reply.answer for item in each}


@contextmanager
def own_corefile() -> Iterator[str]:
    """The cluster's Corefile, which is put back whatever happens; one at a time has it.

    ConfigMap field-corefile is the lock, and what a run that was killed leaves to put back: that
    of ../shared/cases/field/run, which changes the Corefile as well.
    """
    data = _locked()
    try:
        yield data["Corefile"]
    finally:
        serve(data["Corefile"])
        api().delete_namespaced_config_map("field-corefile", "kube-system")


def _locked() -> dict[str, str]:
    """The data of ConfigMap coredns, once nobody else has borrowed it."""
    until = time.monotonic() + _BORROWED
    while True:
        data: dict[str, str] = api().read_namespaced_config_map("coredns", "kube-system").data
        kept = {"metadata": {"name": "field-corefile"}, "data": data}
        try:
            api().create_namespaced_config_map("kube-system", kept)
        except ApiException as error:
            if error.status != HTTPStatus.CONFLICT or time.monotonic() > until:
                raise
            time.sleep(3)
        else:
            return data


def serve(corefile: str, *, is_refused: bool = False) -> None:
    """Let CoreDNS serve COREFILE at once: new pods read it as they start, and end if they refuse it."""
    patch = {"data": {"Corefile": corefile}}
    api().patch_namespaced_config_map("coredns", "kube-system", patch)
    if is_refused:
        kubectl("-n", "kube-system", "delete", "pods", "-l", "k8s-app=kube-dns")
        return
    kubectl("-n", "kube-system", "rollout", "restart", "deployment/coredns")
    kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=80s")
    time.sleep(3)  # kube-proxy follows


def try_with_corefile(case: Case, own: str) -> Row:
    """One row that changes the Corefile; its fix may be an edit of it, which is awaited longer."""
    try:
        with Place(case) as place:
            place.make()
            changed = own
            for old, new in case.mistake.corefile:
                changed = (
                    changed.replace(old, place.words(new)) if old else changed + place.words(new)
                )
            serve(changed, is_refused=case.mistake.is_refused)
            return _tried(place)
    except (NotSetUp, subprocess.TimeoutExpired) as error:
        return Row(case, fault=f"NOT SET UP: {error}")


def try_fix(case: Case) -> Row:
    """One row of the matrix."""
    try:
        with Place(case) as place:
            place.make()
            return _tried(place)
    except (NotSetUp, subprocess.TimeoutExpired) as error:
        return Row(case, fault=f"NOT SET UP: {error}")


def _tried(place: Place) -> Row:
    explained = place.explain()
    fixes = explained.get("fixes") or []
    row = Row(place.case, str(explained["headline"]))
    assert isinstance(fixes, list)
    if not fixes:
        return row
    return row._replace(fix=fixes[0], fault=_carried_out(place, fixes[0]))


def _carried_out(place: Place, fix: dict[str, object]) -> str:
    """ "" where the fix works, else what is wrong."""
    name = str(fix.get("name") or place.words(place.case.name))
    for line in fix["commands"]:  # type: ignore[attr-defined]
        done = run(("bash", "-c", line))
        if done.returncode:
            return f"`{line}`: {done.stderr.strip()}"
    then = fix["then"]
    assert isinstance(then, dict)
    # An edited Corefile reaches the pods of CoreDNS by the kubelet, and is reloaded then.
    until = time.monotonic() + (_RELOADED if fix["kind"] == "EditCorefile" else _WORKS)
    seen: set[str] = set()
    while time.monotonic() < until:
        seen = place.ask(name)
        if _keeps(seen, then, place):
            return ""
        time.sleep(1.5)
    return f"promised {then['addresses']} {then['origin']!r}, seen {sorted(seen)}"


def _keeps(seen: set[str], then: dict[str, object], place: Place) -> bool:
    promised = set(then["addresses"])  # type: ignore[call-overload]
    coming = _TO_COME.search(str(then["origin"]))
    if not coming:
        return bool(seen) and seen == promised
    return (
        bool(seen)
        and promised <= seen
        and seen - promised <= place.addresses_of(str(then["origin"]))
    )


def run_matrix(wanted: str = "", at_once: int = 6, first: int = 0) -> tuple[Row, ...]:
    """Every case whose id has WANTED in it, from the FIRST on, several at once."""
    chosen = [each for each in cases() if wanted in each.id][first:]
    rows = []
    if wanted == COREFILE:
        with own_corefile() as own:
            for case in [*cases(OF_COREFILES)][first:]:
                row = try_with_corefile(case, own)
                print(_sign(row), row, flush=True)
                rows.append(row)
        return tuple(rows)
    with ThreadPoolExecutor(at_once) as pool:
        for done in as_completed([pool.submit(try_fix, each) for each in chosen]):
            row = done.result()
            print(_sign(row), row, flush=True)
            rows.append(row)
    return tuple(rows)


def _sign(row: Row) -> str:
    return "-" if not row.fix else ("WRONG" if row.fault else "ok")


def main(arguments: Sequence[str]) -> int:
    """Print a line a case, then the sum; 0 if the matrix holds."""
    first = int(arguments[1]) if len(arguments) > 1 else 0
    rows = run_matrix(*arguments[:1], first=first)
    down = [row for row in rows if row.fault.startswith("NOT SET UP")]
    fixed = [row for row in rows if row.fix]
    wrong = [row for row in fixed if row.fault]
    mistakes = [row for row in rows if row.case.mistake.has_fix]
    with_fix = [row for row in mistakes if row.fix]
    kinds = {row.case.mistake.kind for row in rows}
    print(
        f"{len(rows)} mistakes of {len(kinds)} kinds: {len(with_fix)} of {len(mistakes)} get a fix, "
        f"{len(fixed) - len(wrong)} of {len(fixed)} fixes work; {len(down)} were not set up"
    )
    return 0 if not wrong and not down and len(with_fix) >= 0.95 * len(mistakes) else 1
