import { loadConfig } from "@weft/platform/config";
import { expect, test } from "vitest";
import { payloadConcurrency } from "./payload-limits.js";

test("payloads have an eighth as many places as the settings give to operations, at most eight, and at least one", () => {
  const of = (settings: Record<string, string>) => payloadConcurrency(loadConfig({}, settings).limits);
  expect(of({})).toEqual({ tenants: 4, perTenant: 2 });
  expect(of({ LIMIT_OPERATIONS_IN_FLIGHT: "10000", LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: "10000" })).toEqual({ tenants: 4, perTenant: 2 });
  expect(of({ LIMIT_OPERATIONS_IN_FLIGHT: "24", LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: "8" })).toEqual({ tenants: 3, perTenant: 1 });
  expect(of({ LIMIT_OPERATIONS_IN_FLIGHT: "1", LIMIT_OPERATIONS_IN_FLIGHT_PER_TENANT: "1" })).toEqual({ tenants: 1, perTenant: 1 });
});
