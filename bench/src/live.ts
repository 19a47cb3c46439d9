import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { decodeId } from "@weft/shared/ids";
import { closeServices, openServices } from "@weft/api/subgraph";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { startInstallation } from "@weft/testkit/processes/installation";
import type { TestTenant } from "@weft/testkit/test-tenant";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { subscribe } from "./harness/load/live-subscriber.js";
import { firstAnswer, startProgram } from "./harness/systems/program.js";
import type { BenchOptions, Report } from "./harness/report.js";
import { alternate, type Contestant, medianOf, type Sample } from "./harness/rounds.js";
import { openTenant, startSite } from "./harness/systems/services.js";
import { plainPendulum } from "./harness/tenants/plain-pendulum.js";
import { median, percentile } from "./harness/statistics.js";

const oneProcess = "one process";
const distributed = "distributed, with Redis";
const limitMs = 100;

// Three subgraphs: workflows, identity (the actor), audit (the trail).
const subscription = `subscription Transitions($instanceId: ID) { workflowTransitioned(instanceId: $instanceId) {
  version to actor { name } instance { id state status definition { name } auditTrail(first: 1) { edges { node { action at } } } }
} }`;

interface Transition {
  readonly version: number;
  readonly to: string;
  readonly actor: { readonly name: string };
  readonly instance: {
    readonly state: string;
    readonly auditTrail: { readonly edges: readonly { readonly node: { readonly action: string } }[] };
  };
}

/** A running Weft whose database records the commit time of transactions. */
interface Running {
  readonly url: string;
  readonly ownerUrl: string;
  readonly tenant: TestTenant;
  stop(): Promise<void>;
}

/**
 * Acceptance test 7: time from the commit of a transition, as recorded by PostgreSQL, to the subscriber's socket, with a selection over three
 * subgraphs. One transition at a time on an otherwise idle system.
 */
export async function run({ quick }: BenchOptions): Promise<Report> {
  const systems = new Map<string, Running>();
  try {
    systems.set(oneProcess, await startOneProcess());
    const hasRedis = isOnPath("redis-server");
    if (hasRedis) systems.set(distributed, await startDistributed());
    const transitions = quick ? 30 : 80;
    const contestants = [...systems].map(([name, running]): Contestant => ({ name, run: () => turn(running, transitions) }));
    for (const { run: warmUp } of contestants) await warmUp();
    const rounds = await alternate(contestants, quick ? 3 : 5);
    const figures = ["median ms", "p99 ms"];
    const value = medianOf(rounds, oneProcess, "median ms");
    return {
      title: "Live: commit → subscriber, a selection over three subgraphs, one transition at a time",
      head: ["", ...figures],
      rows: contestants.map(({ name }) => [name, ...figures.map((figure) => medianOf(rounds, name, figure))]),
      ratio: { what: `median in one process / the limit of ${limitMs} ms`, value: value / limitMs, goal: "≤ 1.0 in both modes" },
      notes: [
        "The commit's time is PostgreSQL's own (track_commit_timestamp); the arrival's is the client's, on the same clock.",
        `Correct: ${transitions} transitions a turn, each arrived once, in order, with its actor, its state and its audit entry.`,
        ...(hasRedis ? [] : ["The distributed mode was left out: there is no redis-server on the PATH."]),
      ],
      rounds,
    };
  } finally {
    for (const running of systems.values()) await running.stop();
  }
}

async function turn({ url, ownerUrl, tenant }: Running, transitions: number): Promise<Sample> {
  const { startWorkflow } = await tenant.admin.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation { startWorkflow(input: { definitionKey: "pendulum" }) { instance { id } } }`,
  );
  const instanceId = startWorkflow.instance.id;
  const subscriber = await subscribe(url, tenant.admin.token, subscription, { instanceId });
  const arrivals = new Map<number, number>();
  // The subscription starts some time after it was sent, and nothing reports when, so wait a moment.
  await delay(300);
  for (let version = 2; version <= transitions + 1; version++) {
    await tenant.admin.run("mutation Fire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { version } } }", {
      input: { instanceId, transition: "swing" },
    });
    const { at, data } = await subscriber.next();
    const transition = data["workflowTransitioned"] as Transition;
    const { actor, instance } = transition;
    if (
      transition.version !== version ||
      instance.state !== transition.to ||
      actor.name === "" ||
      instance.auditTrail.edges[0]?.node.action !== "workflow.fire"
    )
      throw new Error(`The transition to version ${version} came as ${JSON.stringify(transition)}.`);
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
  if (times.length !== transitions || times.some((ms) => !(ms > -1)))
    throw new Error(`${transitions} transitions, and these times: ${times.join(" ")}.`);
  return { "median ms": median(times), "p99 ms": percentile(times, 0.99) };
}

async function startOneProcess(): Promise<Running> {
  const site = await startSite({ track_commit_timestamp: "on" });
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram("apps/standalone/dist/main.js", { ...site.env, PORT: String(port) });
  const stop = async (): Promise<void> => {
    await program.stop();
    await site.remove();
  };
  try {
    await firstAnswer(program, () => assertReady(url));
    const tenant = await openTenant(site.services, url, "bench");
    await tenant.definition(plainPendulum);
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
    await tenant.definition(plainPendulum);
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
