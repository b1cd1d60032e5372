"""What a client of AuthZEN finds out about this Policy Decision Point by itself."""

from msgspec import Struct

from guestlist.actions.runtime import Runtime
from guestlist.api.documents import Answer, answer

PATH = "/.well-known/authzen-configuration"
# By what the specification calls them.
ENDPOINTS = {
    "access_evaluation_endpoint": "/access/v1/evaluation",
    "access_evaluations_endpoint": "/access/v1/evaluations",
    "search_subject_endpoint": "/access/v1/search/subject",
    "search_resource_endpoint": "/access/v1/search/resource",
    "search_action_endpoint": "/access/v1/search/action",
}


class ConfigurationDocument(Struct, frozen=True):
    policy_decision_point: str
    access_evaluation_endpoint: str
    access_evaluations_endpoint: str
    search_subject_endpoint: str
    search_resource_endpoint: str
    search_action_endpoint: str


def document(public_url: str) -> ConfigurationDocument:
    endpoints = {name: public_url + path for name, path in ENDPOINTS.items()}
    return ConfigurationDocument(public_url, **endpoints)


def page(runtime: Runtime) -> Answer:
    return answer(document(runtime.public_url))
