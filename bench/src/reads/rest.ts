import { restRoutes } from "@weft/gateway";
import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { postgres } from "@weft/pg-driver";
import { Pool } from "undici";
import { askingAgain } from "../harness/load/asking-again.js";
import { serverSeconds } from "../harness/processor-time.js";
import type { BenchOptions, Report } from "../harness/report.js";
import { alternate, type Contestant, medianOf, ratioOf } from "../harness/rounds.js";
import { firstAnswer, startProgram } from "../harness/systems/program.js";
import { openTenant, startSite } from "../harness/systems/services.js";
import { fillBoard } from "../harness/tenants/board.js";

// As many as a gateway admits of a tenant at once.
const connections = 16;
const figure = "answers per processor second";
const figures = [figure, "Node ms each", "PostgreSQL ms each", "answers/s", "p50 ms", "p99 ms"] as const;

interface Asked {
  readonly name: string;
  readonly path: string;
  /** The body of a POST. Undefined: a GET. */
  readonly body?: string;
}

/**
 * REST against the same operation over GraphQL: a request by its ID, and a list of 20 requests, from a server in a process of its own. Measured per
 * second of processor time of the server and PostgreSQL.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const site = await startSite();
  const { env, services, database } = site;
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
  const filling = await startWeft({ config, keys: services.keys, log: services.log });
  const tenant = await openTenant(services, filling.url, "bench");
  await fillBoard(tenant);
  const { requests } = await tenant.admin.run<{ requests: { edges: { node: { id: string } }[] } }>(
    "{ requests(first: 1) { edges { node { id } } } }",
  );
  const id = requests.edges[0]?.node.id ?? "";
  const textOf = (path: string): string =>
    restRoutes(filling.gateway.schema).find(({ operation }) => operation.row.path === path)?.operation.text ?? "";
  const pairs: readonly (readonly [graphql: Asked, rest: Asked])[] = [
    [
      { name: "a request, GraphQL", path: "/graphql", body: JSON.stringify({ query: textOf("/requests/:id"), variables: { id } }) },
      { name: "a request, REST", path: `/api/v1/requests/${id}` },
    ],
    [
      { name: "a list of 20, GraphQL", path: "/graphql", body: JSON.stringify({ query: textOf("/requests"), variables: { first: 20 } }) },
      { name: "a list of 20, REST", path: "/api/v1/requests?first=20" },
    ],
  ];
  const tokens: string[] = [];
  for (let session = 0; session < connections; session++) tokens.push((await tenant.admin.again()).token);
  await filling.worker.idle();
  await filling.stop();
  await owner`vacuum analyze`;
  const port = await findFreePort();
  const program = startProgram("apps/standalone/dist/server.js", { ...env, PORT: String(port) });
  const http = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
  try {
    let turn = 0;
    const contestants: Contestant[] = [];
    for (const { name, path, body } of pairs.flat()) {
      const ask = async () => {
        const headers = {
          authorization: `Bearer ${tokens[turn++ % tokens.length]}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        };
        const answer = await http.request({
          path,
          method: body === undefined ? "GET" : "POST",
          headers,
          ...(body !== undefined && { body }),
        });
        return { status: answer.statusCode, text: await answer.body.text() };
      };
      const again = await firstAnswer(program, () => askingAgain(name, ask));
      const measure = async (forMs: number) => {
        const before = { node: program.spentSeconds(), postgres: await serverSeconds(owner) };
        const { done, perSecond, p50Ms, p99Ms } = await again.loop(connections, forMs);
        const node = program.spentSeconds() - before.node;
        const inPostgres = (await serverSeconds(owner)) - before.postgres;
        return {
          [figure]: done / (node + inPostgres),
          "Node ms each": (node * 1000) / done,
          "PostgreSQL ms each": (inPostgres * 1000) / done,
          "answers/s": perSecond,
          "p50 ms": p50Ms,
          "p99 ms": p99Ms,
        };
      };
      await measure(quick ? 2_000 : 4_000);
      contestants.push({ name, run: () => measure(quick ? 2_000 : 5_000) });
    }
    const rounds = await alternate(contestants, quick ? 3 : 5);
    const against = ([graphql, rest]: (typeof pairs)[number]): number => 1 / ratioOf(rounds, figure, rest.name, graphql.name);
    const [one, list] = pairs.map(against);
    return {
      title: `REST  the same operations over REST and GraphQL, ${connections} connections`,
      head: ["", ...figures, "time against GraphQL"],
      rows: pairs.flatMap((pair) =>
        pair.map(({ name, body }) => [
          name,
          ...figures.map((each) => medianOf(rounds, name, each)),
          body === undefined ? against(pair) : 1,
        ]),
      ),
      ratio: {
        what: "processor time of a request over REST / over GraphQL",
        value: one ?? Number.NaN,
        goal: `≤ 1.1; a list of 20 ${(list ?? Number.NaN).toFixed(2)}`,
      },
      notes: ["The document of GraphQL is the one that the address stands for. Every answer was compared with the first one."],
      rounds,
    };
  } finally {
    await http.close();
    await program.stop();
    await owner.end();
    await site.remove();
  }
}
