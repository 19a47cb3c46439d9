import { mkdtempSync } from "node:fs";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { problemOfList, reapplyErasures } from "@weft/identity";
import { openErasureList } from "@weft/platform/erasure";
import { openFileStorage } from "@weft/platform/files";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aMaintenanceTenant, type MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import { ApiClient } from "@weft/standalone";
import { TestUser } from "../test-user.js";
import { type KeptWeft, startTestWeft, type TestWeft } from "../test-weft.js";

/** Part of every value of the person. */
const marker = /zyxwv/i;
const password = "a quiet river 42";
const login = { email: "zyxwv.pia@example.com", username: "zyxwv.pia", name: "Pia O'Zyxwv" };

/** A person who has left traces wherever a user can, in a database as it was yesterday. */
interface Yesterday {
  readonly kept: KeptWeft;
  readonly busy: MaintenanceTenant;
  readonly personId: string;
  /** A request to anonymize the person. */
  readonly openRequestId: string;
  /** Access token of the person. */
  readonly token: string;
}

const folder = mkdtempSync(join(tmpdir(), "weft-erased-person-"));
/** The list of erased people is in neither backup. */
const erasures = { ERASURES_DIR: join(folder, "erasures") };
const backedUpFiles = join(folder, "files");
let yesterday: Yesterday;
const running: TestWeft[] = [];

/** Starts with the database and the files of yesterday. */
async function startFromYesterday(): Promise<TestWeft> {
  const files = join(folder, `files-${running.length}`);
  await cp(backedUpFiles, files, { recursive: true });
  const weft = await startTestWeft({ from: yesterday.kept, settings: { ...erasures, FILES_DIR: files } });
  running.push(weft);
  return weft;
}

async function leaveTraces(weft: TestWeft): Promise<Omit<Yesterday, "kept">> {
  const busy = await aMaintenanceTenant(weft);
  const { admin } = busy;
  await admin.run("mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }", {
    input: { ...login, password, roleKeys: ["operations"], type: "EMPLOYEE" },
  });
  const pia = await TestUser.firstLogin(weft.url, login.email, password);
  await pia.run("mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { id } } }", {
    input: { phone: "+41 79 123 45 67", title: "Zyxwv of the house", avatarUrl: "https://example.com/zyxwv.png" },
  });
  const { id: requestId } = await busy.request("triage");
  await pia.run("mutation ($input: CommentOnRequestInput!) { commentOnRequest(input: $input) { comment { id } } }", {
    input: { id: requestId, text: "Zyxwv was here", audience: "PUBLIC" },
  });
  const { request } = await pia.run<{ request: { workflow: { id: string } } }>(
    "query ($id: ID!) { request(id: $id) { workflow { id } } }",
    {
      id: requestId,
    },
  );
  for (const audience of ["PUBLIC", "INTERNAL"])
    await pia.run("mutation ($input: CommentOnWorkflowInput!) { commentOnWorkflow(input: $input) { instance { id } } }", {
      input: { instanceId: request.workflow.id, audience, comment: `Zyxwv${audience} looked at it` },
    });
  await upload(weft, pia, requestId);
  await pia.run("mutation ($input: SetAbsenceInput!) { setAbsence(input: $input) { absence { id } } }", {
    input: { substituteId: busy.manager.id, startsAt: "2031-01-01T00:00:00Z", endsAt: "2031-01-02T00:00:00Z", note: "Zyxwv away" },
  });
  await admin.run("mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { __typename } }", {
    input: { name: "custom.greeted", description: "D", payloadSchema: { type: "object", properties: { greeting: { type: "string" } } } },
  });
  await admin.run("mutation ($input: PublishEventInput!) { publishEvent(input: $input) { eventId } }", {
    input: { type: "custom.greeted", payload: { greeting: `Hello ${login.name} <${login.email}>` } },
  });
  await admin.run("mutation ($input: PersonInput!) { exportPerson(input: $input) { privacyRequest { id } } }", {
    input: { personId: pia.id, reason: "Her letter" },
  });
  // Open in the backup, and withdrawn after it.
  const { anonymisePerson } = await admin.run<{ anonymisePerson: { privacyRequest: { id: string } } }>(
    "mutation ($input: PersonInput!) { anonymisePerson(input: $input) { privacyRequest { id } } }",
    { input: { personId: pia.id, reason: "Her first letter" } },
  );
  await weft.weft.worker.idle();
  return { busy, personId: pia.id, openRequestId: anonymisePerson.privacyRequest.id, token: pia.token };
}

async function upload(weft: TestWeft, who: TestUser, objectId: string): Promise<void> {
  const body = "Written by Zyxwv";
  const { createUpload } = await who.run<{ createUpload: { file: { id: string }; url: string } }>(
    "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }",
    { input: { name: "zyxwv.txt", size: body.length } },
  );
  await fetch(new URL(createUpload.url, weft.url), { method: "PUT", body });
  await who.run("mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }", {
    input: { fileId: createUpload.file.id, objectId },
  });
}

/** Returns the rows of all tables, and the files, that contain the marker. */
async function traces(weft: TestWeft): Promise<string[]> {
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const tables = await owner<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`;
    const rows = await owner.unsafe<{ line: string }[]>(
      tables.map(({ name }) => `select '${name} ' || t::text as line from ${name} t where t::text ~* 'zyxwv'`).join(" union all "),
    );
    return [...rows.map(({ line }) => line), ...(await filesWithMarker(weft.weft.services.config.files.folder))];
  } finally {
    await owner.end();
  }
}

async function filesWithMarker(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "latin1") })));
  return contents.filter(({ path, text }) => marker.test(path) || marker.test(text)).map(({ path }) => path);
}

const chain = "{ verifyAuditTrail { isValid isComplete firstProblem { message } } }";

beforeAll(async () => {
  const weft = await startTestWeft({ settings: { ...erasures, FILES_DIR: backedUpFiles } });
  const left = await leaveTraces(weft);
  yesterday = { ...left, kept: await weft.keep() };
});
afterAll(async () => {
  for (const weft of running) await weft.stop();
  await rm(folder, { recursive: true });
});

/** Where the person has left traces: tables and the folder of the files. */
const placesOf = (found: readonly string[]): ReadonlySet<string> =>
  new Set(found.map((line) => (line.startsWith(folder) ? "files" : (line.split(" ")[0] ?? ""))));

test(
  "X8: after an erasure, no row and no file contains anything of the person, and the audit trail is valid; a restored backup is erased again",
  { tags: "slow", timeout: 180_000 },
  async () => {
    const today = await startFromYesterday();
    const before = placesOf(await traces(today));
    for (const place of [
      "files",
      "identity.users",
      "identity.user_search_terms",
      "requests.comments",
      "app.files",
      "app.search_words",
      "events.log",
      "workflows.absences",
    ])
      expect(before).toContain(place);
    const tenant = await yesterday.busy.tenant.at({ url: today.url });
    const { admin } = tenant;
    await admin.run("mutation ($input: VersionedIdInput!) { withdrawPrivacyRequest(input: $input) { privacyRequest { id } } }", {
      input: { id: yesterday.openRequestId },
    });
    const [first, second] = [await tenant.user("admin"), await tenant.user("admin")];
    const { erasePerson } = await first.run<{ erasePerson: { privacyRequest: { id: string } } }>(
      "mutation ($input: PersonInput!) { erasePerson(input: $input) { privacyRequest { id } } }",
      { input: { personId: yesterday.personId, reason: `Letter of ${login.name}` } },
    );
    await second.run("mutation ($input: VersionedIdInput!) { approvePrivacyRequest(input: $input) { privacyRequest { id } } }", {
      input: { id: erasePerson.privacyRequest.id },
    });
    await today.weft.worker.idle();
    await today.weft.worker.idle();
    expect(await traces(today)).toEqual([]);
    expect(await admin.run(chain)).toMatchObject({ verifyAuditTrail: { isValid: true, firstProblem: null } });

    const restored = await startFromYesterday();
    expect((await traces(restored)).length).toBeGreaterThan(5);
    const { config, databases, keyring, secrets, keys, log } = restored.weft.services;
    const storage = await openFileStorage(config.files, log);
    const list = await openErasureList({ config: config.erasures, keys, log });
    const parts = { databases, keyring, secrets, keys, log, storage, erasures: list };
    expect(await reapplyErasures(parts, tenant.id)).toEqual({ examined: expect.any(Number) as unknown, erased: 1, left: 0, missing: 0 });
    await restored.weft.worker.idle();
    expect(await traces(restored)).toEqual([]);
    expect(await reapplyErasures(parts, tenant.id)).toMatchObject({ erased: 0, left: 0, missing: 0 });
    const empty = await openErasureList({ config: { folder: join(folder, "other") }, keys, log });
    expect(await reapplyErasures({ ...parts, erasures: empty }, tenant.id)).toMatchObject({ erased: 0, missing: 1 });
    expect(await problemOfList(list, { canBeEmpty: false })).toBeNull();
    expect(await problemOfList(empty, { canBeEmpty: false })).toContain("The list is empty");
    expect(await problemOfList(empty, { canBeEmpty: true })).toBeNull();
    // The session of the backup has ended.
    expect((await new ApiClient(restored.url, yesterday.token).send("{ me { id } }")).errors?.[0]?.extensions?.["code"]).toBe(
      "UNAUTHENTICATED",
    );
    const again = await yesterday.busy.tenant.at({ url: restored.url });
    expect(await again.admin.run("query ($id: ID!) { privacyRequest(id: $id) { status } }", { id: erasePerson.privacyRequest.id })).toEqual(
      {
        privacyRequest: { status: "COMPLETED" },
      },
    );
  },
);
