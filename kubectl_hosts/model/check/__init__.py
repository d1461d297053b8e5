"""Checks without a name in advance: what workloads mention, and what is wrong around it."""
