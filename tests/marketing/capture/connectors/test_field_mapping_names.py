"""What people call the fields of their forms, in many languages: one row a name."""

import pytest

from services.marketing.capture.connectors import field_names
from services.marketing.capture.connectors.field_mapping import Defaults, read_lead
from tests.marketing.capture.connectors.senders import CORA, PHONE

EMAILS = """
user_email | contact_email | email_2 | email-1 | workEmail | Corporate Email | Ihre E-Mail
E-Mail-Adresse | courriel | E-Mail * | EMAIL | e_mail | Email address (required) | work_email
correo_electrónico | adresse_e-mail | e-mail-adresse | WORK_EMAIL | emailAddress | email1
customer[email] | Bitte geben Sie Ihre E-Mail-Adresse ein | What is your email address?
Adresse électronique | correo electrónico corporativo | indirizzo email | endereço de e-mail | e-mailadres
adres e-mail | e-postadress | e-mailadresse | e-mailová adresa | e-posta adresiniz | sähköposti
adresă de e-mail | e-mail cím | электронная почта | 邮箱 | メールアドレス | 이메일 | correo_electronico
geschaeftliche E-Mail | ｅｍａｉｌ | Kontakt-Mail-Feld
"""
PHONES = """
mobilephone | mobile_phone | cell | cell_phone | handy | mobil | telefonnummer | contact_number | whatsapp
fon | phone1 | work_phone_number | número_de_teléfono | numéro_de_téléphone | Handynummer | Tel.-Nr.
your-tel | phoneNumber | Phone * | numero di telefono | telemóvel | telefoonnummer | numer telefonu
mobilnummer | telefonní číslo | cep telefonu | puhelin | телефон | 手机 | 電話番号 | 휴대폰
Telefon (für Rückfragen) | mobile-no | numero_de_telephone | Teléfono móvil | tlf.
"""
BUILT_EMAILS = """
et_pb_contact_email_0 | avia_e_mail_1 | mauticform[email] | tx_powermail_pi1[field][email]
jform[contact_email] | submitted[email] | mail[0][value] | ContactForm[email]
data[Contact][email] | ctl00$MainContent$txtEmail
inputEmail | person.emails[0].value | LeadForm.Email | form[email] | email-456 | wpcf7-email | E‑Mail
e-mailadres* | User Email
Email__c | What's your work email? | Your email address (we won't spam) | Geschäftliche E-Mail-Adresse*
"""
BUILT_PHONES = """
tel-123 | et_pb_contact_phone_0 | User Phone | intl_phone | txtPhone | contact[phone] | Phone #
N° de téléphone | Telefon/Handy | workPhoneNumber | phoneNumbers[0].value | Rufnummer tagsüber
"""
BUILT_NAMES = """
et_pb_contact_name_0 | form[name] | jform[contact_name] | ContactForm[name] | data[Contact][name] | txtName
tx_powermail_pi1[field][name] | Name (Pflichtfeld) | What is your name? | Vor-/Nachname | name-1 | User Name
"""
NAMES = """
vollständiger_name | nombre_completo | nom_complet | full_name | your-name | Ihr Name | Vor- und Nachname
fullName | imię i nazwisko | nome completo | nome e cognome | volledige naam | för- och efternamn
fulde navn | jméno a příjmení | ad soyad | ФИО | 姓名 | お名前 | 성함 | contact_name | vollstaendiger_name
Name | naam | Your Name (required)
"""
OTHERS = """
given_name: first_name | firstName | fname | Vorname | prénom | voornaam | förnamn | fornavn
given_name: křestní jméno | nome próprio | primeiro nome | etunimi
family_name: lastName | Nachname | nom de famille | apellidos | cognome | sobrenome | achternaam
family_name: nazwisko | efternamn | příjmení | soyad | 姓
company_name: Firma | entreprise | empresa | azienda | bedrijfsnaam | nazwa firmy | företag | virksomhed
company_name: název firmy | şirket adı | companyName | 会社名 | company (optional) | Company [optional]
job_title: jobTitle | Position im Unternehmen | poste | cargo | ruolo | functie | stanowisko | befattning
job_title: stilling | pracovní pozice | unvan | 役職
region: Bundesland | région | provincia | regione | provincie | województwo | län | oblast | bölge
region: State/Province
message: your-message | Nachricht | mensaje | messaggio | mensagem | bericht | wiadomość | meddelande
message: besked | zpráva | mesajınız | お問い合わせ内容
"""
COUNTRIES = """
country | Land | kraj | pays | país | paese | kraj zamieszkania | země | ülke | maa | страна | 国家
billing_country | country_code
"""
WEBSITES = """
website | Webseite | site web | sitio web | sito web | strona internetowa | webbplats | hjemmeside | url
your-url | companyUrl
"""


def several(text: str) -> list[str]:
    return [name.strip() for line in text.strip().splitlines() for name in line.split(" | ")]


@pytest.mark.parametrize("name", [*several(EMAILS), *several(BUILT_EMAILS)])
def test_names_of_the_address(name: str) -> None:
    assert read_lead({name: CORA}, Defaults()).person.email == CORA


@pytest.mark.parametrize("name", [*several(PHONES), *several(BUILT_PHONES)])
def test_names_of_the_number(name: str) -> None:
    assert read_lead({name: PHONE}, Defaults()).person.phone == PHONE
    assert read_lead({name: "0151 23456789"}, Defaults(country="DE")).person.phone == PHONE


@pytest.mark.parametrize("name", several(NAMES))
def test_names_of_the_whole_name(name: str) -> None:
    person = read_lead({name: "Cora Seven"}, Defaults()).person
    assert (person.given_name, person.family_name) == ("Cora", "Seven")


@pytest.mark.parametrize("name", several(BUILT_NAMES))
def test_a_name_beside_an_address_is_a_persons(name: str) -> None:
    beside = name.rpartition("[")[0]
    person = read_lead({name: "Cora Seven", f"{beside}[email]": CORA}, Defaults()).person
    assert (person.given_name, person.family_name) == ("Cora", "Seven")


@pytest.mark.parametrize("part", ["form", "event", "campaign", "product", "site", "library", "page"])
def test_a_name_of_something_else_is_an_answer(part: str) -> None:
    lead = read_lead({part: {"name": "Cora Seven"}, "email": CORA}, Defaults())
    assert lead.person.given_name is None
    assert "Cora Seven" in lead.answers.values()


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (field, name)
        for line in OTHERS.strip().splitlines()
        for field, _, names in [line.partition(": ")]
        for name in names.split(" | ")
    ],
)
def test_names_of_other_fields(field: str, name: str) -> None:
    lead = read_lead({name: "Tirol"}, Defaults())
    assert (lead.answers.get("message") if field == "message" else getattr(lead.person, field)) == "Tirol"


@pytest.mark.parametrize("name", several(COUNTRIES))
def test_names_of_the_country(name: str) -> None:
    assert read_lead({name: "Österreich"}, Defaults()).person.country == "AT"


@pytest.mark.parametrize("name", several(WEBSITES))
def test_names_of_the_website(name: str) -> None:
    lead = read_lead({name: "https://www.acme.example/de"}, Defaults())
    assert (lead.person.company_domain, lead.landing_path) == ("acme.example", None)


@pytest.mark.parametrize(
    "name", ["page", "pageUri", "page_url", "landing_page", "landingPage", "form_fields[page_url]"]
)
def test_names_of_the_landing_page(name: str) -> None:
    assert read_lead({name: "https://www.ours.example/demo"}, Defaults()).landing_path == "/demo"


@pytest.mark.parametrize(
    "name",
    [
        "utm_source",
        "utmSource",
        "utm[source]",
        "utm-source",
        "UTM Source",
        "form_fields[utm_source]",
        "utm.source",
    ],
)
def test_names_of_the_source(name: str) -> None:
    assert read_lead({name: "google"}, Defaults()).utm == {"source": "google"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("salutation", "Frau"),
        ("street", "Hauptstraße 1"),
        ("city", "Berlin"),
        ("zip", "10115"),
        ("form_name", "Contact"),
        ("event_title", "Demo day"),
        ("product_name", "Rocket"),
        ("hotel", "Adlon"),
        ("newsletter_email", "on"),
        ("referer_title", "Contact us"),
    ],
)
def test_names_that_are_no_field_of_ours(name: str, value: str) -> None:
    lead = read_lead({name: value}, Defaults())
    assert lead.answers == {name: value}
    assert (lead.person.given_name, lead.person.job_title, lead.person.company_name) == (None, None, None)


@pytest.mark.parametrize(
    "name",
    [
        "_wpcf7",
        "_wpcf7_unit_tag",
        "_wpnonce",
        "authenticity_token",
        "utf8",
        "g-recaptcha-response",
        "gform_submit",
    ],
)
def test_what_is_no_answer_of_anybody(name: str) -> None:
    assert read_lead({name: "x", "email": CORA}, Defaults()).answers == {}


def test_somebody_elses_address_is_not_the_persons() -> None:
    lead = read_lead(
        {"owner": {"email": "rep@ours.example"}, "notify": {"email": "x@ours.example"}}, Defaults()
    )
    assert lead.person.email is None


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "cs", "tr"])
def test_every_language_has_every_field(language: str) -> None:
    lines = (field_names.LISTS / f"{language}.tsv").read_text("utf-8").splitlines()
    fields = {line.partition("\t")[0].lstrip("~") for line in lines}
    wanted = "email phone full_name given_name family_name company_name job_title country region message"
    assert {*wanted.split(), "company_domain"} <= fields


def test_every_line_of_the_lists_leads_to_its_field() -> None:
    """A name that two languages use differently has one meaning; these are all there are."""
    other = {
        (file.stem, name)
        for file in field_names.LISTS.glob("*.tsv")
        for line in file.read_text("utf-8").splitlines()
        for field, _, name in [line.partition("\t")]
        if field_names.NAMES[field_names.plain(name)] != field.lstrip("~")
    }
    assert other == set()
