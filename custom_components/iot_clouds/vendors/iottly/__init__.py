"""iottly: projects of devices that send messages and take commands."""

from datetime import timedelta

from ...cloud import Vendor
from .options import OPTIONS
from .sign_in import FORM, connect, sign_in

VENDOR = Vendor(
    key="iottly",
    name="iottly",
    forms=(FORM,),
    # There is no push to wait for, so both are the same.
    poll_fast=timedelta(seconds=30),
    poll_slow=timedelta(seconds=30),
    sign_in=sign_in,
    connect=connect,
    choices=OPTIONS,
)
