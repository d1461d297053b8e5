"""hosts(5): the file, what the kubelet writes in it, and where they differ."""
