"""The champion: the version that an alias stands at, scored again on the rows that its challenger was tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlib.bundle import Bundle
from rnnlib.data.dataset import DataSet, PartOf
from rnnlib.data.encoders import encoded
from rnnlib.errors import Refused
from rnnlib.metrics.scoring import score_model
from rnnlib.metrics.table import MetricName
from rnnlib.predictor import Predictor
from tasks.registry.gate import Bar
from tasks.registry.scored_model import ScoredModel
from tasks.registry.versions import Unanswered, asking, bundle_of, version_at

if TYPE_CHECKING:
    from mlflow import MlflowClient


def champion_bar(client: MlflowClient, name: str, version: str, challenger: ScoredModel, metric: MetricName) -> Bar:
    """The champion's score in one metric on the test rows of its challenger, computed as the challenger's was.

    Where it is broken, or answers another question, the bar says so. Raises `Unanswered` where it could not be fetched:
    that says nothing about it.
    """
    from mlflow.exceptions import MlflowException

    called = f"the champion (version {version})"
    try:
        with asking(called):
            bundle = bundle_of(client, version_at(client, name, version=version))
        if why := _other_question(bundle, challenger.bundle):
            return Bar(called, None, why)
        found = score_model(
            Predictor(bundle),
            _encoded_for(bundle, challenger),
            PartOf.test,
            [metric],
            season=challenger.scores["season"],
            units=challenger.scores["units"],
            cases=challenger.test.get("cases"),
        )
    except Unanswered:
        raise
    except (Refused, MlflowException, RuntimeError) as error:
        return Bar(called, None, error.message if isinstance(error, Refused) else f"{type(error).__name__}: {error}")
    return Bar(called, found[metric])


def _encoded_for(champion: Bundle, challenger: ScoredModel) -> DataSet:
    """The challenger's rows as the champion reads them.

    Its own encoders make them, since its tokens stand for other words, and a language model reads the same texts in the
    stretches that it was trained on.
    """
    given = DataSet.open(challenger.data)
    window = champion.about.window if champion.model.kind == "language_model" else given.about.window
    if given.about.encoders == champion.about.encoders or challenger.before is None:
        return given.with_about(window=window)
    made = encoded(DataSet.open(challenger.before), champion.about.encoders)
    return made.with_about(transforms=given.about.transforms, window=window)


def _other_question(champion: Bundle, challenger: Bundle) -> str | None:
    """Why two models' scores would not mean the same."""
    if champion.model.kind != challenger.model.kind:
        return f"it is a {champion.model.kind}, and the new version a {challenger.model.kind}"
    if odd := set(champion.classes or ()) ^ set(challenger.classes or ()):
        return f"the label sets differ, only one of the two knows {', '.join(sorted(odd))}"
    horizons = [(bundle.about.window or {}).get("horizon") for bundle in (champion, challenger)]
    if horizons[0] != horizons[1]:
        return f"it forecasts {horizons[0]} steps, and the new version {horizons[1]}"
    return None
