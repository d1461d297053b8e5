"""The live API server; the only importer of kubernetes and of transports."""
