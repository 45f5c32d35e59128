"""Pages that keep an article from us: checks, pleas for JavaScript, consent, refusals."""

from collections.abc import Iterable
from typing import Literal

from services.contract.folding import folded

Wall = Literal["challenge", "javascript", "consent", "denied"]

WALL_CHARS = 700
"""A wall says little; a longer text is an article, even one about walls."""

# As ``folded`` writes them: small letters, no accents, ه for ة and ا for أ.
_TITLES: dict[Wall, tuple[str, ...]] = {
    "challenge": (
        *("just a moment", "one moment please", "attention required", "security check"),
        *("checking your browser", "ddos guard", "are you a robot", "robot check"),
        *("لحظه من فضلك", "لحظه واحده", "انتظر لحظه", "التحقق من الامان", "فحص الامان"),
        *("un instant", "un moment s il vous plait", "verification de securite"),
    ),
    "denied": (
        *("access denied", "access to this page has been denied", "403 forbidden", "forbidden"),
        *("error 403", "404 not found", "page not found", "request rejected"),
        *("تم رفض الوصول", "الوصول مرفوض", "الوصول محظور", "غير مصرح", "الصفحه غير موجوده"),
        *("acces refuse", "acces interdit", "page introuvable", "page non trouvee"),
    ),
}
"""How the title of a wall begins."""

_TEXTS: dict[Wall, tuple[str, ...]] = {
    "challenge": (
        *("checking if the site connection is secure", "needs to review the security of your"),
        *("verify you are human", "verify that you are human", "verifying you are human"),
        *("you are not a robot", "complete the captcha", "solve the captcha", "enter the captcha"),
        *("ddos protection by", "unusual traffic from your", "checking your browser before"),
        *("التحقق من انك انسان", "تحقق من انك انسان", "تاكيد انك انسان", "انك لست روبوت"),
        *("التحقق من متصفحك", "فحص متصفحك", "ادخل رمز التحقق الظاهر"),
        *("verification de votre navigateur", "que vous etes humain", "n etes pas un robot"),
    ),
    "javascript": (
        *("enable javascript", "javascript is disabled", "javascript is required"),
        *("requires javascript", "turn on javascript", "javascript to run this app"),
        *("تفعيل جافاسكريبت", "تفعيل الجافاسكريبت", "تفعيل جافا سكريبت", "تفعيل الجافا سكريبت"),
        *("تفعيل javascript", "تمكين javascript", "تشغيل javascript", "تمكين جافا سكريبت"),
        *("activer javascript", "activez javascript", "javascript est desactive"),
    ),
    "consent": (
        *("enable cookies", "accept cookies to continue", "before you continue to"),
        *("we value your privacy", "we and our partners"),
        *("قبول ملفات تعريف الارتباط", "نستخدم ملفات تعريف الارتباط", "الموافقه على ملفات تعريف"),
        *("continuer sans accepter", "nous et nos partenaires", "activer les cookies"),
        *("accepter les cookies",),
    ),
    "denied": (
        *("you don t have permission to access", "you do not have permission to access"),
        *("you have been blocked", "incapsula incident id", "the requested url was rejected"),
        *("لا تملك صلاحيه الوصول", "ليس لديك صلاحيه", "ليس لديك اذن للوصول"),
        *("vous n avez pas l autorisation d acceder", "n etes pas autorise a acceder"),
    ),
}
"""What the text of a wall says somewhere."""


def find_wall(titles: Iterable[str], text: str) -> Wall | None:
    """Return what kind of wall a page with these titles and text is, None if it is none."""
    if len(text) > WALL_CHARS:
        return None
    said_first, said = [folded(title) for title in titles], folded(text)
    for wall, beginnings in _TITLES.items():
        if any(title.startswith(beginnings) for title in said_first):
            return wall
    for wall, phrases in _TEXTS.items():
        if any(phrase in said for phrase in phrases):
            return wall
    return None
