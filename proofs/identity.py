#!/usr/bin/env python3
"""A stock OpenID Connect provider beside the service: discovery, tokens of RS256, ES256 and EdDSA, new keys without a
restart, a flood of unknown key ids (at most one fetch a minute), the provider down at start, down later and back.

Installs oidc-provider (a fixed version) from npm into a cache directory; needs Node.js 18 or newer and npm.
"""

import base64
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
import urllib.parse

from support import DICE, SEED, Service, fail, free_port, say

PROVIDER = "oidc-provider@8.8.1"
ALGORITHMS = ("RS256", "ES256", "EdDSA")
FLOOD_SECONDS, FLOOD_CALLERS = 75, 4
# The service asks a provider that nobody reaches again after ten seconds.
UNREACHABLE, MINUTE = 10, 60
HERE = pathlib.Path(__file__).parent


class Provider:
    """oidc-provider on a port of its own."""

    def __init__(self):
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pai" / PROVIDER.replace("@", "-")
        cache.mkdir(parents=True, exist_ok=True)
        if not (cache / "node_modules" / "oidc-provider").exists():
            subprocess.run(["npm", "install", "--prefix", cache, "--no-audit", "--no-fund", "--loglevel=error", PROVIDER], check=True)
        # Beside its packages, because Node.js looks for them from where the program stands.
        self.program = shutil.copy(HERE / "oidc" / "provider.mjs", cache)
        self.process = None

    def start(self):
        command = ["node", self.program, str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while (line := self.process.stdout.readline()) and "ready" not in line:
            pass
        if self.process.poll() is not None:
            fail("the provider does not start")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(30)

    def call(self, method, path, form=None, client="town"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        credentials = base64.b64encode(f"{client}:{client}-secret".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request(method, path, urllib.parse.urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            fail(f"the provider answers {answer.status} to {path}: {body[:300]}")
        return json.loads(body)

    def token(self, algorithm="RS256", resource="urn:pai", client="town"):
        form = {"grant_type": "client_credentials", "resource": f"{resource}:{algorithm}"}
        return self.call("POST", "/token", form, client)["access_token"]

    def key_sets(self):
        return self.call("GET", "/control/asked").get("/jwks", 0)


def status(service, token):
    return service.call("GET", "/api/v1/institutions", token=token)[0]


def expect(what, found, *wanted):
    if found not in wanted:
        fail(f"{what}: {found}, not {wanted}")


def wait_for(what, wanted, ask, patience):
    began = time.monotonic()
    while (found := ask()) != wanted:
        if time.monotonic() - began > patience:
            fail(f"{what}: still {found} after {patience} s")
        time.sleep(0.25)
    return time.monotonic() - began


def with_kid(token, kid):
    header, payload, signature = token.split(".")
    members = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    members["kid"] = kid
    header = base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")
    return f"{header}.{payload}.{signature}"


def register(service, provider):
    """Makes the provider's client a client of the first town."""
    administrator = service.token(service.credential("administrator"))
    body = {"name": "town systems", "role": "coordinator", "issuer": provider.issuer, "subject": "town"}
    answer, _, made = service.call("POST", "/api/v1/clients", body, administrator)
    expect("registering a client of the provider", answer, 201)
    return administrator, made["id"]


def tokens_of_every_kind(service, provider):
    for algorithm in ALGORITHMS:
        expect(f"a token of {algorithm}", status(service, provider.token(algorithm)), 200)
    expect("a token for another audience", status(service, provider.token(resource="urn:other")), 401)
    expect("a token of a client that is not registered", status(service, provider.token(client="stranger")), 401)
    say(f"tokens: {', '.join(ALGORITHMS)} accepted; another audience and an unregistered client refused")


def claims_bind(service, provider):
    token, search = provider.token(), {"surname": "Przykł"}
    expect("a search with the purpose in the token", service.call("POST", "/api/v1/people/search", search, token)[0], 200)
    answer, _, body = service.call("POST", "/api/v1/people/search", search, token, {"Pai-On-Behalf-Of": "somebody-else"})
    expect("a header that contradicts the token", (answer, body["code"]), (403, "platform.contradicts_token"))
    auditor = service.token(service.credential("auditor"))
    path, rows = "/api/v1/audit-entries?limit=200", []
    while path:
        _, headers, page = service.call("GET", path, token=auditor)
        rows += page["items"]
        path = headers.get("link", "").partition("<")[2].partition(">")[0]
    if not any(row["onBehalfOf"] == "jnowak" and row["purpose"] == "recruitment" for row in rows):
        fail("end user and purpose of the token are not in the access register")
    say("claims: end user and purpose in the access register; a contradicting header answers 403")


def new_keys(service, provider):
    # The last fetch must lie a minute back, or the new keys have to wait for their turn.
    time.sleep(MINUTE)
    old = provider.token("ES256")
    expect("a token before the change of keys", status(service, old), 200)
    provider.call("GET", "/control/rotate")
    for algorithm in ALGORITHMS:
        expect(f"{algorithm} with a new key", status(service, provider.token(algorithm)), 200)
    expect("a token of a key that was withdrawn", status(service, old), 401)
    say("new keys: accepted at the first token, without a restart; tokens of the withdrawn keys refused")


def flood(service, provider):
    good, before, sent = provider.token("EdDSA"), provider.key_sets(), [0] * FLOOD_CALLERS
    until = time.monotonic() + FLOOD_SECONDS

    def caller(number):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=15)
        while time.monotonic() < until:
            token = with_kid(good, f"{number}-{DICE.randrange(1 << 60)}")
            if service.call("GET", "/api/v1/institutions", token=token, connection=connection)[0] != 401:
                fail("a token with an unknown key id is not refused")
            sent[number] += 1

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(FLOOD_CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fetched, most = provider.key_sets() - before, 1 + FLOOD_SECONDS // MINUTE
    say(f"flood: {sum(sent)} unknown key ids in {FLOOD_SECONDS} s, {fetched} fetches of the key set (at most {most})")
    if fetched > most or sum(sent) < 100:
        fail("more than one fetch a minute, or hardly a flood")
    expect("a good token after the flood", status(service, good), 200)


def main():
    say(f"seed {SEED}")
    provider = Provider()
    settings = {"issuers.town.issuer": provider.issuer, "issuers.town.audience": "pai", "log.filter": "warn",
                "issuers.town.on_behalf_of_claim": "preferred_username", "issuers.town.purpose_claim": "purpose"}
    service = Service(settings=settings)
    try:
        began = service.start()
        say(f"start: ready after {began:.1f} s with the provider down")
        administrator, client = register(service, provider)
        provider.start()
        first = wait_for("the first token after the provider came up", 200, lambda: status(service, provider.token()), MINUTE + UNREACHABLE)
        say(f"provider up: its tokens are accepted after {first:.1f} s")
        tokens_of_every_kind(service, provider)
        claims_bind(service, provider)
        new_keys(service, provider)
        flood(service, provider)
        kept = provider.token("RS256")
        provider.stop()
        for _ in range(20):
            expect("a token while the provider is down", status(service, kept), 200)
            time.sleep(0.1)
        provider.start()
        back = wait_for("tokens after the provider came back with other keys", 200, lambda: status(service, provider.token()), MINUTE + UNREACHABLE)
        say(f"provider down and back with other keys: known keys went on, new ones accepted after {back:.1f} s")
        token = provider.token()
        expect("revoking the client", service.call("POST", f"/api/v1/clients/{client}/revocation", {}, administrator)[0], 200)
        gone = wait_for("a token of a revoked client", 401, lambda: status(service, token), MINUTE)
        say(f"revoked: refused after {gone:.1f} s (at most {MINUTE})")
    finally:
        service.remove()
        provider.stop()


main()
