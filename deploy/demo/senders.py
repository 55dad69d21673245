"""The outside world: the company's site, a form tool, Google Ads and Meta, each sending as they really do."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from deploy.demo.graph import Graph
from deploy.demo.graph_answers import NO_LEADS_RETRIEVAL, THROTTLED, LeadAd
from deploy.demo.house import Answer
from deploy.demo.scene import FORM_ID, ORIGIN, PAGE_ID, Scene
from deploy.demo.story import Person

BOUNDARY = "----WebKitFormBoundarydemo"
MESSAGE = "We run several parks and would like to see yield losses the day they happen, not a month later."


def details(scene: Scene, person: Person) -> dict[str, Any]:
    """What a person says of themselves."""
    return {
        "name": person.name,
        "email": scene.email(person),
        "company": person.company,
        "job_title": person.title,
        "employees": person.size,
        "industry": person.industry,
        "country": person.country,
    }


@dataclass(frozen=True, slots=True)
class Site:
    """Pages with our form: a script that posts JSON, plain HTML, Contact Form 7, and a page in Latin-1."""

    scene: Scene

    def fields(self, person: Person) -> dict[str, Any]:
        query = {
            "utm_source": "google",
            "utm_medium": "cpc",
            "utm_campaign": self.scene.utm(person.touches[-1].campaign),
            "gclid": f"EAIaIQobChMI-demo-{self.scene.run}",
        }
        landing = f"{ORIGIN}/monitoring?{urlencode(query)}"
        return {**details(self.scene, person), "message": MESSAGE, "landing_url": landing}

    def post(self, fields: dict[str, Any], *, as_json: bool = True) -> Answer:
        if as_json:
            return self.send(json.dumps(fields), "application/json")
        return self.send(urlencode(fields), "application/x-www-form-urlencoded")

    def fill_in(self, person: Person) -> Answer:
        """On the page where the person found the form, as that page posts."""
        match person.touches[-1].door:
            case "contact_form_7":
                return self._contact_form_7(person)
            case "latin1":
                content = urlencode(self.fields(person), encoding="latin-1")
                return self.send(content, "application/x-www-form-urlencoded; charset=ISO-8859-1")
            case door:
                return self.post(self.fields(person), as_json=door == "form_json")

    def _contact_form_7(self, person: Person) -> Answer:
        """Its usual fields are called `your-…`, its own stand beside them, and all come in parts."""
        fields = self.fields(person)
        named = {"landing_url": fields.pop("landing_url"), "_wpcf7": "12", "_wpcf7_unit_tag": "wpcf7-f12-o1"}
        named |= {f"your-{name.replace('_', '-')}": str(value) for name, value in fields.items()}
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in named.items()
        ]
        return self.send(f"{''.join(parts)}--{BOUNDARY}--\r\n", f"multipart/form-data; boundary={BOUNDARY}")

    def send(self, content: str, kind: str, *, origin: str = ORIGIN, key: str = "") -> Answer:
        """Any bytes, from any page, to any form."""
        path = f"/v1/forms/{key or self.scene.form_key}/submissions"
        headers = {"Content-Type": kind, "Origin": origin}
        return self.scene.house.stranger.try_("POST", "marketing", path, content=content, headers=headers)


@dataclass(frozen=True, slots=True)
class Tally:
    """A survey made with a form tool, whose webhooks are signed (tally.so/help/webhooks)."""

    scene: Scene

    def body(self, person: Person) -> bytes:
        asked = {
            "Your name": ("INPUT_TEXT", person.name),
            "Where may we write to?": ("INPUT_EMAIL", self.scene.email(person)),
            "Company": ("INPUT_TEXT", person.company),
            "Job title": ("INPUT_TEXT", person.title),
            "Country": ("INPUT_TEXT", person.country),
            "Employees": ("INPUT_NUMBER", person.size),
        }
        fields = [
            {"key": f"question_{number}", "label": label, "type": kind, "value": value}
            for number, (label, (kind, value)) in enumerate(asked.items())
        ]
        data = {"submissionId": self.id_of(person), "formName": "Yield check", "fields": fields}
        return json.dumps({"eventType": "FORM_RESPONSE", "data": data}).encode()

    def id_of(self, person: Person) -> str:
        return f"tally-{self.scene.run}-{person.family}"

    def post(self, body: bytes, *, secret: str = "") -> Answer:
        """Send it as Tally does; with another secret it is a forgery."""
        signed = hmac.new((secret or self.scene.tally_secret).encode(), body, hashlib.sha256).digest()
        headers = {"Content-Type": "application/json", "Tally-Signature": base64.b64encode(signed).decode()}
        path = self.scene.tally["webhook_path"]
        return self.scene.house.stranger.try_("POST", "marketing", path, content=body, headers=headers)


@dataclass(frozen=True, slots=True)
class GoogleAds:
    """Lead form webhooks (developers.google.com/google-ads/webhook/docs/implementation)."""

    scene: Scene

    def body(self, person: Person, **more: Any) -> dict[str, Any]:
        columns = {
            "FULL_NAME": person.name,
            "WORK_EMAIL": self.scene.email(person),
            "COMPANY_NAME": person.company,
            "COMPANY_SIZE": str(person.size),
            "JOB_TITLE": person.title,
            "COUNTRY": person.country,
        }
        lead_id = base64.b64encode(f"2:lead_id:{self.scene.run}:{person.family}".encode()).decode()
        return {
            "lead_id": lead_id,
            "api_version": "1.0",
            "form_id": 30012,
            "campaign_id": int(self.scene.platform_id(person.touches[-1].campaign)),
            "adgroup_id": 0,
            "creative_id": 0,
            "gcl_id": f"Cj0KCQ-demo-{self.scene.run}",
            "google_key": self.scene.google_key,
            "user_column_data": [
                {"column_id": name, "string_value": value} for name, value in columns.items()
            ],
            **more,
        }

    def post(self, body: dict[str, Any]) -> Answer:
        path = self.scene.google["webhook_path"]
        return self.scene.house.stranger.try_("POST", "marketing", path, json=body)


@dataclass(frozen=True, slots=True)
class Meta:
    """Leadgen webhooks, signed over their bytes; what was filled in waits at the Graph API."""

    scene: Scene
    graph: Graph
    now: datetime

    def fill_in(self, person: Person) -> LeadAd:
        """The person sends the form on Facebook."""
        ad = self.ad(person)
        self.graph.add(ad)
        if person.graph == "throttled_first":
            self.graph.fail(ad.id, THROTTLED)
        elif person.graph == "refused_first":
            self.graph.fail(ad.id, NO_LEADS_RETRIEVAL)
        return ad

    def ad(self, person: Person) -> LeadAd:
        number = sum(person.family.encode())
        answers: dict[str, str | list[str]] = {
            "full_name": person.name,
            "work_email": self.scene.email(person),
            "company_name": person.company,
            "job_title": person.title,
            "country": person.country,
            "how_many_people_work_with_you": str(person.size),
        }
        return LeadAd(
            id=f"{1_200_000_000_000_000 + self.scene.run * 10_000 + number}",
            form_id=FORM_ID,
            answers=answers,
            created_at=self.now.replace(microsecond=0),
            campaign_id=self.scene.platform_id(person.touches[-1].campaign),
        )

    def body(self, ad: LeadAd, *, later: int = 0) -> bytes:
        """The webhook about a lead; told again `later`, it has other bytes and the same lead."""
        time = int(self.now.timestamp())
        value = {
            "leadgen_id": int(ad.id),
            "page_id": int(PAGE_ID),
            "form_id": int(ad.form_id),
            "created_time": time,
        }
        change = {"field": "leadgen", "value": value}
        entry = {"id": int(PAGE_ID), "time": time + later, "changes": [change]}
        return json.dumps({"object": "page", "entry": [entry]}).encode()

    def post(self, body: bytes, *, secret: str = "", signed: bool = True) -> Answer:
        """Send it as Meta does; with another secret, or unsigned, it is a forgery."""
        key = (secret or self.scene.app_secret).encode()
        headers = {"Content-Type": "application/json"}
        if signed:
            headers["X-Hub-Signature-256"] = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        path = self.scene.meta["webhook_path"]
        return self.scene.house.stranger.try_("POST", "marketing", path, content=body, headers=headers)

    def subscribe(self) -> Answer:
        """What Meta asks when the webhook's address is entered there."""
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": "1158201444",
            "hub.verify_token": self.scene.verify_token,
        }
        path = self.scene.meta["webhook_path"]
        return self.scene.house.stranger.try_("GET", "marketing", path, params=query)
