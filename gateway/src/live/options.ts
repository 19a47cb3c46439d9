import type { FlagKey, Flags } from "@weft/platform/flags";
import type { Logger } from "@weft/platform/logging";
import type { EventCursors, LiveLog } from "@weft/api/live";
import type { DocumentNode } from "graphql";
import type { Consistency } from "../consistency/consistency.js";
import type { Executor } from "../executor.js";
import type { FieldUses } from "../field-usage/field-uses.js";
import type { Anonymous } from "../limits/anonymous.js";
import type { Limits } from "../limits/limits.js";
import type { OperationRate } from "../limits/rates/operation-rate.js";
import type { Planning } from "../limits/planning.js";
import type { RefusalPace } from "../limits/refusal-pace.js";
import type { Metrics } from "../metrics.js";
import type { OperationLog } from "../operation-log.js";
import type { StoredOperations } from "../stored-operations/stored-operations.js";
import type { Authenticate } from "../viewer/authenticate.js";
import type { CappedCounts } from "./connections/counts.js";
import type { SessionConnections } from "./connections/session-connections.js";
import type { Reloads } from "./subscriptions/reloads.js";
import type { ExecuteMirror } from "./subscriptions/event-execution.js";
import type { Feeds } from "./feeds/feeds.js";
import type { SharingPermissions } from "./subscriptions/audience.js";
import type { LiveFields } from "./subscriptions/live-fields.js";
import type { Topics } from "./subscriptions/topic.js";

/** Dependencies of the protocol and its subscriptions. */
export interface ProtocolOptions {
  readonly executor: Executor;
  readonly executeMirror: ExecuteMirror;
  /** Changes a valid subscription before it is answered by queries. */
  readonly prepareDocument?: (document: DocumentNode) => DocumentNode;
  readonly flags: Pick<Flags, "isOn">;
  /** Flag with which operators turn off everything at this path. */
  readonly flag?: FlagKey;
  /** Counts every operation before it is validated. The executor does not count. */
  readonly rate: Pick<OperationRate, "count">;
  /** Shared with HTTP. */
  readonly stored: StoredOperations;
  /** Shared with HTTP. */
  readonly consistency: Consistency;
  /** Schedules the validation of new texts. */
  readonly planning: Pick<Planning, "turn">;
  /** Shared with HTTP. */
  readonly pace: RefusalPace;
  readonly authenticate: Authenticate;
  readonly anonymous: Pick<Anonymous, "count">;
  /** Feeds of events. */
  readonly feeds: Feeds;
  /** The logs that subscriptions follow, and their cursors. */
  readonly logs: Readonly<Record<LiveLog, { readonly feeds: Feeds; readonly cursors: EventCursors }>>;
  readonly liveFields: LiveFields;
  /** Permissions with which users share the answers of a mirror query. */
  readonly sharingOf: (query: string) => SharingPermissions;
  readonly topics: Topics;
  readonly limits: Limits & { readonly subscriptionsPerSocket: number };
  readonly byUser: CappedCounts;
  readonly byTenant: CappedCounts;
  readonly sessionConnections: Pick<SessionConnections, "opened">;
  /** Whether everybody can ask for the schema. */
  readonly allowIntrospection: boolean;
  /** Whether errors can suggest names of the schema. */
  readonly allowHints: boolean;
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly logOperation: OperationLog;
  /** Counts which fields the subscriptions use. The executor counts those of other operations. */
  readonly fieldUses: FieldUses;
  /** Calls functions when the supergraph was replaced. */
  readonly reloads: Reloads;
  readonly onSubscriptions: (change: 1 | -1) => void;
}
