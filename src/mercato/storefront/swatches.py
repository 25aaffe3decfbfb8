"""What colours look like: the names that catalogs use, as a colour to paint a swatch with."""

from collections.abc import Mapping

_COLORS: Mapping[str, str] = {
    "amber": "#e2a336",
    "anthracite": "#3a3d42",
    "aqua": "#66bcc4",
    "beige": "#dbc9aa",
    "black": "#26272b",
    "blue": "#2f6fb3",
    "bronze": "#8c6239",
    "brown": "#7c5238",
    "burgundy": "#6f2636",
    "champagne": "#d6c09b",
    "charcoal": "#45494f",
    "copper": "#b06a45",
    "coral": "#ea7866",
    "cream": "#f1e7d0",
    "cyan": "#35b5c9",
    "gold": "#c9a561",
    "graphite": "#4a4d52",
    "gray": "#83878d",
    "green": "#4d7a52",
    "grey": "#83878d",
    "indigo": "#3d4a8f",
    "ivory": "#ede5d5",
    "khaki": "#9a916b",
    "lavender": "#b2a3d4",
    "lime": "#9bc53d",
    "magenta": "#c13b84",
    "maroon": "#6a2530",
    "mint": "#a8d5c0",
    "mustard": "#d4a232",
    "navy": "#27365f",
    "olive": "#6c7048",
    "orange": "#df7330",
    "pink": "#e3a3ab",
    "plum": "#6c3c66",
    "purple": "#7a5a9e",
    "red": "#b8262f",
    "rose": "#d2a293",
    "sage": "#9bae92",
    "sand": "#d6c3a3",
    "silver": "#c3c7cb",
    "tan": "#c39b6d",
    "taupe": "#8d7f73",
    "teal": "#23797d",
    "terracotta": "#c46c4c",
    "titanium": "#8b8a86",
    "turquoise": "#2f9298",
    "violet": "#6f4fa0",
    "walnut": "#74503a",
    "white": "#f5f4f1",
    "yellow": "#e6b93a",
}


def swatch(name: str) -> str | None:
    """The colour of a name as "#rrggbb"; of "Midnight Blue" the last word counts. None for names of no colour."""
    words = name.casefold().replace("-", " ").replace("/", " ").split()
    return next((_COLORS[word] for word in reversed(words) if word in _COLORS), None)
