import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Feed, TestUser } from "../test-user.js";
import { composedApi, operationFor, rootFieldsOf } from "./api-schema.js";
import { idsWithin } from "./answers.js";
import { firstOf } from "./attempts.js";
import { lookupCases } from "./cases.js";
import { startTwoTenants, type TwoTenants } from "./two-tenants.js";
import { neverIssued, submittedRequest, type World } from "./world.js";

const subscriptions = rootFieldsOf(composedApi()).filter(({ kind }) => kind === "subscription");
let tenants: TwoTenants;
let acme: World;
let globex: World;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme, globex } = tenants);
});

afterAll(() => tenants.stop());

const open = (user: TestUser, name: string, variables: Record<string, unknown> = {}): Promise<Feed<Record<string, unknown>>> => {
  const root = subscriptions.find((each) => each.name === name);
  if (root === undefined) throw new Error(`There is no subscription ${name}.`);
  return user.subscribe(name, operationFor(root, 1, Object.keys(variables)), variables);
};

/** How a subscription that must be refused is refused. */
async function refusalOf(user: TestUser, name: string, variables: Record<string, unknown>, sent: string): Promise<string> {
  const feed = await open(user, name, variables);
  try {
    await feed.until(() => feed.errors.length > 0);
    return feed.errors.map(({ message, extensions }) => `${extensions?.code}: ${message.replaceAll(sent, "(id)")}`).join("; ");
  } finally {
    await feed.stop();
  }
}

describe.each(subscriptions.filter(({ idPaths }) => idPaths.length > 0))("$name", ({ name, idPaths }) => {
  test.each(idPaths)("by %s: a hidden id is refused as one that was never issued", async (path) => {
    const own = firstOf(lookupCases[`${name}.${path}`]?.own(acme));
    const hidden = path === "instanceId" ? acme.hidden.instanceId : acme.hidden.requestId;
    expect(own.slice(0, 3), "the test knows a hidden id of this argument's type").toBe(hidden.slice(0, 3));
    const expected = `NOT_FOUND: `;
    for (const who of [globex.admin, acme.requester, acme.vendorUser]) {
      const never = neverIssued(hidden);
      const refused = await refusalOf(who, name, { [path]: hidden }, hidden);
      expect(refused.startsWith(expected), refused).toBe(true);
      expect(refused).toBe(await refusalOf(who, name, { [path]: never }, never));
    }
  });
});

test("whoever listens hears of the own tenant alone, and of what is visible there", async () => {
  const everyone: Record<string, TestUser> = {
    globex: globex.operations,
    operations: acme.operations,
    requester: acme.requester,
    vendor: acme.vendorUser,
  };
  const feeds = new Map<string, Feed<Record<string, unknown>>>();
  for (const [who, user] of Object.entries(everyone))
    for (const { name } of subscriptions) feeds.set(`${who} ${name}`, await open(user, name));
  const feed = (who: string, name: string) => feeds.get(`${who} ${name}`) as Feed<Record<string, unknown>>;
  // Two moves that nobody but operations of Acme may hear of, then one that each of the others does hear of: what they hear comes in order.
  const secret = await submittedRequest(acme.otherRequester);
  await submittedRequest(globex.requester);
  await submittedRequest(acme.requester);
  await acme.vendorUser.run('mutation ($id: ID!) { fireTransition(input: { instanceId: $id, transition: "start" }) { instance { id } } }', {
    id: acme.given.instanceId,
  });
  for (const { admin } of [acme, globex])
    await admin.run("mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }", {
      input: { patch: { branding: { name: "Renamed" } }, message: "To be heard" },
    });
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
    expect([secret.requestId, secret.instanceId, acme.hidden.requestId, acme.hidden.instanceId].filter((id) => text.includes(id))).toEqual(
      [],
    );
  }
  await Promise.all([...feeds.values()].map((each) => each.stop()));
});
