import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { encodeId, pause } from "@weft/shared";
import { brokenInvariants, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { type WorkerProcess, type WorkerProcesses, workerProcessesOf } from "@weft/testkit/processes/worker-processes";
import { randomSource } from "@weft/testkit/random-source";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

// Acceptance 2 of automation, F1, F2: workers are killed while they do the steps of wide graphs.

const seed = Number(process.env["SEED"] ?? 4_711);
const RUNS = Number(process.env["RUNS"] ?? 60);
const LAYERS = 10;
const WIDTH = 20;
const WORKERS = 3;
const KILLS = Number(process.env["KILLS"] ?? 12);
const random = randomSource(seed);

/** Each step follows two of the layer before. Every second layer calls a server; the steps of the others are computed. */
const stepsOf = (layer: number): object[] =>
  Array.from({ length: WIDTH }, (_, place) => ({
    id: `s${layer}-${place}`,
    depends_on: layer === 0 ? [] : [`s${layer - 1}-${place}`, `s${layer - 1}-${(place + 7) % WIDTH}`],
    ...(layer % 2 === 0
      ? { type: "http", with: { url: "{{ inputs.url }}", method: "POST", body: { layer, place } }, retry: 5 }
      : { type: "set", with: { values: { from: `{{ steps.s${layer - 1}-${place}.outputs.body.place }}` } } }),
  }));
const definition = JSON.stringify({
  weft: 1,
  kind: "automation",
  key: "wide",
  name: "Wide",
  concurrency: WIDTH,
  inputs: { url: { type: "string" } },
  steps: Array.from({ length: LAYERS }, (_, layer) => stepsOf(layer)).flat(),
});

let weft: TestWeft;
let workers: WorkerProcesses;
let owner: postgres.Sql;
let tenant: TestTenant;
let server: Server;
let url: string;
/** By idempotency key: when each request came. */
const requests = new Map<string, number[]>();

beforeAll(async () => {
  server = createServer((request, response) => {
    const key = String(request.headers["idempotency-key"]);
    const at = Date.now();
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      requests.set(key, [...(requests.get(key) ?? []), at]);
      response.writeHead(200, { "content-type": "application/json" }).end(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  weft = await startTestWeft();
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  workers = await workerProcessesOf(weft);
  tenant = await weft.tenant();
  await tenant.definition(definition);
});
afterAll(async () => {
  await workers.stop();
  await owner.end();
  await weft.stop();
  server.closeAllConnections();
  server.close();
});

const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "wide", data: $data }) { instance { id } } }`;

test(`seed ${seed}: while workers are killed, the steps of ${RUNS} runs keep their order, what is committed is not done again, and every run ends`, async () => {
  const settings = { WEFT_OUTBOUND_ALLOWED: "127.0.0.1", WEFT_STEP_LEASE_SECONDS: "4" };
  const all: WorkerProcess[] = [];
  for (let n = 0; n < WORKERS; n++) all.push(await workers.start({ settings }));
  const restarts: Promise<void>[] = [];
  const alive = new Set(all);
  const began = performance.now();
  for (let n = 0; n < RUNS; n += 20)
    await Promise.all(Array.from({ length: Math.min(20, RUNS - n) }, () => tenant.admin.run(start, { data: { url } })));
  const open = async (): Promise<number> => {
    const [row] = await owner<{ count: number }[]>`select count(*)::int as count from workflows.runs where finished_at is null`;
    return row?.count ?? 0;
  };
  const ended = () => owner<{ id: string; text: string }[]>`
    select r.id, r::text || (select string_agg(s::text, ',' order by s.id) from workflows.run_steps s where s.run_id = r.id) as text
      from workflows.runs r where r.finished_at is not null and r.is_received`;
  let early = new Map<string, string>();
  let kills = 0;
  while ((await open()) > 0 && kills < KILLS) {
    await pause(200 + random.below(2_500), new AbortController().signal);
    if (alive.size === 0) continue;
    const victim = random.pick([...alive]);
    alive.delete(victim);
    await victim.end("SIGKILL");
    kills++;
    if (kills === Math.ceil(KILLS / 2)) early = new Map((await ended()).map(({ id, text }) => [id, text]));
    restarts.push(victim.start().then(() => void alive.add(victim)));
  }
  await Promise.all(restarts);
  await until(async () => (await open()) === 0, { what: "every run has ended", deadlineMs: 240_000, everyMs: 250 });
  const seconds = (performance.now() - began) / 1000;

  const states = await owner<{ status: string; count: number }[]>`select status, count(*)::int as count from workflows.runs group by 1`;
  expect([...states]).toEqual([{ status: "SUCCEEDED", count: RUNS }]);
  const later = new Map((await ended()).map(({ id, text }) => [id, text]));
  expect([...early].filter(([id, text]) => later.get(id) !== text)).toEqual([]);
  const steps = await owner<{ run: string; step: string; ended: number; attempt: number; lost: number; finished: Date }[]>`
    select s.run_id as run, s.step, s.ended, s.attempt, s.lost, s.finished_at as finished from workflows.run_steps s`;
  expect(steps).toHaveLength(RUNS * LAYERS * WIDTH);
  expect(outOfOrder(steps)).toEqual([]);
  const wrong = steps.filter(({ run, step, attempt, finished }) => {
    const times = requests.get(`${encodeId("run", run)}-${step}`) ?? [];
    const isHttp = Number(/^s(\d+)/.exec(step)?.[1]) % 2 === 0;
    // An attempt sends one request at most, and none is sent when the result of one is committed.
    return isHttp ? times.length === 0 || times.length > attempt || times.some((at) => at > finished.getTime() + 5) : times.length > 0;
  });
  expect(wrong).toEqual([]);
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  const repeated = [...requests.values()].filter(({ length }) => length > 1).length;
  const lost = steps.reduce((sum, step) => sum + step.lost, 0);
  console.log(
    `${kills} kills, ${lost} attempts lost, ${repeated} requests sent again with their key, ${early.size} runs had ended at half of the kills; ${Math.round((RUNS * LAYERS * WIDTH) / seconds)} steps a second`,
  );
});

/** The steps that ended before one that they depend on. */
function outOfOrder(steps: readonly { readonly run: string; readonly step: string; readonly ended: number }[]): string[] {
  const endOf = new Map(steps.map(({ run, step, ended }) => [`${run} ${step}`, ended]));
  return steps.flatMap(({ run, step, ended }) => {
    const [, layer = 0, place = 0] = (/^s(\d+)-(\d+)$/.exec(step) ?? []).map(Number);
    if (layer === 0) return [];
    const before = [`s${layer - 1}-${place}`, `s${layer - 1}-${(place + 7) % WIDTH}`];
    return before.every((one) => (endOf.get(`${run} ${one}`) ?? Infinity) < ended) ? [] : [`${run} ${step}`];
  });
}
