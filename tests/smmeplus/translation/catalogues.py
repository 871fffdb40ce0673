"""Every message that the product uses, and what may be wrong with a catalogue of them, without GNU gettext (UI-3)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, NamedTuple

import polib
from django.template import Context, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from tests import ROOT
from tests.test_project import project_files, python_files

REMEDY = "run “make messages” and translate it in {}"
LANGUAGES = ("es", "it")

#: What the arguments of Django's functions are; each also has a form ``_lazy`` or ``_noop``.
ARGUMENTS = {
    "gettext": ("singular",),
    "ngettext": ("singular", "plural"),
    "pgettext": ("context", "singular"),
    "npgettext": ("context", "singular", "plural"),
}
_NAMED = re.compile(r"%\(\w+\)[-#0 +\d.]*[a-zA-Z]|\{\w+\}")
_POSITIONAL = re.compile(r"%[-#0+\d.]*[a-zA-Z]|\{\}")


class Message(NamedTuple):
    """What is looked up in a catalogue."""

    singular: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.singular


class UnreadableCall(Exception):  # noqa: N818 - it is no fault of the reader
    """A message that is not written where it is used, so that nothing can find it."""


def catalogue(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def product_files(suffix: str) -> list[Path]:
    """The files of the product with this suffix; the tests are none."""
    return [path for path in project_files() if path.suffix == suffix and ROOT / "tests" not in path.parents]


def messages_in_use() -> set[Message]:
    """Those of the product's modules and templates."""
    used: set[Message] = set()
    for path in product_files(".py"):
        used.update(messages_of_module(path.read_text()))
    for path in product_files(".html"):
        used.update(messages_of_template(path.read_text()))
    return used


def aliases_in_use() -> set[str]:
    """The names that modules of the product give to Django's functions."""
    product = (path for path in python_files() if ROOT / "tests" not in path.parents)
    return {name for path in product for name in _functions(ast.parse(path.read_text()))}


def messages_of_module(source: str) -> Iterator[Message]:
    """The messages in calls of Django's functions. Raises UnreadableCall for one that is no literal."""
    tree = ast.parse(source)
    functions = _functions(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            yield Message(**dict(zip(ARGUMENTS[functions[node.func.id]], _literals(node), strict=False)))


def _functions(tree: ast.AST) -> dict[str, str]:
    """What of ARGUMENTS the names stand for that the module imports."""
    return {
        alias.asname or alias.name: kind
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if (kind := alias.name.removesuffix("_lazy").removesuffix("_noop")) in ARGUMENTS
    }


def _literals(call: ast.Call) -> Iterator[str]:
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value
        elif argument is call.args[0]:
            raise UnreadableCall(f"line {call.lineno}: {ast.unparse(call)}")


def messages_of_template(source: str) -> Iterator[Message]:
    """The messages that the template asks for when it is rendered.

    Raises UnreadableCall for one that is no literal, and for ``_("…")``: as the argument of a filter it would be
    translated once, when the template is loaded, into the language of whoever was first.
    """
    if re.search(r"\b_\([\"']", source):
        raise UnreadableCall("_(…) in a template")
    nodes = Template(source).nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        assert isinstance(node, TranslateNode)
        yield Message(_literal(node.filter_expression.var), context=_context_of(node))
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        assert isinstance(node, BlockTranslateNode)
        singular, plural = (node.render_token_list(tokens)[0] for tokens in (node.singular, node.plural))
        yield Message(singular, plural, _context_of(node))


def _literal(variable: Any) -> str:
    if variable.literal is None:
        raise UnreadableCall(f"{{% translate {variable.var} %}}")
    return str(variable.literal).replace("%", "%%")


def _context_of(node: Any) -> str:
    return str(node.message_context.resolve(Context())) if node.message_context else ""


def problems_of(path: Path, used: Iterable[Message]) -> list[str]:
    """What is wrong with the catalogue at ``path``, a .po file with its .mo beside it, for a product with ``used``."""
    entries = polib.pofile(str(path))
    by_key = {(entry.msgctxt or "", entry.msgid): entry for entry in entries if not entry.obsolete}
    wanted = {message.key: message for message in used}
    missing = [_said(path, key[1], "is missing") for key in sorted(wanted.keys() - by_key.keys())]
    unused = [_said(path, key[1], "is not used any more") for key in sorted(by_key.keys() - wanted.keys())]
    obsolete = [_said(path, entry.msgid, "is not used any more") for entry in entries.obsolete_entries()]
    wrong = [
        _said(path, entry.msgid, problem)
        for key, entry in by_key.items()
        if key in wanted
        for problem in _wrong_in(entry, wanted[key])
    ]
    return missing + unused + obsolete + wrong + _wrong_in_compiled(path, entries)


def _said(path: Path, message: str, problem: str) -> str:
    return f"“{message}” {problem}: {REMEDY.format('/'.join(path.parts[-4:]))}"


def _wrong_in(entry: polib.POEntry, message: Message) -> Iterator[str]:
    if entry.fuzzy:
        yield "is marked as fuzzy"
    if entry.msgid_plural != message.plural:
        yield "has another plural"
        return
    originals = [message.singular, message.plural] if message.plural else [message.singular]
    forms = [entry.msgstr_plural.get(number, "") for number in range(2)] if message.plural else [entry.msgstr]
    for original, form in zip(originals, forms, strict=True):
        yield from _wrong_in_form(original, form)


def _wrong_in_form(original: str, form: str) -> Iterator[str]:
    if not form.strip():
        yield "is not translated"
    elif placeholders(original) != placeholders(form):
        yield f"has other placeholders than “{form}”"
    elif (original[0].isspace(), original[-1].isspace()) != (form[0].isspace(), form[-1].isspace()):
        yield f"begins or ends with a space unlike “{form}”"


def placeholders(text: str) -> tuple[set[str], list[str]]:
    """Those with a name, in any order and number; those without, in theirs."""
    text = text.replace("%%", "")
    return set(_NAMED.findall(text)), _POSITIONAL.findall(_NAMED.sub("", text))


def _wrong_in_compiled(path: Path, entries: polib.POFile) -> list[str]:
    compiled = path.with_suffix(".mo")
    if not compiled.exists():
        return [f"{compiled.name} is missing: run “make messages”"]
    wanted, found = _translations(entries), _translations(polib.mofile(str(compiled)))
    stale = sorted(key[1] for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))
    return [f"“{message}” is another one in {compiled.name}: run “make messages”" for message in stale]


def _translations(entries: polib.POFile | polib.MOFile) -> dict[tuple[str, str], object]:
    """What is translated, as the compiled catalogue holds it."""
    return {
        (entry.msgctxt or "", entry.msgid): entry.msgstr_plural or entry.msgstr
        for entry in entries.translated_entries()
    }


def compiled_catalogue(language: str) -> GNUTranslations:
    with catalogue(language).with_suffix(".mo").open("rb") as file:
        return GNUTranslations(file)
