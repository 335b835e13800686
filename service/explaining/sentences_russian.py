"""An explanation in Russian."""

from collections.abc import Mapping
from datetime import datetime

from service.explaining.language import grouped, in_fitting_unit, is_tiny

NAME = "ru"
KIND: Mapping[str, str] = {
    "office": "посетитель в офисе",
    "phone": "телефонный звонок",
    "chat": "чат",
    "self_order": "самостоятельный заказ",
    "offline": "заявка без клиента на связи",
    "registration": "регистрация без заказа",
    "task": "задача на звонок",
}
KINDS: Mapping[str, str] = {
    "office": "посетителей в офисе",
    "phone": "телефонных звонков",
    "chat": "чатов",
    "self_order": "самостоятельных заказов",
    "offline": "заявок без клиента на связи",
    "registration": "регистраций без заказа",
    "task": "задач на звонок",
}
INTENT: Mapping[str, str] = {
    "sale": "клиент хочет купить",
    "order_question": "клиент спрашивает о заказе",
    "return": "клиент хочет вернуть товар",
    "complaint": "клиент жалуется",
    "other": "это, похоже, не клиент",
}
SAY: Mapping[str, str] = {
    "kind": "Это {kind}; {intent}.",
    "vote": "В словаре таких слов нет: вывод сделан по сочетанию слов, уверенность {share}.",
    "stage": "Обращение стоит на ступени {stage}: {reason} ({rules}).",
    "chance": "Вероятность заказа — {value}: {reason} ({rules}).",
    "budget": "Возможная сумма заказа — {value}: {reason} ({rules}).",
    "urgency": "Срочность — {value} из 1: {reason} ({rules}).",
    "wait": "Такой клиент ждёт около {time}; минута ожидания стоит {cost}.",
    "rush": "Действовали настройки часа пик: работы больше, чем операторы успевают.",
    "work": "На такое обращение уходит около {time}; оценка сравнивает деньги за это время.",
    "weight": "Терпение учтено с весом {weight}, где 1 — полностью.",
    "share": "После такого молчания остаётся {share} таких клиентов; оценка учитывает эту долю.",
    "score": "Оценка — {score} из 100 по правилам версии {version}.",
    "ties newest": "Из равных первым идёт самое новое ({rules}).",
    "ties oldest": "Из равных первым идёт самое старое ({rules}).",
    "lane": "Обращение ждёт на дорожке {lane}.",
    "stage kind": "это ступень {kinds}",
    "stage birthday": "это ступень звонков ко дню рождения",
    "stage new_year": "это ступень звонков к Новому году",
    "stage other": "это ступень прочих заданий на звонок",
    "stage callback": "подошло время обещанного звонка",
    "stage visit_over": "посетитель обслужен, пора вернуться к прерванному звонку",
    "stage no_answer": "клиент не ответил, ему звонят снова",
    "stage payment": "заказ ждёт оплаты",
    "stage wholesale_check": "оптового клиента проверяют после регистрации",
    "stage later": "обращение было отложено до этого времени",
    "stage archive": "наступил день звонка, который назначил руководитель",
    "stage talked": "разговор окончен, но дело ещё не завершено",
    "stage missed": "на звонок никто не ответил",
    "stage no_client": "это, похоже, не клиент",
    "stage left": "посетитель ушёл",
    "stage after": "клиент ждёт уже {waited} рабочего времени",
    "stage before_cutoff": "до отсечки поставщика не больше {at_most}",
    "stage before_closing": "до закрытия не больше {at_most}",
    "stated": "указана в обращении",
    "usual": "обычная для {kinds}",
    "chance intent": "с поправкой на то, что {intent}",
    "chance observed": "заказов пока {won} из {all}",
    "chance text": "слова «{signals}» умножают её на {factor}",
    "chance vin": "машина известна, это умножает её на {factor}",
    "chance bought": "клиент уже покупал, это умножает её на {factor}",
    "chance vip": "клиент — VIP, это умножает её на {factor}",
    "chance blocked": "клиент заблокирован, это умножает её на {factor}",
    "chance unpaid": "заказ не оплачен, полных дней прошло: {days}",
    "chance paid": "заказ оплачен, его остаётся только запустить",
    "refusal": "клиент отказывается от заказа, который уже в работе",
    "budget running": "сумма заказа, который в работе",
    "budget items": "сумма выбранных товаров",
    "budget limited": "сумма от отправителя засчитывается не больше чем за {times} обычных чеков",
    "budget converted": "пересчитано по курсам политики",
    "no rate": "в политике нет курса {currency}, поэтому названная сумма не учтена",
    "budget price": "цена из сообщения",
    "budget guess": "похоже на цену из сообщения",
    "budget unnamed": "товар в сообщении не узнан",
    "budget text": "в сообщении названо: {signals}",
    "budget usual": "обычный чек для {kinds}",
    "urgency needed_by": "клиент назвал срок",
    "urgency dated": "в сообщении назван день",
    "urgency text": "в сообщении названо: {signals}",
    "no steps": "Со временем место само не изменится.",
    "step": "С {at}: ступень {stage}, оценка {score}; {reason} ({rules}).",
    "step leaving": "со временем такие клиенты молча уходят",
    "step nearing": "приближается срок, названный клиентом",
    "step over": "причина более высокой ступени прошла",
    "more steps": "Затем {changes}.",
    "not served": "Обращение ещё никто не брал.",
    "served line": "Обращение выдано: среди доступных этому оператору не было ни одного выше"
    " (ступень {stage}, оценка {score}).",
    "served storage": "Очередь не отвечала, обращение выдано из базы данных: среди доступных этому"
    " оператору не было ни одного выше (ступень {stage}, оценка {score}).",
    "served asked_for": "Оператор сам выбрал обращение вне порядка; оно стояло на ступени {stage}"
    " с оценкой {score}.",
    "served": "Обращение выдано ({way}) на ступени {stage} с оценкой {score}.",
    "no second line": "Второго обращения в очереди не было.",
    "no second storage": "Какое обращение было вторым, не записано.",
    "guarantee": "Оно просрочено дольше всех: одно из {every} выданных обращений — самое"
    " просроченное, это — № {count} после прошлого такого.",
    "second once": "Первым стояло обращение {lead}: ступень {stage}, оценка {score}; оно следующее"
    " ({rules}).",
    "second stage lower": "Вторым стояло обращение {lead}: его ступень {stage} ниже на {by}"
    " ({rules}).",
    "second stage higher": "Обращение {lead} стояло выше: его ступень {stage} выше на {by}"
    " ({rules}).",
    "second score lower": "Вторым стояло обращение {lead}: его оценка {score} ниже на {by}"
    " ({rules}).",
    "second score higher": "Обращение {lead} стояло выше: его оценка {score} выше на {by}"
    " ({rules}).",
    "second turn": "Вторым стояло обращение {lead}: ступень и оценка равны, но его очередь позже"
    " ({rules}).",
    "kept out": "Обращение {lead} (ступень {stage}, оценка {score}) не выдавалось: оно ждёт на"
    " дорожке {lane} ({rules}).",
    "rule": "правило {rules}",
    "rules": "правила {rules}",
}

UNBROKEN = "\u00a0"
SIGNS = {"RUB": "₽"}
GENITIVE = {"minute": ("минуты", "минут"), "hour": ("часа", "часов"), "day": ("дня", "дней")}


def number(value: float, decimals: int) -> str:
    """As `12 345,6`."""
    if is_tiny(value, decimals):
        return f"меньше {_comma(grouped(10.0**-decimals, decimals))}"
    return _comma(grouped(value, decimals))


def percent(share: float) -> str:
    """As `45,5 %`."""
    return f"{number(100 * share, 1)}{UNBROKEN}%"


def money(value: float, currency: str | None) -> str:
    """As `5 000 ₽` or `895,50 EUR`."""
    text = number(value, 2) if is_tiny(value, 2) else _comma(f"{value:,.2f}".removesuffix(".00"))
    return f"{text}{UNBROKEN}{SIGNS.get(currency, currency)}" if currency else text


def moment(at: datetime) -> str:
    """As `10.06.2026 12:05 MSK`."""
    return f"{at:%d.%m.%Y %H:%M %Z}"


def minutes_waited(minutes: float) -> str:
    """As `1 минуту`, `2 минуты`, `5 минут`, `2,5 минуты`."""
    shown = grouped(minutes, 1)
    return f"{_comma(shown)}{UNBROKEN}{_plural(shown, 'минуту', 'минуты', 'минут')}"


def at_most(minutes: float) -> str:
    """As `1 минуты`, `5 минут`."""
    return _genitive(grouped(minutes, 1), "minute")


def about(minutes: float) -> str:
    """As `2,5 минуты`, `21 часа`, `7 дней`."""
    return _genitive(*in_fitting_unit(minutes))


def changes(count: int) -> str:
    """As `ещё 1 изменение`, `ещё 2 изменения`, `ещё 5 изменений`."""
    noun = _plural(str(count), "изменение", "изменения", "изменений")
    return f"ещё {count}{UNBROKEN}{noun}"


def _comma(shown: str) -> str:
    return shown.replace(",", UNBROKEN).replace(".", ",")


def _genitive(shown: str, unit: str) -> str:
    one, many = GENITIVE[unit]
    noun = one if "." in shown else _plural(shown, one, many, many)
    return f"{_comma(shown)}{UNBROKEN}{noun}"


def _plural(shown: str, item: str, few: str, many: str) -> str:
    """The noun after a number as `grouped` writes it; fractions take the form of few."""
    if "." in shown:
        return few
    count = int(shown.replace(",", ""))
    if count % 10 == 1 and count % 100 != 11:
        return item
    return few if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else many
