import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.resolver import libc
from kubectl_hosts.model.resolver.libc import (
    STATIC,
    LibcEvidence,
    detect_libc,
    parse_os_release,
    row_for,
)

MUSL_LOADER = "/lib/ld-musl-x86_64.so.1"
GLIBC = "/lib/x86_64-linux-gnu/libc.so.6"
DEBIAN = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'


def detect(*paths, release=b"", version=""):
    evidence = LibcEvidence(paths=frozenset(paths), os_release=release, version=version)
    return detect_libc(evidence)


@pytest.mark.parametrize(
    ("paths", "release", "text", "stub", "version"),
    [
        pytest.param((GLIBC,), DEBIAN, "", libc.GLIBC, "2.36", id="Debian 12"),
        pytest.param(
            (GLIBC,),
            b"ID=ubuntu\nVERSION_ID=22.04",
            "",
            libc.GLIBC_BEFORE_2_36,
            "2.35",
            id="Ubuntu",
        ),
        pytest.param(
            (GLIBC,),
            b'ID="rocky"\nVERSION_ID="8.9"',
            "",
            libc.GLIBC_BEFORE_2_33,
            "2.28",
            id="Rocky",
        ),
        pytest.param(
            (GLIBC,), b"ID=centos\nVERSION_ID=7", "", libc.GLIBC_BEFORE_2_26, "2.17", id="CentOS 7"
        ),
        pytest.param(
            (MUSL_LOADER,),
            b"ID=alpine\nVERSION_ID=3.17.2",
            "",
            libc.MUSL_BEFORE_1_2_4,
            "1.2.3",
            id="Alpine",
        ),
        pytest.param(
            (MUSL_LOADER,),
            b"ID=alpine\nVERSION_ID=3.20.0",
            "",
            libc.MUSL,
            "1.2.5",
            id="Alpine 3.20",
        ),
        pytest.param(
            (MUSL_LOADER,),
            b"",
            "musl libc (x86_64)\nVersion 1.2.1\nDynamic Program Loader",
            libc.MUSL_BEFORE_1_2_2,
            "1.2.1",
            id="the loader says so",
        ),
        pytest.param(
            (MUSL_LOADER,), DEBIAN, "", libc.MUSL, "", id="Debian's release says nothing about musl"
        ),
        pytest.param(
            (), b"ID=alpine\nVERSION_ID=3.18.0", "", libc.MUSL, "1.2.4", id="only os-release"
        ),
        pytest.param(
            (), b"", "go version go1.15.2 linux/amd64", libc.GO_BEFORE_1_16, "1.15.2", id="Go"
        ),
        pytest.param(
            (MUSL_LOADER, GLIBC),
            b"ID=alpine\nVERSION_ID=3.17",
            "",
            libc.MUSL_BEFORE_1_2_4,
            "1.2.3",
            id="both on Alpine",
        ),
        pytest.param((), b"", "", STATIC, "", id="nothing at all"),
    ],
)
def test_the_row_and_the_version(paths, release, text, stub, version):
    found = detect(*paths, release=release, version=text)
    assert (found.stub, found.version) == (stub, version)


def test_what_is_assumed_is_said():
    assert detect(GLIBC, release=DEBIAN).doubt == ""
    assert detect(GLIBC).doubt == "the version of glibc isn't known, the newest is assumed"
    assert detect().doubt == "no C library in the image: a static program"
    assert "both" in detect(GLIBC, MUSL_LOADER, release=DEBIAN).doubt


@pytest.mark.parametrize(
    ("kind", "version", "stub"),
    [
        ("musl", "1.2.2", libc.MUSL_BEFORE_1_2_4),
        ("musl", "1.1.12", libc.MUSL_BEFORE_1_1_13),
        ("glibc", "2.41", libc.GLIBC),
        ("go", "1.16", libc.GO),
    ],
)
def test_a_row_starts_with_its_version(kind, version, stub):
    assert row_for(kind, version) is stub


@given(st.binary(), st.text(), st.frozensets(st.text()))
def test_no_evidence_raises(release, version, paths):
    parse_os_release(release)
    detect_libc(LibcEvidence(paths=paths | {GLIBC}, os_release=release, version=version))
