"""What the API server takes, and what it would say of a manifest that it does not."""
