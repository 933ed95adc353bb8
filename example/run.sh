#!/bin/sh
# The function's Handler. Lambda Web Adapter starts it, waits until GET / answers, and passes the requests on.
cd "$(dirname "$0")" || exit
exec python3 -m uvicorn main:app --port "${AWS_LWA_PORT:-${PORT:-8080}}" --no-access-log
