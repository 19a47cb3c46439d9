import { fireAlone } from "@weft/engine";
import { loadConfig, withDatabaseUrls } from "@weft/shared";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { fireTransition } from "@weft/testkit/maintenance-tenant";
import postgres from "postgres";
import { Pool } from "undici";
import { closedLoop, type LoopResult } from "./harness/closed-loop.js";
import { anEngineTenant } from "./harness/engine-tenant.js";
import { pgbench, pgbenchVersion } from "./harness/pgbench.js";
import { serverSeconds } from "./harness/processor-time.js";
import { firstAnswer, startProgram, type Program } from "./harness/program.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/services.js";
import { transitionScript } from "./harness/transition-script.js";

const connections = 10;
const anchor = "pgbench, separate statements";
const few = "Weft, the whole of it, 10 in flight";
const many = "Weft, the whole of it, 100 in flight";

const definition = `
weft: 1
key: api-pendulum
name: Pendulum of the API
data: { type: object, required: [summary, estimate], properties: { summary: { type: string, maxLength: 200 }, estimate: { type: number, minimum: 0 } } }
initial: left
states:
  left:
    transitions:
      swing: { to: right, allow: { roles: [operations], permissions: [workflow.fire] }, when: "data.estimate <= 5000" }
      stop: { to: stopped, allow: { roles: [operations] } }
  right:
    transitions:
      swing: { to: left, allow: { roles: [operations], permissions: [workflow.fire] }, when: "data.estimate <= 5000" }
  stopped: { final: completed }
`;

interface Fired {
  readonly data?: { readonly fireTransition: { readonly instance: { readonly state: string; readonly version: number } } | null };
  readonly errors?: readonly object[];
}

/**
 * P2: the same transition as P1's through the whole API, over HTTP and with a session each: gateway, rules, subgraph, engine, and the worker that numbers the
 * events and seals the audit beside them, all in one process. Per second of processor time of server and database, against pgbench and its database.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const version = await pgbenchVersion();
  const site = await startSite();
  const { services } = site;
  const owner = postgres(site.database.ownerUrl, { max: 1, onnotice: () => {} });
  const alone = postgres(site.database.appUrl, { max: 1, onnotice: () => {} });
  const forMs = quick ? 2_000 : 6_000;
  let program: Program | undefined;
  let pool: Pool | undefined;
  try {
    const config = withDatabaseUrls(loadConfig({ ...site.env, PORT: "0" }), services.keys);
    const weft = await startWeft({ config, keys: services.keys, log: services.log });
    const tenant = await openTenant(services, weft.url, "bench");
    await tenant.definition(definition);
    const person = await tenant.user("operations");
    const tokens: string[] = [];
    for (let session = 0; session < connections; session++) tokens.push((await person.again()).token);
    const start = `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "api-pendulum", data: $data }) { instance { id } } }`;
    const ids: string[] = [];
    for (let n = 0; n < 200; n++) {
      const data = { summary: "The elevator in the lobby grinds when it stops at the second floor", estimate: 1200 };
      ids.push((await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { data })).startWorkflow.instance.id);
    }
    await weft.stop();

    const port = await findFreePort();
    const running = startProgram("packages/standalone/dist/server.js", { ...site.env, PORT: String(port) }, { reportsUsage: true });
    program = running;
    const http = new Pool(`http://127.0.0.1:${port}`, { connections: 100, pipelining: 1 });
    pool = http;
    const fire = async (worker: number, instanceId: string): Promise<void> => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${tokens[worker % tokens.length]}` };
      const body = JSON.stringify({ query: fireTransition, variables: { input: { instanceId, transition: "swing" } } });
      const answer = await http.request({ path: "/graphql", method: "POST", headers, body });
      const { data, errors } = (await answer.body.json()) as Fired;
      if (errors || !data?.fireTransition) throw new Error(`Weft answered ${JSON.stringify(errors)}`);
    };
    await firstAnswer(running, () => fire(0, ids[0] ?? ""));

    const engine = await anEngineTenant(services.databases.app, quick ? 500 : 2_000);
    await fireAlone(alone, engine.meta, { id: engine.instanceIds[0] ?? "", transition: "swing", actor: engine.actor });
    const script = await transitionScript(owner, engine, engine);
    let moves = 1;
    const through = (name: string, inFlight: number): Contestant => ({
      name,
      run: async () => {
        await tidy(owner);
        const before = (await running.processorMs()) / 1000 + (await serverSeconds(owner));
        const mine = Math.floor(ids.length / inFlight);
        const result = await closedLoop(inFlight, forMs, (worker, turn) => fire(worker, ids[worker + inFlight * (turn % mine)] ?? ""));
        moves += result.done;
        return figuresOf(result, (await running.processorMs()) / 1000 + (await serverSeconds(owner)) - before);
      },
    });
    const contestants: Contestant[] = [
      {
        name: anchor,
        run: async () => {
          await tidy(owner);
          const before = await serverSeconds(owner);
          const result = await pgbench(site.database.appUrl, script, { clients: connections, forMs });
          return figuresOf(result, (await serverSeconds(owner)) - before + result.processorSeconds);
        },
      },
      through(few, 10),
      through(many, 100),
    ];
    await through(many, 100).run();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    const [found] = await owner<
      { moves: number }[]
    >`select sum(version - 1)::int as moves from workflows.instances where definition_key = 'api-pendulum'`;
    if (found?.moves !== moves) throw new Error(`${moves} moves were accepted, and the instances have ${found?.moves}.`);
    const figures = ["moves per processor second", "moves/s", "p50 ms", "p99 ms"];
    return {
      title: "P2  a transition through the whole API, in one process",
      head: ["", ...figures, "against pgbench"],
      rows: contestants.map(({ name }) => [
        name,
        ...figures.map((figure) => medianOf(rounds, name, figure)),
        ratioOf(rounds, "moves per processor second", name, anchor),
      ]),
      ratio: {
        what: "moves per processor second, the whole API with 100 in flight / pgbench",
        value: ratioOf(rounds, "moves per processor second", many, anchor),
        goal: "≥ 0.5",
      },
      notes: [
        `${version}; processor time of every process that takes part but the one that sends the requests: pgbench and PostgreSQL, Weft (its worker too) and PostgreSQL.`,
        `Correct: ${moves} accepted moves, as many as the instances' versions say. Of a tenant at most 16 operations are in flight in a gateway (its default); the others wait there.`,
      ],
      rounds,
    };
  } finally {
    await pool?.close();
    await program?.stop();
    await Promise.all([owner.end(), alone.end()]);
    await site.remove();
  }
}

const figuresOf = ({ done, perSecond, p50Ms, p99Ms }: LoopResult, seconds: number) => ({
  "moves per processor second": done / seconds,
  "moves/s": perSecond,
  "p50 ms": p50Ms,
  "p99 ms": p99Ms,
});

async function tidy(owner: postgres.Sql): Promise<void> {
  await owner`vacuum analyze workflows.instances`;
  await owner`checkpoint`;
}
