import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestWeft } from "@weft/testkit";
import { type CommitProxy, startCommitProxy } from "@weft/testkit/network/commit-proxy";
import { afterAll, beforeAll, expect, test } from "vitest";

let proxy: CommitProxy;
let weft: TestWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  const target = { host: "", port: 0 };
  proxy = await startCommitProxy(() => target);
  const databaseUrl = (given: string): string => {
    const url = new URL(given);
    Object.assign(target, { host: url.hostname, port: Number(url.port) });
    Object.assign(url, { hostname: "127.0.0.1", port: String(proxy.port) });
    return url.href;
  };
  weft = await startTestWeft({ databaseUrl });
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await weft.stop();
  await proxy.close();
});

const create = "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }";
const read = "query ($id: ID!) { file(id: $id) { status download { url } } }";

test("an upload whose commit took effect without an answer keeps its bytes", async () => {
  const text = "kept although the answer was lost";
  const input = { name: "notes.txt", size: text.length, type: "text/plain" };
  type Created = { createUpload: { file: { id: string }; url: string } };
  const { createUpload } = await acme.requester.run<Created>(create, { input });
  proxy.loseAnswer("completeAttempt");
  const response = await fetch(new URL(createUpload.url, weft.url), { method: "PUT", body: text });
  expect(proxy.lost()).toBe(1);
  expect([response.status, await response.json()]).toMatchObject([200, { id: createUpload.file.id, status: "STORED" }]);
  const { file } = await acme.requester.run<{ file: { status: string; download: { url: string } } }>(read, { id: createUpload.file.id });
  expect(file.status).toBe("STORED");
  expect(await (await fetch(new URL(file.download.url, weft.url))).text()).toBe(text);
});
