"""The control plane on paper against the real one: slices object by object, names before and after."""
