"""What shoppers ask: whole words, words half typed, misspelt ones, codes, filters, sorts, pages."""

from urllib.parse import urlencode

SEARCHES: tuple[dict[str, str | list[str]], ...] = (
    {"q": "headphones"},
    {"q": "wirless hedphones"},
    {"q": "running shoes"},
    {"q": "runing sho"},
    {"q": "coffee"},
    {"q": "coffe grinder"},
    {"q": "lamp"},
    {"q": "la"},
    {"q": "l"},
    {"q": "s"},
    {"q": "cotton shirt blue"},
    {"q": "shrt"},
    {"q": "desk"},
    {"q": "desk lamp black"},
    {"q": "bluetooth speaker", "sort": "price"},
    {"q": "speaker", "sort": "-rating"},
    {"q": "laptop", "in_stock": "true"},
    {"q": "lapto"},
    {"q": "jacket", "price_max": "10000"},
    {"q": "jacket", "price_min": "5000", "price_max": "20000", "sort": "price"},
    {"q": "water bottle"},
    {"q": "watter botle"},
    {"q": "tea", "rating_min": "4"},
    {"q": "organic tea green"},
    {"q": "yoga mat"},
    {"q": "tent"},
    {"q": "sleeping bag 2 person"},
    {"q": "kids puzzle"},
    {"q": "board game", "page": "2"},
    {"q": "toy", "page": "5"},
    {"q": "notebook a5"},
    {"q": "pen"},
    {"q": "garden hose"},
    {"q": "dog food"},
    {"q": "moisturizer"},
    {"q": "moisturiser dry skin"},
    {"q": "zzxqy nothing like this"},
    {"q": ""},
    {"q": "", "sort": "-created_at"},
    {"q": "", "in_stock": "true", "price_max": "3000"},
)

TYPED: tuple[str, ...] = (
    "w", "wi", "wir", "wire", "wirel", "wirless", "wireless h", "wireless he", "wirless hedph", "head",
    "s", "sh", "sho", "shoe", "shoes", "running s", "c", "co", "cof", "coffee", "coffee g", "l", "la", "lap", "laptop",
    "des", "desk la", "tea", "gr", "green t", "bag", "bac", "backpa", "toy", "puz", "pen", "not", "yog", "mat", "ten",
)  # fmt: skip


def path_of(search: dict[str, str | list[str]]) -> str:
    """The address of a search."""
    return "/api/v1/search?" + urlencode(search, doseq=True)
