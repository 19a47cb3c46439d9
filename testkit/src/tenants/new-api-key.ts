import { TestUser } from "../test-user.js";

/** Terms of a key with which nothing can be changed. */
export const sampleApiKey = { name: "Key", permissions: [{ permission: "user.read", scope: "TENANT" }] };

/** Creates an API key of the user, or of a service account. Returns its ID. */
export async function newApiKey(who: Pick<TestUser, "run">, more: object = {}): Promise<string> {
  const { createApiKey } = await who.run<{ createApiKey: { apiKey: { id: string } } }>(
    "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }",
    { input: { ...sampleApiKey, ...more } },
  );
  return createApiKey.apiKey.id;
}

/** Creates an API key with permissions in the whole tenant, and returns its user, who acts with the key. */
export async function userWithKey(who: TestUser, permissions: readonly string[], more: object = {}): Promise<TestUser> {
  const { createApiKey } = await who.run<{ createApiKey: { key: string } }>(
    "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }",
    { input: { name: "Key", permissions: permissions.map((permission) => ({ permission, scope: "TENANT" })), ...more } },
  );
  return TestUser.withToken(who.url, createApiKey.key);
}

/** Creates a service account. Returns its ID. */
export async function newServiceAccount(who: Pick<TestUser, "run">, username: string, roleKeys: readonly string[] = []): Promise<string> {
  const { createServiceAccount } = await who.run<{ createServiceAccount: { user: { id: string } } }>(
    "mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { user { id } } }",
    { input: { name: "Robot", username, roleKeys } },
  );
  return createServiceAccount.user.id;
}
