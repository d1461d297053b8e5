"""From the evidence about one name in one container to its explanation."""
