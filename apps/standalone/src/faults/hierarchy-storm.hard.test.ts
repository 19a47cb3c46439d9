import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { createTenantWithBuiltInRoles } from "@weft/identity";
import { decodeId } from "@weft/shared/ids";
import { closeServices, openServices } from "@weft/api/subgraph";
import { type AcceptedTransition, brokenInvariants, TestTenant, until } from "@weft/testkit";
import type { OwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { startSeededPostgres } from "@weft/testkit/postgres/seeded-postgres";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { sized } from "@weft/testkit/sizes";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

// F1, F3, F4, and F5 for operations that change several instances at once: children that end, joins that fire, votes that decide. The server with its
// worker is killed at random, and PostgreSQL is restarted and crashes. Users repeat unanswered calls with the same key.

const TRANSITIONS = sized({ part: 200, whole: 2000 });
const FAULTS = sized({ part: 2, whole: 6 });

const definitions = [
  `weft: 1
key: part
name: Part
data: { properties: { name: { type: string } } }
initial: open
states:
  open: { task: { title: Do, candidates: { owner: true } }, transitions: { finish: { to: made, auto: false } } }
  made: { transitions: { pack: { to: done, auto: true } } }
  done: { final: completed }
`,
  `weft: 1
key: product
name: Product
data: { properties: { parts: { type: array, items: { type: string } }, made: { type: array } } }
initial: making
states:
  making:
    children: { part: { definition: part, for: data.parts, data: { name: item }, result: { name: data.name }, collect: data.made } }
    join: { need: all, then: assemble, otherwise: fail }
    transitions: { assemble: { to: checking }, fail: { to: broken } }
  checking:
    tasks:
      look: { title: Look, candidates: { roles: [admin] } }
      weigh: { title: Weigh, candidates: { roles: [admin] } }
    decide: { pass: all, refuse: any, repeat: true }
    transitions: { pass: { to: sold }, refuse: { to: broken } }
  sold: { final: completed }
  broken: { final: rejected }
`,
];

const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance {
  id version children(first: 10) { edges { node { id version tasks { id } } } } } } }`;
const complete = "mutation ($input: CompleteTaskInput!) { completeTask(input: $input) { instance { id version state } } }";
const tasksOf = "query ($id: ID!) { workflowInstance(id: $id) { id state tasks { id status } } }";

type Instance = { readonly id: string; readonly version: number };
type Started = {
  readonly startWorkflow: {
    readonly instance: Instance & {
      readonly children: { readonly edges: { readonly node: Instance & { readonly tasks: { readonly id: string }[] } }[] };
    };
  };
};

let database: OwnPostgres;
let ownerUrl: string;
let weft: StandaloneProcess;
let acme: TestTenant;

beforeAll(async () => {
  database = await startSeededPostgres({ max_connections: "100" });
  ownerUrl = Object.assign(new URL(database.url), { pathname: "/weft" }).href;
  weft = await standaloneProcess({ program: "server", settings: { DATABASE_OWNER_URL: ownerUrl, LOG_LEVEL: "error" } });
  await weft.start();
  const services = await openServices({ ...weft.env, DATABASE_POOL_SIZE: "4" });
  try {
    const admin = { email: "admin@storm.example", username: "admin-storm", name: "Admin", password: "a quiet river 42" };
    const { tenantId } = await createTenantWithBuiltInRoles(services, { slug: "storm", name: "Storm", plan: "ENTERPRISE", admin });
    acme = await TestTenant.open({ url: weft.url, tenantId, slug: "storm", name: "Storm", admin });
  } finally {
    await closeServices(services);
  }
  for (const definition of definitions) await acme.definition(definition);
}, 300_000);

afterAll(async () => {
  await weft.remove();
  await database.remove();
}, 120_000);

/**
 * Sends a call until there is a response. Repeated calls have the same key. If a call succeeded but its response was lost, the key returns the
 * result.
 *
 * @returns null for a task that is no longer open because another user's vote decided
 * @throws Error with the response, for an unexpected refusal
 */
async function persist<T>(query: string, variables: Record<string, unknown>): Promise<T | null> {
  const answer = await until(
    async () => {
      const { data, errors } = await acme.admin.send<T>(query, variables);
      const code = errors?.[0]?.extensions?.code;
      if (code === "SERVICE_UNAVAILABLE") throw new Error(JSON.stringify(errors));
      return { data, errors, code };
    },
    { what: "the request is answered", deadlineMs: 240_000, everyMs: 50 },
  );
  if (answer.code === "TRANSITION_REJECTED") return null;
  if (answer.errors !== undefined || !answer.data) throw new Error(JSON.stringify(answer));
  return answer.data;
}

async function persistently<T>(query: string, variables: Record<string, unknown>): Promise<T> {
  const data = await persist<T>(query, variables);
  if (data === null) throw new Error(`refused: ${query}`);
  return data;
}

/** Processes one product after the other, from its parts to its sale. */
async function make(maker: number, accepted: AcceptedTransition[], isEnough: () => boolean): Promise<void> {
  const note = ({ id, version }: Instance): void => void accepted.push({ instanceId: decodeId("instance", id, "id"), version });
  for (let round = 0; !isEnough(); round++) {
    const key = `${maker}-${round}`;
    const input = { definitionKey: "product", data: { parts: ["a", "b", "c"] }, idempotencyKey: `start ${key}` };
    const { instance } = (await persistently<Started>(start, { input })).startWorkflow;
    note(instance);
    const done = async (id: string, transition: string): Promise<boolean> => {
      const completed = await persist<{ completeTask: { instance: Instance } }>(complete, {
        input: { id, transition, idempotencyKey: `complete ${id}` },
      });
      if (completed) note(completed.completeTask.instance);
      return completed !== null;
    };
    // The parts end at the same time, so their joins run concurrently.
    const finished = await Promise.all(instance.children.edges.flatMap(({ node }) => node.tasks.map(({ id }) => done(id, "finish"))));
    expect(finished).toEqual([true, true, true]);
    const { workflowInstance } = await persistently<{ workflowInstance: { state: string; tasks: { id: string; status: string }[] } }>(
      tasksOf,
      {
        id: instance.id,
      },
    );
    expect(workflowInstance.state).toBe("checking");
    const open = workflowInstance.tasks.filter(({ status }) => status === "OPEN");
    expect(open).toHaveLength(2);
    const refuses = round % 5 === 4;
    const votes = await Promise.all(open.map(({ id }) => done(id, refuses ? "refuse" : "pass")));
    // The first refusal closes the other task.
    expect(votes.filter(Boolean)).toHaveLength(refuses ? 1 : 2);
  }
}

async function countTransitions(): Promise<number> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    const [row] = await sql<{ count: number }[]>`select count(*)::int as count from workflows.history`;
    return row?.count ?? 0;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

test(
  `${TRANSITIONS} transitions with children, joins and votes while the server and PostgreSQL are killed: all data is consistent, and every confirmed result is stored`,
  { timeout: 1_200_000 },
  async () => {
    const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));
    console.log(`seed ${seed}`);
    const random = (function* () {
      for (let state = seed; ;) yield (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
    })();
    const accepted: AcceptedTransition[] = [];
    let transitions = 0;
    let isOver = false;
    const faults = { killed: 0, restarted: 0, crashed: 0 };
    // Faults occur in between, however fast the machine is.
    const isEnough = (): boolean => transitions >= TRANSITIONS && faults.killed + faults.restarted + faults.crashed >= FAULTS;
    const makers = Array.from({ length: 6 }, (_none, maker) => make(maker, accepted, () => isOver || isEnough()));
    const trouble = (async () => {
      while (!isEnough() && !isOver) {
        await delay(3000 + Number(random.next().value) * 6000);
        transitions = await countTransitions().catch(() => transitions);
        const dice = Number(random.next().value);
        if (dice < 0.6) {
          process.kill(weft.pid(), "SIGKILL");
          await weft.ended();
          await weft.start();
          faults.killed++;
        } else if (dice < 0.8) {
          await database.restart();
          faults.restarted++;
        } else {
          await database.crash();
          faults.crashed++;
        }
      }
    })();
    try {
      await Promise.all([...makers, trouble]);
    } finally {
      isOver = true;
    }
    await until(async () => expect(await brokenInvariants({ ownerUrl, accepted })).toEqual([]), {
      what: "everything agrees once the relay has caught up",
      deadlineMs: 30_000,
      everyMs: 1000,
    });
    console.log(`${await countTransitions()} transitions, ${accepted.length} answers, ${JSON.stringify(faults)}`);
  },
);
