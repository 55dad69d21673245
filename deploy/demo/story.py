"""The month that is played: who sells what, who came from where, and how each deal went. Data only.

A company sells monitoring for solar parks. Days count back from today, amounts are in minor
units. Every person lives at a domain reserved for examples (RFC 2606).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

DAYS = 30
REPORTING = "EUR"
Door = Literal["api", "form_json", "form_page", "contact_form_7", "latin1", "google_ads", "meta", "tally"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """`daily` is what an average day costs, in its currency; `on` are the days it ran, all without it."""

    key: str
    name: str
    channel: str
    currency: str
    daily: int
    on: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Touch:
    """One meeting with a campaign, `days` ago; 0 is now."""

    campaign: str
    days: float
    door: Door = "api"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a deal goes. `closed` is so many days ago; `now` closes it as it stands at the end of the story."""

    amount: int
    currency: str
    stages: Sequence[str] = ("discovery", "demo", "proposal", "negotiation")
    end: Literal["won", "lost", "open", "returned"] = "open"
    closed: float = 0
    amended: int | None = None
    refunded: int = 0
    paid: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A prospect, what they met, and what became of them; without a plan nobody was to call them."""

    given: str
    family: str
    title: str
    company: str
    domain: str
    country: str
    size: int
    industry: str
    touches: Sequence[Touch]
    plan: Plan | None = None
    answer: Literal["accept", "decline_first", "lapse_first"] = "accept"
    graph: Literal["", "throttled_first", "refused_first"] = ""  # what Meta says when asked for the details

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def live(self) -> bool:
        """Whether the last touch happens while the demo runs."""
        return self.touches[-1].days == 0


CHANNELS = {
    "paid_search": ("Paid search", True),
    "paid_social": ("Paid social", True),
    "event": ("Events and webinars", True),
    "email": ("E-mail", False),
    "referral": ("Partners", False),
}

CAMPAIGNS = (
    Campaign("search", "Solar monitoring, search DACH", "paid_search", "EUR", 238_00),
    Campaign("us-search", "Solar monitoring, search US", "paid_search", "USD", 305_00),
    Campaign("social", "Planner stories, Meta", "paid_social", "USD", 186_00),
    Campaign("webinar", "Webinar: yield forecasts that hold", "event", "EUR", 2_350_00, on=(22, 21)),
    Campaign("newsletter", "Newsletter", "email", "EUR", 480_00, on=(27, 20, 13, 6)),
    Campaign("partners", "Installer partners", "referral", "EUR", 0),
)

LAST_MONTH = (
    Person(
        "Anna", "Weber", "Head of Operations", "Nordlicht Solar GmbH", "nordlicht-solar", "DE", 240, "energy",
        (Touch("newsletter", 27), Touch("webinar", 21), Touch("search", 15)),
        Plan(18_400_00, "EUR", end="won", closed=5, amended=16_950_00, paid=True),
    ),
    Person(
        "James", "Carter", "VP Asset Management", "Blue Mesa Energy", "blue-mesa", "US", 900, "energy",
        (Touch("us-search", 26), Touch("webinar", 21)),
        Plan(24_000_00, "USD", end="won", closed=4, refunded=3_600_00, paid=True),
    ),
    Person(
        "Sofia", "Rossi", "CTO", "Solare Adriatico", "solare-adriatico", "IT", 60, "energy",
        (Touch("social", 22),),
        Plan(7_250_50, "EUR", end="won", closed=9, paid=True),
    ),
    Person(
        "Olivia", "Brown", "Chief Operating Officer", "Brightfield Estates", "brightfield", "GB", 410,
        "real_estate",
        (Touch("partners", 25), Touch("newsletter", 20), Touch("search", 12), Touch("social", 10.5)),
        Plan(12_999_99, "USD", end="won", closed=2),
    ),
    Person(
        "Emma", "Johansson", "Founder", "Norrsken Park AB", "norrsken-park", "SE", 35, "energy",
        (Touch("social", 16), Touch("partners", 11), Touch("newsletter", 6)),
        Plan(5_333_33, "EUR", end="won", closed=1),
    ),
    Person(
        "Lucas", "Martin", "Director of Purchasing", "Toits du Midi", "toits-du-midi", "FR", 130,
        "construction",
        (Touch("search", 19),),
        Plan(9_900_00, "EUR", stages=("discovery", "demo", "proposal"), end="lost", closed=7),
    ),
    Person(
        "Mia", "Schneider", "Head of Engineering", "Alpenkraft KG", "alpenkraft", "AT", 80, "energy",
        (Touch("webinar", 21), Touch("search", 8)),
        Plan(15_000_00, "EUR", stages=("discovery", "demo", "proposal")),
    ),
    Person(
        "Noah", "Davis", "Director of Facilities", "Cactus Ridge Farms", "cactus-ridge", "US", 320,
        "agriculture",
        (Touch("us-search", 14),),
        Plan(31_000_00, "USD"),
    ),
    Person(
        "Liam", "Byrne", "Owner", "Byrne and Sons Roofing", "byrne-roofing", "IE", 25, "construction",
        (Touch("newsletter", 20),),
        Plan(0, "EUR", stages=(), end="returned"),
    ),
)  # fmt: skip

ONLOOKERS = (
    Person(
        "Ethan", "Wright", "Student", "Coastal University", "coastal-university", "GB", 5000, "education",
        (Touch("webinar", 21),),
    ),
    Person(
        "Chloe", "Dubois", "Intern", "Maison Verte", "maison-verte", "FR", 12, "retail",
        (Touch("social", 13),),
    ),
)  # fmt: skip

HANNA = Person(
    "Hanna", "Fischer", "Managing Director", "Sonnenhof Agrar", "sonnenhof-agrar", "DE", 150,
    "agriculture",
    (Touch("search", 0, "form_json"),),
    Plan(11_800_00, "EUR", stages=("discovery",)),
)  # fmt: skip
DAVID = Person(
    "David", "Kim", "Energy Engineer", "Harbor Cold Storage", "harbor-cold", "US", 260, "logistics",
    (Touch("webinar", 21), Touch("us-search", 0, "form_page")),
    Plan(8_640_00, "USD", end="won", paid=True),
)  # fmt: skip
MARTA = Person(
    "Marta", "Nowak", "Head of Procurement", "Baltic Roofs", "baltic-roofs", "PL", 190, "construction",
    (Touch("search", 0, "google_ads"),),
    Plan(6_400_00, "EUR", stages=("discovery", "demo")),
    answer="decline_first",
)  # fmt: skip
CARLOS = Person(
    "Carlos", "Mendes", "Director of Operations", "Vale Solar", "vale-solar", "PT", 75, "energy",
    (Touch("social", 0, "meta"),),
    Plan(4_750_00, "EUR", end="won"),
    graph="throttled_first",
)  # fmt: skip
YUKI = Person(
    "Yuki", "Tanaka", "Head of Grid Planning", "Setouchi Power", "setouchi-power", "JP", 1100, "energy",
    (Touch("social", 0, "meta"),),
    Plan(27_500_00, "USD", stages=("discovery",)),
    answer="lapse_first",
)  # fmt: skip
PRIYA = Person(
    "Priya", "Nair", "Head of Sustainability", "Greenline Depots", "greenline-depots", "GB", 95,
    "logistics",
    (Touch("social", 0, "meta"),),
    Plan(5_200_00, "EUR", stages=("discovery",)),
    graph="refused_first",
)  # fmt: skip
NILS = Person(
    "Nils", "Brandt", "Technical Director", "Elbdach Energie", "elbdach", "DE", 55, "energy",
    (Touch("partners", 0, "contact_form_7"),),
    Plan(3_900_00, "EUR", stages=("discovery",)),
)  # fmt: skip
JOERG = Person(
    "Jörg", "Müßig", "Geschäftsführer", "Süddach Montage", "sueddach", "AT", 40, "construction",
    (Touch("search", 0, "latin1"),),
    Plan(2_850_00, "EUR", stages=("discovery",)),
)  # fmt: skip
LENA = Person(
    "Lena", "Vogt", "Head of Energy", "Rheintal Frost", "rheintal-frost", "CH", 210, "logistics",
    (Touch("newsletter", 0, "tally"),),
    Plan(6_150_00, "EUR", stages=("discovery",)),
)  # fmt: skip
TODAY = (CARLOS, PRIYA, HANNA, DAVID, NILS, JOERG, LENA, MARTA, YUKI)
SURPRISES = (PRIYA, YUKI)  # who comes in scenes of their own

# A deal a rep found without marketing: it is credited to sales, never to a campaign.
PROSPECTED = Plan(4_444_44, "USD", stages=("discovery", "proposal"), end="won", closed=3)
PROSPECTED_COMPANY = "Quarry Lane Quarries"


@dataclass(frozen=True, slots=True)
class Team:
    """Who answers for which countries; without countries they answer for all others."""

    name: str
    manager: str
    reps: Sequence[tuple[str, str]]
    countries: Sequence[str] = ()


APAC = "Demo: Asia Pacific"
TEAMS = (
    Team(
        APAC,
        "demo-kenji",
        (
            ("demo-fay", "Fay Wong"),
            ("demo-gus", "Gus Parata"),
            ("demo-hiro", "Hiro Sato"),
            ("demo-isla", "Isla Reid"),
        ),
        ("AU", "JP", "NZ"),
    ),
    Team(
        "Demo: Central Europe",
        "demo-maria",
        (("demo-ana", "Ana Lima"), ("demo-ben", "Ben Maurer"), ("demo-cleo", "Cleo Haas")),
        ("AT", "CH", "DE", "PL"),
    ),
    Team("Demo: Worldwide", "demo-oscar", (("demo-dora", "Dora Quist"), ("demo-emil", "Emil Nagy"))),
)
