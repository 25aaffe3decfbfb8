"""The guard that counts requests: by API key, by account, or by the client's address."""

from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from mercato.identity.controllers import Guard
from mercato.identity.principal import ANONYMOUS, Principal, named
from mercato.platform.address import limit_subject
from mercato.platform.http import API_PREFIX
from mercato.platform.policies import Policy, PolicyName
from mercato.platform.problems import Problem, Throttled
from mercato.platform.ratelimit import RateLimiter, Verdict
from mercato.platform.telemetry import CLIENT_ADDRESS, RATE_LIMIT

Connection = ASGIConnection[Any, Any, Any, Any]


def limited(name: PolicyName) -> dict[str, Any]:
    """`opt` of a route with a limit of its own. Without it, routes of the API have `reads` or `writes`, by method."""
    return {"limit": name}


def make_limit_guard(authorize: Guard, limiter: RateLimiter) -> Guard:
    """A guard that runs `authorize` and counts the request, a refused one too; raises `Throttled` for one too many.

    The verdict is left in the scope, from where the telemetry layer writes the headers.
    """

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        refusal = None
        try:
            await authorize(connection, handler)
        except Problem as problem:
            refusal = problem
        name = _policy_of(connection, handler)
        policy = None if name is None else limiter.policy(name)
        if policy is not None:
            await _count(connection, limiter, policy)
        if refusal is not None:
            raise refusal

    return guard


def _policy_of(connection: Connection, handler: BaseRouteHandler) -> PolicyName | None:
    name: PolicyName | None = handler.opt.get("limit")
    if name is None and connection.scope["path"].startswith(API_PREFIX):
        return "reads" if connection.scope.get("method") == "GET" else "writes"
    return name


async def _count(connection: Connection, limiter: RateLimiter, policy: Policy) -> None:
    principal = connection.scope.get("auth") or ANONYMOUS
    subject = subject_of(None if policy.by_address else principal, _address(connection))
    verdict = cast("Verdict | None", connection.scope.get(RATE_LIMIT))  # of the hit path, which has counted it
    if verdict is None:
        verdict = await limiter.check(policy, subject)
    if verdict is None:
        return
    connection.scope[RATE_LIMIT] = verdict  # type: ignore[literal-required]  # the scope is ours to extend
    if not verdict.is_allowed:
        raise Throttled(
            f"Too many requests: {verdict.policy.rate.limit} in {verdict.policy.rate.period} s are let through.",
            retry_after_s=verdict.retry_after_s,
        )


def _address(connection: Connection) -> str:
    return str(connection.scope.get(CLIENT_ADDRESS, ""))


def subject_of(principal: Principal | None, address: str) -> str:
    """What requests are counted under. A publishable key stands in pages that anybody opens, so its users are told apart."""
    if principal is None or principal.kind == "anonymous":
        return limit_subject(address)
    if principal.is_publishable:
        return f"{principal.credential}@{limit_subject(address)}"
    if principal.key_id is not None or principal.account_id is None:
        return principal.credential
    return named("account", principal.account_id)
