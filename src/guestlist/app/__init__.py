"""The composition root: settings in, a running deployment out."""
