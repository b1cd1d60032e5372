"""A world: accounts with all that is in them, as one JSON document says it, to be made or kept.

docs/reference/import-format.md describes the document. Each noun's module reads and writes its own
part of it. Where a world is read, things and users have no keys yet: grants, owners and inviters
name them by their position in the account's lists.
"""
