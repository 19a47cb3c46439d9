import { workflows } from "@weft/drizzle";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";

/** A definition as its text has it. */
export interface DefinitionDocument {
  readonly key: string;
  readonly name?: string;
  readonly [part: string]: unknown;
}

interface Published {
  readonly document: DefinitionDocument;
  /** The text, which the engine compiles. Default: the document as JSON. */
  readonly source?: string;
  readonly format?: "JSON" | "YAML";
}

/** Writes the first version of a definition, published in every environment, below the API. Does not count it as used. Returns its UUID. */
export async function publishDefinition(
  tx: Tx,
  { tenantId, userId }: Pick<Viewer, "tenantId" | "userId">,
  { document, source = JSON.stringify(document), format = "JSON" }: Published,
): Promise<string> {
  const id = newId();
  await tx.insert(workflows.definitions).values({
    tenantId,
    id,
    key: document.key,
    number: 1,
    name: document.name ?? document.key,
    status: "PUBLISHED",
    environments: ["DEV", "STAGING", "PROD"],
    source,
    format,
    document,
    createdBy: userId,
  });
  return id;
}
