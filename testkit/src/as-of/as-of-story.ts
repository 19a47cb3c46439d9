import { postgres } from "@weft/pg-driver";
import { randomSource } from "../random-source.js";
import type { TestTenant } from "../test-tenant.js";
import type { TestUser } from "../test-user.js";
import { sharedWeft } from "../shared-weft.js";
import type { SharedWeft } from "../test-weft.js";
import { inputTypeOf } from "../input-type.js";

/** A tenant with a request, an asset, two buildings and a floor, for tests of what they were. */
export interface AsOfKit {
  readonly weft: SharedWeft;
  readonly owner: postgres.Sql;
  readonly acme: TestTenant;
  readonly rita: TestUser;
  readonly olga: TestUser;
  readonly tom: TestUser;
  readonly places: { readonly buildingId: string; readonly assetId: string };
  readonly annex: string;
  readonly floor: string;
}

export async function startAsOfKit(): Promise<AsOfKit> {
  const weft = await sharedWeft();
  const acme = await weft.tenant("Acme");
  const { buildingId, assetId } = await acme.maintenance();
  const [rita, olga, tom] = [await acme.user("requester"), await acme.user("operations"), await acme.user("technical_team")];
  const annex = await make(acme.admin, "createBuilding", "building", { code: "ANX", name: "Annex" });
  const floor = await make(acme.admin, "createSpace", "space", { buildingId, kind: "FLOOR", code: "F1", name: "First floor" });
  return {
    weft,
    owner: postgres(weft.database.ownerUrl, { max: 1 }),
    acme,
    rita,
    olga,
    tom,
    places: { buildingId, assetId },
    annex,
    floor,
  };
}

export const stopAsOfKit = ({ owner }: AsOfKit): Promise<void> => owner.end();

/** Creates an object, and returns its ID. */
export async function make(user: TestUser, mutation: string, made: string, input: object): Promise<string> {
  const answer = await user.run<Record<string, Record<string, { id: string }>>>(
    `mutation ($input: ${inputTypeOf(mutation)}!) { ${mutation}(input: $input) { ${made} { id } } }`,
    { input },
  );
  return answer[mutation]?.[made]?.id ?? "";
}

/** Calls a mutation, which can refuse. */
export const change = (user: TestUser, mutation: string, input: object) =>
  user.send(`mutation ($input: ${inputTypeOf(mutation)}!) { ${mutation}(input: $input) { __typename } }`, { input });

export const newRequest = ({ rita, places, floor }: AsOfKit) =>
  make(rita, "createRequest", "request", {
    typeKey: "maintenance",
    data: { summary: "The boiler is cold", estimate: 400 },
    ...places,
    spaceId: floor,
  });

const assetFields =
  "tag name type status version serialNumber building { id name version } space { name building { name } } parent { name } custodian { id }";
const requestFields = `number state status data version priority isPrioritySet impact urgency dueAt tags
  assignee { ... on User { id } ... on Team { id } ... on Vendor { id } } building { name status version } space { name code } asset { ${assetFields} }`;

/** Both, as they are now or as they were. */
async function read(user: TestUser, ids: { request: string; asset: string }, asOf: string | null): Promise<unknown> {
  return user.run(
    `query ($request: ID!, $asset: ID!, $asOf: DateTime) {
      request(id: $request, asOf: $asOf) { ${requestFields} } asset(id: $asset, asOf: $asOf) { ${assetFields} } }`,
    { ...ids, asOf },
  );
}

/** A time after everything that was answered, and before everything that is asked afterwards: a whole millisecond lies between. */
export async function between({ owner }: AsOfKit): Promise<number> {
  const [row] = await owner<{ now: number }[]>`select ceil(extract(epoch from clock_timestamp()) * 1000)::float8 as now, pg_sleep(0.002)`;
  return row?.now ?? Number.NaN;
}

/** Changes a request, an asset and their places at random, and reads them after each change. */
export async function tellStory(kit: AsOfKit, seed: number) {
  const { acme, rita, olga, tom, places, annex, floor } = kit;
  const random = randomSource(seed);
  const pick = <T>(values: readonly T[]): T => random.pick(values);
  const ids = { request: await newRequest(kit), asset: places.assetId };
  const { workflow } = (
    await rita.run<{ request: { workflow: { id: string } } }>("query ($id: ID!) { request(id: $id) { workflow { id } } }", {
      id: ids.request,
    })
  ).request;
  const instanceId = workflow.id;
  const assets = (input: object) => change(olga, "updateAsset", { id: ids.asset, ...input });
  const fire = (user: TestUser, transition: string, more: object = {}) =>
    change(user, "fireTransition", { instanceId, transition, ...more });
  const always = [
    () => assets({ name: `Elevator ${random.below(9)}` }),
    () => assets({ status: pick(["OPERATIONAL", "MAINTENANCE", "OUT_OF_SERVICE"]), serialNumber: `S-${random.below(99)}` }),
    () => assets({ custodianId: pick([olga.id, tom.id, null]) }),
    () => assets({ spaceId: floor }),
    () => change(olga, "transferAsset", { id: ids.asset, buildingId: pick([places.buildingId, annex]) }),
    () => change(acme.admin, "updateBuilding", { id: pick([places.buildingId, annex]), name: `House ${random.below(9)}` }),
    () => change(acme.admin, "updateSpace", { id: floor, name: `Floor ${random.below(9)}` }),
    () =>
      change(olga, "triageRequest", { id: ids.request, priority: pick(["LOW", "URGENT", null]), tags: pick([["roof"], [], ["a", "b"]]) }),
    () => change(olga, "triageRequest", { id: ids.request, impact: pick(["LOW", "HIGH"]), urgency: pick(["MEDIUM", null]) }),
    () => change(olga, "assignRequest", { id: ids.request, assignee: { userId: pick([tom.id, olga.id]) } }),
    () => change(acme.admin, "suspendWorkflow", { instanceId, reason: "Audit" }),
    () => change(acme.admin, "resumeWorkflow", { instanceId }),
  ];
  // These are accepted in this order, with anything in between.
  const story = [
    () => change(rita, "updateRequest", { id: ids.request, data: { estimate: 300 }, buildingId: annex, assetId: null }),
    () => change(rita, "updateRequest", { id: ids.request, assetId: ids.asset }),
    () => change(rita, "submitRequest", { id: ids.request }),
    () => fire(olga, "approve"),
    () => change(olga, "assignRequest", { id: ids.request, assignee: { userId: tom.id } }),
    () => fire(tom, "start"),
    () => fire(tom, "complete", { input: { outcome: "A new valve" } }),
    () => fire(rita, "reopen", { comment: "It is cold again" }),
    () => fire(tom, "complete", { input: { outcome: "A new pump" } }),
    () => fire(rita, "close"),
  ];
  const snapshots: { from: number; to: number; seen: unknown }[] = [];
  for (let n = 0; n < 60; n++) {
    const from = await between(kit);
    const seen = await read(acme.admin, ids, null);
    snapshots.push({ from, to: await between(kit), seen });
    if (n % 6 === 5) {
      await change(acme.admin, "resumeWorkflow", { instanceId });
      await story[Math.floor(n / 6)]?.();
    } else await pick(always)();
  }
  return { ids, snapshots };
}

/** Returns what an administrator reads as of random times, and what they had read at these times. */
export async function readAgain(
  { acme }: AsOfKit,
  { ids, snapshots }: Awaited<ReturnType<typeof tellStory>>,
  { times, seed }: { readonly times: number; readonly seed: number },
): Promise<{ readonly past: readonly unknown[]; readonly known: readonly unknown[] }> {
  const random = randomSource(seed);
  const asked = Array.from({ length: times }, () => {
    const { from, to, seen } = random.pick(snapshots);
    return { asOf: new Date(from + random.below(Math.max(1, Math.floor(to - from)))).toISOString(), seen };
  });
  const past: unknown[] = [];
  for (let start = 0; start < asked.length; start += 10)
    past.push(...(await Promise.all(asked.slice(start, start + 10).map(({ asOf }) => read(acme.admin, ids, asOf)))));
  return { past, known: asked.map(({ seen }) => seen) };
}
