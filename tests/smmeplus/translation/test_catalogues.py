"""The catalogues of Spanish and Italian hold what the product says, all of it and nothing else (UI-3)."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from smmeplus.management.commands.makemessages import Command
from tests.smmeplus.translation.catalogues import (
    ARGUMENTS,
    LANGUAGES,
    Message,
    UnreadableCall,
    aliases_in_use,
    catalogue,
    compiled_catalogue,
    messages_in_use,
    messages_of_module,
    messages_of_template,
    problems_of,
)

IMPORT = "from django.utils.translation import gettext as _, gettext_lazy as _l, ngettext, npgettext, pgettext\n"
HEADER = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
#: A small catalogue with nothing wrong in it, and the messages that it is for.
GOOD = """
msgid "Line %d"
msgstr "Línea %d"

msgid " copy"
msgstr " copia"

msgid "%(n)s row of %(all)s"
msgid_plural "%(n)s rows of %(all)s"
msgstr[0] "%(n)s fila de %(all)s"
msgstr[1] "de %(all)s %(n)s filas"
"""
USED = {Message("Line %d"), Message(" copy"), Message("%(n)s row of %(all)s", "%(n)s rows of %(all)s")}


@pytest.fixture(scope="module")
def used() -> set[Message]:
    return messages_in_use()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_translates_every_message_and_no_other(language: str, used: set[Message]) -> None:
    problems = problems_of(catalogue(language), used)
    assert not problems, "\n".join(problems)


def test_messages_are_found_in_modules_and_in_templates(used: set[Message]) -> None:
    assert len(used) > 400
    counted = Message("together with %(n)s other", "together with %(n)s others")
    assert {Message("Sign out"), Message("wake up count"), counted} < used


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_product_gets_the_form_that_fits_the_number(language: str, used: set[Message]) -> None:
    translations, entries = compiled_catalogue(language), polib.pofile(str(catalogue(language)))
    counted = [entry for entry in entries if entry.msgid_plural]
    assert len(counted) > 5
    for entry in counted:
        forms = [translations.ngettext(entry.msgid, entry.msgid_plural, number) for number in (0, 1, 2, 1_000_000)]
        one, more = entry.msgstr_plural[0], entry.msgstr_plural[1]
        assert forms == [more, one, more, more]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_changes_only_where_messages_change(language: str) -> None:
    text = catalogue(language).read_text()
    assert not re.search(r"^#:.*:\d", text, re.MULTILINE)
    assert "Date:" not in text


def test_makemessages_knows_every_name_that_modules_give_to_gettext() -> None:
    known_to_all = {"_", *(name + ending for name in ARGUMENTS for ending in ("", "_lazy", "_noop"))}
    own = {option.removeprefix("--keyword=") for option in Command.xgettext_options if option.startswith("--keyword=")}
    assert aliases_in_use() - known_to_all == own


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('_("one")', Message("one")),
        ('_l("one " "text")', Message("one text")),
        ("f\"{_('one')} more\"", Message("one")),
        ('ngettext("%d row", "%d rows", n)', Message("%d row", "%d rows")),
        ('pgettext("month", "May")', Message("May", context="month")),
        ('npgettext("of a file", "row", "rows", n)', Message("row", "rows", "of a file")),
    ],
)
def test_a_call_in_a_module_is_read(call: str, message: Message) -> None:
    assert list(messages_of_module(IMPORT + call)) == [message]


@pytest.mark.parametrize("call", ["_(name)", '_(f"{n} rows")', '_("a" + b)'])
def test_a_message_that_is_no_literal_is_refused(call: str) -> None:
    with pytest.raises(UnreadableCall, match="line 2"):
        list(messages_of_module(IMPORT + call))


def test_what_is_called_like_gettext_but_is_not_is_left_alone() -> None:
    assert not list(messages_of_module('_ = print\n_("one")'))


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ('{% translate "50 %" %}', Message("50 %%")),
        ('{% if a %}{% translate "May" context "month" as x %}{% endif %}', Message("May", context="month")),
        ("{% blocktranslate with n=a.b %}{{ n }} of 50 %{% endblocktranslate %}", Message("%(n)s of 50 %%")),
        (
            "{% blocktranslate trimmed count n=a %}\n {{ n }}\n row{% plural %}{{ n }} rows{% endblocktranslate %}",
            Message("%(n)s row", "%(n)s rows"),
        ),
    ],
)
def test_a_tag_in_a_template_is_read(tag: str, message: Message) -> None:
    assert list(messages_of_template("{% load i18n %}" + tag)) == [message]


@pytest.mark.parametrize("tag", ["{% translate name %}", '{{ flag|yesno:_("yes,no") }}'])
def test_a_tag_that_cannot_be_read_or_would_keep_its_language_is_refused(tag: str) -> None:
    with pytest.raises(UnreadableCall):
        list(messages_of_template("{% load i18n %}" + tag))


def written(folder: Path, text: str) -> Path:
    """A catalogue of ``text``, compiled."""
    path = folder / "django.po"
    path.write_text(HEADER + text)
    polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return path


def test_a_good_catalogue_has_no_problem(tmp_path: Path) -> None:
    assert problems_of(written(tmp_path, GOOD), USED) == []


@pytest.mark.parametrize(
    ("good", "broken", "problem"),
    [
        ('msgid " copy"\nmsgstr " copia"\n', "", "“ copy” is missing"),
        ('msgstr "Línea %d"', 'msgstr ""', "“Line %d” is not translated"),
        ('msgstr "Línea %d"', 'msgstr " "', "“Line %d” is not translated"),
        ('msgid "Line %d"', '#, fuzzy\nmsgid "Line %d"', "“Line %d” is marked as fuzzy"),
        ('msgstr "Línea %d"', 'msgstr "Línea"', "“Line %d” has other placeholders than “Línea”"),
        ('msgstr "Línea %d"', 'msgstr "Línea %s"', "“Line %d” has other placeholders than “Línea %s”"),
        ('msgstr "Línea %d"', 'msgstr "Línea %d {x}"', "“Line %d” has other placeholders than “Línea %d {x}”"),
        ('"%(n)s fila de', '"%(m)s fila de', "“%(n)s row of %(all)s” has other placeholders"),
        ("%(n)s filas", "%(n)d filas", "“%(n)s row of %(all)s” has other placeholders"),
        ('msgstr[1] "de %(all)s %(n)s filas"', 'msgstr[1] ""', "“%(n)s row of %(all)s” is not translated"),
        ('msgstr[1] "de %(all)s %(n)s filas"', "", "“%(n)s row of %(all)s” is not translated"),
        ("rows of", "lines of", "“%(n)s row of %(all)s” has another plural"),
        ('msgstr " copia"', 'msgstr "copia"', "“ copy” begins or ends with a space unlike “copia”"),
        ('msgid " copy"', 'msgctxt "of a file"\nmsgid " copy"', "“ copy” is missing"),
        ('msgid " copy"', 'msgid "More"\nmsgstr "Más"\n\nmsgid " copy"', "“More” is not used any more"),
        ('msgid " copy"', '#~ msgid "More"\n#~ msgstr "Más"\n\nmsgid " copy"', "“More” is not used any more"),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_found_and_named(tmp_path: Path, good: str, broken: str, problem: str) -> None:
    assert good in GOOD
    problems = problems_of(written(tmp_path, GOOD.replace(good, broken)), USED)
    assert problems[0].startswith(problem)
    assert "make messages" in problems[0]


def test_a_catalogue_that_was_not_compiled_again_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    path.write_text(path.read_text().replace("Línea", "Renglón"))
    assert problems_of(path, USED) == ["“Line %d” is another one in django.mo: run “make messages”"]


def test_a_catalogue_that_was_never_compiled_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    path.with_suffix(".mo").unlink()
    assert problems_of(path, USED) == ["django.mo is missing: run “make messages”"]
