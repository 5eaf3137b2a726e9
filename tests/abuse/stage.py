"""The stage of an abuse run: one installation with real processes, people who use it, and a browser for them."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderer.models import ApiToken, RenderJob
from renderer.models.access import Scope
from tests.abuse.tries import ended
from tests.live.installation import Answer, Live
from tests.web_servers import Server

PASSWORD = "correct horse battery"
SPEC: dict[str, Any] = {
    "kind": "bar",
    "title": "Fruit",
    "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}},
    "x": "x",
    "y": "y",
}


class Broken(Exception):
    """The server answered with 5xx."""


@dataclass
class Stage:
    """What a scene acts on."""

    live: Live
    server: Server
    """A web server inside, to which the installation's URLs may lead."""
    folder: Path
    env: dict[str, Any]
    """What its processes were started with."""
    full: bool = True
    tokens: dict[str, str] = field(default_factory=dict)

    def call(
        self, method: str, path: str, body: Any = None, *, who: str = "ada", headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask the API as somebody, with a token; "" is nobody."""
        if who and who not in self.tokens:
            self.tokens[who] = ApiToken.issue(self.live.user(who), "abuse", scopes=Scope.values)[1]
        sent = {"Authorization": f"Bearer {self.tokens[who]}" if who else ""} | (headers or {})
        path = path if path.startswith(("/", "http")) else "/api/v1/" + path
        return whole(self.live.call(method, path, body, headers=sent, timeout=90))

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def draw(self, who: str = "ada", /, **fields: Any) -> dict[str, Any]:
        """An ordinary chart with these fields of its spec, drawn."""
        answer = self.post("charts", {"spec": SPEC | fields}, who=who, headers={"Prefer": "wait=30"})
        assert answer.status in (200, 201, 202), (answer.status, answer.body[:300])
        if answer.status != 200:  # else it is drawn already
            job = self.job(answer)
            assert job.status == "succeeded", (job.status, job.message)
        drawn: dict[str, Any] = answer.json()["chart"]
        return drawn

    def job(self, answer: Answer) -> RenderJob:
        """The job that an answer names, at its end."""
        return ended(answer.json()["job"]["id"])

    def figure(self, name: str, **params: Any) -> RenderJob:
        """A hazard, drawn to its end."""
        answer = self.post(f"figures/hazards.{name}/render", {"params": params})
        assert answer.status in (201, 202), (answer.status, answer.body[:300])
        return self.job(answer)

    def logs(self) -> str:
        """What all processes have said."""
        return "".join(process.output() for process in self.live.processes)

    def person(self, name: str) -> Browser:
        """A browser of somebody who has a password."""
        user = self.live.user(name)
        user.set_password(PASSWORD)
        user.save()
        return Browser(self.live.web_url)


def whole(answer: Answer) -> Answer:
    if answer.status >= 500:
        raise Broken(f"{answer.status} {answer.body[:300]!r}")
    return answer


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Browser:
    """Keeps cookies, sends the CSRF token of the page that it has seen, and follows no redirect."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _Stays)

    def open(self, path: str, form: dict[str, str] | bytes | None = None, **headers: str) -> Answer:
        data = urllib.parse.urlencode(form).encode() if isinstance(form, dict) else form
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=data, headers=named)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            with answer:
                return whole(Answer(answer.code, answer.headers, answer.read()))

    def cookie(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self.cookies if cookie.name == name), "")

    def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        page = self.open("/sign-in/").body.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:500]
        form = {"username": name, "password": password, "csrfmiddlewaretoken": found[1]}
        return self.open("/sign-in/", form, Origin=self.url)
