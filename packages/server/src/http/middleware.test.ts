import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sharedWeft, type SharedWeft, type TestUser } from "@weft/testkit";
import express from "express";
import fastify from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { weftCaller, weftCallerOf, workflowMiddleware, type WeftRequest } from "../index.js";

const checkOrder = `weft: 1
key: check-order
name: Check an order
data: { properties: { amount: { type: number } } }
initial: checking
states:
  checking: { transitions: { accept: { to: accepted, auto: true, when: data.amount < 100 }, ask: { to: asking, auto: true, when: data.amount >= 100 } } }
  accepted: { final: completed }
  asking: { transitions: { refuse: { to: refused } } }
  refused: { final: rejected }
`;

let weft: SharedWeft;
let server: Server;
let url: string;
let user: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  const tenant = await weft.tenant();
  await tenant.definition(checkOrder);
  user = await tenant.user("workflow_manager");
  const app = express();
  const caller = weftCaller({ url: weft.url });
  app.get(
    "/me",
    caller,
    ({ caller: found }: WeftRequest, response) => void found?.weft.query("{ me { id } }").then((data) => response.json(data)),
  );
  app.post(
    "/orders",
    caller,
    express.json(),
    workflowMiddleware({ workflow: "check-order", timeoutMs: 1_000 }),
    ({ workflow }: WeftRequest, response) => void response.json(workflow),
  );
  server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const send = (path: string, { token = user.token, body }: { token?: string; body?: object } = {}): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

describe("with Express", () => {
  test("a request with a valid token calls Weft with the rights of its caller", async () => {
    const response = await send("/me");
    expect([response.status, await response.json()]).toEqual([200, { me: { id: user.id } }]);
  });

  test("a forged token, one of another server, and none are answered with 401 as a problem", async () => {
    const [head = "", , signature = ""] = user.token.split(".");
    const forged = [head, Buffer.from('{"sub":"x","tid":"y","sid":"z","exp":9999999999}').toString("base64url"), signature].join(".");
    for (const token of [forged, "weft_key", ""]) {
      const response = await send("/me", { token });
      expect([response.status, response.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
      expect(await response.json()).toMatchObject({ code: "UNAUTHENTICATED" });
    }
  });

  test("a workflow runs for a request, and its result is on the request", async () => {
    const response = await send("/orders", { body: { amount: 12 } });
    expect([response.status, await response.json()]).toEqual([
      200,
      { instanceId: expect.stringMatching(/^wfi_/) as string, state: "accepted", data: { amount: 12 } },
    ]);
  });

  test("a workflow without a result in time is answered with 504, and the ID of its instance", async () => {
    const response = await send("/orders", { body: { amount: 500 } });
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({
      code: "WORKFLOW_TIMEOUT",
      state: "asking",
      instanceId: expect.stringMatching(/^wfi_/) as string,
    });
  });

  test("data that the workflow does not accept is answered with the problems by path", async () => {
    const response = await send("/orders", { body: { amount: "much" } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: expect.stringContaining("amount") as string }],
    });
  });
});

test("with Fastify, routes of a scope have their caller", async () => {
  const app = fastify();
  await app.register(async (scope) => {
    weftCallerOf(scope, { url: weft.url });
    scope.get("/me", (request) => (request as WeftRequest & typeof request).caller?.weft.query("{ me { id } }"));
  });
  const headers = { authorization: `Bearer ${user.token}` };
  expect((await app.inject({ url: "/me", headers })).json()).toEqual({ me: { id: user.id } });
  expect((await app.inject({ url: "/me" })).statusCode).toBe(401);
  await app.close();
});
