"""JUnit's XML, which most CI servers show: a suite a template, a failed case a finding, warnings too.

It has no standard. This keeps to what Jenkins' schema allows: https://llg.cubic.org/docs/junit/
"""

import re
from collections.abc import Sequence
from typing import Final, TextIO
from xml.etree import ElementTree as ET

from samstream_cli.checked import Checked, Located
from samstream_cli.formats.wording import sentence

_ILLEGAL: Final = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold, not even escaped, or shouldn't: control characters, of which readers make something else."""


def write(checks: Sequence[Checked], stream: TextIO) -> None:
    """All suites in one document, ASCII alone."""
    suites = [_suite(check) for check in checks]
    counts = {key: str(sum(int(suite.attrib[key]) for suite in suites)) for key in ("tests", "failures", "errors")}
    root = ET.Element("testsuites", {"name": "samstream check", **counts})
    root.extend(suites)
    ET.indent(root)
    stream.write(ET.tostring(root, "us-ascii", xml_declaration=True).decode("ascii") + "\n")


def _suite(check: Checked) -> ET.Element:
    failures = len(check.findings)
    counts = {"tests": str(failures or 1), "failures": str(failures), "errors": "0"}
    suite = ET.Element("testsuite", {"name": _legal(check.name), **counts})
    for located in check.findings:
        _add_failure(suite, check.name, located)
    if not check.findings:
        ET.SubElement(suite, "testcase", {"name": "samstream check", "classname": _legal(check.name)})
    if check.notes:
        ET.SubElement(suite, "system-out").text = _legal("\n".join(check.notes))
    return suite


def _add_failure(suite: ET.Element, name: str, located: Located) -> None:
    finding, region = located.finding, located.region
    place = "/".join(map(str, located.place))
    case = {"name": _legal(f"{finding.rule} {place}".rstrip()), "classname": _legal(name)}
    message = _legal(sentence(finding))
    failure = ET.SubElement(
        ET.SubElement(suite, "testcase", case), "failure", {"type": finding.rule, "message": message}
    )
    where = f"{_legal(name)}:{region.line}:{region.column}" if region else _legal(name)
    failure.text = f"{where}: {finding.severity}[{finding.rule}] {message}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", "\n".join(text.splitlines()))
