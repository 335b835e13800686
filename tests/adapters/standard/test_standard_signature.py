"""Our verifier of Standard Webhooks, at its edges and beside its owners' own library."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError
from webhooks.deliveries import NOON, a_delivery, flipped
from webhooks.signing import SECRET, signed

from service.adapters.delivery import Delivery
from service.adapters.standard.standard_signature import (
    check_key,
    check_secret,
    message_id,
    sign,
    verify,
)
from service.clock import DatabaseClock
from service.leads.errors import FieldMistake, InvalidRequest, NotAuthentic

OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = b'{"test": 2432232314}'
SECOND = timedelta(seconds=1)
WINDOW = timedelta(minutes=5)


def is_taken(delivery: Delivery, *secrets: str) -> bool:
    try:
        verify(delivery, secrets or (SECRET,))
    except NotAuthentic:
        return False
    return True


def own_key() -> tuple[Ed25519PrivateKey, str]:
    key = Ed25519PrivateKey.generate()
    return key, "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()


def of_own(key: Ed25519PrivateKey, body: bytes = BODY) -> str:
    text = f"msg_1.{int(NOON.timestamp())}.".encode() + body
    return "v1a," + base64.b64encode(key.sign(text)).decode()


def test_what_was_signed_is_taken() -> None:
    assert is_taken(signed(BODY))
    assert is_taken(signed(b""))
    assert is_taken(signed("Привет".encode("cp1251")))  # a body need not be UTF-8


@pytest.mark.parametrize("missing", ["id", "timestamp", "signature"])
@pytest.mark.parametrize("family", ["webhook", "svix"])
def test_all_three_headers_are_needed_and_each_once(missing: str, family: str) -> None:
    whole = signed(BODY, family=family)
    assert is_taken(whole)
    name = f"{family}-{missing}"
    without = tuple(pair for pair in whole.headers if pair[0] != name)
    again = (*whole.headers, *(pair for pair in whole.headers if pair[0] == name))
    assert not is_taken(Delivery("POST", BODY, NOON, without))
    assert not is_taken(Delivery("POST", BODY, NOON, again))
    assert not is_taken(signed(BODY, {name: ""}, family=family))


def test_headers_of_the_two_families_are_not_mixed() -> None:
    ours = dict(signed(BODY, message_id="ours").headers)
    theirs = dict(signed(BODY, message_id="theirs", family="svix").headers)
    assert is_taken(a_delivery(BODY, {**ours, **theirs}))
    mixed = {**theirs, "webhook-id": "ours"}
    assert not is_taken(a_delivery(BODY, mixed))
    assert message_id(a_delivery(BODY, {**ours, **theirs})) == "ours"


@pytest.mark.parametrize(
    ("passed", "taken"),
    [(-WINDOW - SECOND, False), (-WINDOW, True), (WINDOW, True), (WINDOW + SECOND, False)],
)
def test_the_time_may_be_five_minutes_off_both_ways(passed: timedelta, taken: bool) -> None:
    assert is_taken(signed(BODY, received_at=NOON + passed)) is taken


@pytest.mark.parametrize(
    "sent", ["hello", "", "1781082000.0", "1_781_082_000", "+1781082000", " 1781082000", "१७८१"]
)
def test_a_timestamp_is_digits_and_nothing_else(sent: str) -> None:
    stamp = int(NOON.timestamp())
    parsed = sign([SECRET], "msg_1", stamp, BODY)  # as one would sign who reads it as a number
    assert not is_taken(signed(BODY, {"webhook-timestamp": sent, "webhook-signature": parsed}))


def test_the_text_of_the_timestamp_is_signed_and_not_its_number() -> None:
    stamp = f"0{int(NOON.timestamp())}"
    assert not is_taken(signed(BODY, {"webhook-timestamp": stamp}))


@pytest.mark.parametrize("name", ["a.b", "msg 1", "", "x" * 201, "сообщение", "a\x00b"])
def test_an_id_has_no_dot_and_is_short_and_visible(name: str) -> None:
    right = sign([SECRET], name, int(NOON.timestamp()), BODY)
    delivery = signed(BODY, {"webhook-id": name, "webhook-signature": right})
    assert not is_taken(delivery)
    assert message_id(delivery) is None


def test_the_signed_text_cannot_be_cut_elsewhere() -> None:
    stamp = int(NOON.timestamp())
    whole = signed(f"{stamp}.and more".encode(), message_id="msg_1")
    moved = {**dict(whole.headers), "webhook-id": f"msg_1.{stamp}"}
    assert not is_taken(a_delivery(b"and more", moved))


@pytest.mark.parametrize(
    "item",
    ["v1", "v1,", "v1,g0hM", ",", "v1,%%%", "v1,a,b", "v2,{}", "v1a,AAAA", "\xff", "nothing"],
)
def test_an_item_that_is_malformed_or_unknown_is_skipped_and_hides_nothing(item: str) -> None:
    right = dict(signed(BODY).headers)["webhook-signature"]
    item = item.format(right.removeprefix("v1,"))
    assert not is_taken(signed(BODY, {"webhook-signature": item}))
    assert is_taken(signed(BODY, {"webhook-signature": f"{item} {right}"}))
    assert is_taken(signed(BODY, {"webhook-signature": f"{right} {item}"}))


def test_a_list_of_signatures_is_bounded() -> None:
    right = dict(signed(BODY).headers)["webhook-signature"]
    assert is_taken(signed(BODY, {"webhook-signature": "v1,no " * 9 + right}))
    assert not is_taken(signed(BODY, {"webhook-signature": "v1,no " * 10 + right}))


def test_base64_that_says_the_same_otherwise_is_refused() -> None:
    right = dict(signed(BODY).headers)["webhook-signature"]
    last = right[-2]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    same = right[:-2] + alphabet[alphabet.index(last) + 1] + "="
    assert base64.b64decode(same[3:]) == base64.b64decode(right[3:])
    for sent in (same, right.rstrip("="), right[:10] + "-" + right[10:], right + "\n"):
        assert not is_taken(signed(BODY, {"webhook-signature": sent}))


def test_while_a_secret_is_changed_either_is_enough_on_both_sides() -> None:
    by_both = signed(BODY, secrets=(OTHER, SECRET))
    assert len(dict(by_both.headers)["webhook-signature"].split(" ")) == 2
    assert is_taken(by_both, SECRET)
    assert is_taken(by_both, OTHER)
    assert is_taken(signed(BODY), OTHER, SECRET)
    assert not is_taken(signed(BODY), OTHER)


@pytest.mark.parametrize(
    "secret",
    [
        SECRET,
        SECRET.removeprefix("whsec_"),
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=",
    ],
)
def test_secrets_come_with_and_without_a_prefix_and_padding(secret: str) -> None:
    check_secret(secret)
    check_key(secret)
    theirs = Webhook(secret).sign("msg_1", NOON, BODY.decode())
    assert sign([secret], "msg_1", int(NOON.timestamp()), BODY) == theirs
    assert is_taken(signed(BODY, {"webhook-signature": theirs}), secret)


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_===", "whsec_не base64", "whsec_c2hvcnQ=", "whsk_AAAA", "a", "a b=="],
)
def test_what_is_no_secret_is_refused_when_it_is_given(secret: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_secret(secret, "secret")
    reason = "it is not the base64 of at least 16 bytes"
    remedy = "Send whsec_ and the base64 of 24 to 64 random bytes."
    assert refused.value.mistakes == [FieldMistake("secret", reason, remedy)]
    assert not is_taken(signed(BODY), secret)


@pytest.mark.parametrize("secrets", [[], [""], [SECRET, "whsec_"], ["whpk_" + SECRET[6:]]])
def test_nothing_is_signed_without_a_right_secret(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        sign(secrets, "msg_1", 1, BODY)


def test_a_sender_may_sign_with_a_key_of_his_own() -> None:
    key, public = own_key()
    check_key(public)
    sent = of_own(key)
    assert is_taken(signed(BODY, {"webhook-signature": sent}), public)
    assert is_taken(signed(BODY, {"webhook-signature": f"v1a,%% v1,no {sent}"}), SECRET, public)
    assert not is_taken(signed(BODY, {"webhook-signature": sent}), own_key()[1])
    assert not is_taken(signed(BODY, {"webhook-signature": sent.replace("v1a", "v1")}), public)
    assert not is_taken(signed(BODY[1:], {"webhook-signature": sent}), public)
    assert not is_taken(signed(BODY, {"webhook-signature": sent.rstrip("=")}), public)


def test_a_public_key_is_no_shared_secret() -> None:
    _, public = own_key()
    existing = public.removeprefix("whpk_")  # what anybody may know must sign nothing
    assert not is_taken(signed(BODY, secrets=(existing,)), public)
    with pytest.raises(InvalidRequest, match="base64"):
        check_secret(public)
    for wrong in ("whpk_", "whpk_AAAA", "whpk_" + "A" * 100, "whpk_%"):
        with pytest.raises(InvalidRequest, match="public key"):
            check_key(wrong)
        assert not is_taken(signed(BODY, {"webhook-signature": "v1a,AAAA"}), wrong)


@given(
    place=st.integers(0, 10_000),
    what=st.sampled_from(["body", "webhook-id", "webhook-timestamp", "webhook-signature"]),
)
@settings(max_examples=50, deadline=None)
def test_one_bit_that_is_changed_anywhere_is_refused(place: int, what: str) -> None:
    whole = signed(BODY)
    if what == "body":
        assert not is_taken(a_delivery(flipped(BODY, place), dict(whole.headers)))
        return
    sent = dict(whole.headers)[what].encode()
    assert not is_taken(signed(BODY, {what: flipped(sent, place).decode("latin-1")}))


@given(secret=st.binary(min_size=16, max_size=64), place=st.integers(0, 63))
@settings(max_examples=50, deadline=None)
def test_a_secret_with_one_bit_changed_opens_nothing(secret: bytes, place: int) -> None:
    right, wrong = (
        "whsec_" + base64.b64encode(item).decode() for item in (secret, flipped(secret, place))
    )
    delivery = signed(BODY, secrets=(right,))
    assert is_taken(delivery, right)
    assert not is_taken(delivery, wrong)


@given(
    body=st.text(max_size=200),
    name=st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True),
    secret=st.binary(min_size=16, max_size=64),
    prefixed=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_its_owners_library_takes_what_we_sign_and_we_take_what_it_signs(
    body: str, name: str, secret: bytes, prefixed: bool
) -> None:
    text = ("whsec_" if prefixed else "") + base64.b64encode(secret).decode()
    now = DatabaseClock().now()  # the library asks the machine's own clock
    ours = signed(
        body.encode(errors="replace"), secrets=(text,), message_id=name, at=now, received_at=now
    )
    library = Webhook(text)
    library.verify(ours.body, dict(ours.headers), json_parse=False)
    theirs = library.sign(name, now.astimezone(UTC), ours.body.decode())
    assert dict(ours.headers)["webhook-signature"] == theirs
    assert is_taken(ours, text)


@given(sent=st.lists(st.sampled_from(["v1,{}", "v2,{}", "v1a,{}", "v1,AAAA", "v1,"]), max_size=5))
@settings(max_examples=50, deadline=None)
def test_of_well_formed_lists_we_take_those_that_its_owners_library_takes(sent: list[str]) -> None:
    now = DatabaseClock().now()
    right = dict(signed(BODY, at=now).headers)["webhook-signature"].removeprefix("v1,")
    delivery = signed(
        BODY, {"webhook-signature": " ".join(sent).format(*[right] * 5)}, at=now, received_at=now
    )
    try:
        Webhook(SECRET).verify(BODY, dict(delivery.headers), json_parse=False)
        theirs = True
    except WebhookVerificationError:
        theirs = False
    assert is_taken(delivery) is theirs


def test_an_attempt_is_signed_by_its_unix_time_whatever_the_zone() -> None:
    at = datetime.fromisoformat("2026-06-10T12:00:00+03:00")
    assert int(at.timestamp()) == int(NOON.timestamp())
    assert is_taken(signed(BODY, at=at))
