"""What is known of a client after more was said."""

from service.leads.customer import MAX_PHONES, Customer, Mention, MentionedIn
from service.matching.accounts import same_client, with_mentions


def test_a_second_number_is_a_further_one_however_the_first_is_written() -> None:
    typed = Customer(phone="8 900 123-45-67")
    calls = Customer(phone="+79001234567", network_phones=("+79001234567",))
    again = same_client(typed, calls, "RU")
    assert again is not None
    assert (again.phone, again.phones) == ("8 900 123-45-67", ())
    assert again.network_phones == ("8 900 123-45-67",)  # the network gave it, too
    other = same_client(again, Customer(phone="+79007654321"), "RU")
    assert other is not None
    assert other.phones == ("+79007654321",)
    assert other.network_phones == ("8 900 123-45-67",)


def test_numbers_are_bounded() -> None:
    client: Customer | None = None
    for number in range(50):
        client = same_client(client, Customer(phone=f"+7900123{number:04}"), "RU")
    assert client is not None
    assert 1 + len(client.phones) == MAX_PHONES


def test_what_is_the_clients_own_is_not_mentioned_and_words_are_read_each_time() -> None:
    own, other = Mention(phone="+79001234567"), Mention(phone="+79007654321")
    signed = Mention(email="a@b.ru", found_in=MentionedIn.SIGNATURE)
    client = Customer(phone="8 900 123-45-67", mentioned=(signed,))
    after = with_mentions(client, [own, other], "RU")
    assert after is not None
    assert after.mentioned == (signed, other)
    assert with_mentions(after, [], "RU") == client
    assert with_mentions(None, [other], "RU") == Customer(mentioned=(other,))
    assert with_mentions(Customer(mentioned=(other,)), [], "RU") is None
