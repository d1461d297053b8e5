"""A Corefile as CoreDNS loads it: parsed, and set up, where plugins refuse what they do not take.

CoreDNS that runs goes on with the older Corefile then, and one that starts ends; the words are
those of coredns plugin/*/setup.go and plugin/rewrite/*.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.corefile import CorefileError, digits, parse_blocks
from kubectl_hosts.model.cluster_dns.patterns import PatternUnknown, Refused, compile_pattern
from kubectl_hosts.model.cluster_dns.rewrite import parse_rewrite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubectl_hosts.model.cluster_dns.corefile import Corefile, Directive, ServerBlock

# plugin: lowest and highest ttl.
_TTLS = {"hosts": (1, 65_535), "kubernetes": (0, 3600), "k8s_external": (0, 3600)}


def parse_corefile(
    text: str,
    *,
    files: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    path: str = "/etc/coredns/Corefile",
) -> Corefile | CorefileError:
    """The server blocks of TEXT. FILES (absolute path to text) is what `import` can see.

    A CorefileError for what keeps CoreDNS from loading it: syntax, or what a plugin refuses.
    """
    parsed = parse_blocks(text, files=files, environment=environment, path=path)
    if isinstance(parsed, CorefileError):
        return parsed
    return find_refusal(parsed.blocks) or parsed


def find_refusal(blocks: Iterable[ServerBlock]) -> CorefileError | None:
    """The first line that keeps CoreDNS from loading these blocks, None where none is known."""
    found = (
        CorefileError(f"plugin/{plugin.name}: {words}", line, plugin.file)
        for block in blocks
        for plugin in block.plugins
        for words, line in _refusals(plugin)
    )
    return next(found, None)


def _refusals(plugin: Directive) -> Iterator[tuple[str, int]]:
    """What the plugin refuses, and the line; an expression that nobody can read is none of it."""
    try:
        if plugin.name == "rewrite":
            parse_rewrite(plugin)
        elif plugin.name == "template":
            _compile_all(plugin)
    except Refused as error:
        yield str(error), plugin.line
    except PatternUnknown:
        return
    low, high = _TTLS.get(plugin.name, (0, 0))
    for ttl in plugin.all("ttl") if high else ():
        seconds = digits(ttl.args[0]) if ttl.args else None
        if seconds is None or not low <= seconds <= high:
            yield f"ttl must be in range [{low}, {high}]", ttl.line


def _compile_all(template: Directive) -> None:
    for match in template.all("match"):
        for pattern in match.args:
            compile_pattern(pattern)
