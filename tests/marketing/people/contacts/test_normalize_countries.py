"""Countries as people write them: one row each."""

import pytest

from services.marketing.people.contacts import normalize

WRITTEN = """
TR: Turkey | Türkiye | Türkei | TUR
CZ: Czech Republic | Czechia | Česká republika | Tschechien | CZE
HK: Hong Kong | Hongkong | 香港 | HKG
MO: Macau | Macao
VN: Viet Nam | Vietnam
GB: Great Britain | England | UK | U.K. | Scotland | GBR | Großbritannien | Royaume-Uni | Reino Unido
GB: United Kingdom | gb
AE: UAE | U.A.E. | United Arab Emirates | Dubai
NL: The Netherlands | Netherlands | Holland | Nederland | Pays-Bas | Niederlande | Países Bajos
IT: Italia | Italy | Italien | Italie
ES: España | Espana | Spain | Spanien
CH: Suisse | Schweiz | Svizzera | Switzerland
PL: Polska | Poland | Pologne
SE: Sverige | Sweden | Zweden
BR: Brasil | Brazil
JP: 日本 | Japan | Japon
KR: Korea, Republic of | Republic of Korea | South Korea | 대한민국 | Südkorea
US: United States of America (USA) | USA | U.S. | u.s.a. | United States | Vereinigte Staaten
US: Estados Unidos | États-Unis
DE: DEU | Germany | Deutschland | Allemagne | Alemania | Duitsland | Niemcy | Tyskland | DE - Germany
DE: Germany (DE) | 🇩🇪 | ドイツ
GR: Greece | Ελλάδα | Griechenland
UA: Україна | Ukraine
RU: Россия | Russian Federation
CN: 中国 | China
EG: مصر
IL: ישראל
CI: Côte d'Ivoire | Ivory Coast
BA: Bosnia and Herzegovina | Bosnia & Herzegovina
IE: Ireland, Republic of
AT: AT-Österreich | de-AT | de_AT | AUT: Österreich | oesterreich | ÖSTERREICH | Rakousko
"""


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (code, text)
        for line in WRITTEN.strip().splitlines()
        for code, _, texts in [line.partition(": ")]
        for text in texts.split(" | ")
    ],
)
def test_a_country_by_its_names(code: str, text: str) -> None:
    assert normalize.country(text) == code


@pytest.mark.parametrize(
    "text",
    ["EU", "European Union", "Europe", "Atlantis", "UN", "XX", "ZZ", "", "n/a", "World", "-", "(", "123"],
)
def test_what_is_no_country_is_none(text: str) -> None:
    assert normalize.country(text) is None
