"""HTTP of the audit log."""

from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from mercato.identity.audit.repository import list_events
from mercato.identity.audit.schemas import AuditAction, AuditEvent, AuditQuery
from mercato.identity.controllers import requires
from mercato.platform.clock import Timestamp, check_moment
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, page_answer
from mercato.platform.openapi import LIST_PROBLEMS, CountParameter, CursorParameter, LimitParameter, problem
from mercato.platform.paging import DEFAULT_LIMIT, Page, PageRequest

_ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_PROBLEMS = {
    **LIST_PROBLEMS,
    401: problem("No or unknown credentials."),
    403: problem("The credentials lack the scope `read:audit`."),
}


class AuditController(Controller):
    """Read with `read:audit`, which admins have. Nobody writes it: the database does, with each change."""

    path = "/audit"
    tags = ("Audit",)

    @get(opt=requires("read:audit"), operation_id="list_audit_events", summary="Who changed what", responses=_PROBLEMS)
    async def list(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        limit: LimitParameter = DEFAULT_LIMIT,
        cursor: CursorParameter = None,
        count: CountParameter = "none",
        resource: Annotated[
            str | None,
            QueryParameter(
                pattern=rf"^([a-z_]{{1,40}}|([a-z_]{{1,40}}/)?{_ID})$",
                description="A kind (`product`), an id, or both (`product/<id>`). A product's id finds its variants too.",
            ),
        ] = None,
        actor: Annotated[
            str | None,
            QueryParameter(
                min_length=1,
                max_length=320,
                description="The id of an account or API key, a kind of caller (`admin_key`), or a name.",
            ),
        ] = None,
        action: Annotated[AuditAction | None, QueryParameter(description="What was done.")] = None,
        since: Annotated[Timestamp | None, QueryParameter(description="Inclusive.")] = None,
        until: Annotated[Timestamp | None, QueryParameter(description="Exclusive.")] = None,
    ) -> Response[Page[AuditEvent]]:
        """Latest first; `next_cursor` and the `Link` header lead on."""
        for name, moment in (("since", since), ("until", until)):
            if moment is not None:
                check_moment(moment, name)
        query = AuditQuery(resource=resource, actor=actor, action=action, since=since, until=until)
        page = PageRequest(limit=limit, cursor=cursor, count=count)
        return page_answer(Page[AuditEvent], await list_events(db.reads, query, page), request)
