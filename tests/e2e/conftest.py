"""The suite's world, made once; and the program under test, run as users run it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.e2e.world import World, reachable

if TYPE_CHECKING:
    from collections.abc import Iterator

# E2E_PROGRAM is another build of it, such as an unpacked archive's.
PROGRAM = Path(
    os.environ.get("E2E_PROGRAM") or Path(sys.executable).with_name("kubectl-hosts")
).absolute()
Completed = subprocess.CompletedProcess[bytes]


class Run(Protocol):
    """`hosts("show", "default")`: kubectl-hosts in the suite's namespace."""

    def __call__(
        self, *argv: str, env: dict[str, str] | None = None, stdin: bytes = b""
    ) -> Completed:
        """The ended process: its exit status, and what it wrote where."""
        ...


class Start(Protocol):
    """`start("show", "default")`: the same, and the process while it runs."""

    def __call__(self, *argv: str) -> subprocess.Popen[bytes]:
        """The running process, its output piped."""
        ...


def pytest_configure(config: pytest.Config) -> None:
    """A suite about a real cluster fails without one; it never skips."""
    if not reachable():
        raise pytest.UsageError("no cluster answers at KUBECONFIG; see CONTRIBUTING.md")


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """All pods of tests/e2e/pods.py, standing still."""
    made = World(f"hosts-e2e-{secrets.token_hex(2)}")
    try:
        made.build()
        yield made
    finally:
        if not os.environ.get("E2E_KEEP"):
            made.close()


@pytest.fixture(scope="session")
def hosts(world: World) -> Run:
    """The program in the suite's namespace, unless ENV points it elsewhere."""

    def run(*argv: str, env: dict[str, str] | None = None, stdin: bytes = b"") -> Completed:
        done = subprocess.run(
            [PROGRAM, *argv],
            env=os.environ | {"KUBECONFIG": world.kubeconfig} | (env or {}),
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    return run


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """`start("show", "default")`: the program, still running; ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*argv: str) -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [PROGRAM, *argv],
                env=os.environ | {"KUBECONFIG": world.kubeconfig},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
