"""May she? Guestlist's decisions beside the libraries and the server a team would take instead."""
