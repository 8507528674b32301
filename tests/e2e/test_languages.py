"""Home Assistant in another language than English, with boards connected to it."""

import pytest


@pytest.mark.parametrize(
    ("language", "connection", "location"),
    [
        ("de", "Verbindung", "Standort"),
        ("es", "Conexión", "Ubicación"),
        ("fr", "Connexion", "Emplacement"),
        ("it", "Connessione", "Posizione"),
        ("nl", "Verbinding", "Locatie"),
        ("pl", "Połączenie", "Lokalizacja"),
        ("pt-BR", "Conexão", "Localização"),
    ],
)
async def test_entities_have_names_in_the_language_of_home_assistant(
    house, until, language, connection, location
):
    house.hass.config.language = language
    await house.connect("particle")
    await until(lambda: house.state("Workshop", "temperature") != "unknown")

    assert house.state("Workshop", connection) == "on"
    tracker = house.hass.states.get(house.entity("Van", location))
    assert tracker.name == f"Van {location}"
