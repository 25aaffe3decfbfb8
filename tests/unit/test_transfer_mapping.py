"""Mappings of other people's files."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.transfer.mapping import CompiledMapping, Mapping, compile_mapping, read_mapping
from mercato.transfer.mapping.schemas import Condition, Rule
from mercato.transfer.mapping.words import RuleSet
from mercato.transfer.problems import MappingError

ICECAT = Path(__file__).resolve().parents[2] / "docs" / "mappings" / "icecat.json"


def _mapping(fields: dict[str, Any], attributes: dict[str, Any] | None = None) -> CompiledMapping:
    document = {"fields": {"sku": {"from": "id"}, **fields}, "attributes": attributes or {}}
    return compile_mapping(msgspec.convert(document, Mapping))


def _value(rule: dict[str, Any], row: dict[str, object], field: str = "name") -> object:
    return _mapping({field: rule}).apply(row).values.get(field)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "not valid JSON"),
        ('{"feilds": {}}', "feilds"),
        ('{"fields": {"title": {"from": "a"}}}', "title"),
        ('{"fields": {"name": {"form": "a"}}}', "form"),
        ('{"fields": {"name": {"from": 1}}}', r"fields\[\.\.\.\]\.from"),
        ('{"fields": {}, "attributes": {"prefixes": {"a_": "colour"}}}', "prefixes"),
    ],
)
def test_a_mapping_with_unknown_keys_or_values_is_refused_in_words(tmp_path: Path, document: str, words: str) -> None:
    path = tmp_path / "map.json"
    path.write_text(document)
    with pytest.raises(MappingError, match=words):
        read_mapping(path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": {"from": "a"}}, "external_ref or sku"),
        ({"sku": {"from": "a"}, "name": {}}, "fields.name: needs exactly one of"),
        ({"sku": {"from": "a", "const": "b"}}, "fields.sku: needs exactly one of"),
        ({"sku": {"from": "a"}, "name": {"from": "a", "unit": "minor"}}, "fields.name: unit"),
        ({"sku": {"from": "a"}, "price": {"from": "p", "unit": "minor"}}, "minor units need a currency"),
        ({"sku": {"from": "a"}, "price": {"from": "p", "currency": "EUR"}}, "field currency"),
        ({"sku": {"from": "a", "fallback": {"from": "b"}}}, "needs external_ref"),
        ({"sku": {"from": "a"}, "name": {"from": "a", "fallback": {"from": "b"}}}, "only sku has a fallback"),
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused_in_words(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(MappingError, match=words):
        compile_mapping(msgspec.convert({"fields": fields}, Mapping))


def test_all_problems_are_named_at_once() -> None:
    fields = {"name": {}, "price": {"from": "p", "unit": "minor"}}
    attributes = {"define": {"size": {"unit": "cm"}, "shade": {"type": "enum"}}}
    with pytest.raises(MappingError) as caught:
        compile_mapping(msgspec.convert({"fields": fields, "attributes": attributes}, Mapping))
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize(
    ("rule", "row", "expected"),
    [
        ({"from": "title"}, {"title": "Lamp"}, "Lamp"),
        ({"from": "title"}, {"title": " two\n lines "}, "two lines"),
        ({"from": "title"}, {}, None),
        ({"from": "title"}, {"title": ""}, None),
        ({"from": "title", "default": "Unnamed"}, {"title": ""}, "Unnamed"),
        ({"const": "Lamp"}, {}, "Lamp"),
        ({"template": "{maker} {model}"}, {"maker": "Acme", "model": 5}, "Acme 5"),
        ({"template": "{maker} {model}"}, {"maker": "Acme"}, None),
        ({"from": "names", "first": True}, {"names": ["a", "b"]}, "a"),
        ({"from": "names", "first": True, "default": "x"}, {"names": []}, "x"),
        ({"from": "title", "max_length": 4}, {"title": "abc def"}, "abc"),
        ({"from": "title", "values": {"1": "one"}}, {"title": 1}, "one"),
        ({"from": "title", "values": {"1": "one"}}, {"title": "2"}, "2"),
    ],
)
def test_values_are_found_and_changed(rule: dict[str, Any], row: dict[str, object], expected: object) -> None:
    assert _value(rule, {"id": "1", **row}) == expected


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"from": "p", "unit": "minor", "currency": "USD"}, 4995, {"amount": 4995, "currency": "USD"}),
        ({"from": "p", "unit": "minor", "currency": "USD"}, "4995", {"amount": 4995, "currency": "USD"}),
        ({"from": "p"}, "49.95", "49.95"),
        ({"from": "p", "decimal_mark": ","}, "1.049,95", "1049.95"),
        ({"from": "p", "decimal_mark": ","}, "1 049,95", "1049.95"),
    ],
)
def test_prices_are_read_as_the_mapping_says(rule: dict[str, Any], value: object, expected: object) -> None:
    assert _value(rule, {"id": "1", "p": value}, "price") == expected


def test_text_is_split_into_tags() -> None:
    assert _value({"from": "t", "split": "/"}, {"id": "1", "t": "a / b//c"}, "tags") == ["a", "b", "c"]


def test_attributes_come_from_prefixes_and_definitions() -> None:
    mapping = _mapping(
        {},
        {
            "prefixes": {"t_": "text", "n_": "number"},
            "define": {
                "color": {"from": "t_colour", "name": "Colour", "is_facet": True},
                "width": {"from": "n_width", "unit": "cm"},
            },
            "ignore": ["t_secret"],
        },
    )
    row: dict[str, object] = {
        "id": "1", "t_colour": "Red", "n_width": 3.5, "t_3d__effect_": "yes", "t_secret": "x", "t_list": ["a"], "t_empty": "",
    }  # fmt: skip
    assert mapping.apply(row).values["attributes"] == {"color": "Red", "width": 3.5, "a_3d_effect": "yes"}
    definitions = mapping.definitions
    assert (definitions["color"].name, definitions["color"].type, definitions["color"].is_facet) == (
        "Colour", "text", True,
    )  # fmt: skip
    assert (definitions["width"].type, definitions["width"].unit) == ("number", "cm")
    assert definitions["a_3d_effect"].name == "3d effect"


def test_fields_that_would_get_the_same_code_stay_apart() -> None:
    mapping = _mapping({}, {"prefixes": {"t_": "text", "n_": "number"}})
    row: dict[str, object] = {"id": "1", "t_size": "large", "n_size": 3, "t_size_": "L"}
    first = mapping.apply(row).values["attributes"]
    assert isinstance(first, dict)
    assert first["size"] == "large"
    assert sorted(map(str, first.values())) == ["3", "L", "large"]
    assert mapping.apply(row).values["attributes"] == first


def test_columns_that_a_mapping_needs_are_named() -> None:
    mapping = _mapping(
        {
            "name": {"template": "{maker} {model}"},
            "category": {"rules": [{"then": "A", "when": [{"field": "kind", "words": ["a"]}]}]},
        },
        {"define": {"color": {"from": "colour"}}},
    )
    assert mapping.missing_columns(["model"]) == ["colour", "id", "kind", "maker"]
    assert mapping.missing_columns(["id", "maker", "model", "kind", "colour", "more"]) == []


def _rules(*rules: tuple[str, list[str], list[str]]) -> RuleSet:
    return RuleSet(
        [
            Rule(
                then=then,
                when=[Condition(field="title", words=words)],
                unless=[Condition(field="title", words=unless)] if unless else [],
            )
            for then, words, unless in rules
        ]
    )


def test_the_first_rule_that_holds_decides() -> None:
    rules = _rules(("Paper", ["photo paper"], []), ("Printers", ["printer"], ["paper"]), ("Photo", ["photo"], []))
    assert rules.decide({"title": "Photo paper for any printer"}) == "Paper"
    assert rules.decide({"title": "PHOTO-PAPER"}) == "Paper"
    assert rules.decide({"title": "Laser printer, photo"}) == "Printers"
    assert rules.decide({"title": "Printer paper"}) is None
    assert rules.decide({"title": "Photography"}) is None
    assert rules.decide({"title": 5}) is None
    assert rules.decide({}) is None


def test_values_can_be_compared_whole() -> None:
    rules = RuleSet([Rule(then="Laptops", when=[Condition(field="kind", equals=["Notebook"])])])
    assert rules.decide({"kind": " notebook"}) == "Laptops"
    assert rules.decide({"kind": "Notebook case"}) is None


_WORDS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3)


@given(
    rules=st.lists(st.tuples(st.lists(_WORDS, min_size=1, max_size=3), st.lists(_WORDS, max_size=2)), max_size=5),
    title=st.lists(st.sampled_from("abcd"), max_size=8),
)
def test_rules_decide_as_a_plain_search_would(
    rules: list[tuple[list[list[str]], list[list[str]]]], title: list[str]
) -> None:
    def contains(phrases: list[list[str]]) -> bool:
        text = f" {' '.join(title)} "
        return any(f" {' '.join(phrase)} " in text for phrase in phrases)

    expected = next(
        (str(number) for number, (when, unless) in enumerate(rules) if contains(when) and not contains(unless)), None
    )
    made = _rules(
        *(
            (str(number), [" ".join(one) for one in when], [" ".join(one) for one in unless])
            for number, (when, unless) in enumerate(rules)
        )
    )
    assert made.decide({"title": " ".join(title)}) == expected


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Xerox 006R90321 toner cartridge Original Black 6 pc(s)", "Printing > Toner cartridges"),
        ("C2G 50ft Cat5E 350MHz Snagless Patch Cable Blue networking cable 15 m", "Cables > Network cables"),
        ("Philips SHS4800/28 headphones/headset Ear-hook,In-ear Black,Yellow", "Audio > Headphones & headsets"),
        ("Seagate IronWolf 510 M.2 1920 GB PCI Express 3.0 3D TLC NVMe", "Storage > Solid state drives"),
        ("APC Smart-UPS 750VA Uninterruptible Power Supply", "Power > UPS"),
        ("Something nobody has a word for", "Other"),
    ],
)
def test_the_icecat_mapping_finds_categories(title: str, category: str) -> None:
    row: dict[str, object] = {
        "id": "3920564", "name": "006R90321", "title": title, "ean": ["0095205603217"], "supplier": "Xerox",
        "price": 4995, "date_released": "2009-12-10T00:00:00Z", "attr_t_product_colour": "Black",
        "attr_n_display_diagonal": 17.0, "attr_b_wi_fi": True,
    }  # fmt: skip
    mapped = compile_mapping(read_mapping(ICECAT)).apply(row)
    assert mapped.values["category"] == category
    assert mapped.values["price"] == {"amount": 4995, "currency": "USD"}
    assert mapped.values["gtin"] == "0095205603217"
    assert mapped.values["attributes"] == {
        "model_number": "006R90321", "color": "Black", "display_diagonal": 17.0, "wi_fi": True,
    }  # fmt: skip
    assert mapped.sku_fallback == "ICECAT-3920564"
