import { eventCursors } from "@weft/api/live";
import { followByStream } from "@weft/testkit/live/stream-feed";
import { sharedWeft, type SharedWeft, type TestUser } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Sealed {
  cursor: string;
  entry: { id: string; action: string; sequence: number; entityId: string; actor: { id: string } | null };
}
interface Listed {
  auditEntries: { edges: { node: { id: string; sequence: number | null; liveCursor: string | null } }[] };
}

const live = `subscription ($after: String, $filter: AuditEntryFilter) {
  auditEntrySealed(after: $after, filter: $filter) { cursor entry { id action sequence entityId actor { id } } } }`;

const follow = (user: TestUser, variables: object = {}) => user.subscribe<Sealed>("auditEntrySealed", live, { ...variables });

const buildingsOnly = { entityType: { eq: "BUILDING" } };

/** The cursor before the first entry of a tenant. */
const beginning = (tenantId: string): string => eventCursors(weft.keys, "auditTrail").encode(tenantId, 0);

let codes = 0;
async function aBuilding(user: TestUser): Promise<string> {
  const { createBuilding } = await user.run<{ createBuilding: { building: { id: string } } }>(
    `mutation ($code: String!) { createBuilding(input: { code: $code, name: "House" }) { building { id } } }`,
    { code: `L${(codes += 1)}` },
  );
  return createBuilding.building.id;
}

/** The newest entries of the list, all of which are sealed. */
async function sealedList(user: TestUser): Promise<Listed["auditEntries"]["edges"][number]["node"][]> {
  await weft.weft.worker.idle();
  const { auditEntries } = await user.run<Listed>("{ auditEntries(first: 100) { edges { node { id sequence liveCursor } } } }");
  return auditEntries.edges.map(({ node }) => node);
}

const seen = ({ payloads }: { payloads: readonly Sealed[] }): string[] => payloads.map(({ entry }) => entry.entityId);

test("each new entry arrives once, in the order of the chain, over a socket and as server-sent events", async () => {
  const { admin, id } = await weft.tenant();
  const after = beginning(id);
  const feeds = [
    await follow(admin, { filter: buildingsOnly, after }),
    await followByStream<Sealed>(admin, "auditEntrySealed", live, { filter: buildingsOnly, after }),
  ];
  const [first, second] = [await aBuilding(admin), await aBuilding(admin)];
  for (const feed of feeds) {
    await feed.until((payloads) => payloads.some(({ entry }) => entry.entityId === second));
    expect(seen(feed)).toEqual([first, second]);
    expect(feed.payloads[0]?.entry).toMatchObject({ action: "building.create", actor: { id: admin.id } });
    expect(feed.errors).toEqual([]);
    await feed.stop();
  }
});

test("a subscription from the beginning delivers the whole chain without a gap, while many people change things at once", async () => {
  const { admin, id } = await weft.tenant();
  const feed = await follow(admin, { after: beginning(id) });
  const made = await Promise.all(Array.from({ length: 30 }, () => aBuilding(admin)));
  await feed.until(() => made.every((building) => seen(feed).includes(building)));
  const sequences = feed.payloads.map(({ entry }) => entry.sequence);
  expect(sequences).toEqual(Array.from(sequences, (_, index) => index + 1));
  await feed.stop();
});

test("a subscription that ended resumes after its last cursor, and gets each entry of the meantime once", async () => {
  const { admin, id } = await weft.tenant();
  const before = await follow(admin, { filter: buildingsOnly, after: beginning(id) });
  const first = await aBuilding(admin);
  await before.until((payloads) => payloads.length === 1);
  await before.stop();
  const missed = [await aBuilding(admin), await aBuilding(admin)];
  await weft.weft.worker.idle();
  const resumed = await follow(admin, { filter: buildingsOnly, after: before.payloads[0]?.cursor });
  const later = await aBuilding(admin);
  await resumed.until((payloads) => payloads.some(({ entry }) => entry.entityId === later));
  expect(seen(before)).toEqual([first]);
  expect(seen(resumed)).toEqual([...missed, later]);
  await resumed.stop();
});

test("a subscription after the newest entry of a list delivers the entries that the list does not have", async () => {
  const { admin } = await weft.tenant();
  await aBuilding(admin);
  const [newest] = (await sealedList(admin)).toSorted((a, b) => Number(b.sequence) - Number(a.sequence));
  const missing = await aBuilding(admin);
  await weft.weft.worker.idle();
  const feed = await follow(admin, { after: newest?.liveCursor, filter: buildingsOnly });
  await feed.until((payloads) => payloads.length > 0);
  expect(seen(feed)).toEqual([missing]);
  await feed.stop();
});

test("a subscription without a cursor begins with the entries that are sealed from then on", async () => {
  const { admin } = await weft.tenant();
  const earlier = await aBuilding(admin);
  await weft.weft.worker.idle();
  const feed = await follow(admin, { filter: buildingsOnly });
  const delivered = async (): Promise<boolean> => {
    await aBuilding(admin);
    return feed.payloads.length > 0;
  };
  await until(delivered, { what: "the subscription has begun" });
  expect(seen(feed)).not.toContain(earlier);
  await feed.stop();
});

test("an entry has no cursor until it is sealed", async () => {
  const { admin } = await weft.tenant();
  await aBuilding(admin);
  for (const { sequence, liveCursor } of await sealedList(admin)) expect(liveCursor === null).toBe(sequence === null);
});

test("a filter that is not valid, and a cursor of events, are refused", async () => {
  const { admin } = await weft.tenant();
  const { liveCursor } = await admin.run<{ liveCursor: string }>("{ liveCursor }");
  for (const [variables, path] of [
    [{ after: liveCursor }, "after"],
    [{ filter: { entityId: { eq: "nonsense" } } }, "filter.entityId.eq"],
  ] as const) {
    const feed = await follow(admin, variables);
    await feed.until(() => feed.errors.length > 0);
    expect(feed.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", problems: [{ path }] } }]);
    await feed.stop();
  }
});

describe("another tenant, and users with fewer rights", () => {
  test("entries of another tenant never arrive, and its cursors are refused", async () => {
    const [acme, globex] = [await weft.tenant(), await weft.tenant()];
    const feed = await follow(globex.admin, { after: beginning(globex.id) });
    const foreign = await aBuilding(acme.admin);
    const own = await aBuilding(globex.admin);
    await weft.weft.worker.idle();
    await feed.until((payloads) => payloads.some(({ entry }) => entry.entityId === own));
    expect(seen(feed)).not.toContain(foreign);
    await feed.stop();
    const refused = await follow(globex.admin, { after: beginning(acme.id) });
    await refused.until(() => refused.errors.length > 0);
    expect(refused.errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
    await refused.stop();
  });

  test("a user who can read only their own actions gets only entries of these", async () => {
    const acme = await weft.tenant();
    const someone = await acme.user("requester");
    const grants = [
      { permission: "audit.read", scope: "OWN" },
      { permission: "building.create", scope: "TENANT" },
    ];
    await acme.admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
      input: { userId: someone.id, grants, denials: [], reason: "A test" },
    });
    const feed = await follow(someone, { after: beginning(acme.id), filter: buildingsOnly });
    await aBuilding(acme.admin);
    const own = await aBuilding(someone);
    await feed.until((payloads) => payloads.length > 0);
    expect(seen(feed)).toEqual([own]);
    await feed.stop();
  });

  test("a requester and a vendor's user are refused", async () => {
    const acme = await weft.tenant();
    const { user: vendorUser } = await acme.vendor();
    for (const user of [await acme.user("requester"), vendorUser]) {
      const feed = await follow(user);
      await feed.until(() => feed.errors.length > 0);
      expect(feed.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
      await feed.stop();
    }
  });
});

test("a filter by address finds the entries of whoever acts from it, and looks for no other person's", async () => {
  const { admin } = await weft.tenant();
  const [here, elsewhere] = ["127.0.0.1", "192.0.2.1"];
  const feeds = [
    await follow(admin, { filter: { address: { eq: here } } }),
    await follow(admin, { filter: { address: { eq: elsewhere } } }),
  ];
  const building = await aBuilding(admin);
  await feeds[0]?.until((payloads) => payloads.some(({ entry }) => entry.entityId === building));
  expect(feeds[1]?.payloads).toEqual([]);
  await Promise.all(feeds.map((feed) => feed.stop()));
});
