import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const rateFields = "rates { category unit amount { amount currency } validFrom validUntil }";
const setRates = `mutation ($input: SetVendorRatesInput!) { setVendorRates(input: $input) { vendor { version ${rateFields} } } }`;
const ratesOf = `query ($id: ID!) { vendor(id: $id) { ${rateFields} } }`;

const EUR = (amount: number) => ({ amount, currency: "EUR" });
const hourly = { category: "hvac", unit: "HOUR", amount: EUR(6500) };

let weft: SharedWeft;
let acme: TestTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
});

const problems = async (who: TestUser, id: string, ...rates: object[]) =>
  (await who.refused(setRates, { input: { id, rates } })).extensions?.["problems"] as { path: string; message: string }[];

describe("rates of a vendor", () => {
  test("are replaced as a whole, with the version that was read, and an audit entry that shows both", async () => {
    const vendor = await acme.vendor();
    const rates = [
      { ...hourly, validFrom: "2026-01-01", validUntil: "2026-12-31" },
      { ...hourly, amount: EUR(7000), validFrom: "2027-01-01", validUntil: null },
      { category: null, unit: "VISIT", amount: EUR(9900), validFrom: null, validUntil: null },
    ];
    expect(await acme.admin.run(setRates, { input: { id: vendor.id, rates, expectedVersion: 1 } })).toEqual({
      setVendorRates: { vendor: { version: 2, rates } },
    });
    expect((await acme.admin.refused(setRates, { input: { id: vendor.id, rates: [], expectedVersion: 1 } })).extensions).toMatchObject({
      code: "CONFLICT",
      currentVersion: 2,
    });
    expect(await acme.admin.run(setRates, { input: { id: vendor.id, rates: [] } })).toEqual({
      setVendorRates: { vendor: { version: 3, rates: [] } },
    });
    const trail = "query ($id: ID!) { vendor(id: $id) { auditTrail(first: 1) { edges { node { action before after } } } } }";
    const shown = await acme.admin.run<{ vendor: { auditTrail: { edges: { node: { action: string; before: { rates: object[] } } }[] } } }>(
      trail,
      { id: vendor.id },
    );
    expect(shown.vendor.auditTrail.edges).toMatchObject([
      {
        node: { action: "vendor.update", before: { rates: [{ amount: 6500 }, { amount: 7000 }, { amount: 9900 }] }, after: { rates: [] } },
      },
    ]);
  });

  test("are refused with the place of each problem", async () => {
    const { id } = await acme.vendor();
    expect(await problems(acme.admin, id, { ...hourly, category: " ", amount: { amount: -1, currency: "eur" } })).toMatchObject([
      { path: "input.rates.0.category" },
      { path: "input.rates.0.amount.amount" },
      { path: "input.rates.0.amount.currency" },
    ]);
    expect(await problems(acme.admin, id, { ...hourly, validFrom: "2026-02-30" })).toMatchObject([{ path: "input.rates.0.validFrom" }]);
    expect(await problems(acme.admin, id, { ...hourly, validFrom: "0000-01-01" })).toMatchObject([{ path: "input.rates.0.validFrom" }]);
    expect(await problems(acme.admin, id, { ...hourly, validFrom: "2026-02-02", validUntil: "2026-02-01" })).toMatchObject([
      { path: "input.rates.0.validUntil" },
    ]);
    expect(await problems(acme.admin, id, ...Array.from({ length: 101 }, () => hourly))).toMatchObject([{ path: "input.rates" }]);
  });

  test("cannot be valid on the same day for the same category and unit", async () => {
    const { id } = await acme.vendor();
    const until = { ...hourly, validUntil: "2026-06-30" };
    expect(await problems(acme.admin, id, until, { ...hourly, category: "HVAC", validFrom: "2026-06-30" })).toMatchObject([
      { path: "input.rates.1", message: expect.stringContaining("same days") as string },
    ]);
    await acme.admin.run(setRates, {
      input: { id, rates: [until, { ...hourly, validFrom: "2026-07-01" }, { ...hourly, unit: "FIXED" }, { ...hourly, category: "lifts" }] },
    });
  });

  test("are seen by users of the organization and of the vendor, and changed only by the organization", async () => {
    const [mine, theirs] = [await acme.vendor(), await acme.vendor()];
    for (const { id } of [mine, theirs]) await acme.admin.run(setRates, { input: { id, rates: [hourly] } });
    for (const who of [mine.user, await acme.user("viewer")])
      expect(await who.run(ratesOf, { id: mine.id })).toMatchObject({ vendor: { rates: [{ amount: EUR(6500) }] } });
    expect(await mine.user.refusal(ratesOf, { id: theirs.id })).toBe("NOT_FOUND");
    for (const who of [mine.user, await acme.user("viewer")])
      expect(await who.refusal(setRates, { input: { id: mine.id, rates: [] } })).toBe("FORBIDDEN");
    const globex = await weft.tenant();
    expect(await globex.admin.refusal(setRates, { input: { id: mine.id, rates: [] } })).toBe("NOT_FOUND");
  });
});
