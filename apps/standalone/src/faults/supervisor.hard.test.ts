import { demoPassword } from "@weft/shared/demo";
import { decodeId } from "@weft/shared/ids";
import { type AcceptedTransition, brokenInvariants, type Feed, fireTransition, TestUser, until } from "@weft/testkit";
import { type StandaloneProcess, standaloneProcess } from "@weft/testkit/processes/standalone-process";
import { readPidFile } from "../postgres/pid-file.js";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

// One-process mode as a user starts it: supervisor, server child, and its own PostgreSQL.

const createRequest = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id workflow { id } } } }`;
const submitRequest = `mutation ($input: KeyedVersionedIdInput!) { submitRequest(input: $input) { request { id state } } }`;
const subscription = "subscription ($after: String) { workflowTransitioned(after: $after) { cursor version instance { id } } }";

interface Transition {
  readonly cursor: string;
  readonly version: number;
  readonly instance: { readonly id: string };
}

let weft: StandaloneProcess;
beforeAll(async () => {
  weft = await standaloneProcess();
  await weft.start();
}, 300_000);
afterAll(() => weft.remove(), 60_000);

const login = (name: string): Promise<TestUser> => TestUser.login(weft.url, `${name}@acme.com`, demoPassword(`${name}@acme.com`));
const seen = (payloads: readonly Transition[]): string[] => payloads.map(({ instance, version }) => `${instance.id} ${version}`);

/** Creates a request that is submitted and escalated. Its transitions are added to `accepted`. */
async function writeOne(rita: TestUser, olga: TestUser, accepted: AcceptedTransition[]): Promise<void> {
  const note = (id: string, version: number) => void accepted.push({ instanceId: decodeId("instance", id, "id"), version });
  const input = { typeKey: "maintenance", data: { summary: "The elevator grinds", estimate: 12_000 } };
  const { createRequest: made } = await rita.run<{ createRequest: { request: { id: string; workflow: { id: string } } } }>(createRequest, {
    input,
  });
  const instanceId = made.request.workflow.id;
  note(instanceId, 1);
  await rita.run(submitRequest, { input: { id: made.request.id } });
  note(instanceId, 2);
  await olga.run(fireTransition, { input: { instanceId, transition: "escalate" } });
  note(instanceId, 3);
}

/** Users who fire transitions until they are told to stop, or the server is down. Resolves when all have stopped, with the reasons. */
async function burst(accepted: AcceptedTransition[], signal: AbortSignal): Promise<unknown[]> {
  const [rita, olga] = [await login("requester"), await login("operations")];
  const one = async (): Promise<void> => {
    while (!signal.aborted) await writeOne(rita, olga, accepted);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, one));
  return outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
}

/** Waits until this many transitions were accepted. Fails at once if the users stopped before. */
async function underWay(accepted: readonly AcceptedTransition[], transitions: number, people: Promise<unknown[]>): Promise<void> {
  const stopped = people.then((causes) => {
    if (accepted.length <= transitions) throw new AggregateError(causes, `The burst ended early: ${causes.map(String).join("; ")}`);
  });
  const reached = until(() => accepted.length > transitions, { what: "the burst is under way", deadlineMs: 60_000 });
  await Promise.race([reached, stopped]);
}

test("a second start while the first one is running reports it and leaves it unaffected", async () => {
  const twin = weft.twin();
  // The first instance's health endpoint responds at the same address. What matters is how the second instance ends.
  await twin.start().catch(() => undefined);
  expect(await twin.ended()).toBe(1);
  expect(twin.output()).toMatch(/already running .*process \d+.*WEFT_DATA_DIR/);
  expect(await login("requester")).toBeDefined();
}, 120_000);

test("kill -9 of the server in a burst: the supervisor restarts it, accepted transitions are stored, each event is received once", async () => {
  const accepted: AcceptedTransition[] = [];
  const ada = await login("admin");
  const feed: Feed<Transition> = await ada.subscribe<Transition>("workflowTransitioned", subscription);
  const first = weft.serverPid();
  const ending = new AbortController();
  const people = burst(accepted, ending.signal);
  await underWay(accepted, 20, people);
  process.kill(first, "SIGKILL");
  await people;
  await feed.untilClosed();
  await weft.ready(first);
  expect(weft.output()).toMatch(/The server ended unexpectedly \(SIGKILL\); restarting it/);
  expect(await brokenInvariants({ ownerUrl: weft.ownerUrl(), accepted })).toEqual([]);
  const again = await ada.subscribe<Transition>("workflowTransitioned", subscription, { after: feed.payloads.at(-1)?.cursor });
  const transitions = accepted.filter(({ version }) => version > 1).length;
  await again.until((late) => feed.payloads.length + late.length >= transitions, 15_000);
  const all = seen([...feed.payloads, ...again.payloads]);
  expect(new Set(all).size).toBe(all.length);
  await again.stop();
}, 120_000);

test("a stop while the server is still checking the demo's data is clean", async () => {
  const first = weft.serverPid();
  process.kill(first, "SIGKILL");
  await weft.ready(first);
  weft.interrupt();
  expect(await weft.ended(), weft.output().slice(-3_000)).toBe(0);
  await weft.start();
}, 120_000);

test("Ctrl-C under load: requests in flight are completed, sockets are told to reconnect, all processes exit; a second start continues with the data", async () => {
  const accepted: AcceptedTransition[] = [];
  const feed = await (await login("admin")).subscribe<Transition>("workflowTransitioned", subscription);
  const ending = new AbortController();
  const people = burst(accepted, ending.signal);
  await underWay(accepted, 10, people);
  const [server, dataDir, startedAt] = [weft.serverPid(), join(weft.env["WEFT_DATA_DIR"] ?? "", "postgres"), performance.now()];
  weft.interrupt();
  expect(await feed.untilClosed(20_000)).toMatchObject({ code: 1012 });
  expect(await weft.ended(), weft.output().slice(-3_000)).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  ending.abort();
  await people;
  expect(() => process.kill(server, 0)).toThrow(/ESRCH/);
  expect(readPidFile(dataDir).kind).not.toBe("live");
  expect(weft.output()).not.toMatch(/did not drain|Stopping now|unexpectedly \(code/);
  await weft.start();
  expect(await brokenInvariants({ ownerUrl: weft.ownerUrl(), accepted })).toEqual([]);
  await writeOne(await login("requester"), await login("operations"), accepted);
}, 120_000);
