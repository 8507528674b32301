"""Certificates for listeners on loopback, made anew for each start: good ones and wrong ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES: Sequence[x509.GeneralName] = (
    x509.DNSName("localhost"),
    # A client of Arduino Cloud puts this before the name of its host.
    x509.DNSName("wss.localhost"),
    x509.IPAddress(ip_address("127.0.0.1")),
)
VALID = timedelta(days=30)
YESTERDAY = timedelta(days=-1)

_VOUCHES = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A server's TLS context, and the certificate (PEM) that clients may trust."""

    context: ssl.SSLContext = field(repr=False)
    certificate: str


class Authority:
    """Vouches for servers; whoever trusts `certificate` (PEM) trusts them."""

    def __init__(self) -> None:
        """Make a key and a certificate of its own."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _called("an authority for tests")
        self.certificate = _pem(
            _draft(self._name, self._key, YESTERDAY, VALID)
            .issuer_name(self._name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_VOUCHES, critical=True)
            .add_extension(_id_of(self._key), critical=False)
            .sign(self._key, hashes.SHA256())
        ).decode()

    def identity(
        self,
        *,
        names: Sequence[x509.GeneralName] = NAMES,
        start: timedelta = YESTERDAY,
        end: timedelta = VALID,
    ) -> Identity:
        """Vouch for a server with these names, from `start` to `end` counted from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        public = _pem(
            _draft(_called("a server"), key, start, end)
            .issuer_name(self._name)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
                    _id_of(self._key)
                ),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        return Identity(
            context=_context(public + _private(key)), certificate=public.decode()
        )


def self_signed() -> Identity:
    """Make a key and a certificate for loopback: its address and its names.

    Nothing of it stays on the disk: the key lives as long as the context.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = _called("localhost")
    public = _pem(
        _draft(name, key, YESTERDAY, VALID)
        .issuer_name(name)
        .add_extension(x509.SubjectAlternativeName(NAMES), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(
        context=_context(public + _private(key)), certificate=public.decode()
    )


def _id_of(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _draft(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, start: timedelta, end: timedelta
) -> x509.CertificateBuilder:
    """What every certificate says."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start)
        .not_valid_after(now + end)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _context(chain: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The standard library reads certificates from files only.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chain.pem"
        path.write_bytes(chain)
        context.load_cert_chain(path)
    return context
