"""`python -m tests.fuzz.mutants [SECONDS]`: mutated manifests and captures, without coverage.

An instrumented command takes ten times as long; here as many as possible are tried. Prints how
many, and the first thing that no command should do.
"""

from __future__ import annotations

import sys
import time
import traceback
from itertools import count

from tests.fuzz.targets import COMMANDS, command


def main() -> int:
    """1 where a command ended in an error that nobody expected."""
    end = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 60)
    slowest = (0.0, 0)
    for number in count():
        began = time.monotonic()
        if began > end:
            break
        try:
            command(b"%d" % number)
        except Exception:  # noqa: BLE001  whatever it is, it is a find
            traceback.print_exc()
            print(f"mutant {number}: FOUND; command(b'{number}') plays it")
            return 1
        slowest = max(slowest, (time.monotonic() - began, number))
    print(
        f"{number} mutants, {len(COMMANDS)} commands each: held; the slowest ({slowest[1]}): {slowest[0]:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
