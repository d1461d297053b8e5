"""krew's manifest out of its template, for the archives that there are.

    python -m krew.manifest ARCHIVE... > hosts.yaml

Sources: krew's documentation of plugin manifests; krew-release-bot's template language.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATE = Path(__file__).with_name("hosts.yaml")
# OWNER/NAME on GitHub, whose releases hold the archives; a workflow knows its own.
REPOSITORY = os.environ.get("GITHUB_REPOSITORY") or "kubectl-hosts/kubectl-hosts"

_ADD_URI_AND_SHA = re.compile(r'\{\{addURIAndSha "(?P<uri>[^"]+)" \.TagName \| indent \d+ \}\}')
_PLATFORM = re.compile(r"^    - selector:\n(?: {6}.*\n)+", re.MULTILINE)


class Release(NamedTuple):
    """What the template leaves open."""

    tag: str = f"v{__version__}"
    repository: str = REPOSITORY


def fill_template(template: str, release: Release, digests: Mapping[str, str]) -> str:
    """The manifest of RELEASE; DIGESTS are hex SHA-256 sums by the archives' file names.

    Platforms without an archive are left out; a leading comment is as well. Raises ValueError
    for an archive that the template has no platform for.
    """
    text = re.sub(r"\A(?:#.*\n)+", "", template)
    text = text.replace("{{ .TagName }}", release.tag)
    text = text.replace("{{ .Repository }}", release.repository)
    used: set[str] = set()

    def platform(block: re.Match[str]) -> str:
        found = _ADD_URI_AND_SHA.search(block[0])
        name = found["uri"].rpartition("/")[2] if found else ""
        if found is None or name not in digests:
            return ""
        used.add(name)
        # Quoted: sixty-four digits would be a number.
        lines = f'uri: {found["uri"]}\n      sha256: "{digests[name]}"'
        return block[0].replace(found[0], lines)

    filled = _PLATFORM.sub(platform, text)
    if unused := sorted(set(digests) - used):
        raise ValueError(f"no platform of the template is named {', '.join(unused)}")
    return filled


def digest(archive: Path) -> str:
    """The file's SHA-256 in hex, as krew compares it."""
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def manifest(archives: list[Path], release: Release | None = None) -> str:
    """The manifest that names ARCHIVES. Raises ValueError as `fill_template` does."""
    template = TEMPLATE.read_text(encoding="utf-8")
    digests = {each.name: digest(each) for each in archives}
    return fill_template(template, release or Release(), digests)


if __name__ == "__main__":
    sys.stdout.write(manifest([Path(each) for each in sys.argv[1:]]))
