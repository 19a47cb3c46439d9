import { identity } from "@weft/drizzle";
import { enumField, filterInput, idField, textField, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { apiKeyStatus } from "./api-key.store.js";
import type { KeyRow } from "./api-key.store.js";
import { ApiKeyStatus } from "./api-key.type.js";

const { apiKeys } = identity;

export const ApiKeyFilter = filterInput("ApiKeyFilter", {
  name: textField(apiKeys.name, "Name."),
  userId: idField("user", apiKeys.userId, "User or service account of the key."),
  status: enumField("ApiKeyStatus", ApiKeyStatus, apiKeyStatus, "Status."),
  expiresAt: timeField(apiKeys.expiresAt, "Expiry."),
  lastUsedAt: timeField(apiKeys.lastUsedAt, "Time of the last use."),
  createdAt: timeField(apiKeys.createdAt, "Creation time."),
});

export const ApiKeyOrder = orderByInput<KeyRow, "NAME" | "CREATED_AT">("ApiKeyOrder", {
  NAME: { column: apiKeys.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: apiKeys.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
