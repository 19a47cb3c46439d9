import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { postgres } from "@weft/pg-driver";
import { expect, test, vi } from "vitest";
import { fakeTimers } from "./fake-timers.js";
import { endFile } from "./file-end.js";
import { brokenInvariants } from "./invariants.js";
import { sharedWeft } from "./shared-weft.js";
import { startTestWeft } from "./test-weft.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const rename = "mutation Name($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }";

test("a file gets the Weft that the file before it used, with a log and mails of its own", async () => {
  const first = await sharedWeft();
  const { admin } = await first.tenant();
  first.weft.services.log.warn("a line of the first file");
  await endFile();
  const second = await sharedWeft();
  expect(second.url).toBe(first.url);
  expect(second.logged()).toBe("");
  expect(await admin.run("{ me { id } }")).toMatchObject({ me: { id: admin.id } });
});

test("a file that stores a password readably fails, and the next one gets another Weft", { tags: "slow" }, async () => {
  const weft = await sharedWeft();
  const { admin } = await weft.tenant();
  await admin.run(rename, { input: { name: admin.password } });
  await expect(endFile()).rejects.toThrow(`identity.users: ${admin.password}`);
  expect((await sharedWeft()).url).not.toBe(weft.url);
});

test("a file that logs a token fails", async () => {
  const weft = await sharedWeft();
  const { admin } = await weft.tenant();
  weft.weft.services.log.warn({ note: admin.refreshToken }, "a careless line");
  await expect(endFile()).rejects.toThrow(`log: ${admin.refreshToken}`);
});

test("a file that configures the platform fails", async () => {
  const weft = await sharedWeft();
  const owner = postgres(weft.database.ownerUrl, { max: 1 });
  await owner`insert into app.shared_configurations (level, key, version, document, message) values ('PLAN', 'PRO', 1000, '{}', 'A test')`;
  await owner.end();
  await expect(endFile()).rejects.toThrow("configures the platform");
});

test("what concerns the tenants of all files is refused", async () => {
  const weft = await sharedWeft();
  const tenant = await weft.tenant();
  await expect(tenant.platform()).rejects.toThrow("use startTestWeft");
  await expect(brokenInvariants({ ownerUrl: weft.database.ownerUrl })).rejects.toThrow("use startTestWeft");
});

test("a Weft for one file needs a reason", async () => {
  await expect(startTestWeft({})).rejects.toThrow("sharedWeft");
});

test("replacing the timers ends the Weft of the files before, and is refused while this file uses it", { tags: "slow" }, async () => {
  const weft = await sharedWeft();
  await expect(fakeTimers()).rejects.toThrow("uses the shared Weft");
  expect(vi.isFakeTimers()).toBe(false);
  await endFile();
  await fakeTimers();
  expect(vi.isFakeTimers()).toBe(true);
  vi.useRealTimers();
  expect((await sharedWeft()).url).not.toBe(weft.url);
});

test("no test replaces the timers in another way", () => {
  const files = execFileSync("git", ["grep", "--untracked", "-l", "useFakeTimers(", "--", "*.ts", "*.tsx"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(files.trim().split("\n")).toEqual(["testkit/src/fake-timers.ts", "testkit/src/shared-weft.test.ts"]);
});
