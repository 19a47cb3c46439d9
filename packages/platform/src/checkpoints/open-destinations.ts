import type { CheckpointsConfig } from "../config/config.js";
import type { SecretChanges } from "../config/sources/secret-changes.js";
import type { Logger } from "../logging/logger.js";
import type { OutboundPolicy } from "../outbound/index.js";
import type { CheckpointDestination } from "./destination.js";
import { fileDestination } from "./file-destination.js";
import { s3Destination } from "./s3-destination.js";
import { webhookDestination } from "./webhook-destination.js";

interface Opening {
  readonly checkpoints: CheckpointsConfig;
  readonly outbound: OutboundPolicy;
  readonly log: Pick<Logger, "warn">;
  readonly changes?: SecretChanges | undefined;
}

/** Opens all destinations of checkpoints that the configuration names. */
export async function openDestinations({ checkpoints, outbound, log, changes }: Opening): Promise<CheckpointDestination[]> {
  const { file, s3, lockDays, url } = checkpoints;
  return [
    ...(file === undefined ? [] : [fileDestination(file)]),
    ...(s3 === undefined ? [] : [await s3Destination({ bucket: s3, lockDays, log, changes })]),
    ...(url === undefined ? [] : [webhookDestination(url, outbound)]),
  ];
}
