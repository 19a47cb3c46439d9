import { loadConfig, withDatabaseUrls } from "@weft/platform/config";
import { closeServices, openServices } from "@weft/api/subgraph";
import { startWeft } from "@weft/standalone";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { startInstallation } from "@weft/testkit/processes/installation";
import { fireTransition } from "@weft/testkit/tenants/maintenance-tenant";
import type { TestTenant } from "@weft/testkit/test-tenant";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { Pool } from "undici";
import { settings } from "./database.js";
import { childrenCalled, processSeconds, serverSeconds } from "../processor-time.js";
import { firstAnswer, startProgram } from "./program.js";
import { openTenant, type Site } from "./services.js";

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

/** A running Weft with a tenant whose instances switch between two states when a transition is fired through the API. */
export interface ApiSystem {
  readonly ids: readonly string[];
  /**
   * Fires a transition over HTTP with one of ten sessions.
   * @throws Error if the answer is not a transition
   */
  fire(worker: number, instanceId: string): Promise<void>;
  /** Returns the processor time of all its processes and its PostgreSQL so far, in seconds. */
  spentSeconds(): Promise<number>;
  /** Superuser connection to its database. */
  readonly owner: postgres.Sql;
  stop(): Promise<void>;
}

interface Fired {
  readonly data?: { readonly fireTransition: object | null };
  readonly errors?: readonly object[];
}

/** Starts all of Weft in one process, on the site's database. */
export async function startInOneProcess({ env, services, database }: Site): Promise<ApiSystem> {
  const config = withDatabaseUrls(loadConfig({ ...env, PORT: "0" }), services.keys);
  const weft = await startWeft({ config, keys: services.keys, log: services.log });
  const filled = await fill(await openTenant(services, weft.url, "bench")).finally(() => weft.stop());
  const port = await findFreePort();
  const program = startProgram("apps/standalone/dist/server.js", { ...env, PORT: String(port) });
  const owner = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  const client = clientOf(`http://127.0.0.1:${port}`, filled.tokens);
  const stop = async (): Promise<void> => {
    await client.close();
    await program.stop();
    await owner.end();
  };
  try {
    await firstAnswer(program, () => client.fire(0, filled.ids[0] ?? ""));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ids: filled.ids,
    fire: client.fire,
    spentSeconds: async () => program.spentSeconds() + (await serverSeconds(owner)),
    owner,
    stop,
  };
}

/**
 * Starts the distributed mode: a gateway, the five subgraphs, a worker and Redis as separate processes, with a separate PostgreSQL that has the
 * bench's settings.
 */
export async function startDistributed(): Promise<ApiSystem> {
  const installation = await startInstallation({ settings: { DATABASE_POOL_SIZE: "10", LOG_LEVEL: "error" } });
  const owner = postgres(installation.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const { max_connections: _kept, ...durable } = settings;
    for (const [name, value] of Object.entries(durable)) await owner.unsafe(`alter system set ${name} = '${value}'`);
    await installation.postgres.restart();
    const url = installation.gateways[0]?.url ?? "";
    await until(async () => ((await fetch(`${url}/health/ready`)).ok ? true : undefined), {
      what: "the installation is ready again",
      deadlineMs: 120_000,
    });
    const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "2" });
    const filled = await openTenant(services, url, "bench")
      .then(fill)
      .finally(() => closeServices(services));
    const client = clientOf(url, filled.tokens);
    const programs = [...Object.values(installation.subgraphs), ...installation.gateways, ...installation.workers];
    return {
      ids: filled.ids,
      fire: client.fire,
      spentSeconds: async () =>
        processSeconds([...programs.map((one) => one.pid()), ...childrenCalled("redis-server")]) + (await serverSeconds(owner)),
      owner,
      stop: async () => {
        await client.close();
        await owner.end();
        await installation.stop();
      },
    };
  } catch (error) {
    await owner.end();
    await installation.stop();
    throw error;
  }
}

async function fill(tenant: TestTenant): Promise<{ readonly ids: readonly string[]; readonly tokens: readonly string[] }> {
  await tenant.definition(definition);
  const person = await tenant.user("operations");
  const tokens: string[] = [];
  for (let session = 0; session < 10; session++) tokens.push((await person.again()).token);
  const start = `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "api-pendulum", data: $data }) { instance { id } } }`;
  const data = { summary: "The elevator in the lobby grinds when it stops at the second floor", estimate: 1200 };
  const ids: string[] = [];
  for (let n = 0; n < 200; n++)
    ids.push((await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(start, { data })).startWorkflow.instance.id);
  return { ids, tokens };
}

function clientOf(url: string, tokens: readonly string[]): Pick<ApiSystem, "fire"> & { close(): Promise<void> } {
  const http = new Pool(url, { connections: 100, pipelining: 1 });
  return {
    fire: async (worker, instanceId) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${tokens[worker % tokens.length]}` };
      const body = JSON.stringify({ query: fireTransition, variables: { input: { instanceId, transition: "swing" } } });
      const answer = await http.request({ path: "/graphql", method: "POST", headers, body });
      const { data, errors } = (await answer.body.json()) as Fired;
      if (errors || !data?.fireTransition) throw new Error(`Weft answered ${JSON.stringify(errors)}`);
    },
    close: () => http.close(),
  };
}
