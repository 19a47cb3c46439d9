import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { composeSupergraph, type SubgraphSdl } from "@weft/gateway";
import type { Subgraph } from "@weft/shared";
import { vendorPortalOf } from "./compose/vendor-portal.js";

/** The file written by `pnpm compose`. Its first line identifies the SDLs from which it was composed. */
const supergraphFile = new URL("../../../supergraph.graphql", import.meta.url);
/** The schema of the vendor portal, written at the same time. */
const vendorPortalFile = new URL("../../../vendor-portal.graphql", import.meta.url);

const firstLines = new WeakMap<readonly SubgraphSdl[], string>();

function firstLine(subgraphs: readonly SubgraphSdl[]): string {
  const known = firstLines.get(subgraphs);
  if (known !== undefined) return known;
  const sorted = subgraphs.map(({ name, sdl }) => [name, sdl] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const line = `# Composed from subgraphs whose SDL has the SHA-256 ${createHash("sha256").update(JSON.stringify(sorted)).digest("hex")}\n`;
  // A start asks twice, and the process of a test run starts Weft hundreds of times with the same subgraphs.
  firstLines.set(subgraphs, line);
  return line;
}

/** Composes the supergraph. The first line identifies the source. */
export function composeWithHash(subgraphs: readonly SubgraphSdl[]): string {
  return `${firstLine(subgraphs)}${composeSupergraph(subgraphs)}`;
}

/**
 * Returns the supergraph of these subgraphs. Uses the file if it was composed from exactly the same SDLs, because composing takes a good part of a
 * start (0.3 s). Otherwise composes it, as developers who change a subgraph expect. `pnpm check` verifies that the file equals the result of
 * composing.
 */
export function supergraphOf(subgraphs: readonly SubgraphSdl[], file = supergraphFile): string {
  const written = existsSync(file) ? readFileSync(file, "utf8") : "";
  return written.startsWith(firstLine(subgraphs)) ? written : composeSupergraph(subgraphs);
}

/** Returns the schema of the vendor portal: the file if the supergraph is the one that was written with it, otherwise a part of this supergraph. */
export function vendorPortalFor(supergraphSdl: string, subgraphs: readonly Subgraph[]): string {
  const isWritten = supergraphSdl.startsWith(firstLine(subgraphs)) && existsSync(vendorPortalFile);
  return isWritten ? readFileSync(vendorPortalFile, "utf8") : vendorPortalOf(supergraphSdl, subgraphs);
}
