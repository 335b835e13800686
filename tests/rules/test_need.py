"""How a client is understood: kind, intent and car, what was stated before what is read."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from builders import NOON
from ranking_builders import DEFAULT, WORDY, a_need, a_policy, a_situation, moscow

from service.leads.lead import Channel, Intent, Item, Kind
from service.policies.reading import default_text, read_policy
from service.rules.need import Need, find_kind, understand
from service.text.dates import NamedDays

VIN = "JTDBR32E720123456"
SHIPPED = read_policy(default_text())
SHOP = a_policy(
    hours={"weekly": {"mon-fri": "09:00-19:00"}, "exceptions": {"2026-06-12": "closed"}}
)
NIGHT, MORNING = moscow("2026-06-10 02:00"), moscow("2026-06-10 09:00")
CHATS = [channel for channel, kind in DEFAULT.channels.items() if kind is Kind.CHAT]


@pytest.mark.parametrize("channel", CHATS)
@pytest.mark.parametrize(
    "asked_at",
    [
        NIGHT,
        pytest.param(moscow("2026-06-10 08:59:59"), id="a second before opening"),
        pytest.param(moscow("2026-06-10 19:00"), id="at closing"),
        pytest.param(moscow("2026-06-13 12:00"), id="on Saturday"),
        pytest.param(moscow("2026-06-12 12:00"), id="on a day off"),
    ],
)
def test_a_message_outside_business_hours_is_an_offline_request(
    channel: Channel, asked_at: object
) -> None:
    assert find_kind(a_situation(channel=channel, received_at=asked_at), SHOP) is Kind.OFFLINE


@pytest.mark.parametrize("asked_at", [MORNING, moscow("2026-06-10 18:59:59")])
def test_a_message_in_business_hours_is_a_chat(asked_at: object) -> None:
    assert find_kind(a_situation(received_at=asked_at), SHOP) is Kind.CHAT


def test_a_later_word_in_business_hours_makes_a_night_message_a_chat() -> None:
    assert find_kind(a_situation(received_at=NIGHT, asked_at=MORNING), SHOP) is Kind.CHAT


def test_a_word_in_the_night_makes_a_chat_of_the_day_an_offline_request() -> None:
    evening = moscow("2026-06-09 18:00")
    assert find_kind(a_situation(received_at=evening, asked_at=NIGHT), SHOP) is Kind.OFFLINE


@pytest.mark.parametrize("channel", sorted(set(Channel) - set(CHATS)))
def test_only_messages_depend_on_the_hours(channel: Channel) -> None:
    assert (
        find_kind(a_situation(channel=channel, received_at=NIGHT), SHOP) == SHOP.channels[channel]
    )


@pytest.mark.parametrize(
    "deed",
    [
        {"channel": Channel.SITE_ORDER},
        {"channel": Channel.VIN_REQUEST},
        {"items": (Item("фильтр", Decimal(1), None),)},
        {"budget": Decimal(9000)},
        {"vin": VIN},
        {"paid": True},
        {"attributes": {"car": VIN}},
        {"live": True},
    ],
    ids=str,
)
def test_no_vote_makes_a_stranger_of_a_client(deed: dict[str, Any]) -> None:
    text = "тут живут мои соседи и их собака громко лает"
    assert a_need(SHIPPED, text=text).intent is Intent.OTHER
    assert a_need(SHIPPED, text=text, **deed).intent is Intent.SALE


@pytest.mark.parametrize("kind", Kind)
def test_a_stated_kind_holds_at_any_time(kind: Kind) -> None:
    for received_at in (NIGHT, MORNING):
        assert find_kind(a_situation(kind=kind, received_at=received_at), SHOP) is kind


def test_a_policy_says_which_kind_a_channel_brings() -> None:
    policy = a_policy(channels={"email": "chat", "vk": "task"})
    assert find_kind(a_situation(channel=Channel.EMAIL), policy) is Kind.CHAT
    assert find_kind(a_situation(channel=Channel.VK), policy) is Kind.TASK


@pytest.mark.parametrize("intent", Intent)
def test_a_stated_intent_goes_before_that_of_the_text(intent: Intent) -> None:
    assert a_need(WORDY, intent=intent, text="где мой заказ?").intent is intent


def test_a_text_tells_the_intent_when_nobody_states_it() -> None:
    assert a_need(WORDY, text="здравствуйте, где мой заказ?").intent is Intent.ORDER_QUESTION


@pytest.mark.parametrize("text", [None, "", "колодки", "добрый день"])
def test_who_says_nothing_else_wants_to_buy(text: str | None) -> None:
    assert a_need(WORDY, text=text).intent is Intent.SALE


@pytest.mark.parametrize(
    "sent",
    [
        {"vin": VIN},
        {"text": f"колодки на {VIN} есть?"},
        {"text": f"колодки на {VIN.lower()}"},
        {"text": "колодки на NCP30-0123456"},
        {"vin": VIN, "text": "колодки"},
    ],
)
def test_a_car_is_known_by_field_or_text(sent: dict[str, str]) -> None:
    assert a_need(**sent).has_vin


@pytest.mark.parametrize("sent", [{}, {"vin": ""}, {"text": "колодки на приору 2110"}])
def test_without_a_number_the_car_is_not_known(sent: dict[str, str]) -> None:
    assert not a_need(**sent).has_vin


def test_the_policys_region_reads_telephone_numbers() -> None:
    situation = a_situation(text="звоните 020 7946 0958", received_at=NOON)
    assert understand(situation, a_policy(region="GB")).recognised.phones == ("+442079460958",)
    assert understand(situation, DEFAULT).recognised.phones == ()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("нужны колодки", {"lexicon": a_policy(lexicon=[]).lexicon}),
        ("перезвоните 8 916 123-45-67", {"region": "US"}),
        ("есть 5000 рублей на фару", {"currency": "USD"}),
        ("нужно к юрьеву дню", {"named_days": NamedDays({("юрьеву", "дню"): (12, 9)})}),
    ],
)
def test_what_one_policy_read_is_read_anew_by_another(text: str, part: dict[str, Any]) -> None:
    first, other = a_need(SHIPPED, text=text), a_need(replace(SHIPPED, **part), text=text)
    again = a_need(SHIPPED, text=text)
    assert _read_of(first) != _read_of(other)
    assert _read_of(first) == _read_of(again)


def _read_of(need: Need) -> tuple[object, ...]:
    return need.reading, need.recognised, need.kept


@pytest.mark.parametrize(
    "text",
    [
        "[file] VIN.pdf",
        "[document] реквизиты ООО Ромашка.docx",
        "[document] заказ.docx",
        "[url] https://shop.ru/catalog/kolodki-123",
        "[photo]\n[file] vin.jpg",
        "[voice message]",
    ],
)
def test_names_of_things_that_were_sent_are_no_words(text: str) -> None:
    found = understand(a_situation(text=text), SHIPPED)
    assert (found.intent, found.kind) == (Intent.SALE, Kind.CHAT)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("[photo] предлагаем создание сайтов под ключ", Intent.OTHER),
        ("[file] where.pdf\nгде мой заказ? уже неделя прошла", Intent.ORDER_QUESTION),
        ("верните деньги, третья неделя пошла", Intent.COMPLAINT),
    ],
)
def test_the_clients_own_words_beside_them_count(text: str, intent: Intent) -> None:
    assert understand(a_situation(text=text), SHIPPED).intent is intent
