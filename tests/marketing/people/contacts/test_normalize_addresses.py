"""E-mail addresses as they are typed and pasted, those that are nobody's, and whose mailboxes they are."""

import pytest

from services.marketing.people.contacts import normalize

EVA = "eva@x.example"

NOBODYS = """
none@none.com none@acme.example noemail@noemail.com noemail@gmail.com no-email@x.example keine@gmx.de
keine@keine.de test@test.de test@test.com test@gmail.com test@meta.com no@no.com no@no.no na@na.na na@na.com
n/a@na.com a@a.a a@a.de x@x.de xx@xx.com example@example.com test@example.com user@example.org
name@email.com asdf@asdf.de asdf@gmail.com qwe@qwe.com abc@abc.com 123@123.com nomail@nomail.com
fake@fake.com unknown@unknown.com null@null.com foo@foo.com undefined@x.example notprovided@acme.example
your@email.com sinemail@gmail.com max.mustermann@example.com
"""
ODD = """
a@x.example b@x.example x@firma.example dora@acme.example cora@example.com none.smith@acme.example
nora@no.example testa@acme.example contest@test-labs.example info@acme.example ab@cd.de sap@sap.com
hp@hp.com li@li-consulting.de noa@noa-design.example nadia@na.example me@firma.example hello@firma.example
l.null@acme.example
"""
ROLES = """
info buero büro zentrale empfang verwaltung anfrage bewerbung rechnung buchhaltung contacto ventas accueil
commercial vendite amministrazione contato vendas verkoop administratie biuro kontakt sekretariat salg
faktura obchod muhasebe sales support no-reply customer-service service.client sales+web office
"""
PROVIDERS = """
mozmail.com privaterelay.appleid.com passinbox.com simplelogin.com anonaddy.me docomo.ne.jp ezweb.ne.jp
softbank.ne.jp daum.net ukr.net abv.bg rogers.com videotron.ca optusnet.com.au xtra.co.nz kpnmail.nl
gmail.com duck.com relay.firefox.com passmail.net addy.io fastmail.com eva.fastmail.com yahoo.com.ph
hotmail.co.nz gmx.li outlook.pt orange.fr wanadoo.fr t-online.de bluewin.ch aon.at ziggo.nl telenet.be
libero.it sapo.pt telia.com online.no seznam.cz wp.pl freemail.hu abv.bg mynet.com rediffmail.com qq.com
hinet.net naver.com bigpond.com comcast.net shaw.ca uol.com.br prodigy.net.mx telkomsa.net ya.ru i.ua
inbox.lv
"""
CLEANED = [
    "Eva Muster <eva@x.example>",
    '"Muster, Eva" <eva@x.example>',
    "<eva@x.example>",
    "Eva Muster eva@x.example",
    "eva@x.example.",
    "eva@x.example,",
    "eva@x.example;",
    " eva@x.example \n",
    "eva@x.example\u200b",
    "\u200beva@x.example",
    "\ufeffeva@x.example",
    "eva@x\u00ad.example",
    "eva\u00a0@x.example",
    "\u00a0eva@x.example\u00a0",
    "eva＠x.example",
    "ｅｖａ@x.example",
    "eva@x．example",
    "eva&#64;x.example",
    "eva&commat;x.example",
    "mailto:eva@x.example",
    "mailto:eva@x.example?subject=Price&body=Hi",
    "MAILTO:eva@x.example",
    "MAILTO:eva@x.example?subject=Hi",
    "<mailto:eva@x.example>",
    "'eva@x.example'",
    "„eva@x.example“",
    "(eva@x.example)",
    "eva @ x.example",
    "eva@ x.example",
    "EVA@X.Example",
    "eva (at) x.example",
    "eva[at]x[dot]example",
    "E-Mail: eva@x.example",
    "eva@x.example (privat)",
    "eva%40x.example",
    "&lt;eva@x.example&gt;",
    "eva@x.example/",
    "eva@x.example; b@x.example",
    "eva@x.example, b@x.example",
    "eva@x.example / b@x.example",
    "eva@x.example oder b@x.example",
    "eva@x.example b@x.example",
    "eva@x.example\nb@x.example",
    "none@none.com; eva@x.example",
    "Eva <eva@x.example>, Ben <b@x.example>",
]


@pytest.mark.parametrize("text", CLEANED)
def test_a_pasted_address_is_cleaned(text: str) -> None:
    assert normalize.email(text) == EVA


@pytest.mark.parametrize(
    "text",
    [
        "cora@gmail,com",
        "a..b@x.example",
        "eva muster@x.example",
        "write to eva@x.example please",
        "eva@x",
        "@x.example",
        "eva@@x.example",
        "n/a",
        "",
        "@",
        "eva at x.example",
        "<script>alert(1)</script>@x.example",
    ],
)
def test_what_is_no_address_stays_none(text: str) -> None:
    assert normalize.email(text) is None


def test_all_addresses_of_a_text_in_order() -> None:
    assert normalize.emails("b@x.example; eva@x.example, b@x.example") == ["b@x.example", EVA]


@pytest.mark.parametrize(
    "address",
    NOBODYS.split(),
)
def test_an_address_that_says_none_is_none(address: str) -> None:
    assert normalize.is_placeholder(address)
    assert normalize.email(address) is None


@pytest.mark.parametrize(
    "address",
    ODD.split(),
)
def test_an_odd_address_is_an_address(address: str) -> None:
    assert normalize.email(address) == address


@pytest.mark.parametrize(
    "mailbox",
    ROLES.split(),
)
def test_a_mailbox_of_several_people(mailbox: str) -> None:
    assert normalize.is_role_mailbox(f"{mailbox}@acme.example")


@pytest.mark.parametrize("mailbox", ["eva", "otto.muster", "o.muster", "ola", "infomatic", "mila", "kai"])
def test_a_mailbox_of_one_person(mailbox: str) -> None:
    assert not normalize.is_role_mailbox(f"{mailbox}@acme.example")


@pytest.mark.parametrize(
    "domain",
    PROVIDERS.split(),
)
def test_a_providers_domain_is_no_company(domain: str) -> None:
    assert normalize.company_domain(normalize.mail_domain(f"eva@{domain}")) is None


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.example", "acme.example"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("orange-bikes.fr", "orange-bikes.fr"),
    ],
)
def test_a_companys_domain_is(text: str, domain: str) -> None:
    assert normalize.company_domain(text) == domain
