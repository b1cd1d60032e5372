"""The twin: the same server, in a test's hands."""
