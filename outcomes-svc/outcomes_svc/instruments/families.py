"""The families of instruments, one page of docs/instruments each: what to know before one measures. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """`about` are paragraphs of Markdown."""

    id: str
    title: str
    about: tuple[str, ...]


FAMILIES: tuple[Family, ...] = (
    Family(
        "numeric-pain",
        "Numeric pain scales",
        (
            "One number for pain. The numeric rating scale is the primary measure of every pain condition; the visual "
            "analogue scale is another way to take the same thing down. The two are never compared with each other: "
            "they are different instruments with different thresholds.",
            "The period that the question speaks of is part of the measure. Both ask about the past 7 days.",
        ),
    ),
    Family(
        "peg",
        "PEG",
        (
            "Three numbers for pain and what it keeps a person from. It stands in as the primary measure where nothing "
            "that fits a condition better can be asked; an episode judged by a stand-in counts for no pay.",
        ),
    ),
    Family(
        "psfs",
        "Patient-specific functional scale",
        (
            "The patient names one to five activities; from then on the same ones are rated. Change compares only the "
            "activities that were rated both times, so leaving one out neither helps nor harms. The names stay in the "
            "clinical record; only their numbers travel.",
        ),
    ),
    Family(
        "back-and-neck",
        "Back and neck: RMDQ, ODI, NDI",
        (
            "The Roland-Morris questionnaire is a list to tick. What is not ticked is a no, which is the one place "
            "where a missing item has a value, because the authors gave it one. A list that nobody has touched is "
            "refused all the same: a page that shows it must let the patient say that nothing applies.",
            "The Oswestry and neck disability indices are percentages of what the answered sections can give: with one "
            "section missing 50 points become 45. With two missing there is no score.",
            "Pain is the primary measure of back and neck pain even where a practice has imported one of these, so "
            "that nobody's results depend on what was imported; they can be asked beside it.",
        ),
    ),
    Family(
        "fiqr",
        "FIQR",
        (
            "Three domains with different weights. The authors make up for missing items within a domain and say "
            "nothing of how many may be missing; at least half of each domain is asked for here, because a domain made "
            "up from one answer of ten says nothing.",
            "The important change is a share of the baseline and was found for the questionnaire before its revision.",
        ),
    ),
    Family(
        "arm-and-leg",
        "Arm and leg: BCTQ, QuickDASH, LEFS",
        (
            "The carpal tunnel questionnaire has two scales. Change is judged on symptom severity; functional status "
            "is shown beside it.",
            "QuickDASH has two modules that may be left out as a whole. A module that was begun and not finished "
            "refuses the form: dropping it silently, or dropping the form's other answers, would both hide something.",
        ),
    ),
    Family(
        "mood",
        "Mood: PHQ-9, GAD-7",
        (
            "Both are scored from complete forms only.",
            "An answer above zero to item 9 of the PHQ-9 is for a person to see at once, whatever the score. No pay "
            "rests on the PHQ-9: nobody may gain from how that item is answered. A practice that wants episodes of "
            "depression to count imports a PROMIS depression form instead.",
        ),
    ),
    Family(
        "isi",
        "Insomnia severity index",
        ("Where a practice has no licence the PROMIS sleep forms measure the same.",),
    ),
    Family(
        "hit-6",
        "HIT-6",
        (
            "An answer is the place of the chosen word, 1 to 5, and counts 6, 8, 10, 11 or 13 points. The points were "
            "read in public code and agree with the published range of each item and of the whole; the publisher's "
            "manual was not seen. A practice that records its licence holds the licensed form and checks the points "
            "against it.",
        ),
    ),
    Family(
        "promis",
        "PROMIS short forms",
        (
            "The sum of a complete form is turned into a T-score by the form's own table; the table also gives the "
            "standard error. Incomplete forms are refused: making the sum up would claim a precision that is not "
            "there.",
            "The 16 tables are the verified ones. Each file carries the SHA-256 of its table, and a test holds the "
            "same digests, made from the verified tables and not from the files. A service with an altered cell does "
            "not start, and the test fails even if somebody changes the digest in the file with it.",
            "Beware of imports whose numbers run the wrong way. In forms with items that are worded the other way "
            "round (sleep quality, refreshing sleep, energy, trouble with social roles) every item must still give its "
            "highest number to the same end. A public FHIR questionnaire of PROMIS-29 was seen in which one of four "
            "items ran against the other three. Such items are named below; where their LOINC code is known an import "
            "is held to the right numbers, and for the others the practice looks at its form.",
            "Version 1 and version 2 of physical function are different forms and are never compared.",
        ),
    ),
    Family(
        "rom",
        "Range of motion",
        (
            "Degrees as measured, for display. Two raters differ by more than most treatments change, so compare "
            "measurements of one person. Nothing is judged by it and nothing is paid by it.",
        ),
    ),
)
