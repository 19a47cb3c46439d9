import { isDeepStrictEqual } from "node:util";
import { decodeId, newId } from "@weft/shared/ids";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import type { Services } from "@weft/platform/services";
import { gatewayHeader, signCall } from "@weft/api/subgraph";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { postgres } from "@weft/pg-driver";
import { Pool } from "undici";
import { askingAgain, type HttpAnswer } from "../harness/load/asking-again.js";
import { serverSeconds } from "../harness/processor-time.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "../harness/rounds.js";
import { installPeer } from "../harness/systems/peer.js";
import { firstAnswer, type Program, startProgram } from "../harness/systems/program.js";
import { openTenant, startSite } from "../harness/systems/services.js";
import { fillBoard } from "../harness/tenants/board.js";
import { everythingViewer } from "../harness/tenants/viewer.js";
import { type NestedList, parsePeerAnswer, parseWeftAnswer, withNames, withReferences } from "./nested-list.js";

// As many as a gateway admits of a tenant at once.
const connections = 16;
const figure = "lists per processor second";

const peerReferences = "PostGraphile, IDs of assignees";
const subgraph = "Weft's subgraph, references to assignees";
const peerNames = "PostGraphile, names of assignees";
const whole = "Weft, gateway and subgraphs in one process";

/** How one contestant is asked. */
interface Asked {
  readonly name: string;
  readonly program: Program;
  readonly query: string;
  readonly headers: (body: string) => Record<string, string>;
  readonly parse: (text: string) => NestedList;
}

/**
 * P5: a list of 20 instances × 3 tasks × assignee, against PostGraphile 5 on the same tables under the same policies. Weft's subgraph answers with
 * references to the assignees, its gateway with their names. Measured per second of processor time of the server and PostgreSQL.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  installPeer("bench/postgraphile");
  const site = await startSite();
  const { env, services, database } = site;
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const programs: Program[] = [];
  const pools: Pool[] = [];
  try {
    const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
    const filling = await startWeft({ config, keys: services.keys, log: services.log });
    const tenant = await openTenant(services, filling.url, "bench");
    await fillBoard(tenant);
    await assignTasks(owner);
    const tokens: string[] = [];
    for (let session = 0; session < connections; session++) tokens.push((await tenant.admin.again()).token);
    const subgraphOf = (name: string) => {
      const found = filling.subgraphs.find((each) => each.name === name);
      if (found === undefined) throw new Error(`There is no subgraph ${name}.`);
      return found;
    };
    const userId = decodeId("user", tenant.admin.id);
    const viewer = everythingViewer(tenant.id, userId);
    const call = { viewer, requestId: newId(), address: null, userAgent: null, traceId: null };
    await filling.worker.idle();
    const statements = {
      subgraph: await countStatements(filling.services, () =>
        subgraphOf("workflows").execute({ services: filling.services, call, query: withReferences.weft }),
      ),
      whole: await countStatements(filling.services, () => tenant.admin.run(withNames.weft)),
    };
    await filling.stop();
    await owner`vacuum analyze`;

    const start = async (path: string, more: Record<string, string>, portName = "PORT"): Promise<Program & { readonly url: string }> => {
      const port = await findFreePort();
      const program = startProgram(path, { ...more, [portName]: String(port) });
      programs.push(program);
      return { ...program, url: `http://127.0.0.1:${port}` };
    };
    const peer = await start("bench/dist/processes/postgraphile.js", { DATABASE_URL: database.appUrl, GRAPHILE_ENV: "production" });
    const workflows = await start("subgraphs/workflows/dist/main.js", env, "WEFT_SUBGRAPH_PORT");
    const server = await start("apps/standalone/dist/server.js", env);

    const peerHeaders = () => ({ "x-tenant": tenant.id, "x-user": userId });
    let turn = 0;
    const asked: readonly (Asked & { readonly program: Program & { readonly url: string } })[] = [
      { name: peerReferences, program: peer, query: withReferences.peer, headers: peerHeaders, parse: parsePeerAnswer },
      {
        name: subgraph,
        program: workflows,
        query: withReferences.weft,
        headers: (body) => ({ [gatewayHeader]: signCall(services.keys.internalCall, { ...call, subgraph: "workflows", body }) }),
        parse: parseWeftAnswer,
      },
      { name: peerNames, program: peer, query: withNames.peer, headers: peerHeaders, parse: parsePeerAnswer },
      {
        name: whole,
        program: server,
        query: withNames.weft,
        headers: () => ({ authorization: `Bearer ${tokens[turn++ % tokens.length]}` }),
        parse: parseWeftAnswer,
      },
    ];
    const lists = new Map<string, NestedList>();
    const contestants: Contestant[] = [];
    for (const { name, program, query, headers, parse } of asked) {
      const http = new Pool(program.url, { connections, pipelining: 1 });
      pools.push(http);
      const body = JSON.stringify({ query });
      const ask = async (): Promise<HttpAnswer> => {
        const given = { "content-type": "application/json", ...headers(body) };
        const answer = await http.request({ path: "/graphql", method: "POST", headers: given, body });
        return { status: answer.statusCode, text: await answer.body.text() };
      };
      const again = await firstAnswer(program, () => askingAgain(name, ask));
      lists.set(name, parse(again.first));
      const measure = async (forMs: number) => {
        const before = { node: program.spentSeconds(), postgres: await serverSeconds(owner) };
        const { done, refused, perSecond, p50Ms, p99Ms } = await again.loop(connections, forMs);
        const node = program.spentSeconds() - before.node;
        const inPostgres = (await serverSeconds(owner)) - before.postgres;
        return {
          [figure]: done / (node + inPostgres),
          "Node ms each": (node * 1000) / done,
          "PostgreSQL ms each": (inPostgres * 1000) / done,
          "lists/s": perSecond,
          "p50 ms": p50Ms,
          "p99 ms": p99Ms,
          refused,
        };
      };
      await measure(quick ? 2_000 : 4_000);
      contestants.push({ name, run: () => measure(quick ? 2_000 : 5_000) });
    }
    assertEqual(lists, peerReferences, subgraph);
    assertEqual(lists, peerNames, whole);
    const rounds = await alternate(contestants, quick ? 3 : 5);
    const figures = [figure, "Node ms each", "PostgreSQL ms each", "lists/s", "p50 ms", "p99 ms", "refused"];
    const against = (name: string): number =>
      ratioOf(rounds, figure, name, name === subgraph || name === peerReferences ? peerReferences : peerNames);
    return {
      title: `P5  a nested list, 20 instances × 3 tasks × assignee, ${connections} connections, RLS on`,
      head: ["", ...figures, "against PostGraphile"],
      rows: contestants.map(({ name }) => [name, ...figures.map((each) => medianOf(rounds, name, each)), against(name)]),
      ratio: {
        what: "lists per processor second, Weft's subgraph / PostGraphile",
        value: against(subgraph),
        goal: `≥ 1.5; through the gateway ${against(whole).toFixed(2)}, goal ≥ 0.8`,
      },
      notes: [
        `SQL statements of a list, without transaction control and context: ${statements.subgraph} in the subgraph, ${statements.whole} through the gateway (goal ≤ 3).`,
        "Processor time of the server and PostgreSQL. The subgraph verifies the gateway's signature. Weft in one process verifies a token, and its worker polls meanwhile. PostGraphile takes tenant and user from headers without checking them.",
        "Correct: after conversion of the IDs, the answers of both systems are equal. Every answer was compared with the first one. Refused answers do not count as lists.",
      ],
      rounds,
    };
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
    await Promise.all(programs.map((program) => program.stop()));
    await owner.end();
    await site.remove();
  }
}

function assertEqual(lists: ReadonlyMap<string, NestedList>, peer: string, weft: string): void {
  const sorted = (name: string) =>
    lists.get(name)?.map((instance) => ({ ...instance, tasks: instance.tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }));
  if (!isDeepStrictEqual(sorted(peer), sorted(weft)))
    throw new Error(`${peer} and ${weft} gave different lists: ${JSON.stringify(sorted(peer))} and ${JSON.stringify(sorted(weft))}.`);
}

/** Gives each open task an assignee, three different ones for each instance. */
async function assignTasks(owner: postgres.Sql): Promise<void> {
  await owner`
    with operators as (select id, row_number() over (order by id) as n, count(*) over () as total from identity.users where name like 'Assignee %'),
         opened as (select tenant_id, id, row_number() over (order by id) as n from workflows.tasks)
    update workflows.tasks t set status = 'CLAIMED', assignee_id = u.id, claimed_at = now()
      from opened o join operators u on u.n = 1 + o.n % u.total
     where t.tenant_id = o.tenant_id and t.id = o.id`;
}

/** Returns the smallest number of statements of three executions, because the worker's use of the pool would count too. */
async function countStatements({ databases }: Pick<Services, "databases">, execute: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let n = 0; n < 3; n++) {
    let count = 0;
    databases.app.onStatement = () => count++;
    await execute();
    databases.app.onStatement = undefined;
    counts.push(count);
  }
  return Math.min(...counts);
}
