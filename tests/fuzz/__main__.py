"""`make fuzz`: every target for its share of an hour (FUZZ_SECONDS), each in a process of its own.

What atheris finds stands in tests/fuzz/found/: `python -m tests.fuzz.one TARGET FILE` plays it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS

HERE = Path(__file__).parent
SECONDS = int(os.environ.get("FUZZ_SECONDS", "3600"))


def fuzz(target: str, seconds: int) -> bool:
    """Whether TARGET held for SECONDS; prints its runs and coverage."""
    grown, found = HERE / "grown" / target, HERE / "found"
    for each in (grown, found):
        each.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.one", target, str(grown)),
            str(HERE / "corpus" / target),
            *(f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048"),
            *("-max_len=8192", "-print_final_stats=1", f"-artifact_prefix={found}/{target}-"),
        ],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    runs = re.findall(r"number_of_executed_units: (\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    held = done.returncode == 0
    counted = f"{(runs or ['?'])[-1]} runs, coverage {(covered or ['?'])[-1]}"
    print(f"{target:<14} {seconds:>5} s  {counted:<36} {'held' if held else 'FOUND'}", flush=True)
    if not held:
        print(done.stderr[-6000:], flush=True)
    return held


def main() -> int:
    """All targets, or those that are named; 1 where one did not hold."""
    chosen = sys.argv[1:] or list(TARGETS)
    held = [fuzz(each, max(1, SECONDS // len(chosen))) for each in chosen]
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
