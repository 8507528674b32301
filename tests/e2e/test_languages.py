"""Home Assistant in another language than English, with boards connected to it."""

import pytest


@pytest.mark.parametrize(
    ("language", "connection", "temperature"),
    [
        ("de", "Verbindung", "Temperatur"),
        ("es", "Conexión", "Temperatura"),
        ("fr", "Connexion", "Température"),
        ("it", "Connessione", "Temperatura"),
        ("nl", "Verbinding", "Temperatuur"),
        ("pl", "Połączenie", "Temperatura"),
        ("pt-BR", "Conexão", "Temperatura"),
    ],
)
async def test_entities_have_names_in_the_language_of_home_assistant(
    house, until, language, connection, temperature
):
    house.hass.config.language = language
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "temperature") != "unknown")

    assert house.state("Workshop", connection) == "on"
    measured = house.hass.states.get(house.entity("Van", temperature))
    assert measured.name == f"Van {temperature}"
