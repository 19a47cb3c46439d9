import type { EventCursors, Logger } from "@weft/shared";
import type { Executor } from "../executor.js";
import type { Anonymous } from "../limits/anonymous.js";
import type { Limits } from "../limits/limits.js";
import type { OperationRate } from "../limits/operation-rate.js";
import type { Planning } from "../limits/planning.js";
import type { RefusalPace } from "../limits/refusal-pace.js";
import type { Metrics } from "../metrics.js";
import type { OperationLog } from "../operation-log.js";
import type { Authenticate } from "../viewer/authenticate.js";
import type { CappedCounts } from "./counts.js";
import type { ExecuteMirror } from "./event-execution.js";
import type { Feeds } from "./feeds.js";
import type { LiveFields } from "./live-fields.js";

/** What the protocol and its subscriptions work with. */
export interface ProtocolOptions {
  readonly executor: Executor;
  readonly executeMirror: ExecuteMirror;
  /** Counts every operation before it is validated. The executor counts none. */
  readonly rate: Pick<OperationRate, "count">;
  /** In whose turns new texts are validated. */
  readonly planning: Pick<Planning, "turn">;
  /** Shared with HTTP. */
  readonly pace: RefusalPace;
  readonly authenticate: Authenticate;
  readonly anonymous: Pick<Anonymous, "count">;
  readonly feeds: Feeds;
  readonly liveFields: LiveFields;
  readonly cursors: EventCursors;
  readonly limits: Limits & { readonly subscriptionsPerSocket: number };
  readonly byUser: CappedCounts;
  readonly byTenant: CappedCounts;
  readonly allowIntrospection: boolean;
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly logOperation: OperationLog;
  readonly onSubscriptions: (change: 1 | -1) => void;
}
