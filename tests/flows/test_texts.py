"""From raw texts to predictions: what was encoded for training is encoded for what a model is later given."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.chain import compiled
from flows.check import check
from flows.execute import Context, execute, perform
from rnnlib.bundle import open_bundle
from rnnlib.errors import DataError
from rnnlib.predictor import Predictor
from tasks.store import Store

TEXTS = """
version: 1
name: texts
seed: 1
steps:
  load: {source: {kind: csv, path: texts.csv}, roles: {sample: id, text: said, label: mood}}
  split: {by: random, validation: 4, test: 4}
  encode: {text: {kind: KIND}}
  train:
    model: {kind: classifier, layers: [{kind: embedding, width: 4}, {kind: gru, units: 4}]}
    optimizer: {kind: adam, learning_rate: 1e-2}
    epochs: 1
    batch: 4
  evaluate: {metrics: [accuracy]}
"""
WORDS = """
version: 1
name: words
seed: 1
steps:
  load: {source: {kind: csv, path: words.csv}, roles: {sample: id, features: word, categorical: word, tags: tag}}
  split: {by: random, validation: 4, test: 4}
  encode: {spelling: {longest: 5}, categorical: {}}
  train:
    model:
      kind: tagger
      layers: [{kind: spelling, column: word}, {kind: embedding, column: word, width: 4}, {kind: gru, units: 4}]
      head: {kind: crf}
    optimizer: {kind: adam, learning_rate: 1e-2}
    epochs: 1
    batch: 4
  evaluate: {metrics: [entity_f1]}
"""


def trained(folder: Path, spec: str) -> Predictor:
    (folder / "pyproject.toml").write_text("")
    (folder / "spec.yaml").write_text(spec)
    checked = check(folder / "spec.yaml", ())
    chain, complaints = compiled(checked.spec)
    assert not complaints
    context = Context(checked.place, Store(folder / "home"), checked.spec.seed)
    done = execute(chain, lambda step, inputs: perform(step, inputs, context).stored)
    return Predictor(open_bundle(done["train"].path / "bundle"))


@pytest.mark.parametrize("kind", ["characters", "words", "byte_pair"])
def test_raw_texts_are_classified(tmp_path: Path, kind: str) -> None:
    rows: dict[str, Any] = {"id": range(16), "said": [f"so {'good' if one % 2 else 'bad'} {one}" for one in range(16)]}
    pl.DataFrame({**rows, "mood": ["up" if one % 2 else "down" for one in range(16)]}).write_csv(tmp_path / "texts.csv")
    model = trained(tmp_path, TEXTS.replace("KIND", kind))
    new = pl.DataFrame({"said": ["so good", "ж? never seen", "so bad 3"], "id": [7, 8, 9]})
    made = model.predict(new)
    assert made.columns == ["id", "mood", "p_down", "p_up"]
    assert made["id"].to_list() == [7, 8, 9]
    alone = pl.concat([model.predict(new[at : at + 1]) for at in range(3)])
    assert (made["p_up"] - alone["p_up"]).abs().max() < 1e-6  # type: ignore[operator]


def test_texts_without_a_name_have_the_numbers_of_their_rows(tmp_path: Path) -> None:
    rows = pl.DataFrame({"said": ["so good", "so bad"] * 8, "mood": ["up", "down"] * 8})
    rows.write_csv(tmp_path / "texts.csv")
    model = trained(tmp_path, TEXTS.replace("KIND", "characters").replace("sample: id, ", ""))
    made = model.predict(pl.DataFrame({"said": ["so bad", "good", "so"]}))
    assert made.columns == ["row", "mood", "p_down", "p_up"]
    assert made["row"].to_list() == [1, 2, 3]
    with pytest.raises(DataError, match=r"row 2: every row needs a text .*leave these rows out\): .*and 1 more rows"):
        model.predict(pl.DataFrame({"said": ["so bad", "", None]}))


def test_raw_words_are_tagged_and_an_unknown_one_is_told_by_its_letters(tmp_path: Path) -> None:
    said = [f"w{one}" for one in range(24)]
    columns: dict[str, Any] = {"id": [one // 2 for one in range(24)], "word": said, "tag": ["O", "B-x"] * 12}
    pl.DataFrame(columns).write_csv(tmp_path / "words.csv")
    model = trained(tmp_path, WORDS)
    made = model.predict(pl.DataFrame({"id": [1, 1, 2], "word": ["w3", "unheard", "of"]}))
    assert made.columns == ["id", "step", "tag", "p_B-x", "p_O"]
    assert made["step"].to_list() == [1, 2, 1]
    one, other = (model.predict(pl.DataFrame({"id": [1], "word": [word]}))["p_O"][0] for word in ("www", "zzz"))
    assert one != other
