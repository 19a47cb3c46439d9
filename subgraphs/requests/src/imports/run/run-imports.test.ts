import { aMaintenanceTenant, type MaintenanceTenant, startTestWeft, type TestWeft } from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { decodeId } from "@weft/shared/ids";
import { type FileStorage, openFileStorage } from "@weft/platform/files";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listJobs } from "../../list-jobs.js";
import { importedLists } from "../imported-lists.js";
import type { ImportSource } from "./due-imports.js";

// The worker of the installation is stopped: the tests take the turns themselves, 20 lines at a time.

let weft: TestWeft;
let owner: postgres.Sql;
let acme: MaintenanceTenant;
let storage: FileStorage;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It stops the worker." });
  await weft.weft.worker.stop();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  storage = await openFileStorage(weft.weft.services.config.files, weft.weft.services.log);
});
beforeEach(async () => {
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

// None of these imports is of vendors.
const vendors: ImportSource = {
  imported: importedLists.BUILDINGS,
  subgraph: () => {
    throw new Error("Only vendors need this subgraph.");
  },
};

const turnsOn = (on: FileStorage = storage) => {
  const { imports } = listJobs(weft.weft.services, on, vendors);
  return () => imports.run(acme.tenant.id, 1, AbortSignal.abort());
};

const lines = Array.from({ length: 50 }, (_, n) => `T-${String(n).padStart(2, "0")},Name ${n},"Hall\r\nStreet ${n}"`);
const text = `code,name,address\r\n${lines.join("\r\n")}\r\n`;

interface Read {
  readonly status: string;
  readonly doneCount: number;
  readonly createdCount: number;
  readonly failedCount: number;
  readonly message: string | null;
}

async function read(id: string): Promise<Read> {
  const query = "query ($id: ID!) { import(id: $id) { status doneCount createdCount failedCount message } }";
  return (await acme.admin.run<{ import: Read }>(query, { id })).import;
}

async function created(content = text): Promise<string> {
  const fileId = await uploadText(acme.admin, { name: "buildings.csv", text: content });
  const { createImport } = await acme.admin.run<{ createImport: { import: { id: string } } }>(
    "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }",
    { input: { fileId, list: "BUILDINGS" } },
  );
  return createImport.import.id;
}

/** Creates an import, has it checked, and starts it. */
async function begun(content = text): Promise<string> {
  const id = await created(content);
  const turn = turnsOn();
  while ((await turn()) > 0);
  await acme.admin.run("mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } } }", {
    input: { id, mode: "LINE_BY_LINE" },
  });
  return id;
}

const codes = async (): Promise<string[]> =>
  (
    await owner<
      { code: string }[]
    >`select code from requests.buildings where tenant_id = ${acme.tenant.id} and code like 'T-%' order by code`
  ).map(({ code }) => code);
const makeDue = (id: string) => owner`update app.imports set due_at = now() where id = ${decodeId("import", id)} and due_at is not null`;
const all = lines.map((line) => line.slice(0, 4));

test("continues in turns, and shows its progress", { tags: "slow" }, async () => {
  const id = await created();
  const turn = turnsOn();
  const seen: [string, number][] = [];
  const step = async () => {
    const done = await turn();
    const { status, doneCount } = await read(id);
    if (done > 0) seen.push([status, doneCount]);
    return done > 0;
  };
  while (await step());
  expect(await codes()).toEqual([]);
  await acme.admin.run("mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } } }", {
    input: { id, mode: "LINE_BY_LINE" },
  });
  while (await step());
  expect(seen).toEqual([
    ["CHECKING", 0],
    ["CHECKING", 20],
    ["CHECKING", 40],
    ["READY", 50],
    ["RUNNING", 20],
    ["RUNNING", 40],
    ["COMPLETED", 50],
  ]);
  expect(await codes()).toEqual(all);
});

test("a turn that fails is repeated, and nothing is imported twice", { tags: "slow" }, async () => {
  const id = await begun();
  let reads = 0;
  const unreliable: FileStorage = {
    ...storage,
    read: async (...asked) => {
      if (++reads % 2 === 0) throw new Error("The disk is gone.");
      return storage.read(...asked);
    },
  };
  const turn = turnsOn(unreliable);
  for (let left = 20; left > 0 && (await read(id)).status === "RUNNING"; left--) {
    await turn();
    await makeDue(id);
  }
  expect(reads).toBeGreaterThan(3);
  expect(await read(id)).toMatchObject({ status: "COMPLETED", createdCount: 50, failedCount: 0 });
  expect(await codes()).toEqual(all);
});

test("a worker that was taken for dead changes nothing when it comes back", { tags: "slow" }, async () => {
  const id = await begun();
  const gate = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  const slow: FileStorage = {
    ...storage,
    read: async (...asked) => {
      waiting.resolve();
      await gate.promise;
      return storage.read(...asked);
    },
  };
  const late = turnsOn(slow)();
  await waiting.promise;
  await makeDue(id);
  const turn = turnsOn();
  while ((await turn()) > 0);
  gate.resolve();
  await late;
  expect(await read(id)).toMatchObject({ status: "COMPLETED", doneCount: 50, createdCount: 50 });
  expect(await codes()).toEqual(all);
});

test("an import that is cancelled stops, and what it has imported remains", { tags: "slow" }, async () => {
  const id = await begun();
  const turn = turnsOn();
  await turn();
  const cancel = "mutation ($input: VersionedIdInput!) { cancelImport(input: $input) { import { status } } }";
  const cancelled = { cancelImport: { import: { status: "CANCELLED" } } };
  expect(await acme.admin.run(cancel, { input: { id } })).toEqual(cancelled);
  expect(await acme.admin.run(cancel, { input: { id } })).toEqual(cancelled);
  expect(await turn()).toBe(0);
  expect(await codes()).toEqual(all.slice(0, 20));
});

test("an import whose creator loses the permission ends, with the reason", { tags: "slow" }, async () => {
  const id = await begun();
  const turn = turnsOn();
  await turn();
  const other = await acme.tenant.user("admin");
  await other.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
    input: { userId: acme.admin.id, grants: [], denials: [{ permission: "building.create", scope: "TENANT" }], reason: "A test" },
  });
  await turn();
  const [row] = await owner`select status, message from app.imports where id = ${decodeId("import", id)}`;
  expect(row).toEqual({ status: "FAILED", message: "You do not have the permission building.create in scope TENANT." });
  expect(await codes()).toEqual(all.slice(0, 20));
});

test("an import that cannot be continued fails after some attempts", { tags: "slow" }, async () => {
  const id = await begun();
  const turn = turnsOn({ ...storage, read: () => Promise.reject(new Error("The disk is gone.")) });
  for (let tries = 0; tries < 11; tries++) {
    await makeDue(id);
    await turn();
  }
  expect(await read(id)).toMatchObject({ status: "FAILED", message: expect.stringContaining("could not be continued") as string });
});

test("a user has at most 5 imports that are checked or run", async () => {
  for (let n = 0; n < 5; n++) await created();
  const fileId = await uploadText(acme.admin, { text });
  const answer = await acme.admin.refused("mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } } }", {
    input: { fileId, list: "BUILDINGS" },
  });
  expect(answer.extensions).toMatchObject({ code: "LIMIT_EXCEEDED", limit: "activeImports", used: 5, allowed: 5 });
});
