"""What sites without an index do, for comparison: the media server's long playlist is read and rewritten for each request.

Every segment gets a date-time and the address that this viewer has to use.
"""

import datetime
import os

from flask import Flask, Response, request

app = Flask(__name__)
PLAYLIST = os.environ["PLAYLIST"]


@app.route("/dvr.m3u8")
def dvr():
    token = request.args.get("token", "viewer")
    at = datetime.datetime(2026, 11, 20, tzinfo=datetime.timezone.utc)
    lines = []
    with open(PLAYLIST, encoding="ascii") as playlist:
        for line in playlist:
            line = line.rstrip("\n")
            if line.startswith("#EXTINF:"):
                lines.append("#EXT-X-PROGRAM-DATE-TIME:" + at.isoformat(timespec="milliseconds"))
                at += datetime.timedelta(seconds=float(line[8:].split(",")[0]))
                lines.append(line)
            elif line.startswith("#"):
                lines.append(line)
            else:
                lines.append(f"/live/{token}/{line}")
    return Response("\n".join(lines) + "\n", mimetype="application/vnd.apple.mpegurl")
