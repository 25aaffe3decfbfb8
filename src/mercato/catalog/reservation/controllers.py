"""HTTP of reservations."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter
from sqlalchemy.ext.asyncio import AsyncSession

from mercato.catalog.openapi import ACTION_PROBLEMS, CHANGE_PROBLEMS, GET_RESPONSES, WRITE_PROBLEMS, example_body
from mercato.catalog.reservation.repository import find_reservation
from mercato.catalog.reservation.schemas import Reservation, ReservationCreate
from mercato.catalog.reservation.service import ReservationService, owner_of
from mercato.identity.controllers import requires
from mercato.identity.principal import Principal
from mercato.platform.db import Database
from mercato.platform.http import ApiRequest, versioned_answer
from mercato.platform.problems import NotFound

ReservationId = Annotated[UUID, PathParameter(description="Id of the reservation.")]
ReservationBody = Annotated[
    ReservationCreate,
    example_body(
        lines=[{"variant_id": "01928c3e-5f2a-7c41-9d1e-3b0a6c7d8e9f", "quantity": 2}],
        expires_in=600,
        reference="Cart 4711",
    ),
]


class ReservationController(Controller):
    """Made by sellers of their own products, by admins of all; each sees their own, admins see all."""

    path = "/reservations"
    tags = ("Stock",)
    request_max_body_size = 64 * 1024

    @post(
        opt=requires("write:catalog"),
        operation_id="create_reservation",
        summary="Reserve pieces",
        responses=WRITE_PROBLEMS,
    )
    async def create(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        data: ReservationBody,
    ) -> Response[Reservation]:
        """All lines or, with 409 `insufficient_stock`, none. They are held until they are confirmed, released, or expire."""
        reservation_id, record = await ReservationService(session, principal).reserve(data)
        location = f"/api/v1/reservations/{reservation_id}"
        return versioned_answer(
            Reservation, record.body, record.version, request=request, status=201, location=location
        )

    @post(
        "/{reservation_id:uuid}/confirm",
        opt=requires("write:catalog"),
        status_code=200,
        operation_id="confirm_reservation",
        summary="Confirm a reservation",
        responses=CHANGE_PROBLEMS,
    )
    async def confirm(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        reservation_id: ReservationId,
    ) -> Response[Reservation]:
        """The pieces are sold and leave the stock. 409 `reservation_expired` when it is too late; a second time changes nothing."""
        record = await ReservationService(session, principal).confirm(reservation_id)
        return versioned_answer(Reservation, record.body, record.version, request=request)

    @post(
        "/{reservation_id:uuid}/release",
        opt=requires("write:catalog"),
        status_code=200,
        operation_id="release_reservation",
        summary="Release a reservation",
        responses=CHANGE_PROBLEMS,
    )
    async def release(
        self,
        request: ApiRequest,
        session: NamedDependency[AsyncSession],
        principal: NamedDependency[Principal],
        reservation_id: ReservationId,
    ) -> Response[Reservation]:
        """The pieces are available again. 409 `reservation_confirmed` when they are sold; a second time changes nothing."""
        record = await ReservationService(session, principal).release(reservation_id)
        return versioned_answer(Reservation, record.body, record.version, request=request)

    @get(
        "/{reservation_id:uuid}",
        opt=requires("write:catalog"),
        operation_id="get_reservation",
        summary="Get a reservation",
        responses=ACTION_PROBLEMS | GET_RESPONSES,
    )
    async def get(
        self,
        request: ApiRequest,
        db: NamedDependency[Database],
        principal: NamedDependency[Principal],
        reservation_id: ReservationId,
    ) -> Response[Reservation]:
        """Until a week after it was released or expired; for ever when it was confirmed."""
        record = await find_reservation(db.reads, reservation_id, owner_of(principal))
        if record is None:
            raise NotFound(f"There is no reservation {str(reservation_id)!r}.")
        return versioned_answer(Reservation, record.body, record.version, request=request)
