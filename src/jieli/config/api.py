"""The API: every app's operations under ``/api/v1``, one shape of answer and refusal, and its own description."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any

import pydantic_core
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.openapi.docs import Swagger
from ninja.parser import Parser
from ninja.types import DictStrAny

from jieli import __version__
from jieli.config.http import errors, repeats
from jieli.config.http.access import Bearer
from jieli.events.refusals import Invalid
from jieli.files.queries import most_bytes
from jieli.lib.http import Answer, ApiRequest

# Apps with operations, in the order of the documentation.
OPERATIONS = (
    "cases",
    "customers",
    "people",
    "files",
    "policies",
    "notify",
    "network",
    "intake",
    "orders",
    "dispatch",
    "parts",
    "visits",
    "quality",
    "settlement",
    "insight",
)

ABOUT = """
Every request carries a token: `Authorization: Bearer …`; `jieli token NAME --role ROLE [--unit CODE] [--scope read|write]`
makes one. It acts as a person and sees what that person sees: what is hidden answers 404.

- **Lists** answer `{"items": […], "next": "…"}`; give `next` as `cursor` to get the following page.
- **Times** are ISO 8601 with offset, money is a decimal string.
- **Refusals** have one shape: `{"code", "message", "fields"}`; `message` and `fields` are in the language of `Accept-Language`.
- **`Idempotency-Key`** on a POST: repeated with the same body it gets the first answer again, for 24 hours, also after a crash.
"""


class StrictParser(Parser):
    """Reads JSON as the standard has it: no NaN, no lone surrogates, and a depth that cannot hurt."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """Return the body's value; raises ValueError with the place of the fault."""
        return pydantic_core.from_json(request.body, allow_inf_nan=False)  # type: ignore[no-any-return]


class Api(NinjaAPI):
    """ninja's API, guarded against what is too large, with a description that says what every operation shares."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Return the addresses of all operations, of the description and of its page."""
        patterns, app, namespace = super().urls
        # What is written out goes first: /cases/batch is no number of a case.
        patterns.sort(key=lambda pattern: "<" in str(pattern.pattern))
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _guard(pattern.callback)
        return patterns, app, namespace

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: DictStrAny | None = None) -> Any:
        """Return the OpenAPI 3.1 document."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        schema.pop("servers", None)
        return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    if method == "post":
        operation["parameters"] = [*operation.get("parameters", ()), _IDEMPOTENCY_KEY]
    for status, headers in _HEADERS.items():
        if status in operation["responses"]:
            operation["responses"][status]["headers"] = headers


_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": repeats.HEADER,
    "required": False,
    "description": "Makes the request safe to repeat: the same key with the same body gets the same answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "examples": ["5f0c7c6e-2a55-4c2e-b7a4-0a0b7c1f2d3e"]},
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
}


def _answering(view: Callable[..., Answer | HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse what the operation does not ask for, let a POST be repeated safely, and turn the answer into bytes once.

    What is bytes already, such as a file, goes out as it is.
    """
    known = frozenset(signature(view).parameters)

    @wraps(view)
    def run(request: ApiRequest, **values: Any) -> HttpResponseBase:
        unknown = request.GET.keys() - known
        if unknown:
            raise Invalid(fields=dict.fromkeys(sorted(unknown), _("There is no such filter.")))

        if request.method != "POST":
            answer = view(request, **values)
            return answer if isinstance(answer, HttpResponseBase) else _rendered(answer)

        def act() -> HttpResponse:
            return _rendered(view(request, **values))

        match = request.resolver_match
        return repeats.answered_once(request, match.route if match else "", request.token_digest, act)

    return run


def _rendered(answer: Any) -> HttpResponse:
    return errors.render(answer.body, answer.status, answer.headers)


class Docs(Swagger):
    """The page for people, from files of our own alone."""

    def __init__(self) -> None:
        super().__init__({"validatorUrl": None, "tryItOutEnabled": False, "docExpansion": "list"})


def _made() -> Api:
    made = Api(
        title="Jieli",
        version=__version__,
        description=ABOUT,
        docs=Docs(),
        auth=Bearer(),
        parser=StrictParser(),
        urls_namespace="api",
    )
    errors.register(made)
    made.add_decorator(_answering)
    for app in OPERATIONS:
        if find_spec(f"jieli.{app}.api"):
            made.add_router("", import_module(f"jieli.{app}.api").router)
    return made


def _guard(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a body that is too large before it is read, and say in JSON when the method is none of the address."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        if _length(request) > _most(request):
            return errors.refusal(errors.too_large(), {"Connection": "close"})
        response: HttpResponse = view(request, *args, **values)
        if response.status_code == 405:
            return errors.refusal(errors.NoSuchMethod(), {"Allow": response.headers["Allow"]})
        return response

    return run


def _length(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else 0


def _most(request: HttpRequest) -> int:
    """Return how many bytes a request may have: a form carries a file of the policy's size and its envelope."""
    return most_bytes() + 2**20 if request.content_type == "multipart/form-data" else errors.MOST_BYTES


api = _made()
