import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asTenant } from "@weft/platform/db";
import { decodeId, encodeId } from "@weft/shared/ids";
import { startS3Server } from "@weft/testkit/files/s3-server";
import { postgres } from "@weft/pg-driver";
import { startTestWeft, type TestTenant, type TestUser, type TestWeft, until } from "@weft/testkit";
import { localhostTls } from "@weft/testkit/tls/localhost-tls";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Receiver, receiverGroup } from "../webhooks/receiver.fixture.js";
import { dueAuditStreams } from "./run/due-streams.js";
import { startSyslogReceiver, type SyslogReceiver } from "./syslog-receiver.fixture.js";

let kit: TestWeft;
let owner: postgres.Sql;
const receivers = receiverGroup();
beforeAll(async () => {
  kit = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  owner = postgres(kit.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await receivers.close();
  await owner.end();
  await kit.stop();
});

interface Stream {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly url: string;
  readonly accessNames: readonly string[];
  readonly sequence: number;
  readonly waiting: number;
  readonly failures: number;
  readonly failingSince: string | null;
  readonly lastError: string | null;
  readonly stalledAt: string | null;
}
const fields = "id version status url accessNames sequence waiting failures failingSince lastError stalledAt";

async function create(admin: TestUser, input: object): Promise<Stream> {
  const { createAuditStream } = await admin.run<{ createAuditStream: { auditStream: Stream } }>(
    `mutation ($input: CreateAuditStreamInput!) { createAuditStream(input: $input) { auditStream { ${fields} } } }`,
    { input: { name: "SIEM", transport: "HTTP", ...input } },
  );
  return createAuditStream.auditStream;
}

async function update(admin: TestUser, input: object): Promise<Stream> {
  const { updateAuditStream } = await admin.run<{ updateAuditStream: { auditStream: Stream } }>(
    `mutation ($input: UpdateAuditStreamInput!) { updateAuditStream(input: $input) { auditStream { ${fields} } } }`,
    { input },
  );
  return updateAuditStream.auditStream;
}

const read = async (admin: TestUser, id: string): Promise<Stream> =>
  (await admin.run<{ auditStream: Stream }>(`query ($id: ID!) { auditStream(id: $id) { ${fields} } }`, { id })).auditStream;

/** Waits until a stream is as it should be. The worker does its work meanwhile. */
const becomes = (admin: TestUser, id: string, is: (stream: Stream) => boolean): Promise<Stream> =>
  until(
    async () => {
      const stream = await read(admin, id);
      return is(stream) ? stream : undefined;
    },
    { what: "the stream is as it should be", everyMs: 100 },
  );
const isDone = ({ waiting }: Stream): boolean => waiting === 0;

let codes = 0;
async function aBuilding({ admin }: Pick<TestTenant, "admin">, name = "House"): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code: `S${(codes += 1)}`, name } },
  );
  return createBuilding.building.id;
}

interface Entry {
  readonly organization: string;
  readonly sequence: number;
  readonly action: string;
  readonly entityId: string;
  readonly outcome: string;
  readonly summary: string;
  readonly hash: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly isShortened?: boolean;
}
const linesIn = (text: string): Entry[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Entry);
const entriesOf = ({ requests }: Receiver): Entry[] => requests.flatMap(({ body }) => linesIn(body));
const sequencesOf = (entries: readonly Entry[]): number[] => entries.map(({ sequence }) => sequence);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

/** Makes what a stream waits for due now. */
async function hurry(id: string): Promise<void> {
  await owner`update audit.streams set due_at = now() where id = ${decodeId("auditStream", id)} and due_at is not null`;
  await kit.weft.worker.idle();
}

describe("a stream over HTTP", () => {
  test("sends the whole trail in the order of the chain, each entry once, with the headers that the receiver asks for", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    const building = await aBuilding(tenant);
    await kit.weft.worker.idle();
    const access = { headers: [{ name: "Authorization", value: "Splunk 7f3c" }] };
    const { id, accessNames } = await create(tenant.admin, { url: `${receiver.url}/raw`, access, afterSequence: 0 });
    expect(accessNames).toEqual(["headers.Authorization"]);
    await kit.weft.worker.idle();
    const { sequence } = await becomes(tenant.admin, id, isDone);
    const entries = entriesOf(receiver);
    expect(sequencesOf(entries)).toEqual(upTo(sequence));
    expect(entries.find(({ entityId }) => entityId === building)).toMatchObject({
      organization: encodeId("tenant", tenant.id),
      action: "building.create",
      outcome: "SUCCESS",
      summary: "Created the building.",
      hash: expect.stringMatching(/^[\w-]+$/) as string,
    });
    expect(entries.some((entry) => "before" in entry || "after" in entry)).toBe(false);
    expect(receiver.requests[0]?.headers).toMatchObject({
      authorization: "Splunk 7f3c",
      "content-type": "application/x-ndjson",
      "weft-audit-stream": id,
      "weft-audit-sequences": expect.stringMatching(/^1-\d+$/) as string,
    });
  });

  test("begins with the next entry if no place is given, and has the values of changes if they are wanted", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    await kit.weft.worker.idle();
    const { id, sequence } = await create(tenant.admin, { url: receiver.url, includesValues: true });
    const building = await aBuilding(tenant, "Tower");
    await until(() => Promise.resolve(entriesOf(receiver).some(({ entityId }) => entityId === building)), { what: "the entry arrives" });
    const entries = entriesOf(receiver);
    expect(sequencesOf(entries)[0]).toBe(sequence + 1);
    expect(entries.find(({ entityId }) => entityId === building)).toMatchObject({ before: null, after: { name: "Tower" } });
    await becomes(tenant.admin, id, isDone);
  });

  test("that fails says since when and why, sends nothing out of order, and continues where it was", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    receiver.answer = (_request, response) => void response.writeHead(503).end();
    const { id } = await create(tenant.admin, { url: receiver.url, afterSequence: 0 });
    await aBuilding(tenant);
    const failed = await becomes(tenant.admin, id, ({ failures }) => failures > 0);
    expect(failed).toMatchObject({
      sequence: 0,
      lastError: "The receiver answered 503.",
      failingSince: expect.any(String) as string,
      stalledAt: null,
    });
    receiver.answer = (_request, response) => void response.writeHead(200).end();
    receiver.requests.length = 0;
    await hurry(id);
    const done = await becomes(tenant.admin, id, isDone);
    expect(done).toMatchObject({ failures: 0, failingSince: null, lastError: null });
    expect(sequencesOf(entriesOf(receiver))).toEqual(upTo(done.sequence));
  });

  test("that stands still is announced to the administrators once, and again when it continues", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    receiver.answer = (_request, response) => void response.writeHead(500).end();
    const { id } = await create(tenant.admin, { name: "Archive", url: receiver.url, afterSequence: 0 });
    await aBuilding(tenant);
    await becomes(tenant.admin, id, ({ failures }) => failures > 0);
    await owner`update audit.streams set failing_since = failing_since - interval '15 minutes' where id = ${decodeId("auditStream", id)}`;
    const attempts = (await read(tenant.admin, id)).failures;
    for (let more = 1; more <= 2; more++) {
      await hurry(id);
      await becomes(tenant.admin, id, ({ failures }) => failures >= attempts + more);
    }
    const notified = () =>
      tenant.admin.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(
        "{ notifications(first: 5, filter: { kind: { eq: AUDIT_STREAM_STALLED } }) { edges { node { kind title } } } }",
      );
    await kit.weft.worker.idle();
    expect((await notified()).notifications.edges).toEqual([
      { node: { kind: "AUDIT_STREAM_STALLED", title: "A stream of the audit trail stands still: Archive" } },
    ]);
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    await hurry(id);
    expect(await becomes(tenant.admin, id, isDone)).toMatchObject({ stalledAt: null });
    await kit.weft.worker.idle();
    const events = await owner`select type from events.log where subject_id = ${decodeId("auditStream", id)} order by id`;
    expect(events.map(({ type }) => type as string)).toEqual(["auditStream.created", "auditStream.stalled", "auditStream.recovered"]);
  });

  test("that is paused sends nothing until it is resumed", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    const { id } = await create(tenant.admin, { url: receiver.url });
    expect((await update(tenant.admin, { id, status: "PAUSED" })).status).toBe("PAUSED");
    const sent = (await read(tenant.admin, id)).sequence;
    const building = await aBuilding(tenant);
    await kit.weft.worker.idle();
    const paused = await read(tenant.admin, id);
    expect([paused.sequence, paused.waiting > 0]).toEqual([sent, true]);
    await update(tenant.admin, { id, status: "ACTIVE" });
    await becomes(tenant.admin, id, isDone);
    expect(entriesOf(receiver).map(({ entityId }) => entityId)).toContain(building);
  });

  test("sends many entries in batches", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    for (let made = 0; made < 210; made += 30) await Promise.all(Array.from({ length: 30 }, () => aBuilding(tenant)));
    await kit.weft.worker.idle();
    const { id } = await create(tenant.admin, { url: receiver.url, afterSequence: 0 });
    const { sequence } = await becomes(tenant.admin, id, isDone);
    expect(sequencesOf(entriesOf(receiver))).toEqual(upTo(sequence));
    expect(linesIn(receiver.requests[0]?.body ?? "")).toHaveLength(200);
  });

  test("that gets another address while a batch is under way sends the batch there", async () => {
    const tenant = await kit.tenant();
    const [old, other] = [await receivers.start(), await receivers.start()];
    let answerOld = (): void => undefined;
    old.answer = (_request, response) => void (answerOld = () => response.writeHead(204).end());
    await kit.weft.worker.idle();
    const { id } = await create(tenant.admin, { url: old.url, afterSequence: 0 });
    await until(() => Promise.resolve(old.requests.length > 0), { what: "the first batch is under way" });
    await update(tenant.admin, { id, url: other.url });
    answerOld();
    const { sequence } = await becomes(tenant.admin, id, isDone);
    expect(sequencesOf(entriesOf(other))).toEqual(upTo(sequence));
  });
});

describe("a stream of syslog", () => {
  const syslog = async (options: object = {}): Promise<SyslogReceiver> => {
    const receiver = await startSyslogReceiver({ ...localhostTls, ...options });
    onTestFinished(() => receiver.close());
    return receiver;
  };
  const access = { caCertificate: localhostTls.cert };

  test("sends messages as RFC 5424 defines them over TLS, also of refusals", async () => {
    const [tenant, receiver] = [await kit.tenant(), await syslog()];
    const building = await aBuilding(tenant, "Über North");
    await tenant.admin.send('mutation { login(input: { login: "nobody", password: "wrong", tenant: "none" }) { accessToken } }');
    await kit.weft.worker.idle();
    const { id } = await create(tenant.admin, { transport: "SYSLOG", url: receiver.url, access, includesValues: true, afterSequence: 0 });
    const { sequence } = await becomes(tenant.admin, id, isDone);
    expect(receiver.messages).toHaveLength(sequence);
    for (const message of receiver.messages)
      expect(message).toMatch(/^<\d+>1 \d{4}-\d\d-\d\dT[\d:]+\.\d{1,6}Z [\w.:-]+ weft - [\x21-\x7e]{1,32} - \{.*\}$/);
    const created = receiver.messages.find((message) => message.includes(building));
    expect(created).toMatch(/^<110>1 /);
    expect(JSON.parse(created?.slice(created.indexOf("{")) ?? "")).toMatchObject({
      action: "building.create",
      after: { name: "Über North" },
    });
  });

  test("shortens an entry that receivers would cut off, and says so", async () => {
    const [tenant, receiver] = [await kit.tenant(), await syslog()];
    await kit.weft.worker.idle();
    const query = "mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }";
    const { id } = await create(tenant.admin, { transport: "SYSLOG", url: receiver.url, access, includesValues: true });
    await tenant.admin.send(query, { input: { code: "LONG", name: "Long", description: "x".repeat(9_000) } });
    const building = await aBuilding(tenant, "x".repeat(180));
    await becomes(tenant.admin, id, (stream) => isDone(stream) && receiver.messages.some((message) => message.includes(building)));
    for (const message of receiver.messages) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(8_192);
  });

  test("identifies itself with its certificate", async () => {
    const [tenant, receiver] = [await kit.tenant(), await syslog({ requestCert: true, rejectUnauthorized: true, ca: localhostTls.cert })];
    await kit.weft.worker.idle();
    const own = { ...access, clientCertificate: localhostTls.cert, clientKey: localhostTls.key };
    const { id } = await create(tenant.admin, { transport: "SYSLOG", url: receiver.url, access: own, afterSequence: 0 });
    await becomes(tenant.admin, id, isDone);
    expect(new Set(receiver.clients)).toEqual(new Set(["localhost"]));
  });

  test("does not trust a receiver whose certificate no authority has issued", async () => {
    const [tenant, receiver] = [await kit.tenant(), await syslog()];
    await kit.weft.worker.idle();
    const { id } = await create(tenant.admin, { transport: "SYSLOG", url: receiver.url, afterSequence: 0 });
    const failed = await becomes(tenant.admin, id, ({ failures }) => failures > 0);
    expect([failed.lastError, failed.sequence, receiver.messages]).toEqual([
      expect.stringContaining("TLS with the receiver failed: self-signed"),
      0,
      [],
    ]);
  });

  test("sends a batch again if the connection breaks before the receiver has ended it", async () => {
    const [tenant, receiver] = [await kit.tenant(), await syslog()];
    receiver.onConnection = (socket) => void socket.once("data", () => socket.destroy());
    await kit.weft.worker.idle();
    const { id } = await create(tenant.admin, { transport: "SYSLOG", url: receiver.url, access, afterSequence: 0 });
    const failed = await becomes(tenant.admin, id, ({ failures }) => failures > 0);
    expect([failed.sequence, failed.lastError]).toEqual([0, expect.stringContaining("The receiver ended the connection too early")]);
    receiver.onConnection = () => undefined;
    await hurry(id);
    const { sequence } = await becomes(tenant.admin, id, isDone);
    expect(receiver.messages).toHaveLength(sequence);
  });
});

test("a stream to S3 writes objects in the order of the chain, and what is repeated replaces what was there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-streams-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [tenant, server] = [await kit.tenant(), await startS3Server(folder, 0, false)];
  onTestFinished(() => server.stop());
  await kit.weft.worker.idle();
  const access = { region: server.region, ...server.credentials };
  const url = `${server.endpoint}/${server.bucket}/audit/`;
  const { id } = await create(tenant.admin, { transport: "S3", url, access, afterSequence: 0 });
  const { sequence } = await becomes(tenant.admin, id, isDone);
  const object = async (): Promise<Entry[]> =>
    linesIn(await readFile(join(folder, server.bucket, "audit", "000000000000001.jsonl._S3rver_object"), "utf8"));
  expect(sequencesOf(await object())).toEqual(upTo(sequence));
  // As after a worker that was killed before it could record that the bucket has the batch.
  await owner`update audit.streams set sequence = 0, due_at = now() where id = ${decodeId("auditStream", id)}`;
  const again = await becomes(tenant.admin, id, isDone);
  expect(sequencesOf(await object())).toEqual(upTo(again.sequence));
  await update(tenant.admin, { id, access: { ...access, secretAccessKey: "wrong" } });
  await aBuilding(tenant);
  expect(await becomes(tenant.admin, id, ({ failures }) => failures > 0)).toMatchObject({ lastError: "The storage answered 403." });
});

test("a worker that stops gives back the stream that it is sending, so that the next one sends it at once", async () => {
  const other = await startTestWeft({ settings: { WEFT_OUTBOUND_ALLOWED: "127.0.0.1" } });
  onTestFinished(() => other.stop());
  const [tenant, receiver] = [await other.tenant(), await receivers.start()];
  await other.weft.worker.idle();
  await other.weft.worker.stop();
  const { id } = await create(tenant.admin, { url: receiver.url, afterSequence: 0 });
  const stopping = new AbortController();
  receiver.answer = () => stopping.abort();
  const source = dueAuditStreams(other.weft.services, stopping.signal);
  expect(await source.run(tenant.id, 1, new AbortController().signal)).toBe(0);
  expect(receiver.requests).toHaveLength(1);
  const [due] = await asTenant(other.weft.services.databases.app, { tenantId: tenant.id }, "read", (tx) =>
    source.next(tx).then((at) => [at]),
  );
  expect(Date.parse(due ?? "")).toBeLessThanOrEqual(Date.now());
  expect(await read(tenant.admin, id)).toMatchObject({ sequence: 0, failures: 0 });
});

describe("the terms of a stream", () => {
  const problemsOf = async (user: TestUser, input: object): Promise<unknown> => {
    const { errors } = await user.send(
      "mutation ($input: CreateAuditStreamInput!) { createAuditStream(input: $input) { auditStream { id } } }",
      {
        input: { name: "SIEM", transport: "HTTP", url: "https://siem.example.invalid", ...input },
      },
    );
    return errors?.map(({ extensions }) => [
      extensions?.["code"],
      ...((extensions?.["problems"] as { path: string }[] | undefined) ?? []).map(({ path }) => path),
    ]);
  };

  test.each([
    ["a field of another transport", { access: { region: "eu" } }, [["BAD_USER_INPUT", "input.access.region"]]],
    [
      "a header that HTTP uses itself",
      { access: { headers: [{ name: "Host", value: "x" }] } },
      [["BAD_USER_INPUT", "input.access.headers.0.name"]],
    ],
    ["a place that the chain does not have", { afterSequence: 1_000_000 }, [["BAD_USER_INPUT", "input.afterSequence"]]],
    ["an address inside the network", { url: "https://10.0.0.1/" }, [["URL_FORBIDDEN", "input.url"]]],
    ["syslog without TLS", { transport: "SYSLOG", url: "tcp://siem.example.com:514" }, [["BAD_USER_INPUT", "input.url"]]],
    ["syslog inside the network", { transport: "SYSLOG", url: "tls://10.0.0.1:6514" }, [["BAD_USER_INPUT", "input.url"]]],
    [
      "a certificate that is none",
      { transport: "SYSLOG", url: "tls://siem.example.invalid", access: { caCertificate: "x" } },
      [["BAD_USER_INPUT", "input.access.caCertificate"]],
    ],
    [
      "a certificate without its key",
      { transport: "SYSLOG", url: "tls://siem.example.invalid", access: { clientCertificate: localhostTls.cert } },
      [["BAD_USER_INPUT", "input.access.clientKey"]],
    ],
    [
      "a bucket without its keys",
      { transport: "S3", url: "https://s3.example.invalid/b", access: { region: "eu" } },
      [["BAD_USER_INPUT", "input.access.accessKeyId", "input.access.secretAccessKey"]],
    ],
    [
      "a bucket without a name",
      { transport: "S3", url: "https://s3.example.invalid/", access: { region: "eu", accessKeyId: "K", secretAccessKey: "S" } },
      [["BAD_USER_INPUT", "input.url"]],
    ],
  ])("refuse %s", async (_what, input, expected) => {
    const { admin } = await kit.tenant();
    expect(await problemsOf(admin, input)).toEqual(expected);
  });

  test("do not send what one host asks for to another one", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    const { id } = await create(tenant.admin, { url: receiver.url, access: { headers: [{ name: "X-Key", value: "secret" }] } });
    const { errors } = await tenant.admin.send(
      "mutation ($input: UpdateAuditStreamInput!) { updateAuditStream(input: $input) { auditStream { id } } }",
      {
        input: { id, url: "https://elsewhere.example.invalid" },
      },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.access" }] });
  });

  test("keep what the receiver asks for secret, also in the audit trail", async () => {
    const [tenant, receiver] = [await kit.tenant(), await receivers.start()];
    const { id } = await create(tenant.admin, { url: receiver.url, access: { headers: [{ name: "X-Key", value: "hushhush" }] } });
    const stored = await owner`select s.access, e.after::text as image from audit.streams s join audit.entries e on e.entity_id = s.id
      where s.id = ${decodeId("auditStream", id)}`;
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain("hushhush");
  });

  test("are for administrators of the organization", async () => {
    const [tenant, other] = [await kit.tenant(), await kit.tenant()];
    const { id } = await create(tenant.admin, { url: "https://siem.example.invalid" });
    const operator = await tenant.user("operations");
    expect((await operator.send("{ auditStreams { totalCount } }")).errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
    expect((await other.admin.send("query ($id: ID!) { auditStream(id: $id) { id } }", { id })).errors?.[0]?.extensions?.["code"]).toBe(
      "NOT_FOUND",
    );
    const remove = "mutation ($id: ID!) { deleteAuditStream(input: { id: $id }) { id } }";
    expect((await other.admin.send(remove, { id })).errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
    await tenant.admin.run(remove, { id });
    expect((await tenant.admin.send("query ($id: ID!) { auditStream(id: $id) { id } }", { id })).errors?.[0]?.extensions?.["code"]).toBe(
      "NOT_FOUND",
    );
  });
});
