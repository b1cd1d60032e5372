"""Every endpoint there is. A guard has no default: a route without a scope does not compile."""

from functools import cache
from http import HTTPMethod
from types import GenericAlias
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, defstruct

from guestlist.actions.bulk import MAX_ROWS
from guestlist.api import (
    audit,
    bulk,
    catalog,
    decisions,
    domains,
    invites,
    searches,
    templates,
    tokens,
    users,
    webhooks,
)
from guestlist.api.endpoints import Endpoint
from guestlist.api.fields import (
    EventType,
    PermissionName,
    RoleName,
    ScopeName,
    TokenStatus,
    WireId,
)
from guestlist.api.pages import PageLinks, PageMeta, SimplePageLinks, SimplePageMeta
from guestlist.domain.accounts import MAX_URL
from guestlist.domain.emails import MAX_CHARACTERS
from guestlist.domain.tokens import MAX_NAME
from guestlist.domain.webhooks import DEFAULT_OVERLAP_HOURS, MAX_OVERLAP_HOURS, MOST

GET, POST, PUT, DELETE = HTTPMethod.GET, HTTPMethod.POST, HTTPMethod.PUT, HTTPMethod.DELETE
ANY_LIVE_TOKEN = ""

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
WebhookUrl: TypeAlias = Annotated[
    str,
    Meta(
        max_length=MAX_URL,
        description="https, at a public address, unless the deployment allows another.",
    ),
]
Events: TypeAlias = Annotated[list[EventType], Meta(min_length=1)]


class GrantBody(Struct):
    """What a grant is sent as; unknown keys are ignored."""

    role: Annotated[RoleName, Meta(description="In capitals or not.")]
    permissions: Annotated[
        list[PermissionName] | None,
        Meta(description="A Custom User has these and needs one; other roles only carry them."),
    ] = None
    templates: Annotated[
        list[WireId] | None,
        Meta(description="Those a Custom User with `read-own-templates` may see."),
    ] = None
    domains: Annotated[
        list[WireId] | None,
        Meta(description="Those on which a Custom User's domain permissions hold."),
    ] = None
    requires_periodic_password_change: bool | None = None


class InviteBody(GrantBody, kw_only=True):
    email: Annotated[str, Meta(max_length=MAX_CHARACTERS)]


class BulkBody(Struct):
    """With `dry_run` nothing is done, and each row is told what would become of it."""

    invitations: Annotated[list[InviteBody], Meta(min_length=1, max_length=MAX_ROWS)]
    dry_run: bool = False


class TokenBody(Struct):
    name: Name
    scopes: Annotated[list[ScopeName], Meta(min_length=1)]
    domain_id: WireId | None = None


class TokenChangeBody(Struct):
    """What is left out stays."""

    name: Name | None = None
    status: TokenStatus | None = None


class TokenStatusBody(Struct):
    status: TokenStatus


class WebhookBody(Struct):
    name: Name
    url: WebhookUrl
    events: Events
    enabled: bool = True


class WebhookChangeBody(Struct):
    """What is left out stays. One that is disabled drops what waits for it."""

    name: Name | None = None
    url: WebhookUrl | None = None
    events: Events | None = None
    enabled: bool | None = None


class RotationBody(Struct):
    overlap_hours: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_OVERLAP_HOURS,
            description="For how long what is sent is signed with the old secret too.",
        ),
    ] = DEFAULT_OVERLAP_HOURS


class RetryBody(Struct):
    """`sequence` is the event's number, as its body and the list of deliveries tell it."""

    sequence: Annotated[int, Meta(ge=1)]


@cache
def _one(document: type) -> Any:
    return defstruct(f"One{document.__name__}", [("data", document)])


@cache
def _all(document: type) -> Any:
    """Of a list that is too short for pages."""
    return defstruct(f"All{document.__name__}", [("data", GenericAlias(list, (document,)))])


@cache
def _many(document: type, links: type = PageLinks, meta: type = PageMeta) -> Any:
    fields = [("data", GenericAlias(list, (document,))), ("links", links), ("meta", meta)]
    return defstruct(f"Many{document.__name__}", fields)


ENDPOINTS = (
    Endpoint(
        method=GET,
        path="/v1/users",
        scope="users_read",
        operation="listUsers",
        handler=users.list_users,
        summary="List the users of the account",
        tag="Users",
        answers=200,
        response=_many(users.UserDocument),
        paged=True,
        remembered=True,
    ),
    Endpoint(
        method=POST,
        path="/v1/users",
        scope="users_full",
        operation="inviteUser",
        handler=users.invite,
        summary="Invite a user to the account",
        description=(
            "Sends a letter with a link. The address must be no user's and no pending "
            "invite's; an expired invite of the same address is cancelled. Nobody gives "
            "what they do not hold: through a Manager's token, an Admin's place is 403. "
            "An account has a limit of invitations a day, an address one of letters."
        ),
        tag="Users",
        answers=200,
        response=_one(invites.InviteDocument),
        body=InviteBody,
        repeatable=True,
        refuses=(422,),
    ),
    Endpoint(
        method=GET,
        path="/v1/users/{user_id}",
        scope="users_read",
        operation="getUser",
        handler=users.get,
        summary="Get a user",
        tag="Users",
        answers=200,
        response=_one(users.UserDocument),
        remembered=True,
        refuses=(404,),
    ),
    Endpoint(
        method=PUT,
        path="/v1/users/{user_id}",
        scope="users_full",
        operation="updateUser",
        handler=users.update,
        summary="Change what a user may do",
        description=(
            "`domains` and `templates` left out mean none. `permissions`, where the role "
            "needs none, and `requires_periodic_password_change` left out stay as they are. "
            "The body is judged before the user is looked up. The last active Admin stays "
            "one."
        ),
        tag="Users",
        answers=200,
        response=_one(users.UserDocument),
        body=GrantBody,
        refuses=(404, 422),
    ),
    Endpoint(
        method=DELETE,
        path="/v1/users/{user_id}",
        scope="users_full",
        operation="removeUser",
        handler=users.remove,
        summary="Remove a user from the account",
        description=(
            "Ends the user's API tokens and cancels the pending invites they gave. The last "
            "active Admin cannot be removed."
        ),
        tag="Users",
        answers=204,
        refuses=(404, 422),
    ),
    Endpoint(
        method=GET,
        path="/v1/invites",
        scope="users_read",
        operation="listInvites",
        handler=invites.list_invites,
        summary="List the pending invites of the account",
        description="Expired ones among them: they can be sent again.",
        tag="Invites",
        answers=200,
        response=_many(invites.InviteDocument),
        paged=True,
        remembered=True,
    ),
    Endpoint(
        method=GET,
        path="/v1/invites/{invite_id}",
        scope="users_read",
        operation="getInvite",
        handler=invites.get,
        summary="Get a pending invite",
        tag="Invites",
        answers=200,
        response=_one(invites.InviteDocument),
        binds=invites.exists,
        remembered=True,
        refuses=(404,),
    ),
    Endpoint(
        method=POST,
        path="/v1/invites/{invite_id}/resend",
        scope="users_full",
        operation="resendInvite",
        handler=invites.resend,
        summary="Send an invite again, with a new link",
        description=(
            "The id and both dates stay, the old link opens nothing any more. An expired "
            "invite needs a free seat. A body is ignored."
        ),
        tag="Invites",
        answers=200,
        response=_one(invites.InviteDocument),
        binds=invites.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=DELETE,
        path="/v1/invites/{invite_id}",
        scope="users_full",
        operation="cancelInvite",
        handler=invites.cancel,
        summary="Cancel an invite",
        tag="Invites",
        answers=204,
        binds=invites.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=GET,
        path="/v1/domains",
        scope="domains_read",
        operation="listDomains",
        handler=domains.list_domains,
        summary="List the domains the token's owner has any permission on",
        tag="Domains",
        answers=200,
        response=_many(domains.DomainDocument),
        paged=True,
        query=(("verified", "`1` or `true`: only verified ones (there are none here)"),),
    ),
    Endpoint(
        method=GET,
        path="/v1/domains/{domain_id}",
        scope="domains_read",
        operation="getDomain",
        handler=domains.get,
        summary="Get a domain",
        tag="Domains",
        answers=200,
        response=_one(domains.DomainDocument),
        binds=domains.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=DELETE,
        path="/v1/domains/{domain_id}",
        scope="domains_full",
        operation="deleteDomain",
        handler=domains.remove,
        summary="Delete a domain",
        description="It falls out of every user's and every invite's domains.",
        tag="Domains",
        answers=204,
        binds=domains.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=GET,
        path="/v1/templates",
        scope="templates_full",
        operation="listTemplates",
        handler=templates.list_templates,
        summary="List the templates the token's owner may view",
        tag="Templates",
        answers=200,
        response=_many(templates.TemplateDocument, SimplePageLinks, SimplePageMeta),
        paged=True,
        query=(("domain_id", "Taken and of no effect: templates here are on every domain"),),
    ),
    Endpoint(
        method=GET,
        path="/v1/templates/{template_id}",
        scope="templates_full",
        operation="getTemplate",
        handler=templates.get,
        summary="Get a template",
        tag="Templates",
        answers=200,
        response=_one(templates.SingleTemplateDocument),
        binds=templates.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=DELETE,
        path="/v1/templates/{template_id}",
        scope="templates_full",
        operation="deleteTemplate",
        handler=templates.remove,
        summary="Delete a template",
        description="It falls out of every user's and every invite's templates.",
        tag="Templates",
        answers=200,
        binds=templates.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=GET,
        path="/v1/token",
        scope="tokens_full",
        operation="listTokens",
        handler=tokens.list_tokens,
        summary="List API tokens",
        tag="Tokens",
        answers=200,
        response=_many(tokens.TokenDocument),
        paged=True,
    ),
    Endpoint(
        method=POST,
        path="/v1/token",
        scope="tokens_full",
        operation="createToken",
        handler=tokens.create,
        summary="Create an API token",
        description=(
            "`accessToken` is told in this answer and never again. The new token belongs to "
            "the same user. Through a token, only scopes it has itself can be given. "
            "`domain_id` is a label and narrows nothing; an unknown one is null."
        ),
        tag="Tokens",
        answers=200,
        response=_one(tokens.MintedDocument),
        body=TokenBody,
        refuses=(422,),
    ),
    Endpoint(
        method=GET,
        path="/v1/token/{token_id}",
        scope="tokens_full",
        operation="getToken",
        handler=tokens.get,
        summary="Get an API token",
        tag="Tokens",
        answers=200,
        response=_one(tokens.TokenDocument),
        binds=tokens.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=PUT,
        path="/v1/token/{token_id}",
        scope="tokens_full",
        operation="changeToken",
        handler=tokens.change,
        summary="Rename, pause or wake an API token",
        tag="Tokens",
        answers=200,
        response=_one(tokens.TokenDocument),
        body=TokenChangeBody,
        binds=tokens.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=PUT,
        path="/v1/token/{token_id}/settings",
        scope="tokens_full",
        operation="changeTokenStatus",
        handler=tokens.change_status,
        summary="Pause or wake an API token",
        tag="Tokens",
        answers=200,
        response=_one(tokens.TokenDocument),
        body=TokenStatusBody,
        binds=tokens.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=DELETE,
        path="/v1/token/{token_id}",
        scope="tokens_full",
        operation="deleteToken",
        handler=tokens.revoke,
        summary="Delete an API token",
        tag="Tokens",
        answers=200,
        binds=tokens.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=GET,
        path="/v1/api-quota",
        scope=ANY_LIVE_TOKEN,
        operation="getQuota",
        handler=catalog.quota,
        summary="Get the API quota",
        description="There is none: always -1.",
        tag="Account",
        answers=200,
        response=catalog.QuotaDocument,
        counts=False,
    ),
    Endpoint(
        method=GET,
        path="/guestlist/v1/catalog",
        scope=ANY_LIVE_TOKEN,
        operation="getCatalog",
        handler=catalog.catalog,
        summary="Get the roles and permissions",
        tag="Guestlist",
        answers=200,
        response=_one(catalog.CatalogDocument),
    ),
    Endpoint(
        method=GET,
        path="/guestlist/v1/users/{user_id}",
        scope="users_read",
        operation="getWholeUser",
        handler=users.get_whole,
        summary="Get a user with what the wire does not show",
        tag="Guestlist",
        answers=200,
        response=_one(users.WholeUserDocument),
        remembered=True,
        refuses=(404,),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/users/{user_id}/suspend",
        scope="users_full",
        operation="suspendUser",
        handler=users.suspend,
        summary="Take a user's power away and keep the place",
        description=(
            "At once and until reactivated: their API tokens answer 401, their sessions see "
            "nothing of the account, invites they gave cannot be accepted, and links that were "
            "copied open nothing any more. The place keeps its seat. The last active Admin stays "
            "one. Again, it changes nothing. A body is ignored."
        ),
        tag="Guestlist",
        answers=200,
        response=_one(users.WholeUserDocument),
        refuses=(404, 422),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/users/{user_id}/reactivate",
        scope="users_full",
        operation="reactivateUser",
        handler=users.reactivate,
        summary="Give a suspended user the place's power back",
        description="Again, it changes nothing. A body is ignored.",
        tag="Guestlist",
        answers=200,
        response=_one(users.WholeUserDocument),
        refuses=(404,),
    ),
    Endpoint(
        method=GET,
        path="/guestlist/v1/invites",
        scope="users_read",
        operation="listWholeInvites",
        handler=invites.list_whole,
        summary="List the pending invites with what the wire does not show",
        description="How each one's letter fares, until when it can be accepted, who gave it.",
        tag="Guestlist",
        answers=200,
        response=_many(invites.WholeInviteDocument),
        paged=True,
    ),
    Endpoint(
        method=GET,
        path="/guestlist/v1/invites/{invite_id}",
        scope="users_read",
        operation="getWholeInvite",
        handler=invites.get_whole,
        summary="Get a pending invite with what the wire does not show",
        tag="Guestlist",
        answers=200,
        response=_one(invites.WholeInviteDocument),
        binds=invites.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=PUT,
        path="/guestlist/v1/invites/{invite_id}",
        scope="users_full",
        operation="editInvite",
        handler=invites.edit,
        summary="Change what a pending invite offers",
        description=(
            "What is left out means what it means for a user. The mailed link stays as it is, a "
            "copied one opens nothing any more; from now on it is the token's owner who gives it."
        ),
        tag="Guestlist",
        answers=200,
        response=_one(invites.WholeInviteDocument),
        body=GrantBody,
        binds=invites.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/invites/{invite_id}/link",
        scope="users_full",
        operation="copyInviteLink",
        handler=invites.copy_link,
        summary="Get a link to hand over, where letters do not arrive",
        description=(
            "A link of its own: the mailed one stays, an older copy opens nothing any more. It "
            "proves nobody's address, so whoever has a sign-in already must use that. A body is "
            "ignored."
        ),
        tag="Guestlist",
        answers=200,
        response=_one(invites.LinkDocument),
        binds=invites.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/invites/bulk",
        scope="users_full",
        operation="inviteMany",
        handler=bulk.invite,
        summary="Invite many users, or see what would become of it",
        description=(
            "Each row is done or refused by itself, in order. Should the answer get lost, send "
            "the same again with the same `Idempotency-Key`: rows that were done are told and "
            "not repeated."
        ),
        tag="Guestlist",
        answers=200,
        response=bulk.BulkDocument,
        body=BulkBody,
        repeatable=True,
        refuses=(422,),
    ),
    Endpoint(
        method=GET,
        path=audit.PATH,
        scope="audit_read",
        operation="listAudit",
        handler=audit.list_entries,
        summary="List what was changed, by whom, from where",
        description=(
            "The newest first. Entries are never changed: with `after`, no page is told twice. "
            "Cells of `csv` that a spreadsheet would take for a formula begin with an apostrophe."
        ),
        tag="Guestlist",
        answers=200,
        response=audit.AuditDocument,
        query=audit.QUERY,
        formats=audit.FORMATS,
        refuses=(422,),
    ),
    Endpoint(
        method=POST,
        path="/access/v1/evaluation",
        scope="users_read",
        operation="evaluate",
        handler=decisions.evaluate,
        summary="Ask whether a user may do something",
        description=(
            "AuthZEN's Access Evaluation. A user, a permission or a resource that is not there is "
            "no error: the decision is `false`."
        ),
        tag="Decisions",
        answers=200,
        response=decisions.DecisionDocument,
        body=decisions.EvaluationBody,
        asks=True,
    ),
    Endpoint(
        method=POST,
        path="/access/v1/evaluations",
        scope="users_read",
        operation="evaluateMany",
        handler=decisions.evaluate_many,
        summary="Ask up to 1,000 such questions at once",
        description=(
            "AuthZEN's Access Evaluations. `subject`, `action` and `resource` beside the list "
            "stand in for those its questions leave out. All are answered from one state of the "
            "account."
        ),
        tag="Decisions",
        answers=200,
        response=decisions.DecisionsDocument,
        body=decisions.EvaluationsBody,
        asks=True,
    ),
    Endpoint(
        method=POST,
        path="/access/v1/search/subject",
        scope="users_read",
        operation="searchSubjects",
        handler=searches.subjects,
        summary="Find the users who may do something",
        description=(
            "AuthZEN's Subject Search, in order of joining. Of a large account a page may hold "
            "less than it could, or nothing: it goes on for as long as there is a `next_token`."
        ),
        tag="Decisions",
        answers=200,
        response=searches.SubjectsDocument,
        body=searches.SubjectSearchBody,
        asks=True,
    ),
    Endpoint(
        method=POST,
        path="/access/v1/search/resource",
        scope="users_read",
        operation="searchResources",
        handler=searches.resources,
        summary="Find what a user may do something on",
        description=(
            "AuthZEN's Resource Search: the account, or the domains or templates, in order of "
            "making."
        ),
        tag="Decisions",
        answers=200,
        response=searches.ResourcesDocument,
        body=searches.ResourceSearchBody,
        asks=True,
    ),
    Endpoint(
        method=POST,
        path="/access/v1/search/action",
        scope="users_read",
        operation="searchActions",
        handler=searches.actions,
        summary="Find what a user may do somewhere",
        description=(
            "AuthZEN's Action Search: the permissions that hold on the resource, in the catalog's "
            "order."
        ),
        tag="Decisions",
        answers=200,
        response=searches.ActionsDocument,
        body=searches.ActionSearchBody,
        asks=True,
    ),
    Endpoint(
        method=GET,
        path="/guestlist/v1/webhooks",
        scope="webhooks_full",
        operation="listWebhooks",
        handler=webhooks.list_webhooks,
        summary="List the webhooks of the account",
        tag="Webhooks",
        answers=200,
        response=_all(webhooks.WebhookDocument),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/webhooks",
        scope="webhooks_full",
        operation="createWebhook",
        handler=webhooks.create,
        summary="Create a webhook",
        description=(
            "From now on what happens is sent there. The secret is told in this answer and never "
            f"again. An account has at most {MOST}."
        ),
        tag="Webhooks",
        answers=200,
        response=_one(webhooks.WebhookWithSecret),
        body=WebhookBody,
        refuses=(422,),
    ),
    Endpoint(
        method=GET,
        path="/guestlist/v1/webhooks/{webhook_id}",
        scope="webhooks_full",
        operation="getWebhook",
        handler=webhooks.get,
        summary="Get a webhook",
        tag="Webhooks",
        answers=200,
        response=_one(webhooks.WebhookDocument),
        binds=webhooks.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=PUT,
        path="/guestlist/v1/webhooks/{webhook_id}",
        scope="webhooks_full",
        operation="updateWebhook",
        handler=webhooks.change,
        summary="Change, disable or enable a webhook",
        tag="Webhooks",
        answers=200,
        response=_one(webhooks.WebhookDocument),
        body=WebhookChangeBody,
        binds=webhooks.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=DELETE,
        path="/guestlist/v1/webhooks/{webhook_id}",
        scope="webhooks_full",
        operation="deleteWebhook",
        handler=webhooks.remove,
        summary="Delete a webhook with what waits for it",
        tag="Webhooks",
        answers=204,
        binds=webhooks.exists,
        refuses=(404,),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/webhooks/{webhook_id}/secret",
        scope="webhooks_full",
        operation="rotateWebhookSecret",
        handler=webhooks.rotate,
        summary="Make a new secret for a webhook",
        description=(
            "It is told in this answer and never again. Until the overlap ends, the header "
            "`webhook-signature` holds a signature by the old one too; `Signature`, which has room "
            "for one, is by the new secret at once."
        ),
        tag="Webhooks",
        answers=200,
        response=_one(webhooks.WebhookWithSecret),
        body=RotationBody,
        binds=webhooks.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/webhooks/{webhook_id}/test",
        scope="webhooks_full",
        operation="testWebhook",
        handler=webhooks.send_test,
        summary="Send a test event to a webhook",
        description=("It is queued like any other; the list of deliveries tells how it fared."),
        tag="Webhooks",
        answers=200,
        response=_one(webhooks.QueuedDocument),
        binds=webhooks.exists,
        refuses=(404, 422),
    ),
    Endpoint(
        method=GET,
        path="/guestlist/v1/webhooks/{webhook_id}/deliveries",
        scope="webhooks_full",
        operation="listWebhookDeliveries",
        handler=webhooks.list_deliveries,
        summary="List what was sent to a webhook, each with its attempts",
        description=("The newest first; what is older than 30 days is gone."),
        tag="Webhooks",
        answers=200,
        response=_many(webhooks.EventDeliveryDocument, SimplePageLinks, SimplePageMeta),
        binds=webhooks.exists,
        paged=True,
        refuses=(404,),
    ),
    Endpoint(
        method=POST,
        path="/guestlist/v1/webhooks/{webhook_id}/deliveries/retry",
        scope="webhooks_full",
        operation="retryWebhookDelivery",
        handler=webhooks.retry,
        summary="Send an event to a webhook again, at once",
        description=("Whatever became of it before; with the same `webhook-id`."),
        tag="Webhooks",
        answers=200,
        response=_one(webhooks.QueuedDocument),
        body=RetryBody,
        binds=webhooks.exists,
        refuses=(404, 422),
    ),
)
