"""What is broken in social reports: amounts, codes, lists and choices; such answers are unusable."""

from typing import Final

from golden_pack.sample import Sentence
from golden_pack.structure_cases import Case

FORTY: Final = "several-forty"


def _case(
    name: str, old: str, new: str, shows: Sentence, violations: int = 1, *, signed: bool = False
) -> Case:
    return Case(f"report-{name}", "answer", shows, ((old, new),), violations, signed)


_AMOUNT: Final = "<amount>1028.79</amount>"
_AMOUNTS: Final = (
    _case("amount-one-digit", _AMOUNT, "<amount>1028.7</amount>", (
        "Montant avec une seule décimale.", "Bedrag met maar één decimaal.", "Amount with one decimal."),
        signed=True),
    _case("amount-comma", _AMOUNT, "<amount>1028,79</amount>", (
        "Montant avec une virgule.", "Bedrag met een komma.", "Amount with a comma.")),
    _case("amount-negative", _AMOUNT, "<amount>-1028.79</amount>", (
        "Montant négatif.", "Negatief bedrag.", "Negative amount.")),
    _case("amount-too-large", _AMOUNT, "<amount>1000000000.00</amount>", (
        "Montant au-dessus de la borne.", "Bedrag boven de grens.", "Amount above the bound.")),
    _case("amount-exponent", _AMOUNT, "<amount>1E3</amount>", (
        "Montant en notation scientifique.", "Bedrag in wetenschappelijke notatie.",
        "Amount in scientific notation.")),
    _case("duration-zero", "<value>12</value>", "<value>0</value>", (
        "Durée de zéro.", "Duur van nul.", "Duration of zero.")),
    _case("element-without-unit", "<amount>500.00</amount>\n          <unit>MONTH</unit>",
          "<amount>500.00</amount>", (
        "Élément de calcul sans l'unité obligatoire.", "Berekeningselement zonder de verplichte eenheid.",
        "Calculation element without its mandatory unit.")),
)  # fmt: skip

_CODES: Final = (
    _case("unknown-decision-type", "<decisionType>GRANT</decisionType>",
        "<decisionType>OCTROI</decisionType>", (
        "Type de décision inconnu : le code est GRANT.", "Onbekend beslissingstype: de code is GRANT.",
        "Unknown type of decision: the code is GRANT.")),
    _case("unknown-legislation", "<legislation>DRI</legislation>", "<legislation>RMI</legislation>", (
        "Législation inconnue.", "Onbekende wetgeving.", "Unknown legislation.")),
    _case("other-as-code", "<code>RIS</code>", "<code>OTHER</code>", (
        "OTHER comme code : un autre type se décrit dans « other ».",
        "OTHER als code: een ander type wordt beschreven in “other”.",
        'OTHER as a code: another type is described in "other".')),
    _case("other-without-description", "<code>RIS</code>", "<other></other>", (
        "« other » sans description.", "“other” zonder beschrijving.", '"other" without description.')),
    _case("other-and-code", "<code>RIS</code>", "<code>RIS</code><other>RIS</other>", (
        "Un code et une description à la fois.", "Een code en een beschrijving tegelijk.",
        "A code and a description at once.")),
    _case("unknown-unit", "<unit>MONTHS</unit>", "<unit>QUARTERS</unit>", (
        "Unité de durée inconnue.", "Onbekende eenheid van duur.", "Unknown unit of duration.")),
    _case("unknown-status-value", "<value>DATA_FOUND</value>", "<value>INCOMPLETE_DATA</value>", (
        "Valeur de statut que le détenteur ne peut pas donner.",
        "Statuswaarde die het OCMW niet kan geven.", "Status value that a holder cannot give.")),
    _case("status-code-form", "<code>MSG00000</code>", "<code>OK</code>", (
        "Code de statut mal formé.", "Slecht gevormde statuscode.", "Malformed status code.")),
)  # fmt: skip

_PERIOD: Final = "<beginDate>2024-05-01</beginDate>"
_SHAPES: Final = (
    _case("end-and-duration", _PERIOD, f"{_PERIOD}<endDate>2025-04-30</endDate>", (
        "Une période avec fin et durée : il faut choisir.", "Een periode met einde en duur: men moet kiezen.",
        "A period with end and duration: one has to choose.")),
    _case("period-without-end", "<duration>\n            <value>12</value>\n"
          "            <unit>MONTHS</unit>\n          </duration>", "", (
        "Une période sans fin ni durée.", "Een periode zonder einde of duur.",
        "A period with neither end nor duration.")),
    _case("without-ratification", "<ratificationDate>2024-05-21</ratificationDate>", "", (
        "Une décision sans date d'entérinement.", "Een beslissing zonder bekrachtigingsdatum.",
        "A decision without ratification date.")),
    _case("comment-too-long", "<comment>", "<comment>" + "x" * 1000, (
        "Un commentaire de plus de 1000 caractères.", "Een commentaar van meer dan 1000 tekens.",
        "A comment of more than 1000 characters.")),
    _case("incomes-above-maximum", "<cohabitantIncome>", "<cohabitantIncome><ssin>17073003384</ssin>"
          "<amount>0.00</amount><unit>YEAR</unit></cohabitantIncome>" * 19 + "<cohabitantIncome>", (
        "21 revenus de cohabitants, le maximum est 20.", "21 inkomens van samenwonenden, het maximum is 20.",
        "21 incomes of cohabitants, the maximum is 20.")),
    _case("two-partners", "</partner>", "</partner><partner><ssin>17073003384</ssin></partner>", (
        "Deux partenaires.", "Twee partners.", "Two partners.")),
)  # fmt: skip

_WRONG: Final = (
    "<aid><legislation>RMI</legislation><aidType><code>RIS</code></aidType><amount>1</amount></aid>"
)
_SEVERAL: Final = (
    Case(FORTY, "deliver", (
        "Quarante violations : trente sont citées.", "Veertig fouten: dertig worden vermeld.",
        "Forty violations: thirty are told."), (("<aid>", _WRONG * 20 + "<aid>"),), 30),
)  # fmt: skip

REPORT_CASES: Final = (*_AMOUNTS, *_CODES, *_SHAPES, *_SEVERAL)
