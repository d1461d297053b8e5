"""`python -m tests.e2e.fixes [WORDS [FIRST]]`: the fix matrix, or its cases with WORDS in their ids.

`python -m tests.e2e.fixes corefile` makes the mistakes in the cluster's Corefile, which it puts
back: one after the other, and while nobody else uses the cluster.
"""

from __future__ import annotations

import sys

from tests.e2e.fixes.matrix import main

sys.exit(main(sys.argv[1:]))
