import { deflateSync, gzipSync } from "node:zlib";
import { startTestWeft, type TestTenant, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await startTestWeft({ settings: { LIMIT_BODY_BYTES: 100_000 } });
  acme = await weft.tenant();
});
afterAll(() => weft.stop());

const createTeam = (key: string): string => `mutation { createTeam(input: { key: "${key}", name: "${key}" }) { team { id } } }`;
const json = "application/json";

/** Reads teams by their keys, to show that a refused mutation did not create any. */
async function teams(): Promise<string[]> {
  const { teams: page } = await acme.admin.run<{ teams: { edges: { node: { key: string } }[] } }>("{ teams { edges { node { key } } } }");
  return page.edges.map(({ node }) => node.key);
}

const send = (init: RequestInit & { path?: string }): Promise<Response> =>
  fetch(`${weft.url}${init.path ?? "/graphql"}`, {
    ...init,
    headers: { authorization: `Bearer ${acme.admin.token}`, ...(init.headers as Record<string, string> | undefined) },
  });

const operation = JSON.stringify({ query: createTeam("forged") });

const refusals: readonly [what: string, status: number, init: () => RequestInit & { path?: string }][] = [
  ["a mutation by GET", 405, () => ({ path: `/graphql?query=${encodeURIComponent(createTeam("forged"))}` })],
  [
    "a mutation by GET that claims to be JSON",
    405,
    () => ({ path: `/graphql?query=${encodeURIComponent(createTeam("forged"))}`, headers: { "content-type": json } }),
  ],
  ["a mutation by PATCH", 405, () => ({ method: "PATCH", headers: { "content-type": json }, body: operation })],
  [
    "a form",
    415,
    () => ({
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `query=${encodeURIComponent(createTeam("forged"))}`,
    }),
  ],
  [
    "a form with files",
    415,
    () => ({
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${operation}\r\n--x--`,
    }),
  ],
  ["JSON as plain text", 415, () => ({ method: "POST", headers: { "content-type": "text/plain" }, body: operation })],
  [
    "plain text that mentions JSON",
    415,
    () => ({ method: "POST", headers: { "content-type": "text/plain; application/json" }, body: operation }),
  ],
  ["two content types", 415, () => ({ method: "POST", headers: { "content-type": "application/json, text/plain" }, body: operation })],
  ["a beacon", 415, () => ({ method: "POST", body: new Blob([operation]) })],
  ["a document", 415, () => ({ method: "POST", headers: { "content-type": "application/graphql" }, body: createTeam("forged") })],
  ["another charset", 415, () => ({ method: "POST", headers: { "content-type": "application/json; charset=utf-7" }, body: operation })],
  [
    "UTF-16",
    415,
    () => ({ method: "POST", headers: { "content-type": "application/json; charset=utf-16le" }, body: Buffer.from(operation, "utf16le") }),
  ],
  [
    "UTF-16 without a declared charset",
    400,
    () => ({ method: "POST", headers: { "content-type": json }, body: Buffer.from(operation, "utf16le") }),
  ],
  ["a batch", 400, () => ({ method: "POST", headers: { "content-type": json }, body: `[${operation},${operation}]` })],
  ["a batch of one", 400, () => ({ method: "POST", headers: { "content-type": json }, body: `[${operation}]` })],
  ["an empty body", 400, () => ({ method: "POST", headers: { "content-type": json }, body: "" })],
  ["a string for an operation", 400, () => ({ method: "POST", headers: { "content-type": json }, body: JSON.stringify(operation) })],
  ["null for an operation", 400, () => ({ method: "POST", headers: { "content-type": json }, body: "null" })],
  [
    "a body that is too large",
    413,
    () => ({
      method: "POST",
      headers: { "content-type": json },
      body: JSON.stringify({ query: createTeam("forged"), variables: { x: "x".repeat(100_000) } }),
    }),
  ],
  [
    "a gzip bomb",
    415,
    () => ({ method: "POST", headers: { "content-type": json, "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(50_000_000)) }),
  ],
  [
    "a small compressed operation",
    415,
    () => ({ method: "POST", headers: { "content-type": json, "content-encoding": "deflate" }, body: deflateSync(operation) }),
  ],
  [
    "a page of another origin",
    403,
    () => ({ method: "POST", headers: { "content-type": json, origin: "https://evil.example" }, body: operation }),
  ],
  ["a page without an origin", 403, () => ({ method: "POST", headers: { "content-type": json, origin: "null" }, body: operation })],
];

test.each(refusals)("%s is answered with %i, in JSON, and changes nothing", async (_what, status, init) => {
  const response = await send(init());
  const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
  expect([response.status, errors.length, typeof errors[0]?.extensions.code]).toEqual([status, 1, "string"]);
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
  expect(await teams()).toEqual([]);
});

test("accepts the refused operation when it is sent correctly", { tags: "slow" }, async () => {
  const response = await send({
    method: "POST",
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: JSON.stringify({ query: createTeam("proper") }),
  });
  expect([response.status, await teams()]).toEqual([200, ["proper"]]);
});

test("cookies and credentials in the URL do not log anyone in", async () => {
  const query = "{ me { id } }";
  const attempts: RequestInit[] = [
    { headers: { "content-type": json, authorization: "", cookie: `token=${acme.admin.token}; authorization=Bearer ${acme.admin.token}` } },
    {
      headers: {
        "content-type": json,
        authorization: "",
        "x-access-token": acme.admin.token,
        "proxy-authorization": `Bearer ${acme.admin.token}`,
      },
    },
  ];
  for (const attempt of attempts) {
    const response = await send({
      ...attempt,
      path: `/graphql?access_token=${acme.admin.token}`,
      method: "POST",
      body: JSON.stringify({ query }),
    });
    expect(JSON.stringify(await response.json())).toContain("UNAUTHENTICATED");
  }
});
