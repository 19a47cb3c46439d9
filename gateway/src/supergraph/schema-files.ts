import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "@weft/platform/logging";
import { contained } from "@weft/platform/logging";
import type { Schemas } from "./current-supergraph.js";

const supergraphFile = "supergraph.graphql";
const vendorPortalFile = "vendor-portal.graphql";

/** Reads the schemas that a gateway process serves. @throws Error that says how to write a missing file */
export async function readSchemas(folder: string): Promise<Schemas> {
  const read = (name: string): Promise<string> =>
    readFile(join(folder, name), "utf8").catch((cause: unknown) => {
      throw new Error(`The gateway cannot read ${join(folder, name)}. Write it with \`npx --yes pnpm build\`.`, { cause });
    });
  return { supergraphSdl: await read(supergraphFile), vendorPortalSdl: await read(vendorPortalFile) };
}

/** Returns a text that changes with the files: also if a link is replaced, as Kubernetes does with a mounted ConfigMap. */
async function stampOf(folder: string): Promise<string> {
  const stats = await Promise.all([supergraphFile, vendorPortalFile].map((name) => stat(join(folder, name)).catch(() => undefined)));
  return JSON.stringify(stats.map((found) => found && [found.ino, found.size, found.mtimeMs]));
}

export interface FollowOptions {
  readonly reload: (schemas: Schemas) => Promise<void>;
  readonly everyMs: number;
  readonly log: Pick<Logger, "info" | "error">;
}

/**
 * Reloads the schemas when their files have changed and then stayed the same for one look, so that both files are complete. What cannot be served is logged
 * once, and what was served before stays. Polls, because notifications of changes do not work on all file systems.
 */
export async function followSchemas(folder: string, { reload, everyMs, log }: FollowOptions): Promise<{ stop(): Promise<void> }> {
  if (everyMs === 0) return { stop: () => Promise.resolve() };
  let served = await stampOf(folder);
  let seen = served;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    const stamp = await stampOf(folder);
    const isSettled = stamp === seen;
    seen = stamp;
    if (stamp === served || !isSettled) return;
    served = stamp;
    try {
      await reload(await readSchemas(folder));
      log.info({ folder }, "the schemas have changed, and are served now");
    } catch (error) {
      log.error({ err: error, folder }, "the schemas have changed and cannot be served; those of before stay in use");
    }
  };
  let isLooking = false;
  const timer = setInterval(
    contained("looking for changed schemas", () => {
      if (isLooking) return;
      isLooking = true;
      looking = look().finally(() => (isLooking = false));
    }),
    everyMs,
  ).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}
