import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { fireTransition } from "@weft/testkit/tenants/maintenance-tenant";
import type { TestTenant } from "@weft/testkit/test-tenant";
import { postgres } from "@weft/pg-driver";
import { Pool } from "undici";
import { codeOf } from "../harness/load/answer-code.js";
import { openLoop, type OpenLoopResult, type Sender } from "../harness/load/open-loop.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "../harness/rounds.js";
import { firstAnswer, startProgram } from "../harness/systems/program.js";
import { openTenant, startSite } from "../harness/systems/services.js";

/** A gateway admits 16 operations of a tenant at once. The flood always has ten times as many in flight. */
const inFlight = 160;
const share = 0.05;
const [quiet, loud] = ["calm", "loud"] as const;
const alone = "the quiet tenant alone";
const flooded = "the quiet tenant during the flood";

/** Counts of the flood's answers. */
interface Flood {
  readonly codes: Map<string, number>;
  /** Answers that contain a row of the other tenant. */
  foreign: number;
}

/**
 * P10: one tenant floods a Weft in one process with ten times as many operations as it admits of a tenant. Another tenant sends at a twentieth of the
 * rate that the flood reaches. Compares its p99 with the one it has alone. Every answer to either tenant is searched for rows of the other.
 */
export async function run({ quick, minutes }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const { env, services } = site;
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const wanted = quick ? 2_000 : 1_000_000;
  const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
  const filling = await startWeft({ config, keys: services.keys, log: services.log });
  const filled = await Promise.all([
    fill(await openTenant(services, filling.url, quiet)),
    fill(await openTenant(services, filling.url, loud)),
  ]);
  await filling.worker.idle();
  await filling.stop();
  await owner`vacuum analyze`;
  const [quietSenders, loudSenders] = filled;
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram("apps/standalone/dist/server.js", { ...env, PORT: String(port) });
  const http = new Pool(url, { connections: inFlight, pipelining: 1 });
  const flood: Flood = { codes: new Map(), foreign: 0 };
  const total = { sent: 0, wrong: 0, failures: 0 };
  try {
    await firstAnswer(program, async () => {
      const { ok, status } = await fetch(`${url}/health/ready`);
      if (!ok) throw new Error(`Weft is not ready: ${status}.`);
    });
    const forMs = quick ? 5_000 : 30_000;
    const warm = await during(forMs, (until) => sendFlood({ http, senders: loudSenders, flood, until }));
    const perSecond = Math.max(2, share * warm);
    const ask = async (ms: number): Promise<OpenLoopResult> => {
      const result = await openLoop({ url, senders: quietSenders, perSecond, forMs: ms, expected: markOf(quiet), foreign: markOf(loud) });
      total.sent += result.sent;
      total.wrong += result.wrong;
      total.failures += Object.values(result.errors).reduce((sum, count) => sum + count, 0);
      return result;
    };
    const figures = ["p50 ms", "p95 ms", "p99 ms"] as const;
    const figuresOf = ({ p50Ms, p95Ms, p99Ms }: OpenLoopResult, floodPerSecond: number) => ({
      "p50 ms": p50Ms,
      "p95 ms": p95Ms,
      "p99 ms": p99Ms,
      "flood's answers/s": floodPerSecond,
    });
    const contestants: Contestant[] = [
      { name: alone, run: async () => figuresOf(await ask(forMs), 0) },
      {
        name: flooded,
        run: async () => {
          const [result, answers] = await Promise.all([
            ask(forMs),
            during(forMs, (until) => sendFlood({ http, senders: loudSenders, flood, until })),
          ]);
          return figuresOf(result, answers);
        },
      },
    ];
    for (const { run: warmUp } of contestants) await warmUp();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    // The rest of the answers to check. No times are taken.
    const deadline = minutes === undefined ? Infinity : performance.now() + minutes * 60_000;
    while (total.sent + answersOf(flood) < wanted && performance.now() < deadline)
      await Promise.all([ask(10_000), during(10_000, (until) => sendFlood({ http, senders: loudSenders, flood, until }))]);
    if (total.wrong > 0 || flood.foreign > 0)
      throw new Error(
        `${total.wrong} answers to the quiet tenant and ${flood.foreign} to the loud one contain foreign rows, or lack their own.`,
      );
    return {
      title: `P10  a noisy neighbor: ${inFlight} operations in flight, and another tenant with ${perSecond.toFixed(1)} operations per second`,
      head: ["", ...figures, "flood's answers/s"],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        medianOf(rounds, name, "flood's answers/s"),
      ]),
      ratio: { what: "p99 of the quiet tenant during the flood / alone", value: ratioOf(rounds, "p99 ms", flooded, alone), goal: "≤ 2" },
      notes: [
        `Errors of the quiet tenant: ${total.failures} of ${total.sent} (goal 0). The flood's answers: ${[...flood.codes].map(([code, count]) => `${code} ${count}`).join(", ")}.`,
        `Answers with a foreign row: 0 of ${total.sent + answersOf(flood)} (goal: 0 of 1,000,000).`,
        "Response times count from the moment at which a request was due. Server, PostgreSQL, and all clients share the machine.",
      ],
      rounds,
    };
  } finally {
    await http.close();
    await program.stop();
    await owner.end();
    await site.remove();
  }
}

const answersOf = ({ codes }: Flood): number => [...codes.values()].reduce((sum, count) => sum + count, 0);

/** Text in every row of a tenant, which no other tenant's rows contain. */
const markOf = (slug: string): string => `row-of-${slug}`;

const definition = (mark: string): string => `
weft: 1
key: ${mark}
name: Pendulum ${mark}
data: { type: object, properties: { mark: { type: string } } }
initial: left
states:
  left: { transitions: { swing: { to: right, allow: { roles: [operations] } }, stop: { to: stopped, allow: { roles: [operations] } } } }
  right: { transitions: { swing: { to: left, allow: { roles: [operations] } } } }
  stopped: { final: completed }
`;

/** Creates eight users with rows of their own. Returns their logins and operations: three lists, then a transition. */
async function fill(tenant: TestTenant): Promise<Sender[]> {
  const mark = markOf(tenant.slug);
  await tenant.definition(definition(mark));
  const senders: Sender[] = [];
  for (let n = 0; n < 8; n++) {
    const user = await tenant.user("operations", { name: `User ${n} ${mark}` });
    const instances: string[] = [];
    for (let each = 0; each < 5; each++) {
      const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(
        "mutation ($key: String!, $data: JSON!) { startWorkflow(input: { definitionKey: $key, data: $data }) { instance { id } } }",
        { key: mark, data: { mark } },
      );
      instances.push(startWorkflow.instance.id);
    }
    const fire = fireTransition.replace("instance { id state status version }", "instance { id state version data }");
    senders.push({
      token: user.token,
      operations: [
        {
          name: "list",
          weight: 3,
          body: JSON.stringify({
            query:
              "{ me { id name } workflowInstances(first: 20) { edges { node { id state version data definition { id name } owner { id name } } } } }",
          }),
        },
        {
          name: "instance",
          weight: 1,
          body: JSON.stringify({
            query: "query ($id: ID!) { workflowInstance(id: $id) { id state data history { version to actor { id name } } } }",
            variables: { id: instances[4] },
          }),
        },
        {
          name: "transition",
          weight: 1,
          body: JSON.stringify({ query: fire, variables: { input: { instanceId: instances[0], transition: "swing" } } }),
        },
      ],
    });
  }
  return senders;
}

/** Runs something until a time. Returns its answers per second. */
async function during(forMs: number, send: (until: number) => Promise<number>): Promise<number> {
  const started = performance.now();
  const answers = await send(started + forMs);
  return (answers * 1000) / (performance.now() - started);
}

/** Keeps `inFlight` operations in flight until a time. Returns the number of answers without an error. */
async function sendFlood({
  http,
  senders,
  flood,
  until,
}: {
  readonly http: Pool;
  readonly senders: readonly Sender[];
  readonly flood: Flood;
  readonly until: number;
}): Promise<number> {
  let done = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, worker) => {
      for (let turn = 0; performance.now() < until; turn++) {
        const sender = senders[worker % senders.length];
        const operation = sender?.operations[turn % 5 < 3 ? 0 : (turn % 5) - 2];
        if (sender === undefined || operation === undefined) throw new Error("The flood has no operations.");
        const headers = { "content-type": "application/json", authorization: `Bearer ${sender.token}` };
        const answer = await http.request({ path: "/graphql", method: "POST", headers, body: operation.body });
        const text = await answer.body.text();
        const code = codeOf(text);
        if (text.includes(markOf(quiet)) || (code === "OK" && !text.includes(markOf(loud)))) flood.foreign++;
        flood.codes.set(code, (flood.codes.get(code) ?? 0) + 1);
        if (code === "OK") done++;
      }
    }),
  );
  return done;
}
