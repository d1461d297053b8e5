"""Which resolver a container has: from its loader, its C library and its os-release(5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from kubectl_hosts.model.resolver import libc
from kubectl_hosts.model.resolver.libc import Libc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.model.resolver.libc import StubResolver

_MUSL_PATHS = ("/lib/ld-musl-*.so.1", "*/ld-musl-*.so.1", "*/libc.musl-*.so.1")
_GLIBC_PATHS = ("*/libc.so.6", "*/ld-linux*.so.*", "*/ld64.so.*")

# Releases -> C library, as the distributions' package indexes list them.
_RELEASES: Mapping[str, Mapping[str, str]] = {
    "alpine": {
        "3.10": "1.1.22",
        "3.11": "1.1.24",
        "3.12": "1.1.24",
        "3.13": "1.2.2",
        "3.14": "1.2.2",
        "3.15": "1.2.2",
        "3.16": "1.2.3",
        "3.17": "1.2.3",
        "3.18": "1.2.4",
        "3.19": "1.2.4",
        "3.20": "1.2.5",
        "3.21": "1.2.5",
        "3.22": "1.2.5",
    },
    "debian": {"9": "2.24", "10": "2.28", "11": "2.31", "12": "2.36", "13": "2.41"},
    "ubuntu": {
        "16.04": "2.23",
        "18.04": "2.27",
        "20.04": "2.31",
        "22.04": "2.35",
        "24.04": "2.39",
        "25.04": "2.41",
    },
    "rhel": {"7": "2.17", "8": "2.28", "9": "2.34", "10": "2.39"},
    "amzn": {"2": "2.26", "2023": "2.34"},
    "fedora": {"38": "2.37", "39": "2.38", "40": "2.39", "41": "2.40", "42": "2.41"},
}
_SAME_AS = {"centos": "rhel", "rocky": "rhel", "almalinux": "rhel", "ol": "rhel"}
_MUSL_DISTRIBUTIONS = frozenset({"alpine", "postmarketos", "chimera"})

# Newest first: from this version on, this row.
_ROWS: Mapping[str, tuple[tuple[tuple[int, ...], StubResolver], ...]] = {
    "glibc": (
        ((2, 36), libc.GLIBC),
        ((2, 33), libc.GLIBC_BEFORE_2_36),
        ((2, 26), libc.GLIBC_BEFORE_2_33),
        ((), libc.GLIBC_BEFORE_2_26),
    ),
    "musl": (
        ((1, 2, 4), libc.MUSL),
        ((1, 2, 2), libc.MUSL_BEFORE_1_2_4),
        ((1, 1, 13), libc.MUSL_BEFORE_1_2_2),
        ((), libc.MUSL_BEFORE_1_1_13),
    ),
    "go": (((1, 16), libc.GO), ((), libc.GO_BEFORE_1_16)),
}
STATIC = replace(libc.GO, id="unknown", libc=Libc.UNKNOWN)
CANDIDATES = (libc.GLIBC, libc.MUSL, libc.GO)
"""Whose rules a program may follow that nobody saw: what they have in common is its answer."""
# A Windows container has no C library of this table, and no nsswitch.conf: its one service is the
# DNS client of Windows, which nobody models here.
WINDOWS = replace(libc.GO, id="windows", libc=Libc.WINDOWS, obeys_criteria=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibcEvidence:
    """What a probe saw of the C library; every field may be empty.

    paths: loaders and C libraries in the image. os_release: the file's bytes. version: text that
    names a version, such as what running the musl loader prints, `ldd --version` or `go version`.
    looked is False where nobody could look for them.
    """

    paths: frozenset[str] = frozenset()
    os_release: bytes = b""
    version: str = ""
    looked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedLibc:
    """The row to predict with, its version ("" if unknown), and what it assumes ("": nothing)."""

    stub: StubResolver
    version: str = ""
    doubt: str = ""


def detect_libc(evidence: LibcEvidence) -> DetectedLibc:
    """The C library of an image; a program of another kind (static Go, JVM, c-ares) may differ."""
    musl = _first_match(evidence.paths, _MUSL_PATHS)
    glibc = _first_match(evidence.paths, _GLIBC_PATHS)
    release = parse_os_release(evidence.os_release)
    distribution = release.get("ID", "")
    if musl and glibc:
        is_musl = distribution in _MUSL_DISTRIBUTIONS
        kind = "musl" if is_musl else "glibc"
        return _detected(kind, evidence, release, f"{musl} and {glibc} are both there")
    if musl or glibc:
        return _detected("musl" if musl else "glibc", evidence, release, "")
    if re.search(r"\bgo1\.\d+", evidence.version):
        return _detected("go", evidence, {}, "")
    known = _RELEASES.get(_SAME_AS.get(distribution, distribution))
    if known is not None and distribution:
        kind = "musl" if distribution in _MUSL_DISTRIBUTIONS else "glibc"
        return _detected(kind, evidence, release, "no C library was seen")
    if not evidence.looked:
        return DetectedLibc(stub=STATIC, doubt="nobody saw its C library")
    return DetectedLibc(stub=STATIC, doubt="no C library in the image: a static program")


def _first_match(paths: frozenset[str], patterns: tuple[str, ...]) -> str:
    found = (path for path in sorted(paths) if any(fnmatch(path, each) for each in patterns))
    return next(found, "")


def _detected(
    kind: str, evidence: LibcEvidence, release: Mapping[str, str], doubt: str
) -> DetectedLibc:
    version = _version_in(evidence.version) or _release_version(kind, release)
    unknown = "" if version else f"the version of {kind} isn't known, the newest is assumed"
    return DetectedLibc(
        stub=row_for(kind, version),
        version=version,
        doubt="; ".join(each for each in (doubt, unknown) if each),
    )


def row_for(kind: str, version: str) -> StubResolver:
    """The row of `glibc`, `musl` or `go` for a version such as `1.2.3`; "" gives the newest."""
    rows = _ROWS[kind]
    if not version:
        return rows[0][1]
    numbers = tuple(int(part) for part in version.split("."))
    return next(row for since, row in rows if numbers >= since)


_VERSION = re.compile(r"(?<![0-9.])[0-9]{1,4}(?:\.[0-9]{1,4}){1,2}(?![0-9])")


def _version_in(text: str) -> str:
    found = _VERSION.findall(text)
    return found[-1] if found else ""


def _release_version(kind: str, release: Mapping[str, str]) -> str:
    distribution = release.get("ID", "")
    if (kind == "musl") != (distribution in _MUSL_DISTRIBUTIONS):
        return ""
    versions = _RELEASES.get(_SAME_AS.get(distribution, distribution), {})
    parts = release.get("VERSION_ID", "").split(".")
    return versions.get(".".join(parts[:2])) or versions.get(parts[0]) or ""


def parse_os_release(data: bytes) -> dict[str, str]:
    """The assignments of os-release(5), quotes taken off."""
    pairs = (line.partition("=") for line in data.decode("utf-8", "replace").split("\n"))
    return {
        key.strip(): value.strip().strip("\"'") for key, equals, value in pairs if equals and key
    }
