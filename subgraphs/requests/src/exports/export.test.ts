import { createHash } from "node:crypto";
import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let owner: postgres.Sql;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aMaintenanceTenant(weft);
});
afterAll(async () => {
  await owner.end();
});

const selection = "{ id list format columns status rowCount message version file { name type size sha256 download { url } } }";
const mutationOf = (list: string) => `mutation ($input: Export${list}Input!) { export${list}(input: $input) { export ${selection} } }`;
const one = `query ($id: ID!) { export(id: $id) ${selection} }`;

interface ExportFields {
  readonly id: string;
  readonly status: string;
  readonly rowCount: number;
  readonly file: { readonly size: number; readonly sha256: string; readonly download: { readonly url: string } } | null;
}

async function begun(user: TestUser, list: "Requests" | "Buildings" | "Assets", input: Record<string, unknown> = {}): Promise<string> {
  const answer = await user.run<Record<string, { export: ExportFields }>>(mutationOf(list), { input });
  return answer[`export${list}`]?.export.id ?? "";
}

const read = async (user: TestUser, id: string): Promise<ExportFields> => (await user.run<{ export: ExportFields }>(one, { id })).export;

function ended(user: TestUser, id: string): Promise<ExportFields> {
  const isOver = async () => {
    const found = await read(user, id);
    return found.status === "RUNNING" ? null : found;
  };
  return until(isOver, { what: "the export has ended" });
}

/** Runs an export. Returns the text of its file. */
async function textOf(user: TestUser, list: "Requests" | "Buildings" | "Assets", input: Record<string, unknown> = {}): Promise<string> {
  const done = await ended(user, await begun(user, list, input));
  expect(done).toMatchObject({ status: "COMPLETED", message: null });
  const response = await fetch(new URL(done.file?.download.url ?? "", weft.url));
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(createHash("sha256").update(text).digest("hex")).toBe(done.file?.sha256);
  expect(Buffer.byteLength(text)).toBe(done.file?.size);
  return text;
}

const newAsset = (tag: string, more: Record<string, unknown> = {}) =>
  acme.admin.run("mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }", {
    input: { buildingId: acme.buildingId, tag, name: tag, type: "pump", ...more },
  });

async function usedStorage(): Promise<number> {
  type Answer = { tenant: { usage: { limit: string; used: number }[] } };
  const { tenant } = await acme.admin.run<Answer>("{ tenant { usage { limit used } } }");
  return tenant.usage.find(({ limit }) => limit === "storageBytes")?.used ?? Number.NaN;
}

describe("an export", () => {
  test("is a CSV file with the columns, filter and order of the call", async () => {
    await newAsset("CSV-1", { name: 'A "quoted", comma' });
    await newAsset("CSV-2", { name: "Größe 2; grün" });
    const text = await textOf(acme.operations, "Assets", {
      filter: { tag: { contains: "CSV-" } },
      orderBy: { field: "TAG", direction: "DESC" },
      columns: ["tag", "name", "building.code", "serialNumber", "version"],
    });
    const { building } = await acme.admin.run<{ building: { code: string } }>("query ($id: ID!) { building(id: $id) { code } }", {
      id: acme.buildingId,
    });
    const code = building.code;
    expect(text).toBe(
      `tag,name,building.code,serialNumber,version\r\nCSV-2,Größe 2; grün,${code},,1\r\nCSV-1,"A ""quoted"", comma",${code},,1\r\n`,
    );
  });

  // With line feeds and tabs, which names cannot have: formulas.test.ts.
  test("has no formula that a spreadsheet would run", async () => {
    const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "  =1+1", '=HYPERLINK("http://evil.example","x")', "＝1+1", "a;=1+1", "'=1", "x - y"];
    for (const [n, name] of formulas.entries()) await newAsset(`F-${n}`, { name, type: "formula" });
    const input = { filter: { type: { eq: "formula" } }, columns: ["name"] };
    const lines = (await textOf(acme.operations, "Assets", input)).split("\r\n").slice(1, -1);
    expect(lines).toEqual([
      `'=1+1`,
      `'+1`,
      `'-1`,
      `'@SUM(A1)`,
      `'  =1+1`,
      `"'=HYPERLINK(""http://evil.example"",""x"")"`,
      "'＝1+1",
      "a;'=1+1",
      "''=1",
      "x - y",
    ]);
    const asJson = await textOf(acme.operations, "Assets", { ...input, format: "JSON_LINES" });
    expect(
      asJson
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(formulas.map((name) => ({ name })));
  });

  test("contains values of JSON fields and objects behind links, in JSON Lines as they are", async () => {
    const { id: requestId } = await acme.request();
    const { request } = await acme.requester.run<{ request: { number: string } }>("query ($id: ID!) { request(id: $id) { number } }", {
      id: requestId,
    });
    const input = {
      filter: { number: { eq: request.number } },
      format: "JSON_LINES",
      columns: ["id", "data.estimate", "data.none", "createdBy.id", "assignee.id"],
    };
    expect(JSON.parse(await textOf(acme.requester, "Requests", input))).toEqual({
      id: requestId,
      "data.estimate": 12_000,
      "data.none": null,
      "createdBy.id": acme.requester.id,
      "assignee.id": null,
    });
  });

  test("of nothing is a header line in CSV, and an empty file in JSON Lines", async () => {
    const input = { filter: { code: { eq: "none" } }, columns: ["code", "name"] };
    expect(await textOf(acme.operations, "Buildings", input)).toBe("code,name\r\n");
    expect(await textOf(acme.operations, "Buildings", { ...input, format: "JSON_LINES" })).toBe("");
  });

  test("has the main fields of each list if it names no columns", async () => {
    await acme.request();
    for (const list of ["Requests", "Buildings", "Assets"] as const) {
      const [header = "", first = ""] = (await textOf(acme.operations, list)).split("\r\n");
      expect(header.split(",").length).toBeGreaterThan(4);
      expect(first).not.toBe("");
    }
  });

  test("takes filter, order and columns of a view, and more conditions", async () => {
    for (const n of [1, 2, 3]) await newAsset(`V-${n}`, { type: "viewed" });
    const view = { list: "ASSETS", name: "Viewed", filter: { type: { eq: "viewed" } }, columns: ["tag"] };
    const { saveView } = await acme.operations.run<{ saveView: { view: { id: string } } }>(
      "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }",
      { input: { ...view, orderBy: { field: "TAG", direction: "DESC" } } },
    );
    const viewId = saveView.view.id;
    expect(await textOf(acme.operations, "Assets", { viewId })).toBe("tag\r\nV-3\r\nV-2\r\nV-1\r\n");
    const narrower = { viewId, filter: { tag: { in: ["V-1", "V-2", "CSV-1"] } }, columns: ["tag", "type"] };
    expect(await textOf(acme.operations, "Assets", narrower)).toBe("tag,type\r\nV-2,viewed\r\nV-1,viewed\r\n");
    expect(await acme.manager.refusal(mutationOf("Assets"), { input: { viewId } })).toBe("BAD_USER_INPUT");
  });

  test("takes conditions on priorities, which the API reads as numbers, of its own and of a view", async () => {
    const [urgent, high] = [await acme.request(), await acme.request()];
    for (const [{ id }, priority, impact] of [
      [urgent, "URGENT", "HIGH"],
      [high, "HIGH", null],
    ] as const)
      await acme.operations.run("mutation ($input: TriageRequestInput!) { triageRequest(input: $input) { request { id } } }", {
        input: { id, priority, impact },
      });
    const columns = ["id"];
    const filter = { and: [{ not: { priority: { in: ["LOW", "NORMAL"] } } }, { impact: { eq: "HIGH" } }] };
    expect(await textOf(acme.operations, "Requests", { filter, columns })).toBe(`id\r\n${urgent.id}\r\n`);
    const { saveView } = await acme.operations.run<{ saveView: { view: { id: string } } }>(
      "mutation ($input: SaveViewInput!) { saveView(input: $input) { view { id } } }",
      { input: { list: "REQUESTS", name: "High", filter: { priority: { eq: "HIGH" } } } },
    );
    expect(await textOf(acme.operations, "Requests", { viewId: saveView.view.id, columns })).toBe(`id\r\n${high.id}\r\n`);
  });

  test("reads every object of a long list once", async () => {
    await newAsset("MANY-0", { type: "many" });
    await owner`
      insert into requests.assets select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'tag', 'MANY-' || n))).*
        from requests.assets a, generate_series(1, 349) n where a.tenant_id = ${acme.tenant.id} and a.tag = 'MANY-0'`;
    const lines = (await textOf(acme.operations, "Assets", { filter: { type: { eq: "many" } }, columns: ["tag"] }))
      .split("\r\n")
      .slice(1, -1);
    expect(lines.toSorted()).toEqual(Array.from({ length: 350 }, (_, n) => `MANY-${n}`).toSorted());
  });

  test("is created once per idempotency key", async () => {
    const input = { columns: ["tag"], idempotencyKey: "once" };
    const id = await begun(acme.operations, "Assets", input);
    expect(await begun(acme.operations, "Assets", input)).toBe(id);
    expect(await acme.operations.refusal(mutationOf("Assets"), { input: { ...input, columns: ["name"] } })).toBe("CONFLICT");
    await ended(acme.operations, id);
  });

  test("counts against the storage until it expires, and leaves audit entries", { tags: "slow" }, async () => {
    const before = await usedStorage();
    const id = await begun(acme.operations, "Assets", { columns: ["tag"] });
    const { file } = await ended(acme.operations, id);
    expect(await usedStorage()).toBe(before + (file?.size ?? 0));
    const uuid = decodeId("export", id);
    await owner`update app.files set due_at = now() where id = (select file_id from app.exports where id = ${uuid})`;
    await until(async () => (await read(acme.operations, id)).file === null, { what: "the file has expired" });
    expect(await usedStorage()).toBe(before);
    const actions = await owner<{ action: string }[]>`select action from audit.entries where entity_id = ${uuid} order by id`;
    expect(actions.map(({ action }) => action)).toEqual(["export.create", "export.complete"]);
  });
});

describe("columns", () => {
  test.each([
    ["nothing", "does not exist"],
    ["building", "Add the name of one of its fields"],
    ["building.nothing", "does not exist"],
    ["tag.length", "is a value without fields"],
    ["children", "has arguments"],
    ["nodeKey", "does not exist"],
    ["__typename", "is not a path"],
    ["building { code } tag", "is not a path"],
  ])("%s cannot be exported: %s", async (column, message) => {
    const { extensions } = await acme.operations.refused(mutationOf("Assets"), { input: { columns: ["tag", column] } });
    expect(extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.columns.1", message: expect.stringContaining(message) as string }],
    });
  });

  test("that the user cannot read end the export with the reason", async () => {
    const role = { key: "asset_reader", name: "Asset reader", permissions: [{ permission: "asset.read", scope: "TENANT" }] };
    await acme.admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
    const reader = await acme.tenant.user("asset_reader");
    expect(await textOf(reader, "Assets", { columns: ["tag"] })).toContain("CSV-1");
    const failed = await ended(reader, await begun(reader, "Assets", { columns: ["tag", "building.code"] }));
    expect(failed).toMatchObject({ status: "FAILED", file: null, message: expect.stringContaining("building.read") as string });
  });
});

describe("access to exports", () => {
  test("is their creator's alone, and not for users of vendors", async () => {
    const id = await begun(acme.operations, "Assets", { columns: ["tag"] });
    await ended(acme.operations, id);
    const elsewhere = await weft.tenant();
    for (const user of [acme.admin, acme.manager, elsewhere.admin]) {
      expect(await user.refusal(one, { id })).toBe("NOT_FOUND");
      expect(
        await user.refusal("mutation ($input: VersionedIdInput!) { cancelExport(input: $input) { export { id } } }", { input: { id } }),
      ).toBe("NOT_FOUND");
    }
    const list = "{ exports(first: 100) { edges { node { id } } } }";
    const idsOf = async (user: TestUser) =>
      (await user.run<{ exports: { edges: { node: { id: string } }[] } }>(list)).exports.edges.map(({ node }) => node.id);
    expect(await idsOf(acme.operations)).toContain(id);
    expect(await idsOf(acme.admin)).not.toContain(id);
    expect(await acme.vendor.user.refusal(mutationOf("Requests"), { input: {} })).toBe("FORBIDDEN");
    expect(await acme.vendor.user.refusal(list)).toBe("FORBIDDEN");
  });

  test("contains only what its creator can see", async () => {
    const own = await acme.request();
    const other = await acme.tenant.user("requester");
    const text = await textOf(other, "Requests", { columns: ["id"] });
    expect(text).toBe("id\r\n");
    expect(await textOf(acme.requester, "Requests", { columns: ["id"] })).toContain(own.id);
    expect(await other.refusal(mutationOf("Requests"), { input: { filter: { workflow: { definitionId: { eq: "x" } } } } })).toMatch(
      /FORBIDDEN|BAD_USER_INPUT/,
    );
  });

  test("ends when the rights of its creator change: the file and its link are gone", async () => {
    const leaver = await acme.tenant.user("operations");
    const { file, id } = await ended(leaver, await begun(leaver, "Assets", { columns: ["tag"] }));
    const url = new URL(file?.download.url ?? "", weft.url);
    expect((await fetch(url)).status).toBe(200);
    await acme.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
      input: { userId: leaver.id, grants: [], denials: [{ permission: "asset.delete", scope: "TENANT" }], reason: "A test" },
    });
    await until(async () => (await read(leaver, id)).file === null, { what: "the file is hidden" });
    expect((await fetch(url)).status).toBe(404);
  });
});
