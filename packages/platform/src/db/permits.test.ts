import { expect, test } from "vitest";
import { ShareUsed } from "@weft/shared/errors";
import { Permits } from "./permits.js";

test("a tenant that has used up its share of the connections gets a specific error, and other tenants get a connection", async () => {
  const permits = new Permits(4, 30);
  for (let n = 0; n < 3; n++) expect(permits.take("loud")).toBeUndefined();
  await expect(permits.take("loud")).rejects.toBeInstanceOf(ShareUsed);
  expect(permits.take("neighbour")).toBeUndefined();
  // Now another tenant finds none either, through no fault of its own.
  const refusal: unknown = await permits.take("another")?.catch((error: unknown) => error);
  expect(refusal).toMatchObject({ extensions: { code: "SERVICE_UNAVAILABLE", service: "database" } });
  expect(refusal).not.toBeInstanceOf(ShareUsed);
});
