import { restTable } from "@weft/gateway";
import { expect, test } from "vitest";
import { everyRoute, lineOf } from "./rest-calls.js";

/** Addresses that workflow systems with a REST API have in common. Clients of such systems call them, so none can be missing, whatever else is there. */
const common = [
  "POST /auth/register",
  "POST /auth/login",
  "GET /auth/me",
  "POST /auth/logout",
  "POST /workflows/",
  "GET /workflows/",
  "POST /users",
  "POST /tenants",
  "GET /tenants/:id",
  "PUT /tenants/:id",
  "GET /tenants",
  "DELETE /tenants/:id",
  "GET /users/:id",
  "PUT /users/:id",
  "GET /users",
  "DELETE /users/:id",
  "POST /roles",
  "GET /roles/:id",
  "PUT /roles/:id",
  "GET /roles",
  "DELETE /roles/:id",
  "POST /permissions",
  "GET /permissions",
  "POST /workflows/instances",
  "GET /workflows/instances/:id",
  "POST /workflows/instances/:id/transitions",
  "GET /workflows/instances",
  "DELETE /workflows/instances/:id",
  "POST /workflows/definitions",
  "GET /workflows/definitions/:id",
  "PUT /workflows/definitions/:id",
  "GET /workflows/definitions",
  "DELETE /workflows/definitions/:id",
  "POST /workflows/definitions/validate",
  "POST /requests",
  "GET /requests/:id",
  "PUT /requests/:id",
  "GET /requests",
  "POST /requests/:id/submit",
  "POST /requests/:id/cancel",
  "POST /buildings",
  "GET /buildings/:id",
  "PUT /buildings/:id",
  "GET /buildings",
  "DELETE /buildings/:id",
  "POST /assets",
  "GET /assets/:id",
  "PUT /assets/:id",
  "GET /assets",
  "DELETE /assets/:id",
  "POST /vendors",
  "GET /vendors/:id",
  "PUT /vendors/:id",
  "GET /vendors",
  "DELETE /vendors/:id",
  "POST /projects",
  "GET /projects/:id",
  "PUT /projects/:id",
  "GET /projects",
  "DELETE /projects/:id",
  "GET /audit-logs",
  "GET /status",
  "POST /executions",
  "GET /executions",
  "GET /executions/:id",
  "GET /agents",
  "POST /agents",
  "GET /agents/:id",
  "PUT /agents/:id",
  "DELETE /agents/:id",
  "GET /workflows/:id",
  "PUT /workflows/:id",
  "DELETE /workflows/:id",
];

const shapeOf = (line: string): string => line.replaceAll(/:\w+/g, ":").replace(/\/$/, "");

test("every row of the table is served: its operation has the parameters of its path, and no GET changes anything", () => {
  const served = new Set(everyRoute.map(lineOf));
  expect(restTable.map(({ method, path }) => `${method} ${path}`).filter((line) => !served.has(line))).toEqual([]);
});

test("every common address is served", () => {
  const served = new Set(everyRoute.map((route) => shapeOf(lineOf(route))));
  expect(common.length).toBeGreaterThan(70);
  expect(common.filter((line) => !served.has(shapeOf(line)))).toEqual([]);
});
