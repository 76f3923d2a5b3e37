"""A program that speaks the emulated chip's protocol without a chip: it echoes, and misbehaves to order.

What comes in by USB is said in capitals one microsecond later; a few words make it do something else.
"""

import base64
import json
import pathlib
import sys
import time

now, flash_bytes, queued = 0, b"\xff" * 64, b""
BOOT_NS = 200_000_000  # from a reset to the word that it has booted
boots_at = None


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def ask(question):
    say(question)
    return json.loads(sys.stdin.readline())


def misbehave(usb):
    if b"die" in usb:
        print("    at somewhere.mjs:1:1\nTypeError: out of order\n\nNode.js v20", file=sys.stderr)
        sys.exit(3)
    if b"garbage" in usb:
        sys.stdout.write("Segmentation fault\n")
        sys.stdout.flush()
    if b"hang" in usb:
        time.sleep(3600)
    if b"riddle" in usb:
        ask({"ask": "oracle"})


def run(request):
    global now, queued, boots_at
    begun, until = now, request["until"]
    usb = base64.b64decode(request.get("usb", ""))
    misbehave(usb)
    queued += usb
    said = queued.upper()
    if b"again" in usb:  # a part of the answer stays inside until the next run
        said = said[:4]
    queued = queued[len(said) :]
    if b"reset" in usb:
        boots_at = now + BOOT_NS
    if boots_at is not None and now >= boots_at:
        said, boots_at = said + b"." * 300 + b"booted", None
    stopped = b"fault" in usb
    now = begun + 1000 if said and request.get("break_on_usb") else max(until, now)
    fault = {"kind": "bus", "address": 4, "pc": 16, "lr": 32, "message": "read of 0x00000004"}
    say(
        {
            "now": now,
            "cycles": (now - begun) // 8 if said else 0,
            "idle": not queued,
            "usb": base64.b64encode(said).decode(),
            "serial": {name: [[now, base64.b64decode(data)[0]] for _, data in chunks]
                       for name, chunks in request.get("serial", {}).items()},
            "edges": [list(pin) for pin in request.get("pins", [])],
            "resets": [{"at": now, "cause": "watchdog"}] if b"reset" in usb else [],
            "fault": fault if stopped else None,
        }
    )  # fmt: skip


def main():
    global flash_bytes
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "run":
            run(request)
        elif request["op"] == "save":
            flash_bytes += b"saved"
            pathlib.Path(request["flash"]).write_bytes(flash_bytes)
            say({"ok": True})
        elif request["op"] == "peek":
            say({"bytes": [base64.b64encode(bytes([address % 256]) * length).decode()
                           for address, length in request["regions"]]})  # fmt: skip
        elif request["op"] == "poke":
            say({"error": "no memory at 0x00000000"})
        else:
            say({"ok": True})


main()
