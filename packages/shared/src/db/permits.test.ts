import { expect, test } from "vitest";
import { Permits } from "./permits.js";

test("a tenant that has used up its own share of the connections is told so, and its neighbours find one", async () => {
  const permits = new Permits(4, 30);
  for (let n = 0; n < 3; n++) expect(permits.take("loud")).toBeUndefined();
  await expect(permits.take("loud")).rejects.toMatchObject({ extensions: { code: "RATE_LIMITED", retryAfter: 1 } });
  expect(permits.take("neighbour")).toBeUndefined();
  // Now nobody finds one, whoever it is.
  await expect(permits.take("loud")).rejects.toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE", service: "database" } });
  await expect(permits.take("another")).rejects.toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE", service: "database" } });
});
