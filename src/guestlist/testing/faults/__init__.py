"""What a test wants to go wrong: planned, met, and seen by the client."""
