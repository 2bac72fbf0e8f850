"""The page as a whole: well-formed, self-contained, safe, and there whatever became of the run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from flows.report import StepFacts, write_report
from flows.report.page import rendered
from tests.flows.report.page import Page
from tests.flows.report.samples import class_run, forecast_run, renamed, run, value_run
from tests.rnnlib.metrics.samples import series

RUNS = {"forecast": forecast_run, "classes": class_run, "values": value_run}


@pytest.fixture(scope="module", params=RUNS)
def page(request, tmp_path_factory) -> str:
    return rendered(RUNS[request.param](tmp_path_factory.mktemp(request.param)))


def test_every_tag_is_closed_every_id_is_given_once_and_every_link_stays_inside(page) -> None:
    read = Page(page)
    assert len(read.ids) == len(set(read.ids))
    targets = [attributes["href"] for tag, attributes in read.tags if "href" in attributes]
    targets += [f"#{name}" for name in re.findall(r"url\(#([^)]+)\)", page)]
    assert targets
    assert all(target[1:] in read.ids for target in targets if not target.startswith("data:image/png;base64,"))


def test_the_page_loads_nothing_and_runs_nothing(page) -> None:
    read = Page(page)
    assert not re.search(r"""(?:src|href|url\()\s*[=(]?\s*["']?\s*(?:https?:|//|file:)""", page)
    assert "@import" not in page
    assert not {"script", "link", "iframe", "object", "embed", "img", "form", "base"} & {tag for tag, _ in read.tags}
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    policies = [meta["content"] for meta in read.having("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert len(read.having("style")) == 1  # a picture's own would hold for the whole page


def test_pictures_are_told_in_words_and_tables_have_heads(page) -> None:
    read = Page(page)
    pictures = [attributes for _, attributes in read.tags if attributes.get("role") == "img"]
    assert pictures
    assert all(len(attributes["aria-label"]) > 15 for attributes in pictures)
    assert all(attributes.get("aria-hidden") == "true" for attributes in read.having("svg"))
    assert all(attributes.get("scope") in ("col", "row") for attributes in read.having("th"))
    assert read.having("html")[0]["lang"] == "en"
    headings = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


HOSTILE = """</style></pre><script>alert(1)</script><img src=x onerror=alert(2)>"'&$x_{2}$ `{{ 7*7 }}`"""


def test_what_comes_from_the_run_is_shown_and_never_obeyed(tmp_path) -> None:
    facts = forecast_run(tmp_path, renamed(series(targets=2), HOSTILE))
    facts = replace(
        facts,
        status="failed",
        **dict.fromkeys(("name", "error", "command", "spec_file", "spec_text", "spec_resolved"), HOSTILE),
        steps=tuple(replace(step, name=f"{step.name}{HOSTILE}") for step in facts.steps),
        environment={HOSTILE: HOSTILE},
        tracked={HOSTILE: HOSTILE},
    )
    page = rendered(facts)
    read = Page(page)
    assert not {"script", "img"} & {tag for tag, _ in read.tags}
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    assert read.text.count("{{ 7*7 }}") > 20


def test_hostile_classes_and_keys_are_shown_and_never_obeyed(tmp_path) -> None:
    names = [f"{HOSTILE}{number}" for number in range(3)]
    labels = [names[0], names[1], names[0], names[2], names[1], names[0], names[2], names[1], names[0], names[1]]
    read = Page(rendered(class_run(tmp_path, labels)))
    assert not {"script", "img"} & {tag for tag, _ in read.tags}
    assert read.text.count("alert(1)") > 10


def test_the_weights_that_were_kept_are_named_where_they_are_the_last(tmp_path) -> None:
    facts = forecast_run(tmp_path)
    (file,) = tmp_path.rglob("history.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "best_epoch": 5, "kept_epoch": 8}))
    read = Page(rendered(facts))
    assert "the weights of epoch 8 were kept." in read.text
    assert "the weights of epoch 5" not in read.text


@pytest.mark.parametrize("reached", range(6))
def test_a_run_that_ended_early_has_a_report_of_what_there_is(tmp_path, reached) -> None:
    facts = forecast_run(tmp_path)
    names = [step.name for step in facts.steps]
    later = [StepFacts(name, name, "failed" if place == 0 else "waiting") for place, name in enumerate(names[reached:])]
    status, error = ("failed", "line 7: it broke") if later else ("finished", None)
    ended = replace(facts, steps=(*facts.steps[:reached], *later), status=status, error=error)
    path = tmp_path / "report.html"
    write_report(path, ended)
    read = Page(path.read_text("utf-8"))
    assert status in read.text
    assert ("it broke" in read.text) == (ended.error is not None)
    assert ("The data" in read.text) == (reached >= 1)
    assert ("The model and its training" in read.text) == (reached >= 3)
    assert ("Forecasts against truth" in read.text) == (reached >= 4)
    assert ("Registered as" in read.text) == (reached == 5)
    assert read.text.count("not reached") == max(0, 5 - reached - 1)


def test_a_run_without_any_step_has_a_report(tmp_path) -> None:
    read = Page(rendered(run((), status="killed", error="interrupted (Ctrl-C); resume: rnn run sample.yaml")))
    assert "The run was interrupted." in read.text
    assert "rnn run pipelines/sample.yaml" in read.text


def test_the_same_run_gives_the_same_bytes(tmp_path) -> None:
    facts = forecast_run(tmp_path)
    assert rendered(facts) == rendered(facts)


def test_the_page_says_what_came_out_beside_the_baselines(tmp_path) -> None:
    facts = forecast_run(tmp_path)
    read = Page(rendered(facts))
    said = r"MASE on test: [\d.]+, \d+ % (lower|higher) than \w+( \w+)? \([\d.]+\), the best baseline"
    assert re.search(said, read.text)
    assert "Registered as sample version 3 : champion moved to it: mase 0.9 beats naive" in read.text
    assert "is better than" in read.text  # two series
    assert "8 epochs, all epochs carried out; the weights of epoch 8 were kept." in read.text
    for word in ("gru", "parameters", "kW", "MW", "seasonal naive", "drift", "python", "3.11.7"):
        assert word in read.text


def test_a_page_stays_small(page) -> None:
    assert len(page) < 400_000


STYLE = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")


def _light(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    ("ink", "card"), ("ink", "page"), ("ink", "good-back"), ("ink", "bad-back"), ("faint", "card"), ("faint", "page"),
    ("calm", "card"), ("calm", "calm-back"), ("good", "good-back"), ("good", "card"), ("bad", "bad-back"),
]  # fmt: skip
LINES = [(name, "card") for name in ("model", "baseline", "other", "third", "train", "test")]


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
def test_text_and_lines_stand_out_from_what_is_behind_them(page, theme) -> None:
    colours = dict(STYLE.findall(page.split(":root {")[1 + theme].split("}")[0]))
    for front, back in TEXT:
        assert _contrast(colours[front], colours[back]) >= 4.5, (front, back)  # WCAG 2.2, 1.4.3
    for front, back in LINES:
        assert _contrast(colours[front], colours[back]) >= 3, (front, back)  # WCAG 2.2, 1.4.11
