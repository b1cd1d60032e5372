"""The wire's API tokens."""

from msgspec import Struct, field

from guestlist.actions import tokens
from guestlist.actions.tokens import Minted
from guestlist.api import pages
from guestlist.api.documents import EMPTY, Answer, answer, instant
from guestlist.api.domains import DomainDocument
from guestlist.api.domains import document as domain_document
from guestlist.api.endpoints import Request
from guestlist.api.fields import Instant, ScopeName, TokenStatus, WireId
from guestlist.api.users import DomainReference, domain_reference
from guestlist.domain.things import Domain
from guestlist.domain.tokens import SCOPES, Token

PATH = "/v1/token"
_FULL = {scope for scope in SCOPES if scope.endswith("_full")}


class TokenDocument(Struct, frozen=True):
    id: WireId
    name: str
    status: TokenStatus
    created_at: Instant
    scopes: tuple[ScopeName, ...]
    domain: DomainReference | None


class MintedDocument(Struct, frozen=True):
    """The token's text, `accessToken`, is told here and never again."""

    # Key order as recorded.
    id: WireId
    access_token: str = field(name="accessToken")
    name: str
    created_at: Instant
    scopes: tuple[ScopeName, ...]
    has_full: bool
    domain: DomainDocument | None
    preview: str
    expires_at: Instant | None


def document(token: Token, domain: Domain | None) -> TokenDocument:
    return TokenDocument(
        token.id,
        token.name,
        "pause" if token.paused else "unpause",
        instant(token.created_at),
        token.scopes,
        None if domain is None else domain_reference(domain),
    )


def minted(made: Minted) -> MintedDocument:
    token, domain = made.token, made.domain
    return MintedDocument(
        id=token.id,
        access_token=made.text,
        name=token.name,
        created_at=instant(token.created_at),
        scopes=token.scopes,
        has_full=set(token.scopes) >= _FULL,
        domain=None if domain is None else domain_document(domain),
        preview=token.preview,
        expires_at=None if token.expires_at is None else instant(token.expires_at),
    )


def list_tokens(request: Request) -> Answer:
    """The one list whose URLs keep the query (contract, section 5)."""
    found = tokens.list_tokens(request.runtime, request.caller, request.page)
    documents = [document(token, found.domain_of(token)) for token in found.tokens]
    paged = pages.length_aware(
        request.runtime.public_url + PATH,
        request.page,
        total=found.total,
        shown=len(documents),
        kept=(("limit", request.page.size),) if request.query.get("limit") else (),
    )
    return answer({"data": documents, **paged})


def get(request: Request) -> Answer:
    return _single(tokens.get(request.runtime, request.caller, request.id))


def create(request: Request) -> Answer:
    made = tokens.create(
        request.runtime,
        request.caller,
        name=request.body.get("name"),
        scopes=request.body.get("scopes"),
        domain_id=request.body.get("domain_id"),
    )
    return answer({"data": minted(made)})


def change(request: Request) -> Answer:
    return _changed(request, status_required=False)


def change_status(request: Request) -> Answer:
    return _changed(request, status_required=True)


def revoke(request: Request) -> Answer:
    tokens.revoke(request.runtime, request.caller, request.id)
    return EMPTY


def exists(request: Request) -> bool:
    return tokens.exists(request.runtime, request.caller, request.id)


def _changed(request: Request, *, status_required: bool) -> Answer:
    changed = tokens.change(
        request.runtime,
        request.caller,
        request.id,
        name=request.body.get("name"),
        status=request.body.get("status"),
        status_required=status_required,
    )
    return _single(changed)


def _single(found: tokens.Tokens) -> Answer:
    [token] = found.tokens
    return answer({"data": document(token, found.domain_of(token))})
