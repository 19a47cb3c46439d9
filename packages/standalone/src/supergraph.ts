import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { composeSupergraph, type SubgraphSdl } from "@weft/gateway";

/** What `pnpm compose` writes. Its first line says of which SDLs it was made. */
const supergraphFile = new URL("../../../supergraph.graphql", import.meta.url);

function firstLine(subgraphs: readonly SubgraphSdl[]): string {
  const sorted = subgraphs.map(({ name, sdl }) => [name, sdl] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `# Composed of subgraphs whose SDL has the SHA-256 ${createHash("sha256").update(JSON.stringify(sorted)).digest("hex")}\n`;
}

/** Composes, and says in the first line of what. */
export function composeWithHash(subgraphs: readonly SubgraphSdl[]): string {
  const supergraphSdl = composeSupergraph(subgraphs);
  return `${firstLine(subgraphs)}${supergraphSdl}${supergraphSdl.endsWith("\n") ? "" : "\n"}`;
}

/**
 * The supergraph of these subgraphs: the file where it was made of the very same SDLs, since composing takes a good part of a start (0.3 s);
 * else composed anew, as somebody who changes a subgraph expects. That the file is what composing gives is `pnpm check`'s to say.
 */
export async function supergraphOf(subgraphs: readonly SubgraphSdl[], file = supergraphFile): Promise<string> {
  const written = await readFile(file, "utf8").catch(() => "");
  return written.startsWith(firstLine(subgraphs)) ? written : composeSupergraph(subgraphs);
}
