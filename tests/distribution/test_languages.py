"""Every language says all that English says, and says it as Home Assistant does."""

import logging
import re

import pytest

from custom_components.iot_clouds.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .files import PACKAGE, load
from .languages import (
    ANY,
    EQUAL,
    EVERYWHERE,
    FORBIDDEN,
    OF_HOME_ASSISTANT,
    OURS,
    PAIRS,
    UNTRANSLATED,
)
from .translations import differences, flat, placeholders

TRANSLATIONS = {
    path.stem: load(path) for path in (PACKAGE / "translations").glob("*.json")
}
ENGLISH = TRANSLATIONS["en"]
TEXTS = {language: dict(flat(texts)) for language, texts in TRANSLATIONS.items()}
CATEGORIES = (
    "config",
    "config_subentries",
    "entity",
    "exceptions",
    "issues",
    "options",
    "selector",
    "services",
    "system_health",
)
in_each_language = pytest.mark.parametrize("language", sorted(EQUAL))


def found(language: str, patterns: dict[str, str]) -> list[str]:
    """What patterns find in a language, without what is in English everywhere."""
    names = sorted([*UNTRANSLATED, *EVERYWHERE], key=len, reverse=True)
    elsewhere = re.compile("|".join(map(re.escape, names)))
    return [
        f"{path} has {what}: {text}"
        for path, text in TEXTS[language].items()
        for pattern, what in patterns.items()
        if re.search(pattern, elsewhere.sub("…", text))
    ]


def none_of(found: list[str]) -> None:
    """Fail with all that was found, one a line."""
    assert not found, "\n".join(["", *found])


def says(text: str, name: str) -> bool:
    """Whether a name stands in a text, and not only as a part of a longer word."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def sentences(text: str) -> bool:
    return text.endswith((".", "?", "!", ":")) or ". " in text


def test_the_languages_are_those_that_are_promised():
    assert sorted(TRANSLATIONS) == ["de", "en", "es", "fr", "it", "nl", "pl", "pt-BR"]
    assert {*FORBIDDEN} == {*EQUAL} == {*TRANSLATIONS} - {"en"}


@in_each_language
def test_a_language_has_every_text_with_all_that_is_not_words(language):
    none_of(differences(ENGLISH, TRANSLATIONS[language]))


@in_each_language
def test_nothing_is_left_in_english(language):
    allowed = {*EVERYWHERE, *EQUAL[language]}
    left = [
        f"{path}: {text}"
        for path, text in TEXTS[language].items()
        if text == TEXTS["en"].get(path) and text not in allowed
    ]
    none_of(left)


@in_each_language
def test_every_text_that_may_equal_english_does(language):
    assert list(EQUAL[language]) == sorted({*EQUAL[language]} - {*EVERYWHERE})
    equal = {*TEXTS[language].items()} & {*TEXTS["en"].items()}
    assert {*EQUAL[language], *EVERYWHERE} <= {text for _, text in equal}


@in_each_language
def test_a_language_is_written_as_home_assistant_writes_it(language):
    none_of(found(language, {**ANY, **FORBIDDEN[language]}))


@in_each_language
def test_marks_come_in_pairs(language):
    odd = [
        f"{path}: {text}"
        for path, text in TEXTS[language].items()
        if text.count('"') % 2
        or any(text.count(a) != text.count(b) for a, b in ("()", *PAIRS[language]))
    ]
    none_of(odd)


@in_each_language
def test_what_is_in_english_elsewhere_stays_in_english(language):
    lost = [
        f"{path} without {name}"
        for path, text in TEXTS["en"].items()
        for name in (*UNTRANSLATED, *EVERYWHERE)
        if says(text, name) and name not in TEXTS[language].get(path, name)
    ]
    none_of(lost)


@in_each_language
def test_pages_of_home_assistant_are_named_as_it_names_them(language):
    lost = [
        f"{path} without {names[language]}"
        for path, text in TEXTS["en"].items()
        for name, names in OF_HOME_ASSISTANT.items()
        if name in text and names[language] not in TEXTS[language].get(path, "")
    ]
    none_of(lost)


def test_every_name_that_is_watched_over_is_said():
    said = "\n".join(TEXTS["en"].values())
    watched = (*EVERYWHERE, *UNTRANSLATED, *OF_HOME_ASSISTANT)
    assert [name for name in watched if not says(said, name)] == []


@pytest.mark.parametrize("language", sorted(TRANSLATIONS))
@pytest.mark.parametrize("path", OURS)
def test_a_text_is_spoken_of_as_it_stands(language, path):
    texts = TEXTS[language]
    text = texts.get(path, texts[OURS[path]])
    assert texts[OURS[path]].casefold() in text.casefold()


@pytest.mark.parametrize(
    ("language", "inside", "outside"),
    [
        ("de", "Innerhalb", "Außerhalb"),
        ("en", "Inside", "Outside"),
        ("es", "Dentro", "Fuera"),
        ("fr", "À l'intérieur", "À l'extérieur"),
        ("it", "Dentro", "Fuori"),
        ("nl", "Binnen", "Buiten"),
        ("pl", "wewnątrz", "na zewnątrz"),
        ("pt-BR", "Dentro", "Fora"),
    ],
)
def test_a_tracker_is_inside_or_outside_of_its_zones_and_not_at_home(
    language, inside, outside
):
    texts = TRANSLATIONS[language]["entity"]["binary_sensor"]
    zones = [texts[f"zone_{number}"]["state"] for number in (1, 2, 3, 4)]
    assert zones == [{"on": inside, "off": outside}] * 4


@in_each_language
def test_names_of_entities_begin_with_a_capital(language):
    names = {
        path: text
        for path, text in TEXTS[language].items()
        if re.fullmatch(r"entity\.\w+\.\w+\.name", path)
    }
    assert len(names) > 50
    assert [
        text for text in names.values() if not re.match(r"\{|[^\W_a-zà-ÿ]", text)
    ] == []


@pytest.mark.parametrize("language", sorted({*EQUAL} - {"de"}))
def test_names_have_no_capitals_inside_but_those_of_english_names(language):
    capitals = [
        f"{path}: {text}"
        for path, text in TEXTS[language].items()
        if "\n" not in text and not sentences(english := TEXTS["en"].get(path, "."))
        for word in re.findall(r"\w+", text)[1:]
        if word != word.lower() and word not in re.findall(r"\w+", english)
    ]
    none_of(capitals)


@in_each_language
async def test_home_assistant_shows_every_text(
    hass: HomeAssistant, language: str, caplog: pytest.LogCaptureFixture
):
    hass.config.language = language
    shown: dict[str, str] = {}
    for category in CATEGORIES:
        texts = await async_get_translations(hass, language, category, [DOMAIN])
        assert texts
        shown |= texts
    title = await async_get_translations(hass, language, "title", [DOMAIN])
    prefix = f"component.{DOMAIN}."
    assert {**shown, **title} == {
        f"{prefix}{path}": text for path, text in TEXTS[language].items()
    }
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("english", "other", "told"),
    [
        ({"a": "Yes."}, {}, ["a is missing"]),
        ({}, {"a": "Ja."}, ["a is unknown to English"]),
        ({"a": "A", "b": "B"}, {"b": "B", "a": "A"}, ["a is in another place"]),
        ({"a": "{x} is"}, {"a": "{y} ist"}, ["a has other placeholders"]),
        ({"a": "A\n\n- b"}, {"a": "A\n- b"}, ["a has other lines"]),
        ({"a": "A\n- b"}, {"a": "A\nb"}, ["a has other lines"]),
        ({"a": "[A](http://x)"}, {"a": "[A](http://y)"}, ["a has other links"]),
        ({"a": "`{x}` a"}, {"a": "{x} a"}, ["a has other code"]),
        ({"a": "**A**"}, {"a": "A"}, ["a has other bold text"]),
        ({"a": "Yes."}, {"a": "Ja"}, ["a has other ending"]),
        ({"a": "Really?"}, {"a": "Wirklich."}, ["a has other ending"]),
    ],
)
def test_a_text_that_differs_in_more_than_words_is_told(english, other, told):
    assert differences(english, other) == told


def test_placeholders_are_plain_names():
    for language, texts in TEXTS.items():
        for path, text in texts.items():
            assert all(map(str.isidentifier, placeholders(text))), (language, path)


def _broken(language: str, text: str) -> list[str]:
    patterns = {**ANY, **FORBIDDEN[language]}
    return [what for pattern, what in patterns.items() if re.search(pattern, text)]


@pytest.mark.parametrize(
    ("language", "good", "bad"),
    [
        ("de", "Wähle „Ein“.", 'Wähle "Ein".'),
        ("de", "Zu 80 % voll.", "Zu 80% voll."),
        ("de", "Öffne dein Konto.", "Öffnen Sie Ihr Konto."),
        ("de", "Das Gerät und die Cloud.", "Das Gerät and die Cloud."),
        ("es", 'Elige "Sí".', "Elige “Sí”."),
        ("es", "Elige tu cuenta.", "Elija usted."),
        ("fr", "Où est l'appareil\N{NO-BREAK SPACE}?", "Où est l'appareil ?"),
        ("fr", "Voici\N{NO-BREAK SPACE}: {x}", "Voici : {x}"),
        ("fr", "De {name}.", "D'{name}."),
        ("fr", "«\N{NO-BREAK SPACE}Oui\N{NO-BREAK SPACE}»", "« Oui »"),
        ("fr", "Choisissez votre compte.", "Choisis ton compte."),
        ("it", 'Scegli "Sì".', "Scegli «Sì»."),
        ("it", "Al 100% pieno.", "Al 100 % pieno."),
        ("nl", "Kies je account.", "Kies uw account."),
        ("pl", "Wybierz „Tak”.", 'Wybierz "Tak".'),
        ("pt-BR", "Escolha sua conta.", "Escolha a tua conta."),
    ],
)
def test_what_a_language_does_not_have_is_found(language, good, bad):
    assert _broken(language, good) == []
    assert _broken(language, bad)
