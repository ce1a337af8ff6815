"""Results as JUnit XML, which continuous-integration servers read: a suite a file, a case a test."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from sxpy.testing.report import details
from sxpy.testing.results import Result

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(path: Path, results: Mapping[str, Sequence[Result]]) -> None:
    """Write the results, by file. Raises OSError."""
    root = ElementTree.Element("testsuites", name="sx test")
    for file, tests in results.items():
        failed = sum(not each.passed for each in tests)
        seconds = sum(each.seconds for each in tests)
        counts = {"tests": str(len(tests)), "failures": str(failed), "time": f"{seconds:.3f}"}
        suite = ElementTree.SubElement(root, "testsuite", {"name": _text(file), **counts})
        for test in tests:
            _add_case(suite, file, test)
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ElementTree.Element, file: str, test: Result) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {
            "classname": _text(" > ".join(test.suites) or file),
            "name": _text(test.name),
            "time": f"{test.seconds:.3f}",
        },
    )
    if test.place is not None:
        case.set("file", _text(test.place.file))
        case.set("line", str(test.place.line))
    if not test.passed:
        failure = ElementTree.SubElement(case, "failure", message=_text(test.message))
        failure.text = _text(details(test))


def _text(text: str) -> str:
    """`text` with the characters that XML cannot hold as \\x escapes."""
    return _NO_XML.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
