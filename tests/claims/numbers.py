"""The numbers in a text: what stands in digits, and in words from ten on.

A measured number is written in digits, so that it is seen here. 0 and 1 are nothing and all, a label or a bound; a
year, a point of the plane and what only makes a formula are no measurements.
"""

import re
from dataclasses import dataclass

SMALL = dict(zip(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], range(1, 10), strict=True))
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
TIMES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
WORDS = SMALL | dict(zip(TEENS, range(10, 20), strict=True)) | dict(zip(TENS, range(20, 100, 10), strict=True))

DIGITS = r"(?<![\w.,_^\\{])[−+-]?\d+(?:,\d{3})*(?:\.\d+)?(?!\d)"
SPELLED = rf"\b(?:{'|'.join((*WORDS, *TIMES))})(?:[ -]?(?:{'|'.join((*SMALL, *TIMES))}))*(?:th|fold)?\b"
HAN = "[两一二三四五六七八九十百千万]+"
FORMS = {"en": f"{DIGITS}|(?i:{SPELLED})", "zh": f"{DIGITS}|{HAN}"}

NONE = (  # what is no measurement, whatever digits it has
    r"\$\$.*?\$\$",  # a formula that stands alone
    r"`[^`]*`",  # code
    r"(?<!\d)(?:1[89]|20)\d\d(?!\d)",  # a year
    r"\((?:\d, ?)+\d\)",  # a point
    r"UTF-\d+|(?:neuron|step|GPU) \d\b|\b\d 号|第 \d [步层]",  # one of several, by its number
    r"[\w.]+ (?:seconds|minutes)\b|[\d一二三四五六七八九十半]+(?:秒|分钟)",  # how long something takes: machines differ
    r"成千上万|百分点|千字节|十分|十字|万一",  # words that are no numbers
)
FORMULA = re.compile(r"\$[^$]+\$")
LETTERS = r"[_^](?:\{[^}]*\}|\d+)|(?<![\d.])\d(?![\d.])"  # in a formula: indices and powers, and a single digit


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text, and where it stands."""

    value: float
    said: str
    start: int
    end: int

    @property
    def unit(self):
        """What its last digit counts."""
        return 10.0 ** -len(self.said.partition(".")[2])


def numbers(text, language="en"):
    """Those that can be a measurement, in their order."""
    for form in NONE:
        text = blanked(form, text)
    text = FORMULA.sub(lambda formula: blanked(LETTERS, formula[0]), text)
    found = (Number(value(m[0]), m[0], m.start(), m.end()) for m in re.finditer(FORMS[language], text))
    return [number for number in found if counts(number)]


def blanked(form, text):
    """The text with blanks where it has this form; everything stands where it stood."""
    return re.sub(form, lambda found: " " * len(found[0]), text, flags=re.DOTALL)


def counts(number):
    """Can it be a measurement? Small numbers in words are too common, and 0 and 1 mean too much."""
    in_digits = any(sign.isdigit() and sign.isascii() for sign in number.said)
    return number.said.lstrip("+-−") not in ("0", "1") if in_digits else number.value >= 10


def value(said):
    """What digits or words say: 14629 for 14,629, 63 for sixty-three and for 六十三, 1000000 for millionth."""
    try:
        return float(said.replace(",", "").replace("−", "-"))
    except ValueError:
        return float(han(said) if re.fullmatch(HAN, said) else spelled(said))


def spelled(words):
    """A number in English words."""
    total = 0
    for word in re.findall("|".join((*TEENS, *TENS, *SMALL, *TIMES)), words.lower()):
        total = max(total, 1) * TIMES[word] if word in TIMES else total + WORDS[word]
    return total


def han(signs):
    """A number in Chinese characters, below 10⁸."""
    total = part = digit = 0
    for sign in signs:
        if sign == "万":
            total, part, digit = (total + part + digit or 1) * 10_000, 0, 0
        elif sign in "十百千":
            part, digit = part + (digit or 1) * 10 ** (" 十百千".index(sign)), 0
        else:
            digit = "零一二三四五六七八九".find("二" if sign == "两" else sign)
    return total + part + digit


def phrases(phrase, text, language="en"):
    """Wherever a text says a phrase, the numbers in it; {} in the phrase stands for any number."""
    form = re.escape(phrase).replace(r"\{\}", f"(?:{FORMS[language]})")
    for match in re.finditer(form, text):
        yield [number for number in numbers(text, language) if match.start() <= number.start < match.end()]
