"""What a person reads who has sent a plain HTML form: thanks, or what to correct, in their language. Pure.

One small page without a script, which needs nothing from elsewhere. All of its texts are ours.
"""

import hashlib
from base64 import b64encode
from functools import lru_cache
from html import escape
from typing import NamedTuple

from shared.errors import ProblemError

HTML = b"text/html; charset=utf-8"
ENGLISH = "en"
# What went wrong, as a person can understand it; also what `error_url` is told.
NO_CONTACT, TOO_LARGE, UNREADABLE, UNKNOWN_FORM, TRY_LATER = CODES = (
    "no_contact",
    "too_large",
    "unreadable",
    "unknown_form",
    "try_later",
)
_CODE_OF_STATUS = {413: TOO_LARGE, 404: UNKNOWN_FORM, 429: TRY_LATER, 503: TRY_LATER}


class Texts(NamedTuple):
    """Of one language: titles, and a sentence for each of CODES in their order."""

    thanks_title: str
    thanks: str
    problem_title: str
    no_contact: str
    too_large: str
    unreadable: str
    unknown_form: str
    try_later: str


# fmt: off
TEXTS = {
    "en": Texts(
        "Thank you", "We have received your message.", "Please check your message",
        "We found neither an e-mail address nor a phone number. Please go back, enter one and send it again.",
        "The message is too large, perhaps because of a file. Please go back, leave the file out and "
        "send it again.",
        "We couldn't read what your browser sent. Please go back and send it again.",
        "This form is no longer in use. Please get in touch with the owner of the website.",
        "We can't take your message right now. Please wait a moment, go back and send it again."),
    "de": Texts(
        "Vielen Dank", "Wir haben Ihre Nachricht erhalten.", "Bitte prüfen Sie Ihre Angaben",
        "Wir haben weder eine E-Mail-Adresse noch eine Telefonnummer gefunden. Bitte gehen Sie zurück, "
        "tragen Sie "
        "eine ein und senden Sie das Formular noch einmal.",
        "Die Nachricht ist zu groß, vielleicht wegen einer Datei. Bitte gehen Sie zurück, lassen Sie "
        "die Datei weg "
        "und senden Sie das Formular noch einmal.",
        "Wir konnten nicht lesen, was Ihr Browser gesendet hat. Bitte gehen Sie zurück und senden Sie "
        "es noch "
        "einmal.",
        "Dieses Formular wird nicht mehr verwendet. Bitte wenden Sie sich an den Betreiber der Website.",
        "Wir können Ihre Nachricht gerade nicht annehmen. Bitte warten Sie einen Moment und senden Sie "
        "sie noch "
        "einmal."),
    "fr": Texts(
        "Merci", "Nous avons bien reçu votre message.", "Veuillez vérifier votre message",
        "Nous n'avons trouvé ni adresse e-mail ni numéro de téléphone. Veuillez revenir en arrière, en "
        "saisir un et "
        "renvoyer le formulaire.",
        "Le message est trop volumineux, peut-être à cause d'un fichier. Veuillez revenir en arrière, "
        "retirer le "
        "fichier et renvoyer le formulaire.",
        "Nous n'avons pas pu lire ce que votre navigateur a envoyé. Veuillez revenir en arrière et "
        "réessayer.",
        "Ce formulaire n'est plus utilisé. Veuillez contacter le propriétaire du site.",
        "Nous ne pouvons pas recevoir votre message pour le moment. Veuillez patienter un instant et "
        "réessayer."),
    "es": Texts(
        "Gracias", "Hemos recibido su mensaje.", "Revise su mensaje",
        "No hemos encontrado ni una dirección de correo ni un número de teléfono. Vuelva atrás, "
        "introduzca uno y "
        "envíe el formulario de nuevo.",
        "El mensaje es demasiado grande, quizá por un archivo. Vuelva atrás, quite el archivo y envíelo "
        "de nuevo.",
        "No hemos podido leer lo que envió su navegador. Vuelva atrás e inténtelo de nuevo.",
        "Este formulario ya no está en uso. Póngase en contacto con el propietario del sitio web.",
        "Ahora no podemos recibir su mensaje. Espere un momento e inténtelo de nuevo."),
    "it": Texts(
        "Grazie", "Abbiamo ricevuto il Suo messaggio.", "Controlli il Suo messaggio",
        "Non abbiamo trovato né un indirizzo e-mail né un numero di telefono. Torni indietro, ne "
        "inserisca uno e "
        "invii di nuovo il modulo.",
        "Il messaggio è troppo grande, forse a causa di un file. Torni indietro, tolga il file e lo "
        "invii di nuovo.",
        "Non siamo riusciti a leggere ciò che il Suo browser ha inviato. Torni indietro e riprovi.",
        "Questo modulo non è più in uso. Si rivolga al gestore del sito.",
        "Al momento non possiamo ricevere il Suo messaggio. Attenda un attimo e riprovi."),
    "nl": Texts(
        "Bedankt", "We hebben uw bericht ontvangen.", "Controleer uw bericht",
        "We hebben geen e-mailadres en geen telefoonnummer gevonden. Ga terug, vul er een in en verstuur het "
        "formulier opnieuw.",
        "Het bericht is te groot, misschien door een bestand. Ga terug, laat het bestand weg en verstuur het "
        "opnieuw.",
        "We konden niet lezen wat uw browser heeft verstuurd. Ga terug en probeer het opnieuw.",
        "Dit formulier is niet meer in gebruik. Neem contact op met de eigenaar van de website.",
        "We kunnen uw bericht nu niet ontvangen. Wacht even en probeer het opnieuw."),
    "pl": Texts(
        "Dziękujemy", "Otrzymaliśmy Państwa wiadomość.", "Proszę sprawdzić wiadomość",
        "Nie znaleźliśmy adresu e-mail ani numeru telefonu. Proszę wrócić, podać jeden z nich i wysłać "
        "formularz "
        "ponownie.",
        "Wiadomość jest za duża, być może z powodu pliku. Proszę wrócić, usunąć plik i wysłać formularz "
        "ponownie.",
        "Nie udało się odczytać danych z przeglądarki. Proszę wrócić i spróbować ponownie.",
        "Ten formularz nie jest już używany. Proszę skontaktować się z właścicielem strony.",
        "W tej chwili nie możemy przyjąć wiadomości. Proszę chwilę poczekać i spróbować ponownie."),
    "pt": Texts(
        "Obrigado", "Recebemos a sua mensagem.", "Verifique a sua mensagem",
        "Não encontrámos um endereço de e-mail nem um número de telefone. Volte atrás, indique um e envie o "
        "formulário novamente.",
        "A mensagem é demasiado grande, talvez por causa de um ficheiro. Volte atrás, retire o ficheiro "
        "e envie "
        "novamente.",
        "Não conseguimos ler o que o seu navegador enviou. Volte atrás e tente novamente.",
        "Este formulário já não está em uso. Contacte o responsável pelo site.",
        "Neste momento não podemos receber a sua mensagem. Aguarde um momento e tente novamente."),
    "sv": Texts(
        "Tack", "Vi har fått ditt meddelande.", "Kontrollera ditt meddelande",
        "Vi hittade varken en e-postadress eller ett telefonnummer. Gå tillbaka, fyll i något av dem "
        "och skicka "
        "igen.",
        "Meddelandet är för stort, kanske på grund av en fil. Gå tillbaka, ta bort filen och skicka igen.",
        "Vi kunde inte läsa det som din webbläsare skickade. Gå tillbaka och försök igen.",
        "Det här formuläret används inte längre. Kontakta webbplatsens ägare.",
        "Vi kan inte ta emot ditt meddelande just nu. Vänta en stund och försök igen."),
    "cs": Texts(
        "Děkujeme", "Vaši zprávu jsme obdrželi.", "Zkontrolujte prosím svou zprávu",
        "Nenašli jsme e-mailovou adresu ani telefonní číslo. Vraťte se prosím, vyplňte jeden z údajů a "
        "odešlete "
        "formulář znovu.",
        "Zpráva je příliš velká, možná kvůli souboru. Vraťte se prosím, odeberte soubor a odešlete "
        "formulář znovu.",
        "Nepodařilo se nám přečíst, co váš prohlížeč odeslal. Vraťte se prosím a zkuste to znovu.",
        "Tento formulář se již nepoužívá. Obraťte se prosím na provozovatele webu.",
        "Vaši zprávu teď nemůžeme přijmout. Počkejte prosím chvíli a zkuste to znovu."),
}
# fmt: on
_STYLE = (
    "body{margin:0;background:#f6f7f9;color:#1d232b;font:17px/1.5 system-ui,sans-serif}"
    "main{max-width:34rem;margin:15vh auto;padding:2rem;background:#fff;border-radius:12px}"
    "h1{margin:0 0 .5rem;font-size:1.5rem}p{margin:0}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
HEADERS = (
    (b"content-type", HTML),
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"no-referrer"),
)


def language(of_form: str | None, accepted: str | None) -> str:
    """The form's language if we speak it, else the first of the browser's that we do."""
    wanted = [of_form or "", *(part.partition(";")[0] for part in (accepted or "")[:200].split(","))]
    codes = (one.strip().lower().partition("-")[0] for one in wanted)
    return next((code for code in codes if code in TEXTS), ENGLISH)


def code_of(problem: ProblemError) -> str:
    """What of a problem a person has to know."""
    return _CODE_OF_STATUS.get(problem.status, UNREADABLE)


@lru_cache(len(TEXTS))
def thanks(tongue: str) -> bytes:
    texts = TEXTS[tongue]
    return _page(tongue, texts.thanks_title, texts.thanks)


@lru_cache(len(TEXTS) * len(CODES))
def problem(tongue: str, code: str) -> bytes:
    texts = TEXTS[tongue]
    return _page(tongue, texts.problem_title, getattr(texts, code))


def _page(tongue: str, title: str, text: str) -> bytes:
    return (
        f'<!doctype html><html lang="{tongue}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></body>"
        "</html>\n"
    ).encode()
