"""What `make dead` (vulture) takes for unused although something calls it; nothing else stands here.

A name that only tests use is dead: it is removed, or wired to a command.
"""

# Called or read by a library.
_.list_commands  # click.Group, for --help
_.format_commands  # click.Group, for --help
_.invoke_without_command  # click.Group
_.MIN_PADDING  # tabulate reads it

# Imported by name where it is needed: COMMANDS of cli/main.py, `asked` of cli/flags.py.
show, diff, explain, version, completion, options
targets, sources, services, namespaces, containers, contexts, clusters, users

# Members that values from outside name: Rcode(text), `[success=merge]`, an opcode of a frame.
_.NOTIMP, _.YXDOMAIN, _.YXRRSET, _.NXRRSET, _.NOTAUTH, _.NOTZONE, _.MERGE
CONTINUATION, TEXT

# Unfinished: found unused in rooms that are being rewritten. Each line goes with its room's rewrite.
_.exit_status
predict, exchange_on_paper, predict_hosts, shadowing, predicted_pods
find_custom_keys, parse_endpoints, parse_object, capture_document, RecordingCluster
_.is_node_local, _.platform, _.unmatched_imports, _.unset_variables, _.stub_zone, _.edits, _.knows_multicluster
_.os_image, _.container_runtime, _.learnt_from, _.FAMILY, _.address_type
_.binary_keys, _.match_labels, _.selects_by_expressions, _.limits_egress
_.service_namespace, _.service_name, _.sub_path, _.restart_count, STATIC_POD_ANNOTATION
