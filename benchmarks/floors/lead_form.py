"""The form's twelve fields, declared as FastAPI wants them."""

from pydantic import BaseModel


class LeadForm(BaseModel):
    email: str
    first_name: str
    last_name: str
    phone: str
    company: str
    job_title: str
    country: str
    message: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    landing_url: str


class Accepted(BaseModel):
    submission_id: str
    status: str
