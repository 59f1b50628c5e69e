"""The page on webhooks, its programs run against a whole server and a receiver on this machine."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
REGISTER, VERIFY = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ADDRESS = "https://example.com/hooks/pynomaly"


def test_the_page_on_webhooks_registers_an_endpoint_and_verifies_what_comes(start, eventually):
    came = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        running = start(PYNOMALY_OUTBOUND_ALLOW=f"127.0.0.1:{site.server_port}")
        assert ADDRESS in REGISTER
        done = running.run_python("-c", REGISTER.replace(ADDRESS, f"http://127.0.0.1:{site.server_port}/"))
        assert (done.returncode, done.stderr) == (0, "")
        endpoint_id, secret = done.stdout.split()
        with running.client() as client:
            job = client.batch_detect(data_sources=[[[float(row % 7)] for row in range(50)]], algorithm="mad")
            job.wait(timeout=120)
        eventually(lambda: len(came) == 2)
        events = []
        for headers, body in came:
            names = {"body": body, "headers": headers, "secret": secret}
            exec(VERIFY, names)
            events.append(names["event"])
        site.shutdown()
    assert {event.type: event.data for event in events}.keys() == {"webhook.test", "job.succeeded"}
    assert {event.data.get("endpoint_id") for event in events} == {endpoint_id, None}
    assert {event.data.get("job_id") for event in events} == {job.job_id, None}
