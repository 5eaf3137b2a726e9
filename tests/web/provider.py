"""A provider of single sign-on that runs here: a real server, real keys, real tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm


class Provider:
    """A small OpenID provider on loopback, which checks what it is asked, as a real one does."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.kid = "one"
        self.codes: dict[str, dict[str, Any]] = {}
        self.algorithm = "ES256"
        handler = type("Handler", (_Handler,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.authorize = f"{self.issuer}/authorize"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def agree(self, address: str, **claims: Any) -> dict[str, str]:
        """The person signs in there. Returns what comes back with them."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        now = int(time.time())
        usual = {
            "iss": self.issuer, "aud": asked["client_id"], "sub": "7", "iat": now, "exp": now + 60,
            "nonce": asked["nonce"], "preferred_username": "grace", "email": "g@example.org", "email_verified": True,
        }  # fmt: skip
        self.codes["c0de"] = asked | {"claims": usual | claims}
        return {"state": asked["state"], "code": "c0de"}

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The token for a code, once, for who can prove to have asked for it."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        key: Any = self.key if self.algorithm == "ES256" else "client secret, which signs nothing"
        token = jwt.encode(asked["claims"], key, algorithm=self.algorithm, headers={"kid": self.kid})
        return {"token_type": "Bearer", "access_token": "unused", "id_token": token}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        here = self.provider.issuer
        if self.path == "/.well-known/openid-configuration":
            self._send({"issuer": here, "authorization_endpoint": self.provider.authorize,
                        "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/keys"})  # fmt: skip
        elif self.path.startswith("/authorize"):
            self._send({"error": "nobody is here to agree"})
        else:
            public = json.loads(ECAlgorithm.to_jwk(self.provider.key.public_key()))
            self._send({"keys": [public | {"kid": self.provider.kid, "use": "sig", "alg": "ES256"}]})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = base64.b64encode(b"figpress:s3cret").decode()
        answer = self.provider.token({name: values[0] for name, values in form.items()})
        allowed = self.headers["Authorization"] == f"Basic {known}" and answer is not None
        self._send(answer or {"error": "invalid_grant"}, 200 if allowed else 400)

    def _send(self, document: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Silent."""
