"""What each language may share with English, and how Home Assistant writes it."""

EVERYWHERE = (
    "Arduino Cloud",
    "Device OS",
    "IoT Clouds",
    "Particle",
    "Webhook",
    "iottly",
)
"""Texts that are the same in every language."""

EQUAL = {
    "de": (
        "Agent",
        "Argument",
        "Firmware",
        "Garage",
        "Gas",
        "Maximum",
        "Minimum",
        "Name",
        "Problem",
        "Radius",
        "Radon",
        "Sensor",
        "Start",
        "Text",
        "Update",
        "Variable",
        "Version",
        "Watchdog",
        "Zone 1",
        "Zone 2",
        "Zone 3",
        "Zone 4",
    ),
    "es": (
        "Firmware",
        "Gas",
        "Ping",
        "Sensor",
        "Variable",
        "Variables",
        "Watchdog",
        "pH",
    ),
    "fr": (
        "Active",
        "Agent",
        "Altitude",
        "Angle",
        "Argument",
        "Distance",
        "Garage",
        "Inactive",
        "Irradiance",
        "Maximum",
        "Minimum",
        "Options",
        "Ozone",
        "Ping",
        "Radon",
        "Satellites",
        "Source",
        "Type",
        "Variable",
        "Variables",
        "Version",
        "Vibration",
        "Zone 1",
        "Zone 2",
        "Zone 3",
        "Zone 4",
        "pH",
    ),
    "it": (
        "Account",
        "Firmware",
        "Gas",
        "Password",
        "Ping",
        "Radon",
        "Watchdog",
        "pH",
    ),
    "nl": (
        "Account",
        "Accounts",
        "Agent",
        "Argument",
        "Firmware",
        "Garage",
        "Gas",
        "Maximum",
        "Minimum",
        "Opening",
        "Ping",
        "Product",
        "Radon",
        "Sensor",
        "Type",
        "Update",
        "Watchdog",
        "Zone 1",
        "Zone 2",
        "Zone 3",
        "Zone 4",
        "pH",
    ),
    "pl": (
        "Agent",
        "Argument",
        "Limit",
        "Minimum",
        "Operator",
        "Ping",
        "Problem",
        "Radon",
        "Sensor",
        "pH",
    ),
    "pt-BR": ("Altitude", "Firmware", "Ping", "Sensor", "Watchdog", "pH"),
}
"""Texts that a language has in common with English beside those."""

UNTRANSLATED = (
    "/garage/door",
    "0: closed",
    "CLI",
    "Configure webhooks",
    "ECHO",
    "HTTP",
    "Home Assistant Cloud",
    "JSON Pointer",
    "Manage API keys",
    "OAuth",
    "OPEN",
    "Send only payload",
    "Space settings",
    "Webhook channel",
    "YAML",
    "closing",
    "cloud.arduino.cc",
    "cloud.iottly.com",
    "false",
    "https://",
    "jammed",
    "particle token create --never-expires",
    "receivedcmd",
    "unlocking",
    "wss://",
    "~0",
    "~1",
)
"""What people type, read or click elsewhere, where it is always in English."""

OF_HOME_ASSISTANT = {
    "Settings > System > Network": {
        "de": "Einstellungen → System → Netzwerk",
        "es": "Configuración > Sistema > Red",
        "fr": "Paramètres > Système > Réseau",
        "it": "Impostazioni > Sistema > Rete",
        "nl": "Instellingen > Systeem > Netwerk",
        "pl": "Ustawienia > System > Sieć",
        "pt-BR": "Configurações > Sistema > Rede",
    },
    "Settings > Tools > Statistics": {
        "de": "Einstellungen → Werkzeuge → Statistik",
        "es": "Configuración > Herramientas > Estadísticas",
        "fr": "Paramètres > Outils > Statistiques",
        "it": "Impostazioni > Strumenti > Statistiche",
        "nl": "Instellingen > Hulpmiddelen > Statistieken",
        "pl": "Ustawienia > Narzędzia > Statystyki",
        "pt-BR": "Configurações > Ferramentas > Estatísticas",
    },
    "Choose Ignore": {
        "de": "„Ignorieren“",
        "es": '"Ignorar"',
        "fr": "«\N{NO-BREAK SPACE}Ignorer\N{NO-BREAK SPACE}»",
        "it": '"Ignora"',
        "nl": "Negeer",
        "pl": "Ignoruj",
        "pt-BR": "Ignorar",
    },
    "Then choose Submit": {
        "de": "„OK“",
        "es": '"Enviar"',
        "fr": "«\N{NO-BREAK SPACE}Valider\N{NO-BREAK SPACE}»",
        "it": '"Invia"',
        "nl": "‘Verzend’",
        "pl": "„Zatwierdź”",
        "pt-BR": "“Enviar”",
    },
}
"""Names that Home Assistant's own pages have in each language."""

OURS = {
    "config.error.invalid_client": (
        "config.step.particle_password.sections.advanced.name"
    ),
    "config_subentries.mapping.error.map_or_inverted": (
        "config_subentries.mapping.step.entity.data.inverted"
    ),
    "issues.too_many_entities.description": "options.step.init.menu_options.devices",
    "options.step.webhook.description": "entity.sensor.last_delivery.name",
}
"""Texts that name another text of ours, which must be found under that name."""

ANY = {
    r"(?i)\b(the|and|with|this|that|you|your|which|from)\b": "English words",
    r"\.\.\.": "three dots",
    r" {2}": "two blanks",
    r"\t": "a tab",
    r"['’]\{|\}'": "an apostrophe beside a brace, which hides a placeholder",
    r"[^\S\n]\n|\n[^\S\n]": "a blank at the end or start of a line",
    r"\s[.,)\]}]": "a blank before a mark",
}
"""What no language has: a pattern and what it finds."""

NO_BLANK = {r"\s[:;?!%](?!\w)": "a blank before a mark"}
FORBIDDEN = {
    "de": {
        r'["‚‘”]|\B\'': "quotation marks that are not „…“",
        r"\b(Ihr|Ihre|Ihrem|Ihren|Ihrer|Ihnen)\b": "formal address",
        r" > ": "a path without arrows",
        r"\d%": "a percent sign without a blank",
        r"\s[:;?!](?!\w)": "a blank before a mark",
    },
    "es": {
        r"[„“”‘’]": "quotation marks that are not straight",
        r"\b([Uu]sted(es)?)\b": "formal address",
        r"\d%": "a percent sign without a blank",
        r"\s[:;?!](?!\w)": "a blank before a mark",
    },
    "fr": {
        r"[\"„“”‘’]": "quotation marks that are not «…»",
        r"(?i)\b(tu|ton|ta|tes|toi)\b": "informal address",
        r"(?<!\N{NO-BREAK SPACE})[;?!%»]": "a mark without its blank",
        r"[^\N{NO-BREAK SPACE}0]:(?!//)": "a colon without its blank",
        r"«(?!\N{NO-BREAK SPACE})": "a quotation mark without its blank",
        r"\d \d": "a number that may break",
    },
    "it": {
        r"[„“”‘’«»]": "quotation marks that are not straight",
        r"\b(Lei|Suo|Sua|Vostr[oaie])\b": "formal address",
        r"\d\s%": "a percent sign with a blank",
        **NO_BLANK,
    },
    "nl": {
        r"[\"„“”«»]": "quotation marks that are not ‘…’",
        r"\b([Uu]|[Uu]w)\b": "formal address",
        **NO_BLANK,
    },
    "pl": {
        r"[\"“‘’«»]": "quotation marks that are not „…”",
        r"\b(Pan|Pana|Pani|Państwo)\b": "formal address",
        **NO_BLANK,
    },
    "pt-BR": {
        r"[„‘’«»]": "quotation marks that are not straight",
        r"\b(o senhor|a senhora|tu|teu|tua)\b": "another address than você",
        r"\b(ficheiro|utilizador|ecrã|palavra-passe)\b": "words of Portugal",
        **NO_BLANK,
    },
}
"""What one language does not have, as Home Assistant writes it."""

PAIRS = {
    "de": ("„“",),
    "es": ("¿?", "¡!"),
    "fr": ("«»",),
    "it": (),
    "nl": (),
    "pl": ("„”",),
    "pt-BR": ("“”",),
}
"""Marks of a language of which there are as many that open as that close."""
