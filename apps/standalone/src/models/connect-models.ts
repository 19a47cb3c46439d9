import type { ApiClient } from "../api-client.js";
import { substituteKey } from "../demo-data/areas/agents.js";

interface Providers {
  readonly modelProviders: readonly { readonly id: string; readonly key: string; readonly baseUrl: string }[];
}

/** Lets the agents of the demo ask the substitute of this start, which can have another port. A provider that users have deleted stays deleted. */
export async function connectModels(admin: ApiClient, url: string): Promise<void> {
  const { modelProviders } = await admin.run<Providers>("query DemoProviders { modelProviders { id key baseUrl } }");
  const provider = modelProviders.find(({ key }) => key === substituteKey);
  if (provider === undefined || provider.baseUrl === url) return;
  await admin.run(
    "mutation DemoProvider($input: UpdateModelProviderInput!) { updateModelProvider(input: $input) { modelProvider { id } } }",
    { input: { id: provider.id, baseUrl: url } },
  );
}
