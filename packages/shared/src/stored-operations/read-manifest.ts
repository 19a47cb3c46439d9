import { createHash } from "node:crypto";
import { z } from "zod";
import { quote, type Problem } from "../errors/index.js";

/** A document with the ID by which requests name it. */
export interface ManifestDocument {
  /** Without the prefix `sha256:`. */
  readonly id: string;
  readonly text: string;
}

export interface ReadManifest {
  readonly documents: readonly ManifestDocument[];
  /** Everything that is wrong with the manifest. Empty if it is valid. */
  readonly problems: readonly Problem[];
}

const maxDocuments = 1_000;
/** Maximum number of characters of a document. The token limit of the gateway is usually lower. */
const maxText = 50_000;
const path = "input.manifest";

/** As `@apollo/generate-persisted-query-manifest` writes it. */
const apollo = z.object({
  format: z.literal("apollo-persisted-query-manifest"),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});
/** As GraphQL Code Generator (`persisted-documents.json`) and the Relay compiler write it: texts by ID. */
const byId = z.record(z.string(), z.string());

const hashPrefix = "sha256:";

/**
 * Returns an ID as it is stored. `sha256:` is the prefix of GraphQL over HTTP for documents that are identified by their hash. Generators write the hash
 * without it, and clients can send either.
 */
export const storedIdOf = (id: string): string => (id.startsWith(hashPrefix) ? id.slice(hashPrefix.length) : id);

/** Reads the text of a manifest, in the formats of GraphQL Code Generator, Relay and Apollo. Does not parse its documents. */
export function readManifest(manifest: string): ReadManifest {
  const entries = entriesOf(manifest);
  if (entries === null)
    return refused(
      "This is not a manifest. Upload the JSON that GraphQL Code Generator (persisted-documents.json), the Relay compiler, or @apollo/generate-persisted-query-manifest wrote.",
    );
  if (entries.length === 0) return refused("The manifest has no documents.");
  if (entries.length > maxDocuments) return refused(`The manifest has ${entries.length} documents. The maximum is ${maxDocuments}.`);
  const documents = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { id, text } of entries) {
    const stored = storedIdOf(id);
    const problem = documents.has(stored) ? "There are two documents with this ID." : problemOf(id, text);
    if (problem === null) documents.set(stored, text);
    else problems.push({ path, message: `Document ${quote(id)}: ${problem}` });
  }
  return { documents: [...documents].map(([id, text]) => ({ id, text })), problems };
}

const refused = (message: string): ReadManifest => ({ documents: [], problems: [{ path, message }] });

/** Null if it is in none of the formats. */
function entriesOf(manifest: string): readonly ManifestDocument[] | null {
  let value: unknown;
  try {
    value = JSON.parse(manifest);
  } catch {
    return null;
  }
  const ofApollo = apollo.safeParse(value);
  if (ofApollo.success) return ofApollo.data.operations.map(({ id, body }) => ({ id, text: body }));
  // As an own member, it would vanish without a word when it is read.
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")) return null;
  const others = byId.safeParse(value);
  return others.success ? Object.entries(others.data).map(([id, text]) => ({ id, text })) : null;
}

function problemOf(id: string, text: string): string | null {
  if (!/^[\x21-\x7e]{1,200}$/.test(id)) return "An ID has 1 to 200 printable ASCII characters.";
  if (text.length > maxText) return `The document has ${text.length} characters. The maximum is ${maxText}.`;
  if (text.includes("\0")) return "The document contains the character U+0000.";
  if (id.startsWith(hashPrefix) && createHash("sha256").update(text).digest("hex") !== storedIdOf(id))
    return "The ID is not the SHA-256 hash of the document.";
  return null;
}
