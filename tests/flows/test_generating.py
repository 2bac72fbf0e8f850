"""`rnn generate`: what it prints, as it comes, for people and for programs."""

import io
import json
import sys

import pytest
import torch

from flows.cli.main import main
from rnnlib.bundle import open_bundle, save_bundle
from rnnlib.generate import generate
from rnnlib.sampling import Sampling
from rnnlib.training import classes_of, shape_of
from tests.rnnlib.training.texts import model, stream


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data, section = stream(), model()
    classes = classes_of(section, data)
    shape = shape_of(data, classes)
    torch.manual_seed(5)
    at = tmp_path_factory.mktemp("written") / "bundle"
    save_bundle(
        at, model=section, shape=shape, module=section.build(shape), about=data.about, classes=classes, facts={}
    )
    return at


@pytest.fixture
def command(monkeypatch, capsys):
    def rnn(*arguments):
        monkeypatch.setattr(sys, "argv", ["rnn", "generate", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return rnn


def test_the_text_is_the_seed_text_and_what_its_python_twin_gives(folder, command):
    expected = generate(open_bundle(folder), "the ", length=30, sampling=Sampling(temperature=0.5, top_k=4), seed=7)
    asked = ("--seed-text", "the ", "--length", 30, "--temperature", 0.5, "--top-k", 4, "--seed", 7)
    code, out, err = command(folder, *asked)
    assert (code, out, err) == (0, f"the {expected}\n", "")
    assert command(folder, *asked, "--no-stream")[1] == out
    told = json.loads(command(folder, *asked, "--json")[1])
    assert told == {"seed_text": "the ", "text": expected, "ended": False, "unknown": [], "seed": 7}


def test_it_is_printed_as_it_comes(folder, command, monkeypatch):
    flushes = []

    class Pipe(io.StringIO):
        def flush(self):
            flushes.append(self.getvalue())

    monkeypatch.setattr(sys, "stdout", Pipe())
    command(folder, "--seed-text", "the ", "--length", 5)
    assert len({text for text in flushes if text}) >= 5


def test_what_is_unknown_is_said_beside_the_text(folder, command):
    code, out, err = command(folder, "--seed-text", "Xhe ", "--length", 3)
    assert code == 0
    assert out.startswith("Xhe ")
    assert err == "1 of the seed text's tokens are unknown to the model: 'X'\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--top-p", 0), "a share above 0: received 0"),
        ((), "give a seed text"),
        (("--temperature", -1), "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_done_is_refused(folder, command, arguments, message):
    code, out, err = command(folder, *arguments)
    assert (code, out) == (2, "")
    assert message in err
