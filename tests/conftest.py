import itertools
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from guestlist.store.database import Database
from guestlist.store.migrations import migrate
from tests.postgres import PostgresCluster, PostgresMissing

# CI has everything, so there a skip hides something.
IN_CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresCluster]:
    """One for each process of the run."""
    try:
        cluster = PostgresCluster()
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    with cluster:
        yield cluster


@pytest.fixture(scope="session")
def migrated(postgres_server: PostgresCluster) -> str:
    """The name of a database at the newest schema, to be copied."""
    database = Database(postgres_server.create_database("migrated"))
    migrate(database)
    database.close()
    return "migrated"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of SQLite."""
    file = tmp_path_factory.mktemp("migrated") / "guestlist.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database of each kind."""
    return _new_database(request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The same, shared by the tests of a module."""
    return _new_database(request, tmp_path_factory.mktemp("database"))


def _new_database(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("migrated_file"), folder)
        return f"sqlite:///{file}"
    server: PostgresCluster = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("migrated")
    return server.create_database(f"test_{next(_numbers)}", template)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if IN_CI and _not_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Names what was not run, and what tests put down as `summary` with `record_property`."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "summary" and report.when == "teardown":
                    terminalreporter.write_line(str(value))
    skipped = _not_run(config)
    if skipped:
        title = "Not run, and CI=true allows no skips:" if IN_CI else "Not run:"
        terminalreporter.section(title, sep="-")
        for (test, reason), count in sorted(skipped.items()):
            times = f" ({count} tests)" if count > 1 else ""
            terminalreporter.write_line(f"{test}{times}: {reason}")


def _not_run(config: pytest.Config) -> Counter[tuple[str, str]]:
    """Counts skips by test, its parameters aside, and reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return Counter(
        (report.nodeid.partition("[")[0], report.longrepr[2].removeprefix("Skipped: "))
        for report in reports
    )
