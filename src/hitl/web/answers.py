"""What is answered when something is wrong: `{"problems": [...]}` under /api, a page elsewhere."""

import logging
import sqlite3
from collections.abc import Mapping, Sequence

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from hitl.errors import HitlError
from hitl.render.review.page import problem_page
from hitl.web.desk.refusals import LockedError, RefusedError, StaleError

_SHOWN = 20
_LENGTH = 300
_SENTENCES = {
    400: "the request cannot be read",
    404: "there is nothing here; go back to your list",
    405: "that cannot be done here; go back to your list",
}
_PASSING = frozenset({403, 408, 413, 429, 500, 503})
_SAFE = frozenset({"GET", "HEAD"})
_log = logging.getLogger(__name__)


class DeniedError(RefusedError):
    """The request is not let in."""

    def __init__(self, status: int, problem: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problem)
        self.status = status
        self.headers = dict(headers or {})


class NotEnteredError(DeniedError):
    """Nobody has entered, or the session has ended."""

    def __init__(self) -> None:
        super().__init__(
            401,
            "you have not entered, or your session has ended: enter again; what you saved is kept, and what you typed comes"
            " back when you open the item in this window (without scripts: first go back and copy it)",
        )


def too_often(seconds: int) -> DeniedError:
    """Return the refusal of somebody who comes too often."""
    return DeniedError(
        429, f"too many attempts; wait {seconds} s and try again", {"Retry-After": str(seconds)}
    )


def is_api(path: str) -> bool:
    """Return whether a path is answered with JSON."""
    return path.startswith("/api/") or path in ("/api", "/openapi.json")


def problem_response(
    path: str, status: int, problems: Sequence[str], headers: Mapping[str, str] | None = None
) -> Response:
    """Return what is wrong, in the form that the caller reads."""
    clean = [_clean(problem) for problem in problems]
    if is_api(path):
        return JSONResponse({"problems": clean}, status, headers)
    # What could be done again is offered again: there, what was typed comes back.
    back = path if path.startswith("/items/") and status in _PASSING else "/"
    return HTMLResponse(problem_page(status, "; ".join(clean), back), status, headers)


def answer_problems(app: FastAPI) -> None:
    """Let an app answer in words whatever goes wrong."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(sqlite3.Error, _broken)
    app.add_exception_handler(HitlError, _broken)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101  # registered for these alone
    path = request.url.path
    if isinstance(error, StaleError) and is_api(path):
        saved = error.standing.vote
        content = {
            "problems": list(error.problems),
            "revision": error.standing.revision,
            "saved": saved and saved.model_dump(mode="json"),
        }
        return JSONResponse(content, error.status)
    may_go_home = isinstance(error, LockedError) or (
        isinstance(error, NotEnteredError) and request.method in _SAFE
    )
    if may_go_home and not is_api(path):
        return RedirectResponse("/", 303)
    headers = error.headers if isinstance(error, DeniedError) else None
    return problem_response(path, error.status, error.problems, headers)


def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for these alone
    # Without the values: they are what the caller sent, of any size, and not always text that can be written.
    problems = [
        f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in error.errors()
    ]
    return problem_response(request.url.path, 422, problems[:_SHOWN])


def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for these alone
    sentence = _SENTENCES.get(error.status_code, str(error.detail))
    return problem_response(request.url.path, error.status_code, [sentence], error.headers)


def _broken(request: Request, error: Exception) -> Response:
    _log.error("%s %s: %s", request.method, request.url.path, error)
    sentence = "the server could not do it, and nothing of it is saved: try again, and tell the lead if it happens again"
    return problem_response(request.url.path, 503, [sentence])


def _fault(request: Request, error: Exception) -> Response:
    # The server that runs this app writes the error down.
    del error
    sentence = "a fault of the server; what you saved before is kept: go back and try again, and tell the lead"
    return problem_response(request.url.path, 500, [sentence])


def _clean(problem: str) -> str:
    return problem.encode("utf-8", "replace").decode()[:_LENGTH]
