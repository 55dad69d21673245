"""Before the curtain: channels, campaigns, what they cost, where leads come in, and who takes them."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from deploy.demo import story
from deploy.demo.figures import Books
from deploy.demo.house import DemoError, House

RUN = re.compile(r"^demo-(\d+)-")
SATURDAY = 5
TRAP = "website_url"
ORIGIN = "https://www.lumenwerk.example"
PAGE_ID = "153125381133"
FORM_ID = "7740011"
PLAIN = str.maketrans({"ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass
class Scene:
    """What this run of the demo has set up, and where to find it."""

    house: House
    today: date
    run: int
    books: Books = field(default_factory=Books)
    campaigns: dict[str, str] = field(default_factory=dict)  # key in the story -> id
    api_key: str = ""
    form_key: str = ""
    google: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    tally: dict[str, Any] = field(default_factory=dict)
    google_key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    tally_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    verify_token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    page_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    teams: dict[str, dict[str, Any]] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)  # rep id -> who signs in
    managers: dict[str, str] = field(default_factory=dict)  # team id -> who leads it

    @property
    def first_day(self) -> date:
        return self.today - timedelta(days=story.DAYS - 1)

    def platform_id(self, campaign: str) -> str:
        """What Google or Meta calls the campaign: a number, like theirs."""
        keys = [one.key for one in story.CAMPAIGNS]
        return f"{2_100_000_000 + self.run * 100 + keys.index(campaign)}"

    def utm(self, campaign: str) -> str:
        return f"demo-{self.run}-{campaign}"

    def email(self, person: story.Person) -> str:
        """Unlike in every other run: the same person again would be the same contact."""
        mailbox = f"{person.given}.{person.family}".lower().translate(PLAIN)
        return f"{mailbox}@{person.domain}-{self.run}.example"


def next_run(house: House) -> int:
    """One more than the runs that have left their campaigns here."""
    analyst = house.person("analyst")
    names = (one.get("utm_campaign") or "" for one in analyst.all("marketing", "/v1/campaigns"))
    return max((int(found[1]) for name in names if (found := RUN.match(name))), default=0) + 1


def set_rates(scene: Scene) -> int:
    """A rate for every Monday of the month, of which every run says the same."""
    finance = scene.house.person("finance")
    monday = scene.first_day - timedelta(days=scene.first_day.weekday())
    count = 0
    while monday <= scene.today:
        rate = str(Decimal("0.9") + Decimal(Random(monday.toordinal()).randint(100, 320)) / 10_000)
        form = {"base": "USD", "quote": story.REPORTING, "valid_on": monday.isoformat(), "rate": rate}
        finance.post("sales", "/v1/exchange-rates", form)
        monday += timedelta(days=7)
        count += 1
    scene.books.rates = {}
    # The newest of a day counts. Somebody else may have set rates, too: what is listed holds.
    for one in finance.all("sales", "/v1/exchange-rates", base="USD", quote=story.REPORTING):
        scene.books.rates.setdefault(date.fromisoformat(one["valid_on"]), Decimal(one["rate"]))
    return count


def add_campaigns(scene: Scene) -> int:
    """Channels that are missing, and this run's campaigns with the ids the platforms know them by."""
    marketer = scene.house.person("marketer")
    known = {one["key"] for one in marketer.get("marketing", "/v1/channels")}
    for key, (name, paid) in story.CHANNELS.items():
        if key not in known:
            marketer.post("marketing", "/v1/channels", {"key": key, "name": name, "paid": paid})
    platforms = {"paid_search": "google_ads", "paid_social": "meta"}
    for one in story.CAMPAIGNS:
        platform = platforms.get(one.channel)
        form = {
            "name": one.name if scene.run == 1 else f"{one.name} ({scene.run})",
            "channel": one.channel,
            "utm_campaign": scene.utm(one.key),
            "currency": one.currency,
            "starts_on": scene.first_day.isoformat(),
            "external_ids": {platform: [scene.platform_id(one.key)]} if platform else {},
        }
        scene.campaigns[one.key] = marketer.post("marketing", "/v1/campaigns", form)["id"]
    return len(story.CAMPAIGNS)


def spend_money(scene: Scene) -> int:
    """Each campaign's cost by day. Weekends are quieter, and no two days are alike."""
    marketer = scene.house.person("marketer")
    count = 0
    for one in story.CAMPAIGNS:
        id = scene.campaigns[one.key]
        for day, cents in _days(scene, one):
            body = {
                "amount": money(cents, one.currency),
                "impressions": cents // 2,
                "clicks": cents // 180,
            }
            marketer.put("marketing", f"/v1/campaigns/{id}/spend/{day.isoformat()}", body)
            scene.books.spend.setdefault(id, []).append((day, cents, one.currency))
            count += 1
    return count


def _days(scene: Scene, campaign: story.Campaign) -> Iterator[tuple[date, int]]:
    luck = Random(campaign.key)
    always = campaign.on is None
    for ago in range(story.DAYS - 1, -1, -1) if campaign.on is None else campaign.on:
        day = scene.today - timedelta(days=ago)
        usual = campaign.daily * (60 if always and day.weekday() >= SATURDAY else 100) // 100
        if usual:
            yield day, usual * luck.randint(82, 118) // 100 + luck.randint(0, 99)


def money(cents: int, currency: str) -> dict[str, str]:
    """An amount as the API takes it."""
    return {"amount": f"{cents // 100}.{cents % 100:02d}", "currency": currency}


def open_doors(scene: Scene) -> None:
    """A web form, the accounts at Google, Meta and Tally, and a key for the server that sends the history."""
    marketer, admin = scene.house.person("marketer"), scene.house.person("admin")
    form = {
        "name": f"Talk to us (demo {scene.run})",
        "origins": [ORIGIN],
        "hand_raiser": True,
        "honeypot_field": TRAP,
        "language": "en",
    }
    scene.form_key = marketer.post("marketing", "/v1/forms", form)["key"]
    scene.google = marketer.post(
        "marketing",
        "/v1/connections",
        {
            "kind": "google_ads",
            "name": f"Google Ads (demo {scene.run})",
            "secrets": {"google_key": scene.google_key},
        },
    )
    scene.meta = marketer.post(
        "marketing",
        "/v1/connections",
        {
            "kind": "meta",
            "name": f"Meta page (demo {scene.run})",
            "field_mapping": {FORM_ID: {"how_many_people_work_with_you": "company_size"}},
            "secrets": {
                "app_secret": scene.app_secret,
                "verify_token": scene.verify_token,
                "access_token": scene.page_token,
            },
        },
    )
    scene.tally = marketer.post(
        "marketing",
        "/v1/connections",
        {
            "kind": "generic",
            "name": f"Tally (demo {scene.run})",
            "campaign_id": scene.campaigns["newsletter"],
            "hand_raiser": True,
            "settings": {"preset": "tally"},
            "secrets": {"signing_secret": scene.tally_secret},
        },
    )
    key = {"name": f"History import (demo {scene.run})", "scopes": ["leads:write"], "expires_in_days": 1}
    scene.api_key = admin.post("marketing", "/v1/api-keys", key)["key"]


def staff(scene: Scene) -> int:
    """Teams, reps and the rules that route leads to them. A later run finds them and goes on with them."""
    admin = scene.house.person("admin")
    teams = {one["name"]: one for one in admin.all("handoff", "/v1/teams")}
    reps = {one["subject"]: one for one in admin.all("handoff", "/v1/reps")}
    for team in story.TEAMS:
        form = {"name": team.name, "manager_subject": team.manager}
        scene.teams[team.name] = teams.get(team.name) or admin.post("handoff", "/v1/teams", form)
        scene.managers[scene.teams[team.name]["id"]] = team.manager
        for subject, name in team.reps:
            rep = {
                "subject": subject,
                "display_name": name,
                "team_id": scene.teams[team.name]["id"],
                "capacity": 500,
            }
            found = reps.get(subject) or admin.post("handoff", "/v1/reps", rep)
            scene.subjects[found["id"]] = subject
    _route(scene)
    return len(scene.subjects)


def _route(scene: Scene) -> None:
    admin = scene.house.person("admin")
    wanted = [
        {
            "name": team.name,
            "team_id": scene.teams[team.name]["id"],
            "conditions": {"country": list(team.countries)} if team.countries else {},
        }
        for team in story.TEAMS
    ]
    current = admin.get("handoff", "/v1/routing-rules")["rules"]
    if [{name: rule[name] for name in wanted[0]} for rule in current] != wanted:
        admin.edit("handoff", "/v1/routing-rules", {"rules": wanted}, whole=True)


def check_currency(scene: Scene) -> None:
    """The story's sums are in one currency. Raises DemoError when the stack reports in another."""
    found = scene.house.environment.values.get("REPORTING_CURRENCY", story.REPORTING)
    if found != story.REPORTING:
        raise DemoError(f"The story is told in {story.REPORTING}, the stack reports in {found}.")
