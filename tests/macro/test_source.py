"""A template as it was written: what is listed where."""

import pytest

from macro.samples import app, read
from samstream.source import SAM, Listing, Source

MACRO, OTHER = "Mine", "AWS::LanguageExtensions"

# names, lists SAM, before SAM, after SAM
LISTINGS: list[tuple[tuple[str, ...], tuple[bool, bool, bool]]] = [
    ((), (False, False, False)),
    ((OTHER,), (False, False, False)),
    ((MACRO,), (False, False, True)),
    ((OTHER, MACRO), (False, False, True)),
    ((SAM,), (True, False, False)),
    ((MACRO, SAM), (True, True, False)),
    ((SAM, MACRO), (True, False, True)),
    ((OTHER, SAM, OTHER, MACRO), (True, False, True)),
    ((MACRO, OTHER, SAM), (True, True, False)),
    ((MACRO, SAM, MACRO), (True, True, True)),
    (("SamStream", SAM, "SamStream"), (True, False, False)),
]


@pytest.mark.parametrize(("names", "expected"), LISTINGS)
def test_a_listing_says_where_the_macro_sees_what(names: tuple[str, ...], expected: tuple[bool, bool, bool]) -> None:
    listing = Listing(names, MACRO)
    assert (listing.lists_sam, listing.before_sam, listing.after_sam) == expected


def test_what_streams_in_the_end_is_not_known_until_someone_says_so() -> None:
    assert Source(read(app()), Listing((), MACRO)).streaming is None
