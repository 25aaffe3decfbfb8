"""The category tree beside results: where the reader stands, the way up, and the categories below, with counts."""

from collections.abc import Callable, Mapping, Sequence

from mercato.search.schemas import Facet
from mercato.search.taxonomy import Taxonomy, TaxonomyCategory
from mercato.storefront.navigation import category_url
from mercato.storefront.pages.listing import TreeNode
from mercato.storefront.state import ListingState


def search_tree(taxonomy: Taxonomy, state: ListingState, facets: Sequence[Facet]) -> list[TreeNode]:
    """The tree of a search or brand page: choosing a category adds it to the filters."""
    current = taxonomy.category_by_slug(state.category[0]) if state.category else None
    everything = TreeNode(
        label="All categories",
        url=state.with_values("category", ()).url,
        level=0,
        count=None,
        is_current=current is None,
        is_ancestor=current is not None,
    )

    def url(category: TaxonomyCategory) -> str:
        return state.with_values("category", (category.slug,)).url

    nodes = _nodes(taxonomy, current, _counts(taxonomy, facets), url, by_count=True)
    return [everything, *nodes] if nodes else []


def category_tree(
    taxonomy: Taxonomy, category: TaxonomyCategory, state: ListingState, facets: Sequence[Facet]
) -> list[TreeNode]:
    """The tree of a category page: every node is a page of its own that keeps the other filters."""

    def url(other: TaxonomyCategory) -> str:
        return state.but(path=category_url(taxonomy, other)).url

    return _nodes(taxonomy, category, _counts(taxonomy, facets), url)


def _nodes(
    taxonomy: Taxonomy,
    current: TaxonomyCategory | None,
    counts: Mapping[str, int],
    url: Callable[[TaxonomyCategory], str],
    *,
    by_count: bool = False,
) -> list[TreeNode]:
    # Compared by id: the snapshot may have been replaced since `current` was looked up.
    current_id = current.id if current else None
    trail = taxonomy.trail(current) if current else []
    nodes = [
        TreeNode(
            label=step.name,
            url=url(step),
            level=level,
            count=counts.get(step.slug),
            is_current=step.id == current_id,
            is_ancestor=step.id != current_id,
        )
        for level, step in enumerate(trail, start=1)
    ]
    below = _with_products(taxonomy.children(current_id), counts)
    if current is not None and not below:
        # At a leaf, the useful choice is among its neighbours.
        beside = _with_products(taxonomy.children(current.parent_id), counts)
        nodes.pop()
        below = beside if any(other.id == current_id for other in beside) else [current, *beside]
    level = len(nodes) + 1
    while below:
        if by_count:
            below = sorted(below, key=lambda category: -counts.get(category.slug, 0))
        nodes += [
            TreeNode(
                label=child.name,
                url=url(child),
                level=level,
                count=counts.get(child.slug),
                is_current=child.id == current_id,
            )
            for child in below
        ]
        # An only child is no choice: what is below it may be one.
        below = _with_products(taxonomy.children(below[0].id), counts) if len(below) == 1 else []
        level += 1
    return nodes


def _with_products(categories: Sequence[TaxonomyCategory], counts: Mapping[str, int]) -> list[TaxonomyCategory]:
    return [category for category in categories if counts.get(category.slug)]


def _counts(taxonomy: Taxonomy, facets: Sequence[Facet]) -> dict[str, int]:
    """Products among the results by category slug; facet values are ids or slugs."""
    options = next((facet.options for facet in facets if facet.id == "category"), [])
    counts = {}
    for option in options:
        category = taxonomy.category_by_slug(option.value)
        counts[category.slug if category else option.value] = option.count
    return counts
