"""`python -m tests.e2e.fixes [WORDS]`: the fix matrix, or its cases with WORDS in their ids."""

from __future__ import annotations

import sys

from tests.e2e.fixes.matrix import main

sys.exit(main(sys.argv[1:]))
