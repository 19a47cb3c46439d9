import type { Context } from "@weft/api/context";
import type { Selection } from "./protocol/project.js";

/** A request for a resource or a list. */
export interface ScimRead extends Selection {
  /** ID of the resource. Empty for a list. */
  readonly id: string;
  readonly filter?: string | null | undefined;
  readonly startIndex?: string | null | undefined;
  readonly count?: string | null | undefined;
}

/** A request that changes a resource. */
export interface ScimWrite extends Selection {
  /** ID of the resource. Empty for a new one. */
  readonly id: string;
  readonly ifMatch?: string | null | undefined;
  readonly body?: unknown;
}

/** The content of a response. */
export interface ScimResult {
  readonly status: number;
  readonly body: unknown;
  readonly etag?: string;
  readonly location?: string;
  /** Seconds. */
  readonly retryAfter?: number | null;
}

/** URL of the endpoint, without a slash at its end. */
export const baseUrlOf = ({ services }: Context): string => `${services.config.mail.publicUrl}/scim/v2`;
