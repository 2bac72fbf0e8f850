"""YAML 1.2 in; plain values out, a mark (line, column) for every path, and every problem at once.

Safe by construction: no tags, no anchors, no aliases, no merge keys; bounded in size, depth and number of nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, StreamMark
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from rnnlib.errors import Location
from rnnlib.yaml_syntax import misspelt

MOST_BYTES = 256 * 1024
MOST_DEPTH = 32
MOST_EVENTS = 20_000


class Mark(NamedTuple):
    """A place in a file, both counted from 1."""

    line: int
    column: int


class Problem(NamedTuple):
    """One thing that is wrong, and where."""

    mark: Mark
    path: Location
    message: str


@dataclass(frozen=True)
class Document:
    """A YAML file as plain values; `keys` and `values` tell where each path's key and value stand."""

    value: Any
    keys: Mapping[Location, Mark] = field(default_factory=dict)
    values: Mapping[Location, Mark] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def mark(self, path: Location, *, key: bool = False) -> Mark:
        """Where `path` stands; where it is not in the file, its nearest ancestor's key."""
        if path in self.values:
            return self.keys[path] if key else self.values[path]
        for length in range(len(path) - 1, 0, -1):
            if path[:length] in self.keys:
                return (self.values if self._plain(path[:length]) else self.keys)[path[:length]]
        return Mark(1, 1)

    def _plain(self, path: Location) -> bool:
        """Whether a plain value stands at `path`: a text where a list of one may be written, say."""
        node = self.value
        for part in path:
            node = node[part]
        return not isinstance(node, dict | list)


def read(text: str) -> Document:
    """The document in `text`.

    Plain scalars are read by YAML 1.2's core schema: `1e-3` is a number, `no`, `on` and `12:30` are texts, `010` is 10.
    Dates stay as they are written. Problems are returned, never raised.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        limit = f"a spec has at most {MOST_BYTES // 1024} KB, this has {len(text) // 1024} KB"
        return _failed(Mark(1, 1), f"{limit}: keep data in files of its own")
    yaml = YAML(typ="safe", pure=True)
    try:
        if problems := _forbidden(yaml, text):
            return Document(None, problems=tuple(problems))
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        wrong = misspelt(error, _opened(text), text)
        return _failed(Mark(1, 1) if wrong.mark is None else _mark(wrong.mark), wrong.message)
    except ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return _failed(mark, f"the character U+{error.character:04X} is not allowed in YAML: {error.reason}")
    if root is None:
        return Document({})
    reader = _Reader(yaml)
    value = reader.read(root, ())
    return Document(value, reader.keys, reader.values, tuple(reader.problems))


def _failed(mark: Mark, message: str) -> Document:
    return Document(None, problems=(Problem(mark, (), message),))


def _mark(mark: StreamMark) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _opened(text: str) -> list[StreamMark]:
    """The brackets and braces that are open where the text stops being YAML."""
    opened: list[StreamMark | None] = []
    with suppress(MarkedYAMLError):  # its caller has it
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, CollectionStartEvent):
                opened.append(event.start_mark if event.flow_style else None)
            elif isinstance(event, CollectionEndEvent):
                opened.pop()
    return [mark for mark in opened if mark is not None]


def _forbidden(yaml: YAML, text: str) -> list[Problem]:
    """What is refused before a single value is built: anchors, aliases, tags, too deep, too many."""
    problems: list[Problem] = []
    depth = 0
    for events, event in enumerate(yaml.parse(text)):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        mark = _mark(event.start_mark)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            message = f"anchors and aliases are not allowed (received `{getattr(event, 'anchor', '')}`): write it out"
            problems.append(Problem(mark, (), message))
        if getattr(event, "tag", None):
            message = f"tags are not allowed (received `{event.tag}`): write the plain value"
            problems.append(Problem(mark, (), message))
        if depth > MOST_DEPTH:
            return [Problem(mark, (), f"nested deeper than {MOST_DEPTH} levels: flatten it")]
        if events >= MOST_EVENTS:
            return [Problem(mark, (), f"more than {MOST_EVENTS} nodes: keep data in files of its own")]
    return problems


class _Reader:
    def __init__(self, yaml: YAML) -> None:
        self._construct = yaml.constructor.construct_object
        self.keys: dict[Location, Mark] = {}
        self.values: dict[Location, Mark] = {}
        self.problems: list[Problem] = []

    def read(self, node: Node, path: Location) -> Any:
        """The plain value of `node`, which stands at `path`."""
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode), "YAML has mappings, sequences and scalars"
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Location) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = _mark(key_node.start_mark)
            key = self._key(key_node, path)
            if key is None:
                continue
            if key in out:
                first = self.keys[(*path, key)].line
                self.problems.append(
                    Problem(mark, (*path, key), f"duplicate key, first on line {first}: keep one of the two")
                )
                continue
            self.keys[(*path, key)] = mark
            self.values[(*path, key)] = _mark(value_node.start_mark)
            out[key] = self.read(value_node, (*path, key))
        return out

    def _key(self, node: Node, path: Location) -> str | None:
        if isinstance(node, ScalarNode) and node.value != "<<":
            value = self._scalar(node, path)
            if isinstance(value, str):
                return value
        else:
            value = node.value if isinstance(node, ScalarNode) else "a collection"
        rule = "merge keys are not allowed: write it out"
        if value != "<<":
            remedy = "put it in quotes" if isinstance(node, ScalarNode) else "write a word"
            rule = f"a key must be a word, not {value!r}: {remedy}"
        self.problems.append(Problem(_mark(node.start_mark), path, rule))
        return None

    def _item(self, node: Node, path: Location) -> Any:
        self.keys[path] = self.values[path] = _mark(node.start_mark)
        return self.read(node, path)

    def _scalar(self, node: ScalarNode, path: Location) -> Any:
        try:
            value = self._construct(node, deep=True)
        except (ConstructorError, ValueError) as error:
            self.problems.append(Problem(_mark(node.start_mark), path, f"cannot be read: {error}"))
            return None
        # A date is text until a field asks for one: `2020-01-01` must arrive as it was written.
        return node.value if isinstance(value, date | datetime | bytes) else value
