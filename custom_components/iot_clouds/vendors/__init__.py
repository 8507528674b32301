"""The clouds that accounts can be connected to: the only list of vendors."""

from ..cloud import Vendor
from . import arduino, iottly, particle

VENDORS: dict[str, Vendor] = {
    vendor.key: vendor for vendor in (arduino.VENDOR, particle.VENDOR, iottly.VENDOR)
}
