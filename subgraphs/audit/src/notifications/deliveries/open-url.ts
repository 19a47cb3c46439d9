import { encodeId, nodeTypes } from "@weft/shared/ids";
import type { MessageItem } from "./send.store.js";

/** Returns the address at which a user sees an object; the address of the installation if there is none for it. */
export function openUrl(publicUrl: string, object: MessageItem["object"]): string {
  const type = nodeTypes.find((one) => one === object?.type);
  return object === null || type === undefined ? publicUrl : `${publicUrl}/open/${encodeId(type, object.id)}`;
}
