"""XML that CI servers show: a suite a template, a failed case a finding."""

from xml.etree import ElementTree as ET

from cli.formats.samples import MIXED, saying, written
from samstream_cli.checked import Checked


def test_a_template_is_a_suite_and_a_finding_a_failed_case() -> None:
    place = "Resources/Chat/Metadata/Streaming"
    assert written("junit", *MIXED) == (
        "<?xml version='1.0' encoding='us-ascii'?>\n"
        '<testsuites name="samstream check" tests="4" failures="3" errors="0">\n'
        '  <testsuite name="src/template.yaml" tests="2" failures="2" errors="0">\n'
        f'    <testcase name="E201 {place}" classname="src/template.yaml">\n'
        '      <failure type="E201" message="Chat: There is no route GET /x. Mend it.">'
        "src/template.yaml:14:7: error[E201] Chat: There is no route GET /x. Mend it.</failure>\n"
        "    </testcase>\n"
        '    <testcase name="W303 Resources/Chat" classname="src/template.yaml">\n'
        '      <failure type="W303" message="Chat: its runtime can\'t stream. Add the adapter.">'
        "src/template.yaml:9:3: warning[W303] Chat: its runtime can't stream. Add the adapter.</failure>\n"
        "    </testcase>\n"
        "    <system-out>A macro was skipped.</system-out>\n"
        "  </testsuite>\n"
        '  <testsuite name="gone.yaml" tests="1" failures="1" errors="0">\n'
        '    <testcase name="E006" classname="gone.yaml">\n'
        '      <failure type="E006" message="There is no such file. Check the path.">'
        "gone.yaml: error[E006] There is no such file. Check the path.</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="fine.yaml" tests="1" failures="0" errors="0">\n'
        '    <testcase name="samstream check" classname="fine.yaml" />\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_what_xml_cannot_hold_is_replaced_and_the_rest_kept() -> None:
    text = written("junit", saying('<a href="x">&\x1b\0\ufffe\ud800 漢字\n😀', "a\x1b.yaml"))
    failure = ET.fromstring(text).find("testsuite/testcase/failure")  # noqa: S314  # our own
    assert failure is not None
    assert failure.get("message") == '<a href="x">&\ufffd\ufffd\ufffd\ufffd 漢字\n😀'
    assert str(failure.text).startswith("a\ufffd.yaml:1:2: ")


def test_the_document_is_ascii() -> None:
    assert written("junit", Checked("漢字.yaml", (), ("😀",))).isascii()
