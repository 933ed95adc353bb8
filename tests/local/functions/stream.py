"""A custom runtime that streams: it speaks the Runtime API itself, by plain sockets, and does what the event says."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
from typing import BinaryIO

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
HOST, _, PORT = API.partition(":")


def read_head(file: BinaryIO) -> dict[str, str]:
    file.readline()
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return headers


def next_event() -> tuple[str, dict[str, object]]:
    with socket.create_connection((HOST, int(PORT))) as api, api.makefile("rb") as file:
        api.sendall(f"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {API}\r\n\r\n".encode())
        headers = read_head(file)
        return headers["lambda-runtime-aws-request-id"], json.loads(file.read(int(headers["content-length"])))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def wait_for(path: str) -> None:
    while not os.path.exists(path):  # noqa: PTH110
        time.sleep(0.01)


def answer(request_id: str, event: dict[str, object]) -> None:
    with socket.create_connection((HOST, int(PORT))) as api, api.makefile("rb") as file:
        mode = "Lambda-Runtime-Function-Response-Mode: streaming\r\n" if event.get("mode", True) else ""
        head = f"POST /2018-06-01/runtime/invocation/{request_id}/response HTTP/1.1\r\nHost: {API}\r\n{mode}"
        head += f"Content-Type: {event.get('type', 'application/octet-stream')}\r\n"
        head += "Trailer: Lambda-Runtime-Function-Error-Type\r\nTransfer-Encoding: chunked\r\n\r\n"
        api.sendall(head.encode())
        for data in event.get("chunks", []):  # type: ignore[attr-defined]
            api.sendall(chunk(data.encode()))
        if path := event.get("wait"):
            wait_for(str(path))
        for _ in range(int(str(event.get("megabytes", 0)))):
            api.sendall(chunk(bytes(2**20)))
            print("sent a megabyte", flush=True)
        if event.get("then") == "exit":
            os._exit(7)
        if event.get("then") == "break":
            return
        trailers = ""
        if event.get("then") == "trailers":
            told = base64.b64encode(b'{"errorType": "Model.Gone", "errorMessage": "it is gone"}').decode()
            trailers = (
                f"Lambda-Runtime-Function-Error-Type: Model.Gone\r\nLambda-Runtime-Function-Error-Body: {told}\r\n"
            )
        api.sendall(f"0\r\n{trailers}\r\n".encode())
        print("accepted:", file.readline().split()[1].decode(), flush=True)


def main() -> None:
    if "child" in sys.argv:
        subprocess.Popen(["/bin/sleep", "600"])
    while True:
        request_id, event = next_event()
        answer(request_id, event)
        if event.get("then") == "exit after":
            os._exit(5)


if __name__ == "__main__":
    main()
