"""How a result looks: value in, text out."""
