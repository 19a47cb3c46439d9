import { randomUUID } from "node:crypto";
import { ApiClient, startTestWeft, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const register = `mutation Register($input: RegisterOrganizationInput!) {
  registerOrganization(input: $input) { accessToken refreshToken user { id name } slug }
}`;
const loginOperation = "mutation In($input: LoginInput!) { login(input: $input) { accessToken } }";
const password = "a quiet river 42";

interface Registered {
  registerOrganization: { accessToken: string; user: { id: string; name: string }; slug: string };
}

let kit: TestWeft;
beforeAll(async () => {
  // Each test uses its own network address, because registrations are counted by address.
  kit = await startTestWeft({ settings: { WEFT_TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(() => kit.stop());

let networks = 0;
/** A client without a session, at an unused address. */
function stranger(): { send(query: string, input: object): ReturnType<ApiClient["send"]> } {
  const address = `198.51.100.${++networks}`;
  return {
    send: async (query, input) => {
      const response = await fetch(new URL("/graphql", kit.url), {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": address },
        body: JSON.stringify({ query, variables: { input } }),
      });
      return (await response.json()) as Awaited<ReturnType<ApiClient["send"]>>;
    },
  };
}
const organization = (input: object = {}, admin: object = {}) => ({
  name: `Org ${randomUUID()}`,
  admin: { name: "Ada", email: `ada@${randomUUID()}.example`, password, ...admin },
  ...input,
});
const made = async (input: object): Promise<Registered["registerOrganization"]> => {
  const { data, errors } = await stranger().send(register, input);
  expect(errors).toBeUndefined();
  return (data as Registered).registerOrganization;
};
const codeOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) => errors?.[0]?.extensions?.code ?? "done";
const problemsOf = ({ errors }: Awaited<ReturnType<ApiClient["send"]>>) =>
  (errors?.[0]?.extensions?.["problems"] ?? []) as { path: string; message: string }[];

describe("registerOrganization", () => {
  it("creates a tenant with the built-in roles, a team and its administrator, and logs the administrator in", async () => {
    const name = `Müller & Söhne ${randomUUID().slice(0, 8)}`;
    const { accessToken, user, slug } = await made(organization({ name }));
    expect(slug).toBe(name.toLowerCase().replace("müller & söhne ", "muller-sohne-"));
    const seen = await new ApiClient(kit.url, accessToken).run(
      "{ tenant { slug name status plan version } me { id roles { key } teams { key } } roles { totalCount } teams { edges { node { key members { user { id } } } } } users { totalCount } }",
    );
    expect(seen).toMatchObject({
      tenant: { slug, name, status: "ACTIVE", plan: "FREE", version: 1 },
      me: { id: user.id, roles: [{ key: "admin" }], teams: [{ key: "everyone" }] },
      teams: { edges: [{ node: { key: "everyone", members: [{ user: { id: user.id } }] } }] },
      users: { totalCount: 1 },
    });
    expect((seen as { roles: { totalCount: number } }).roles.totalCount).toBeGreaterThan(10);
  });

  it("reports everything that is wrong, and suggests a free slug if one is taken", async () => {
    const anyone = stranger();
    const bad = await anyone.send(register, { name: " ", slug: "No Slug", admin: { name: "", email: "x", username: "-", password: "1" } });
    expect(problemsOf(bad).map(({ path }) => path)).toEqual([
      "input.name",
      "input.slug",
      "input.admin.name",
      "input.admin.email",
      "input.admin.username",
      "input.admin.password",
    ]);
    const { slug } = await made(organization());
    expect(problemsOf(await anyone.send(register, organization({ slug })))).toEqual([
      { path: "input.slug", message: expect.stringMatching(`is already taken; "${slug.slice(0, 50)}-2" is available`) as string },
    ]);
    const name = `Twins ${randomUUID().slice(0, 8)}`;
    const twins = await Promise.all([1, 2, 3].map(() => made(organization({ name }))));
    expect(new Set(twins.map((each) => each.slug)).size).toBe(3);
  });

  it("reveals nothing about an email that logs in elsewhere, and does not affect that user", async () => {
    const victim = (await kit.tenant()).admin;
    const theirs = "a stranger's river 43";
    const { slug } = await made(organization({}, { email: victim.login, password: theirs }));
    const anyone = stranger();
    const login = async (input: object) => codeOf(await anyone.send(loginOperation, input));
    expect(await login({ login: victim.login, password: victim.password })).toBe("done");
    expect(await login({ login: victim.login, password: theirs })).toBe("UNAUTHENTICATED");
    expect(await login({ login: victim.login, password: theirs, tenant: slug })).toBe("done");
    // Does the same with an unused email address.
    const email = `new@${randomUUID()}.example`;
    await made(organization({}, { email, password: theirs }));
    expect(await login({ login: email, password: theirs })).toBe("UNAUTHENTICATED");
  });

  it("can be repeated only with its idempotency key and password", async () => {
    const input = organization({ idempotencyKey: "once" });
    const [first, ...more] = await Promise.all([made(input), made(input), made(input)]);
    for (const { slug, user } of more) expect([slug, user]).toEqual([first.slug, first.user]);
    const anyone = stranger();
    expect(codeOf(await anyone.send(register, { ...input, admin: { ...input.admin, password: "another password" } }))).toBe(
      "UNAUTHENTICATED",
    );
    expect(codeOf(await anyone.send(register, { ...input, name: "Another" }))).toBe("CONFLICT");
    // Idempotency keys are separate for each caller.
    expect((await made(organization({ idempotencyKey: "once" }))).user.id).not.toBe(first.user.id);
  });

  it("is limited per address", { tags: "slow" }, async () => {
    const anyone = stranger();
    for (let i = 0; i < 10; i++) expect(codeOf(await anyone.send(register, organization()))).toBe("done");
    const { errors } = await anyone.send(register, organization());
    expect(errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryAfter: expect.any(Number) as number });
    expect(codeOf(await stranger().send(register, organization()))).toBe("done");
  });

  it("is allowed once per operation", async () => {
    const twice = `mutation Twice($input: RegisterOrganizationInput!) {
      a: registerOrganization(input: $input) { accessToken } b: registerOrganization(input: $input) { accessToken }
    }`;
    expect(codeOf(await stranger().send(twice, organization()))).toBe("QUERY_LIMIT_EXCEEDED");
  });
});

describe("when registration is closed", () => {
  it("registering is forbidden", async () => {
    const closed = await startTestWeft({ settings: { WEFT_REGISTRATION: "closed" } });
    try {
      expect(codeOf(await new ApiClient(closed.url).send(register, { input: organization() }))).toBe("FORBIDDEN");
    } finally {
      await closed.stop();
    }
  });
});
