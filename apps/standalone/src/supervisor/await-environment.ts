import { environmentFollows, type FollowingEnvironment } from "./supervise.js";

/**
 * In a server child: waits for the rest of its environment, if its supervisor sends one, and adds it to `process.env`. The child has loaded its modules
 * meanwhile. If the supervisor ends before, the process does, too.
 */
export async function awaitEnvironment(): Promise<void> {
  if (!process.argv.includes(environmentFollows)) return;
  const { promise, resolve } = Promise.withResolvers<FollowingEnvironment>();
  const end = (): never => process.exit(0);
  process.once("disconnect", end);
  // Node keeps messages until somebody listens.
  process.once("message", resolve);
  const { environment } = await promise;
  process.off("disconnect", end);
  Object.assign(process.env, environment);
}
