"""Where somebody is written to (A29, B6)."""

import pytest

from service.leads.addresses import kinds_of_address, preferred_address
from service.leads.customer import Customer
from service.leads.lead import Channel


@pytest.mark.parametrize(
    ("channel", "existing", "preferred"),
    [
        (Channel.TELEGRAM, ["phone"], "telegram"),  # the dialogue that there is
        (Channel.PHONE, ["email", "phone", "viber"], "viber"),
        (Channel.PHONE, ["phone", "email"], "email"),
        (Channel.PHONE, ["phone"], "phone"),
        (Channel.PHONE, [], None),
    ],
)
def test_a_messenger_goes_before_mail_and_a_text_comes_last(
    channel: Channel, existing: list[str], preferred: str | None
) -> None:
    assert preferred_address(channel, existing) == preferred


def test_addresses_of_all_cards_are_known() -> None:
    cards = [
        Customer(phone="+79161234567"),
        None,
        Customer(messengers={"viber": "1"}, email="a@b.ru"),
    ]
    assert kinds_of_address(cards) == ["email", "phone", "viber"]
