"""Install, run, upgrade and uninstall an archive with the real krew, on a real cluster.

    python -m krew.try_krew KREW [FOLDER]     KREW is an executable; FOLDER is what `make dist` made

Everything happens in a temporary KREW_ROOT; programs are found through a folder that has links to
kubectl, krew and git alone, so whatever runs does it without a Python on PATH. krew's index is a
git repository made here, and the archives that it names come from a server on this machine.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from krew.build_archive import archive_name
from krew.manifest import REPOSITORY, Release, manifest
from kubectl_hosts import __version__
from kubectl_hosts.cli.main import COMMANDS
from tests.bench.fleet import fleet
from tests.e2e.world import kubectl

if TYPE_CHECKING:
    from collections.abc import Iterator

# The version after this one; what its archive holds is the same.
NEXT = Release("v{}.{}.{}".format(*__version__.split(".")[:2], int(__version__.split(".")[2]) + 1))


class Machine:
    """A user's machine: kubectl and krew, no Python, no plugin yet."""

    def __init__(self, krew: Path, folder: Path) -> None:
        self.root = folder / "krew"
        self.index = folder / "index"
        tools = folder / "tools"
        tools.mkdir()
        for name, program in (("kubectl", "kubectl"), ("git", "git"), ("kubectl-krew", krew)):
            found = shutil.which(program)
            assert found, f"{program} is no executable"
            (tools / name).symlink_to(Path(found).resolve())
        self.environ = {
            "HOME": str(folder),
            "KUBECONFIG": os.environ["KUBECONFIG"],
            "KREW_ROOT": str(self.root),
            "KREW_DEFAULT_INDEX_URI": str(self.index),
            "KREW_NO_UPGRADE_CHECK": "1",
            "PATH": f"{self.root / 'bin'}{os.pathsep}{tools}",
        }
        for python in ("python", "python3"):
            assert shutil.which(python, path=self.environ["PATH"]) is None

    def kubectl(self, *arguments: str) -> str:
        """What kubectl printed; CalledProcessError, its stderr shown, unless it ended with 0."""
        print("$ kubectl", *arguments, flush=True)
        return self._run("kubectl", *arguments)

    def publish(self, text: str) -> None:
        """Make TEXT the manifest in krew's index."""
        plugins = self.index / "plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        (plugins / "hosts.yaml").write_text(text, encoding="utf-8")
        self._git("init", "--quiet")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message=hosts")

    def left_behind(self) -> list[str]:
        """What krew's folder has under the plugin's name, its index apart."""
        named = (each.relative_to(self.root) for each in self.root.rglob("*hosts*"))
        return sorted(str(each) for each in named if each.parts[0] != "index")

    def version_linked(self) -> str:
        """The version whose program stands on PATH."""
        return Path(os.path.realpath(self.root / "bin" / "kubectl-hosts")).parent.name

    def _git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=index", "-c", "user.email=index@example.org")
        self._run("git", *identity, "-C", str(self.index), *arguments)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout, done.stderr, sep="", file=sys.stderr)
        done.check_returncode()
        return done.stdout


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of FOLDER's files."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that does not write what it was asked."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


def hosted_manifest(archive: Path, release: Release, address: str) -> str:
    """The manifest of ARCHIVE as RELEASE, to be had from ADDRESS."""
    releases = f"https://github.com/{REPOSITORY}/releases/download/{release.tag}"
    return manifest([archive], release).replace(releases, address)


def run_plugin(machine: Machine, namespace: str) -> None:
    """show, and explain where it is there, of a real pod."""
    pod = kubectl("get", "pods", "-n", namespace, "-o", "name").decode().split()[0]
    here = ("-n", namespace)
    shown = machine.kubectl("hosts", "show", pod, *here)
    print(shown)
    observed = kubectl("exec", *here, pod, "--", "cat", "/etc/hosts").decode()
    assert machine.kubectl("hosts", "show", pod, *here, "-o", "hosts") == observed
    if "explain" in COMMANDS:
        print(machine.kubectl("hosts", "explain", "kubernetes.default", "--from", pod, *here))


def try_detached(machine: Machine, archive: Path, namespace: str) -> None:
    """From the two files of `make dist`, as a machine without a network installs it."""
    files = (f"--manifest={archive.with_name('hosts.yaml')}", f"--archive={archive}")
    machine.kubectl("krew", "install", *files)
    assert "kubectl-hosts" in machine.kubectl("plugin", "list")
    run_plugin(machine, namespace)
    machine.kubectl("krew", "uninstall", "hosts")
    assert machine.left_behind() == []


def try_from_index(machine: Machine, archive: Path, namespace: str) -> None:
    """From an index, and the next version over the first."""
    with tempfile.TemporaryDirectory() as scratch, served(Path(scratch)) as address:
        first = Path(shutil.copy(archive, scratch))
        later = Path(shutil.copy(archive, first.with_name(archive_name(NEXT))))
        machine.publish(hosted_manifest(first, Release(), address))
        machine.kubectl("krew", "update")
        print(machine.kubectl("krew", "info", "hosts"))
        machine.kubectl("krew", "install", "hosts")
        assert machine.version_linked() == Release().tag
        machine.publish(hosted_manifest(later, NEXT, address))
        machine.kubectl("krew", "upgrade", "hosts")
        assert machine.version_linked() == NEXT.tag
        run_plugin(machine, namespace)
        machine.kubectl("krew", "uninstall", "hosts")
        assert machine.left_behind() == []


def main(krew: Path, folder: Path) -> None:
    """Both ways to install. AssertionError or CalledProcessError says what went wrong."""
    archive = folder / archive_name()
    with tempfile.TemporaryDirectory() as scratch, fleet(1) as namespace:
        machine = Machine(krew.absolute(), Path(scratch))
        machine.publish(archive.with_name("hosts.yaml").read_text(encoding="utf-8"))
        machine.kubectl("krew", "update")
        try_detached(machine, archive.absolute(), namespace)
        try_from_index(machine, archive.absolute(), namespace)
    print("krew: installed, ran, upgraded, uninstalled, nothing left")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "dist"))
