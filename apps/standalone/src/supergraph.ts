import { createHash } from "node:crypto";
import { composeSupergraph, type SubgraphSdl } from "@weft/gateway";
import type { Subgraph } from "@weft/api/subgraph";
import { readBuilt, writeBuilt } from "./compose/built-file.js";
import { refusedFields, vendorPortalOf } from "./compose/vendor-portal.js";

/** The folder of the built files, which are not committed. */
const dist = new URL("../../../dist/", import.meta.url);
export const supergraphFile = "supergraph.graphql";
/** The schema of the vendor portal. */
export const vendorPortalFile = "vendor-portal.graphql";

const hashes = new WeakMap<readonly SubgraphSdl[], string>();

function hashOf(subgraphs: readonly SubgraphSdl[]): string {
  const known = hashes.get(subgraphs);
  if (known !== undefined) return known;
  const sorted = subgraphs.map(({ name, sdl }) => [name, sdl] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
  // A start asks several times, and the process of a test run starts Weft hundreds of times with the same subgraphs.
  hashes.set(subgraphs, hash);
  return hash;
}

const lineOfSupergraph = (subgraphs: readonly SubgraphSdl[]): string =>
  `# Composed from subgraphs whose SDL has the SHA-256 ${hashOf(subgraphs)}\n`;

const linesOfPortals = new WeakMap<readonly Subgraph[], string>();

/** The rules decide, too, what belongs to the portal. */
function lineOfPortal(subgraphs: readonly Subgraph[]): string {
  const known = linesOfPortals.get(subgraphs);
  if (known !== undefined) return known;
  const source = [hashOf(subgraphs), ...[...refusedFields(subgraphs)].toSorted()];
  const line = `# Made from subgraphs whose SDL and rules have the SHA-256 ${createHash("sha256").update(source.join("\n")).digest("hex")}\n`;
  linesOfPortals.set(subgraphs, line);
  return line;
}

/** Composes the supergraph. The first line identifies the source. */
export const composedSupergraph = (subgraphs: readonly SubgraphSdl[]): string =>
  `${lineOfSupergraph(subgraphs)}${composeSupergraph(subgraphs)}`;

/** Makes the schema of the vendor portal from the supergraph. The first line identifies the source. */
export const composedVendorPortal = (supergraphSdl: string, subgraphs: readonly Subgraph[]): string =>
  `${lineOfPortal(subgraphs)}${vendorPortalOf(supergraphSdl, subgraphs)}`;

/**
 * Returns the supergraph of these subgraphs. Uses the built file if it was composed from exactly the same SDLs, because composing takes a good part of
 * a start. Otherwise composes it, and writes the file for the next start. `pnpm compose`, `pnpm check` and `pnpm build` always compose.
 */
export const supergraphOf = (subgraphs: readonly SubgraphSdl[], folder = dist): string =>
  builtOrMade({ file: new URL(supergraphFile, folder), firstLine: lineOfSupergraph(subgraphs), make: () => composedSupergraph(subgraphs) });

/** Returns the schema of the vendor portal: the built file in the same way, otherwise a part of the supergraph. */
export const vendorPortalFor = (subgraphs: readonly Subgraph[], folder = dist): string =>
  builtOrMade({
    file: new URL(vendorPortalFile, folder),
    firstLine: lineOfPortal(subgraphs),
    make: () => composedVendorPortal(supergraphOf(subgraphs, folder), subgraphs),
  });

/** Writes both files unless they are up to date. The gateway as a process of its own reads them, and cannot make them. */
export function ensureSchemas(subgraphs: readonly Subgraph[]): void {
  supergraphOf(subgraphs);
  vendorPortalFor(subgraphs);
}

interface BuiltFile {
  readonly file: URL;
  readonly firstLine: string;
  readonly make: () => string;
}

function builtOrMade({ file, firstLine, make }: BuiltFile): string {
  const built = readBuilt(file, firstLine);
  if (built !== undefined) return built;
  const text = make();
  try {
    writeBuilt(file, text);
  } catch {
    // An installation can be read-only. Then each start composes.
  }
  return text;
}
