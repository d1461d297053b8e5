"""The Homebrew formula out of its template, for the archives of a release.

    python -m krew.formula ARCHIVE... > kubectl-hosts.rb

It installs what krew installs: the frozen folder, and a link to the program in it. Source: the
Formula Cookbook of Homebrew's documentation.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from krew.manifest import Release, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATE = Path(__file__).with_name("homebrew.rb")
_SHA256 = re.compile(r"\{\{ sha256 (?P<platform>\w+) \}\}")


def fill_formula(template: str, release: Release, digests: Mapping[str, str]) -> str:
    """The formula of RELEASE; DIGESTS are hex SHA-256 sums by the archives' file names.

    Raises ValueError where an archive is missing: Homebrew would offer what cannot be had.
    """
    text = re.sub(r"\A(?:#.*\n)+", "", template)
    wanted = {each: f"kubectl-hosts_{release.tag}_{each}.tar.gz" for each in _SHA256.findall(text)}
    if missing := sorted(set(wanted.values()) - set(digests)):
        raise ValueError(f"the formula needs {', '.join(missing)}")
    text = text.replace("{{ .TagName }}", release.tag)
    text = text.replace("{{ .Version }}", release.tag.removeprefix("v"))
    text = text.replace("{{ .Repository }}", release.repository)
    return _SHA256.sub(lambda found: digests[wanted[found["platform"]]], text)


def formula(archives: list[Path], release: Release | None = None) -> str:
    """The formula that names ARCHIVES. Raises ValueError as `fill_formula` does."""
    digests = {each.name: digest(each) for each in archives}
    template = TEMPLATE.read_text(encoding="utf-8")
    return fill_formula(template, release or Release(), digests)


if __name__ == "__main__":
    sys.stdout.write(formula([Path(each) for each in sys.argv[1:]]))
