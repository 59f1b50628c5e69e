"""The certificate that the server shows, checked before anything starts."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from pynomaly_server.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM: the certificate with its chain, and its private key."""

    cert: Path
    key: Path

    def trusting_context(self) -> ssl.SSLContext:
        """For asking one's own server how it is: trusts this certificate alone, whatever name it is for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cafile=self.cert)
        # What is trusted may be a certificate that an authority signed, instead of that authority.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context


def certificate_of(settings: Settings) -> Certificate | None:
    """The certificate that the settings name, None where the server is to speak plain HTTP.

    Raises:
        SettingsError: only one of the files is named, or they are no certificate and its key.
    """
    if settings.tls_cert is None and settings.tls_key is None:
        return None
    if settings.tls_cert is None or settings.tls_key is None:
        raise SettingsError(["PYNOMALY_TLS_CERT and PYNOMALY_TLS_KEY belong together. Set both, or neither."])
    certificate = Certificate(settings.tls_cert, settings.tls_key)
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # An encrypted key is refused and not asked about at the terminal.
        context.load_cert_chain(certificate.cert, certificate.key, password=str)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "reason", None) or getattr(fault, "strerror", None) or str(fault)
        named = f"PYNOMALY_TLS_CERT {str(settings.tls_cert)!r} and PYNOMALY_TLS_KEY {str(settings.tls_key)!r}"
        raise SettingsError(
            [f"{named} are no certificate and its private key in PEM, without a password: {reason}."]
        ) from None
    return certificate
