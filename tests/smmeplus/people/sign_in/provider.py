"""A small directory on loopback: it signs tokens by RS256 and tells what a test lets it tell."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse

CLIENT = "smmeplus"
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65_537, key_size=2048) for _ in range(2))
ADA = {"sub": "7f3", "preferred_username": "ada", "email": "ada@grid.example", "groups": ["ops", "coffee"]}


class Provider:
    """``person`` are the claims of who signs in; ``token`` and ``more`` change those of the token and of userinfo."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.person: dict[str, Any] = dict(ADA)
        self.token: dict[str, Any] = {}
        self.more: dict[str, Any] = {}
        self.key: Any = KEY
        self.asked: dict[str, str] = {}
        self.exchanged: dict[str, str] = {}

    def answer(self, path: str, sent: dict[str, str]) -> Any:
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "auth", "token_endpoint": "token", "userinfo_endpoint": "me"}
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"} | {
                name: f"{self.issuer}/{end}" for name, end in names.items()
            }
        if path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            return {"keys": [{**public, "kid": "1", "alg": "RS256", "use": "sig"}]}
        if path == "/me":
            return {**self.person, **self.more}
        self.exchanged = sent
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(verifier).decode().rstrip("=") != self.asked["code_challenge"]:
            return None
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.asked["nonce"]}
        told |= {"sub": self.person["sub"], **self.token}
        told = {name: value for name, value in told.items() if value is not None}
        return {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": jwt.encode(told, self.key, algorithm="RS256", headers={"kid": "1"}),
        }

    def visit(self, client: Client, next_url: str = "") -> Any:
        """As a browser goes: to the directory, where somebody signs in, and back. The answer to the way back."""
        start = client.get(reverse("directory"), {"next": next_url} if next_url else {})
        self.asked = dict(parse_qsl(urlsplit(start["Location"]).query))
        return client.get(reverse("directory-answer"), {"code": "a code", "state": self.asked["state"]})


class _Handler(BaseHTTPRequestHandler):
    provider: ClassVar[Provider]

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer({name: values[0] for name, values in parse_qs(body).items()})

    def _answer(self, sent: dict[str, str]) -> None:
        said = self.provider.answer(self.path, sent)
        body = json.dumps(said).encode()
        self.send_response(400 if said is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    _Handler.provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield _Handler.provider
    server.shutdown()
    thread.join()
    server.server_close()
