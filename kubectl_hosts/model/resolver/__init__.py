"""libc on paper: nsswitch.conf, host.conf, resolv.conf and the lookup they lead to."""
