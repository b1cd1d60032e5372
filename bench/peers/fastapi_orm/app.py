"""The ordinary stack of a Python team: FastAPI, SQLAlchemy's ORM (async), pydantic, psycopg."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from typing import Annotated

from documents import UserOut, UserPage
from fastapi import Depends, FastAPI, HTTPException, Query, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from models import Account, Token, User
from pagination import paginate
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

PUBLIC_URL = os.environ["PUBLIC_URL"]
# As many connections as the load has, so that no request waits for one.
engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=32)
new_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
# Both ways to know the total: what is written first, and what a team comes to when it is slow.
TOTALS = {
    "count": lambda account: select(func.count()).where(User.account_id == account),
    "kept": lambda account: select(Account.users_total).where(Account.id == account),
}


async def open_session() -> AsyncIterator[AsyncSession]:
    """Give a request its session."""
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))]


async def reader_of_users(session: Session, bearer: Bearer) -> Token:
    """Find the token of the request, which must be allowed to read users."""
    if bearer is None:
        raise HTTPException(401, "Unauthenticated.")
    digest = hashlib.sha256(bearer.credentials.encode()).digest()
    token = await session.scalar(select(Token).where(Token.sha256 == digest))
    if token is None or token.status != "unpause":
        raise HTTPException(401, "Unauthenticated.")
    if not {"users_read", "users_full"} & set(token.scopes):
        raise HTTPException(403, "This action is unauthorized. #MS40301")
    return token


@app.get("/v1/users")
async def list_users(
    session: Session,
    token: Annotated[Token, Depends(reader_of_users)],
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=10, le=100)] = 25,
) -> UserPage:
    """Answer a page of the account's users."""
    total = await session.scalar(TOTALS[os.environ["TOTAL"]](token.account_id)) or 0
    rows = await session.scalars(
        select(User)
        .where(User.account_id == token.account_id)
        .order_by(User.id)
        .limit(limit)
        .offset((page - 1) * limit)
        .options(selectinload(User.domains), selectinload(User.templates))
    )
    users = [UserOut.model_validate(user) for user in rows]
    path = f"{PUBLIC_URL}/v1/users"
    links, meta = paginate(path, page=page, limit=limit, shown=len(users), total=total)
    return UserPage(data=users, links=links, meta=meta)
