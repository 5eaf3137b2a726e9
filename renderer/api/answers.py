"""Answers to exceptions: which problem each one is. What is not foreseen is an error of ours, and tells nothing."""

from __future__ import annotations

import logging
from typing import cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja.errors import AuthenticationError, HttpError, ValidationError

from renderer import storage
from renderer.api import bodies
from renderer.api.problems import BY_STATUS, ApiProblem, problem
from renderer.api.requests import request_id
from renderer.jobs.line import TooManyWaiting
from renderer.spec import BodyTooLarge, SpecError

CHALLENGE = 'Bearer realm="Figpress"'
RETRY_LATER = {"Retry-After": "2"}

logger = logging.getLogger(__name__)


def answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The response to an exception: always a problem, never a traceback, and never a page."""
    return problem(request, _problem_of(request, error))


def _problem_of(request: HttpRequest, error: Exception | type[Exception]) -> ApiProblem:
    match error:
        case ApiProblem():
            return error
        case SpecError():
            return ApiProblem("invalid", errors=error.problems)
        case ValidationError():
            return _of_parameters(error)
        case TooManyWaiting():
            return ApiProblem("too_many_jobs", str(error), headers={"Retry-After": str(error.retry_after)})
        case BodyTooLarge() | RequestDataTooBig():
            return bodies.too_large()
        case AuthenticationError():
            return ApiProblem("unauthorized", headers={"WWW-Authenticate": CHALLENGE})
        case Http404():
            return ApiProblem("not_found")
        case HttpError():
            return ApiProblem(BY_STATUS.get(error.status_code, "bad_request"))
        case SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return ApiProblem("bad_request")
        case OperationalError() | InterfaceError():
            logger.error("request %s: the database does not answer", request_id(request), exc_info=error)
            return ApiProblem("unavailable", headers=RETRY_LATER)
        case OSError() if storage.is_full(error):
            logger.error("request %s: there is no room for what it brings: %s", request_id(request), error)
            return ApiProblem("storage_full", headers={"Retry-After": "60"})
        case _:
            logger.error("request %s failed", request_id(request), exc_info=cast(Exception, error))
            return ApiProblem("internal_error")


def _of_parameters(error: ValidationError) -> ApiProblem:
    """Ninja's own: parameters of the query, whose location begins with ``query``."""
    place = str(error.errors[0]["loc"][0])
    located = [{**details, "loc": details["loc"][1:]} for details in error.errors]
    return ApiProblem("invalid", errors=bodies.explain(located, ()), place=place)
