"""CoreDNS on paper: a question, the objects and the Corefile give an answer and its reason."""
