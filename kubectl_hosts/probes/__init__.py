"""Which reads answer the question, and the evidence they give."""
