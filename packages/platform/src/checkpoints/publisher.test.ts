import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, encodeId } from "@weft/shared/ids";
import { startS3Server } from "@weft/testkit/files/s3-server";
import { serveHttp } from "@weft/testkit/network/http-server";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { CheckpointDestination } from "./destination.js";
import { fileDestination } from "./file-destination.js";
import type { KeptCheckpoint } from "./kept-checkpoint.js";
import { CheckpointPublisher } from "./publisher.js";
import { s3Destination } from "./s3-destination.js";
import { webhookDestination } from "./webhook-destination.js";

const never = new AbortController().signal;
const now = (): Date => new Date("2026-12-01T03:00:00Z");
let folder: string;
/** Failures in a row, by destination. */
let failures: Record<string, number>;
let logged: { readonly level: string; readonly facts: object }[];
const log = {
  info: (facts: object) => void logged.push({ level: "info", facts }),
  warn: () => undefined,
  error: (facts: object) => void logged.push({ level: "error", facts }),
};

beforeEach(async () => {
  logged = [];
  failures = {};
  folder = await mkdtemp(join(tmpdir(), "weft-checkpoints-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** A publisher whose interval the test ends itself. */
function publisherTo(...destinations: CheckpointDestination[]): CheckpointPublisher {
  const publisher = new CheckpointPublisher({
    destinations,
    everyMs: 3_600_000,
    log,
    now,
    onAttempt: ({ destination, failures: count }) => void (failures[destination] = count),
  });
  onTestFinished(() => publisher.stop());
  return publisher;
}

const checkpoint = (sequence: number, organization = encodeId("tenant", newId())): KeptCheckpoint => ({
  organization,
  sequence,
  at: now().toISOString(),
  checkpoint: `signed.${sequence}`,
});

const linesIn = async (path: string): Promise<KeptCheckpoint[]> =>
  (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as KeptCheckpoint);

test("a file gets the newest head of each tenant in an interval, and grows", async () => {
  const path = join(folder, "deep", "checkpoints.jsonl");
  const publisher = publisherTo(fileDestination(path));
  const [acme, globex] = [newId(), newId()];
  publisher.add(acme, { sequence: 1, signature: "a1" });
  publisher.add(acme, { sequence: 2, signature: "a2" });
  publisher.add(globex, { sequence: 7, signature: "g7" });
  await publisher.flush();
  publisher.add(acme, { sequence: 3, signature: "a3" });
  await publisher.flush();
  await publisher.flush();
  const [ofAcme, ofGlobex] = [acme, globex].map((id) => encodeId("tenant", id));
  const at = "2026-12-01T03:00:00.000Z";
  expect(await linesIn(path)).toEqual([
    { organization: ofAcme, sequence: 2, at, checkpoint: "a2" },
    { organization: ofGlobex, sequence: 7, at, checkpoint: "g7" },
    { organization: ofAcme, sequence: 3, at, checkpoint: "a3" },
  ]);
});

test("heads that wait when the process ends are kept", async () => {
  const path = join(folder, "checkpoints.jsonl");
  const publisher = new CheckpointPublisher({ destinations: [fileDestination(path)], everyMs: 3_600_000, log });
  publisher.add(newId(), { sequence: 4, signature: "last" });
  await publisher.stop();
  expect(await linesIn(path)).toMatchObject([{ sequence: 4, checkpoint: "last" }]);
});

test("a destination that is down does not stop the others, is an error in the log, and gets what it has missed", async () => {
  const path = join(folder, "checkpoints.jsonl");
  let isDown = true;
  const received: KeptCheckpoint[] = [];
  const unreliable: CheckpointDestination = {
    name: "webhook",
    keep: async (checkpoints) => {
      if (isDown) throw new Error("connection refused");
      received.push(...checkpoints);
    },
    close: () => undefined,
  };
  const publisher = publisherTo(unreliable, fileDestination(path));
  expect(failures).toEqual({ webhook: 0, file: 0 });
  publisher.add(newId(), { sequence: 1, signature: "one" });
  await publisher.flush();
  expect(failures).toEqual({ webhook: 1, file: 0 });
  expect(await linesIn(path)).toMatchObject([{ checkpoint: "one" }]);
  expect(logged).toMatchObject([{ level: "error", facts: { destination: "webhook", failures: 1, waiting: 1 } }]);
  isDown = false;
  await publisher.flush();
  expect(received).toMatchObject([{ checkpoint: "one" }]);
  expect(logged.at(-1)).toMatchObject({ level: "info", facts: { destination: "webhook", failures: 1 } });
  expect(failures).toEqual({ webhook: 0, file: 0 });
});

test("a receiver gets checkpoints as JSON, and an answer other than 2xx is a failure", async () => {
  const bodies: unknown[] = [];
  let status = 503;
  const server = await serveHttp((request, response) => {
    void (async () => {
      bodies.push(JSON.parse(Buffer.concat(await request.toArray()).toString("utf8")));
      response.writeHead(status).end();
    })();
  });
  onTestFinished(() => server.close());
  const destination = webhookDestination(`${server.url}/audit`, { allowed: [server.host] });
  onTestFinished(() => destination.close());
  const one = checkpoint(1);
  await expect(destination.keep([one], never)).rejects.toThrow("The receiver of checkpoints answered 503.");
  status = 204;
  await destination.keep([one], never);
  expect(bodies).toEqual([{ checkpoints: [one] }, { checkpoints: [one] }]);
});

test("a bucket has an object for each checkpoint, in the order of the chain", async () => {
  const server = await startS3Server(folder);
  onTestFinished(() => server.stop());
  const destination = await s3Destination({ bucket: server, lockDays: 0, log });
  onTestFinished(() => destination.close());
  const { organization } = checkpoint(1);
  await destination.keep([checkpoint(12, organization), checkpoint(3, organization)], never);
  await destination.keep([checkpoint(12, organization)], never);
  const files = await readdir(join(folder, server.bucket, organization));
  expect(files.filter((name) => name.endsWith("._S3rver_object")).toSorted()).toEqual([
    "000000000000003.json._S3rver_object",
    "000000000000012.json._S3rver_object",
  ]);
});

test("an object in a bucket is locked in compliance mode, has a checksum, and does not replace one that is there", async () => {
  let status = 200;
  const heads: Record<string, unknown>[] = [];
  const server = await serveHttp((request, response) => {
    heads.push({ method: request.method, url: request.url, ...request.headers });
    request.resume().on("end", () => response.writeHead(status, { etag: '"x"' }).end());
  });
  onTestFinished(() => server.close());
  const bucket = { endpoint: server.url, region: "us-east-1", bucket: "kept", credentials: { accessKeyId: "K", secretAccessKey: "S" } };
  const destination = await s3Destination({ bucket, lockDays: 30, log, now });
  onTestFinished(() => destination.close());
  const one = checkpoint(5);
  await destination.keep([one], never);
  expect(heads[0]).toMatchObject({
    method: "PUT",
    url: `/kept/${one.organization}/000000000000005.json?x-id=PutObject`,
    "x-amz-object-lock-mode": "COMPLIANCE",
    "x-amz-object-lock-retain-until-date": "2026-12-31T03:00:00Z",
    "if-none-match": "*",
    "x-amz-checksum-sha256": expect.stringMatching(/^[\w+/]{43}=$/) as string,
  });
  status = 412;
  await destination.keep([one], never);
  status = 403;
  await expect(destination.keep([one], never)).rejects.toThrow();
});
