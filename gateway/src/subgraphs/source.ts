import type { Keys } from "@weft/platform/config";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "@weft/api/subgraph";
import type { SubgraphClient } from "./client.js";
import { inProcessClient } from "./in-process.js";

/** Where a subgraph runs. */
export type SubgraphSource =
  | { readonly kind: "inProcess"; readonly name: string; readonly subgraph: Subgraph; readonly services: Services }
  | { readonly kind: "http"; readonly name: string; readonly url: string };

/** Creates the client of each source, by name. */
export async function createClients(
  sources: readonly SubgraphSource[],
  {
    keys,
    timeoutMs,
    maxResponseBytes,
    onFailure,
  }: { keys: Keys; timeoutMs: number; maxResponseBytes: number; onFailure: (name: string, error: unknown) => void },
): Promise<Map<string, SubgraphClient>> {
  const clients = new Map<string, SubgraphClient>();
  for (const source of sources) {
    if (source.kind === "inProcess") clients.set(source.name, inProcessClient(source));
    else {
      // Loaded here, so that one-process mode does not load undici.
      const { httpClient } = await import("./http.js");
      clients.set(source.name, httpClient({ name: source.name, url: source.url, keys, timeoutMs, maxResponseBytes, onFailure }));
    }
  }
  return clients;
}
