"""A client of all three dialects, with Python's standard library alone.

usage: client.py FACTS, the file that `rekey dev --facts` writes. It prints a line
for each request: dialect, status, body.
"""

import base64
import email.utils
import hashlib
import hmac
import json
import sys
import urllib.error
import urllib.request

with open(sys.argv[1]) as file:
    facts = json.load(file)


def post(dialect, path, headers, body):
    request = urllib.request.Request(facts["base_url"] + path, data=json.dumps(body).encode(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            print(dialect, response.status, response.read().decode())
    except urllib.error.HTTPError as refusal:
        print(dialect, refusal.code, refusal.read().decode())


def licensespring(account, new_password):
    keys = facts["licensespring"]
    date = email.utils.formatdate(usegmt=True)
    digest = hmac.new(keys["shared_key"].encode(), f"licenseSpring\ndate: {date}".encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    post(
        "licensespring",
        "/api/v4/change_password",
        {
            # No Content-Type: urllib then says that it is a form.
            "Date": date,
            "Authorization": f'algorithm="hmac-sha256", headers="date", signature="{signature}", apiKey="{keys["api_key"]}"',
        },
        {"username": account["email"], "password": account["password"], "new_password": new_password},
    )


def unleash(token, password):
    headers = {"Content-Type": "application/json"}
    post("unleash", "/auth/reset/password", headers, {"token": token, "password": password})


def zap(account, new_password):
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + facts["zap"]["admin_token"]}
    body = {"userId": account["zap_user_id"], "email": account["email"]}
    post("zap", "/v1/changePassword", headers, body | {"oldPassword": account["password"], "newPassword": new_password})


for attempt in range(2):  # what works once is refused the second time
    licensespring(facts["accounts"][0], "pythonés fresh staple 😀")
    unleash(facts["unleash"]["reset_tokens"][1], "pythonés fresh staple 😀")
    zap(facts["accounts"][2], "pythonés fresh staple 😀")
