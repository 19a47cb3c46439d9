import { availableParallelism } from "node:os";
import { RateLimited } from "@weft/shared/errors";
import { FairSemaphore, turnOf } from "@weft/platform/fairness";
import type { Context } from "@weft/api/context";

const maxWaitingPerClient = 50;
/** Clients wait longer than this only for their request's deadline. */
const maxWaitMs = 5_000;

/**
 * Creates a semaphore for work that keeps a core busy. It has half of the cores, so that any number of logins leaves the other half to everybody else.
 * Without a limit, hashing uses all four threads of libuv's pool, on every core.
 */
export function hashingPlacesOf(cores: number): FairSemaphore {
  return new FairSemaphore({
    size: Math.max(1, Math.floor(cores / 2)),
    maxWaitingPerKey: maxWaitingPerClient,
    waitMs: maxWaitMs,
    refusal: () => new RateLimited({ retryAfter: 5 }, "Too many passwords are waiting to be checked."),
  });
}

/**
 * The places of this process, which its cores limit. The keys are tenants, and networks of clients that are not logged in: a network with many logins
 * delays its own ones, and others take turns with it.
 */
export const hashingPlaces = hashingPlacesOf(availableParallelism());

/** Returns whose turn it is: the tenant's, or that of the client's network. */
export const hashingTurnOf = ({ maybeViewer, address }: Pick<Context, "maybeViewer" | "address">): string =>
  turnOf({ viewer: maybeViewer, address });
