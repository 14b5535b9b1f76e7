"""TLS of a script's server, and the trust of its client."""

from __future__ import annotations

import ssl
import tempfile
import textwrap

# A self-signed certificate for 127.0.0.1 and its key, made for scripts like this one.
CERTIFICATE = """MIIBjTCCATSgAwIBAgIBATAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhwb29sZ2F0ZTAgFw0xOTAxMDEwMDAwMDBaGA8yMTE5MDEwM
TAwMDAwMFowEzERMA8GA1UEAwwIcG9vbGdhdGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAScLOiKTzf0k/Mqkqh9+NSIe7FaVjT26aOKjhQWG4UtNw5
wdLFHNmYZ7IyYBsh1r4Q4GfWM2jyZTXEG6LUru7/no3cwdTASBgNVHRMBAf8ECDAGAQH/AgEAMA8GA1UdEQQIMAaHBH8AAAEwHQYDVR0OBBYEFOOaR27Wk
PMvUU1XdcwK1SR3Jt/SMB8GA1UdIwQYMBaAFOOaR27WkPMvUU1XdcwK1SR3Jt/SMA4GA1UdDwEB/wQEAwIChDAKBggqhkjOPQQDAgNHADBEAiBO9KKn+Iw
MMOcEM1nmyRiATje3qJY1q6/LVUypL6x6WgIgIIqNdIhzyZiOSSxDzZuLhsZg1nmzywXkYjJ9DuvfOZY="""
KEY = """MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgi+4dd9qXRe5tJpmJ5r/HvDgBZ6tPN0LPeQBTInYMsXWhRANCAAScLOiKTzf0k
/Mqkqh9+NSIe7FaVjT26aOKjhQWG4UtNw5wdLFHNmYZ7IyYBsh1r4Q4GfWM2jyZTXEG6LUru7/n"""
NOT_TRUSTED = """MIIBijCCATCgAwIBAgIBATAKBggqhkjOPQQDAjARMQ8wDQYDVQQDDAZub2JvZHkwIBcNMTkwMTAxMDAwMDAwWhgPMjExOTAxMDEwM
DAwMDBaMBExDzANBgNVBAMMBm5vYm9keTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMSn4CvqeT1iAyRWfsKM0GU0qgl5RGbibVkrdL1nibNCc+WklEG
lbiu4EDNtTF2hGFYuT4xobqrzOmrNuW2sT/2jdzB1MBIGA1UdEwEB/wQIMAYBAf8CAQAwDwYDVR0RBAgwBocEfwAAATAdBgNVHQ4EFgQUk6JH/MsqWvy0m
7HT0k2p3oHZ5/0wHwYDVR0jBBgwFoAUk6JH/MsqWvy0m7HT0k2p3oHZ5/0wDgYDVR0PAQH/BAQDAgKEMAoGCCqGSM49BAMCA0gAMEUCIB6ZVm+SHf3Pg/B
DeDyBBprPfE0mfhzQbBEEjvV3C2/oAiEAi6MwkqU5I0KzvaFutLOoyR3vNrfgO65MSeTRlkP9YYs="""
ITS_KEY = """MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgma0os8eLFLi1M526A9ZxETqbz5j1Idjs+/LPbYThQPmhRANCAATEp+Ar6
nk9YgMkVn7CjNBlNKoJeURm4m1ZK3S9Z4mzQnPlpJRBpW4ruBAzbUxdoRhWLk+MaG6q8zpqzbltrE/9"""


def pem(kind: str, text: str) -> str:
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (kind, "\n".join(textwrap.wrap(text, 64)), kind)


def secured(certificate: str, key: str, protocol: str = "http/1.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem("CERTIFICATE", certificate.replace("\n", "")) + pem("PRIVATE KEY", key.replace("\n", "")))
        file.flush()
        context.load_cert_chain(file.name)
    context.set_alpn_protocols([protocol])
    return context


def trusting(protocols: list[str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=pem("CERTIFICATE", CERTIFICATE.replace("\n", "")))
    context.set_alpn_protocols(protocols)
    return context
