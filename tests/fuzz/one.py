"""`python -m tests.fuzz.one TARGET [libFuzzer's options and corpora]`: one target, by atheris."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["kubectl_hosts"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz the target that the first argument names, until libFuzzer ends."""
    sys.setrecursionlimit(5000)
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
