"""`samstream add` over every template there is, in several layouts, and over layouts that hypothesis makes up."""

import difflib
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from corpus import GOOD, TEMPLATES, Case
from reading import routes, untagged
from sam import ACCOUNT, deploy
from samstream.edits import ABSENT, value_at
from samstream.template import Stack
from samstream.types import JsonObject
from samstream_cli.add_changes import EditError
from samstream_cli.add_plan import Edited, Order, add_tags, remove_tags
from samstream_cli.add_tags import own_tag
from samstream_cli.errors import SamstreamError
from samstream_cli.parameters import assume_parameters
from samstream_cli.positions import Source
from samstream_cli.source_routes import SourceRoute, source_routes
from samstream_cli.templates import parse, template
from samstream_cli.writing import to_yaml
from strategies import Mixed, damaged, open_api_templates, sam_templates

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "example" / "template.yaml"
KINDS = ("sam", "plain", "cdk", "bad")
FILES = sorted(path for kind in KINDS for path in (TEMPLATES / kind).iterdir() if path.name != "expect.yaml")
OF_RULES = sorted(path for path in (TEMPLATES / "rules").rglob("*.*") if path.suffix in (".yaml", ".json"))
SAM = "AWS::Serverless-2016-10-31"
ENTRIES = {"Transform:", "Transform: SamStream", "- SamStream", f"- {SAM}"}
TAGS: list[set[str]] = [{"Streaming: true"}, {"Metadata:", "Streaming: true"}, {"x-samstream-streaming: true"}]
"""What lines of the Transform section and of a tag may say."""


def stack(content: JsonObject, **parameters: str) -> Stack:
    return Stack("eu-west-1", ACCOUNT, assume_parameters(content, parameters).values)


def edit(text: str, order: Order, *, remove: bool = False, name: str = "template.yaml") -> Edited:
    content = template(text.encode(), name)
    edited = (remove_tags if remove else add_tags)(Source(name, text), content, stack(content), order)
    assert same(parse(edited.text.encode(), name), edited.content)
    return edited


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@cache
def untagged_text(path: Path) -> str:
    """A template without its tags and entries, as `--remove` leaves it."""
    return edit(path.read_text(), Order(), remove=True, name=path.name).text


def routes_of(text: str) -> Iterator[SourceRoute]:
    """Those that can be named."""
    content = template(text.encode(), "template.yaml")
    return (
        route for route in source_routes(content, stack(content)) if " /" in str(route) and "/..." not in str(route)
    )


def layouts(text: str) -> dict[str, str]:
    """A text in several layouts, with Transform as a list and as the one text it may be."""
    content = template(text.encode(), "template.yaml")
    found = {"as it is": text}
    section = content.get("Transform")
    alone = section[0] if isinstance(section, list) and len(section) == 1 else section
    for kind, transform in {"list": section, "alone": alone}.items():
        value = {**content, "Transform": transform} if transform is not None else content
        lines = to_yaml(value)
        found |= {
            f"lines, {kind}": lines,
            f"lines of Windows, {kind}": lines.replace("\n", "\r\n").rstrip(),
            f"JSON, {kind}": json.dumps(value, indent=2) + "\n",
            f"JSON on one line, {kind}": json.dumps(value, separators=(",", ":")),
        }
    return found


@pytest.mark.parametrize("path", [*FILES, *OF_RULES], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_add_puts_in_remove_takes_out_to_the_byte(path: Path) -> None:
    bare = untagged_text(path)
    for layout, text in (layouts(bare) if path in FILES else {"as it is": bare}).items():
        for route in routes_of(text):
            for in_metadata in (False, True):
                order = Order((str(route),), in_metadata=in_metadata)
                added = edit(text, order)
                assert added.splices
                assert added.notes == ()
                assert edit(added.text, order, remove=True).text == text, (layout, order)
                assert edit(added.text, order).splices == ()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_all_routes_of_a_template_go_in_and_out_at_once(path: Path) -> None:
    for layout, text in layouts(untagged_text(path)).items():
        order = Order(tuple(map(str, routes_of(text))))
        if order.words:
            added = edit(text, order).text
            assert edit(added, order, remove=True).text == text, layout
            assert edit(added, Order(), remove=True).text == text, layout


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_template_with_tags_takes_another_one_and_gives_it_back(path: Path) -> None:
    text = path.read_text()
    content = template(text.encode(), path.name)
    for route in routes_of(text):
        if value_at(content, own_tag(route)) is not ABSENT:
            continue
        for in_metadata in (False, True):
            order = Order((str(route),), in_metadata=in_metadata)
            try:
                added = edit(text, order, name=path.name)
            except EditError:
                assert in_metadata  # the function's Metadata says something else
                continue
            if added.splices and not added.notes:
                assert edit(added.text, order, remove=True, name=path.name).text == text


@pytest.mark.parametrize("path", [*FILES, EXAMPLE], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_diff_has_no_line_but_those_of_the_tag_and_the_entries(path: Path) -> None:
    content = template(untagged_text(path).encode(), path.name)
    for transform in {json.dumps(name) for name in (content.get("Transform"), SAM) if name}:
        section = json.loads(transform)
        text = to_yaml({**content, "Transform": section})
        for route in routes_of(text):
            lines = list(difflib.ndiff(text.splitlines(), edit(text, Order((str(route),))).text.splitlines()))
            gone = [line[2:] for line in lines if line[0] == "-"]
            new = {line[2:].partition("  #")[0].strip() for line in lines if line[0] == "+"}
            assert gone == ([f"Transform: {section}"] if isinstance(section, str) else [])
            assert new - ENTRIES in TAGS


@pytest.mark.parametrize("case", [case for case in GOOD if case.kind != "cdk" and case.streams], ids=str)
def test_what_add_tags_streams(case: Case) -> None:
    path = TEMPLATES / case.kind / f"{case.name}.yaml"
    text = untagged_text(path)
    named = [route for route in sorted(case.streams) if route in set(map(str, routes_of(text)))]
    for in_metadata in (False, case.name != "merge_keeps_the_body"):  # there the event isn't its function's route
        added = edit(text, Order(tuple(named), in_metadata=in_metadata))
        made = deploy(added.content, case.parameters, case.region).template
        assert set(named) <= routes(made, "streaming")


def test_the_example_without_its_tags_gets_them_back() -> None:
    text = EXAMPLE.read_text()
    bare = edit(text, Order(), remove=True).text
    added = edit(bare, Order(("App.Chat", "App.Download", "App.Progress")))
    assert "Transform: AWS::Serverless-2016-10-31\n" in bare
    assert added.text.replace("  #", " #") == text.replace("  #", " #")
    assert added.notes == ()


@st.composite
def layouts_of(draw: st.DrawFn, mixed: st.SearchStrategy[Mixed]) -> str:
    """A template that nobody has seen before, as nobody would write it."""
    value = untagged(draw(mixed).template)
    names = [name for name in value.pop("Transform", []) if name == SAM]
    transform = draw(st.sampled_from([names, names[:1] and SAM, ["Other", *names], [*names, "Other"]]))
    value = {**value, "Transform": transform} if draw(st.booleans()) else {"Transform": transform, **value}
    value = value if transform else {key: item for key, item in value.items() if key != "Transform"}
    if draw(st.booleans()):
        text = json.dumps(value, indent=draw(st.sampled_from([None, 1, 2, 4, "\t"])))
    else:
        # The same object twice is an anchor and an alias, once it is written.
        value["Metadata"] = {"Shared": [value["Resources"]] if draw(st.integers(0, 9)) == 0 else {}}
        style = draw(st.sampled_from([False, False, None, True]))
        width, indent = draw(st.sampled_from([20, 80, 1000])), draw(st.integers(2, 6))
        text = yaml.safe_dump(value, sort_keys=False, default_flow_style=style, width=width, indent=indent)
        text = commented(text, draw(st.randoms(use_true_random=False))) if style is False else text
    text = text.replace("\n", "\r\n") if draw(st.booleans()) else text
    return text.rstrip() if draw(st.booleans()) else text


def commented(text: str, chance: random.Random) -> str:
    """Comments and empty lines between the lines, and at their ends."""
    lines = []
    for line in text.splitlines():
        between = [["# a comment"], [" " * chance.randint(0, 12) + "# another"], [""], [], [], []]
        lines += [*chance.choice(between), line + chance.choice(["", "", " # here"])]
    return "\n".join(lines) + "\n"


@given(layouts_of(st.one_of(sam_templates(), open_api_templates())), st.data())
def test_any_layout_comes_back_to_the_byte_or_is_left_alone(text: str, data: st.DataObject) -> None:
    try:
        found = sorted(set(map(str, routes_of(text))))
    except SamstreamError:  # wrapped or commented into something else
        assume(False)
    words = data.draw(st.lists(st.sampled_from(found), unique=True, min_size=1, max_size=3)) if found else []
    assume(words)
    order = Order(tuple(words), in_metadata=data.draw(st.booleans()))
    try:
        added = edit(text, order)
    except EditError:
        event("left alone")
        assert "&id" in text
        return
    event(f"edited {'with' if added.notes else 'without'} a note")
    assert added.notes == ()
    assert edit(added.text, order).splices == ()
    assert edit(added.text, order, remove=True).text == text


@cache
def contents() -> list[JsonObject]:
    return [template(path.read_bytes(), path.name) for path in FILES]


@given(damaged(contents), st.booleans())
@settings(max_examples=4 * settings().max_examples)
def test_any_damaged_template_is_edited_or_left_alone(value: JsonObject, is_json: bool) -> None:
    text = json.dumps(value) if is_json else to_yaml(value)
    try:
        content = template(text.encode(), "template.yaml")
        known = stack(content)
    except (SamstreamError, UnicodeEncodeError):
        return
    words = tuple(str(route) for route in source_routes(content, known))[:2]
    functions = tuple(name for name in content["Resources"] if name in ("Chat", "Fn", "Function"))
    orders = [Order(words), Order(words, in_metadata=True), Order((), functions), Order(from_native=True), Order()]
    for order in orders:
        for run in (add_tags, remove_tags):
            with suppress(SamstreamError):
                run(Source("template.yaml", text), content, known, order)
