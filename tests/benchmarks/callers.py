"""What it costs to be somebody: the same reads with an access token, with an API key, and without either, in turns."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from tests.benchmarks.client import Connection, make_request, measure_rate
from tests.benchmarks.figures import Report, median, ratio
from tests.support.installation import ADMIN

CONNECTIONS = 16
LEAST = 0.9
Headers = Mapping[str, str]


async def measure_callers(report: Report, port: int, ids: Sequence[UUID], *, rounds: int, seconds: float) -> None:
    """Products a second of a signed-in buyer and of a program with a key, each beside those of nobody in particular."""
    callers: dict[str, Headers] = {
        "nobody": {},
        "signed in": {"Authorization": f"Bearer {await _sign_in(port)}"},
        "with an API key": {"X-API-Key": await _make_key(port)},
    }
    rates: dict[str, list[float]] = {name: [] for name in callers}
    for _ in range(rounds):
        for name, headers in callers.items():
            requests = [make_request("GET", f"/api/v1/products/{key}", port=port, headers=headers) for key in ids]
            rates[name].append(await measure_rate(port, requests, connections=CONNECTIONS, seconds=seconds))
    anonymous = rates.pop("nobody")
    for name, measured in rates.items():
        # Of neighbouring rounds: what else the machine does changes more from round to round than a caller costs.
        share = median([one / other for one, other in zip(measured, anonymous, strict=True)])
        report.rows.append(
            ratio(
                f"product by id, {name}, {CONNECTIONS} connections",
                "req/s",
                share * median(anonymous),
                median(anonymous),
                "the same without credentials",
                at_least=LEAST,
            )
        )


async def _sign_in(port: int) -> str:
    who = {"email": f"bench-{uuid4().hex}@example.com", "password": uuid4().hex}
    await _post(port, "/auth/register", who | {"name": "Bench"})
    return str((await _post(port, "/auth/login", who))["access_token"])


async def _make_key(port: int) -> str:
    return str((await _post(port, "/api-keys", {"name": "bench", "scopes": ["read:catalog"]}, ADMIN))["key"])


async def _post(port: int, path: str, body: object, headers: Headers | None = None) -> dict[str, object]:
    connection = await Connection.open(port)
    request = make_request("POST", f"/api/v1{path}", port=port, body=json.dumps(body).encode(), headers=headers)
    answer = await connection.ask(request)
    connection.close()
    if answer.status not in {200, 201}:
        raise RuntimeError(f"{path}: {answer.body!r}")
    return dict(json.loads(answer.body))
