"""A small lexicon of signals that meet in every way."""

from service.leads.lead import Intent
from service.text.entries import Entry
from service.text.lexicon import Lexicon

PADS = Entry("pads", ("тормозные колодки", "колодки", "brake pads"), "A5", urgency=0.9, bill=5000)
STRUTS = Entry("struts", ("стойки", "амортизаторы"), "A5", urgency=0.5, bill=8000)
STRUT_MOUNT = Entry("strut_mount", ("опора стойки",), "A5", urgency=0.4, bill=2500)
WING = Entry("wing", ("крыло",), "A5", urgency=0.2, bill=14000)
CLIP = Entry("clip", ("клипса", "клипса на подкрылок"), "A6", bill=100)
WING_LINER = Entry("wing_liner", ("подкрылок",), "A6", bill=2500)
OIL = Entry("oil", ("масло", "моторное масло"), "A6", bill=3800)
BULB = Entry("bulb", ("лампа h7", "h7"), "A6", bill=700)
URGENT = Entry("urgent", ("срочно", "urgent"), "A5", urgency=0.95)
NO_HURRY = Entry("no_hurry", ("не срочно", "не к спеху"), "A5", urgency=0.1, urgency_at_most=0.1)
LATER = Entry("later", ("скоро менять",), "A5", urgency_at_most=0.3)
JUST_ASKS = Entry("just_asks", ("просто узнать цену",), "A1", chance_factor=0.5)
READY = Entry("ready", ("готов оплатить",), "A1", chance_factor=1.5)
ORDER = Entry("order", ("где мой заказ",), "A10", intent=Intent.ORDER_QUESTION)
RETURN = Entry("returns", ("вернуть", "возврат"), "A10", intent=Intent.RETURN)
COMPLAINT = Entry(
    "complains", ("жалоба", "верните деньги"), "B4", intent=Intent.COMPLAINT, skill="complaints"
)
WHOLESALE = Entry("wholesale", ("оптом",), "A21", skill="wholesale")
PARTY = Entry("party", ("гендер-пати",), "A6", bill=2500)
ENTRIES = (
    *(PADS, STRUTS, STRUT_MOUNT, WING, CLIP, WING_LINER, OIL, BULB, URGENT, NO_HURRY, LATER),
    *(JUST_ASKS, READY, ORDER, RETURN, COMPLAINT, WHOLESALE, PARTY),
)
MAX_QUANTITY, MAX_BILL = 20, 200_000
LEXICON = Lexicon(ENTRIES, MAX_QUANTITY, MAX_BILL)
