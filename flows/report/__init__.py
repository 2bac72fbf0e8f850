"""One self-contained HTML page per run: what was asked, what came out, and how to get it again."""

from flows.report.facts import RunFacts, StepFacts
from flows.report.page import write_report
from flows.report.plots import plots

__all__ = ["RunFacts", "StepFacts", "plots", "write_report"]
