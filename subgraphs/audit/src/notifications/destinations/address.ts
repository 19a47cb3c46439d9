/** Addresses of destinations, which the database contains in encrypted form only: whoever knows them can send messages there. */
import type { Tx } from "@weft/platform/db";
import type { TenantSecrets } from "@weft/platform/secrets";
import { z } from "zod";
import type { DestinationRow } from "./destination.store.js";

const addressSchema = z.union([
  z.object({
    /** URL of a chat's incoming webhook, or endpoint of a browser's subscription. */
    url: z.string(),
    /** Keys of a browser's subscription. */
    keys: z.object({ p256dh: z.string(), auth: z.string() }).optional(),
  }),
  /** E.164 */
  z.object({ phoneNumber: z.string() }),
]);
export type Address = z.infer<typeof addressSchema>;

/** Where a destination is stored. Does not contain its ID, which is not known yet when the address is encrypted. */
type Place = Pick<DestinationRow, "tenantId" | "userId" | "teamId" | "channel" | "addressHash">;

const field = ({ userId, teamId, channel, addressHash }: Place): string =>
  `audit.notification_destinations.address/${userId ?? `team:${teamId}`}/${channel}/${addressHash}`;

/** Returns the ciphertext of the address of a destination. */
export async function sealAddress(tx: Tx, secrets: TenantSecrets, place: Place, address: Address): Promise<string> {
  const [sealed = ""] = await secrets.seal(tx, place.tenantId, [{ field: field(place), value: JSON.stringify(address) }]);
  return sealed;
}

/** Returns the address of a destination. */
export async function openAddress(
  tx: Tx,
  secrets: TenantSecrets,
  { address, ...place }: Place & Pick<DestinationRow, "address">,
): Promise<Address> {
  const [opened = ""] = await secrets.open(tx, place.tenantId, [{ field: field(place), value: address }]);
  return addressSchema.parse(JSON.parse(opened));
}
