import { startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { scanLabels } from "@weft/testkit/labels/scan-label";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
let acme: TestTenant;
let olga: TestUser;
let buildingId: string;

beforeAll(async () => {
  weft = await startTestWeft({ settings: { WEFT_PUBLIC_URL: "https://weft.example.com/" } });
  acme = await weft.tenant("Acme");
  ({ buildingId } = await acme.maintenance());
  olga = await acme.user("operations");
});
afterAll(() => weft.stop());

const labelOf = "query ($id: ID!) { asset(id: $id) { label } }";
const labels = "query ($ids: [ID!]!) { assetLabels(ids: $ids) }";

async function asset(tag: string, name = "Pump"): Promise<string> {
  const { createAsset } = await olga.run<{ createAsset: { asset: { id: string } } }>(
    "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }",
    { input: { buildingId, tag, name, type: "pump" } },
  );
  return createAsset.asset.id;
}

const urlOf = (tag: string): string => `https://weft.example.com/asset#tenant=${acme.slug}&tag=${tag}`;

test("the QR code of a label leads to the page of the asset, and the text next to it is no markup", async () => {
  const id = await asset('P&<7>"', "<script>alert(1)</script>");
  const { asset: found } = await olga.run<{ asset: { label: string } }>(labelOf, { id });
  const [url = ""] = scanLabels(found.label);
  expect(url).toBe(urlOf("P%26%3C7%3E%22"));
  expect(new URLSearchParams(new URL(url).hash.slice(1)).get("tag")).toBe('P&<7>"');
  expect(found.label).toContain("<title>P&amp;&lt;7&gt;&quot;</title>");
  expect(found.label).not.toContain("<script");
  expect(found.label).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="70mm" height="37mm" /);
});

test("sheets have 24 labels each, in the order of the IDs", async () => {
  const [first, second] = [await asset("S-1"), await asset("S-2")];
  const ids = [second, ...Array.from({ length: 24 }, () => first)];
  const { assetLabels } = await olga.run<{ assetLabels: string[] }>(labels, { ids });
  expect(assetLabels.map((sheet) => scanLabels(sheet))).toEqual([
    [urlOf("S-2"), ...Array.from({ length: 23 }, () => urlOf("S-1"))],
    [urlOf("S-1")],
  ]);
  expect(assetLabels[0]).toContain('width="210mm" height="297mm"');
  expect(await olga.run(labels, { ids: [] })).toEqual({ assetLabels: [] });
});

test("labels are refused for more than 240 assets, without the permission, and for assets that the viewer cannot see", async () => {
  const id = await asset("S-3");
  expect(await olga.refusal(labels, { ids: Array.from({ length: 241 }, () => id) })).toBe("BAD_USER_INPUT");
  expect(await olga.refusal(labels, { ids: [id, "ast_nonsense"] })).toBe("BAD_USER_INPUT");
  const { user } = await acme.vendor();
  expect(await user.refusal(labels, { ids: [id] })).toBe("NOT_FOUND");
  const globex = await weft.tenant("Globex");
  expect(await globex.admin.refusal(labels, { ids: [id] })).toBe("NOT_FOUND");
});
