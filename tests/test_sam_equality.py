"""A tag makes of a route what SAM's own `ResponseTransferMode: RESPONSE_STREAM` makes of it, where SAM can."""

import pytest

from corpus import SAM, Case
from reading import routes, untagged, without_timeouts
from sam import Template, deploy_case, sam_alone
from test_corpus import skeleton

COMPARED = [case for case in SAM if case.native]
IGNORED = [case for case in SAM if case.notes.get("ignored")]


def native(case: Case) -> Template:
    """The template without its tags, and with SAM's property on the events that they select."""
    template = untagged(case.template())
    for name in case.native:
        function, event = name.split(".")
        properties = template["Resources"][function]["Properties"]["Events"][event]["Properties"]
        properties["ResponseTransferMode"] = "RESPONSE_STREAM"
    return template


@pytest.mark.parametrize("case", COMPARED, ids=str)
def test_a_tagged_template_equals_what_sam_makes_of_its_own_property(case: Case) -> None:
    adapters = case.notes.get("adapter", ())

    ours = without_timeouts(deploy_case(case).template, case.streams, adapters)
    theirs = without_timeouts(sam_alone(case, native(case)), case.streams, adapters)

    assert ours == theirs


@pytest.mark.parametrize("case", IGNORED, ids=str)
def test_what_sam_leaves_buffered_without_a_word_streams(case: Case) -> None:
    alone = sam_alone(case, case.template())

    assert routes(alone, "streaming") == set(), "SAM has learnt it: say so in the docs, and drop the case"
    assert routes(deploy_case(case).template, "streaming") == case.streams


@pytest.mark.parametrize("case", COMPARED, ids=str)
def test_sam_streams_its_own_property_where_it_is_compared(case: Case) -> None:
    assert routes(sam_alone(case, native(case)), "streaming") == case.streams


def test_at_least_forty_shapes_are_compared() -> None:
    assert len({skeleton(native(case)) for case in COMPARED}) >= 40
