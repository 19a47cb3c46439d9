/** Addresses of destinations, which the database contains in encrypted form only: whoever knows them can send messages there. */
import type { TenantSecrets, Tx } from "@weft/shared";
import { z } from "zod";
import type { DestinationRow } from "./destination.store.js";

const addressSchema = z.object({
  /** URL of a chat's incoming webhook, or endpoint of a browser's subscription. */
  url: z.string(),
  /** Keys of a browser's subscription. */
  keys: z.object({ p256dh: z.string(), auth: z.string() }).optional(),
});
export type Address = z.infer<typeof addressSchema>;

const field = (id: string): string => `audit.notification_destinations.address/${id}`;

/** Returns the ciphertext of the address of a destination. */
export async function sealAddress(
  tx: Tx,
  secrets: TenantSecrets,
  { tenantId, id }: Pick<DestinationRow, "tenantId" | "id">,
  address: Address,
): Promise<string> {
  const [sealed = ""] = await secrets.seal(tx, tenantId, [{ field: field(id), value: JSON.stringify(address) }]);
  return sealed;
}

/** Returns the address of a destination. */
export async function openAddress(
  tx: Tx,
  secrets: TenantSecrets,
  { tenantId, id, address }: Pick<DestinationRow, "tenantId" | "id" | "address">,
): Promise<Address> {
  const [opened = ""] = await secrets.open(tx, tenantId, [{ field: field(id), value: address }]);
  return addressSchema.parse(JSON.parse(opened));
}
