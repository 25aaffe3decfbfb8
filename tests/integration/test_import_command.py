"""`mercato import` as a person runs it."""

import asyncio
import csv
import gzip
import json
import os
import sys
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.imports import Catalog, ndjson
from tests.support.installation import with_database

ICECAT = Path(__file__).resolve().parents[2] / "docs" / "mappings" / "icecat.json"
MAX_MEMORY_KIB = 300_000
_PEAK_MEMORY = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def _environment(catalog: Catalog, **more: str) -> dict[str, str]:
    nobody = "127.0.0.1:9"  # an import needs the database alone
    return {
        "DATABASE_URL": catalog.url,
        "VALKEY_URL": f"valkey://{nobody}",
        "MEILISEARCH_URL": f"http://{nobody}",
        "MERCATO_MEDIA_DIR": str(catalog.folder / "media"),
        **more,
    }


async def _run(catalog: Catalog, *arguments: object, **environment: str) -> tuple[int, str]:
    command = await Command.start(*arguments, environment=_environment(catalog, **environment))
    status = await command.ends()
    return status, command.output


async def test_a_good_file_ends_with_0_and_counts(catalog: Catalog) -> None:
    file = catalog.file(gzip.compress(ndjson([{"sku": f"S{n}", "name": "x", "price": "1.50"} for n in range(25)])))
    status, output = await _run(catalog, "import", file, MERCATO_CURRENCY="USD")
    assert status == 0, output
    assert "rows a second" in output
    assert await catalog.count("product") == 25
    assert (await catalog.product("S1"))["p_currency"] == "USD"
    status, output = await _run(catalog, "import", file, MERCATO_CURRENCY="USD")
    assert (status, await catalog.count("product")) == (0, 25)


async def test_failed_rows_are_shown_and_written_to_a_file_and_end_with_3(catalog: Catalog) -> None:
    rows = [{"sku": "A", "name": "Good"}, *({"sku": f"B{n}", "name": "x", "price": "-1"} for n in range(15))]
    file = catalog.file(rows)
    errors = catalog.folder / "errors.csv"
    status, output = await _run(catalog, "import", file, "--errors", errors)
    assert status == 3, output
    assert "row 2: price: '-1' is not a price of zero or more [invalid_price]" in output
    assert "and 5 more" in output
    written = list(csv.DictReader(errors.read_text(encoding="utf-8").splitlines()))
    assert [row["row"] for row in written] == [str(number) for number in range(2, 17)]
    assert (written[0]["column"], written[0]["code"]) == ("price", "invalid_price")
    assert json.loads(written[0]["data"]) == rows[1]


async def test_failed_rows_can_be_written_as_json_and_a_dry_run_writes_nothing_else(catalog: Catalog) -> None:
    file = catalog.file([{"sku": "A", "name": "Good"}, "{"])
    errors = catalog.folder / "errors.json"
    status, output = await _run(catalog, "import", file, "--errors", errors, "--dry-run")
    assert status == 3
    assert "nothing was written" in output
    assert [(one["row"], one["code"]) for one in json.loads(errors.read_text())] == [(2, "malformed_json")]
    assert await catalog.count("product") == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"name,price\nLamp,1\n", "lacks columns: external_ref or sku"),
        (b"PK\x03\x04", "export it as CSV"),
    ],
)
async def test_a_file_that_cannot_be_used_ends_with_2_and_says_why(
    catalog: Catalog, content: bytes, words: str
) -> None:
    status, output = await _run(catalog, "import", catalog.file(content))
    assert status == 2
    assert words in output
    assert "Traceback" not in output


async def test_a_mapping_with_unknown_keys_ends_with_2_and_names_them(catalog: Catalog) -> None:
    mapping = catalog.file(b'{"fields": {"sku": {"from": "id"}}, "colums": {}}', "map.json")
    status, output = await _run(catalog, "import", catalog.file([{"id": "1"}]), "--mapping", mapping)
    assert status == 2
    assert "colums" in output


async def test_a_truncated_gzip_is_loaded_up_to_the_cut_and_ends_with_3(catalog: Catalog) -> None:
    packed = gzip.compress(ndjson([{"sku": f"S{n}", "name": f"Product {n}"} for n in range(3000)]))
    status, output = await _run(catalog, "import", catalog.file(packed[:-1500]))
    assert status == 3
    assert "truncated" in output
    assert await catalog.count("product") > 1000


async def test_a_database_without_tables_ends_with_1_and_says_what_to_do(catalog: Catalog) -> None:
    nothing = with_database(catalog.url, "postgres")
    status, output = await _run(catalog, "import", catalog.file([{"sku": "A", "name": "x"}]), DATABASE_URL=nothing)
    assert status == 1
    assert "mercato migrate" in output
    assert "Traceback" not in output


async def test_the_icecat_mapping_loads_such_a_file_in_one_command(catalog: Catalog) -> None:
    rows = [
        {
            "id": str(number), "name": "006R90321" if number < 2 else f"M-{number}", "supplier": "Xerox",
            "title": f"Xerox model {number} toner cartridge Original Black", "ean": ["0095205603217"], "price": 4995,
            "date_released": "2009-12-10T00:00:00Z", "img_high": "http://images.example/1.jpg", "attr_t_type": "Original",
            "attr_n_quantity_per_pack": 6.0, "attr_b_wi_fi": False, "attr_t_size": "A4", "attr_n_size": 3.0,
        }
        for number in range(30)
    ]  # fmt: skip
    file = catalog.file(gzip.compress(ndjson(rows)), "icecat.jsonl.gz")
    status, output = await _run(catalog, "import", file, "--mapping", ICECAT)
    assert status == 0, output
    row = await catalog.product("006R90321")
    assert (row["p_external_ref"], row["p_price_amount"], row["p_currency"]) == ("0", 4995, "USD")
    assert json.loads(row["p_attributes"]) == {
        "model_number": "006R90321", "type": "Original", "quantity_per_pack": 6, "wi_fi": False, "size_text": "A4", "size": 3,
    }  # fmt: skip
    assert (await catalog.product("ICECAT-1"))["p_name"] == "Xerox model 1 toner cartridge Original Black"
    facets = await catalog.all("SELECT code FROM attribute WHERE is_facet ORDER BY code")
    assert facets == [{"code": "wi_fi"}]
    outbox = await catalog.count("outbox")
    status, _ = await _run(catalog, "import", file, "--mapping", ICECAT)
    assert (status, await catalog.count("outbox")) == (0, outbox)


async def test_memory_stays_flat_whatever_the_size(catalog: Catalog) -> None:
    row = '{"sku": "S%d", "name": "Product %d", "description": "' + "words " * 120 + '", "attributes": {"a": %d}}\n'
    file = catalog.folder / "large.ndjson"
    with file.open("w") as out:
        for number in range(60_000):
            out.write(row % (number, number, number))
    # Checking alone reads and holds the same batches, in a tenth of the time.
    command = [sys.executable, "-m", "mercato", "import", str(file), "--dry-run"]
    measured = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PEAK_MEMORY, *command, env={**os.environ, **_environment(catalog)}, cwd=catalog.folder,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await measured.communicate()
    assert measured.returncode == 0
    assert int(output.split()[-1]) < MAX_MEMORY_KIB
