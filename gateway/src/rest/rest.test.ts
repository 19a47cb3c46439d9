import { encodeId } from "@weft/shared/ids";
import { type SharedWeft, sharedWeft, type TestTenant, type TestUser } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let admin: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  ({ admin } = await weft.tenant());
});

type Json = Record<string, unknown>;

interface Sent {
  readonly as?: TestUser | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

async function call(line: string, { as = admin, body, headers }: Sent = {}): Promise<Answered> {
  const [method = "", path = ""] = line.split(" ");
  const response = await fetch(`${weft.url}/api/v1${path}`, {
    method,
    headers: {
      ...(as && { authorization: `Bearer ${as.token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === "" ? {} : JSON.parse(text)) as Json };
}

let made = 0;
async function newBuilding(code = `B${++made}`): Promise<Answered & { readonly id: string }> {
  const created = await call("POST /buildings", { body: { code, name: `Building ${code}` } });
  return { ...created, id: String(created.body["id"]) };
}

describe("objects", () => {
  test("a POST creates an object, and says where it can be read", async () => {
    const { status, headers, body } = await call("POST /buildings", { body: { code: "NEW", name: "New", city: "Bern" } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ code: "NEW", name: "New", city: "Bern", version: 1 });
    expect(headers.get("location")).toBe(`/api/v1/buildings/${String(body["id"])}`);
    const read = await call(`GET /buildings/${String(body["id"])}`);
    expect(read.body).toEqual(body);
  });

  test("a GET shows references to other objects with their IDs and names", async () => {
    const building = await newBuilding();
    const { body } = await call("POST /assets", { body: { buildingId: building.id, tag: `T${++made}`, name: "Lift", type: "lift" } });
    expect(body["building"]).toEqual({ id: building.id, code: building.body["code"], name: building.body["name"] });
  });

  test("a PUT changes only what is sent", async () => {
    const { id, body: before } = await newBuilding();
    const { status, body } = await call(`PUT /buildings/${id}`, { body: { city: "Thun" } });
    expect([status, body["city"], body["name"], body["version"]]).toEqual([200, "Thun", before["name"], 2]);
  });

  test("a DELETE takes no body and gives none, and the object is no longer there", async () => {
    const { id } = await newBuilding();
    expect((await call(`DELETE /buildings/${id}`)).status).toBe(204);
    expect((await call(`GET /buildings/${id}`)).status).toBe(404);
    expect((await call(`DELETE /buildings/${id}`, { body: {} })).status).toBe(400);
  });

  test("arguments of a DELETE come in the query string", async () => {
    const { status, body } = await call(`DELETE /tenants/${encodeURIComponent(`ten_${"0".repeat(26)}`)}?reason=Moved`);
    expect([status, body["code"]]).toEqual([404, "NOT_FOUND"]);
    expect((await call(`DELETE /tenants/ten_${"0".repeat(26)}`)).body["code"]).toBe("BAD_USER_INPUT");
  });

  test("an address with a trailing slash is the same address", async () => {
    expect((await call("GET /workflows/")).status).toBe(200);
  });

  test("the same definition can be read as a workflow and as a definition of workflows", async () => {
    const source = "weft: 1\nkey: two-addresses\nname: Two\ninitial: a\nstates:\n  a: { final: completed }\n";
    const { status, headers, body } = await call("POST /workflows/", { body: { source } });
    expect([status, headers.get("location")]).toEqual([201, `/api/v1/workflows/${String(body["id"])}`]);
    const [workflow, definition] = await Promise.all(
      ["workflows", "workflows/definitions"].map((path) => call(`GET /${path}/${String(body["id"])}`)),
    );
    expect(workflow?.body).toEqual(definition?.body);
    expect(workflow?.body["source"]).toBe(source);
  });
});

describe("versions", () => {
  test("an ETag that is sent as If-Match lets a change through only if nothing has changed since", async () => {
    const { id } = await newBuilding();
    const tag = (await call(`GET /buildings/${id}`)).headers.get("etag") ?? "";
    const first = await call(`PUT /buildings/${id}`, { body: { city: "Bern" }, headers: { "if-match": tag } });
    expect(first.status).toBe(200);
    const second = await call(`PUT /buildings/${id}`, { body: { city: "Thun" }, headers: { "if-match": tag } });
    expect([second.status, second.body["code"], second.body["currentVersion"]]).toEqual([412, "CONFLICT", 2]);
    const third = await call(`PUT /buildings/${id}`, { body: { city: "Thun" }, headers: { "if-match": first.headers.get("etag") ?? "" } });
    expect(third.status).toBe(200);
  });

  test("an unchanged object is not sent again", async () => {
    const { id } = await newBuilding();
    const tag = (await call(`GET /buildings/${id}`)).headers.get("etag") ?? "";
    expect((await call(`GET /buildings/${id}`, { headers: { "if-none-match": tag } })).status).toBe(304);
    await call(`PUT /buildings/${id}`, { body: { city: "Bern" } });
    expect((await call(`GET /buildings/${id}`, { headers: { "if-none-match": tag } })).status).toBe(200);
  });

  test("a tag that something on the way has marked as weak, or one of several, is still understood", async () => {
    const { id } = await newBuilding();
    const tag = (await call(`GET /buildings/${id}`)).headers.get("etag") ?? "";
    expect(tag).toMatch(/^W\/"1-/);
    for (const known of [tag, tag.replace("W/", ""), `"a", ${tag}`, "*"])
      expect((await call(`GET /buildings/${id}`, { headers: { "if-none-match": known } })).status).toBe(304);
    for (const ifMatch of ['W/"1"', '"1"', "*"])
      expect((await call(`PUT /buildings/${id}`, { body: { city: `Bern ${ifMatch}` }, headers: { "if-match": ifMatch } })).status).toBe(
        ifMatch === '"1"' ? 412 : 200,
      );
  });

  test.each(["7", '"x"', '"1", "2"'])("an If-Match that is no single ETag of an object is refused: %s", async (ifMatch) => {
    const { id } = await newBuilding();
    expect((await call(`PUT /buildings/${id}`, { body: { city: "Bern" }, headers: { "if-match": ifMatch } })).status).toBe(400);
  });
});

describe("idempotency keys", () => {
  test("a repeated POST with the same key creates nothing again", async () => {
    const sent = { body: { code: "ONCE", name: "Once" }, headers: { "idempotency-key": "once" } };
    const [first, second] = [await call("POST /buildings", sent), await call("POST /buildings", sent)];
    expect([first.status, second.status, second.body["id"]]).toEqual([201, 201, first.body["id"]]);
    const other = await call("POST /buildings", { ...sent, body: { code: "OTHER", name: "Other" } });
    expect([other.status, other.body["code"]]).toEqual([409, "CONFLICT"]);
  });

  test("an address that takes no key says so", async () => {
    const { status, body } = await call("POST /auth/sessions/revoke-others", { headers: { "idempotency-key": "x" } });
    expect([status, body["detail"]]).toEqual([400, "This address takes no Idempotency-Key."]);
  });
});

describe("lists", () => {
  let other: TestTenant;
  beforeAll(async () => {
    other = await weft.tenant();
    for (const code of ["A", "B", "C", "D", "E"])
      await call("POST /buildings", { as: other.admin, body: { code, name: `House ${code}`, city: code < "C" ? "Bern" : "Thun" } });
  });
  const list = (query: string) => call(`GET /buildings${query}`, { as: other.admin });
  const codes = ({ body }: Answered): unknown[] => (body["items"] as Json[]).map(({ code }) => code);
  const linked = ({ headers }: Answered, relation: string): string =>
    new RegExp(`<([^>]*)>; rel="${relation}"`).exec(headers.get("link") ?? "")?.[1]?.replace("/api/v1/buildings", "") ?? "none";

  test("the pages of a list are linked in both directions", async () => {
    const first = await list("?first=2&orderBy=CODE");
    expect(codes(first)).toEqual(["A", "B"]);
    expect(linked(first, "prev")).toBe("none");
    const second = await list(linked(first, "next"));
    const third = await list(linked(second, "next"));
    expect([codes(second), codes(third), linked(third, "next")]).toEqual([["C", "D"], ["E"], "none"]);
    expect(codes(await list(linked(second, "prev")))).toEqual(["A", "B"]);
  });

  test("parameters filter and sort, and several values of one mean any of them", async () => {
    expect(codes(await list("?city=Bern&orderBy=-CODE"))).toEqual(["B", "A"]);
    expect(codes(await list("?code=A&code=E&orderBy=CODE"))).toEqual(["A", "E"]);
    expect(codes(await list("?city.ne=Bern&orderBy=CODE"))).toEqual(["C", "D", "E"]);
    const filter = encodeURIComponent(JSON.stringify({ or: [{ code: { eq: "A" } }, { code: { eq: "C" } }] }));
    expect(codes(await list(`?filter=${filter}&city=Thun`))).toEqual(["C"]);
  });

  test("items are counted only on request", async () => {
    expect((await list("?first=1")).body).not.toHaveProperty("totalCount");
    expect((await list("?first=1&includeTotal=true")).body["totalCount"]).toBe(5);
  });

  test.each([
    ["?color=red", "color", "There is no parameter"],
    ["?first=many", "first", "is not a whole number"],
    ["?status=OPEN", "status", "is not one of"],
    ["?orderBy=COLOUR", "orderBy", "is not one of"],
    ["?filter={", "filter", "is not valid JSON"],
    ["?first=1&first=2", "first", "can occur only once"],
    ["?includeTotal=1", "includeTotal", "is neither true nor false"],
  ])("a parameter that is wrong is named: %s", async (query, path, message) => {
    const { status, body } = await list(query);
    expect([status, body["code"]]).toEqual([400, "BAD_USER_INPUT"]);
    expect(body["problems"]).toEqual([{ path, message: expect.stringContaining(message) as string }]);
  });
});

describe("requests that nobody should send", () => {
  test.each([
    `?city=Bern&filter=${encodeURIComponent('{"__proto__":{"isInternal":true}}')}`,
    `?city=x&filter=${encodeURIComponent('{"city":{"__proto__":{"isInternal":true}}}')}`,
  ])("a member __proto__ changes nothing but the answer, with a token or without: %s", async (query) => {
    for (const as of [admin, null]) expect((await call(`GET /buildings${query}`, { as })).status).toBe(400);
    expect(Object.hasOwn(Object.prototype, "isInternal")).toBe(false);
  });

  test("a body with the member __proto__ is refused", async () => {
    const response = await fetch(`${weft.url}/api/v1/buildings`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/json" },
      body: '{"code":"P","name":"P","__proto__":{"isInternal":true}}',
    });
    expect([response.status, Object.hasOwn(Object.prototype, "isInternal")]).toEqual([400, false]);
  });

  test.each(["username=a&username=b&password=x", "username=a&password=x&grant_type=refresh_token", "username=a&email=b&password=x"])(
    "a form that means two things is refused: %s",
    async (form) => {
      const response = await fetch(`${weft.url}/api/v1/auth/login`, { method: "POST", body: new URLSearchParams(form) });
      expect(response.status).toBe(400);
    },
  );

  test("the connection of a refused request with a long body is closed", async () => {
    const body = JSON.stringify({ text: "x".repeat(50_000) });
    const { status, headers } = await call("POST /nothing", { body, headers: { "content-type": "application/json" } });
    expect([status, headers.get("connection")]).toEqual([404, "close"]);
  });
});

describe("arguments", () => {
  test("an argument beside the input is a parameter like the others", async () => {
    expect((await call("GET /vendors/suggestions?first=3&categories=electrical")).status).toBe(200);
  });

  test("an argument with a default can be missing", async () => {
    const id = encodeId("project", "0198c0de-0000-7000-8000-000000000001");
    expect((await call(`GET /projects/${id}/workload?from=2027-01-01&until=2027-02-01`)).status).toBe(404);
  });

  test("a HEAD is answered as a GET, without the body", async () => {
    const { id } = await newBuilding();
    const [get, head] = [await call(`GET /buildings/${id}`), await call(`HEAD /buildings/${id}`)];
    expect([head.status, head.headers.get("etag"), head.body]).toEqual([200, get.headers.get("etag"), {}]);
  });

  test("a question mark in a parameter is a part of it, in the links, too", async () => {
    for (const name of ["what?1", "what?2", "what?3"]) await call("POST /buildings", { body: { code: `Q${++made}`, name } });
    const first = await call("GET /buildings?first=1&name.contains=what?");
    expect(first.headers.get("link")).toContain("name.contains=what%3F");
  });

  test("files and their links are not stored", async () => {
    const upload = await call("POST /uploads", { body: { name: "a.txt", size: 3, type: "text/plain" } });
    const { headers } = await call(`GET /files/${String((upload.body["file"] as Json)["id"])}`);
    expect([headers.get("cache-control"), headers.get("etag")]).toEqual(["no-store", null]);
  });
});

describe("problems", () => {
  test("a refusal is a problem of RFC 9457 with the code and the paths of the API", async () => {
    const { status, headers, body } = await call("POST /buildings", { body: { code: "", name: 7 } });
    expect(status).toBe(400);
    expect(headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(body).toMatchObject({
      type: "/docs/reference/errors#bad_user_input",
      title: "Bad user input",
      status: 400,
      instance: "/api/v1/buildings",
      code: "BAD_USER_INPUT",
      isRetryable: false,
      requestId: headers.get("x-request-id"),
    });
    expect(body["problems"]).toEqual([{ path: "input.name", message: expect.any(String) as string }]);
  });

  test("a request without a token is refused, and told how to log in", async () => {
    const { status, headers, body } = await call("GET /requests", { as: null });
    expect([status, body["code"], headers.get("www-authenticate")]).toEqual([401, "UNAUTHENTICATED", 'Bearer realm="weft"']);
  });

  test("an object of another tenant is as unknown as one that never existed", async () => {
    const { id } = await newBuilding();
    const other = await weft.tenant();
    const [foreign, none] = await Promise.all(
      [id, `bld_${"0".repeat(25)}1`].map((one) => call(`GET /buildings/${one}`, { as: other.admin })),
    );
    expect([foreign?.status, none?.status]).toEqual([404, 404]);
    expect(String(foreign?.body["detail"]).replace(id, "…")).toBe(String(none?.body["detail"]).replace(`bld_${"0".repeat(25)}1`, "…"));
  });

  test.each([
    ["an unknown address", "GET /nothing", {}, 404],
    ["an unknown method", "PATCH /buildings", {}, 405],
    ["a body that is no object", "POST /buildings", { body: [1] }, 400],
    ["a form", "POST /buildings", { body: {}, headers: { "content-type": "application/x-www-form-urlencoded" } }, 415],
    ["a member that does not exist", "POST /buildings", { body: { code: "X", name: "X", color: "red" } }, 400],
    ["an ID in path and body", "PUT /buildings/x", { body: { id: "x" } }, 400],
    ["a version in the body", "PUT /buildings/x", { body: { expectedVersion: 1 } }, 400],
  ] as const)("%s is a problem", async (_what, line, sent, status) => {
    const answered = await call(line, sent);
    expect([answered.status, answered.headers.get("content-type")]).toEqual([status, "application/problem+json; charset=utf-8"]);
  });

  test("a wrong method is told which ones there are", async () => {
    expect((await call("PATCH /buildings")).headers.get("allow")).toBe("GET, HEAD, POST");
  });
});

describe("the calls that the sources show", () => {
  test("a registration, a login with a form, and a logout", async () => {
    const username = `ada${Date.now()}`;
    const email = `${username}@example.com`;
    const password = "correct horse battery staple";
    const registered = await call("POST /auth/register", {
      as: null,
      body: { email, username, password, full_name: "Ada Lovelace", organization_name: `Engines ${Date.now()}` },
    });
    expect(registered.status).toBe(201);
    expect(registered.body).toMatchObject({
      token_type: "Bearer",
      expires_in: expect.any(Number) as number,
      user: { name: "Ada Lovelace", email },
    });
    const response = await fetch(`${weft.url}/api/v1/auth/login`, {
      method: "POST",
      body: new URLSearchParams({ username, password, tenant: String(registered.body["slug"]) }),
    });
    expect([response.status, await response.clone().json()]).toEqual([200, expect.objectContaining({ token_type: "Bearer" })]);
    const session = (await response.json()) as { access_token: string; refresh_token: string };
    const headers = { authorization: `Bearer ${session.access_token}` };
    expect((await call("GET /auth/me", { as: null, headers })).body).toMatchObject({ email, name: "Ada Lovelace" });
    expect((await call("GET /status", { as: null, headers })).body).toMatchObject({ status: "ok", user: { email } });
    const renewed = await call("POST /auth/refresh", { as: null, body: { refresh_token: session.refresh_token } });
    expect(renewed.body).toMatchObject({ token_type: "Bearer", access_token: expect.any(String) as string });
    expect((await call("POST /auth/logout", { as: null, headers })).status).toBe(204);
    expect((await call("GET /auth/me", { as: null, headers })).status).toBe(401);
  });

  test("a user without a name is named after the user name", async () => {
    const username = `testuser${Date.now()}`;
    const { status, body } = await call("POST /users", {
      body: { username, email: `${username}@example.com`, password: "SecurePass123!" },
    });
    expect([status, body["name"]]).toEqual([201, username]);
  });

  test("a common password is understood and refused", async () => {
    const body = {
      email: "test@example.com",
      username: "testuser",
      password: "password123",
      full_name: "Test User",
      organization_name: "Test Org",
    };
    const answered = await call("POST /auth/register", { as: null, body });
    expect([answered.status, answered.body["code"]]).toEqual([400, "BAD_USER_INPUT"]);
  });
});
