"""What should be true, and why: pure rules over text and values."""
