import type { Services } from "@weft/shared";
import type { DueSource } from "./due-work/due-source.js";

/** Every source of due work of this subgraph: the list to add one to. */
export const dueSources = (_services: Pick<Services, "config" | "databases" | "pubsub" | "keyring" | "log">): readonly DueSource[] => [];
