"""A short title of each written rule in each language; docs/rules.md has more."""

from collections.abc import Mapping

from service.explaining.sentences import LANGUAGES, LanguageName

TITLES: Mapping[str, Mapping[LanguageName, str]] = {
    rule: {"en": english, "ru": russian}
    for rule, english, russian in (
        (
            "A1",
            "Leads differ in kind, chance, budget and urgency.",
            "Обращения различаются видом, вероятностью заказа, бюджетом и срочностью.",
        ),
        (
            "A2",
            "Kinds of leads go in a fixed order, from the office to registrations.",
            "Виды обращений идут по порядку: от клиента в офисе до регистраций.",
        ),
        (
            "A3",
            "Each kind has a usual chance and urgency.",
            "У каждого вида свои обычные вероятность заказа и срочность.",
        ),
        (
            "A4",
            "The money that waiting would lose decides, not the chance alone.",
            "Решает то, что теряется за время ожидания, а не одна вероятность.",
        ),
        ("A5", "Urgency beats budget.", "Срочность важнее бюджета."),
        (
            "A6",
            "The likeliest and dearest request goes first; of equal ones, the newest.",
            "Сначала самое вероятное и дорогое обращение, из равных — самое новое.",
        ),
        (
            "A7",
            "While everybody is busy, a call is answered for its details only.",
            "Когда все заняты, на звонок отвечают, только чтобы записать данные.",
        ),
        (
            "A8",
            "A missed call is called back at once.",
            "На пропущенный звонок перезванивают сразу.",
        ),
        (
            "A9",
            "A client goes to the operator who talked with them recently.",
            "Клиент попадает к тому, кто недавно с ним говорил.",
        ),
        (
            "A10",
            "A question or return goes to the operator of the order.",
            "Вопрос по заказу или возврат идёт к тому, кто вёл заказ.",
        ),
        (
            "A11",
            "A client who cannot be answered at once is promised a call within half an hour.",
            "Если ответить сразу нельзя, обещают перезвонить в течение получаса.",
        ),
        (
            "A12",
            "One or two parts are looked up during the call.",
            "Одну-две детали подбирают прямо во время разговора.",
        ),
        (
            "A13",
            "A client who will think about it gets the offer in writing.",
            "Кто решил подумать, получает предложение письменно.",
        ),
        ("A14", "An order waits three days for its payment.", "Заказ ждёт оплаты три дня."),
        (
            "A15",
            "A self order is started before the supplier's cut-off.",
            "Самостоятельный заказ запускают до отсечки у поставщика.",
        ),
        (
            "A16",
            "The client learns that work on the request has begun.",
            "Клиент узнаёт, что его запрос взяли в работу.",
        ),
        (
            "A17",
            "Mails and forms are handled like VIN requests.",
            "Письма и заявки с сайта обрабатывают как запросы по VIN.",
        ),
        (
            "A18",
            "Registrations are gone through every day.",
            "Регистрации просматривают каждый день.",
        ),
        ("A19", "A dialogue is closed with a note.", "Диалог закрывают с пометкой."),
        (
            "A20",
            "A client with only a nickname is merged with their card.",
            "Клиента с одним ником объединяют с его карточкой.",
        ),
        (
            "A21",
            "Wholesale clients are handled apart and checked the next day.",
            "Оптовых клиентов ведут отдельно и проверяют на следующий день.",
        ),
        (
            "A22",
            "What was done with a client is visible to every operator.",
            "Сделанное с клиентом видят все операторы.",
        ),
        (
            "A23",
            "The operator sees the client's history before a contact.",
            "Перед контактом оператор видит историю клиента.",
        ),
        ("A24", "The client is identified before anything else.", "Сначала выясняют, кто клиент."),
        (
            "A25",
            "A refusal of an order in work is passed on as fast as possible.",
            "Об отказе от заказа в работе сообщают как можно быстрее.",
        ),
        (
            "A26",
            "The longer an order is unpaid, the less likely it is paid.",
            "Чем дольше заказ не оплачен, тем меньше шансов на оплату.",
        ),
        (
            "A27",
            "A selection asked for in a messenger is answered there.",
            "На подбор из мессенджера отвечают в мессенджере.",
        ),
        (
            "A28",
            "Selected part numbers are recorded with the client.",
            "Подобранные номера деталей записывают к клиенту.",
        ),
        (
            "A29",
            "A messenger message is sent only where a dialogue exists.",
            "В мессенджер пишут, только если диалог уже есть.",
        ),
        (
            "A30",
            "A paid self order only has to be checked and started.",
            "Оплаченный самостоятельный заказ нужно только проверить и запустить.",
        ),
        (
            "A31",
            "A question for another department is promised within half an hour.",
            "Ответ другого отдела обещают в течение получаса.",
        ),
        (
            "B1",
            "Only written rules decide who works with a client.",
            "Кто работает с клиентом, решают только записанные правила.",
        ),
        (
            "B2",
            "A client with an order in work goes to its operator.",
            "Клиент с заказом в работе попадает к оператору этого заказа.",
        ),
        (
            "B3",
            "Super VIP clients are served by designated operators.",
            "С клиентами Super VIP работают только назначенные сотрудники.",
        ),
        (
            "B4",
            "Complaints are handled by mentors or the head of sales.",
            "Претензии ведут наставники или руководитель отдела продаж.",
        ),
        (
            "B5",
            "A client blocked for two years is archived and called on a set date.",
            "Клиента, заблокированного второй год, отмечают «АРХИВ» и звонят в назначенный день.",
        ),
        (
            "B6",
            "A client who does not answer is always written to.",
            "Клиенту, который не отвечает, обязательно пишут.",
        ),
        (
            "B7",
            "An order is in work for seven days at most.",
            "Заказ бывает в работе не более семи дней.",
        ),
        (
            "B8",
            "A cancelled order names the reason and the operator.",
            "При отмене заказа указывают причину и оператора.",
        ),
        (
            "B9",
            "A reservation has an end; an extension is asked a day before it.",
            "У брони есть срок; о продлении спрашивают за день.",
        ),
        ("B10", "Unfinished work is handed over in writing.", "Незаконченное передают письменно."),
        (
            "B11",
            "Every request is worked, by one operator.",
            "Каждое обращение обрабатывают, и только один оператор.",
        ),
        (
            "B12",
            "A wish for goods that are not on sale is recorded and answered later.",
            "Пожелание о товаре, которого нет, записывают и отвечают позже.",
        ),
        (
            "B13",
            "A question in a chat is answered in the chat first.",
            "На вопрос в чате сначала отвечают в чате.",
        ),
        (
            "B14",
            "A client with an open call task goes to its operator.",
            "Клиент с открытым заданием на звонок попадает к его оператору.",
        ),
        (
            "B15",
            "A request for a show goes to the show team.",
            "Запрос о шоу передают команде шоу.",
        ),
        (
            "B16",
            "A cashless order has seven days to be paid.",
            "Заказ по безналичному расчёту оплачивают в течение семи дней.",
        ),
        (
            "B17",
            "An activated call task gives its operator the premium of the order.",
            "Активация задания даёт оператору премию за заказ.",
        ),
        ("B18", "Each region serves its own clients.", "Регионы работают со своими клиентами."),
        (
            "B19",
            "The head may give a client to an operator at any time.",
            "Руководитель может в любой момент передать клиента оператору.",
        ),
        (
            "B20",
            "The duty operator takes common mail and what others left.",
            "Дежурный берёт общую почту и то, что оставили другие.",
        ),
    )
}


TITLES_IN: Mapping[LanguageName, Mapping[str, str]] = {
    name: {rule: titles[name] for rule, titles in TITLES.items()} for name in LANGUAGES
}


def rule_title(rule: str, language: LanguageName) -> str | None:
    """The title of a rule; None for a rule that the shop made itself."""
    return TITLES_IN[language].get(rule)
