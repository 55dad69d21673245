"""Leads come in, the good and the bad: what was sent, and what has to become of it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deploy.demo import story
from deploy.demo.checks import Checks
from deploy.demo.figures import Met
from deploy.demo.house import Answer, wait_for
from deploy.demo.scene import TRAP, Scene
from deploy.demo.senders import GoogleAds, Meta, Site, Tally, details
from deploy.demo.story import Person, Touch


@dataclass
class Arrivals:
    """One run's post: the doors, and a ledger of what they have to answer for."""

    scene: Scene
    checks: Checks
    site: Site
    tally: Tally
    google: GoogleAds
    meta: Meta
    now: datetime
    deliveries: Counter[str] = field(default_factory=Counter)  # states they must end in
    submissions: Counter[str] = field(default_factory=Counter)
    sent: dict[tuple[Person, int], str] = field(default_factory=dict)  # person, touch -> submission
    met: dict[Person, list[Met]] = field(default_factory=dict)  # as marketing settled them
    _known: set[Person] = field(default_factory=set)

    def history(self, people: Sequence[Person]) -> None:
        """Last month's touches, from a server, in one batch: sent twice, as after a timeout."""
        told = [
            (person, place, touch)
            for person in people
            for place, touch in enumerate(person.touches)
            if touch.days
        ]
        told.sort(key=lambda one: -one[2].days)
        leads = [self._lead(person, place, touch) for person, place, touch in told]
        first, again = self._batch(leads), self._batch(leads)
        for (person, place, _), made in zip(told, first["submissions"], strict=True):
            self._expect(person, place, made["submission_id"])
        self.checks.equal("the batch sent again gets the first answer", first, again)
        self.deliveries.update(read=1, repeat=1)

    def _batch(self, leads: list[dict[str, Any]]) -> Mapping[str, Any]:
        server = self.scene.house.server(self.scene.api_key)
        key = {"Idempotency-Key": f"demo-{self.scene.run}-history"}
        answer = server.ask("POST", "marketing", "/v1/leads/batch", json={"leads": leads}, headers=key)
        found: Mapping[str, Any] = answer.body
        return found

    def _lead(self, person: Person, place: int, touch: Touch) -> dict[str, Any]:
        """The last touch of somebody who was called is where they asked for it."""
        return {
            "external_id": f"crm-{self.scene.run}-{person.family.lower()}-{place}",
            "occurred_at": self.at(touch.days).isoformat(),
            "campaign_id": self.scene.campaigns[touch.campaign],
            "hand_raiser": person.plan is not None and touch is person.touches[-1],
            "route": True,  # nobody is offered history otherwise
            **details(self.scene, person),
        }

    def at(self, days: float) -> datetime:
        """So many days before now, to the second."""
        return (self.now - timedelta(days=days)).replace(microsecond=0)

    def today(self, people: Sequence[Person]) -> None:
        """Everybody who comes while the demo runs, by the door they come through."""
        for person in people:
            match person.touches[-1].door:
                case "form_json" | "form_page" | "contact_form_7" | "latin1":
                    answer = self.site.fill_in(person)
                    self._took(f"{person.name}'s form", 202, answer)
                    self._expect(person, len(person.touches) - 1, answer.body["submission_id"])
                case "tally":
                    self._took(f"{person.name}'s survey", 200, self.tally.post(self.tally.body(person)))
                    submission = self._found(self.scene.tally, self.tally.id_of(person))
                    self._expect(person, len(person.touches) - 1, submission)
                case "google_ads":
                    body = self.google.body(person)
                    self._took(f"{person.name}'s Google lead", 200, self.google.post(body))
                    self._expect(
                        person, len(person.touches) - 1, self._found(self.scene.google, body["lead_id"])
                    )
                case "meta":
                    ad = self.meta.fill_in(person)
                    self._took(f"{person.name}'s Meta lead", 200, self.meta.post(self.meta.body(ad)))
                    self._expect(person, len(person.touches) - 1, self._found(self.scene.meta, ad.id))

    def _took(self, what: str, status: int, answer: Answer) -> None:
        self.checks.equal(f"{what} is taken", status, answer.status)
        self.deliveries["read"] += 1

    def _expect(self, person: Person, place: int, submission_id: str) -> None:
        self.sent[person, place] = submission_id
        self.submissions["merged" if person in self._known else "created"] += 1
        self._known.add(person)

    def _found(self, connection: Mapping[str, Any], external_id: str) -> str:
        """The submission a platform's lead became: the platform is told nothing but 200."""
        analyst = self.scene.house.person("analyst")

        def ask() -> str | None:
            query = {"source_id": connection["id"], "external_id": external_id}
            items = analyst.get("marketing", "/v1/submissions", **query)["items"]
            return str(items[0]["id"]) if items else None

        return wait_for(f"the submission of {connection['name']}'s lead", ask)

    # ---- what should not become a lead ----------------------------------------------------------

    def repeats(self) -> str:
        """The same thing once more, from each door; returns the submission of a form's double click."""
        hanna, marta, carlos = story.HANNA, story.MARTA, story.CARLOS
        clicked = self.site.post(self.site.fields(hanna))
        self._took("a double click", 202, clicked)
        self.submissions["merged"] += 1
        answer = self.site.post({**self.site.fields(hanna), "message": "Did my message arrive?"})
        self._took("the same person's second form", 202, answer)
        self._expect(hanna, 1, answer.body["submission_id"])
        answers = {
            "Tally's answers sent again": self.tally.post(self.tally.body(story.LENA)),
            "Google's lead sent again": self.google.post(self.google.body(marta)),
            "Meta's webhook sent again": self.meta.post(self.meta.body(self.meta.ad(carlos))),
            "Meta's lead in another webhook": self.meta.post(self.meta.body(self.meta.ad(carlos), later=60)),
        }
        for what, one in answers.items():
            self.checks.equal(f"{what} is answered 200", 200, one.status)
            self.deliveries["repeat"] += 1
        test = self.google.body(marta, lead_id="TeSter-123-ABC", is_test=True)
        self.checks.equal("Google's test data are answered 200", 200, self.google.post(test).status)
        self.deliveries["notice"] += 1
        return str(clicked.body["submission_id"])

    def spam(self) -> dict[str, str]:
        """Posts that are kept and set aside; returns each submission with the reason it must get."""
        fields = self.site.fields(story.CARLOS)
        nobody = {"name": "Somebody", "message": "Please call me.", "company": "Sommerfeld"}
        trapped = {**fields, "email": "offers@pills.example", TRAP: "https://pills.example"}
        linked = {**fields, "email": "win@prizes.example", "name": "Win now https://prizes.example"}
        stranger = json.dumps({**fields, "email": "eva@elsewhere.example"})
        elsewhere = self.site.send(stranger, "application/json", origin="https://x.example")
        posts = [
            ("quarantined", "honeypot", 202, self.site.post(trapped)),
            ("quarantined", "link_in_name", 202, self.site.post(linked, as_json=False)),
            ("quarantined", "origin", 202, elsewhere),
            # Kept like the others, but who sent it can still do something about it.
            ("rejected", "no_contact", 422, self.site.post(nobody)),
        ]
        reasons = {}
        for state, reason, status, answer in posts:
            self._took(f"the post with {reason}", status, answer)
            self.submissions[state] += 1
            reasons[answer.body["submission_id"]] = reason
        return reasons

    def unreadable(self) -> None:
        """What comes with a form's key is kept, even if nothing can be made of it."""
        for what, status, answer in (
            ("half a JSON body", 202, self.site.send('{"email": "eva@mus', "application/json")),
            ("a body of another kind", 422, self.site.send("<lead/>", "application/xml")),
        ):
            self.checks.equal(f"{what} is answered {status}", status, answer.status)
            self.deliveries["unreadable"] += 1

    def refused(self) -> None:
        """Forgeries and strangers: turned away at the door, and nothing is kept."""
        ad = self.meta.ad(story.CARLOS)
        forged = self.google.body(story.MARTA, lead_id="forged", google_key="guessed-by-somebody")
        expected = [
            ("a forged Meta webhook", 401, self.meta.post(self.meta.body(ad), secret="not the app's secret")),
            ("an unsigned Meta webhook", 401, self.meta.post(self.meta.body(ad), signed=False)),
            ("a forged survey", 401, self.tally.post(self.tally.body(story.LENA), secret="a guess")),
            ("a Google lead with a guessed key", 401, self.google.post(forged)),
            ("a signed webhook that is no JSON", 400, self.meta.post(b'{"object":')),
            ("a form nobody knows", 404, self.site.send("{}", "application/json", key="pk_unknown")),
            ("no parts", 400, self.site.send("hello", "multipart/form-data; boundary=x")),
        ]
        for what, status, answer in expected:
            self.checks.equal(f"{what} is answered {status}", status, answer.status)
