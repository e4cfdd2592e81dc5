# SPDX-License-Identifier: Apache-2.0
"""A caching service (PCCS) made of the oracle's collateral, well-behaved or hostile on demand. It shares no code
with ours: Python's own HTTP server and TLS, the oracle's certificates."""
import datetime
import ipaddress
import ssl
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from attest_oracle.collateral import answers
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Reply:
    """What is sent: status, headers, body; and what a hostile service does with it."""

    def __init__(self, body=b"", headers=(), status=200, **tricks):
        self.body, self.headers, self.status, self.tricks = body, dict(headers), status, tricks


def percent(pem_text):
    return urllib.parse.quote(pem_text, safe="")


def well_behaved(items):
    """Route to reply, for the collateral of one platform."""
    a = answers(items)
    chain = lambda name, item: {name: percent(a[item].decode())}
    tcb = Reply(a["tcb_info"], {"Content-Type": "application/json", "Request-ID": "abc123",
                                **chain("TCB-Info-Issuer-Chain", "tcb_info_issuer_chain")})
    qe = Reply(a["qe_identity"], chain("SGX-Enclave-Identity-Issuer-Chain", "qe_identity_issuer_chain"))
    return {
        "tcb": tcb,
        "qe/identity": qe,
        "pckcrl": Reply(a["pck_crl"], chain("SGX-PCK-CRL-Issuer-Chain", "pck_crl_issuer_chain")),
        "rootcacrl": Reply(a["root_ca_crl"].hex().encode(), {"Content-Type": "application/pkix-crl"}),
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def do_GET(self):
        double = self.server.double
        url = urllib.parse.urlsplit(self.path)
        route = url.path.split("/certification/v", 1)[-1].split("/", 1)[-1]
        with double.lock:
            double.asked.append(self.path)
            double.headers.append(dict(self.headers))
            double.connections.add(self.client_address)
            reply = double.choose(route, urllib.parse.parse_qs(url.query))
        self.send(reply)

    def send(self, reply):
        double, tricks = self.server.double, reply.tricks
        if tricks.get("wait"):
            double.release.wait(20)
        if tricks.get("garbage"):
            self.wfile.write(b"\0\1\2 this is no HTTP\r\n\r\n")
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        body = reply.body
        self.send_header("Content-Length", str(len(body) + tricks.get("promise", 0)))
        self.end_headers()
        self.wfile.write(body)
        if tricks.get("promise"):
            self.wfile.flush()
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass  # a client that will not listen is no fault of the test's


class Double:
    """`replies` may be changed at any time: a Reply, or a list of which each is used once (the last stays)."""

    def __init__(self, items, certificate=None):
        self.replies = well_behaved(items)
        self.asked, self.headers, self.connections = [], [], set()
        self.lock, self.release = threading.Lock(), threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.double = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.url = f"{'https' if certificate else 'http'}://localhost:{self.server.server_port}/sgx/certification/v4/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def choose(self, route, query):
        reply = self.replies.get(route, Reply(b"", status=404))
        if callable(reply):
            reply = reply(query)
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        return reply

    def routes(self):
        return [p.split("?")[0].split("/certification/")[1].split("/", 1)[1] for p in self.asked]

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def tls_certificate(path, host="localhost"):
    """A self-signed certificate and its key in one PEM file; returns the certificate's own PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    start = datetime.datetime(2020, 1, 1)
    names = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    if host != "localhost":
        names = names[:1]
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=36500))
            .add_extension(x509.SubjectAlternativeName(names), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    text = cert.public_bytes(serialization.Encoding.PEM)
    both, only = path / f"{host}-both.pem", path / f"{host}-ca.pem"
    both.write_bytes(text + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                              serialization.NoEncryption()))
    only.write_bytes(text)
    return both, only
