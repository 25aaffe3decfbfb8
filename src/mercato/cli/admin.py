"""`mercato admin`: the accounts that administer, made by whoever runs the installation."""

import os
import sys
from collections.abc import Awaitable, Callable

import msgspec
import rich_click as click
import uvloop
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.cli.options import settings_or_exit
from mercato.identity.account.repository import AccountRepository
from mercato.identity.account.schemas import Register
from mercato.identity.account.service import AccountService
from mercato.identity.emails import comparable
from mercato.identity.passwords import Passwords
from mercato.identity.problems import EmailTaken
from mercato.platform.actor import Actor, act_as
from mercato.platform.db import Database
from mercato.platform.http import to_problem
from mercato.platform.problems import NotFound, Problem
from mercato.platform.settings import Settings

PASSWORD_VARIABLE = "MERCATO_ADMIN_PASSWORD"  # noqa: S105 - the name of the variable
Work = Callable[[AsyncSession], Awaitable[None]]

_email = click.option("--email", required=True, help="E-mail address to sign in with.")


@click.group()
def admin() -> None:
    """Make admins, and give them new passwords."""


@admin.command()
@_email
@click.option("--name", default="Administrator", show_default=True, help="Name to show.")
@click.option("--promote", is_flag=True, help="Make an existing account an admin; its password stays.")
def create(*, email: str, name: str, promote: bool) -> None:
    """Make an admin. The password is asked for, or taken from MERCATO_ADMIN_PASSWORD."""
    settings = settings_or_exit()

    async def work(session: AsyncSession) -> None:
        if promote:
            await _promote(session, email)
        else:
            data = _convert({"email": email, "name": name, "password": _password()})
            try:
                await AccountService(session, Passwords()).create(data, role="admin")
            except EmailTaken:
                raise EmailTaken("An account with this address exists. With --promote it becomes an admin.") from None

    _run(settings, work)
    print(f"{email} is an admin.")


@admin.command()
@_email
def password(*, email: str) -> None:
    """Give an account a new password, and end its sessions. Asked for, or taken from MERCATO_ADMIN_PASSWORD."""
    settings = settings_or_exit()

    async def work(session: AsyncSession) -> None:
        account = await AccountRepository(session=session).find_by_email(comparable(email))
        if account is None:
            raise _unknown(email)
        data = _convert({"email": account.email, "name": account.name, "password": _password()})
        await AccountService(session, Passwords()).set_password(account, data.password)

    _run(settings, work)
    print(f"{email} has a new password. All its sessions have ended.")


async def _promote(session: AsyncSession, email: str) -> None:
    account = await AccountRepository(session=session).find_by_email(comparable(email))
    if account is None:
        raise _unknown(email)
    account.role = "admin"
    account.is_active = True


def _unknown(email: str) -> NotFound:
    return NotFound(f"There is no account with the address {email}.")


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _convert(fields: dict[str, str]) -> Register:
    try:
        return msgspec.convert(fields, Register)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None


def _run(settings: Settings, work: Work) -> None:
    try:
        uvloop.run(_in_transaction(settings, work))
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        sys.exit(1)


async def _in_transaction(settings: Settings, work: Work) -> None:
    db = Database(settings)
    try:
        async with db.transaction() as session:
            await act_as(await session.connection(), Actor(kind="system", name="mercato admin"))
            await work(session)
    except (OSError, TimeoutError) as error:
        raise to_problem(error) from None
    finally:
        await db.engine.dispose()
