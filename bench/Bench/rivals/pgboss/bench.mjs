// pg-boss as its own documentation tunes it: batches fetched and completed as one, several workers, bursts while batches are full,
// NOTIFY for latency. Nothing is expired or maintained meanwhile.
// Usage: bench.mjs <connection string> migrate | enqueue <jobs> | drain <jobs> | latency <jobs> <rate>
// Prints one line of JSON on standard output.
import { PgBoss } from "pg-boss";
import pg from "pg";

const [connectionString, mode, ...rest] = process.argv.slice(2);
const queue = "noop";
// Waited for, or a long line is cut off when the process ends.
const say = (value) => {
  const cpu = process.cpuUsage();
  const line = JSON.stringify({ cpuMicroseconds: cpu.user + cpu.system, ...value }) + "\n";
  return new Promise((written) => process.stdout.write(line, written));
};
const now = () => Number(process.hrtime.bigint()) / 1e6;
const boss = new PgBoss({ connectionString, max: 26, supervise: false, schedule: false, useListenNotify: mode === "latency" });
boss.on("error", (error) => console.error(error));
await boss.start();

if (mode === "migrate") {
  await boss.createQueue(queue, { notify: true });
  await say({ ok: true });
} else if (mode === "enqueue") {
  const jobs = Number(rest[0]);
  const start = now();
  for (let done = 0; done < jobs; done += 1000)
    await boss.insert(queue, Array.from({ length: Math.min(1000, jobs - done) }, (_, i) => ({ data: { id: done + i } })));
  await say({ milliseconds: now() - start });
} else if (mode === "drain") {
  const jobs = Number(rest[0]);
  let done = 0, first = 0;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  await boss.work(queue, { batchSize: 500, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (batch) => {
    if (done === 0) first = now();
    done += batch.length;
    if (done >= jobs) finish();
  });
  await finished;
  // Until the last completion is stored.
  const pool = new pg.Pool({ connectionString, max: 1 });
  const open = `SELECT count(*) FROM (SELECT FROM pgboss.job WHERE name = '${queue}' AND state < 'completed' LIMIT 1) x`;
  while (Number((await pool.query(open)).rows[0].count) > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await say({ milliseconds: now() - first });
  await pool.end();
} else if (mode === "latency") {
  const [jobs, rate] = rest.map(Number);
  const latencies = [];
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  await boss.work(queue, { batchSize: 10, localConcurrency: 4, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 }, async (batch) => {
    for (const job of batch) latencies.push(now() - job.data.at);
    if (latencies.length === jobs) finish();
  });
  const start = now();
  for (let i = 0; i < jobs; i++) {
    const wait = start + (i * 1000) / rate - now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    boss.send(queue, { at: now() });
  }
  await finished;
  await say({ latencies });
}
process.exit(0);
