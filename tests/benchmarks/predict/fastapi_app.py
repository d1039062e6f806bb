"""What most people put in front of a pickled pipeline: FastAPI, joblib and pandas."""

import os

import joblib
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["PIPELINE"])


class Body(BaseModel):
    instances: list[dict[str, float | str | None]]


@app.post("/predict")
def predict(body: Body):
    return {"probabilities": model.predict_proba(pd.DataFrame.from_records(body.instances)).tolist()}
