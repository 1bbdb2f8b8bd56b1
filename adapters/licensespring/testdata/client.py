"""A client of the dialect, of Python's standard library and openssl only.

    client.py signed BASE FORM SIGNER EPOCH API_KEY SHARED_KEY USERNAME PASSWORD NEW_PASSWORD
    client.py oauth  BASE EPOCH CLIENT_ID CLIENT_SECRET USERNAME PASSWORD NEW_PASSWORD

It prints the last answer as JSON: status, headers and body. With oauth it does
what the vendor's does: it asks where tokens are to be had, gets one, and gets
a new one and tries again whenever it is told that its token is expired or
malformed.
"""
import base64
import hashlib
import hmac
import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from email.utils import formatdate


def send(method, url, headers=None, body=None):
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, dict(response.headers), response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def sign(signer, key, text):
    if signer == "openssl":
        command = ["openssl", "dgst", "-sha256", "-hmac", key, "-binary"]
        mac = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
    else:
        mac = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(mac).decode()


FORMS = {
    "node": 'algorithm="hmac-sha256",headers="date",signature="{0}",apikey="{1}"',
    "python": 'algorithm="hmac-sha256",headers="date",signature="{0}",apiKey="{1}"',
    "docs": 'algorithm="hmac-sha256", headers="date", signature="{0}", apikey="{1}"',
    "php": 'algorithm="hmac-sha256",headers="date",signature="{0}",apiKey="{1}"',
}


def change(base, headers, username, password, new_password):
    body = {"username": username, "password": password, "new_password": new_password}
    headers = {"Content-Type": "application/json", **headers}
    return send("POST", base + "/change_password", headers, json.dumps(body).encode())


def signed(base, form, signer, epoch, api_key, shared_key, *fields):
    date = formatdate(int(epoch), usegmt=True)
    if form == "php":  # a day without its leading zero
        date = date.replace(", 0", ", ")
    signature = sign(signer, shared_key, "licenseSpring\ndate: " + date)
    return change(base, {"Date": date, "Authorization": FORMS[form].format(signature, api_key)}, *fields)


def token(base, client_id, client_secret):
    _, _, where = send("GET", base + "/oauth_url?login_type=client_credentials")
    grant = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    _, _, answer = send("POST", json.loads(where)["url"], body=urllib.parse.urlencode(grant).encode())
    return json.loads(answer)["access_token"]


def oauth(base, epoch, client_id, client_secret, *fields):
    while True:
        bearer = token(base, client_id, client_secret)
        headers = {"Date": formatdate(int(epoch), usegmt=True), "Authorization": "Bearer " + bearer}
        status, got, body = change(base, headers, *fields)
        if 400 <= status < 500 and json.loads(body)["code"] in ("oauth_token_expired", "oauth_token_malformed"):
            continue
        return status, got, body


status, headers, body = {"signed": signed, "oauth": oauth}[sys.argv[1]](*sys.argv[2:])
json.dump({"status": status, "headers": headers, "body": body}, sys.stdout)
