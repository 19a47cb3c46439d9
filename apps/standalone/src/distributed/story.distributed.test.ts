import { demoPassword } from "@weft/shared/demo";
import { closeServices, openServices } from "@weft/api/subgraph";
import { aSecondMs, ApiClient, type Feed, TestUser, brokenInvariants, until } from "@weft/testkit";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { loadExampleOperations } from "../examples.js";
import { seedDemo } from "../seed/seed.js";
import { playStory } from "../story/story.js";

const story = [
  "draft → triage",
  "triage → approval",
  "approval → assigned",
  "assigned → in_progress",
  "in_progress → done",
  "done → closed",
];

interface Transition {
  readonly cursor: string;
  readonly version: number;
  readonly from: string;
  readonly to: string;
}

let installation: Installation;
let operations: Map<string, string>;
/** Two gateways of one installation: changes made at one are visible at the other. */
let [a, b] = ["", ""];

const operation = (name: string): string => operations.get(name) ?? `examples/operations has no ${name}`;
const person = (login: string, url: string): Promise<TestUser> => TestUser.login(url, login, demoPassword(login));
const follow = (who: TestUser, variables: Record<string, unknown>): Promise<Feed<Transition>> =>
  who.subscribe<Transition>("workflowTransitioned", operation("workflow-transitioned"), variables);

// Several processes start at once: two seconds on an idle machine become much longer on a busy one.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  installation = await startInstallation({ gateways: 2, workers: 2, settings: { WEFT_MODE: "demo" } });
  [a, b] = [installation.gateways[0]?.url ?? "", installation.gateways[1]?.url ?? ""];
  operations = new Map((await loadExampleOperations()).map(({ name, source }) => [name, source]));
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  await seedDemo(services, new ApiClient(a));
  await closeServices(services);
}, 300_000);

afterAll(async () => installation?.stop(), 120_000);

/** Creates a submitted request, at the gateway of the client. */
async function submitted(requester: ApiClient): Promise<{ instanceId: string }> {
  const variables = { typeKey: "maintenance", data: { summary: "The lobby's elevator grinds", estimate: 12_000 } };
  const { createRequest } = await requester.run<{ createRequest: { request: { id: string; version: number; workflow: { id: string } } } }>(
    operation("create-request"),
    variables,
  );
  const { id, version, workflow } = createRequest.request;
  await requester.run(operation("submit-request"), { id, expectedVersion: version });
  return { instanceId: workflow.id };
}

/** Takes the fastest of ten runs: the cost without other load on the machine. */
async function fastestMs(work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let round = 0; round < 10; round++) {
    const started = performance.now();
    await work();
    durations.push(performance.now() - started);
  }
  return Math.min(...durations);
}

/** Returns a cursor for the current time. A subscription `after` it misses nothing, however long it takes to begin. */
async function cursorOfNow(follower: TestUser, requester: ApiClient): Promise<string> {
  const feed = await follow(follower, {});
  await until(async () => (await submitted(requester)) && feed.payloads.length > 0, { what: "a first transition is seen", everyMs: 100 });
  await feed.stop();
  return feed.payloads.at(-1)?.cursor ?? "";
}

describe("distributed mode", () => {
  test("runs the story at one gateway, then at the other", async () => {
    for (const url of [a, b]) {
      const { finalState, seen, auditIsValid } = await playStory(url);
      expect({ finalState, auditIsValid }).toEqual({ finalState: "closed", auditIsValid: true });
      expect(seen).toEqual(expect.arrayContaining(story.slice(1, 3)));
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  test("every process is healthy and reports it", async () => {
    for (const { url } of installation.gateways) {
      const health = await until(
        async () => {
          const answer = (await (await fetch(`${url}/health/ready`)).json()) as {
            status: string;
            parts: Record<string, { isHealthy: boolean }>;
          };
          return answer.status === "healthy" && answer;
        },
        { what: "the gateway is healthy", deadlineMs: 30_000 },
      );
      expect(Object.keys(health.parts)).toEqual(
        expect.arrayContaining(["database", "pubsub", "relay", "subgraph audit", "subgraph identity", "subgraph requests"]),
      );
    }
    for (const { url } of installation.workers) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  test("a subscription at one gateway receives each transition from the other once, in order", async () => {
    const [admin, requester, olga] = await Promise.all([
      person("admin@acme.com", a),
      person("requester@acme.com", b),
      person("operations@acme.com", b),
    ]);
    const after = await cursorOfNow(admin, requester);
    const { instanceId } = await submitted(requester);
    const feed = await follow(admin, { instanceId, after });
    await olga.run(operation("fire-transition"), { instanceId, transition: "escalate" });
    await feed.until((transitions) => transitions.some(({ to }) => to === "approval"));
    await (await person("manager@acme.com", b)).run(operation("fire-transition"), { instanceId, transition: "approve" });
    const transitions = await feed.until((seen) => seen.some(({ to }) => to === "assigned"));
    expect(transitions.map(({ version, to }) => `${version} ${to}`)).toEqual(["2 triage", "3 approval", "4 assigned"]);
    await feed.stop();
  });

  test("a logout at one gateway closes the session's socket at the other within a second", async () => {
    const viewer = await person("viewer@acme.com", b);
    const feed = await follow(viewer, {});
    await new ApiClient(a, viewer.token).run("mutation { logout { sessionId } }");
    expect((await feed.untilClosed(aSecondMs)).code).toBe(4401);
    expect(await viewer.refusal("{ me { id } }")).toBe("UNAUTHENTICATED");
  });

  test("subgraphs answer only their own gateways", async () => {
    for (const [name, { url }] of Object.entries(installation.subgraphs)) {
      const body = JSON.stringify({ query: "{ __typename }" });
      for (const headers of [{}, { "x-weft-call": "eyJhbGciOiJub25lIn0.e30." }]) {
        const response = await fetch(`${url}/graphql`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body,
        });
        expect([name, response.status]).toEqual([name, 401]);
      }
    }
  });

  test("F1: if either of two workers is killed, the other one continues", async () => {
    for (const worker of installation.workers) {
      await worker.end("SIGKILL");
      expect((await playStory(a)).finalState).toBe("closed");
      await worker.start();
    }
  });
});

describe("F10: without Redis", () => {
  test("Redis dies and comes back in the middle of the story, and the story continues", async () => {
    const interrupted: Promise<void>[] = [];
    const { finalState, auditIsValid, seen } = await playStory(a, (line) => {
      if (line.startsWith("The requester tries")) interrupted.push(installation.redis.kill());
      if (line.startsWith("Assigned")) interrupted.push(installation.redis.start());
    });
    expect(interrupted).toHaveLength(2);
    await Promise.all(interrupted);
    expect({ finalState, auditIsValid }).toEqual({ finalState: "closed", auditIsValid: true });
    expect(seen).toEqual(expect.arrayContaining(story.slice(1)));
  });

  test("while Redis is away, writes do not wait for it, live events arrive by polling, and an ended session is ended everywhere", async () => {
    const [admin, requester, viewer] = await Promise.all([
      person("admin@acme.com", a),
      person("requester@acme.com", b),
      person("viewer@acme.com", b),
    ]);
    const after = await cursorOfNow(admin, requester);
    const ofViewer = await follow(viewer, {});
    const usual = await fastestMs(() => submitted(requester));
    await installation.redis.kill();

    const { instanceId } = await submitted(requester);
    const feed = await follow(admin, { instanceId, after });
    expect((await feed.until((transitions) => transitions.length > 0, 15_000)).map(({ to }) => to)).toEqual(["triage"]);
    await feed.stop();

    await until(async () => ((await (await fetch(`${a}/health/ready`)).json()) as { status: string }).status === "degraded", {
      what: "health tells",
      deadlineMs: 30_000,
    });
    expect((await fetch(`${a}/health/ready`)).status).toBe(200);

    // On a machine that is slower anyway, the limit is proportionally longer.
    expect((await fastestMs(() => submitted(requester))) - usual).toBeLessThan(Math.max(100, usual));

    await new ApiClient(a, viewer.token).run("mutation { logout { sessionId } }");
    expect((await ofViewer.untilClosed(10_000)).code).toBe(4401);
    await until(async () => (await viewer.send("{ me { id } }")).errors?.[0]?.extensions?.code === "UNAUTHENTICATED", {
      what: "the other gateway refuses the session",
      deadlineMs: 10_000,
    });
    // A process does not need it to start, either.
    expect(await installation.gateways[1]?.end("SIGTERM")).toBe(0);
    await installation.gateways[1]?.start();
    expect((await playStory(b)).finalState).toBe("closed");

    await installation.redis.start();
    await until(async () => ((await (await fetch(`${a}/health/ready`)).json()) as { status: string }).status === "healthy", {
      what: "Redis is found again",
      deadlineMs: 30_000,
    });
    expect((await playStory(a)).finalState).toBe("closed");
  });
});

test("afterwards the invariants hold, and every process drains on SIGTERM", async () => {
  expect(await brokenInvariants({ ownerUrl: installation.ownerUrl })).toEqual([]);
  const processes = [...installation.gateways, ...installation.workers, ...Object.values(installation.subgraphs)];
  const codes = await Promise.all(processes.map(async (each) => [each.name, await each.end("SIGTERM")]));
  expect(codes).toEqual(processes.map(({ name }) => [name, 0]));
});
