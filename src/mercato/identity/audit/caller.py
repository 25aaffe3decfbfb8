"""Who sent a request, as the audit log and the idempotency keys name them."""

from collections.abc import Mapping

from mercato.identity.principal import Principal
from mercato.platform.actor import Actor, Caller
from mercato.platform.telemetry import CLIENT_ADDRESS


def caller_of(scope: Mapping[str, object]) -> Caller:
    """The caller of a request that the guard has let in."""
    principal, address = scope["auth"], str(scope[CLIENT_ADDRESS])
    if not isinstance(principal, Principal):
        raise TypeError("the guard has not run")
    return Caller(
        owner=_owner(principal, address),
        actor=Actor(
            kind=principal.kind,
            name=principal.name,
            id=str(principal.account_id) if principal.account_id else None,
            credential=principal.credential,
            address=address,
            request_id=str(scope["request_id"]),
        ),
    )


def _owner(principal: Principal, address: str) -> str:
    """An account is one whatever session it uses; callers without credentials are told apart by address."""
    if principal.kind == "anonymous":
        return f"address:{address}"
    if principal.key_id is not None:
        return f"api_key:{principal.key_id}"
    return f"account:{principal.account_id}" if principal.account_id else principal.kind
