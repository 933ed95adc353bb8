"""Two hundred routes, each with a model of its own, and what an app may print and leave running."""

import threading
import time

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import create_model

print("an app may print at its import")
app = FastAPI(title="Large", docs_url=None, redoc_url=None, openapi_url=None)
threading.Thread(target=time.sleep, args=(600,)).start()

for number in range(200):
    model = create_model(f"Model_{number}", name=(str, ...), value=(int | None, None))

    @app.post(f"/group{number % 20}/things{number}/{{thing_id}}", name=f"thing{number}")
    def change(thing_id: int, body: model) -> StreamingResponse:  # type: ignore[valid-type]
        return StreamingResponse(iter((str(thing_id), str(body))))
