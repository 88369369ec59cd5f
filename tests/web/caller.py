"""A browser without a screen or a script: it keeps cookies, follows no redirect, and reads forms."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

_CSRF = re.compile(r'name="csrf"\s+value="([0-9a-f]+)"')
_REVISION = re.compile(r'name="revision"\s+value="([0-9]+)"')


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        found = [value for one, value in self.headers if one.lower() == name.lower()]
        return ", ".join(found) if found else None

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401  # JSON
        return json.loads(self.body)

    @property
    def csrf(self) -> str:
        found = _CSRF.search(self.text)
        assert found, self.text[:500]
        return found[1]

    @property
    def revision(self) -> str:
        found = _REVISION.search(self.text)
        assert found, self.text[:500]
        return found[1]


@dataclass
class Caller:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = dict(headers or {})
            if self.cookies:
                sent.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()
        self._keep(answer)
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """Send a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"csrf": self.csrf} | dict(fields)).encode()
        return self.ask("POST", path, body, kind | headers)

    def send(self, method: str, path: str, value: object = None, **headers: str) -> Answer:
        """Send JSON."""
        kind = {"Content-Type": "application/json", "X-CSRF-Token": self.csrf}
        body = b"" if value is None else json.dumps(value).encode()
        return self.ask(method, path, body, kind | headers)

    def enter(self, token: str) -> Answer:
        self.csrf = self.get("/").csrf
        answer = self.post("/enter", {"token": token})
        if answer.status == 303:
            self.csrf = self.get("/api/progress").json["csrf"]
        return answer

    def _keep(self, answer: Answer) -> None:
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, content = value.partition(";")[0].partition("=")
                if "max-age=0" in value.lower():
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = content
