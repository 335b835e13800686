"""Names of makes and models as clients write them. They are never slips of lexicon words."""

from service.text.dictionary import stem_of
from service.text.tokens import listed

CAR_NAMES = frozenset(
    listed(
        "лада ваз уаз газ газель соболь нива калина приора гранта веста ларгус шевик шеви десятка "
        "копейка тойота королла камри карина корона рав прадо крузак крузер хайлюкс авенсис ярис "
        "аурис витц ипсум ниссан альмера кашкай тиида теана патрол жук икстрейл икстрейлик санни "
        "примера мурано хендай хендэ хундай хюндай солярис акцент элантра соната туссан тушкан "
        "крета гетц матрикс портер киа рио сид соренто спортейдж спектра пиканто церато оптима "
        "бонго рено логан сандеро дастер каптюр флюенс меган сценик клио символ кангу лагуна "
        "коптер мастер форд фокус мондео фиеста куга транзит фьюжн эскорт эксплорер фольксваген "
        "фольц вольц пассат поло гольф джетта тигуан туарег транспортер кадди бора шаран шкода "
        "октавия фабия рапид суперб йети кодиак румстер ауди бмв мерс мерседес бенц спринтер вито "
        "опель астра корса вектра зафира инсигния мокка мицубиси митсубиси лансер аутлендер "
        "паджеро галант кольт асх л200 делика мазда сх деми демио бонго хонда цивик аккорд фит "
        "црв пилот субару форестер импреза легаси сузуки витара свифт джимни лифан джили чери "
        "тигго хавал хавейл омода чанган бид экзид джетур дэу деу нексия матиз ланос нубира "
        "джентра сенс шевроле лачетти авео круз кобальт спарк эпика пежо партнер ситроен берлинго "
        "джампер боксер фиат дукато добло албеа вольво лексус инфинити ссанйонг санг енг кайрон "
        "актион рекстон порше кайен джип вранглер чероки ленд ровер дискавери рейндж москвич "
        "волга камаз маз зил краз урал бычок валдай паз лиаз икарус ман скания даф ивеко logan "
        "polo rio solaris focus camry corolla granta vesta priora kalina largus niva lada vaz uaz "
        "gaz gazel gazelle toyota nissan qashqai hyundai kia renault duster sandero ford mondeo "
        "passat golf jetta tiguan skoda octavia fabia rapid audi bmw mercedes sprinter opel astra "
        "corsa vectra mitsubishi lancer outlander pajero mazda honda civic accord subaru forester "
        "suzuki vitara chery haval geely daewoo nexia matiz lanos chevrolet lacetti aveo cruze "
        "peugeot citroen volvo lexus infiniti creta elantra accent tucson santa sportage sorento "
        "ceed cerato picanto megane bosch trw ate ngk denso kyb sachs mann mahle gates contitech "
        "skf febest lemforder luk valeo brembo ferodo textar mobil castrol shell liqui lukoil "
        "лукойл кастрол каяба бош мобил тотал"
    )
)
CAR_STEMS = frozenset(stem_of(name) for name in CAR_NAMES)
