import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, it } from "vitest";

const update = `mutation ($input: UpdateProfileInput!) {
  updateProfile(input: $input) { user { id name version profile { title phone locale timeZone avatarUrl } } }
}`;
const seen = "query ($id: ID!) { user(id: $id) { name version profile { title phone locale timeZone avatarUrl } } }";

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

const nothing = { title: null, phone: null, locale: null, timeZone: null, avatarUrl: null };

describe("updateProfile", () => {
  it("changes what users say about themselves, for everyone who can see them, whatever their permissions", async () => {
    const tenant = await kit.tenant();
    const rita = await tenant.user("requester", { name: "Rita" });
    const profile = {
      title: "Caretaker",
      phone: "+41 (44) 123-45.67",
      locale: "de-CH",
      timeZone: "Europe/Zurich",
      avatarUrl: "https://pictures.example/rita.png",
    };
    const input = { ...profile, name: " Rita R. ", locale: "DE-ch", expectedVersion: 1 };
    expect(await rita.run(update, { input })).toEqual({ updateProfile: { user: { id: rita.id, name: "Rita R.", version: 2, profile } } });
    expect(await tenant.admin.run(seen, { id: rita.id })).toEqual({ user: { name: "Rita R.", version: 2, profile } });
    expect(await rita.refusal(update, { input: { title: "Late", expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await tenant.admin.run('{ users(filter: { search: { contains: "rita r" } }) { totalCount } }')).toEqual({
      users: { totalCount: 1 },
    });
    const cleared = { title: null, phone: "", locale: null, timeZone: null, avatarUrl: null };
    expect(await rita.run(update, { input: cleared })).toMatchObject({ updateProfile: { user: { version: 3, profile: nothing } } });
    expect(await rita.run(update, { input: cleared })).toMatchObject({ updateProfile: { user: { version: 3 } } });
  });

  it("returns the path of each invalid text, and accepts only https URLs", async () => {
    const { admin } = await kit.tenant();
    const bad = {
      name: " ",
      title: "a\nb",
      phone: "call me",
      locale: "german please",
      timeZone: "+02:00",
      avatarUrl: "javascript:alert(1)",
    };
    const { extensions } = await admin.refused(update, { input: bad });
    const problems = (extensions?.["problems"] ?? []) as { path: string }[];
    expect(problems.map(({ path }) => path)).toEqual(Object.keys(bad).map((field) => `input.${field}`));
    for (const avatarUrl of [
      "http://x.example/a.png",
      "//x.example/a.png",
      "https://a:b@x.example/",
      "data:image/png;base64,AA",
      "https://",
    ])
      expect([avatarUrl, await admin.refusal(update, { input: { avatarUrl } })]).toEqual([avatarUrl, "BAD_USER_INPUT"]);
    for (const key of ["id", "email", "status", "roleIds", "type", "tenantId", "vendorId"])
      expect([key, await admin.refusal(update, { input: { [key]: "x" } })]).toEqual([key, "BAD_USER_INPUT"]);
  });

  it("is audited, and a vendor's user is found by the new name", async () => {
    const tenant = await kit.tenant();
    const { user } = await tenant.vendor("Boilers");
    await user.run(update, { input: { name: "Zelda Zinn", phone: "0441234567" } });
    const found = '{ users(filter: { search: { contains: "zeld" } }) { edges { node { name } } } }';
    for (const who of [user, tenant.admin]) expect(await who.run(found)).toEqual({ users: { edges: [{ node: { name: "Zelda Zinn" } }] } });
    const { auditEntries } = await tenant.admin.run<{ auditEntries: { edges: { node: object }[] } }>(
      "query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }, first: 1) { edges { node { action after } } } }",
      { id: user.id },
    );
    expect(auditEntries.edges[0]?.node).toMatchObject({ action: "user.updateProfile", after: { name: "Zelda Zinn", phone: "0441234567" } });
  });
});
