import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTenantWithBuiltInRoles } from "@weft/identity";
import { closeServices, openServices } from "@weft/api/subgraph";
import { findFreePort } from "@weft/standalone/postgres/free-port";
import { TestTenant, TestUser, until } from "@weft/testkit";
import { startS3Server } from "@weft/testkit/files/s3-server";
import { sendImage } from "@weft/testkit/files/send-image";
import { bundleOf } from "@weft/testkit/processes/bundler";
import { type Installation, startInstallation } from "@weft/testkit/processes/installation";
import { weftProcess, type WeftProcess } from "@weft/testkit/processes/weft-process";
import { afterAll, beforeAll, expect, onTestFailed, onTestFinished, test } from "vitest";

// F19 for uploads: the memory of a gateway while 50 uploads of 50 MB run at the same time. Each gateway serves one kind of storage. It runs as in its
// container: the bundled program, with the options of the Dockerfile.

const create = "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }";
const read = "query ($id: ID!) { file(id: $id) { status size } }";
const size = 50_000_000;
const count = 50;
/** Of the whole process: its code, its heap, and the bytes on their way. A gateway without uploads takes most of it. */
const maxMegabytes = 340;
/** How much the uploads add: for each, the chunks that the kernel, the request and the storage hold. Far less than one upload. */
const maxAddedMegabytes = 40;

const root = join(import.meta.dirname, "../..");
let folder: string;
let installation: Installation;
let tenant: TestTenant;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-uploads-"));
  installation = await startInstallation({ workers: 0, settings: { FILES_DIR: join(folder, "files") } });
  const admin = { email: "admin@acme.example", username: "admin-acme", name: "Admin", password: "a quiet river 42" };
  const services = await openServices({ ...installation.env, DATABASE_POOL_SIZE: "1" });
  try {
    const { tenantId } = await createTenantWithBuiltInRoles(services, { slug: "acme", name: "Acme", plan: "ENTERPRISE", admin });
    tenant = await TestTenant.open({ url: installation.gateways[0]?.url ?? "", tenantId, slug: "acme", name: "Acme", admin });
  } finally {
    await closeServices(services);
  }
}, 300_000);

afterAll(async () => {
  await installation?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

/** Starts a gateway for this test alone. If the test fails, its output is printed. */
async function startGateway(name: string, settings: Readonly<Record<string, string>> = {}): Promise<WeftProcess> {
  const port = await findFreePort();
  const set = readFileSync(join(root, "Dockerfile"), "utf8").matchAll(/\b(NODE_OPTIONS|MALLOC_\w+)=(\S+)/g);
  const image: Record<string, string> = Object.fromEntries([...set].map(([, key = "", value = ""]) => [key, value] as const));
  expect(Object.keys(image), "what the Dockerfile sets").toEqual(["NODE_OPTIONS", "MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_"]);
  // All transactions begin, and end, at the same time. On a busy machine, some would wait for a connection for more than the default 2 s.
  const env = { ...installation.env, PORT: String(port), DATABASE_WAIT_TIMEOUT_MS: "30000", ...image, ...settings };
  const gateway = weftProcess({ name, program: await bundleOf("gateway/dist/main.js"), env }, `http://127.0.0.1:${port}`);
  onTestFailed(() => console.log(`Output of the ${name}:\n${gateway.output()}`));
  onTestFinished(async () => {
    await gateway.end("SIGTERM");
  });
  await gateway.start();
  await until(async () => (await fetch(`${gateway.url}/health/ready`)).ok, { what: "the gateway is ready" });
  return gateway;
}

/** The largest resident set of a process since `forgetPeak`, in megabytes. */
const peakOf = (process: WeftProcess): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process.pid()}/status`, "utf8"))?.[1]) / 1_024;

/** The start of a process takes some memory that its work does not: programs are compiled. */
const forgetPeak = (process: WeftProcess): void => writeFileSync(`/proc/${process.pid()}/clear_refs`, "5");

/** Sends all files at the same time to a gateway, and expects that it stores them in little memory. */
async function expectLittleMemory(gateway: WeftProcess): Promise<void> {
  const user = await TestUser.withToken(gateway.url, tenant.admin.token);
  type Created = { createUpload: { file: { id: string }; url: string } };
  const uploads: Created["createUpload"][] = [];
  const input = { name: "photo.png", size, type: "image/png" };
  while (uploads.length < count) uploads.push((await user.run<Created>(create, { input })).createUpload);
  const atStart = peakOf(gateway);
  forgetPeak(gateway);
  const before = peakOf(gateway);
  const allBegun = Promise.withResolvers<void>();
  let begun = 0;
  const afterFirstChunk = (): Promise<void> => {
    if (++begun === count) allBegun.resolve();
    return allBegun.promise;
  };
  const started = performance.now();
  const answers = await Promise.all(uploads.map(({ url }) => sendImage(new URL(url, gateway.url), { size, afterFirstChunk })));
  const peak = peakOf(gateway);
  const seconds = Math.round((performance.now() - started) / 1_000);
  const [first, second, third] = [atStart, before, peak].map(Math.round);
  console.log(
    `${gateway.name}: at most ${first} MB at the start, ${second} MB before the uploads, at most ${third} MB during ${seconds} s of them`,
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  for (const { file } of uploads) expect(await user.run(read, { id: file.id })).toEqual({ file: { status: "STORED", size } });
  expect(peak).toBeLessThan(maxMegabytes);
  expect(peak - before).toBeLessThan(maxAddedMegabytes);
}

test.skipIf(process.platform !== "linux")(
  "50 uploads of 50 MB at the same time are streamed to disk by a gateway in 340 MB",
  { timeout: 300_000 },
  async () => {
    await expectLittleMemory(await startGateway("gateway of disk"));
    const stored = readdirSync(join(folder, "files"), { recursive: true, encoding: "utf8" });
    expect(stored.filter((name) => /\.\d+$/.test(name))).toHaveLength(count);
    expect(stored.filter((name) => name.endsWith(".part"))).toEqual([]);
    rmSync(join(folder, "files"), { recursive: true });
  },
);

test.skipIf(process.platform !== "linux")(
  "50 uploads of 50 MB at the same time are streamed to S3 by a gateway in 340 MB",
  { timeout: 400_000 },
  async () => {
    const server = await startS3Server(join(folder, "s3"));
    onTestFinished(() => server.stop());
    const gateway = await startGateway("gateway of S3", {
      S3_BUCKET: server.bucket,
      S3_ENDPOINT: server.endpoint,
      S3_REGION: server.region,
      S3_ACCESS_KEY_ID: server.credentials.accessKeyId,
      S3_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    });
    await expectLittleMemory(gateway);
  },
);
