import type { Viewer } from "@weft/shared/viewer";
import { networkOf } from "./client-network.js";

/**
 * Returns the key under which an operation is queued: the tenant, or the client's network if not logged in. This way, guessing passwords does not
 * keep others from logging in.
 */
export const turnOf = ({
  viewer,
  address,
}: {
  readonly viewer: Pick<Viewer, "tenantId"> | null;
  readonly address: string | null;
}): string => viewer?.tenantId ?? `network ${networkOf(address ?? "")}`;
