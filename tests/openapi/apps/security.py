"""Security schemes, which the app checks itself."""

from typing import Annotated

from fastapi import Depends, FastAPI, Security
from fastapi.security import APIKeyHeader, HTTPBasic, OAuth2PasswordBearer

app = FastAPI(title="Security", docs_url=None, redoc_url=None, openapi_url=None)
key = APIKeyHeader(name="X-API-Key")


@app.get("/me")
def me(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="token"))]) -> str:
    return token


@app.get("/key")
def keyed(key: Annotated[str, Security(key)], basic: Annotated[object, Depends(HTTPBasic())]) -> str:
    return f"{key} {basic}"
