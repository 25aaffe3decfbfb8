"""Who may do what, and the memory of who that was."""

from uuid import uuid4

import pytest

from mercato.identity.memory import Memory
from mercato.identity.principal import (
    ADMIN_KEY,
    ALL_SCOPES,
    ANONYMOUS,
    EVERYTHING,
    PUBLISHED_ONLY,
    ROLE_SCOPES,
    Principal,
    Role,
    Visibility,
)
from mercato.platform.problems import Forbidden, Unauthenticated


def of(role: Role, **fields: object) -> Principal:
    base = Principal(kind="account", name="x", role=role, scopes=ROLE_SCOPES[role], account_id=uuid4())
    return Principal(**{name: getattr(base, name) for name in base.__struct_fields__} | fields)


def test_nobody_can_do_nothing() -> None:
    for scope in ALL_SCOPES:
        with pytest.raises(Unauthenticated):
            ANONYMOUS.require(scope)


def test_a_role_has_its_scopes_and_no_others() -> None:
    for role, scopes in ROLE_SCOPES.items():
        for scope in ALL_SCOPES:
            if scope in scopes:
                of(role).require(scope)
            else:
                with pytest.raises(Forbidden) as caught:
                    of(role).require(scope)
                assert caught.value.required_scope == scope


def test_a_route_for_a_role_refuses_others_with_the_scope() -> None:
    of("admin").require("write:catalog", "admin")
    ADMIN_KEY.require("write:catalog", "admin")
    with pytest.raises(Forbidden) as caught:
        of("seller").require("write:catalog", "admin")
    assert caught.value.code == "missing_role"


def test_who_sees_what_is_not_published() -> None:
    seller = of("seller")
    assert ANONYMOUS.visibility == of("buyer").visibility == PUBLISHED_ONLY
    assert seller.visibility == Visibility(seller_id=seller.account_id)
    assert of("admin").visibility == ADMIN_KEY.visibility == EVERYTHING
    assert of("admin", scopes=frozenset({"write:catalog"})).visibility == PUBLISHED_ONLY


def test_the_credential_names_what_was_shown() -> None:
    session, key = uuid4(), uuid4()
    assert ANONYMOUS.credential == ""
    assert ADMIN_KEY.credential == "admin_key"
    assert of("buyer", session_id=session).credential == f"session:{session}"
    assert of("buyer", key_id=key, kind="api_key").credential == f"api_key:{key}"


def test_memory_keeps_the_newest() -> None:
    memory: Memory[str, int] = Memory(2)
    for number, key in enumerate("abc"):
        memory.put(key, number)
    assert (memory.get("a"), memory.get("b"), memory.get("c"), len(memory)) == (None, 1, 2, 2)


def test_memory_forgets_what_is_too_old() -> None:
    memory: Memory[str, int] = Memory(2, lifetime_s=0)
    memory.put("a", 1)
    assert memory.get("a") is None


def test_memory_forgets_by_subject_and_refuses_what_was_read_before() -> None:
    memory: Memory[str, int] = Memory(10)
    maker, key = uuid4(), uuid4()
    memory.put("a", 1, about=(maker, key))
    memory.put("b", 2, about=(maker, None))
    memory.put("c", 3)
    began = memory.changes
    memory.forget_about(key)
    assert (memory.get("a"), memory.get("b")) == (None, 2)
    memory.put("a", 1, about=(maker, key), began=began)
    assert memory.get("a") is None
    memory.forget_about(maker)
    assert (memory.get("b"), memory.get("c")) == (None, 3)
    memory.clear()
    assert len(memory) == 0
