"""httpx2 where it is installed, else httpx, and the part below that each brings along."""

try:
    import httpcore2 as httpcore
    import httpx2 as httpx
except ImportError:
    try:
        import httpcore  # type: ignore[no-redef]
        import httpx  # type: ignore[no-redef]
    except ImportError as missing:
        raise ImportError(
            "guestlist.client needs an HTTP client: pip install 'guestlist[client]'"
        ) from missing

__all__ = ["httpcore", "httpx"]
