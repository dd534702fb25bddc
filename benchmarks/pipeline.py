"""The whole pipeline without a limiter, durable ledger and all, beside a bare aiohttp loop against the same sink.

Budget: 0.6 of the bare loop. The sink is nginx answering a fixed JSON with a fresh id; rounds alternate.
"""

import argparse
import asyncio
import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import aiohttp
import orjson
import uvloop

from benchmarks.place import MESSAGE, place

NGINX = """\
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      default_type application/json;
      return 200 '{{"messaging_product":"whatsapp","messages":[{{"id":"wamid.$request_id"}}]}}';
    }}
  }}
}}
"""

SETTINGS = """\
account:
  base_url: http://127.0.0.1:{port}
  version: v23.0
  business_account_id: "102290129340398"
  access_token: ${{WHATSAPP_TOKEN}}
shards:
  - {{id: sink, phone_number_id: "106540352242922", throughput: unlimited}}
max_in_flight: {in_flight}
"""

BODY = (
    b'{"messaging_product":"whatsapp","recipient_type":"individual","to":"+33612345678",'
    b'"biz_opaque_callback_data":"c1.00000000.00000000-0000-0000-0000-000000000000.1.1","type":"template",'
    b'"template":{"name":"launch_demo","language":{"code":"en"},"components":[{"type":"body","parameters":'
    b'[{"type":"text","text":"Ada"}]}]}}'
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    ratios = []
    with sink() as port, place(SETTINGS.format(port=port, in_flight=asked.in_flight)) as here:
        people = "phone,first_name\n" + "".join(f"+336{12000000 + n},Ada\n" for n in range(asked.messages))
        here.write("people.csv", people)
        for number in range(asked.rounds):
            campaign = f"campaign: round-{number}\naudience: {{file: people.csv}}\nconsent: recorded_elsewhere\n"
            path = here.write("campaign.yaml", campaign + "duplicates: {within: 1h}\n" + _message(number))
            bare = uvloop.run(bare_loop(port, asked.messages, asked.in_flight))
            run = here.campaign("launch", str(path), "--yes", "--json")
            whole = asked.messages / _seconds(run["first_departure_at"], run["finished_at"])
            ratios.append(whole / bare)
            print(f"round {number + 1}: bare loop {bare:,.0f}/s, pipeline {whole:,.0f}/s, ratio {whole / bare:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} (budget 0.6)")


def _message(number: int) -> str:
    """Say something new each round, or nobody would get it twice."""
    return MESSAGE.replace("{{ first_name }}", f"{{{{ first_name }}}} {number}")


def _seconds(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


async def bare_loop(port: int, messages: int, in_flight: int) -> float:
    """Post as fast as aiohttp can, with nothing around it; returns messages per second."""
    left = iter(range(messages))
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}/v23.0/106540352242922/messages"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def post() -> None:
            for _ in left:
                async with session.post(url, data=BODY, headers=headers) as response:
                    orjson.loads(await response.read())

        started = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(in_flight)))
        return messages / (time.perf_counter() - started)


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """Run nginx as the fastest possible WhatsApp."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if nginx is None:
        sys.exit("this benchmark needs nginx: install it (Debian: apt install nginx-light)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "nginx.conf")
        config.write_text(NGINX.format(folder=folder, port=port), encoding="utf-8")
        server = subprocess.Popen([nginx, "-c", str(config)], stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    sys.exit("nginx does not answer")


if __name__ == "__main__":
    main()
