"""A batch job on a table behind a URL, from the client to the worker of a whole server."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


class Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_url_that_the_operator_allows_is_a_data_source(start):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=EXAMPLES)) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        running = start(PYNOMALY_OUTBOUND_ALLOW=f"127.0.0.1:{site.server_port}")
        with running.client() as client:
            url = f"http://127.0.0.1:{site.server_port}/transactions.csv"
            scores = []
            for source in (url, EXAMPLES / "transactions.csv"):
                job = client.batch_detect(data_sources=[source])
                job.wait()
                scores.append([row.score for row in job.iter_results()])
            assert scores[0] == scores[1]
            assert scores[0]
        site.shutdown()
