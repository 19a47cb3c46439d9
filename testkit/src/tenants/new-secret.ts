import type { TestUser } from "../test-user.js";

export const secretInput = (name: string) => ({ name, description: "For deployments", value: `value-of-${name}` });

/** Creates a secret. Returns its ID. */
export async function newSecret(who: Pick<TestUser, "run">, name: string): Promise<string> {
  const { createSecret } = await who.run<{ createSecret: { secret: { id: string } } }>(
    "mutation ($input: CreateSecretInput!) { createSecret(input: $input) { secret { id } } }",
    { input: secretInput(name) },
  );
  return createSecret.secret.id;
}

export const securityProfileInput = (key: string) => ({ key, name: "Web only", rules: { stepTypes: ["http"] } });

/** Creates a security profile. Returns its ID. */
export async function newSecurityProfile(who: Pick<TestUser, "run">, key: string): Promise<string> {
  const { createSecurityProfile } = await who.run<{ createSecurityProfile: { securityProfile: { id: string } } }>(
    "mutation ($input: CreateSecurityProfileInput!) { createSecurityProfile(input: $input) { securityProfile { id } } }",
    { input: securityProfileInput(key) },
  );
  return createSecurityProfile.securityProfile.id;
}
