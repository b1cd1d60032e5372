"""The benchmark: Guestlist beside the stacks a team would otherwise write."""
