import type { Keys, Services, Subgraph } from "@weft/shared";
import type { SubgraphClient } from "./client.js";
import { httpClient } from "./http.js";
import { inProcessClient } from "./in-process.js";

/** Where a subgraph is. */
export type SubgraphSource =
  | { readonly kind: "inProcess"; readonly name: string; readonly subgraph: Subgraph; readonly services: Services }
  | { readonly kind: "http"; readonly name: string; readonly url: string };

/** The client of each source, by name. */
export function createClients(
  sources: readonly SubgraphSource[],
  { keys, timeoutMs, onFailure }: { keys: Keys; timeoutMs: number; onFailure: (name: string, error: unknown) => void },
): Map<string, SubgraphClient> {
  return new Map(
    sources.map((source) => [
      source.name,
      source.kind === "inProcess"
        ? inProcessClient(source)
        : httpClient({ name: source.name, url: source.url, keys, timeoutMs, onFailure }),
    ]),
  );
}
