"""From the bearer token to the client, permissions by role, and errors as problems."""

import json
import os
import time
import urllib.request

import jwt
from django.db import connection
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

with urllib.request.urlopen(os.environ["JWKS"]) as answer:
    KEY = jwt.PyJWK(json.load(answer)["keys"][0]).key
VERIFIED, CLIENTS = {}, {}


class Refusal(exceptions.APIException):
    def __init__(self, status_code, code):
        super().__init__(code)
        self.status_code, self.code = status_code, code


class Client:
    is_authenticated = True

    def __init__(self, tenant_id, id, role, secret_hash, host_id, facilitator_partner_id, assistant, revoked_at):
        self.tenant_id, self.id, self.role, self.host_id, self.revoked_at = tenant_id, id, role, host_id, revoked_at


def claims_of(token):
    """A verified token is remembered until it expires, because a signature check costs more than a look-up."""
    claims = VERIFIED.get(token)
    if claims is None:
        try:
            claims = jwt.decode(token, KEY, algorithms=["EdDSA"], audience="pai", issuer="pai", options={"require": ["exp", "sub"]})
        except jwt.InvalidTokenError:
            raise Refusal(401, "platform.unauthenticated") from None
        if len(VERIFIED) > 4096:
            VERIFIED.clear()
        VERIFIED[token] = claims
    if claims["exp"] <= time.time():
        raise Refusal(401, "platform.unauthenticated")
    return claims


class ClientAuthentication(BaseAuthentication):
    def authenticate(self, request):
        subject = claims_of(request.headers.get("Authorization", "").removeprefix("Bearer "))["sub"]
        known = CLIENTS.get(subject)
        if known is None or known[1] < time.monotonic() - 20:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM find_client('built-in', %s)", [subject])
                row = cursor.fetchone()
            if row is None or Client(*row).revoked_at:
                raise Refusal(401, "platform.unauthenticated")
            CLIENTS[subject] = known = (Client(*row), time.monotonic())
        return known[0], None


def role_in(*roles):
    class RolePermission(BasePermission):
        def has_permission(self, request, view):
            return request.user.role in roles

    return RolePermission


def problem(error, context):
    if isinstance(error, exceptions.ValidationError):
        error = Refusal(status.HTTP_422_UNPROCESSABLE_ENTITY, "platform.invalid_field")
    if not isinstance(error, exceptions.APIException):
        return None
    code = getattr(error, "code", "platform.forbidden")
    return Response({"status": error.status_code, "code": code}, error.status_code, content_type="application/problem+json")
