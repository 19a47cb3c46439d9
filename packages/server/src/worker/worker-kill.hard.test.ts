import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { brokenInvariants, startTestWeft, type TestTenant, type TestWeft, until } from "@weft/testkit";
import { type HttpServer, serveHttp } from "@weft/testkit/network/http-server";
import { randomSource } from "@weft/testkit/random-source";
import { sized } from "@weft/testkit/sizes";
import { automation, aWorker, becomes, runOf, started } from "@weft/testkit/tenants/external-worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sign } from "./killed-worker.fixture.js";

// Acceptance 5 of the client: processes with @weft/server are killed at random while they do steps.

const program = fileURLToPath(new URL("../../dist/worker/killed-worker.fixture.js", import.meta.url));
const LEASE_SECONDS = 5;
/** From the end of a lease until Weft has taken the step back, on a busy machine. */
const MARGIN_MS = 10_000;
const WORKERS = 3;
const STEPS_PER_RUN = 10;
const runs = sized({ part: 10, whole: 100 });
/** Runs that have not ended at the same time. */
const AT_ONCE = 8;

/** Half of the steps begin at once, and each of the others after one of them. */
const steps = Array.from({ length: STEPS_PER_RUN }, (_, index) => {
  const after = index < STEPS_PER_RUN / 2 ? [] : [`s${index - STEPS_PER_RUN / 2}`];
  return `  - { id: s${index}, type: worker, depends_on: [${after.join()}], with: { task: work, input: { ms: "{{ inputs.ms }}" } } }\n`;
}).join("");
const definition = automation("work", steps, "inputs: { ms: { type: integer } }\nconcurrency: 5\n");

/** When the process that begins a step is killed. At once, it has other steps in all states. */
const moments = ["at once", "before the effect", "after the effect", "before the report"] as const;
type Moment = (typeof moments)[number];
/** One in so many steps that begin ends its process. */
const KILL_ONE_IN = 12;

const seed = randomInt(2 ** 31);
const random = randomSource(seed);
/** Whether processes are killed, and started again. */
let isStorm = true;

let weft: TestWeft;
let effects: HttpServer;
const children = new Map<number, ChildProcess>();
const seen: Sign[] = [];
/** What happened in the system that the steps call, by idempotency key: the first call with a key does it, and later ones get the same number. */
const effectByKey = new Map<string, number>();
/** The processes that will be killed at the step with this key. */
const doomed = new Map<number, { readonly key: string; readonly moment: Moment }>();
const killedAtMs = new Map<number, number>();

function kill(pid: number): void {
  doomed.delete(pid);
  killedAtMs.set(pid, Date.now());
  process.kill(pid, "SIGKILL");
}

function answer(sign: Sign, key: string, response: ServerResponse): void {
  const { pid, at } = sign;
  seen.push(sign);
  if (at === "begun" && isStorm && !doomed.has(pid) && random.chance(1 / KILL_ONE_IN))
    doomed.set(pid, { key, moment: random.pick(moments) });
  const doom = doomed.get(pid);
  const moment = doom?.key === key ? doom.moment : undefined;
  if ((moment === "at once" && at === "begun") || (moment === "before the effect" && at === "effect")) return kill(pid);
  if (at === "effect" && !effectByKey.has(key)) effectByKey.set(key, effectByKey.size + 1);
  if ((moment === "after the effect" && at === "effect") || (moment === "before the report" && at === "done")) return kill(pid);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(effectByKey.get(key) ?? null));
}

beforeAll(async () => {
  effects = await serveHttp((request, response) => {
    void json(request).then(
      (sign) => answer(sign as Sign, String(request.headers["idempotency-key"]), response),
      // The process was killed while it sent.
      () => response.destroy(),
    );
  });
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
});
afterAll(async () => {
  isStorm = false;
  for (const child of children.values()) child.kill("SIGKILL");
  await weft.stop();
  await effects.close();
});

/** Starts a process that does steps of a tenant. */
function startWorker(apiKey: string): ChildProcess {
  const env = { WEFT_URL: weft.url, WEFT_API_KEY: apiKey, TEST_URL: effects.url, LEASE_SECONDS: String(LEASE_SECONDS) };
  const child = spawn(process.execPath, [program], { env, stdio: ["pipe", "inherit", "inherit"] });
  const { pid = 0 } = child;
  children.set(pid, child);
  child.once("exit", () => children.delete(pid));
  return child;
}

/** Lets steps go on that have lost three workers. */
async function retryIncidents({ admin }: TestTenant): Promise<number> {
  const { incidents } = await admin.run<{ incidents: { edges: { node: { id: string } }[] } }>(
    "{ incidents(first: 50, filter: { status: { eq: OPEN } }) { edges { node { id } } } }",
  );
  for (const {
    node: { id },
  } of incidents.edges)
    await admin.run("mutation ($id: ID!) { resolveIncident(input: { id: $id, action: RETRY }) { incident { id } } }", { id });
  return incidents.edges.length;
}

interface Attempt {
  readonly number: number;
  readonly status: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

interface Step {
  readonly step: string;
  readonly outputs: { readonly effect?: number } | null;
  readonly attemptHistory: readonly Attempt[];
}

async function stepsOf({ admin }: TestTenant, instanceId: string): Promise<readonly Step[]> {
  const { workflowInstance } = await admin.run<{ workflowInstance: { runs: { steps: readonly Step[] }[] } }>(
    `query ($id: ID!) { workflowInstance(id: $id) { runs { steps { step outputs attemptHistory { number status startedAt finishedAt } } } } }`,
    { id: instanceId },
  );
  return workflowInstance.runs.flatMap((run) => run.steps);
}

/**
 * Of each attempt that a killed process had begun: how long after the kill Weft took the step back, and how long the step then waited for a worker that
 * was alive and free.
 */
function takeOversMs(instanceId: string, { step, attemptHistory }: Step): { takenBack: number; waited: number }[] {
  return attemptHistory.flatMap(({ number, status, finishedAt }, index) => {
    const begun = seen.find((one) => one.at === "begun" && one.instanceId === instanceId && one.step === step && one.attempt === number);
    const killedAt = killedAtMs.get(begun?.pid ?? 0);
    const next = attemptHistory[index + 1];
    if (status !== "LOST" || finishedAt === null || killedAt === undefined || next === undefined) return [];
    return [{ takenBack: Date.parse(finishedAt) - killedAt, waited: Date.parse(next.startedAt) - Date.parse(finishedAt) }];
  });
}

test(
  "the effect of each step happens once while the processes that do steps are killed, and another one takes over within the lease",
  { timeout: sized({ part: 240_000, whole: 1_800_000 }) },
  async () => {
    console.log(`seed ${seed}`);
    const [ours, foreign] = [await weft.tenant(), await weft.tenant()];
    const keys = await Promise.all([ours, foreign].map(async (tenant) => (await aWorker(tenant)).user.token));
    for (const tenant of [ours, foreign]) await tenant.definition(definition);
    const stranger = startWorker(keys[1] ?? "");

    const supervise = async (): Promise<void> => {
      while (isStorm) await once(startWorker(keys[0] ?? ""), "exit");
    };
    const supervised = Promise.all(Array.from({ length: WORKERS }, supervise));
    const instances: string[] = [];
    const ended = new Set<string>();
    const open = (): string[] => instances.filter((id) => !ended.has(id));
    let resolved = 0;
    const look = async (): Promise<void> => {
      for (const id of open()) if ((await runOf(ours.admin, id)).status === "SUCCEEDED") ended.add(id);
      if (open().length > 0) resolved += await retryIncidents(ours);
    };
    const start = async (): Promise<void> => {
      while (instances.length < runs && open().length < AT_ONCE)
        instances.push(await started(ours.admin, "work", { ms: random.below(400) }));
    };
    const deadline = performance.now() + sized({ part: 120_000, whole: 1_700_000 });
    while (ended.size < runs && performance.now() < deadline) {
      await start();
      await look();
      await delay(100);
    }
    isStorm = false;

    expect(open(), `seed ${seed}: every run has succeeded`).toEqual([]);
    const results: { readonly instanceId: string; readonly step: Step }[] = [];
    for (const instanceId of instances) for (const step of await stepsOf(ours, instanceId)) results.push({ instanceId, step });
    expect(new Set(results.map(({ step }) => step.outputs?.effect)), `seed ${seed}: each step has the effect of its key`).toEqual(
      new Set(effectByKey.values()),
    );
    expect(effectByKey.size, `seed ${seed}: none happened twice, under another key`).toBe(runs * STEPS_PER_RUN);
    const takeOvers = results.flatMap(({ instanceId, step }) => takeOversMs(instanceId, step));
    const longest = (which: "takenBack" | "waited"): number => Math.round(Math.max(...takeOvers.map((one) => one[which])));
    console.log(
      `${effectByKey.size} steps, ${killedAtMs.size} kills, ${takeOvers.length} steps taken over, the last one taken back after ${longest("takenBack")} ms, ` +
        `and begun again at most ${longest("waited")} ms later; ${seen.filter(({ at }) => at === "effect").length} calls for the effects; ${resolved} incidents`,
    );
    expect(killedAtMs.size, `seed ${seed}: processes were killed`).toBeGreaterThan(0);
    expect(takeOvers.length, `seed ${seed}: each process that was killed had a step, which was taken over`).toBeGreaterThanOrEqual(
      killedAtMs.size,
    );

    // The process of the other tenant is there all the time, and does what is its own.
    expect(seen.filter(({ pid }) => pid === stranger.pid)).toEqual([]);
    const own = await started(foreign.admin, "work", { ms: 1 });
    await becomes(foreign.admin, own, "the foreign run has succeeded", ({ status }) => status === "SUCCEEDED");
    expect(new Set(seen.filter(({ pid }) => pid === stranger.pid).map(({ instanceId }) => instanceId))).toEqual(new Set([own]));

    for (const child of children.values()) child.kill("SIGKILL");
    await supervised;
    await until(() => children.size === 0, { what: "all processes have ended" });
    await weft.weft.worker.idle();
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
    expect(longest("takenBack"), `seed ${seed}`).toBeLessThanOrEqual(LEASE_SECONDS * 1000 + MARGIN_MS);
  },
);
