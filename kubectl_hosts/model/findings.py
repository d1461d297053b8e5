"""What is worth telling the user: a stable reason, a sentence, and one fix."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kubectl_hosts.model.origin import Origin


class Severity(Enum):
    """How much it matters; the value is what JSON prints."""

    __hash__ = object.__hash__  # as that of Outcome

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Reason(Enum):
    """Every reason a finding can have: CamelCase, stable within v1, as in Kubernetes conditions."""

    __hash__ = object.__hash__  # as that of Outcome

    # The hosts file against the spec (hosts-file.md section 6).
    FOREIGN_LINES = "ForeignLines"
    COMMAND_WRITES_HOSTS = "CommandWritesHosts"
    KUBELET_LINES_MISSING = "KubeletLinesMissing"
    HOST_ALIASES_MISSING = "HostAliasesMissing"
    HOST_ALIASES_UNSUPPORTED = "HostAliasesUnsupported"
    STALE_POD_IP = "StalePodIP"
    OWN_LINE_CHANGED = "OwnLineChanged"
    POD_IP_MISSING = "PodIPMissing"
    STALE_NODE_HOSTS = "StaleNodeHosts"
    REWRITTEN_BY_FAILING_CONTAINER = "RewrittenByFailingContainer"
    EMPTY_FILE = "EmptyFile"
    OWN_MOUNT_HIDES_HOST_ALIASES = "OwnMountHidesHostAliases"
    OWN_NAME_MISSING = "OwnNameMissing"
    OUTDATED_VOLUME = "OutdatedVolume"
    DIRECTORY_AT_HOSTS = "DirectoryAtHosts"
    READ_ONLY_HOSTS = "ReadOnlyHosts"
    WRITES_NODE_HOSTS = "WritesNodeHosts"
    VOLUME_PREVENTS_START = "VolumePreventsStart"
    HOSTS_UNMOUNTED = "HostsUnmounted"
    HIDDEN_VOLUME_MOUNT = "HiddenVolumeMount"
    MOUNT_DISAGREEMENT = "MountDisagreement"
    NOT_THE_KUBELETS_FILE = "NotTheKubeletsFile"
    STARTED_WITHOUT_ADDRESS = "StartedWithoutAddress"
    REPLACED_ON_NODE = "ReplacedOnNode"
    FILE_OF_ANOTHER_POD = "FileOfAnotherPod"
    CONTAINERS_DIFFER = "ContainersDiffer"
    UNREADABLE_BY_THIS_USER = "UnreadableByThisUser"
    VIRTUAL_NODE = "VirtualNode"
    CONFLICTING_HOST_ALIASES = "ConflictingHostAliases"
    SHADOWED_HOST_ALIAS = "ShadowedHostAlias"
    HOST_ALIAS_PAST_BUFFER = "HostAliasPastBuffer"
    AMBIGUOUS_HOST_ALIAS_IP = "AmbiguousHostAliasIP"
    HOST_NAME_TRUNCATED = "HostNameTruncated"
    HOST_NAMES_CUT_ALIKE = "HostNamesCutAlike"
    HOST_NAME_IGNORED = "HostNameIgnored"
    HOST_NAME_OF_EVERY_REPLICA = "HostNameOfEveryReplica"
    HOST_ALIAS_WITHOUT_SERVICE = "HostAliasWithoutService"
    FQDN_TOO_LONG = "FQDNTooLong"
    HOSTNAME_OVERRIDE_DROPPED = "HostnameOverrideDropped"
    HOST_ALIASES_LOST_BY_APPLY = "HostAliasesLostByApply"
    TEMPLATE_NOT_ROLLED = "TemplateNotRolled"
    POD_CHANGED_AT_ADMISSION = "PodChangedAtAdmission"
    HOST_ALIASES_MANAGED_ELSEWHERE = "HostAliasesManagedElsewhere"

    # A manifest that the API server would refuse or prune (hosts-file.md section 4).
    HOST_ALIASES_MISPLACED = "HostAliasesMisplaced"
    HOST_ALIAS_FIELD_UNKNOWN = "HostAliasFieldUnknown"
    HOST_ALIAS_NAME_INVALID = "HostAliasNameInvalid"
    HOST_ALIAS_IP_INVALID = "HostAliasIPInvalid"
    HOST_ALIAS_IP_NOT_CANONICAL = "HostAliasIPNotCanonical"
    HOST_ALIAS_IP_DUPLICATE = "HostAliasIPDuplicate"
    HOST_ALIAS_WITHOUT_NAMES = "HostAliasWithoutNames"
    UNKNOWN_FIELD = "UnknownField"
    DUPLICATE_KEY = "DuplicateKey"
    WRONG_TYPE = "WrongType"
    MISSING_FIELD = "MissingField"
    INVALID_VALUE = "InvalidValue"
    UNKNOWN_KIND = "UnknownKind"
    DOCUMENT_NOT_READ = "DocumentNotRead"
    RESOURCE_NOT_READ = "ResourceNotRead"
    DROPPED_FIELD = "DroppedField"
    HOST_NAME_NOT_A_LABEL = "HostNameNotALabel"

    # The resolver in the container (cluster-dns.md sections 5 and 7.2-7.3).
    HOSTS_NAME_CASE = "HostsNameCase"
    HOSTS_NAME_FINAL_DOT = "HostsNameFinalDot"
    HOSTS_NAME_TOO_FAR_RIGHT = "HostsNameTooFarRight"
    HOSTS_FIRST_LINE_ONLY = "HostsFirstLineOnly"
    HOSTS_LINE_NOT_READ = "HostsLineNotRead"
    HOSTS_ADDRESS_REFUSED = "HostsAddressRefused"
    HOSTS_ADDRESS_MISREAD = "HostsAddressMisread"
    HOSTS_OTHER_FAMILY_ONLY = "HostsOtherFamilyOnly"
    HOSTS_WHOLE_NAME_ONLY = "HostsWholeNameOnly"
    LOCALHOST_NOT_IN_HOSTS = "LocalhostNotInHosts"
    FILES_NOT_FIRST = "FilesNotFirst"
    GO_ASKS_DNS_FIRST = "GoAsksDNSFirst"
    SEARCH_LIST_WASTED = "SearchListWasted"
    FULL_NAME_SEARCHED = "FullNameSearched"
    CAPTURED_BY_SEARCH_DOMAIN = "CapturedBySearchDomain"
    NODE_SEARCH_DOMAIN = "NodeSearchDomain"
    SEARCH_LIST_HAS_LOCALHOST = "SearchListHasLocalhost"
    MUSL_STOPPED_AT_EMPTY_ANSWER = "MuslStoppedAtEmptyAnswer"
    STOPPED_AT_ALIAS = "StoppedAtAlias"
    MUSL_STOPPED_AT_FAILURE = "MuslStoppedAtFailure"
    MUSL_DOES_NOT_SEARCH = "MuslDoesNotSearch"
    FAMILY_NOT_FOUND = "FamilyNotFound"
    SEARCH_LIST_ABANDONED = "SearchListAbandoned"
    NO_CLUSTER_SEARCH_LIST = "NoClusterSearchList"
    LOOKUP_COMMAND_DIFFERS = "LookupCommandDiffers"
    NAMESERVERS_RACE = "NameserversRace"
    SEARCH_LINE_IGNORED = "SearchLineIgnored"
    DNS_CONFIG_CUT = "DNSConfigCut"
    HOST_NETWORK_NODE_DNS = "HostNetworkNodeDNS"
    NODE_LOCAL_DNS_CACHE = "NodeLocalDNSCache"
    LOOPBACK_NAMESERVER = "LoopbackNameserver"
    MULTICAST_DNS_FIRST = "MulticastDNSFirst"
    NSS_SERVICE_NOT_MODELLED = "NssServiceNotModelled"
    NAME_REFUSED_BY_GO = "NameRefusedByGo"
    RESOLVER_ASSUMED = "ResolverAssumed"

    # Cluster DNS and its objects (cluster-dns.md sections 2, 3 and 7.4-7.7).
    NO_READY_ENDPOINTS = "NoReadyEndpoints"
    SERVICE_SELECTS_NOTHING = "ServiceSelectsNothing"
    ENDPOINT_SLICE_NOT_READ = "EndpointSliceNotRead"
    SERVICE_WITHOUT_ENDPOINTS = "ServiceWithoutEndpoints"
    SERVICE_IN_OTHER_NAMESPACE = "ServiceInOtherNamespace"
    NAMESPACE_NOT_FOUND = "NamespaceNotFound"
    NAMESPACE_NOT_EXPOSED = "NamespaceNotExposed"
    SUBDOMAIN_WITHOUT_SERVICE = "SubdomainWithoutService"
    ENDPOINT_MISSING = "EndpointMissing"
    SHARED_HOSTNAME = "SharedHostname"
    POD_NAME_NOT_IN_DNS = "PodNameNotInDNS"
    PORT_NAME_UNKNOWN = "PortNameUnknown"
    PODS_INSECURE_PROVES_NOTHING = "PodsInsecureProvesNothing"
    POD_WITHOUT_POINTER = "PodWithoutPointer"
    SEVERAL_POINTERS = "SeveralPointers"
    WILDCARD_QUERY = "WildcardQuery"
    EXTERNAL_NAME_IS_ADDRESS = "ExternalNameIsAddress"
    EXTERNAL_NAME_LOOP = "ExternalNameLoop"
    EXTERNAL_NAME_WITHOUT_RECORD = "ExternalNameWithoutRecord"
    EXTERNAL_NAME_HOST = "ExternalNameHost"
    EXTERNAL_NAME_NOT_QUALIFIED = "ExternalNameNotQualified"
    EXTERNAL_NAME_SKIPS_STUB_DOMAINS = "ExternalNameSkipsStubDomains"
    HOSTS_WITHOUT_FALLTHROUGH = "HostsWithoutFallthrough"
    HOSTS_OWNS_EVERY_TYPE = "HostsOwnsEveryType"
    HOSTS_SHADOWS_SERVICE = "HostsShadowsService"
    HOSTS_READS_POD_FILE = "HostsReadsPodFile"
    HOSTS_IN_OTHER_BLOCK = "HostsInOtherBlock"
    HOSTS_FILE_IS_A_ZONE = "HostsFileIsAZone"
    HOSTS_ENTRY_NOT_REACHED = "HostsEntryNotReached"
    PLUGIN_TWICE = "PluginTwice"
    PLUGIN_CHAIN_ENDS = "PluginChainEnds"
    REWRITE_LEAVES_FOREIGN_NAME = "RewriteLeavesForeignName"
    REWRITE_RULE_UNREACHABLE = "RewriteRuleUnreachable"
    REWRITE_LEAVES_KUBERNETES = "RewriteLeavesKubernetes"
    KUBERNETES_WITHOUT_FALLTHROUGH = "KubernetesWithoutFallthrough"
    COREFILE_BROKEN = "CorefileBroken"
    NODE_LOCAL_SKIPS_COREDNS = "NodeLocalSkipsCoreDNS"
    CUSTOM_KEY_NOT_IMPORTED = "CustomKeyNotImported"
    UPSTREAM_BY_CHANCE = "UpstreamByChance"
    UPSTREAM_SILENT = "UpstreamSilent"
    NO_SERVER_BLOCK = "NoServerBlock"
    NEGATIVE_ANSWER_CACHED = "NegativeAnswerCached"
    CLUSTER_DOMAIN_MISMATCH = "ClusterDomainMismatch"
    ANSWERED_BY_ISTIO = "AnsweredByIstio"

    # The name asked for, with all evidence together (plugin-conventions.md section 8).
    HOSTS_FILE_SHADOWS_DNS = "HostsFileShadowsDNS"
    NAME_FROM_FOREIGN_LINE = "NameFromForeignLine"
    NAME_FROM_OWN_MOUNT = "NameFromOwnMount"
    NODE_ENTRY_BEFORE_HOST_ALIAS = "NodeEntryBeforeHostAlias"
    HOST_ALIAS_NOT_IN_FILE = "HostAliasNotInFile"
    OWN_NAME_ONLY_IN_OWN_FILE = "OwnNameOnlyInOwnFile"
    NODE_ENTRY_NOT_INHERITED = "NodeEntryNotInherited"
    LOCALHOST_BOTH_FAMILIES = "LocalhostBothFamilies"
    CAPTURED_BY_EARLIER_NAME = "CapturedByEarlierName"
    SERVER_DIFFERS = "ServerDiffers"
    PREDICTION_DIFFERS = "PredictionDiffers"
    NAMESERVER_SILENT = "NameserverSilent"
    SLOW_ANSWER = "SlowAnswer"
    ANSWER_TRUNCATED = "AnswerTruncated"
    FAMILY_WITHOUT_ADDRESS = "FamilyWithoutAddress"
    SERVICE_ENVIRONMENT_VARIABLE = "ServiceEnvironmentVariable"
    CLUSTERSET_NOT_SERVED = "ClustersetNotServed"
    METADATA_SERVER = "MetadataServer"

    # A check, which knows no name in advance (docs/check.md).
    MENTIONED_NAME_NOT_FOUND = "MentionedNameNotFound"
    REFERENCE_WITHOUT_SERVICE = "ReferenceWithoutService"
    COREFILE_PATTERN_NEVER_MATCHES = "CorefilePatternNeverMatches"


class Finding(Struct, frozen=True, kw_only=True):
    """One thing to know: `reason` for machines, `message` and `fix` for people."""

    reason: Reason
    severity: Severity
    message: str
    fix: str = ""
    hint: str = ""
    """What to look at, where no fix can be proved."""
    proved: bool = False
    """Whether `fix` was tried on paper and helps; it is called a fix only then."""
    evidence: tuple[Origin, ...] = ()


def counted(number: int, noun: str) -> str:
    """`1 name`, `2 names`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


SHOWN = 3
"""How many of a kind a sentence names; what is below it shows all."""


def first_few(words: Sequence[str]) -> str:
    """The first of WORDS, and how many more there are."""
    more = len(words) - SHOWN
    return ", ".join(words[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def placed(findings: Iterable[Finding], place: Origin) -> Iterator[Finding]:
    """The findings; PLACE is the evidence of those that name no line or field of their own."""
    for each in findings:
        yield each if each.evidence else replace(each, evidence=(place,))
