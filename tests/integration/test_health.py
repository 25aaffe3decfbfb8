"""Health, metrics and logs, as those who run it see them."""

from pathlib import Path

import pytest

from tests.support.agreement import fill
from tests.support.builders import make_product
from tests.support.installation import Installation
from tests.support.processes import api

METRICS = (
    "mercato_search_lag_seconds",
    "mercato_search_pending",
    "mercato_search_drift_total",
    "mercato_http_requests_total",
    "mercato_http_request_duration_seconds_bucket",
    "mercato_http_requests_in_flight",
)


async def test_readiness_names_each_dependency_with_its_latency(shared_shop: Installation) -> None:
    answer = await shared_shop.client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    dependencies = answer.json()["dependencies"]
    assert [(d["name"], d["status"], d["required"]) for d in dependencies] == [
        ("meilisearch", "up", False),
        ("postgres", "up", True),
        ("valkey", "up", False),
    ]
    assert all(0 < d["latency_ms"] < 2000 for d in dependencies)


async def test_liveness_needs_nothing(shared_shop: Installation) -> None:
    answer = await shared_shop.client.get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


async def test_metrics_tell_how_far_search_is_behind(empty_shop: Installation) -> None:
    await fill(empty_shop, 5)
    behind = (await empty_shop.client.get("/metrics")).text
    await empty_shop.drain()
    level = (await empty_shop.client.get("/metrics")).text

    assert "mercato_search_pending 15.0" in behind
    assert "mercato_search_lag_seconds 0.0\n" not in behind
    assert "mercato_search_pending 0.0" in level
    assert "mercato_search_lag_seconds 0.0\n" in level


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_process_logs_json_lines_with_request_ids_and_counts_by_route(
    shared_shop: Installation, tmp_path: Path, workers: int
) -> None:
    product = await make_product(shared_shop)
    async with api(shared_shop.settings, tmp_path / "api.log", MERCATO_WORKERS=str(workers)) as (process, client):
        await client.get(f"/api/v1/products/{product['slug']}", headers={"X-Request-ID": "from-the-caller"})
        unknown = await client.get("/api/v1/products/none-such")
        metrics = (await client.get("/metrics")).text

        for name in METRICS:
            assert name in metrics
        route = 'route="/api/v1/products/{key}"'
        assert f'mercato_http_requests_total{{method="GET",{route},status="200"}} 1.0' in metrics
        assert f'mercato_http_requests_total{{method="GET",{route},status="404"}} 1.0' in metrics
        assert product["slug"] not in metrics
        requests = {event["request_id"]: event for event in process.events("request")}
        assert requests["from-the-caller"]["path"] == f"/api/v1/products/{product['slug']}"
        assert requests[unknown.headers["x-request-id"]]["status"] == 404
        assert all(event.keys() >= {"event", "level", "timestamp"} for event in process.events())
