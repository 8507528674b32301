"""Everything that reads what comes from outside, by name."""

from . import of_arduino, of_iottly, of_particle, of_users

DECODERS = {
    each.name: each
    for each in (
        *of_arduino.DECODERS,
        *of_particle.DECODERS,
        *of_iottly.DECODERS,
        *of_users.DECODERS,
    )
}
