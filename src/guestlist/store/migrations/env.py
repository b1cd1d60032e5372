"""How Alembic meets the database: on the connection it is given, in one transaction."""

from alembic import context

from guestlist.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
