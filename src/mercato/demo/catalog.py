"""The demo catalog: attributes, categories, brands, and as many products as wanted.

Everything here is made from the seed alone: the same in every process and on every machine, and the first products
of a long catalog are those of a short one.
"""

from collections.abc import Iterator
from functools import cache
from random import Random

from mercato.demo.attributes import ATTRIBUTES
from mercato.demo.brands import BRANDS
from mercato.demo.maker import EPOCH, Maker
from mercato.demo.model import DemoAttribute, DemoBrand, DemoCategory, DemoProduct
from mercato.demo.pictures.palette import FAMILIES
from mercato.demo.recipe import LeafTable, leaf_table
from mercato.demo.source import departments

DEFAULT_COUNT = 1200

# Value of the "color" attribute -> a swatch, "#rrggbb".
SWATCHES = FAMILIES


@cache
def categories() -> tuple[DemoCategory, ...]:
    """The category tree, every parent before its children."""
    nodes: list[DemoCategory] = []
    for root, department in enumerate(departments(), start=1):
        path = (department.name,)
        nodes.append(DemoCategory(path=path, description=department.description, position=root, is_leaf=False))
        nodes += (
            DemoCategory(path=(*path, group), description=description, position=position, is_leaf=False)
            for position, (group, description) in enumerate(department.groups.items(), start=1)
        )
        nodes += (
            DemoCategory(
                path=(*path, leaf.group, leaf.name) if leaf.group else (*path, leaf.name),
                description=leaf.description,
                position=position,
                is_leaf=True,
                attributes=(*(("color",) if leaf.is_colored else ()), *leaf.attributes),
            )
            for position, leaf in enumerate(department.leaf, start=1)
        )
    return tuple(nodes)


def products(count: int = DEFAULT_COUNT, *, seed: int = 1) -> Iterator[DemoProduct]:
    """Streams `count` products in constant memory; the same `seed` always gives the same ones."""
    # Not for secrets: a small, fast generator whose sequence is the same everywhere.
    random = Random(seed)
    maker = Maker(random)
    tables = _leaf_tables()
    made = [0] * len(tables)
    turns = [index for index, table in enumerate(tables) for _ in range(table.share)]
    number = 0
    while number < count:
        random.shuffle(turns)
        for index in turns[: count - number]:
            number += 1
            yield maker.product(number, tables[index], made[index])
            made[index] += 1


@cache
def _leaf_tables() -> tuple[LeafTable, ...]:
    return tuple(leaf_table(department, leaf) for department in departments() for leaf in department.leaf)


__all__ = [
    "ATTRIBUTES",
    "BRANDS",
    "DEFAULT_COUNT",
    "EPOCH",
    "SWATCHES",
    "DemoAttribute",
    "DemoBrand",
    "DemoCategory",
    "DemoProduct",
    "categories",
    "products",
]
