"""What people see of a stored form."""

from services.marketing.capture.embed.rules import ShownForm
from services.marketing.capture.sources.tables import Form


def shown(form: Form) -> ShownForm:
    """The part of a form that a page shows."""
    return ShownForm(
        key=form.key,
        name=form.name,
        fields=form.fields,
        honeypot_field=form.honeypot_field,
        language=form.language,
        title=form.title,
        texts=form.texts,
        consent_text=form.consent_text,
        consent_text_version=form.consent_text_version,
        consent_purpose=form.consent_purpose,
        redirect_url=form.redirect_url,
        error_url=form.error_url,
        frame_origins=form.frame_origins,
        challenge=form.challenge,
        challenge_site_key=form.challenge_site_key,
    )
