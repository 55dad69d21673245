"""A FastAPI endpoint with the form's fields declared, which does nothing with them."""

from fastapi import FastAPI

from benchmarks.floors.lead_form import Accepted, LeadForm

app = FastAPI()


@app.get("/readyz")
async def ready() -> dict[str, str]:
    return {}


@app.post("/v1/forms/{form_key}/submissions", status_code=202)
async def take(form_key: str, form: LeadForm) -> Accepted:
    return Accepted(submission_id=form_key, status="pending")
