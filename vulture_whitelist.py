"""What `make dead` (vulture) takes for unused although something calls it; nothing else stands here.

A name that only tests use is dead: it is removed, or wired to a command.
"""

# Called or read by a library.
_.list_commands, _.get_command  # click.Group
_.shell_complete  # click.Command, for <tab>
_.format_commands  # click.Group, for --help
_.invoke_without_command  # click.Group
_.shell_complete  # click, for completion
_.readable, _.readinto, _.makefile  # io and http.client, of a connection
_.log_errors  # re2.Options
_.unraisablehook  # sys
_.MIN_PADDING  # tabulate reads it

# Imported by name where it is needed: COMMANDS of cli/main.py, `asked` of cli/flags.py.
show, diff, explain, check, version, completion, options
targets, sources, services, namespaces, containers, of_kubeconfig

# Members that values from outside name: Rcode(text), `[success=merge]`.
_.NOTIMP, _.YXDOMAIN, _.YXRRSET, _.NXRRSET, _.NOTAUTH, _.NOTZONE, _.MERGE
