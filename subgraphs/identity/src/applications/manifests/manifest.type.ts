import type { applications as tables } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, shapeOf, ShowColumns } from "@weft/api/columns";
import { Environment, payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";

export type ManifestRow = typeof tables.operationManifests.$inferSelect;
export type DocumentRow = typeof tables.storedDocuments.$inferSelect;

export enum OperationKind {
  QUERY = "QUERY",
  MUTATION = "MUTATION",
  SUBSCRIPTION = "SUBSCRIPTION",
}
registerEnumType(OperationKind, {
  name: "OperationKind",
  description: "Kind of an operation.",
  valuesConfig: {
    QUERY: { description: "A query." },
    MUTATION: { description: "A mutation." },
    SUBSCRIPTION: { description: "A subscription." },
  },
});

const manifestColumns = columns(
  column.shownOnly({
    id: column.id("ID (`opm_…`)."),
    environment: column.of(() => Environment, "Environment."),
    number: column.int("Number of the version, consecutive in the environment of the application."),
    label: column.text("What the application calls this version of itself.", { nullable: true }),
    documentCount: column.int("Number of documents."),
    retiredAt: column.time("Since when its operations can no longer be used by their IDs. Null if they can.", { nullable: true }),
    version: column.int("Version number of the object, incremented on every change. Pass it to `retireOperations` as `expectedVersion`."),
    createdAt: column.time("Time of the upload."),
  }),
);

@ShowColumns(manifestColumns)
@ObjectType({ description: "A version of the operations that an application sends in an environment." })
@Allow(canInTenant("application.read"))
export class OperationManifest extends shapeOf(manifestColumns) {}

const documentColumns = columns(
  column.shownOnly({
    id: column.text("ID that requests send as `documentId`."),
    name: column.text("Name of the operation. Null if it has none.", { nullable: true }),
    kind: column.of(() => OperationKind, "Kind of the operation."),
    text: column.text("Text of the document."),
  }),
);

@ShowColumns(documentColumns)
@ObjectType({ description: "A document that requests can name by its ID." })
@Allow(canInTenant("application.read"))
export class StoredDocument extends shapeOf(documentColumns) {}

export const { Connection: StoredDocumentConnection } = connectionOf(StoredDocument);

@InputType({ description: "Input of `pushOperations`." })
export class PushOperationsInput {
  @Field(() => ID, { description: "The application." })
  applicationId!: string;

  @Field(() => Environment, { nullable: true, description: "Environment in which the application sends the operations (default PROD)." })
  environment?: Environment | null;

  @Field(() => String, {
    description:
      "Text of the manifest, which is JSON: `persisted-documents.json` of GraphQL Code Generator, the file of the Relay compiler, or that of `@apollo/generate-persisted-query-manifest`. At most 1,000 documents.",
  })
  manifest!: string;

  @Field(() => String, {
    nullable: true,
    description: "What the application calls this version of itself, for example the hash of a commit (at most 100 characters).",
  })
  label?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Number of active versions to keep, with this one, from 1. Older ones are retired. Default: all are kept, at most 50.",
  })
  keep?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same version.",
  })
  idempotencyKey?: string | null;
}

export const OperationManifestPayload = payloadOf(OperationManifest, "manifest", "operation manifest");
export type OperationManifestPayload = InstanceType<typeof OperationManifestPayload>;

export const toManifest = (row: ManifestRow): OperationManifest => ({
  ...manifestColumns.shown(row),
  id: encodeId("operationManifest", row.id),
  environment: row.environment as Environment,
});

export const toDocument = (row: DocumentRow): StoredDocument => ({
  id: row.documentId,
  name: row.name,
  kind: row.kind as OperationKind,
  text: row.body,
});
