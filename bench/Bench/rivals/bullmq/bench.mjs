// BullMQ as its own documentation tunes it: one worker with many jobs at once, bulk adds. Finished jobs are kept, as by default.
// Usage: bench.mjs <redis url> migrate | enqueue <jobs> | drain <jobs> | latency <jobs> <rate>
// Prints one line of JSON on standard output.
import { Queue, Worker } from "bullmq";

const [url, mode, ...rest] = process.argv.slice(2);
const name = "noop";
const { hostname: host, port } = new URL(url);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
// Waited for, or a long line is cut off when the process ends.
const say = (value) => {
  const cpu = process.cpuUsage();
  const line = JSON.stringify({ cpuMicroseconds: cpu.user + cpu.system, ...value }) + "\n";
  return new Promise((written) => process.stdout.write(line, written));
};
const now = () => Number(process.hrtime.bigint()) / 1e6;
const queue = new Queue(name, { connection });
await queue.waitUntilReady();

if (mode === "migrate") {
  await say({ ok: true });
} else if (mode === "enqueue") {
  const jobs = Number(rest[0]);
  const start = now();
  for (let done = 0; done < jobs; done += 1000)
    await queue.addBulk(Array.from({ length: Math.min(1000, jobs - done) }, (_, i) => ({ name, data: { id: done + i } })));
  await say({ milliseconds: now() - start });
} else if (mode === "drain") {
  const jobs = Number(rest[0]);
  let done = 0, first = 0;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const worker = new Worker(name, async () => { if (first === 0) first = now(); }, { connection, concurrency: 100 });
  // Told after Redis has taken the completion.
  worker.on("completed", () => { if (++done === jobs) finish(); });
  await finished;
  await say({ milliseconds: now() - first });
} else if (mode === "latency") {
  const [jobs, rate] = rest.map(Number);
  const latencies = [];
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const worker = new Worker(name, async (job) => {
    latencies.push(now() - job.data.at);
    if (latencies.length === jobs) finish();
  }, { connection, concurrency: 24 });
  await worker.waitUntilReady();
  const start = now();
  for (let i = 0; i < jobs; i++) {
    const wait = start + (i * 1000) / rate - now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    queue.add(name, { at: now() });
  }
  await finished;
  await say({ latencies });
}
process.exit(0);
