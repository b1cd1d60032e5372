"""Guestlist: the users of an account, their invitations and their power."""

from importlib.metadata import version

__version__ = version("guestlist")
