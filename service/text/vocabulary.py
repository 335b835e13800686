"""Words of a text that no entry of a lexicon knows, and that may deserve one."""

from collections.abc import Iterable, Iterator

from service.text.car_names import CAR_NAMES, CAR_STEMS
from service.text.dictionary import is_noun, stem_of
from service.text.lexicon import Lexicon
from service.text.scope import ABSENCE, FORWARD, HAS_IT, THROUGH, WANTED
from service.text.tokens import COMMON, FILLERS, listed

FEWEST_LETTERS = 3
# Nouns of every chat that name nothing to buy.
OF_EVERY_CHAT = frozenset(
    listed(
        "вопрос ответ цена цены цену стоимость рубль рублей тысяча тысяч деньги год года лет "
        "месяц неделя недели день дня дней час часа часов минут время утро вечер ночь город "
        "москва адрес номер телефон фото видео ссылка сайт магазин звонок сообщение привет друг "
        "брат жена муж сын человек люди дело раз сторона место конец начало помощь совет спасибо "
        "пожалуйста доброго времени суток машины машину машине авто автомобиля автомобиль тачка "
        "штука штуки штук пара комплект вариант варианты модель марка фирма производитель "
        "качество наличие доставка заказ самовывоз оплата карта"
    )
)
NOTHING_NEW = (
    COMMON | FILLERS | WANTED | HAS_IT | THROUGH | FORWARD | ABSENCE | CAR_NAMES | OF_EVERY_CHAT
)


def unknown_words(lexicon: Lexicon, tokens: Iterable[str]) -> Iterator[str]:
    """Nouns and words outside the dictionary that the lexicon does not know; each once."""
    for token in dict.fromkeys(tokens):
        if len(token) < FEWEST_LETTERS or not token.isalpha() or token in NOTHING_NEW:
            continue
        if is_noun(token) and stem_of(token) not in CAR_STEMS and not lexicon.knows(token):
            yield token
