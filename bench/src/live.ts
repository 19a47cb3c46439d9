import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { closeServices, decodeId, openServices } from "@weft/shared";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { startInstallation } from "@weft/testkit/installation";
import type { TestTenant } from "@weft/testkit/test-tenant";
import { until } from "@weft/testkit/until";
import postgres from "postgres";
import { subscribe } from "./harness/live-subscriber.js";
import { firstAnswer, startProgram } from "./harness/program.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, type Sample } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/services.js";
import { median, percentile } from "./harness/statistics.js";

const oneProcess = "one process";
const distributed = "distributed, with Redis";
const limitMs = 100;

const definition = `
weft: 1
key: pendulum
name: Pendulum
data: { type: object, properties: {} }
initial: left
states:
  left: { transitions: { swing: { to: right, allow: { owner: true } }, stop: { to: stopped, allow: { owner: true } } } }
  right: { transitions: { swing: { to: left, allow: { owner: true } } } }
  stopped: { final: completed }
`;
// Three subgraphs: workflows, identity (the actor), audit (the trail).
const subscription = `subscription Moves($instanceId: ID) { workflowTransitioned(instanceId: $instanceId) {
  version to actor { name } instance { id state status definition { name } auditTrail(first: 1) { edges { node { action at } } } }
} }`;

interface Move {
  readonly version: number;
  readonly to: string;
  readonly actor: { readonly name: string };
  readonly instance: {
    readonly state: string;
    readonly auditTrail: { readonly edges: readonly { readonly node: { readonly action: string } }[] };
  };
}

/** A running Weft whose database tells when a transaction was committed. */
interface Running {
  readonly url: string;
  readonly ownerUrl: string;
  readonly tenant: TestTenant;
  stop(): Promise<void>;
}

/**
 * Acceptance 7: from the commit of a move, as PostgreSQL notes it, to the subscriber's socket, with a selection over three subgraphs. One
 * move at a time on an otherwise idle system.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const systems = new Map<string, Running>();
  try {
    systems.set(oneProcess, await startOneProcess());
    const hasRedis = isOnPath("redis-server");
    if (hasRedis) systems.set(distributed, await startDistributed());
    const moves = quick ? 30 : 80;
    const contestants = [...systems].map(([name, running]): Contestant => ({ name, run: () => turn(running, moves) }));
    for (const { run: warmUp } of contestants) await warmUp();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    const figures = ["median ms", "p99 ms"];
    const value = medianOf(rounds, oneProcess, "median ms");
    return {
      title: "Live: commit → subscriber, a selection over three subgraphs, one move at a time",
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => medianOf(rounds, name, figure))]),
      ratio: { what: `median in one process / the limit of ${limitMs} ms`, value: value / limitMs, goal: "≤ 1.0 in both modes" },
      notes: [
        "The commit's time is PostgreSQL's own (track_commit_timestamp); the arrival's is the client's, on the same clock.",
        `Correct: ${moves} moves a turn, each arrived once, in order, with its actor, its state and its audit entry.`,
        ...(hasRedis ? [] : ["The distributed mode was left out: there is no redis-server on the PATH."]),
      ],
      rounds,
    };
  } finally {
    for (const running of systems.values()) await running.stop();
  }
}

async function turn({ url, ownerUrl, tenant }: Running, moves: number): Promise<Sample> {
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "pendulum" }) { instance { id } } }`,
  );
  const instanceId = startWorkflow.instance.id;
  const subscriber = await subscribe(url, tenant.admin.token, subscription, { instanceId });
  const arrivals = new Map<number, number>();
  // The subscription begins some time after it was sent; nothing says when, so moves are made until the first arrives.
  await delay(300);
  for (let version = 2; version <= moves + 1; version++) {
    await tenant.admin.run("mutation Fire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { version } } }", {
      input: { instanceId, transition: "swing" },
    });
    const { at, data } = await subscriber.next();
    const move = data["workflowTransitioned"] as Move;
    const { actor, instance } = move;
    if (
      move.version !== version ||
      instance.state !== move.to ||
      actor.name === "" ||
      instance.auditTrail.edges[0]?.node.action !== "workflow.fire"
    )
      throw new Error(`The move to version ${version} came as ${JSON.stringify(move)}.`);
    arrivals.set(version, at);
    await delay(30);
  }
  subscriber.close();
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const commits = await owner<{ version: number; at: number }[]>`
    select version, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 * 1000 as at from workflows.history
     where instance_id = ${decodeId("instance", instanceId, "instanceId")} and version > 1`;
  await owner.end();
  const times = commits.map(({ version, at }) => (arrivals.get(version) ?? Number.NaN) - at);
  if (times.length !== moves || times.some((ms) => !(ms > -1))) throw new Error(`${moves} moves, and these times: ${times.join(" ")}.`);
  return { "median ms": median(times), "p99 ms": percentile(times, 0.99) };
}

async function startOneProcess(): Promise<Running> {
  const site = await startSite({ track_commit_timestamp: "on" });
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram("packages/standalone/dist/main.js", { ...site.env, PORT: String(port) });
  const stop = async (): Promise<void> => {
    await program.stop();
    await site.remove();
  };
  try {
    await firstAnswer(program, () => assertReady(url));
    const tenant = await openTenant(site.services, url, "bench");
    await tenant.definition(definition);
    return { url, ownerUrl: site.database.ownerUrl, tenant, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDistributed(): Promise<Running> {
  const installation = await startInstallation();
  const stop = async (): Promise<void> => {
    await installation.stop();
  };
  try {
    const { ownerUrl } = installation;
    const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
    await owner.unsafe("alter system set track_commit_timestamp = on");
    await owner.unsafe("alter system set fsync = on");
    await owner.end();
    await installation.postgres.restart();
    const url = installation.gateways[0]?.url ?? "";
    await until(() => assertReady(url), { what: "the installation is ready again", deadlineMs: 30_000 });
    const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "2" });
    const tenant = await openTenant(services, url, "bench");
    await closeServices(services);
    await tenant.definition(definition);
    return { url, ownerUrl, tenant, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assertReady(url: string): Promise<true> {
  const response = await fetch(`${url}/health/ready`);
  if (!response.ok) throw new Error(`Not ready yet: ${await response.text()}`);
  return true;
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
