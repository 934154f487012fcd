"""Every kind of token is found in a text, wherever it stands."""

from __future__ import annotations

import pytest

from digest.publish.guards import _secret

TOKENS = [
    b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ",
    b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA",
    *(b"gh%c_" % kind + b"a1B2" * 9 for kind in b"pousr"),
    b"github_pat_" + b"a1B2" * 13,
    b"glpat-" + b"a1B2" * 5,
    b"AKIAABCDEFGHIJKLMNOP",
    b"ASIAABCDEFGHIJKLMNOP",
    b"AIza" + b"a1B2c" * 7,
    *(b"xox%c-" % kind + b"1234567890" * 2 for kind in b"abprs"),
    b"sk_live_" + b"a1B2" * 5,
    b"sk-ant-" + b"a1B2c" * 6,
    b"sk-proj-" + b"a1B2c" * 6,
    b"nfp_" + b"a1B2c" * 6,
    b"npm_" + b"a1B2" * 9,
    b"pypi-AgEIcHlwaS5vcmc" + b"a1B2c" * 6,
    b"dop_v1_" + b"0af9" * 16,
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_a_secret(token: bytes) -> None:
    assert _secret(b"<p>Kunci: " + token + b" </p>")
    assert not _secret(b"<p>Kunci: " + token[:12] + b" </p>")


def test_texts_and_examples_of_vendors_are_none() -> None:
    assert not _secret(b"<p>Banjir di Demak, dilansir Antara.</p>")
    assert not _secret(b"<p>AKIAIOSFODNN7EXAMPLE</p>")
