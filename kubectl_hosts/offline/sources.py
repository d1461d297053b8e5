"""The bytes behind each `-f`: a file, a directory as kubectl reads one, or standard input."""

from __future__ import annotations

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
    found = sorted(each for each in Path(path).iterdir() if each.suffix in _EXTENSIONS)
    if not found:
        extensions = " ".join(_EXTENSIONS)
        raise BadInput(
            f"error reading [{path}]: recognized file extensions are [{extensions}]",
            hint="Subdirectories are not read: name the one that holds the manifests.",
        )
    return tuple(each for each in found if each.is_file())
