"""Programs that time the executable side by side with kubectl; `make bench`, never a test."""
