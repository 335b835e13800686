"""The words with which mail programs introduce a quotation, in our clients' languages.

Russian, Ukrainian, Kazakh and English in full; the most frequent words of other languages.
"""

# "… wrote:", at the end of the line above a quotation
WROTE = (
    *("пишет", "писал", "писала", "писал(а)", "писали", "написал", "написала", "написал(а)"),
    *("написали", "сообщает", "ответил", "ответила"),
    *("пише", "писав", "писав(ла)", "написав", "написала", "написав(ла)", "написав(-ла)", "пишуть"),
    *("жазды", "деп жазды", "былай деп жазды", "жазған", "былай деп жазған", "жазып жіберді"),
    *("wrote", "writes", "has written", "schrieb", "a écrit", "escribió", "escreveu"),
    *("ha scritto", "napisał", "napisała", "napisał(a)", "yazdı", "şunu yazdı", "schreef"),
    *("napsal", "napsal(a)", "skrev", "rakstīja", "parašė", "kirjutas", "напісаў", "напісала"),
)
# "Вы писали", at the beginning of the line, as The Bat! writes it
YOU_WROTE = ("вы писали", "ви писали", "сіз жаздыңыз", "you wrote", "you said")
# the headers of the quoted mail, above the quotation
FROM = (
    *("от", "от кого", "отправитель", "від", "від кого", "відправник", "кімнен", "жіберуші"),
    *("from", "von", "de", "da", "od", "kimden", "van", "fra", "från", "no"),
)
OTHER_HEADERS = (
    *("отправлено", "дата", "когда", "кому", "копия", "тема", "надіслано", "кому", "копія"),
    *("жіберілді", "жіберілген", "күні", "кімге", "көшірмесі", "көшірме", "тақырыбы", "тақырып"),
    *("sent", "date", "to", "cc", "subject", "reply-to", "gesendet", "datum", "an", "betreff"),
    *("envoyé", "à", "objet", "enviado", "enviado el", "para", "asunto", "assunto", "inviato"),
    *("data", "a", "oggetto", "wysłano", "do", "temat", "gönderme tarihi", "gönderildi", "kime"),
    *("konu", "verzonden", "aan", "onderwerp", "sendt", "til", "emne", "skickat", "till", "ämne"),
)
# between dashes, or alone on a line
ORIGINAL = (
    *("исходное сообщение", "исходное письмо", "оригинальное сообщение", "цитата"),
    *("первоначальное сообщение", "предыдущее сообщение", "цитируемое сообщение"),
    *("вихідне повідомлення", "оригінальне повідомлення", "початкове повідомлення"),
    *("попереднє повідомлення", "вихідний лист"),
    *("бастапқы хабар", "бастапқы хабарлама", "түпнұсқа хабар", "түпнұсқа хабарлама"),
    *("алдыңғы хабарлама", "бастапқы хат"),
    *("original message", "original mail", "original email", "original appointment"),
    *("reply message", "previous message", "ursprüngliche nachricht", "message d'origine"),
    *("message original", "mensaje original", "mensagem original", "messaggio originale"),
    *("wiadomość oryginalna", "oryginalna wiadomość", "orijinal ileti", "orijinal mesaj"),
    *("oorspronkelijk bericht", "původní zpráva", "původní e-mail"),
)
FORWARDED = (
    *("пересылаемое сообщение", "пересылаемое письмо", "пересланное сообщение"),
    *("пересланное письмо", "переадресованное сообщение", "перенаправленное сообщение"),
    *("начало переадресованного сообщения", "начало пересылаемого сообщения"),
    *("переслане повідомлення", "пересланий лист", "переадресоване повідомлення"),
    *("початок переадресованого повідомлення", "початок листа, що пересилається"),
    *("қайта жіберілген хабар", "қайта жіберілген хабарлама", "қайта жіберілген хат"),
    *("forwarded message", "forwarded by", "begin forwarded message", "weitergeleitete nachricht"),
    *("message transféré", "mensaje reenviado", "mensagem encaminhada", "messaggio inoltrato"),
)
# a help desk's line: the answer is above it
REPLY_ABOVE = (
    *("ответьте выше этой линии", "ответьте выше этой строки", "пишите выше этой строки"),
    *("ответ выше этой линии", "ответ выше этой строки", "ваш ответ выше этой линии"),
    *("напишите ответ выше этой линии", "пишите ответ выше этой строки"),
    *("пожалуйста, введите свой ответ над этой строкой", "відповідайте вище цієї лінії"),
    *("відповідайте вище цього рядка", "осы жолдан жоғары жауап беріңіз"),
    *("please type your reply above this line", "reply above this line", "write above this line"),
    *("type your response above this line", "add your reply above this line"),
)
