"""Structured logs: one JSON object a line on standard output, with the request's id."""

import logging
import sys

import msgspec
import structlog
from structlog.typing import FilteringBoundLogger

from mercato.platform.settings import LogLevel


def _encode(event: object, **_options: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


def configure_logging(level: LogLevel, *, process: str) -> None:
    """Send our own events and those of the standard library (uvicorn, saq, sqlalchemy) through one JSON renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_encode)],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: _encode(event).decode()),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpx2", "httpcore", "httpcore2", "saq"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)


def get_logger() -> FilteringBoundLogger:
    """A logger of structured events: `log.info("outbox_drained", documents=12)`."""
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger
