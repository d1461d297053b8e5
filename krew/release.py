"""What a release says of itself: its notes out of CHANGELOG and its addresses.

    python -m krew.release notes        the notes of this version, in Markdown
    python -m krew.release addresses    README.md and pyproject.toml of this checkout, rewritten

The addresses in the repository are those of SOURCE; a release takes GITHUB_REPOSITORY and the tag,
since the package index shows README without the files beside it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from krew.manifest import REPOSITORY, Release
from kubectl_hosts import __version__

ROOT = Path(__file__).parents[1]
SOURCE = "kubectl-hosts/kubectl-hosts"
SITE = "kubectl-hosts.github.io/kubectl-hosts"
REWRITTEN = ("README.md", "pyproject.toml")

_RELATIVE = re.compile(r"(?P<image>!\[[^\]]*)?\]\((?!https?:|#)(?P<to>[^)]+)\)")

INSTALL = """\

## Install

```
kubectl krew install --manifest-url={releases}/hosts.yaml
pipx install kubectl-hosts
brew install --formula ./kubectl-hosts.rb
```

Every file is attested: `gh attestation verify FILE --repo {repository}`.
"""


def notes(changelog: str, release: Release) -> str:
    """The section of RELEASE in CHANGELOG, and how to install it. Raises ValueError without one."""
    version = re.escape(release.tag.removeprefix("v"))
    heading = rf"^## \[{version}\] - \d{{4}}-\d{{2}}-\d{{2}}\n"
    section = re.search(rf"{heading}(?P<text>.*?)(?=^## |\Z)", changelog, re.DOTALL | re.MULTILINE)
    if section is None or not section["text"].strip():
        raise ValueError(f"CHANGELOG.md has no section `## [{release.tag[1:]}] - YYYY-MM-DD`")
    releases = f"https://github.com/{release.repository}/releases/download/{release.tag}"
    install = INSTALL.format(releases=releases, repository=release.repository)
    return section["text"].strip() + "\n" + install


def renamed(text: str, release: Release) -> str:
    """TEXT with the release's repository, and its site, in the place of SOURCE's."""
    owner, _, name = release.repository.partition("/")
    site = f"{owner.lower()}.github.io/{name}"
    return text.replace(SITE, site).replace(SOURCE, release.repository)


def with_addresses(text: str, release: Release) -> str:
    """TEXT with the release's repository in every address, and no link to a file beside it."""

    def absolute(link: re.Match[str]) -> str:
        kind = "raw" if link["image"] else "blob"
        address = f"https://github.com/{release.repository}/{kind}/{release.tag}/{link['to']}"
        return f"{link['image'] or ''}]({address})"

    return renamed(_RELATIVE.sub(absolute, text), release)


def main(what: str) -> None:
    """Print the notes, or rewrite the addresses of this checkout."""
    release = Release(f"v{__version__}", REPOSITORY)
    if what == "notes":
        sys.stdout.write(notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), release))
        return
    for name in REWRITTEN:
        file = ROOT / name
        text = file.read_text(encoding="utf-8")
        rewrite = with_addresses if file.suffix == ".md" else renamed
        file.write_text(rewrite(text, release), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
