// Receives what a Pynomaly server tells of its jobs, and believes only what is signed.
//
//     PYNOMALY_WEBHOOK_SECRET=whsec_… node examples/fastify-webhooks.mjs          PORT=3001 by default
import Fastify from "fastify";
import { verifyWebhook, WebhookVerificationError } from "pynomaly-js/webhooks";

const app = Fastify({ bodyLimit: 1024 * 1024 });
// The signature is of the bytes that came, so the body must not be parsed before it is verified.
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

const seen = new Set(); // a real service keeps these where a restart does not lose them
app.post("/hooks/pynomaly", async (request, reply) => {
  try {
    const event = await verifyWebhook(request.body, request.headers, process.env.PYNOMALY_WEBHOOK_SECRET);
    if (!seen.has(event.id)) console.log(event.type, event.data.job_id ?? "");
    seen.add(event.id);
    return reply.code(204).send();
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return reply.code(400).send({ error: error.message });
  }
});

console.log(`listening on ${new URL(await app.listen({ port: Number(process.env.PORT ?? 3001), host: "127.0.0.1" })).port}`);
