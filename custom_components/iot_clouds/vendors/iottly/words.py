"""What the cloud says about an error, made fit to be shown."""

from itertools import islice
import re

from ...model import Json

_LONGEST = 200
_LONGEST_SAID = 64 * 1024
_MOST = 20
# Keys and license tokens have this form.
_SECRET = re.compile(r"[0-9a-fA-F]{32,}")


def words_of(body: Json) -> str | None:
    """The words in the body of an error, in any of its forms (reference 1.5).

    They stand under `error`, or are lists of messages by field. What looks like a
    secret is left out.
    """
    if not isinstance(body, dict):
        return None
    text = body.get("error")
    if not isinstance(text, str):
        text = "; ".join(
            f"{field[:_LONGEST]}: {', '.join(map(str, messages[:_MOST]))}"
            for field, messages in islice(body.items(), _MOST)
            if isinstance(messages, list)
        )
    text = _SECRET.sub("…", " ".join(text[:_LONGEST_SAID].split()))
    return text[:_LONGEST] or None
