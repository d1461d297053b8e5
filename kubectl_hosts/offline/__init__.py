"""The Cluster protocol answered from manifests and captures."""
