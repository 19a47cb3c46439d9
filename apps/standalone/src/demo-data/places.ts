import type { ApiClient } from "../api-client.js";
import { seedOperations as operations } from "../seed/seed-operations.js";

/** Equipment of which every building has some: prefix of the tags, name, and type. The seeded assets have other tags. */
const equipment = [
  ["HVC", "Air handler", "hvac"],
  ["PMP", "Heating pump", "pump"],
  ["FIR", "Fire extinguisher", "fire_safety"],
  ["LGT", "Emergency light", "lighting"],
  ["SEN", "Smoke detector", "fire_safety"],
  ["WTR", "Water heater", "plumbing"],
] as const;

/** Number of assets in each building, those of the seed included. */
const assetsEach = 20;

const floors = ["Ground floor", "First floor", "Second floor"];

interface Buildings {
  readonly buildings: {
    readonly edges: readonly {
      readonly node: { readonly id: string; readonly code: string; readonly assets: { readonly totalCount: number } };
    }[];
  };
}

/** Adds a third building to Acme, floors to each, and assets on the floors: sixty in all. Does nothing if they exist. */
export async function createPlaces(api: ApiClient): Promise<void> {
  const { createBuilding: laboratory } = await api.run<{ createBuilding: { building: { id: string } } }>(operations.createBuilding, {
    input: {
      code: "LAB",
      name: "Acme laboratory",
      address: "7 Orchard Lane",
      city: "Springfield",
      region: "Greater Springfield",
      idempotencyKey: "demo:building:LAB",
    },
  });
  const { buildings } = await api.run<Buildings>(
    "query DemoBuildings { buildings(first: 50) { edges { node { id code assets { totalCount } } } } }",
  );
  for (const { node } of buildings.edges) {
    const seeded = node.id === laboratory.building.id ? 0 : (seededAssets[node.code] ?? 0);
    await fill(api, node, assetsEach - seeded);
  }
}

/** Assets that the seed has created before. */
const seededAssets: Readonly<Record<string, number>> = { HQ: 2, WH: 1 };

async function fill(
  api: ApiClient,
  { id: buildingId, code }: { readonly id: string; readonly code: string },
  assets: number,
): Promise<void> {
  const spaceIds: string[] = [];
  for (const [level, name] of floors.entries()) {
    const { createSpace } = await api.run<{ createSpace: { space: { id: string } } }>(
      "mutation DemoSpace($input: CreateSpaceInput!) { createSpace(input: $input) { space { id } } }",
      { input: { buildingId, kind: "FLOOR", code: `F${level}`, name, idempotencyKey: `demo:space:${code}-F${level}` } },
    );
    spaceIds.push(createSpace.space.id);
  }
  for (let index = 0; index < assets; index++) {
    const [prefix, name, type] = equipment[index % equipment.length] ?? equipment[0];
    const tag = `${prefix}-${code}-${Math.floor(index / equipment.length) + 1}`;
    await api.run(operations.createAsset, {
      input: { tag, name, type, buildingId, spaceId: spaceIds[index % spaceIds.length], idempotencyKey: `demo:asset:${tag}` },
    });
  }
}
