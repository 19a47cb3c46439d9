import type { Tx } from "@weft/platform/db";
import { selectDeclaredEventTypes } from "./named-in-source.store.js";

/** Whether the tenant has declared a type of events with this name. */
export const isDeclaredEventType = async (tx: Tx, name: string): Promise<boolean> => (await selectDeclaredEventTypes(tx)).includes(name);
