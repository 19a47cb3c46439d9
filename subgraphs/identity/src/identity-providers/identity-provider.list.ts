import { identity } from "@weft/drizzle";
import { enumField, filterInput, textField, timeField } from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import type { IdentityProviderRow } from "./identity-provider.store.js";
import { IdentityProviderStatus } from "./identity-provider.type.js";

const { identityProviders } = identity;

export const IdentityProviderFilter = filterInput("IdentityProviderFilter", {
  name: textField(identityProviders.name, "Display name."),
  status: enumField("IdentityProviderStatus", IdentityProviderStatus, identityProviders.status),
  createdAt: timeField(identityProviders.createdAt, "Creation time."),
});

export const IdentityProviderOrder = orderByInput<IdentityProviderRow, "NAME" | "CREATED_AT">("IdentityProviderOrder", {
  NAME: { column: identityProviders.name, valueOf: (row) => row.name, description: "By name." },
  CREATED_AT: { column: identityProviders.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
