"""What a container's own volumes make of a path: hosts, resolv.conf, nsswitch.conf.

A mount at the path hides what the kubelet, the runtime or the image would put there; one above it
(`/etc`, `/`) hides the image's directory. What a volume holds is known where it is text of the API:
ConfigMaps, the downward API, and projected volumes made of them. Secrets are never read, and the
content of any other volume (a node's path, a claim) is no API object's.

Measured on kubelet 1.34.4 with containerd 1.6.20 (hosts-file.md 2.1): a subPath that names no file
gives a directory; of two sources of a projected volume the later wins a path; a ConfigMap that is
missing, or lacks a key that an item names, keeps the container waiting unless it is optional.
"""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.evidence import CouldNotLook, FileAbsent, FileRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubectl_hosts.model.evidence import ConfigMaps, FileEvidence
    from kubectl_hosts.model.objects import ConfigMap
    from kubectl_hosts.model.pod import Container, Pod, Projection, Volume, VolumeMount

    _Known = Mapping[str, ConfigMap | CouldNotLook | None]

NODE_HOSTS = "/etc/hosts"
"""The node's own file, where a hostPath volume shows it."""

# Volume source -> how people call what it refers to; those with `/` live in the pod's namespace.
_SOURCE_WORDS = {
    "configMap": "ConfigMap {namespace}/{refers_to}",
    "secret": "Secret {namespace}/{refers_to}",
    "persistentVolumeClaim": "PersistentVolumeClaim {namespace}/{refers_to}",
    "hostPath": "hostPath {refers_to} of the node",
}


class Directory(NamedTuple):
    """The volume has a directory there, and no file."""


class NeverMounted(NamedTuple):
    """The volume cannot be made as the spec asks: the container waits and does not start."""

    why: str


VolumeFile = FileRead | FileAbsent | Directory | NeverMounted | CouldNotLook


def describe_volume(volume: Volume, namespace: str) -> str:
    """`volume NAME, ConfigMap NAMESPACE/NAME`."""
    words = _SOURCE_WORDS.get(volume.source, volume.source)
    source = words.format(namespace=namespace, refers_to=volume.refers_to)
    return f"volume {volume.name}{', ' + source if source else ''}"


class Covering(NamedTuple):
    """A volumeMount that decides what stands at a path, and the path inside its volume."""

    mount: VolumeMount
    volume: Volume | None
    """None where spec.volumes has no volume of that name, which the API server refuses."""
    inside: str
    """Where the path is in the volume, "" for the volume itself."""
    is_above: bool
    """Mounted on a directory above the path."""

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written there, a mount point included."""
        volume = self.volume
        is_projected = volume is not None and bool(volume.projections)
        is_readonly_source = volume is not None and (volume.read_only or volume.source == "image")
        return self.mount.read_only or is_projected or is_readonly_source


def covering_mount(pod: Pod, container: Container | None, path: str) -> Covering | None:
    """The container's mount at PATH, or the nearest above it; None where no volume covers it.

    Runtimes mount the shorter paths first, and of two on one path the later lies on top.
    """
    best: tuple[int, VolumeMount] | None = None
    for mount in container.volume_mounts if container is not None else ():
        depth = _depth_above(mount.mount_path, path)
        if depth is not None and (best is None or depth >= best[0]):
            best = depth, mount
    if best is None:
        return None
    mount = best[1]
    if mount.is_expression and container is not None:
        mount = _expanded(mount, container)
    rest = _clean(path)[len(_clean(mount.mount_path)) :].strip("/")
    inside = "/".join(part for part in (mount.sub_path.strip("/"), rest) if part)
    volume = next((each for each in pod.volumes if each.name == mount.name), None)
    return Covering(mount, volume, normpath(inside) if inside else "", is_above=bool(rest))


_VARIABLE = re.compile(r"\$\((\w+)\)")


def _expanded(mount: VolumeMount, container: Container) -> VolumeMount:
    """The mount with the path that subPathExpr gives, where the container's spec has all of it."""
    values = {name: value for name, value in container.env if value is not None}
    names = _VARIABLE.findall(mount.sub_path)
    if not all(name in values for name in names):
        return mount
    path = _VARIABLE.sub(lambda match: values[match[1]], mount.sub_path)
    return mount._replace(sub_path=path, is_expression=False)


def _clean(path: str) -> str:
    """The path as the runtime takes it: `//etc/hosts/` and `etc/hosts` are `/etc/hosts`."""
    return "/" + normpath(f"/{path}").strip("/")


def _depth_above(mount_path: str, path: str) -> int | None:
    """How many directories deep MOUNT_PATH is, None where it is neither PATH nor above it."""
    above, below = _clean(mount_path).strip("/"), _clean(path).strip("/")
    if above and above != below and not below.startswith(f"{above}/"):
        return None
    return len(above.split("/")) if above else 0


def config_maps_for(pod: Pod, container: Container | None, *paths: str) -> tuple[str, ...]:
    """The ConfigMaps of the pod's namespace that decide what CONTAINER has at PATHS."""
    found: dict[str, None] = {}
    for path in paths:
        covering = covering_mount(pod, container, path)
        projections = covering.volume.config_maps if covering and covering.volume else ()
        found |= dict.fromkeys(each.refers_to for each in projections)
    return tuple(found)


def file_at(pod: Pod, covering: Covering, config_maps: ConfigMaps) -> VolumeFile:
    """What stands at the path that COVERING decides, from the volume's own content."""
    volume = covering.volume
    named = describe_volume(volume, pod.namespace) if volume else f"volume {covering.mount.name}"
    unknown = CouldNotLook(what=named, why=f"what {named} holds is not known")
    if volume is None or covering.mount.is_expression:
        return unknown
    if not volume.projections:
        return _file_outside_the_api(pod, covering, volume, unknown)
    found = _projected_file(pod, volume.projections, covering.inside, dict(config_maps))
    if isinstance(found, FileAbsent) and not covering.is_above:
        return Directory()  # the kubelet makes one for a subPath that is not there
    return found


def _file_outside_the_api(
    pod: Pod, covering: Covering, volume: Volume, unknown: CouldNotLook
) -> VolumeFile:
    if volume.source == "emptyDir":
        return _file_of_empty_dir(pod, covering, unknown)
    if is_node_hosts(covering):
        hint = "kubectl hosts show POD, with the right to exec, reads it through the container."
        return CouldNotLook(what=unknown.what, why="the node's /etc/hosts was not read", hint=hint)
    return unknown


def _file_of_empty_dir(pod: Pod, covering: Covering, unknown: CouldNotLook) -> VolumeFile:
    """Empty when the pod starts; what its containers write there, nobody knows."""
    if not covering.inside:
        return Directory()
    name = covering.mount.name
    users = [each for each in pod.containers for mount in each.volume_mounts if mount.name == name]
    if len(users) > 1 or (covering.is_above and not covering.mount.read_only):
        return unknown
    return FileAbsent() if covering.is_above else Directory()


def is_node_hosts(covering: Covering) -> bool:
    """Whether the path shows the node's own /etc/hosts, through a hostPath volume."""
    volume = covering.volume
    if volume is None or volume.source != "hostPath":
        return False
    return _clean(f"{volume.refers_to}/{covering.inside}") == NODE_HOSTS


def _projected_file(
    pod: Pod,
    projections: tuple[Projection, ...],
    path: str,
    config_maps: _Known,
) -> VolumeFile:
    found: VolumeFile = FileAbsent()
    for projection in projections:
        one = _file_of(pod, projection, path, config_maps)
        if isinstance(one, NeverMounted):
            return one
        if not isinstance(one, FileAbsent):
            found = one
    return found


def _file_of(
    pod: Pod,
    projection: Projection,
    path: str,
    config_maps: _Known,
) -> VolumeFile:
    """What one source puts at PATH."""
    match projection.source:
        case "configMap":
            return _file_of_config_map(pod, projection, path, config_maps)
        case "downwardAPI":
            return _file_of_fields(pod, projection, path)
        case _:
            words = _SOURCE_WORDS.get(projection.source, projection.source)
            named = words.format(namespace=pod.namespace, refers_to=projection.refers_to)
            unknown = CouldNotLook(what=named, why=f"the content of {named} is not read")
            return _among(projection.items, path, unknown) if projection.items else unknown


def _among(
    found: Iterable[tuple[str, str]], path: str, file: VolumeFile
) -> FileAbsent | Directory | VolumeFile:
    """FILE where PATH is one of the (key, path) pairs; Directory above one."""
    for _, at in found:
        if normpath(at) == path:
            return file
        if not path or normpath(at).startswith(f"{path}/"):
            return Directory()
    return FileAbsent()


def _file_of_config_map(
    pod: Pod,
    projection: Projection,
    path: str,
    config_maps: _Known,
) -> VolumeFile:
    named = f"ConfigMap {pod.namespace}/{projection.refers_to}"
    if projection.refers_to not in config_maps:
        return CouldNotLook(what=named, why=f"{named} was not read")
    config_map = config_maps[projection.refers_to]
    if isinstance(config_map, CouldNotLook):
        why = f"{named} could not be read: {config_map.why}"
        return CouldNotLook(what=named, why=why, hint=config_map.hint)
    if config_map is not None:
        return _file_of_keys(projection, path, _files_in(config_map), named)
    if projection.optional:
        return FileAbsent()
    if not pod.uid:  # a manifest: the ConfigMap may be in another file, or in the cluster
        return CouldNotLook(what=named, why=f"{named} is in none of the files")
    return NeverMounted(f"there is no {named}")


def _files_in(config_map: ConfigMap) -> dict[str, bytes]:
    text = {key: value.encode("utf-8", "surrogatepass") for key, value in config_map.data}
    return {**text, **dict(config_map.binary_data)}


def _file_of_keys(
    projection: Projection, path: str, files: Mapping[str, bytes], named: str
) -> VolumeFile:
    placed = projection.items or tuple((key, key) for key in files)
    lacking = next((key for key, _ in placed if key not in files), None)
    if lacking is not None and not projection.optional:
        return NeverMounted(f"{named} has no key {lacking}")
    there = tuple((key, at) for key, at in placed if key in files)
    key = next((key for key, at in there if normpath(at) == path), None)
    return FileRead(files[key]) if key is not None else _among(there, path, FileAbsent())


def _file_of_fields(pod: Pod, projection: Projection, path: str) -> VolumeFile:
    field_path = next((key for key, at in projection.items if normpath(at) == path), None)
    if field_path is None:
        return _among(projection.items, path, FileAbsent())
    value = _field_value(pod, field_path)
    if value is None:
        named = field_path or "a resource of a container"
        return CouldNotLook(what=f"the field {named}", why=f"{named} is not worked out")
    return FileRead(value.encode("utf-8", "surrogatepass"))


def _field_value(pod: Pod, field_path: str) -> str | None:
    """pkg/fieldpath ExtractFieldPathAsString, without the whole maps of labels or annotations."""
    plain = {
        "metadata.name": pod.name,
        "metadata.namespace": pod.namespace,
        "metadata.uid": pod.uid or None,
    }
    if field_path in plain:
        return plain[field_path]
    for prefix, values in (
        ("metadata.labels['", pod.labels),
        ("metadata.annotations['", pod.annotations),
    ):
        if field_path.startswith(prefix) and field_path.endswith("']"):
            return dict(values).get(field_path[len(prefix) : -2], "")
    return None


def file_by_mounts(
    pod: Pod,
    container: Container | None,
    path: str,
    config_maps: ConfigMaps = (),
) -> FileEvidence | None:
    """What CONTAINER has at PATH by its own mounts; None where no volume of it covers the path.

    CouldNotLook names the volume whose content is not known, or says why there is no file. Of a
    path that the kubelet or the runtime mounts itself (/etc/hosts, /etc/resolv.conf), a mount
    above it decides nothing.
    """
    covering = covering_mount(pod, container, path)
    if covering is None or (covering.is_above and path in MOUNTED_BY_OTHERS):
        return None
    found = file_at(pod, covering, config_maps)
    match found:
        case Directory():
            return CouldNotLook(what=path, why=f"{path} is a directory")
        case NeverMounted(why=why):
            return CouldNotLook(what=path, why=f"the container does not start: {why}")
        case _:
            return found


ETC = "/etc"
MOUNTED_BY_OTHERS = ("/etc/hosts", "/etc/hostname", "/etc/resolv.conf")
"""Files that are mounted into every container, by the kubelet or by its runtime."""


def files_of(covering: Covering, config_maps: ConfigMaps) -> tuple[str, ...]:
    """The files that a volume is known to hold, by their paths in it."""
    known = dict(config_maps)
    found: dict[str, None] = {}
    for each in covering.volume.projections if covering.volume else ():
        found |= dict.fromkeys(at for _, at in each.items)
        config_map = known.get(each.refers_to) if each.source == "configMap" else None
        if config_map is not None and not isinstance(config_map, CouldNotLook) and not each.items:
            found |= dict.fromkeys(_files_in(config_map))
    return tuple(found)


class Blocked(NamedTuple):
    """A volume that keeps a container from starting: no hosts file is ever mounted on it.

    is_certain says that it is known to lack files that it would need to have.
    """

    covering: Covering
    why: str
    is_certain: bool = True


def blocked_by(
    pod: Pod,
    container: Container | None,
    config_maps: ConfigMaps = (),
) -> Blocked | None:
    """The volume that keeps CONTAINER from starting, or may; None where none does.

    The runtime mounts /etc/hosts, /etc/hostname and /etc/resolv.conf over files that it makes where
    they are missing; in a read-only volume it cannot. Measured: a ConfigMap on /etc with the keys
    hosts, hostname and resolv.conf starts, and so does a read-only hostPath /etc; with one of them
    missing it does not. Nothing starts with a volume on /: it hides the image.
    """
    at_hosts = covering_mount(pod, container, MOUNTED_BY_OTHERS[0])
    if at_hosts is not None and isinstance(
        file := file_at(pod, at_hosts, config_maps), NeverMounted
    ):
        return Blocked(at_hosts, file.why)
    etc = covering_mount(pod, container, ETC)
    if etc is None:
        return None
    if _clean(etc.mount.mount_path) == "/":
        return Blocked(etc, "it hides all of the image")
    return _without_mount_points(pod, etc, config_maps) if etc.is_read_only else None


def _without_mount_points(pod: Pod, etc: Covering, config_maps: ConfigMaps) -> Blocked | None:
    lacking: list[str] = []
    unknown: list[str] = []
    for path in MOUNTED_BY_OTHERS:
        name = path.rpartition("/")[2]
        inside = f"{etc.inside}/{name}" if etc.inside else name
        file = file_at(pod, etc._replace(inside=inside, is_above=True), config_maps)
        if isinstance(file, CouldNotLook):
            unknown.append(name)
        elif not isinstance(file, FileRead):
            lacking.append(name)
    if not lacking and not unknown:
        return None
    missing = ", ".join(lacking or unknown)
    why = f"it is read-only and {'has no' if lacking else 'may have no'} {missing} to mount over"
    return Blocked(etc, why, is_certain=bool(lacking))


def siblings(pod: Pod, container: Container, path: str) -> Iterator[Container]:
    """Running containers that show the same file at PATH as CONTAINER, whatever its own state.

    The kubelet's hosts file and the runtime's resolv.conf are one for all containers without a
    mount there (hosts-file.md 2.4); one volume's file is one, too, where both mount it alike. A
    path in the image is each container's own: nobody stands in for another.
    """
    for each in pod.containers:
        is_other = each.name != container.name and each.status.state == "running"
        if is_other and is_one_file(pod, container, each, path):
            yield each


def is_one_file(pod: Pod, one: Container, other: Container, path: str) -> bool:
    """Whether two containers show one file at PATH, by their mounts."""
    ours = covering_mount(pod, one, path)
    if ours is None and path not in MOUNTED_BY_OTHERS:
        return False
    return _is_same(ours, covering_mount(pod, other, path), path)


def _is_same(own: Covering | None, other: Covering | None, path: str) -> bool:
    ours, theirs = _decides(own, path), _decides(other, path)
    if ours is None or theirs is None:
        return ours is theirs
    if ours.mount.is_expression or theirs.mount.is_expression:
        return False
    return (ours.mount.name, ours.inside) == (theirs.mount.name, theirs.inside)


def _decides(covering: Covering | None, path: str) -> Covering | None:
    """The mount, where it is what stands at PATH; the kubelet's lies on top of any other."""
    if covering is None or path not in MOUNTED_BY_OTHERS:
        return covering
    is_kubelets = path == MOUNTED_BY_OTHERS[0]
    is_hidden = covering.is_above or (is_kubelets and covering.mount.mount_path != path)
    return None if is_hidden else covering
