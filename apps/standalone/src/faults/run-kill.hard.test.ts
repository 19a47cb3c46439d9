import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeId } from "@weft/shared/ids";
import { pause } from "@weft/platform/leadership";
import { brokenInvariants, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { type WorkerProcess, type WorkerProcesses, workerProcessesOf } from "@weft/testkit/processes/worker-processes";
import { randomSource } from "@weft/testkit/random-source";
import { serveHttp, type HttpServer } from "@weft/testkit/network/http-server";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn } from "@weft/testkit/sizes";

// Acceptance 2 of automation, F1, F2: workers are killed at exact places, and then at random while they do the steps of wide graphs. There is no Redis, so
// no worker is told of what others have begun: every wake-up is lost. More of the storm than CI has time for:
// RUNS=1000 KILLS=200 MINUTES=20 pnpm exec vitest run --mode hard run-kill

const seed = Number(process.env["SEED"] ?? 4_711);
const RUNS = Number(process.env["RUNS"] ?? 40);
/** Runs that have not ended at the same time. With more, the steps of a transaction belong to more runs, all of whose steps it reads. */
const AT_ONCE = Number(process.env["AT_ONCE"] ?? 12);
const MINUTES = Number(process.env["MINUTES"] ?? 4);
const LAYERS = Number(process.env["LAYERS"] ?? 10);
const WIDTH = Number(process.env["WIDTH"] ?? 20);
const WORKERS = 3;
const KILLS = Number(process.env["KILLS"] ?? 10);
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
let server: HttpServer;
let url: string;
const all: WorkerProcess[] = [];
let folder: string;
/** Arms the worker that reaches a point first: they share this file, and the first one deletes it. */
let chaosFile: string;
/** Whether the server answers. */
let answers = true;
const unanswered: ServerResponse[] = [];
/** By idempotency key: when each request came. */
const requests = new Map<string, number[]>();

beforeAll(async () => {
  server = await serveHttp((request, response) => {
    const key = String(request.headers["idempotency-key"]);
    const at = Date.now();
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      requests.set(key, [...(requests.get(key) ?? []), at]);
      if (answers) response.writeHead(200, { "content-type": "application/json" }).end(text);
      else unanswered.push(response);
    });
  });
  url = server.url;
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  workers = await workerProcessesOf(weft);
  folder = mkdtempSync(join(tmpdir(), "weft-run-kill-"));
  chaosFile = join(folder, "points");
  const settings = { WEFT_OUTBOUND_ALLOWED: "127.0.0.1", WEFT_STEP_LEASE_SECONDS: "4", WEFT_CHAOS_FILE: chaosFile };
  for (let n = 0; n < WORKERS; n++) all.push(await workers.start({ settings }));
});
afterAll(async () => {
  await workers.stop();
  await owner.end();
  await weft.stop();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = `mutation ($key: String!, $data: JSON) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }`;

async function aTenant(source: string): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(source);
  return tenant;
}

/** Number of the tenant's runs that have not ended. */
async function open({ id }: TestTenant): Promise<number> {
  const [row] = await owner<{ count: number }[]>`
    select count(*)::int as count from workflows.runs where tenant_id = ${id} and finished_at is null`;
  return row?.count ?? 0;
}

interface StoredStep {
  readonly run: string;
  readonly step: string;
  readonly status: string;
  readonly ended: number;
  readonly attempt: number;
  readonly lost: number;
  readonly finished: Date;
}

const stepsIn = ({ id }: TestTenant): Promise<readonly StoredStep[]> => owner<StoredStep[]>`
  select run_id as run, step, status, ended, attempt, lost, finished_at as finished from workflows.run_steps where tenant_id = ${id}`;

const requestsOf = ({ run, step }: StoredStep): readonly number[] => requests.get(`${encodeId("run", run)}-${step}`) ?? [];

/** The steps that were done too often. An attempt sends one request at most, and none is sent when the result of one is committed. */
const doneWrongly = (steps: readonly StoredStep[], isHttp: (step: string) => boolean): readonly StoredStep[] =>
  steps.filter((one) => {
    const times = requestsOf(one);
    if (!isHttp(one.step)) return times.length > 0;
    return times.length === 0 || times.length > one.attempt || times.some((at) => at > one.finished.getTime() + 5);
  });

const chain = `weft: 1
kind: automation
key: chain
name: Chain
inputs: { url: { type: string } }
steps:
  - { id: first, type: http, with: { url: "{{ inputs.url }}", method: POST, body: { n: 1 } } }
  - { id: middle, type: emit, with: { type: custom.said, payload: { n: "{{ steps.first.outputs.body.n }}" } } }
  - { id: last, type: http, with: { url: "{{ inputs.url }}", method: POST, body: { n: 2 } } }
`;
const CHAINS = 6;
const declare = `mutation { declareEventType(input: { name: "custom.said", description: "Said.", payloadSchema: { properties: { n: { type: "integer" } } } }) {
  eventType { id } } }`;

/** Starts a worker again whenever one has died. Returns how to end that, which gives the number of deaths. */
function supervised(): () => Promise<number> {
  let isOver = false;
  let deaths = 0;
  const starts: Promise<void>[] = [];
  const supervise = async (worker: WorkerProcess): Promise<void> => {
    for (;;) {
      await worker.ended();
      if (isOver) return;
      deaths++;
      const starting = worker.start();
      starts.push(starting);
      await starting;
    }
  };
  const watching = all.map((worker) => supervise(worker));
  // They are awaited when one of them fails only.
  Promise.all(watching).catch(() => undefined);
  return async () => {
    isOver = true;
    await Promise.all(starts);
    return deaths;
  };
}

describe("F1: a worker dies", () => {
  test.each(
    drawn<{ where: string; points: string; isLost?: boolean; isRepeated?: boolean }>(
      [
        // If the runs are started slowly, the worker has steps of an earlier batch in flight, which are lost with it.
        { where: "in the middle of a batch of runs from which it takes steps", points: "runs.worked:2" },
        { where: "before it has committed that it takes steps", points: "runs.written:1", isLost: false, isRepeated: false },
        { where: "when it has taken steps, before it does them", points: "runs.taken:1", isLost: true, isRepeated: false },
        { where: "while it does steps", points: "", isLost: true, isRepeated: true },
        { where: "after a step is done, before its result is recorded", points: "runs.performed:1", isLost: true, isRepeated: true },
        { where: "in the middle of a batch of results", points: "runs.performed>runs.worked:1", isLost: true, isRepeated: true },
        { where: "when a step is done in a transaction that is not committed", points: "runs.done-inside:1", isLost: true },
        { where: "when a result is written but not committed", points: "runs.performed>runs.written:1", isLost: true, isRepeated: true },
        { where: "when a result is committed, before it does the next steps", points: "runs.recorded:1" },
      ],
      { of: 6 },
    ),
  )("$where: others take over, and what is committed is not done again", async ({ points, isLost, isRepeated }) => {
    const tenant = await aTenant(chain);
    await tenant.admin.run(declare);
    const endSupervision = supervised();
    answers = points !== "";
    if (points !== "") writeFileSync(chaosFile, points);
    await Promise.all(Array.from({ length: CHAINS }, () => tenant.admin.run(start, { key: "chain", data: { url } })));
    if (points === "") {
      await until(() => Promise.resolve(unanswered.length === CHAINS), { what: "all first steps are being done", deadlineMs: 30_000 });
      await Promise.all(all.map((worker) => worker.end("SIGKILL")));
      answers = true;
    }
    await until(async () => (await open(tenant)) === 0, { what: "every run has ended", deadlineMs: 60_000, everyMs: 50 });
    expect(await endSupervision()).toBeGreaterThan(0);
    const steps = await stepsIn(tenant);
    expect(steps.filter(({ status }) => status === "SUCCEEDED")).toHaveLength(CHAINS * 3);
    expect(doneWrongly(steps, (step) => step !== "middle")).toEqual([]);
    const [said] = await owner`select count(*)::int as count from events.log where tenant_id = ${tenant.id} and type = 'custom.published'`;
    expect(said).toEqual({ count: CHAINS });
    const sent = steps.map((step) => requestsOf(step).length);
    if (isLost !== undefined) expect(steps.some(({ lost }) => lost > 0)).toBe(isLost);
    if (isRepeated !== undefined) expect(sent.some((times) => times > 1)).toBe(isRepeated);
  });
});

test(
  `seed ${seed}: while workers are killed, the steps of ${RUNS} runs keep their order, what is committed is not done again, and every run ends`,
  async () => {
    const tenant = await aTenant(definition);
    const restarts: Promise<void>[] = [];
    const alive = new Set(all);
    const began = performance.now();
    let left = RUNS;
    let decided = 0;
    /** A step whose worker was killed three times waits for a decision, as it should. Somebody retries it. */
    const retryLost = async (): Promise<void> => {
      const incidents = await owner<{ id: string }[]>`
        select id from workflows.incidents where tenant_id = ${tenant.id} and status = 'OPEN' and message like '%was lost 3 times%'`;
      for (const { id } of incidents) {
        const resolve = "mutation ($id: ID!) { resolveIncident(input: { id: $id, action: RETRY }) { instance { id } } }";
        await tenant.admin.run(resolve, { id: encodeId("incident", id) });
        decided++;
      }
    };
    const starting = (async () => {
      for (; left > 0; await pause(100, new AbortController().signal)) {
        const room = Math.min(left, Math.max(0, AT_ONCE - (await open(tenant))));
        await Promise.all(Array.from({ length: room }, () => tenant.admin.run(start, { key: "wide", data: { url } })));
        left -= room;
        await retryLost();
      }
    })();
    const ended = async (): Promise<Map<string, string>> => {
      const rows = await owner<{ id: string; digest: string }[]>`
        select r.id, md5(r::text || (select string_agg(s::text, ',' order by s.id) from workflows.run_steps s where s.run_id = r.id)) as digest
          from workflows.runs r where r.tenant_id = ${tenant.id} and r.finished_at is not null and r.is_received`;
      return new Map(rows.map(({ id, digest }) => [id, digest]));
    };
    /** Digests of ended runs, at several times. */
    const earlier: (readonly [string, string])[] = [];
    let kills = 0;
    while (kills < KILLS && (left > 0 || (await open(tenant)) > 0)) {
      await pause(200 + random.below(2_500), new AbortController().signal);
      if (alive.size === 0) continue;
      const victim = random.pick([...alive]);
      alive.delete(victim);
      await victim.end("SIGKILL");
      kills++;
      if (kills % Math.ceil(KILLS / 4) === 0) earlier.push(...(await ended()));
      restarts.push(victim.start().then(() => void alive.add(victim)));
    }
    await Promise.all([starting, ...restarts]);
    const areEnded = async (): Promise<boolean> => {
      await retryLost();
      return (await open(tenant)) === 0;
    };
    await until(areEnded, { what: "every run has ended", deadlineMs: MINUTES * 60_000, everyMs: 250 });
    const seconds = (performance.now() - began) / 1000;

    const states = await owner<{ status: string; count: number }[]>`
      select status, count(*)::int as count from workflows.runs where tenant_id = ${tenant.id} group by 1`;
    expect([...states]).toEqual([{ status: "SUCCEEDED", count: RUNS }]);
    const later = await ended();
    expect(earlier.filter(([id, digest]) => later.get(id) !== digest)).toEqual([]);
    const steps = await stepsIn(tenant);
    expect(steps).toHaveLength(RUNS * LAYERS * WIDTH);
    expect(outOfOrder(steps)).toEqual([]);
    expect(doneWrongly(steps, (step) => Number(/^s(\d+)/.exec(step)?.[1]) % 2 === 0)).toEqual([]);
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
    const repeated = steps.filter((step) => requestsOf(step).length > 1).length;
    const lost = steps.reduce((sum, step) => sum + step.lost, 0);
    const seen = new Set(earlier.map(([id]) => id)).size;
    console.log(
      `${kills} kills, ${lost} attempts lost, ${decided} incidents retried, ${repeated} requests sent again with their key, ${seen} runs had ended before later kills; ${Math.round(seconds)} s, ${Math.round((RUNS * LAYERS * WIDTH) / seconds)} steps a second`,
    );
  },
  MINUTES * 60_000 + 60_000,
);

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
