"""Somebody who follows the catalog: a copy of it, kept by what the list of changes says."""

import httpx

from tests.support.builders import Json

LIST = "/api/v1/products"


class Follower:
    """A mirror of the products that a caller sees. `items` maps ids to summaries; `told` counts the items of all pages;
    `cursor` is where it goes on.
    """

    def __init__(self, client: httpx.AsyncClient, **parameters: object) -> None:
        self._client, self._parameters = client, {name: str(value) for name, value in parameters.items()}
        self.cursor: str | None = None
        self.items: dict[str, Json] = {}
        self.gone: set[str] = set()
        self.told = 0

    async def read_page(self) -> bool:
        """Take over one page; gives whether the pass goes on with another."""
        at = {} if self.cursor is None else {"cursor": self.cursor}
        response = await self._client.get(LIST, params={**self._parameters, **at})
        assert response.status_code == 200, response.text
        page = response.json()
        self.told += len(page["items"])
        for item in page["items"]:
            if item.get("deleted"):
                assert item.keys() == {"id", "deleted"}
                self.items.pop(item["id"], None)
                self.gone.add(item["id"])
            else:
                self.items[item["id"]] = item
                self.gone.discard(item["id"])
        self.cursor = page["resume_cursor"]
        assert page["next_cursor"] in {None, self.cursor}
        return page["next_cursor"] is not None

    async def catch_up(self) -> list[Json]:
        """Take over all pages to the end; gives all items that are known now, by name."""
        while await self.read_page():
            pass
        return self.known()

    def known(self) -> list[Json]:
        """All items that are known now, by name."""
        return sorted(self.items.values(), key=lambda item: str(item["name"]))

    def names(self) -> list[str]:
        """What they are called."""
        return [item["name"] for item in self.known()]
