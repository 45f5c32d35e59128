"""The months' names as news sites write them, for ``written_dates.py``.

A form stands as ``folded`` writes it (ا for أ, ه for ة, no diacritics and accents, small letters).
They are looked for between a day and a year only, so that names which are words as well do no harm.
"""

MONTHS = {
    1: "يناير | كانون الثاني | كانون ثاني | كانون2 | كانون 2 | جانفي | اي النار"
    " | january | jan | janvier | janv | gennaio | ocak | enero | januar",
    2: "فبراير | شباط | فيفري | فبرائر | النوار"
    " | february | feb | fevrier | fevr | febbraio | subat | febrero | februar",
    3: "مارس | اذار | الربيع | march | mar | mars | marzo | mart | marz",
    4: "ابريل | نيسان | افريل | الطير | april | apr | avril | avr | aprile | nisan | abril",
    5: "مايو | ايار | ماي | الماء | may | mai | maggio | mayis | mayo",
    6: "يونيو | يونيه | حزيران | جوان | الصيف"
    " | june | jun | juin | giugno | haziran | junio | juni",
    7: "يوليو | يوليه | تموز | جويليه | يوليوز | ناصر"
    " | july | jul | juillet | juil | luglio | temmuz | julio | juli",
    8: "اغسطس | اب | اوت | غشت | هانيبال | august | aug | aout | agosto | agustos",
    9: "سبتمبر | ايلول | شتنبر | الفاتح"
    " | september | sept | sep | septembre | settembre | eylul | septiembre",
    10: "اكتوبر | تشرين الاول | تشرين اول | تشرين1 | تشرين 1 | التمور"
    " | october | oct | octobre | ottobre | ekim | octubre | oktober",
    11: "نوفمبر | تشرين الثاني | تشرين ثاني | تشرين2 | تشرين 2 | نونبر | الحرث"
    " | november | nov | novembre | kasim | noviembre",
    12: "ديسمبر | كانون الاول | كانون اول | كانون1 | كانون 1 | دجنبر | الكانون"
    " | december | dec | decembre | dicembre | aralik | diciembre | dezember",
}

HIJRI_MONTHS = {
    1: "محرم | المحرم",
    2: "صفر",
    3: "ربيع الاول | ربيع اول",
    4: "ربيع الاخر | ربيع الثاني | ربيع ثاني | ربيع اخر",
    5: "جمادى الاولى | جمادى الاول | جمادي الاولى | جمادي الاول",
    6: "جمادى الاخره | جمادى الثانيه | جمادي الاخره | جمادي الثانيه | جمادى الثاني",
    7: "رجب",
    8: "شعبان",
    9: "رمضان",
    10: "شوال",
    11: "ذو القعده | ذي القعده | ذوالقعده",
    12: "ذو الحجه | ذي الحجه | ذوالحجه",
}
