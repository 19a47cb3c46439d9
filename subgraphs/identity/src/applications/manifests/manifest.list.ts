import { applications as tables } from "@weft/drizzle";
import { enumField, filterInput, textField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { type DocumentRow, OperationKind } from "./manifest.type.js";

const { storedDocuments } = tables;

export const StoredDocumentFilter = filterInput("StoredDocumentFilter", {
  id: textField(storedDocuments.documentId, "ID that requests send."),
  name: textField(storedDocuments.name, "Name of the operation."),
  kind: enumField("OperationKind", OperationKind, storedDocuments.kind, "Kind of the operation."),
});

export const StoredDocumentOrder = orderByInput<DocumentRow, "ID">("StoredDocumentOrder", {
  ID: { column: storedDocuments.documentId, valueOf: (row) => row.documentId, description: "By ID." },
});
