"""How a release is packed for krew; see README.md here."""
