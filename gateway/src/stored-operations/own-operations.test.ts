import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloneDatabase } from "@weft/testkit/postgres/database";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/start-gateway.js";

let weft: TestGateway;
let consoleSite: string;
beforeAll(async () => {
  consoleSite = await mkdtemp(join(tmpdir(), "weft-console-"));
  weft = await startTestGateway(await cloneDatabase(), {
    settings: { WEFT_STORED_OPERATIONS: "required" },
    gateway: () => ({ consoleSite }),
  });
});
afterAll(async () => {
  await weft.stop();
  await rm(consoleSite, { recursive: true });
});

const codeOf = async (query: string, token?: string): Promise<unknown> =>
  (await weft.run(query, token === undefined ? {} : { token })).errors?.[0]?.extensions?.["code"];

describe("where the installation requires stored operations", () => {
  test("those without a login are refused, too", async () => {
    expect(await codeOf("{ greeting }")).toBe("OPERATION_NOT_STORED");
    expect(await codeOf("{ greeting }", (await weft.person()).token)).toBe("OPERATION_NOT_STORED");
  });

  test("users with the permission application.explore run others", async () => {
    const { token } = await weft.person({ permissions: { "application.explore": "TENANT" } });
    expect(await weft.run("{ greeting }", { token })).toEqual({ data: { greeting: "hello world" } });
  });

  test.each([
    ["the client", "mutation { logout { sessionId } }"],
    [
      "the landing page",
      "mutation Login($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken accessTokenExpiresAt refreshToken user { name } } }",
    ],
    ["links in emails", "mutation VerifyEmail($token: String!) { result: verifyEmail(input: { token: $token }) { slug } }"],
  ])("operations of %s pass", async (_what, text) => {
    // The schema of this test does not have them.
    expect(["UNAUTHENTICATED", "GRAPHQL_VALIDATION_FAILED"]).toContain(await codeOf(text));
  });

  test("the schema can be read, where anybody can read it", async () => {
    expect((await weft.run(getIntrospectionQuery())).data).toMatchObject({ __schema: {} });
    expect(await codeOf("{ __schema { queryType { name } } greeting }")).toBe("OPERATION_NOT_STORED");
  });

  test("operations of the console pass as soon as it is built, and those of its next build, too", async () => {
    const { token } = await weft.person();
    const [one, other] = ["query ConsoleOne { greeting }", "query ConsoleOther { greeting }"];
    expect(await codeOf(one, token)).toBe("OPERATION_NOT_STORED");
    await writeFile(join(consoleSite, "operations.json"), JSON.stringify([one]));
    await expect.poll(() => codeOf(one, token), { timeout: 5_000 }).toBeUndefined();
    expect(await codeOf(other, token)).toBe("OPERATION_NOT_STORED");
    await writeFile(join(consoleSite, "operations.json"), JSON.stringify([other, `${one} `]));
    await expect.poll(() => codeOf(other, token), { timeout: 5_000 }).toBeUndefined();
  });

  test("requests of this process itself pass", async () => {
    const response = await weft.gateway.fetch(`${weft.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ greeting }" }),
    });
    expect(await response.json()).toEqual({ data: { greeting: "hello world" } });
  });

  test("refused ones are counted in a metric", async () => {
    const metric = async (): Promise<number> => {
      const text = await (await fetch(`${weft.url}/metrics`)).text();
      return Number(/weft_unlisted_operations_total\{outcome="refused"\} (\d+)/.exec(text)?.[1]);
    };
    const before = await metric();
    await codeOf("{ greeting }");
    expect(await metric()).toBe(before + 1);
  });
});
