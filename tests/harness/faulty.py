# SPDX-License-Identifier: Apache-2.0
"""An S3 server that fails on demand: passes requests through to a sound one, Host and signature untouched.

    f = Faulty(s3)
    f.fail("503", PART, times=2)    # the next two uploads of a part; f.met counts
Kinds: a key of ANSWERS, or reset (before an answer), lost (done, but the answer is reset), stall (never answers),
cut (half of the body), 301 (only to the wrong region), plain (501 for whoever sends a checksum)."""
import http.client
import http.server
import socket
import ssl
import struct
import threading

ANSWERS = {"503": (503, "SlowDown"), "500": (500, "InternalError"), "429": (429, "TooManyRequests"),
           "200": (200, "InternalError"), "403": (403, "AccessDenied"), "skew": (403, "RequestTimeTooSkewed")}
DROP = {"connection", "transfer-encoding", "keep-alive"}


def PART(method, path):
    return method == "PUT" and "partNumber=" in path


def BEGIN(method, path):
    return method == "POST" and path.endswith("?uploads=")


def COMPLETE(method, path):
    return method == "POST" and "uploadId=" in path


def DATA(method, path):
    return method == "GET" and path.endswith(".db")


def MANIFEST(method, path):
    return method == "PUT" and path.endswith(".manifest.json")


class Faulty:
    def __init__(self, s3):
        self.s3, self.kind, self.match, self.left, self.met, self.seen = s3, None, None, 0, 0, []
        self.lock, self.gate = threading.Lock(), threading.Event()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                owner.serve(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

            def log_message(self, *a):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def env(self, **more):
        return self.s3.env() | {"AWS_ENDPOINT_URL": self.url, **more}

    def fail(self, kind=None, match=lambda m, p: True, times=1 << 30):
        with self.lock:
            self.kind, self.match, self.left, self.met, self.seen = kind, match, times, 0, []

    def pick(self, h):
        with self.lock:
            self.seen.append((h.command, h.path))
            if not self.kind or self.left <= 0 or not self.match(h.command, h.path):
                return None
            if self.kind == "301" and "/us-east-1/s3/" in h.headers.get("authorization", ""):
                return None
            if self.kind == "plain" and not any(k.lower().startswith("x-amz-checksum") for k in h.headers):
                return None
            self.left -= 1
            self.met += 1
            return self.kind

    def serve(self, h):
        body = h.rfile.read(int(h.headers.get("content-length") or 0))
        kind = self.pick(h)
        if kind in ANSWERS or kind in ("301", "plain"):
            return self.refuse(h, kind)
        if kind == "reset":
            return self.reset(h)
        if kind == "stall":
            self.gate.wait()
            return self.reset(h)
        status, headers, data = self.forward(h, body)
        if kind == "lost":
            return self.reset(h)
        h.send_response_only(status)
        for k, v in headers:
            if k.lower() not in DROP and k.lower() != "content-length":
                h.send_header(k, v)
        length = next((v for k, v in headers if k.lower() == "content-length"), len(data))
        h.send_header("Content-Length", length if h.command == "HEAD" else len(data))
        h.end_headers()
        if kind == "cut":
            h.wfile.write(data[:len(data) // 2])
            return self.reset(h)
        h.wfile.write(data)

    def forward(self, h, body):
        up = http.client.HTTPSConnection("127.0.0.1", self.s3.port, context=ssl.create_default_context(cafile=self.s3.ca), timeout=60)
        up.putrequest(h.command, h.path, skip_host=True, skip_accept_encoding=True)
        for k, v in h.headers.items():
            if k.lower() not in DROP:
                up.putheader(k, v)
        up.endheaders(body or None)
        r = up.getresponse()
        got = r.status, r.getheaders(), r.read()
        up.close()
        return got

    def refuse(self, h, kind):
        status, code = {"301": (301, "PermanentRedirect"), "plain": (501, "NotImplemented")}.get(kind) or ANSWERS[kind]
        text = f"<Error><Code>{code}</Code><Message>Told to fail.</Message></Error>".encode()
        h.send_response_only(status)
        if kind == "301":
            h.send_header("x-amz-bucket-region", "us-east-1")
        h.send_header("Content-Type", "application/xml")
        h.send_header("Date", h.date_time_string())
        h.send_header("Content-Length", len(text))
        h.end_headers()
        if h.command != "HEAD":
            h.wfile.write(text)

    @staticmethod
    def reset(h):
        h.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        h.close_connection = True
        h.wfile.flush()
        h.connection.close()

    def stop(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()
