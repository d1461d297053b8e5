"""The fix matrix: mistakes made on a real cluster, and whether the first printed fix repairs them."""
