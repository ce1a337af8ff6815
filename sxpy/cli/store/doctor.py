"""`sx store doctor`: whether the place is fit for a store."""

from __future__ import annotations

from pathlib import Path

from sxpy.cli.store.options import Answer, Tools, store_command


@store_command(
    "doctor", "Say whether the place of the store is fit for one: permissions, disk, locks, format."
)
def doctor(tools: Tools, root: Path, answer: Answer) -> int:
    findings = tools.doctor(root)
    for finding in findings:
        mark = "ok     " if finding["ok"] else "PROBLEM"
        answer.value(finding, f"{mark} {finding['name']}: {finding['says']}")
    return 0 if all(finding["ok"] for finding in findings) else 1
