"""Is a password ever said? Two hundred addresses, with whatever characters a password may hold."""

import random
import string
import traceback

import pytest

from edustats.addresses import describe_address, remove_secrets
from edustats.errors import EdustatsError
from edustats.load.tables.database import read_query
from edustats.places import resolve_place

pytest.importorskip("sqlalchemy")
KINDS = (
    "postgresql",
    "postgresql+psycopg2",
    "mysql+pymysql",
    "mssql+pyodbc",
    "oracle",
    "snowflake",
    "http",
    "db2",
)
KEYS = (
    "password",
    "pwd",
    "private_key",
    "sig",
    "token",
    "credentials_base64",
    "odbc_connect",
    "AccountKey",
    "sslkey",
)
ODD = "@:/?#%&=+;,'\"[](){}<>|\\~^`$! .-_密"


def made_addresses(count):
    """Addresses with a secret each: as user info, in a query, in a list of ODBC, or without a kind."""
    rng = random.Random(20241128)  # noqa: S311 - no secret of ours
    for k in range(count):
        secret = "".join(rng.choices(string.ascii_letters + string.digits, k=5))
        secret += "".join(rng.choices(ODD + string.digits, k=3)) + "".join(
            rng.choices(string.ascii_letters, k=5)
        )
        kind, key = rng.choice(KINDS), rng.choice(KEYS)
        yield (
            secret,
            (
                f"{kind}://us3rname:{secret}@127.0.0.1:1/edu",
                f"{kind}://127.0.0.1:1/edu?user=us3rname&{key}={secret}",
                f"{kind}:///?odbc_connect=DRIVER=X;UID=us3rname;PWD={secret}",
                f"{kind}://{secret}@127.0.0.1:1/edu?x=1",
                f"us3rname:{secret}@127.0.0.1",
            )[k % 5],
        )


def pieces(secret):
    """What of a secret would tell it: the whole, and its runs of letters and digits."""
    runs = "".join(c if c.isascii() and c.isalnum() else " " for c in secret).split()
    return {secret, *(run for run in runs if len(run) >= 5)}


@pytest.mark.parametrize(("secret", "address"), list(made_addresses(200)))
def test_nothing_of_two_hundred_addresses_is_said(secret, address):
    told = describe_address(address)
    with pytest.raises(Exception) as caught:
        read_query(address, "select 1")
    assert isinstance(caught.value, EdustatsError)
    told += (
        caught.value.text("zh") + caught.value.text("en") + "".join(traceback.format_exception(caught.value))
    )
    told += remove_secrets(f"driver: connection with {secret} and {address} refused", address)
    told += repr(caught.value) + repr(caught.value.__context__) + repr(caught.value.__cause__)
    assert not [piece for piece in pieces(secret) if piece in told]
    assert "us3rname" not in told


@pytest.mark.parametrize(
    "address",
    [
        "s3://key:se/cretS3CRET@bucket/a",
        "s3://bucket/a?sig=S3CRET",
        "az://c/a;AccountKey=S3CRET",
        "gs://b/token=S3CRET",
    ],
)
def test_a_place_with_a_secret_is_refused_without_repeating_it(address):
    with pytest.raises(EdustatsError) as caught:
        resolve_place(address)
    assert "S3CRET" not in caught.value.text("zh") + caught.value.text("en") + repr(caught.value)


def test_what_helps_to_find_the_database_is_kept():
    assert (
        describe_address("postgresql://jia:x@db.local:5432/edu?sslmode=require")
        == "postgresql://db.local:5432/edu"
    )
    assert describe_address("sqlite:////data/上报.db") == "sqlite:///上报.db"
    told = remove_secrets('FATAL: role "jia" at db.local does not exist', "postgresql://jia:x@db.local/edu")
    assert told == 'FATAL: role "…" at db.local does not exist'
