"""The bytes behind each `-f`: a file, a directory as kubectl reads one, or standard input."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# cli-runtime pkg/resource/builder.go FileExtensions; subdirectories take -R, which is not ours.
_EXTENSIONS = (".json", ".yaml", ".yml")


def read_sources(paths: Sequence[str], stdin: Callable[[], bytes]) -> Iterator[tuple[str, bytes]]:
    """Each file's name and content, in order; raises BadInput for what cannot be read."""
    if list(paths).count("-") > 1:
        raise BadInput(
            "standard input cannot be used for multiple arguments", hint="Give `-f -` once."
        )
    for path in paths:
        if path == "-":
            yield "STDIN", stdin()
        else:
            yield from _read_path(path)


def _read_path(path: str) -> Iterator[tuple[str, bytes]]:
    if path.startswith(("http://", "https://")):
        raise BadInput(
            f'the path "{path}" is a URL: -f reads files only',
            hint=f"curl -fsS {path} | kubectl hosts show -f -",
        )
    try:
        found = _files(path)
        for each in found:
            yield str(each), each.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(
            f'the path "{path}" does not exist', hint="-f takes a file, a directory, or -."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise BadInput(
            f"open {path}: {_words(error)}", hint="`ls -l` shows who may read it."
        ) from error


def _words(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def _files(path: str) -> tuple[Path, ...]:
    if not Path(path).is_dir():
        return (Path(path),)
    entries = tuple(Path(path).iterdir())
    _require_plain(path, {each.name for each in entries})
    found = sorted(each for each in entries if each.suffix in _EXTENSIONS)
    if not found:
        extensions = " ".join(_EXTENSIONS)
        raise BadInput(
            f"error reading [{path}]: recognized file extensions are [{extensions}]",
            hint="Subdirectories are not read: name the one that holds the manifests.",
        )
    return tuple(each for each in found if each.is_file())


# A directory that is the input of another program: its mark, and the command that makes manifests.
_INPUTS = (
    ("kustomization.yaml", "a Kustomize directory", "kubectl kustomize {}"),
    ("kustomization.yml", "a Kustomize directory", "kubectl kustomize {}"),
    ("Kustomization", "a Kustomize directory", "kubectl kustomize {}"),
    ("Chart.yaml", "a Helm chart", "helm template {}"),
)


def _require_plain(path: str, names: set[str]) -> None:
    """Raises BadInput for a directory whose files are no manifests until another tool made them."""
    for mark, what, command in _INPUTS:
        if mark in names:
            made = command.format(shlex.quote(path))
            raise BadInput(
                f"{path} is {what}: its files are not applied as they are",
                hint=f"{made} | kubectl hosts show -f -",
            )
