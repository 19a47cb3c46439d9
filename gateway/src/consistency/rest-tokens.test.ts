import { type SharedWeft, sharedWeft, type TestTenant } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let tenant: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  tenant = await weft.tenant();
});

const call = (path: string, headers: Record<string, string>, body?: object): Promise<Response> =>
  fetch(`${weft.url}/api/v1${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${tenant.admin.token}`, ...(body && { "content-type": "application/json" }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });

describe("the REST API", () => {
  test("returns a token as a header if a request asks for it, with which later requests can be sent", async () => {
    const created = await call("/buildings", { "weft-consistency": "return" }, { code: "T1", name: "With a token" });
    expect(created.status).toBe(201);
    const token = created.headers.get("weft-consistency-token") ?? "";
    expect(token).toMatch(/^[\w-]{40,}$/);
    const read = await call("/buildings?first=5", { "weft-consistency-token": token });
    expect([read.status, read.headers.get("weft-consistency-token")]).toEqual([200, null]);
  });

  test("takes a token of GraphQL, because they are the same", async () => {
    const response = await fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.admin.token}`, "content-type": "application/json", "weft-consistency": "return" },
      body: JSON.stringify({ query: "{ me { id } }" }),
    });
    const { extensions } = (await response.json()) as { extensions: { consistency: { token: string } } };
    expect((await call("/buildings", { "weft-consistency-token": extensions.consistency.token })).status).toBe(200);
  });

  test("refuses a token that is not valid, and names the header", async () => {
    const response = await call("/buildings", { "weft-consistency-token": "nonsense" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "Weft-Consistency-Token" }] });
  });

  test("lets pages of other origins send and read the headers", async () => {
    const preflight = await fetch(`${weft.url}/api/v1/buildings`, {
      method: "OPTIONS",
      headers: {
        origin: weft.url,
        "access-control-request-method": "GET",
        "access-control-request-headers": "weft-consistency,weft-consistency-token",
      },
    });
    expect(preflight.headers.get("access-control-allow-headers")).toContain("weft-consistency-token");
  });
});
