import type { ApiClient } from "../api-client.js";
import { substituteKey } from "../demo-data/areas/agents.js";

interface Providers {
  readonly modelProviders: readonly {
    readonly id: string;
    readonly key: string;
    readonly baseUrl: string;
    readonly secret: string | null;
  }[];
}

/** Where a start puts the substitute. */
const SUBSTITUTE = /^http:\/\/127\.0\.0\.1:\d+\/v1$/;

/**
 * Lets the agents of the demo ask the substitute of this start, which can have another port. A provider that users have deleted stays deleted. One
 * that they have pointed elsewhere, or given a secret, stays as it is: the substitute must not get the key of a real model.
 */
export async function connectModels(admin: ApiClient, url: string): Promise<void> {
  const { modelProviders } = await admin.run<Providers>("query DemoProviders { modelProviders { id key baseUrl secret } }");
  const provider = modelProviders.find(({ key }) => key === substituteKey);
  if (provider === undefined || provider.baseUrl === url || provider.secret !== null || !SUBSTITUTE.test(provider.baseUrl)) return;
  await admin.run(
    "mutation DemoProvider($input: UpdateModelProviderInput!) { updateModelProvider(input: $input) { modelProvider { id } } }",
    { input: { id: provider.id, baseUrl: url } },
  );
}
