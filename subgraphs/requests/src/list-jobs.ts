import type { FileStorage } from "@weft/platform/files";
import type { Services } from "@weft/platform/services";
import type { ImportedList } from "@weft/api/imports";
import type { Subgraph } from "@weft/api/subgraph";
import { dueExports } from "./exports/run/due-exports.js";
import { importedLists } from "./imports/imported-lists.js";
import { dueImports, type ImportSource } from "./imports/run/due-imports.js";
import { requestsSubgraph } from "./schema.js";

/**
 * Exports and imports of lists, as sources of due work. Part of a worker. They share a subgraph, which is built when the first of them needs it.
 * @param vendors vendors as a list that can be imported, and the subgraph that owns them, which is also built when it is needed
 */
export function listJobs(
  services: Services,
  storage: FileStorage,
  vendors: ImportSource,
): { readonly exports: ReturnType<typeof dueExports>; readonly imports: ReturnType<typeof dueImports> } {
  const subgraph = buildOnce(() => requestsSubgraph());
  const own = (imported: ImportedList): ImportSource => ({ imported, subgraph });
  const { REQUESTS, BUILDINGS, ASSETS } = importedLists;
  const lists = {
    REQUESTS: own(REQUESTS),
    BUILDINGS: own(BUILDINGS),
    ASSETS: own(ASSETS),
    VENDORS: { ...vendors, subgraph: buildOnce(vendors.subgraph) },
  };
  return { exports: dueExports({ services, storage, subgraph }), imports: dueImports({ services, storage, lists }) };
}

function buildOnce(build: () => Subgraph): () => Subgraph {
  let built: Subgraph | undefined;
  return () => (built ??= build());
}
