"""What is taken out, what stays, and what redaction never breaks."""

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitl.decisions.redaction.patterns import RedactKind
from hitl.decisions.redaction.redact import Redactor
from hitl.decisions.redaction.redact_policy import RedactPolicy
from hitl.document.lines import strict_json

ROOT = Path(__file__).parents[2]
REDACTOR = Redactor()
EVERYTHING = Redactor(RedactPolicy(builtin=tuple(RedactKind)))

FOUND = [
    ("email", "bob@x.com"),
    ("email", "Anna.Müller+tag@mail.example.co.uk"),
    ("email", "mailto:jo@ex-ample.io?subject=1"),
    ("email", "o'neil@example.ie"),
    ("email", "<a_b%c@sub.domain.museum>"),
    ("phone", "+1 415 555 2671"),
    ("phone", "+1 (415) 555-2671"),
    ("phone", "+44 20 7946 0958"),
    ("phone", "+44 (0)20 7946 0958"),
    ("phone", "+4915123456789"),
    ("phone", "+33 6 12 34 56 78"),
    ("phone", "+33.6.12.34.56.78"),
    ("phone", "+91 98765 43210"),
    ("phone", "+86 138 1234 5678"),
    ("phone", "+81-3-1234-5678"),
    ("phone", "+61 412 345 678"),
    ("phone", "+55 11 91234-5678"),
    ("phone", "+49 (0) 30 1234567"),
    ("phone", "0049 151 23456789"),
    ("phone", "(415) 555-2671"),
    ("phone", "415-555-2671"),
    ("phone", "415.555.2671"),
    ("phone", "415 555 2671"),
    ("phone", "1-800-555-0199"),
    ("phone", "020 7946 0958"),
    ("phone", "07700 900123"),
    ("phone", "06 12 34 56 78"),
    ("phone", "06.12.34.56.78"),
    ("phone", "030 12345678"),
    ("phone", "030/123 45 67"),
    ("phone", "0151-23456789"),
    ("phone", "03-1234-5678"),
    ("phone", "(11) 91234-5678"),
    ("phone", "(030) 12345678"),
    ("phone", "138-1234-5678"),
    ("phone", "0412 345 678"),
    ("phone", "010-1234-5678"),
    ("phone", "612-345-678"),
    ("card", "4111 1111 1111 1111"),
    ("card", "4111-1111-1111-1111"),
    ("card", "4111111111111111"),
    ("card", "5555 5555 5555 4444"),
    ("card", "3782 822463 10005"),
    ("card", "378282246310005"),
    ("card", "6011000990139424"),
    ("card", "30569309025904"),
    ("card", "2223003122003222"),
    ("iban", "DE89 3704 0044 0532 0130 00"),
    ("iban", "DE89370400440532013000"),
    ("iban", "GB82 WEST 1234 5698 7654 32"),
    ("iban", "FR14 2004 1010 0505 0001 3M02 606"),
    ("iban", "NL91ABNA0417164300"),
    ("iban", "NO93 8601 1117 947"),
    ("iban", "CH93 0076 2011 6238 5295 7"),
    ("key", "sk-proj-abcDEF1234567890abcdef"),
    ("key", "sk-ant-api03-AbC123_xyz-7890qwerty"),
    ("key", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    ("key", "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv"),
    ("key", "AKIAIOSFODNN7EXAMPLE"),
    ("key", "xoxb-123456789012-abcdefGHIJKL"),
    ("key", "AIzaSyA1234567890abcdefghijklmnopqrstuv"),
    ("key", "Authorization: Bearer abc123def456ghi789"),
    (
        "key",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    ),
    ("key", "password=hunter22"),
    ("key", "api_key: 0123456789abcdef"),
    ("key", '"client_secret": "s3cr3tv4lue"'),
    ("key", "export DB_PASSWORD='correct-horse'"),
    ("key", "X-API-Key: abcdefgh12345678"),
]
LEFT = [
    "17077 17093 17099 17107 17117",
    "2024-01-15T10:30:00.123456+05:30",
    "2024-01-15 10:30:00",
    "01-02-2024 15/03/2024 2024.01.15",
    "1718000000000 1718000000000000000",
    "192.168.100.200 10.0.0.1 255.255.255.255:8080",
    "3.141592653589793 0.4111111111111111 2.718281828",
    "1,234,567,890.12 $1234567890 EUR 1.234.567,89",
    "123e4567-e89b-12d3-a456-426614174000",
    "d41d8cd98f00b204e9800998ecf8427e",
    "00000000-0000-0000-0000-000000000000",
    "v1.2.3-rc4 12.34.5678.9",
    "+1.41421356 1e+10 a+1234567890",
    "primes 101 103 107 109 113 127 131",
    "01 02 03 04 05",
    "01 01 00 01 10",
    "01-23-45-67-89-01",
    "def password(self): pass",
    "password: Optional[str]",
    "password = getpass.getpass()",
    "api_key=os.environ",
    "token = self.auth_token",
    "max_tokens: 12345678",
    "password: ********",
    "task-oriented-scheduling-12345",
    "@decorator def f(x): user@host",
    "a@b",
    "[1000000007, 998244353, 4294967296, 18446744073709551615]",
    "100000 200000 300000",
    "4096 5120 6144 7168 8192 10240",
    "Bearer authentication-required",
    "order 123456789 ticket 4155552671",
    "2019-2020-2021-2022",
    "10.1234/abcd.2020.123456789",
    "arXiv:2301.12345v2",
    "ISBN 978-3-16-148410-0",
    "ISBN 9783161484100",
    "0x0123456789 0123456789",
    "12:34:56.789 00:11:22",
    "555-1234",
]


@pytest.mark.parametrize(("kind", "piece"), FOUND)
def test_the_usual_forms_are_found_wherever_they_stand(kind: str, piece: str) -> None:
    for text in (piece, f"Please use {piece} today.", f"({piece})", f"x: {piece}, y; {piece}."):
        assert set(REDACTOR.redact(text).counts) == {kind}


@pytest.mark.parametrize(("kind", "piece"), FOUND)
def test_an_escaped_line_break_before_a_piece_hides_it_in_no_json(kind: str, piece: str) -> None:
    text = json.dumps({"a": f"b\n{piece}\tc"}, ensure_ascii=False)
    found = REDACTOR.redact(text)
    assert set(found.counts) == {kind}
    assert str(strict_json(found.text)["a"]).startswith("b\n")  # type: ignore[index]


@pytest.mark.parametrize("text", LEFT)
def test_numbers_names_and_code_stay(text: str) -> None:
    assert REDACTOR.redact(text).text == text
    assert REDACTOR.redact(text).counts == {}


def test_the_text_around_a_piece_stays() -> None:
    found = REDACTOR.redact("Mail bob@x.com or call +1 415 555 2671, password=hunter22!")
    assert found.text == "Mail [email] or call [phone], password=[key]"
    assert found.counts == {"email": 1, "key": 1, "phone": 1}


def test_a_key_block_goes_whole() -> None:
    block = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq2\nq83/4kA==\n-----END RSA PRIVATE KEY-----"
    assert REDACTOR.redact(f"a {block} b").text == "a [key] b"
    assert REDACTOR.redact(json.dumps({"k": block})).text == '{"k": "[key]"}'


def test_a_key_block_that_was_cut_off_goes_as_far_as_it_is_there() -> None:
    assert REDACTOR.redact("-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq2\n").text == "[key]\n"


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1112",
        "5555555555554445",
        "DE88 3704 0044 0532 0130 00",
        "XX89370400440532013000",
    ],
)
def test_a_number_whose_check_digits_are_wrong_stays(number: str) -> None:
    assert REDACTOR.redact(number).counts == {}


def test_the_shortest_card_inside_a_longer_form_is_found() -> None:
    assert REDACTOR.redact("4111 1111 1111 1111 999 1").text == "[card] 999 1"


def test_typographic_blanks_and_dashes_hide_nothing() -> None:
    assert REDACTOR.redact(
        "+49\u202f151\u00a02345\u20116789 4111\u00a01111\u00a01111\u00a01111"
    ).counts == {"card": 1, "phone": 1}


def test_an_address_is_taken_out_where_the_policy_says_so() -> None:
    assert EVERYTHING.redact("host 10.0.0.17 is down").text == "host [ip_address] is down"
    assert REDACTOR.redact("host 10.0.0.17 is down").counts == {}
    assert EVERYTHING.redact("version 1.2.3 of 2024.01.15").counts == {}


def test_only_the_named_kinds_are_looked_for() -> None:
    only = Redactor(RedactPolicy(builtin=(RedactKind.PHONE,)))
    assert (
        only.redact("bob@x.com +1 415 555 2671 password=hunter22").text
        == "bob@x.com [phone] password=hunter22"
    )
    nothing = Redactor(RedactPolicy(builtin=()))
    assert nothing.redact("bob@x.com").text == "bob@x.com"


def test_a_policy_adds_patterns_and_words_and_keeps_texts() -> None:
    policy = RedactPolicy.model_validate(
        {
            "patterns": ({"name": "ticket", "matches": "T-[0-9]+"},),
            "words": ("Ann Lee", "Ann"),
            "keep": ("support@example[.]com",),
        }
    )
    text = "Ann Lee and Ann: T-1, support@example.com, xsupport@example.com"
    assert (
        Redactor(policy).redact(text).text
        == "[word] and [word]: [ticket], support@example.com, [email]"
    )


@pytest.mark.parametrize(
    "policy",
    [
        {"builtin": ["emails"]},
        {"patterns": [{"name": "x", "matches": "("}]},
        {"patterns": [{"name": "a b", "matches": "x"}]},
        {"patterns": [{"name": 'a"', "matches": "x"}]},
        {"keep": ["(?=x)"]},
        {"words": [""]},
        {"what": []},
    ],
)
def test_what_a_policy_cannot_mean_is_a_mistake(policy: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        RedactPolicy.model_validate(policy, strict=False)


@pytest.mark.parametrize("pattern", ["(?s).*", "[a-z]+", "email", r"\[", "x*", "."])
def test_whatever_a_pattern_takes_out_it_takes_out_once(pattern: str) -> None:
    own = Redactor(RedactPolicy.model_validate({"patterns": ({"name": "x", "matches": pattern},)}))
    once = own.redact("call [email] or bob@x.com [now").text
    assert own.redact(once).text == once


def test_a_word_that_shares_letters_with_an_escape_leaves_no_half_of_it() -> None:
    own = Redactor(RedactPolicy(words=("nbob",)))
    assert strict_json(own.redact(r'{"a": "x\nbob"}').text) == {"a": "x[word]"}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('{"card": 4111111111111111}', {"card": "[card]"}),
        ("4111111111111111", "[card]"),
        ('{"password": 12345678, "n": 12345678}', {"password": "[key]", "n": 12345678}),
        ('{"bob@x.com": ["a@b.de", 1.0, null, true]}', {"[email]": ["[email]", 1.0, None, True]}),
    ],
)
def test_json_stays_json(text: str, clean: object) -> None:
    assert strict_json(REDACTOR.redact(text).text) == clean


def test_json_values_keep_their_structure() -> None:
    value = {
        "to": ["bob@x.com", 3],
        "auth": {"api_key": "abcd/efgh!", "n": None, "pwd": 123},
        "card": 4111111111111111,
    }
    found = REDACTOR.redact_json(value)  # type: ignore[arg-type]
    clean = {
        "to": ["[email]", 3],
        "auth": {"api_key": "[key]", "n": None, "pwd": 123},
        "card": "[card]",
    }
    assert (found.value, found.counts) == (clean, {"card": 1, "email": 1, "key": 1})
    assert REDACTOR.redact_json({"a": [1, "b"]}).counts == {}


PIECES = st.sampled_from([piece for _, piece in FOUND])
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=12), PIECES, st.sampled_from([" ", "\\", '"', "\n", "[email]", "+"])
    ),
    max_size=8,
).map("".join)
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.just(4111111111111111), TEXTS
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)


@given(TEXTS)
def test_a_redacted_text_is_redacted(text: str) -> None:
    once = REDACTOR.redact(text)
    assert REDACTOR.redact(once.text).text == once.text
    assert bool(once.counts) == (once.text != text)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_strict_json_stays_strict_json(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    once = REDACTOR.redact(text).text
    strict_json(once)
    assert REDACTOR.redact(once).text == once


@given(st.binary(max_size=60), PIECES)
def test_no_text_raises(noise: bytes, piece: str) -> None:
    text = noise.decode("utf-8", "replace") + "\ud800\0" + piece
    assert REDACTOR.redact(text).counts


@pytest.mark.parametrize(
    "piece",
    ["a@", "a@a.aa", "eyJ", "0 1", "4111 ", "GB11 ", "a", "-----BEGIN PRIVATE KEY-----", "password=", "+1 ",
     "\\n", "06 12 34 56 78 ", "\u00e9@x.de ", "[email]", "(0", '{"a":'],
)  # fmt: skip
def test_a_megabyte_made_to_be_slow_is_not(piece: str) -> None:
    started = time.perf_counter()
    REDACTOR.redact(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 120  # quadratic work would take hours


def test_the_shipped_replies_and_cases_hold_nothing_that_is_taken_out() -> None:
    files = sorted((ROOT / "golden_sets").rglob("*.jsonl*"))
    assert len(files) > 5
    for path in files:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in content.decode().splitlines():
            assert EVERYTHING.redact_json(strict_json(line)).counts == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("whole", "quote", "clean"),
    [
        ("write to john.smith@example.com", "write to john.smi...", "write to [email]..."),
        ("write to john.smith@example.com", "...ample.com is there", "...[email] is there"),
        ("password=hunter2222 is it", '"hunter2222"', '"[key]"'),
        ("password=hunter2222 is it", "is it", "is it"),
    ],
)
def test_a_quotation_loses_what_the_whole_lost_even_where_it_is_cut(
    whole: str, quote: str, clean: str
) -> None:
    assert REDACTOR.redact_quote(quote, REDACTOR.redact(whole).pieces) == clean
