// graphile-worker as its own documentation tunes it: local queue, batched completion.
// Usage: bench.mjs <connection string> migrate | enqueue <jobs> | drain <jobs> | latency <jobs> <rate>
// Prints one line of JSON on standard output.
import { makeWorkerUtils, run, Logger } from "graphile-worker";
import pg from "pg";

const [connectionString, mode, ...rest] = process.argv.slice(2);
const logger = new Logger(() => () => {});
// Waited for, or a long line is cut off when the process ends.
const say = (value) => {
  const cpu = process.cpuUsage();
  const line = JSON.stringify({ cpuMicroseconds: cpu.user + cpu.system, ...value }) + "\n";
  return new Promise((written) => process.stdout.write(line, written));
};
const now = () => Number(process.hrtime.bigint()) / 1e6;

const preset = (latency) => ({
  worker: {
    connectionString,
    concurrentJobs: 24,
    maxPoolSize: 26,
    pollInterval: 2000,
    ...(latency ? {} : { localQueue: { size: 500, refetchDelay: { durationMs: 10 } } }),
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
    logger,
  },
});

if (mode === "migrate") {
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  await utils.release();
  await say({ ok: true });
} else if (mode === "enqueue") {
  const jobs = Number(rest[0]);
  const pool = new pg.Pool({ connectionString, max: 1 });
  await pool.query("SELECT 1");
  const start = now();
  for (let done = 0; done < jobs; done += 1000) {
    const specs = Array.from({ length: 1000 }, (_, i) => ({ identifier: "noop", payload: { id: done + i } }));
    await pool.query(
      "SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(SELECT json_populate_recordset(null::graphile_worker.job_spec, $1::json)))",
      [JSON.stringify(specs)],
    );
  }
  await say({ milliseconds: now() - start });
  await pool.end();
} else if (mode === "drain") {
  const jobs = Number(rest[0]);
  let done = 0, first = 0;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const runner = await run({
    preset: preset(false),
    taskList: {
      noop: () => {
        if (done === 0) first = now();
        if (++done === jobs) finish();
      },
    },
  });
  await finished;
  // Until the last completion is stored.
  const pool = new pg.Pool({ connectionString, max: 1 });
  while (Number((await pool.query("SELECT count(*) FROM (SELECT FROM graphile_worker._private_jobs LIMIT 1) x")).rows[0].count) > 0)
    await new Promise((resolve) => setTimeout(resolve, 2));
  await say({ milliseconds: now() - first });
  await pool.end();
  await runner.stop();
} else if (mode === "latency") {
  const [jobs, rate] = rest.map(Number);
  const latencies = [];
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const runner = await run({
    preset: preset(true),
    taskList: {
      noop: (payload) => {
        latencies.push(now() - payload.at);
        if (latencies.length === jobs) finish();
      },
    },
  });
  const utils = await makeWorkerUtils({ connectionString, logger });
  const start = now();
  for (let i = 0; i < jobs; i++) {
    const due = start + (i * 1000) / rate;
    const wait = due - now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    utils.addJob("noop", { at: now() });
  }
  await finished;
  await say({ latencies });
  await utils.release();
  await runner.stop();
}
process.exit(0);
