import type { Config } from "@weft/platform/config";
import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Services } from "@weft/platform/services";
import type { Viewer } from "@weft/shared/viewer";

/** What happens to operations that no application has stored: nothing, they are counted, or they are refused. */
export type Mode = "OFF" | "REPORT" | "REQUIRED";

const fromLoosest: readonly Mode[] = ["OFF", "REPORT", "REQUIRED"];

type Needed = Pick<Services, "pubsub" | "log"> & {
  readonly config: Pick<Config, "storedOperations">;
  readonly databases: Pick<Services["databases"], "auth">;
};

/**
 * Returns the mode for a viewer: the stricter one of the installation and the tenant. Without a login, only that of the installation is known.
 * @throws ServiceUnavailable
 */
export async function modeOf(services: Needed, viewer: Pick<Viewer, "tenantId"> | null): Promise<Mode> {
  const ofInstallation = services.config.storedOperations;
  if (viewer === null || ofInstallation === "REQUIRED") return ofInstallation;
  const { security } = await effectiveConfigOf(services, viewer.tenantId);
  return fromLoosest[Math.max(fromLoosest.indexOf(ofInstallation), fromLoosest.indexOf(security.storedOperations))] ?? "OFF";
}
