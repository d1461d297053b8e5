"""Every place in which a workload, or another object, mentions a host name.

Environment values (with what ConfigMaps give), commands and arguments, the hosts of probes and
hooks, the data of ConfigMaps and Secrets that pods read, ExternalNames, and references to Services
in Ingresses, webhooks, APIServices and custom resources. A Secret is read from manifests alone, in
which it is plain text; nobody asks the API for one.

Variables are filled in: `$(VAR)` as the kubelet does, `${VAR}` and `$VAR` as a shell does.

k8s.io/kubernetes third_party/forked/golang/expansion: `$$` is a `$` that starts nothing, and a
reference to a variable that is not there stays as it is. Where each piece stood in the text as
written is kept, so that a report can quote that.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.check.hosts_in_text import (
    Exists,
    Says,
    Spot,
    hosts_in_script,
    hosts_of_programs,
    hosts_of_value,
    is_host_name,
    is_list_of_hosts,
    is_script,
    says_of_value,
    upstreams_in,
)
from kubectl_hosts.model.check.workloads import KeyRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kubectl_hosts.model.check.workloads import (
        StartedContainer,
        StartedWords,
        StartedWorkload,
        Variable,
    )
    from kubectl_hosts.model.fields import FieldPath

_KUBELET = re.compile(r"\$(?:\$|\((?P<name>[^()\s]*)\))")
# `${VAR:-default}` of a shell, `${VAR:default}` of Beats and Spring, `${env:VAR}` of collectors.
_SHELL = re.compile(
    r"\$(?:\{(?:env:)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"(?:(?::?[-=]|:(?![+?-]))(?P<other>[^${}]*))?\}"
    r"|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))"
)


class Piece(NamedTuple):
    """Where something else stands in the expanded text, and where its reference was before."""

    start: int
    end: int
    written_start: int
    written_end: int


class Expanded(NamedTuple):
    """A text with its variables filled in, and the text as written."""

    text: str
    written: str
    pieces: tuple[Piece, ...] = ()

    def as_written(self, start: int, end: int) -> str:
        """What stands in the text as written where TEXT has [START, END)."""
        return self.written[self._before(start, at_end=False) : self._before(end, at_end=True)]

    def _before(self, position: int, *, at_end: bool) -> int:
        shift = 0
        for each in self.pieces:
            if each.end <= position and each.start != position:
                shift = each.written_end - each.end
            elif each.start < position < each.end:
                return each.written_end if at_end else each.written_start
            elif each.start >= position:
                break
        return position + shift


def as_it_is(text: str) -> Expanded:
    """A text in which nothing is filled in."""
    return Expanded(text, text)


def expand(text: str, variables: Mapping[str, str]) -> str:
    """TEXT as the kubelet passes it on."""
    return _KUBELET.sub(lambda found: _by_kubelet(found, variables), text)


def expand_everywhere(text: str, variables: Mapping[str, str]) -> Expanded:
    """TEXT as the kubelet passes it on and a shell, or a configuration, then reads it.

    A reference that the kubelet leaves to the shell (`$$(VAR)`) is a command there.
    """
    pieces: list[Piece] = []
    out: list[str] = []
    length = at = 0
    for found in re.finditer(f"{_KUBELET.pattern}|{_unnamed(_SHELL.pattern)}", text):
        value = _value(found, variables)
        before = text[at : found.start()]
        out += (before, value)
        length += len(before)
        pieces.append(Piece(length, length + len(value), found.start(), found.end()))
        length += len(value)
        at = found.end()
    out.append(text[at:])
    return Expanded("".join(out), text, tuple(pieces))


def _unnamed(pattern: str) -> str:
    """PATTERN with its groups under other names, to stand beside the kubelet's."""
    return pattern.replace("<name>", "<shell>")


def _by_kubelet(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["name"] is None:
        return "$"
    return variables.get(found["name"], found[0])


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    name = found["name"] or found["shell"] or found["bare"]
    if name is None:
        return "$" if found[0] == "$$" else found[0]
    return variables.get(name, found["other"] or found[0])


class MentionForm(Enum):
    """How a place mentions a name; the value is what JSON prints."""

    VALUE = "value"
    INSIDE = "inside"
    REFERENCE = "reference"
    CUSTOM_RESOURCE = "custom resource"


class Mention(NamedTuple):
    """A place that mentions a host name.

    where: `env NAME`, `args`, `configmap N key K`, a field's path; text as it is written there;
    name with its variables filled in. container "" where it is the whole pod's, or no pod's. path
    leads to the text in the object itself, or in its HOLDER, a ConfigMap or Secret, (kind, name).
    has_break: the program gets the name with a line break behind it.
    """

    container: str
    where: str
    text: str
    name: str
    form: MentionForm = MentionForm.VALUE
    path: FieldPath = ()
    holder: tuple[str, str] = ("", "")
    has_break: bool = False


class Place(NamedTuple):
    """A text of a workload: whose it is, what it is called, and where it stands."""

    container: str
    where: str
    path: FieldPath = ()
    holder: tuple[str, str] = ("", "")

    def mention(self, text: str, name: str, form: MentionForm = MentionForm.VALUE) -> Mention:
        """A mention of NAME in this place."""
        return Mention(self.container, self.where, text, name, form, self.path, self.holder)


class Surroundings(NamedTuple):
    """What a workload's texts are read with.

    data gives the keys of a ConfigMap or Secret of its namespace, None where it is not there or
    nobody reads it; service_variables are those that the kubelet sets for Services; mounted says
    whether data that is mounted is read, too.
    """

    exists: Exists
    data: Callable[[KeyRef], Mapping[str, str] | None] = lambda _: None
    service_variables: Mapping[str, str] = {}
    mounted: bool = True


def mentions_of(workload: StartedWorkload, around: Surroundings) -> tuple[Mention, ...]:
    """Every place of WORKLOAD that mentions a host name, each once, in the order of its fields."""
    found: dict[tuple[str, str, str], Mention] = {}
    variables: dict[str, dict[str, str]] = {}
    for container in workload.started.containers:
        own = variables.setdefault(container.name, {})
        for each in _of_container(workload, container, around, own):
            found.setdefault((each.container, each.where, each.name), each)
    for each in _of_annotations(workload, around.exists):
        found.setdefault((each.container, each.where, each.name), each)
    if around.mounted:
        for each in _of_volumes(workload, around, variables):
            found.setdefault((each.container, each.where, each.name), each)
    return tuple(found.values())


def _of_container(
    workload: StartedWorkload,
    container: StartedContainer,
    around: Surroundings,
    variables: dict[str, str],
) -> Iterator[Mention]:
    """The mentions of one container, whose variables are added to VARIABLES."""
    if workload.started.service_links:
        variables |= around.service_variables
    for reference in container.env_from:
        yield from _of_env_from(container.name, reference, around, variables)
    for each in container.env:
        yield from _of_variable(workload, container.name, each, around, variables)
    for words in container.commands:
        yield from _of_words(container.name, words, variables, around.exists)
    for words in container.hosts:
        (host,) = words.words
        if is_host_name(host):
            yield Place(container.name, words.where, words.path).mention(host, host)


def _of_env_from(
    container: str, reference: KeyRef, around: Surroundings, variables: dict[str, str]
) -> Iterator[Mention]:
    """The mentions in the variables of an envFrom, which are added to VARIABLES."""
    for key, value in (around.data(reference) or {}).items():
        name = f"{reference.prefix}{key}"
        variables[name] = value
        place = _of_key(container, f"env {name} from ", reference, key)
        yield from _of_env(place, name, as_it_is(value), around.exists)


def _of_variable(
    workload: StartedWorkload,
    container: str,
    variable: Variable,
    around: Surroundings,
    variables: dict[str, str],
) -> Iterator[Mention]:
    """The mentions in one item of env, which is added to VARIABLES where its value is known."""
    if variable.field:
        known = _field_value(workload, variable.field)
        if known:
            variables[variable.name] = known
        return
    place = Place(container, f"env {variable.name}", variable.path)
    if variable.reference is None:
        text = expand_everywhere(variable.value, variables)
        variables[variable.name] = expand(variable.value, variables)
    else:
        key = variable.reference.key
        data = around.data(variable.reference)
        if data is None or key not in data:
            return
        text = as_it_is(data[key])
        variables[variable.name] = data[key]
        place = _of_key(container, f"env {variable.name} from ", variable.reference, key)
    yield from _of_env(place, variable.name, text, around.exists)


def _of_key(container: str, before: str, reference: KeyRef, key: str) -> Place:
    """The place of a key of a ConfigMap or Secret."""
    where = f"{before}{reference.kind.lower()} {reference.name} key {key}"
    return Place(container, where, ("data", key), (reference.kind, reference.name))


def _field_value(workload: StartedWorkload, path: str) -> str:
    """What fieldRef gives, where the template tells; a pod's own IP it does not."""
    labels = dict(workload.pod_labels)
    label = re.fullmatch(r"metadata\.labels\['(.+)'\]", path)
    if label:
        return labels.get(label[1], "")
    known = {
        # The first pod of a StatefulSet stands for all; what other pods are called is made up.
        "metadata.name": f"{workload.name}-0" if workload.kind == "StatefulSet" else "",
        "metadata.namespace": workload.namespace,
        "spec.serviceAccountName": workload.started.service_account,
    }
    return known.get(path, "")


def _of_env(place: Place, key: str, value: Expanded, exists: Exists) -> Iterator[Mention]:
    """The mentions in the value of a variable, which a program gets as it stands."""
    for each in _of_value(place, key, value, exists):
        yield each._replace(has_break=value.text.rstrip("\r\n") == each.name != value.text)


def _of_value(place: Place, key: str, value: Expanded, exists: Exists) -> Iterator[Mention]:
    """The mentions in the value of a variable or a setting."""
    if says_of_value(key) is Says.PATTERN:
        return
    is_value = not is_script(value.text) or is_list_of_hosts(value.text, key, exists)
    spots = tuple(hosts_of_value(value.text, key, exists)) if is_value else ()
    if spots:
        yield from _mentions(place, value, spots, MentionForm.VALUE)
    else:
        yield from _mentions(place, value, hosts_in_script(value.text, exists), MentionForm.INSIDE)


def _mentions(
    place: Place, value: Expanded, spots: Iterable[Spot], form: MentionForm
) -> Iterator[Mention]:
    for each in spots:
        yield place.mention(value.as_written(each.start, each.end).strip(), each.name, form)


# Programs whose operands are users and groups, not hosts and ports.
_OF_USERS = frozenset({"chown", "chgrp", "su-exec", "gosu", "useradd", "adduser", "usermod"})
_ASSIGNED = re.compile(r"(?P<key>-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)=(?P<value>[^\n]*)", re.DOTALL)


def _of_words(
    container: str, words: StartedWords, variables: Mapping[str, str], exists: Exists
) -> Iterator[Mention]:
    """The mentions in a command line: a list of words, of which one may be a shell's script."""
    if _OF_USERS.intersection(each.rpartition("/")[2] for each in words.words):
        return
    before = ""
    for at, word in enumerate(words.words):
        place = Place(container, words.where, (*words.path, at))
        text = expand_everywhere(word, variables)
        if is_script(text.text):
            yield from _mentions(
                place, text, hosts_in_script(text.text, exists), MentionForm.INSIDE
            )
        else:
            yield from _of_word(place, text, before, exists)
        before = word
    yield from _of_program(container, words, exists)


def _of_word(place: Place, word: Expanded, before: str, exists: Exists) -> Iterator[Mention]:
    """The mentions in one word: `--flag=value`, the value of the flag BEFORE it, or an operand."""
    assigned = _ASSIGNED.fullmatch(word.text)
    flag = before if before.startswith("-") and "=" not in before else ""
    key = assigned["key"] if assigned else flag
    shift = assigned.start("value") if assigned else 0
    value = word.text[shift:]
    spots = tuple(hosts_of_value(value, key, exists))
    found = False
    for each in spots:
        is_url = "://" in value[each.start : each.end]
        # A lone word that no flag precedes is a subcommand or an operand, whatever is called so.
        if not (key or is_url) and each.name == value and "." not in value:
            continue
        found = True
        start = each.start + shift if is_url or not assigned or len(spots) > 1 else 0
        yield place.mention(word.as_written(start, each.end + shift), each.name)
    if not found and re.search(r"[=:;,/@]", value) and says_of_value(key) is not Says.PATTERN:
        yield from _mentions(place, word, hosts_in_script(word.text, exists), MentionForm.INSIDE)


def _of_program(container: str, words: StartedWords, exists: Exists) -> Iterator[Mention]:
    """The host that a program is told by its words alone: `[nc, -z, db, "5432"]`."""
    if any(is_script(each) for each in words.words):
        return
    for each in hosts_of_programs(" ".join(words.words), exists):
        yield Place(container, words.where, words.path).mention(each.name, each.name)


def _of_annotations(workload: StartedWorkload, exists: Exists) -> Iterator[Mention]:
    """The mentions in a pod's annotations of several lines: what an injector makes files of."""
    for key, value, path in workload.pod_annotations:
        if "\n" in value.strip():
            spots = hosts_in_script(value, exists)
            place = Place("", f"annotation {key}", path)
            yield from _mentions(place, as_it_is(value), spots, MentionForm.INSIDE)


def _of_volumes(
    workload: StartedWorkload, around: Surroundings, variables: Mapping[str, Mapping[str, str]]
) -> Iterator[Mention]:
    """The mentions in the data that the pods mount, with the VARIABLES of who mounts it."""
    for volume, reference, keys in workload.started.volumes:
        mounting = [each for each in workload.started.containers if volume in each.volumes]
        if mounting:
            chosen = _taken(reference, keys, around)
            known = {key: one for each in mounting for key, one in variables[each.name].items()}
            yield from mentions_of_data(
                reference.kind, reference.name, chosen, around.exists, known
            )


def _taken(reference: KeyRef, keys: tuple[str, ...], around: Surroundings) -> Mapping[str, str]:
    """What a volume takes of a ConfigMap or Secret: KEYS, or all; each is asked for by its name."""
    if not keys:
        return around.data(reference) or {}
    found = {key: around.data(reference._replace(key=key)) or {} for key in keys}
    return {key: data[key] for key, data in found.items() if key in data}


# Knative's ConfigMaps explain themselves under this key (knative.dev/pkg/configmap ExampleKey).
_EXAMPLE = "_example"


def mentions_of_data(
    kind: str,
    name: str,
    data: Mapping[str, str],
    exists: Exists,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Mention]:
    """The mentions in a ConfigMap's or a Secret's data, in no container's environment.

    With the VARIABLES of a container that reads it, as most programs fill them in.
    """
    upstreams = frozenset(each for value in data.values() for each in upstreams_in(value))
    exists = exists._replace(upstreams=upstreams)
    for key, value in data.items():
        if key == _EXAMPLE:
            continue
        place = _of_key("", "", KeyRef(kind, name), key)
        said = as_it_is(value) if variables is None else expand_everywhere(value, variables)
        yield from _of_value(place, key, said, exists)
