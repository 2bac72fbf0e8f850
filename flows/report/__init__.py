"""One self-contained HTML page per run: what was asked, what came out, and how to get it again."""

from flows.report.facts import RunFacts, StepFacts
from flows.report.page import write_report

__all__ = ["RunFacts", "StepFacts", "write_report"]
