# SPDX-License-Identifier: Apache-2.0
"""Certificates made by openssl, so that vetch is never tested against itself alone."""
import datetime
import pathlib

from .places import run

EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def stamp(days):
    """That many days from now, as openssl writes times."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def openssl(cert, *what):
    """What `openssl x509` says of a file."""
    return run(["openssl", "x509", "-in", cert, "-noout", *what]).ok().text.strip()


class CA:
    def __init__(self, folder, cn="test CA"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.cert, self.key = self.folder / "ca.pem", self.folder / "ca-key.pem"
        run(["openssl", "req", "-x509", *EC, "-days", "3650", "-subj", f"/CN={cn}", "-keyout", self.key,
             "-out", self.cert, "-addext", "keyUsage=critical,keyCertSign,cRLSign"]).ok()

    def issue(self, name, hosts=(), cn=None, usage="serverAuth,clientAuth", start=None, end=None):
        """(certificate, key) paths; start and end as openssl writes times (20300101000000Z)."""
        cert, key, csr, ext = (self.folder / f"{name}{x}" for x in (".pem", "-key.pem", ".csr", ".ext"))
        sans = ",".join(h if h.startswith("DNS:") else ("IP:" if h[0].isdigit() or ":" in h else "DNS:") + h for h in hosts)
        ext.write_text(f"extendedKeyUsage={usage}\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
                       "basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n"
                       "authorityKeyIdentifier=keyid\n" + (f"subjectAltName={sans}\n" if sans else ""))
        run(["openssl", "req", *EC, "-subj", f"/CN={cn or name}", "-keyout", key, "-out", csr]).ok()
        if start or end:
            self._sign_between(csr, cert, ext, start or "20200101000000Z", end or "20400101000000Z")
        else:
            run(["openssl", "x509", "-req", "-in", csr, "-CA", self.cert, "-CAkey", self.key, "-CAcreateserial",
                 "-days", "365", "-extfile", ext, "-out", cert]).ok()
        key.chmod(0o600)
        return cert, key

    def _sign_between(self, csr, cert, ext, start, end):
        db = self.folder / "db"
        if not db.exists():
            db.mkdir()
            (db / "index.txt").write_text("")
            (db / "conf").write_text(f"[ca]\ndefault_ca=x\n[x]\ndatabase={db}/index.txt\nnew_certs_dir={db}\nrand_serial=yes\n"
                                     "default_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=optional\n")
        run(["openssl", "ca", "-batch", "-notext", "-config", db / "conf", "-cert", self.cert, "-keyfile", self.key,
             "-startdate", start, "-enddate", end, "-extfile", ext, "-in", csr, "-out", cert]).ok()
