import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aiinfra.project.sensitive import holds_credentials, looks_secret, scrub, without_credentials

word = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
secret = st.text(string.ascii_letters + string.digits + "!$&'()*+,;=-._~%:@", min_size=12, max_size=30)


@given(
    scheme=st.sampled_from(["https", "http", "s3", "ssh", "gs", "azure", "HTTPS"]),
    user=word,
    secret=secret,
    host=word,
    path=word,
)
def test_no_password_survives(scheme, user, secret, host, path):
    assume(secret not in user + host + path)
    url = f"{scheme}://{user}:{secret}@{host}.org/{path}"
    assert secret not in without_credentials(url)
    assert secret not in scrub(f"fatal: unable to access {url}")
    assert f"{host}.org/{path}" in without_credentials(url)


@given(token=st.text(string.ascii_letters + string.digits, min_size=20, max_size=40), host=word)
def test_no_token_survives_as_a_user_name_of_https(token, host):
    assert without_credentials(f"https://{token}@{host}.org/x.git") == f"https://{host}.org/x.git"


@given(url=st.text(max_size=60))
def test_any_text_is_taken_and_cleaning_twice_is_cleaning_once(url):
    once = without_credentials(url)
    assert without_credentials(once) == once
    scrub(url)
    holds_credentials(url)


def test_signatures_in_the_query_go():
    assert (
        without_credentials("https://a.blob.core.windows.net/x?sv=1&sig=abc")
        == "https://a.blob.core.windows.net/x"
    )


@pytest.mark.parametrize(
    "url",
    [
        "ssh://git@example.org/x",
        "abfs://container@account.dfs.core.windows.net/x",
        "git@github.com:a/b.git",
        "/srv/data@v2",
        "s3://bucket/a@b",
    ],
)
def test_addresses_without_a_secret_stay_as_they_are(url):
    assert without_credentials(url) == url


def test_percent_encoded_passwords_are_found():
    assert holds_credentials("url = https://ada:p%40ss%3Aword@example.org/")


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8888/@fs/x",
        "https://example.org/@scope/x",
        "ssh://git@example.org:22/x",
        "f'https://{user}:{token}@host'",
        "ada@example.org",
    ],
)
def test_what_only_looks_like_a_password_is_none(text):
    assert not holds_credentials(text)


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.production",
        "a/b.pem",
        "id_rsa",
        "credentials",
        "aws_credentials.ini",
        "client_secret.json",
        "secrets.toml",
        ".netrc",
        "x/.ssh/known_hosts",
        "Server.KEY",
    ],
)
def test_secret_files_are_known_by_name(name):
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "secretary.csv",
        "keys.py",
        "credentials.py",
        ".env.example",
        "id_mapping.csv",
        "environment.yml",
        "monkey.csv",
        "id_rsa.pub",
    ],
)
def test_harmless_files_are_not_taken_for_secrets(name):
    assert not looks_secret(name)
