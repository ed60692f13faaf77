// One endpoint as an Express application has it: a verified token, a limit a tenant in Redis, a cached answer in Redis, a
// histogram of request times. The JSON text goes out as it was cached: parsing it again would only slow the rival down.
import cluster from "node:cluster";
import { createSecretKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import express from "express";
import { Redis } from "ioredis";
import jwt from "jsonwebtoken";
import prom from "prom-client";
import { RateLimiterRedis } from "rate-limiter-flexible";

const { PORT, WORKERS, REDIS_PORT, REDIS_PASSWORD, BODY_FILE, TOKEN_FILE } = process.env;
// A key made once: given text, jsonwebtoken tries with each token whether it is a public key, which takes two thirds of a request's time.
const secret = createSecretKey(Buffer.from("a-secret-of-the-bench-0123456789"));

if (cluster.isPrimary && Number(WORKERS) > 1) {
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork();
} else {
  serve();
}

function serve() {
  const redis = new Redis({ host: "127.0.0.1", port: Number(REDIS_PORT), password: REDIS_PASSWORD, enableAutoPipelining: true });
  const limiter = new RateLimiterRedis({ storeClient: redis, keyPrefix: "express:limit", points: 1e9, duration: 60 });
  const histogram = new prom.Histogram({
    name: "http_request_duration_seconds",
    help: "Duration of requests",
    labelNames: ["method", "route", "status"],
  });
  prom.collectDefaultMetrics();

  const app = express();
  app.get("/health", (request, response) => response.send("ok"));
  app.get("/metrics", async (request, response) => response.type(prom.register.contentType).send(await prom.register.metrics()));

  app.use((request, response, next) => {
    const start = process.hrtime.bigint();
    response.on("finish", () =>
      histogram.observe(
        { method: request.method, route: request.route?.path ?? "", status: response.statusCode },
        Number(process.hrtime.bigint() - start) / 1e9,
      ));
    next();
  });
  app.use((request, response, next) => {
    try {
      request.user = jwt.verify(request.headers.authorization?.slice(7) ?? "", secret, { algorithms: ["HS256"] });
      next();
    } catch {
      response.status(401).json({ title: "Unauthorized" });
    }
  });
  app.use(async (request, response, next) => {
    try {
      const limit = await limiter.consume(request.user.tenant_id);
      response.set({
        "X-RateLimit-Limit": "1000000000",
        "X-RateLimit-Remaining": String(limit.remainingPoints),
        "X-RateLimit-Reset": String(Math.ceil(limit.msBeforeNext / 1000)),
      });
      next();
    } catch {
      response.status(429).json({ title: "Too Many Requests" });
    }
  });
  app.get("/", async (request, response) => {
    const key = `express:cache:${request.user.tenant_id}:list`;
    let body = await redis.get(key);
    response.set("X-Cache-Hit", String(body !== null));
    if (body === null) {
      body = readFileSync(BODY_FILE, "utf8");
      await redis.set(key, body, "EX", 300);
    }
    response.type("application/json").send(body);
  });

  writeFileSync(TOKEN_FILE, jwt.sign({ tenant_id: "bench", roles: ["admin"] }, secret, { subject: "bench", expiresIn: "1h" }));
  app.listen(Number(PORT), "127.0.0.1");
}
