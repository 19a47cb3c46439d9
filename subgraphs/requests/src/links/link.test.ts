import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const link = "mutation ($input: LinkRequestsInput!) { linkRequests(input: $input) { request { id } } }";
const unlink = "mutation ($input: LinkRequestsInput!) { unlinkRequests(input: $input) { request { id } } }";

async function linksOf(user: TestUser, id: string): Promise<string[]> {
  const { request } = await user.run<{ request: { links: { kind: string; isInverse: boolean; request: { id: string } }[] } }>(
    "query ($id: ID!) { request(id: $id) { links { kind isInverse request { id } } } }",
    { id },
  );
  return request.links.map((one) => `${one.isInverse ? "inverse " : ""}${one.kind} ${one.request.id}`);
}

const messageOf = async (input: Record<string, unknown>) => (await acme.operations.refused(link, { input })).message;

describe("a link", () => {
  test("is shown from both ends, once, until it is removed", async () => {
    const [one, two] = [await acme.request("triage"), await acme.request("triage")];
    const input = { id: one.id, kind: "BLOCKS", toId: two.id };
    for (let time = 0; time < 2; time++) await acme.operations.run(link, { input });
    expect(await linksOf(acme.operations, one.id)).toEqual([`BLOCKS ${two.id}`]);
    expect(await linksOf(acme.operations, two.id)).toEqual([`inverse BLOCKS ${one.id}`]);
    for (let time = 0; time < 2; time++) await acme.operations.run(unlink, { input });
    expect(await linksOf(acme.operations, one.id)).toEqual([]);
  });

  test("without a direction exists once, whichever request is named first", async () => {
    const [one, two] = [await acme.request("triage"), await acme.request("triage")];
    await acme.operations.run(link, { input: { id: one.id, kind: "RELATES_TO", toId: two.id } });
    await acme.operations.run(link, { input: { id: two.id, kind: "RELATES_TO", toId: one.id } });
    expect(await linksOf(acme.operations, one.id)).toHaveLength(1);
  });

  test("cannot lead to itself or close a cycle, also not by two calls at once", async () => {
    const [a, b, c] = [await acme.request("triage"), await acme.request("triage"), await acme.request("triage")];
    await acme.operations.run(link, { input: { id: a.id, kind: "BLOCKS", toId: b.id } });
    await acme.operations.run(link, { input: { id: b.id, kind: "BLOCKS", toId: c.id } });
    expect(await messageOf({ id: c.id, kind: "BLOCKS", toId: a.id })).toContain("would close a cycle");
    expect(await messageOf({ id: a.id, kind: "BLOCKS", toId: a.id })).toContain("cannot be linked to itself");
    const [d, e] = [await acme.request("triage"), await acme.request("triage")];
    const answers = await Promise.all(
      [
        [d, e],
        [e, d],
      ].map(([from, to]) => acme.operations.send(link, { input: { id: from?.id, kind: "PARENT_OF", toId: to?.id } })),
    );
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  test("to a second parent or a second original is refused", async () => {
    const [one, two, three] = [await acme.request("triage"), await acme.request("triage"), await acme.request("triage")];
    await acme.operations.run(link, { input: { id: one.id, kind: "PARENT_OF", toId: three.id } });
    expect(await messageOf({ id: two.id, kind: "PARENT_OF", toId: three.id })).toContain("already has a parent");
    await acme.operations.run(link, { input: { id: three.id, kind: "DUPLICATES", toId: one.id } });
    expect(await messageOf({ id: three.id, kind: "DUPLICATES", toId: two.id })).toContain("already duplicates another one");
  });

  test("is not shown to users who cannot see the other request", async () => {
    const [mine, other] = [await acme.request("approved"), await acme.request("triage")];
    await acme.operations.run(link, { input: { id: mine.id, kind: "RELATES_TO", toId: other.id } });
    await acme.assign(mine, { vendorId: acme.vendor.id });
    expect(await linksOf(acme.vendor.user, mine.id)).toEqual([]);
    expect(await linksOf(acme.operations, mine.id)).toHaveLength(1);
  });

  test("is not for requesters, and not to requests of another tenant", { tags: "slow" }, async () => {
    const [one, two] = [await acme.request("triage"), await acme.request("triage")];
    expect(await acme.requester.refusal(link, { input: { id: one.id, kind: "BLOCKS", toId: two.id } })).toBe("FORBIDDEN");
    const globex = await aMaintenanceTenant(weft);
    const theirs = await globex.request("triage");
    expect(await globex.operations.refusal(link, { input: { id: one.id, kind: "BLOCKS", toId: theirs.id } })).toBe("NOT_FOUND");
    expect(await globex.operations.refusal(link, { input: { id: theirs.id, kind: "BLOCKS", toId: one.id } })).toBe("BAD_USER_INPUT");
  });
});
