import { newId } from "@weft/shared/ids";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newFailedRun } from "../tenants/runs-definition.js";
import { newIncident } from "../tenants/looping-definition.js";
import { newEscalation } from "../tenants/escalation-definition.js";
import { newSlaClock, pauseAndResume } from "../tenants/sla-definition.js";
import { followByStream } from "../live/stream-feed.js";
import type { Feed, TestUser } from "../test-user.js";
import { composedApi, operationFor, rootFieldsOf } from "./api-schema.js";
import { idsWithin } from "./answers.js";
import { firstOf } from "./attempts.js";
import { lookupCases } from "./cases.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { bulkOperation, commentOnPiece, completedRequest, neverIssued, submittedRequest, typeOfId, type Fixture } from "./fixture.js";

/** Creates a user who also receives incidents and audit entries. */
const watchful = (fixture: Fixture): Promise<TestUser> => fixture.tenant.user("operations", { roles: ["operator", "watcher"] });

const subscriptions = rootFieldsOf(composedApi()).filter(({ kind }) => kind === "subscription");
let tenants: TwoTenants;
let acme: Fixture;
let globex: Fixture;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme, globex } = tenants);
  for (const { tenant } of [acme, globex]) await tenant.role("watcher", ["audit.read"]);
});

afterAll(() => tenants.stop());

type Follow = <T>(user: TestUser, field: string, query: string, variables: Record<string, unknown>) => Promise<Feed<T>>;
const bySocket: Follow = (user, field, query, variables) => user.subscribe(field, query, variables);

const open = (
  user: TestUser,
  name: string,
  variables: Record<string, unknown> = {},
  follow: Follow = bySocket,
): Promise<Feed<Record<string, unknown>>> => {
  const root = subscriptions.find((each) => each.name === name);
  if (root === undefined) throw new Error(`There is no subscription ${name}.`);
  return follow(user, name, operationFor(root, 1, Object.keys(variables)), variables);
};

/** Returns the refusal of a subscription that must be refused. */
async function refusalOf(
  user: TestUser,
  name: string,
  variables: Record<string, unknown>,
  { sent, follow = bySocket }: { readonly sent: string; readonly follow?: Follow },
): Promise<string> {
  const feed = await open(user, name, variables, follow);
  try {
    await feed.until(() => feed.errors.length > 0);
    return feed.errors.map(({ message, extensions }) => `${extensions?.code}: ${message.replaceAll(sent, "(id)")}`).join("; ");
  } finally {
    await feed.stop();
  }
}

/** Filters match IDs, and refuse none. */
const lookedUp = subscriptions.flatMap(({ name, idPaths }) => {
  const paths = idPaths.filter((path) => !path.startsWith("filter."));
  return paths.length > 0 ? [{ name, paths }] : [];
});

describe.each(lookedUp)("$name", ({ name, paths }) => {
  test.each(paths)("by %s: a hidden id is refused like one that was never issued", async (path) => {
    const own = firstOf(lookupCases[`${name}.${path}`]?.own(acme));
    const hidden = [
      acme.hidden.instanceId,
      acme.hidden.requestId,
      ...(acme.ids.get("bulkOperation") ?? []),
      ...(acme.ids.get("savedView") ?? []),
      ...(acme.ids.get("run") ?? []),
    ].find((id) => typeOfId(id) === typeOfId(own));
    if (hidden === undefined) throw new Error(`The test knows no hidden id of the type of ${own}.`);
    // The organization's users can see shared views.
    const people = path === "viewId" ? [globex.admin, acme.vendorUser] : [globex.admin, acme.requester, acme.vendorUser];
    for (const who of people) {
      const never = neverIssued(hidden);
      const refused = await refusalOf(who, name, { [path]: hidden }, { sent: hidden });
      // Some users cannot subscribe at all, regardless of the ID.
      const notFound = path === "viewId" ? /^BAD_USER_INPUT: / : /^NOT_FOUND: /;
      if (who === globex.admin || !refused.startsWith("FORBIDDEN: ")) expect(refused).toMatch(notFound);
      expect(refused).toBe(await refusalOf(who, name, { [path]: never }, { sent: never }));
      expect(refused).toBe(await refusalOf(who, name, { [path]: hidden }, { sent: hidden, follow: followByStream }));
    }
  });
});

test.each([
  ["WebSocket", bySocket],
  ["server-sent events", followByStream],
] as const)(
  "a subscriber receives events of its own tenant only, and only of visible objects, over %s",
  { tags: "slow", timeout: 60_000 },
  async (_over, follow) => {
    const everyone: Record<string, TestUser> = {
      globex: await watchful(globex),
      operations: await watchful(acme),
      requester: acme.requester,
      vendor: acme.vendorUser,
    };
    const feeds = new Map<string, Feed<Record<string, unknown>>>();
    for (const [who, user] of Object.entries(everyone))
      for (const { name } of subscriptions) {
        // The only one about a single object.
        const variables = name === "requestEditors" ? { id: (who === "globex" ? globex : acme).given.requestId } : {};
        feeds.set(`${who} ${name}`, await open(user, name, variables, follow));
      }
    const feed = (who: string, name: string) => feeds.get(`${who} ${name}`) as Feed<Record<string, unknown>>;
    // Two submissions that only operations of Acme can receive, followed by one that each of the others does receive. Events are delivered in order.
    const secret = await submittedRequest(acme.otherRequester);
    await submittedRequest(globex.requester);
    await submittedRequest(acme.requester);
    await completedRequest(acme.requester, acme);
    for (const { admin } of [acme, globex])
      await admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
        input: { patch: { branding: { name: `Renamed ${newId()}` } }, message: "To be heard" },
      });
    for (const { admin, operations, hidden } of [acme, globex]) {
      await commentOnPiece(operations, hidden);
      await newIncident(admin);
      await newFailedRun(admin);
      await pauseAndResume(admin, await newSlaClock(admin));
      await newEscalation(admin);
      await bulkOperation(admin, hidden.instanceId);
    }
    for (const { name } of subscriptions) {
      await feed("operations", name).until((seen) => seen.length > 0);
      await feed("globex", name).until((seen) => seen.length > 0);
    }
    for (const who of ["requester", "vendor"]) {
      await feed(who, "requestChanged").until((seen) => seen.length > 0);
      await feed(who, "workflowTransitioned").until((seen) => seen.length > 0);
    }
    const heard = (who: string) => subscriptions.map(({ name }) => feed(who, name).payloads);
    expect(JSON.stringify(heard("operations"))).toContain(secret.requestId);
    expect(idsWithin(heard("globex"), acme)).toEqual([]);
    for (const who of ["globex", "requester", "vendor"]) {
      const text = JSON.stringify(heard(who));
      expect(
        [secret.requestId, secret.instanceId, acme.hidden.requestId, acme.hidden.instanceId].filter((id) => text.includes(id)),
      ).toEqual([]);
    }
    await Promise.all([...feeds.values()].map((each) => each.stop()));
  },
);
