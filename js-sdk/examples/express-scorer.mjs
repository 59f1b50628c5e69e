// A service that scores rows as they come, and goes on with the rules on this machine while the server is away.
//
//     node examples/express-scorer.mjs          PORT=3000 by default
//     curl localhost:3000/score -H 'content-type: application/json' -d '{"rows": [{"amount": 12}, {"amount": 990}]}'
import express from "express";
import { APIStatusError, DataError, PynomalyClient } from "pynomaly-js";

const client = new PynomalyClient({
  timeout: 5_000, // a caller who waits for longer has gone
  fallback: "local",
  breaker: { consecutive: 3 },
  onBreaker: ({ group, after }) => console.error(`circuit breaker of ${group}: ${after}`),
});

const app = express();
app.use(express.json({ limit: "5mb" }));

app.post("/score", async (request, response, next) => {
  // Nobody scores for a caller who hung up.
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    const result = await client.detectAnomalies(request.body.rows, { contamination: 0.1, signal: gone.signal });
    response.json({
      degraded: result.source === "fallback",
      anomalies: result.anomalies().map(({ row, score, values }) => ({ row, score, values })),
    });
  } catch (error) {
    const theirs = error instanceof DataError || (error instanceof APIStatusError && error.status === 422);
    if (theirs) response.status(422).json({ error: error.message });
    else if (!gone.signal.aborted) next(error);
  }
});

app.get("/health", (_, response) => response.json({ breakers: client.breakers }));

const server = app.listen(process.env.PORT ?? 3000, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
