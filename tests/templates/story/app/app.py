"""A web app whose answer stops after its first piece until the file GATE is there."""

import http.server
import os
import pathlib
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.path == "/ticks":
            self.piece(b"one")
            while not pathlib.Path(os.environ["GATE"]).exists():
                time.sleep(0.01)
            self.piece(b"two")
        self.piece(b"")

    def piece(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


Server(("127.0.0.1", int(os.environ["AWS_LWA_PORT"])), Handler).serve_forever()
