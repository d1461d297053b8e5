"""What the user types: one file a verb; the only importer of click."""
