import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft, userWithKey } from "@weft/testkit";
import { uploadText } from "@weft/testkit/files/upload-file";
import { until } from "@weft/testkit/until";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const selection =
  "{ id list status mode separator columns mapping { column field } lineCount doneCount createdCount updatedCount skippedCount failedCount message version }";
const create = `mutation ($input: CreateImportInput!) { createImport(input: $input) { import ${selection} } }`;
const start = `mutation ($input: StartImportInput!) { startImport(input: $input) { import ${selection} } }`;
const one = `query ($id: ID!) { import(id: $id) ${selection} }`;

interface ImportFields {
  readonly id: string;
  readonly status: string;
  readonly lineCount: number | null;
  readonly failedCount: number;
  readonly message: string | null;
}

type List = "REQUESTS" | "BUILDINGS" | "ASSETS";

interface Given {
  readonly list: List;
  readonly text: string;
  readonly [more: string]: unknown;
}

const read = async (user: TestUser, id: string): Promise<ImportFields> => (await user.run<{ import: ImportFields }>(one, { id })).import;

function rested(user: TestUser, id: string): Promise<ImportFields> {
  const isAtRest = async () => {
    const found = await read(user, id);
    return found.status === "CHECKING" || found.status === "RUNNING" ? null : found;
  };
  return until(isAtRest, { what: "the import is checked or has ended", deadlineMs: 60_000 });
}

/** Uploads a file, and has it checked. */
async function checked(user: TestUser, { list, text, ...more }: Given): Promise<ImportFields> {
  const fileId = await uploadText(user, { name: "objects.csv", text });
  const { createImport } = await user.run<{ createImport: { import: ImportFields } }>(create, { input: { fileId, list, ...more } });
  return rested(user, createImport.import.id);
}

async function started(user: TestUser, id: string, mode = "LINE_BY_LINE"): Promise<ImportFields> {
  await user.run(start, { input: { id, mode } });
  return rested(user, id);
}

/** Uploads a file, and imports it. */
async function imported(user: TestUser, given: Given, mode?: string): Promise<ImportFields> {
  const { id } = await checked(user, given);
  return started(user, id, mode);
}

interface Problem {
  readonly line: number;
  readonly column: string | null;
  readonly field: string | null;
  readonly message: string;
}

async function problemsOf(user: TestUser, id: string): Promise<Problem[]> {
  type Answer = { importProblems: { edges: { node: Problem }[] } };
  const query = "query ($id: ID!) { importProblems(importId: $id, first: 100) { edges { node { line column field message } } } }";
  return (await user.run<Answer>(query, { id })).importProblems.edges.map(({ node }) => node);
}

async function buildingsOf(codes: string): Promise<Record<string, unknown>[]> {
  type Answer = { buildings: { edges: { node: Record<string, unknown> }[] } };
  const query = `query ($filter: BuildingFilter) { buildings(first: 100, filter: $filter) {
    edges { node { code name address city country position { latitude } fields version } } } }`;
  return (await acme.admin.run<Answer>(query, { filter: { code: { contains: codes } } })).buildings.edges.map(({ node }) => node);
}

async function assetsOf(tags: string): Promise<Record<string, unknown>[]> {
  type Answer = { assets: { edges: { node: Record<string, unknown> }[] } };
  const query = `query ($filter: AssetFilter) { assets(first: 100, filter: $filter, orderBy: { field: TAG }) {
    edges { node { id tag name type building { code } parent { tag } fields } } } }`;
  return (await acme.admin.run<Answer>(query, { filter: { tag: { contains: tags } } })).assets.edges.map(({ node }) => node);
}

describe("an import", () => {
  test("says what it would do before it writes anything, and then does it", async () => {
    const text =
      'Code,NAME,address,city,position.latitude,position.longitude,createdAt\r\nPV-1,One,"Hall\nMain Street 1",Bern,46.9,7.4,x\r\nPV-2,Two,,,,,\r\n';
    const preview = await checked(acme.admin, { list: "BUILDINGS", text });
    expect(preview).toMatchObject({
      status: "READY",
      separator: ",",
      lineCount: 2,
      doneCount: 2,
      createdCount: 2,
      failedCount: 0,
      columns: ["Code", "NAME", "address", "city", "position.latitude", "position.longitude", "createdAt"],
      mapping: [
        { column: "Code", field: "code" },
        { column: "NAME", field: "name" },
        { column: "address", field: "address" },
        { column: "city", field: "city" },
        { column: "position.latitude", field: "position.latitude" },
        { column: "position.longitude", field: "position.longitude" },
      ],
    });
    expect(await buildingsOf("PV-")).toEqual([]);
    expect(await started(acme.admin, preview.id)).toMatchObject({
      status: "COMPLETED",
      createdCount: 2,
      doneCount: 2,
      mode: "LINE_BY_LINE",
    });
    expect(await buildingsOf("PV-")).toMatchObject([
      { code: "PV-1", name: "One", address: "Hall\nMain Street 1", city: "Bern", position: { latitude: 46.9 } },
      { code: "PV-2", name: "Two", city: "", position: null },
    ]);
  });

  test("updates the objects whose external IDs are known, or skips them", { tags: "slow" }, async () => {
    const first = "externalId,code,name,city\nE-1,EX-1,One,Bern\nE-2,EX-2,Two,Basel\n";
    await imported(acme.admin, { list: "BUILDINGS", text: first });
    const second = "externalId,code,name,city\nE-1,EX-1,New name,\nE-2,EX-2b,Two,Basel\nE-3,EX-3,Three,Chur\n";
    expect(await imported(acme.admin, { list: "BUILDINGS", text: second })).toMatchObject({
      createdCount: 1,
      updatedCount: 2,
      failedCount: 0,
    });
    const after = [
      { code: "EX-1", name: "New name", city: "Bern" },
      { code: "EX-2b", name: "Two", city: "Basel" },
      { code: "EX-3", name: "Three", city: "Chur" },
    ];
    expect(await buildingsOf("EX-")).toMatchObject(after);
    const third = "externalId,code,name\nE-1,EX-1,Not this\nE-4,EX-4,Four\n";
    const skipping = await imported(acme.admin, { list: "BUILDINGS", text: third, onExisting: "SKIP" });
    expect(skipping).toMatchObject({ createdCount: 1, skippedCount: 1 });
    expect(await buildingsOf("EX-")).toMatchObject([...after, { code: "EX-4" }]);
  });

  test("names every problem by line and column", async () => {
    await imported(acme.admin, { list: "BUILDINGS", text: "code,name\nTAKEN,Taken\n" });
    const text = [
      "code,name,country,position.latitude,position.longitude",
      "PR-1,Good,CH,1,2",
      "PR-2,,CH,,",
      "TAKEN,Other,CH,,",
      'PR-3,"Two',
      'lines",XX,north,2',
      "PR-1,Again,CH,,",
      "PR-4,Too many,CH,,,more",
      "PR-5,Good,CH,,",
    ].join("\n");
    const preview = await checked(acme.admin, { list: "BUILDINGS", text });
    expect(preview).toMatchObject({ status: "READY", lineCount: 7, createdCount: 2, failedCount: 5 });
    const problems = await problemsOf(acme.admin, preview.id);
    const contains = (message: string) => expect.stringContaining(message) as string;
    expect(problems).toMatchObject([
      { line: 3, column: "name", field: "name", message: "A value is required." },
      { line: 4, column: "code", field: "code", message: contains("is already taken") },
      { line: 5, column: "position.latitude", message: contains("north") },
      { line: 7, column: "code", message: contains("Line 2 has the value") },
      { line: 8, column: null, field: null, message: contains("has 6 values; the header has 5 columns") },
    ]);
    expect(await acme.admin.refusal(start, { input: { id: preview.id, mode: "ALL_OR_NOTHING" } })).toBe("BAD_USER_INPUT");
    expect(await started(acme.admin, preview.id)).toMatchObject({ status: "COMPLETED", createdCount: 2, failedCount: 5 });
    expect(await buildingsOf("PR-")).toMatchObject([{ code: "PR-1" }, { code: "PR-5" }]);
    expect(await problemsOf(acme.admin, preview.id)).toEqual(problems);
  });

  test("of all lines or none writes none if one is refused meanwhile", { tags: "slow" }, async () => {
    const lines = Array.from({ length: 50 }, (_, n) => `AN-${n},Name`);
    const preview = await checked(acme.admin, { list: "BUILDINGS", text: `code,name\n${lines.join("\n")}\n` });
    await imported(acme.admin, { list: "BUILDINGS", text: "code,name\nAN-40,Meanwhile\n" });
    const failed = await started(acme.admin, preview.id, "ALL_OR_NOTHING");
    expect(failed).toMatchObject({
      status: "FAILED",
      message: expect.stringContaining("Line 42 was refused, so nothing was imported") as string,
    });
    expect(await problemsOf(acme.admin, preview.id)).toMatchObject([{ line: 42, column: "code" }]);
    expect(await buildingsOf("AN-")).toMatchObject([{ code: "AN-40", name: "Meanwhile" }]);
    const others = lines.filter((line) => !line.startsWith("AN-40,")).join("\n");
    const all = await imported(acme.admin, { list: "BUILDINGS", text: `code,name\n${others}\n` }, "ALL_OR_NOTHING");
    expect(all).toMatchObject({ status: "COMPLETED", createdCount: 49, doneCount: 49 });
    expect(await buildingsOf("AN-")).toHaveLength(50);
  });

  test("finds buildings and parents by their keys, and reads custom fields as their kinds", { tags: "slow" }, async () => {
    const schema = {
      properties: { power: { type: "number" }, isRented: { type: "boolean" }, rooms: { type: "array", items: { type: "string" } } },
    };
    const update = "mutation ($input: UpdateCustomFieldsInput!) { updateCustomFields(input: $input) { customFieldSchema { version } } }";
    await acme.admin.run(update, { input: { kind: "ASSET", typeKey: "boiler", schema } });
    await imported(acme.admin, { list: "BUILDINGS", text: "externalId,code,name\nB-9,KEY-9,Nine\n" });
    await imported(acme.admin, { list: "ASSETS", text: "tag,name,type,building.code\nKEY-A,Plant,plant,KEY-9\n" });
    const text =
      '\uFEFFtag;name;type;building.externalId;parent.tag;fields.power;fields.isRented;fields.rooms\r\nKEY-B;"Boiler; ""old""";boiler;B-9;KEY-A;12.5;TRUE;A, B\r\nKEY-C;x;boiler;B-0;KEY-0;much;;\r\n';
    const done = await imported(acme.admin, { list: "ASSETS", text });
    expect(done).toMatchObject({ separator: ";", createdCount: 1, failedCount: 1 });
    expect(await assetsOf("KEY-B")).toMatchObject([
      {
        name: 'Boiler; "old"',
        building: { code: "KEY-9" },
        parent: { tag: "KEY-A" },
        fields: { power: 12.5, isRented: true, rooms: ["A", "B"] },
      },
    ]);
    expect(await problemsOf(acme.admin, done.id)).toMatchObject([
      { line: 3, column: "building.externalId", message: 'No building with the externalId "B-0" exists.' },
      { line: 3, column: "parent.tag", message: 'No asset with the tag "KEY-0" exists.' },
    ]);
  });

  test("takes what an export has written, formulas included", async () => {
    const { buildingId } = acme;
    const newAsset = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }";
    for (const [n, name] of ["=1+1", " -2", "'quoted", "plain"].entries())
      await acme.admin.run(newAsset, { input: { buildingId, tag: `RT-${n}`, name, type: "pump" } });
    const exporting = "mutation ($input: ExportAssetsInput!) { exportAssets(input: $input) { export { id } } }";
    const input = { filter: { tag: { contains: "RT-" } }, columns: ["id", "tag", "name", "type", "status", "building.code"] };
    const { exportAssets } = await acme.admin.run<{ exportAssets: { export: { id: string } } }>(exporting, { input });
    const url = await until(
      async () => {
        type Answer = { export: { file: { download: { url: string } } | null } };
        const query = "query ($id: ID!) { export(id: $id) { file { download { url } } } }";
        return (await acme.admin.run<Answer>(query, { id: exportAssets.export.id })).export.file?.download.url;
      },
      { what: "the export is completed" },
    );
    const text = await (await fetch(new URL(url, weft.url))).text();
    expect(text).toContain("'=1+1");
    const before = await assetsOf("RT-");
    const done = await imported(acme.admin, { list: "ASSETS", text: text.replace("plain", "changed") });
    expect(done).toMatchObject({ status: "COMPLETED", updatedCount: 4, failedCount: 0 });
    expect(await assetsOf("RT-")).toEqual(before.map((asset) => (asset["name"] === "plain" ? { ...asset, name: "changed" } : asset)));
  });

  test("creates drafts of requests with typed data, and changes them by their external IDs", async () => {
    const text =
      "externalId,type,data.summary,data.estimate,building.code\nR-1,maintenance,Leak,120,\nR-2,maintenance,Noise,much,\nR-3,none,x,1,\n";
    const mapping = [
      { column: "externalId", field: "externalId" },
      { column: "type", field: "typeKey" },
      { column: "data.summary", field: "data.summary" },
      { column: "data.estimate", field: "data.estimate" },
    ];
    const done = await imported(acme.requester, { list: "REQUESTS", text, mapping });
    expect(done).toMatchObject({ status: "COMPLETED", createdCount: 1, failedCount: 2 });
    expect(await problemsOf(acme.requester, done.id)).toMatchObject([
      { line: 3, column: "data.estimate" },
      { line: 4, column: "type", message: expect.stringContaining('"none" does not exist') as string },
    ]);
    type Requests = { requests: { edges: { node: { data: Record<string, unknown>; createdBy: { id: string } } }[] } };
    const query = "{ requests(first: 100) { edges { node { data createdBy { id } } } } }";
    const drafts = async () => (await acme.requester.run<Requests>(query)).requests.edges.map(({ node }) => node);
    expect(await drafts()).toMatchObject([{ data: { summary: "Leak", estimate: 120 }, createdBy: { id: acme.requester.id } }]);
    const second = "externalId,typeKey,data.summary\nR-1,maintenance,Big leak\n";
    expect(await imported(acme.requester, { list: "REQUESTS", text: second })).toMatchObject({ updatedCount: 1 });
    expect(await drafts()).toMatchObject([{ data: { summary: "Big leak", estimate: 120 } }]);
  });

  test("is created once per idempotency key", async () => {
    const fileId = await uploadText(acme.admin, { text: "code,name\nONCE,Once\n" });
    const input = { fileId, list: "BUILDINGS", idempotencyKey: "once" };
    const id = async () => (await acme.admin.run<{ createImport: { import: { id: string } } }>(create, { input })).createImport.import.id;
    const first = await id();
    expect(await id()).toBe(first);
    expect(await acme.admin.refusal(create, { input: { ...input, list: "ASSETS" } })).toBe("CONFLICT");
    await rested(acme.admin, first);
  });
});

describe("a file that cannot be imported", () => {
  test.each([
    ["code,name\n", "no lines below"],
    ["code;title\nA;B\n", 'No column sets name. The columns of the file are "code", "title".'],
    ["code,code,name\nA,B,C\n", 'Two columns have the name "code".'],
    ['code,name\nA,"B\n', "A quotation mark on line 2 or later is not closed."],
    [`${Array.from({ length: 101 }, (_, n) => `c${n}`).join(",")}\nx\n`, "101 columns; at most 100"],
  ])("%j ends with the reason", async (text, reason) => {
    const failed = await checked(acme.admin, { list: "BUILDINGS", text });
    expect(failed).toMatchObject({ status: "FAILED", message: expect.stringContaining(reason) as string });
    expect(await acme.admin.refusal(start, { input: { id: failed.id, mode: "LINE_BY_LINE" } })).toBe("CONFLICT");
  });

  test("is refused at once if it is not the user's, or the mapping is wrong", async () => {
    const fileId = await uploadText(acme.operations, { text: "code,name\nA,B\n" });
    const problemAt = async (input: Record<string, unknown>) =>
      (
        (await acme.admin.refused(create, { input: { list: "BUILDINGS", ...input } })).extensions as { problems: { path: string }[] }
      ).problems.map(({ path }) => path);
    expect(await problemAt({ fileId })).toEqual(["input.fileId"]);
    const own = await uploadText(acme.admin, { text: "code,name\nA,B\n" });
    const wrong = [
      { column: "code", field: "status" },
      { column: "name", field: "fields" },
      { column: "name", field: "idempotencyKey" },
    ];
    expect(await problemAt({ fileId: own, mapping: wrong, separator: "x" })).toEqual([
      "input.mapping.0.field",
      "input.mapping.2.field",
      "input.separator",
    ]);
  });
});

describe("access to imports", () => {
  test("is their creator's alone, and requires the permission to create the objects", async () => {
    const { id } = await checked(acme.admin, { list: "BUILDINGS", text: "code,name\nAC-1,One\n" });
    const elsewhere = await weft.tenant();
    const cancel = "mutation ($input: VersionedIdInput!) { cancelImport(input: $input) { import { status } } }";
    const list = "{ imports(first: 100) { edges { node { id } } } }";
    for (const user of [acme.operations, elsewhere.admin]) {
      expect(await user.refusal(one, { id })).toBe("NOT_FOUND");
      expect(await user.refusal("query ($id: ID!) { importProblems(importId: $id) { totalCount } }", { id })).toBe("NOT_FOUND");
      expect(await user.refusal(start, { input: { id, mode: "LINE_BY_LINE" } })).toBe("NOT_FOUND");
      expect(await user.refusal(cancel, { input: { id } })).toBe("NOT_FOUND");
      expect(JSON.stringify(await user.run(list))).not.toContain(id);
    }
    expect(JSON.stringify(await acme.admin.run(list))).toContain(id);
    expect(await acme.vendor.user.refusal(list)).toBe("FORBIDDEN");
    const fileId = await uploadText(acme.requester, { text: "code,name\nA,B\n" });
    expect(await acme.requester.refusal(create, { input: { fileId, list: "BUILDINGS" } })).toBe("FORBIDDEN");
    expect(await acme.admin.run(cancel, { input: { id } })).toEqual({ cancelImport: { import: { status: "CANCELLED" } } });
    expect(await acme.admin.refusal(start, { input: { id, mode: "LINE_BY_LINE" } })).toBe("CONFLICT");
  });

  test("that its user has created is not started by an API key, which has fewer rights", async () => {
    const program = await userWithKey(acme.admin, ["building.create", "file.create"]);
    const { id } = await checked(acme.admin, { list: "BUILDINGS", text: "code,name\nKEY1,Key\n" });
    expect(await program.refusal(start, { input: { id, mode: "LINE_BY_LINE" } })).toBe("FORBIDDEN");
    const own = await checked(program, { list: "BUILDINGS", text: "code,name\nKEY1,Key\n" });
    expect(await started(program, own.id)).toMatchObject({ status: "COMPLETED" });
  });

  test("ends with the rights of its creator: nothing more is written", async () => {
    const leaver = await acme.tenant.user("admin");
    const { id } = await checked(leaver, { list: "BUILDINGS", text: "code,name\nLV-1,One\n" });
    await acme.admin.run("mutation ($input: VersionedIdInput!) { deactivateUser(input: $input) { user { id } } }", {
      input: { id: leaver.id },
    });
    expect(await leaver.refusal(start, { input: { id, mode: "LINE_BY_LINE" } })).toBe("UNAUTHENTICATED");
    expect(await buildingsOf("LV-")).toEqual([]);
  });

  test("writes the objects as the mutations do: audited as changes by the user", async () => {
    await imported(acme.admin, { list: "BUILDINGS", text: "code,name\nAU-1,One\n" });
    type Answer = { buildings: { edges: { node: { auditTrail: { edges: { node: { action: string; actor: { id: string } } }[] } } }[] } };
    const query = `{ buildings(first: 1, filter: { code: { eq: "AU-1" } }) { edges { node { auditTrail(first: 5) { edges { node { action actor { id } } } } } } } }`;
    const { buildings } = await acme.admin.run<Answer>(query);
    expect(buildings.edges[0]?.node.auditTrail.edges.map(({ node }) => [node.action, node.actor.id])).toEqual([
      ["building.create", acme.admin.id],
    ]);
  });
});

describe("an external ID", () => {
  test("is shown by objects, their lists find it, and exports contain it", { tags: "slow" }, async () => {
    await imported(acme.admin, { list: "BUILDINGS", text: "externalId,code,name\nXB-1,XF-1,One\nXB-2,XF-2,Two\n,XF-3,Three\n" });
    await imported(acme.admin, { list: "ASSETS", text: "externalId,tag,name,type,building.code\nXB-1,XF-A,Pump,pump,XF-1\n" });
    const requests = "externalId,typeKey,data.summary,data.estimate\nXB-1,maintenance,Leak,120\n";
    expect(await imported(acme.requester, { list: "REQUESTS", text: requests })).toMatchObject({ createdCount: 1 });
    type Found = { list: { totalCount: number; edges: { node: { externalId: string | null } }[] } };
    const found = async (user: TestUser, list: string, filter: Record<string, unknown>) => {
      const type = { requests: "Request", buildings: "Building", assets: "Asset" }[list];
      const query = `query ($filter: ${type}Filter) { list: ${list}(first: 100, filter: $filter) { totalCount edges { node { externalId } } } }`;
      const answer = await user.run<Found>(query, { filter });
      expect(answer.list.totalCount).toBe(answer.list.edges.length);
      return answer.list.edges.map(({ node }) => node.externalId);
    };
    for (const list of ["requests", "buildings", "assets"]) {
      expect(await found(acme.requester, list, { externalId: { eq: "XB-1" } })).toEqual(["XB-1"]);
      expect(await found(acme.requester, list, { externalId: { eq: "xb-1" } })).toEqual([]);
      // Only those that the user can see.
      const elsewhere = await weft.tenant();
      expect(await found(elsewhere.admin, list, { externalId: { eq: "XB-1" } })).toEqual([]);
    }
    const other = await acme.tenant.user("requester");
    expect(await found(other, "requests", { externalId: { eq: "XB-1" } })).toEqual([]);
    const ours = (externalId: Record<string, unknown>) => found(acme.admin, "buildings", { code: { contains: "XF-" }, externalId });
    expect(await ours({ in: ["XB-1", "XB-2", "XB-9"] })).toEqual(["XB-1", "XB-2"]);
    expect(await ours({ isNull: false })).toEqual(["XB-1", "XB-2"]);
    expect(await ours({ isNull: true })).toEqual([null]);

    const exporting = "mutation ($input: ExportAssetsInput!) { exportAssets(input: $input) { export { id } } }";
    const input = { filter: { externalId: { eq: "XB-1" } }, columns: ["tag", "externalId", "building.externalId"] };
    const { exportAssets } = await acme.admin.run<{ exportAssets: { export: { id: string } } }>(exporting, { input });
    const url = await until(
      async () => {
        type Answer = { export: { file: { download: { url: string } } | null } };
        const query = "query ($id: ID!) { export(id: $id) { file { download { url } } } }";
        return (await acme.admin.run<Answer>(query, { id: exportAssets.export.id })).export.file?.download.url;
      },
      { what: "the export is completed" },
    );
    expect(await (await fetch(new URL(url, weft.url))).text()).toBe("tag,externalId,building.externalId\r\nXF-A,XB-1,XB-1\r\n");
  });

  test("is nothing that users of a vendor can read, or filter by", async () => {
    const { user } = acme.vendor;
    for (const list of ["requests", "buildings", "assets"]) {
      expect(await user.refusal(`{ ${list}(first: 1, filter: { externalId: { isNull: false } }) { totalCount } }`)).toBe("FORBIDDEN");
      expect(await user.refusal(`{ ${list}(first: 1, filter: { not: { externalId: { eq: "XB-1" } } }) { totalCount } }`)).toBe("FORBIDDEN");
    }
    const { id } = await acme.request("assigned");
    expect(await user.run("query ($id: ID!) { request(id: $id) { id } }", { id })).toEqual({ request: { id } });
    for (const of of ["", "building", "asset"])
      expect(await user.refusal(`query ($id: ID!) { request(id: $id) { ${of && `${of} {`} externalId ${of && "}"} } }`, { id })).toBe(
        "FORBIDDEN",
      );
  });
});
