"""Sentences of recipes with the tag of every word: the grammar is written here, the seed is fixed."""

from __future__ import annotations

from pathlib import Path
from random import Random

SENTENCES = 600
_LISTS = {
    "ingredient": """flour|sugar|butter|milk|cream|oil|salt|pepper|water|yeast|honey|rice|pasta|lentils|
        chickpeas|spinach|leeks|onions|garlic|carrots|celery|potatoes|tomatoes|peppers|aubergines|courgettes|
        mushrooms|cabbage|peas|beans|lemons|oranges|apples|pears|plums|cherries|berries|raisins|almonds|walnuts|
        hazelnuts|sesame seeds|brown sugar|olive oil|sour cream|egg yolks|egg whites|eggs|baking powder|
        vanilla sugar|sea salt|black pepper|chili flakes|fresh parsley|orange peel|lemon juice|tomato paste|
        chicken stock|coconut milk|soy sauce|rye flour|oat flakes|dark chocolate|cocoa|cinnamon|nutmeg|cumin|
        coriander|thyme|rosemary|sage leaves|bay leaves|dill|mint|basil|ginger|mustard|vinegar|white wine|trout|
        salmon fillets|prawns|minced beef|lamb|bacon|tofu|feta|goat cheese|parmesan|dough|batter|stuffing|gravy""",
    "tool": """pan|pot|bowl|oven|tin|tray|sieve|whisk|spoon|wooden spoon|knife|grater|rolling pin|blender|mixer|
        cup|glass jar|frying pan|baking tray|cake tin|large bowl|small saucepan|casserole|kettle|skewers|plate|
        board|ladle|colander|mortar""",
    "time": """N minutes|N minutes|an hour|half an hour|two hours|a few seconds|N seconds|overnight|
        the whole night|a quarter of an hour|one day|N hours|a minute""",
    "heat": "N degrees|low heat|medium heat|high heat|gas mark N|a gentle heat|N degrees fan",
    "amount": """N grams of|N|two|three|a pinch of|a cup of|half a cup of|a spoon of|two spoons of|a quarter of|
        half of|a handful of|N millilitres of|a litre of|most of|a knob of|a glass of|several|a dozen|
        one and a half cups of|the rest of""",
}
_CLAUSES = """chop A I|peel A I finely|slice A I into thin rounds|add A I|stir in A I|fold A I into the I|
        melt the I in a T|butter the T|oil the T well|flour the T|salt the I|pepper the I generously|
        sugar the I|water the I down if it is too thick|heat A I in the T|heat the T over H|preheat the T to H|
        bake at H for D|bake for D|simmer over H for D|let it rest for D|leave the I to rise D|cook A I for D|
        roast A I in the T at H|whisk A I with A I|mix A I and A I in the T|quarter the I|halve A I|stone A I|
        grate A I over it|season with I and I|serve with A I|pour the I through a T|drain the I in a T|
        roll out the I with a T|spread A I on the T|cover the T with A I|rub the T with A I|
        put A I in the T and wait D|soak A I in A I for D|after D add A I|turn the I with a T after D|
        fry A I in A I until golden|boil A I for D|keep the T at H|bring A I to the boil|line the T with paper|
        set the T aside for D|crush A I in a T|beat A I until stiff|stuff the I with A I|brush it with A I|
        dust the T with A I|taste and add A I|return the T to H|toss the I in A I"""
_SLOTS = {"I": "ingredient", "T": "tool", "D": "time", "H": "heat", "A": "amount"}
_AROUND = ("", "", "", "then", "now", "meanwhile", "next", "gently", "carefully", "first", "in the end", "if you like")
_NUMBERS = (
    "2",
    "3",
    "4",
    "5",
    "6",
    "8",
    "10",
    "12",
    "15",
    "20",
    "25",
    "30",
    "40",
    "45",
    "50",
    "100",
    "120",
    "150",
    "180",
    "200",
)


def write(file: Path) -> None:
    """A token and its tag in each line, an empty line behind each sentence."""
    draw = Random(20261123)
    seen: dict[str, None] = {}
    while len(seen) < SENTENCES:
        seen.setdefault("\n".join(f"{word} {tag}" for word, tag in _sentence(draw)))
    file.write_text("\n\n".join(seen) + "\n")


def _sentence(draw: Random) -> list[tuple[str, str]]:
    """One clause or two."""
    tokens = _clause(draw)
    if draw.random() < 0.35:
        joint = [(",", "O")] if draw.random() < 0.4 else [("and", "O")]
        tokens = [*tokens, *joint, *_clause(draw)]
    return [*((_mistyped(draw, word), tag) for word, tag in tokens), (".", "O")]


def _mistyped(draw: Random, word: str) -> str:
    """The word, and once in twenty times with two of its letters the wrong way round."""
    if len(word) < 4 or draw.random() >= 0.05:
        return word
    at = int(draw.random() * (len(word) - 1))
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _clause(draw: Random) -> list[tuple[str, str]]:
    tokens = [(word, "O") for word in _one(draw, _AROUND).split()]
    for word in _one(draw, _parts(_CLAUSES)).split():
        slot = _SLOTS.get(word)
        if slot is None:
            tokens.append((word, "O"))
        elif slot != "amount" or draw.random() < 0.7:
            tokens += _entity(draw, slot)
        else:
            tokens.append(("the", "O"))
    return tokens


def _entity(draw: Random, slot: str) -> list[tuple[str, str]]:
    words = [_one(draw, _NUMBERS) if word == "N" else word for word in _one(draw, _parts(_LISTS[slot])).split()]
    return [(word, f"{'I' if place else 'B'}-{slot}") for place, word in enumerate(words)]


def _parts(written: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in written.split("|"))


def _one(draw: Random, among: tuple[str, ...]) -> str:
    """One of these; `Random.random` gives the same numbers in every version of Python."""
    return among[int(draw.random() * len(among))]
