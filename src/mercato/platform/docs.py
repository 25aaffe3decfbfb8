"""The human-readable API description at `/docs`: Swagger UI from an installed package, no request to any other host."""

from collections.abc import Sequence
from pathlib import Path

import swagger_ui
from litestar import MediaType, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router

ASSETS = Path(swagger_ui.__file__).parent / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mercato API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({url: "/schema/openapi.json", dom_id: "#swagger-ui", deepLinking: true,
  docExpansion: "list", tryItOutEnabled: true, validatorUrl: null});
"""


@get("/docs", media_type=MediaType.HTML, include_in_schema=False, opt={"public": True}, sync_to_thread=False)
def docs_page() -> Response[str]:
    """The page."""
    return Response(_PAGE, media_type=MediaType.HTML, headers={"Content-Security-Policy": _POLICY})


@get("/docs/start.js", include_in_schema=False, opt={"public": True}, sync_to_thread=False)
def docs_script() -> Response[str]:
    """What starts Swagger UI; a file of its own, because the policy allows no inline script."""
    return Response(_START, media_type="text/javascript")


docs_assets = create_static_files_router(
    path="/docs/assets", directories=[ASSETS], include_in_schema=False, opt={"public": True}
)
DOCS_HANDLERS: Sequence[HTTPRouteHandler | Router] = (docs_page, docs_script, docs_assets)
