"""What a test can do to the twin, over HTTP, under /_twin."""
