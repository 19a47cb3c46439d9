// type-graphql asks for it before the first decorator runs, although nothing emits metadata.
import "reflect-metadata";
export { roleSettings, withDatabaseUrls } from "./config/database-urls.js";
export type { RoleSettings } from "./config/database-urls.js";
export { subgraphNames } from "./config/config.js";
export type { Config, DatabaseConfig, FilesConfig, Limits, MailConfig, PasswordCost, SmsConfig, SubgraphName } from "./config/config.js";
export { changedKeys } from "./config/changed-keys.js";
export { followKeys, reportingUnreadKeys } from "./config/follow-keys.js";
export { addMasterKey, removeMasterKeys, useNextMasterKey } from "./config/master-key-rotation.js";
export { generateKeys, loadKeys, writeKeysFile } from "./config/keys.js";
export { openKeys, sealKeys } from "./config/keys-place.js";
export { rotateAccessKey } from "./config/access-key-rotation.js";
export type { Rotation } from "./config/access-key-rotation.js";
export type { Keys } from "./config/keys.js";
export type { PrivateJwk, PublicJwk } from "./config/keys-file.js";
export { ConfigError, loadConfig } from "./config/load.js";
export { envExample } from "./docs/env-example.js";
export { StartRefused } from "./config/start-refused.js";
export { shownSettings } from "./config/shown-settings.js";
export type { ShownSetting } from "./config/shown-settings.js";
export { settings } from "./config/settings.js";
export type { SettingName } from "./config/settings.js";
export { changedDocument, changeProblems, rootOfChange } from "./configuration/change.js";
export type { ConfigurationChange } from "./configuration/change.js";
export { differences, normal as normalDocument } from "./configuration/document.js";
export type { DocumentDifference } from "./configuration/document.js";
export {
  announceConfiguration,
  effectiveConfigIn,
  effectiveConfigOf,
  forgetConfigurationBy,
  onConfigurationChange,
  planConfigOf,
} from "./configuration/effective.js";
export { findLayers } from "./configuration/effective.store.js";
export { limitNames, resolveConfiguration, toEffectiveConfig } from "./configuration/resolve.js";
export type { ConfigurationLayer, EffectiveConfig, EffectiveValue, LimitName } from "./configuration/resolve.js";
export { notificationKinds } from "./configuration/notification-kinds.js";
export type { NotificationKindName } from "./configuration/notification-kinds.js";
export { configurationLevels, configurationSchema } from "./configuration/schema.js";
export type { ConfigurationLevel } from "./configuration/schema.js";
export { documentProblems } from "./configuration/validate.js";
export { configurationSettings, documentOf, settingAt, valuesOf } from "./configuration/settings.js";
export type { ConfigurationDocument, Setting } from "./configuration/settings.js";
export { assertComputingShare, Computing } from "./computing/computing.js";
export { processorMs } from "./computing/processor-ms.js";
export { backgroundContext } from "./context/background-context.js";
export type { CallContext } from "./context/call-context.js";
export { openContext, toldToWait } from "./context/context.js";
export type { Batch, Context, OpenContext } from "./context/context.js";
export { loadById, referencesEach, referencesThrough, rowLoader } from "./context/row-loader.js";
export type { RowLoader } from "./context/row-loader.js";
export { rowNodes, sourcesOf } from "./row-nodes/row-nodes.js";
export type { Reading, RowNodes } from "./row-nodes/row-nodes.js";
export type { Services } from "./context/services.js";
export { checkpointSigner } from "./audit/checkpoint.js";
export type { Checkpoint, CheckpointKeys, CheckpointSigner } from "./audit/checkpoint.js";
export type { AuditedType, AuditRow, Image, NewAuditEntry } from "./audit/entry.js";
export { openImages } from "./audit/image.js";
export { startSealer } from "./audit/sealer.js";
export type { Sealer } from "./audit/sealer.js";
export { placeOfCheckpoint, verifyChain } from "./audit/verify.js";
export type { ChainProblem, ChainProblemKind, ChainReport, VerifiedPlace } from "./audit/verify.js";
export { findChainEnd } from "./audit/verify.store.js";
export { toAuditRows, writeAudit } from "./audit/write.js";
export type { AuditRows } from "./audit/write.js";
export { startCleaner } from "./cleaning/cleaner.js";
export type { Chore, Cleaner } from "./cleaning/cleaner.js";
export { chaos } from "./chaos/chaos.js";
export { generatedPages } from "./docs/pages.js";
export { networkOf } from "./fairness/client-network.js";
export { AdaptiveSemaphore } from "./fairness/adaptive-semaphore.js";
export { turnOf } from "./fairness/turn-of.js";
export { FairSemaphore } from "./fairness/fair-semaphore.js";
export { errorRegistry, isErrorCode } from "./errors/codes.js";
export type { ErrorCode, ErrorFacts, ErrorLogLevel } from "./errors/codes.js";
export {
  Abandoned,
  BadUserInput,
  Conflict,
  DefinitionInvalid,
  Forbidden,
  Internal,
  LimitExceeded,
  MfaRequired,
  NotFound,
  PasswordChangeRequired,
  QueryLimitExceeded,
  quote,
  RateLimited,
  ReauthRequired,
  ServiceUnavailable,
  ShareUsed,
  TenantSuspended,
  TransitionRejected,
  Unauthenticated,
  ProfileViolated,
  UploadRejected,
  UrlForbidden,
  WeftError,
} from "./errors/errors.js";
export type { Problem, RejectionReason } from "./errors/errors.js";
export { identified, toClientError } from "./errors/mask.js";
export type { ClientError } from "./errors/mask.js";
export { attachFiles, attachFilesOf, maxAttachments, tellOfAttachments } from "./files/attach-files.js";
export type { AttachmentWriter, GivenFile } from "./files/attach-files.js";
export { countOfObject, filesOfObject } from "./files/attachment.store.js";
export type { AttachmentRow } from "./files/attachment.store.js";
export { notAccepted } from "./files/check-content.js";
export { checkedFileName } from "./files/file-name.js";
export { isDrawable, normalType } from "./files/file-types.js";
export { issueFileToken, readFileToken } from "./files/file-token.js";
export type { FileClaims, FilePurpose } from "./files/file-token.js";
export { countPendingFiles, fileQueue, findFile, findFiles, insertFile, keepFiles, lockFile, lockFiles } from "./files/file.store.js";
export type { FileRow } from "./files/file.store.js";
export { deleteFile, dueFiles } from "./files/due-files.js";
export { duePreviews } from "./files/previews/due-previews.js";
export { previewMaker } from "./files/previews/preview-maker.js";
export type { PreviewMaker } from "./files/previews/preview-maker.js";
export { previewOf, previewPurposes, previewSizes, previewType } from "./files/previews/preview-sizes.js";
export type { PreviewSize, StoredPreview } from "./files/previews/preview-sizes.js";
export { receiveUpload } from "./files/receive-upload.js";
export { clamd } from "./files/scanner/clamd.js";
export type { MalwareScanner } from "./files/scanner/scanner.js";
export { fileKey, previewKey } from "./files/storage/file-storage.js";
export type { ByteRange, FileStorage } from "./files/storage/file-storage.js";
export { openFileStorage } from "./files/storage/open-storage.js";
export { attachableTypes, isInsiderOf, isVisibleObject, visibleAttachments } from "./files/visible-attachments.js";
export type { AttachableType } from "./files/visible-attachments.js";
export { recordChange } from "./events/record-change.js";
export { appendEvents, toEventRows } from "./events/append.js";
export type { AnyNewEvent, EventRow, NewEvent } from "./events/append.js";
export type { EventConsumer } from "./events/consumers/consumer.js";
export type { OnPoison, Poison } from "./events/consumers/parked.js";
export { hasSlaStatus, SlaStatus, slaStatusOf } from "./sla-status/sla-status.js";
export { CommentAudience } from "./comment-audience/comment-audience.js";
export { WorkflowStatus } from "./workflow-status/workflow-status.js";
export {
  ANY_SUBJECT,
  channels,
  parseEnvelope,
  parseHeads,
  parseNewRuns,
  parseSignal,
  signalEvent,
  signalTypes,
} from "./events/catalog/envelope.js";
export type { EventEnvelope, PositionHead } from "./events/catalog/envelope.js";
export { isBusinessType } from "./aggregates/business-types.js";
export { concernsInstances } from "./events/catalog/concerns-instances.js";
export { describeEventType, undescribedTypes } from "./events/catalog/event-descriptions.js";
export { type EventUse } from "./events/retention/event-use.js";
export { assertRemembered, recordForgotten } from "./events/retention/forgotten.js";
export { lockRetention } from "./events/retention/past-events.store.js";
export { pastEvents } from "./events/retention/past-events.js";
export {
  deletedEvents,
  eventsById,
  findEvent,
  headPosition,
  maxLookedUp,
  positionAt,
  readEvents,
  readEventsOfTypes,
} from "./events/read.js";
export { assertReplayPeriod, isReplayed, positionsOfPeriod, replayProgress, type ReplayPeriod } from "./events/replay.js";
export { eventTypes, isEventType } from "./events/catalog/registry.js";
export type { EventPayload, EventType } from "./events/catalog/registry.js";
export { noteDueRuns, noteNewRuns, noteOfferedSteps, wakeRelay } from "./events/relay/wake-relay.js";
export {
  deliverableTypes,
  eventSchemaOf,
  isTriggering,
  payloadSchemaOf,
  publishedEvent,
  shownEvent,
  triggeringTypes,
} from "./events/catalog/shown-payload.js";
export { startConsuming, stopConsuming } from "./events/consumers/opt-in.store.js";
export { startRelay } from "./events/relay/relay.js";
export type { Relay } from "./events/relay/relay.js";
export type { WriteMeta } from "./events/write-meta.js";
export { metaOfCause, metaOfWork, SYSTEM_ID } from "./events/meta-of-work.js";
export { decodeId, decodeIdOrNull, encodeId, encodeIdOrNull, idPrefixes, isIdType, parseAnyId, withArticle } from "./ids/type-ids.js";
export type { IdType } from "./ids/type-ids.js";
export { isUuid, newId } from "./ids/uuid-v7.js";
export { erased, isSealed, personKeyring, unreadable } from "./privacy/keyring.js";
export type { PersonalValue, PersonKeyring } from "./privacy/keyring.js";
export { jsonProblem } from "./scalars/json-bounds.js";
export { outboundClient, OutboundFailed } from "./outbound/client.js";
export type { OutboundClient, OutboundFailure, OutboundRequest, OutboundResponse } from "./outbound/client.js";
export { isPortAllowed } from "./outbound/policy.js";
export type { OutboundPolicy } from "./outbound/policy.js";
export { DestinationForbidden, resolveAllowed } from "./outbound/resolve.js";
export type { Resolve } from "./outbound/resolve.js";
export { allowedAddresses, connectAllowed, isSocketListed, refusalOfAddresses } from "./outbound/socket.js";
export { assertUrlAllowed } from "./outbound/url.js";
export { webhookBody, webhookBodyField, webhookMessageId } from "./webhooks/event-body.js";
export { checkStepOperation, type OperationProblem, type WrittenVariable } from "./step-operations/check-step-operation.js";
export { countRunsBefore } from "./step-operations/chain-of-run.js";
export { readApiSchema } from "./step-operations/api-schema.js";
export { mutationsOfRuns, personalQueries } from "./step-operations/operations-of-runs.js";
export { refusalOfRun } from "./step-operations/usable-fields.js";
export {
  type AgentRights,
  askStepOperation,
  claimStepOperations,
  dropStepOperation,
  readStepResult,
  writeStepResult,
  type StepOperation,
  type StepOperationResult,
} from "./step-operations/step-operation.store.js";
export {
  claimPayloads,
  dropPayload,
  failPayload,
  PAYLOAD_LEASE_SECONDS,
  type PayloadClaim,
  payloadQueue,
  postponePayload,
  storePayload,
} from "./webhooks/payload.store.js";
export { isWebhookSignature, newWebhookSecret, webhookSignature, type SignedMessage } from "./webhooks/standard-webhooks.js";
export { startQueueWorker } from "./queues/queue-worker.js";
export type { QueueWorker, QueueWorkerOptions, Handled } from "./queues/queue-worker.js";
export { masterKeys, oneMasterKey, type MasterKeys } from "./secrets/master-keys.js";
export { reencryptTenant, type Reencryption } from "./secrets/reencrypt.js";
export { rewrapTenant, type Rewrapping } from "./secrets/rewrap.js";
export { encryptJson, type EncryptedMembers, hasPlainJson } from "./secrets/encrypt-json.js";
export type { EncryptedTenant } from "./secrets/json-batch.js";
export { findPlainNames, type PlainName, type VersionKey } from "./secrets/reencrypt-json.store.js";
export { sealedColumns, type SealedColumn } from "./secrets/sealed-columns.js";
export { sealedJson, type SealedJson } from "./secrets/sealed-json.js";
export { tenantSecrets } from "./secrets/tenant-secrets.js";
export type { Secret, TenantSecrets } from "./secrets/tenant-secrets.js";
export { inProcessPubSub } from "./pubsub/in-process.js";
export type { MessageHandler, PubSub } from "./pubsub/pubsub.js";
export { createCounters, perMinute, PUBLISHED_EVENTS } from "./limits/counters.js";
export type { Charge, Counter, Counters } from "./limits/counters.js";
export { reconnectDelayMs } from "./pubsub/reconnect-delay.js";
export { redisPubSub } from "./pubsub/redis.js";
export { Allow } from "./rules/allow.js";
export { GatewayOnly, gatewayOnlyTag } from "./rules/gateway-only.js";
export { RequiresRecentLogin } from "./rules/recent-login.js";
export type { RulesMode } from "./rules/apply-rules.js";
export type { CheckedRule, InheritRule, ObjectRule, Rule, RuleContext, RuleDecision, ViewerRule } from "./rules/rule.js";
export { openFieldTag } from "./subgraph/print-sdl.js";
export {
  allOf,
  anyOf,
  anyone,
  authenticated,
  can,
  canInTenant,
  inherit,
  inPerson,
  leadsATeam,
  loggedIn,
  ownLogin,
  objectRule,
  self,
  staff,
} from "./rules/rules.js";
export { isDecidedForTenant, permissionOfTag, ViewerDependent, ViewerIndependent } from "./rules/viewer-independent.js";
export { VendorPortal, vendorPortalTag } from "./rules/vendor-portal.js";
export { operatorMutations } from "./viewer/operator-mutations.js";
export { operatorPermissions } from "./viewer/operator-rights.js";
export {
  customerPermissions,
  isCustomPermission,
  isPermission,
  isPlatformPermission,
  masterDataPermissions,
  permissionCatalog,
} from "./viewer/permissions.js";
export type { CatalogPermission, Permission } from "./viewer/permissions.js";
export { denialsOf, hasPermission, reachesAll, scopes, scopesOf } from "./viewer/viewer.js";
export { assertCurrentRights, lockRights, narrowlyHeld, raiseRightsVersion, RightsChanged } from "./viewer/current-rights.js";
export { apiKeyColumn, limitedToKey, type ApiKeyRow } from "./api-keys/api-key-rights.js";
export { keysOfSessions } from "./api-keys/keys-of-sessions.js";
export { apiKeyPrefix, newApiKey, readApiKey, secretIdOf, type NewApiKey, type PresentedApiKey } from "./api-keys/api-key-text.js";
export { isAllowedAddress, networkOfText } from "./api-keys/allowed-addresses.js";
export { accessTokenSeconds, issueAccessToken, type AccessToken } from "./tokens/access-token.js";
export { bytesToUuid, rowTokens, uuidToBytes, type RowRef, type RowTokens } from "./tokens/row-token.js";
export { mailsPerHour, type MailingTenant } from "./mail/mail-allowance.js";
export { rightsColumns, rightsOf, type RightsRow } from "./viewer/rights-of-user.js";
export { hasFactor, requiresFactor, usesFactor } from "./viewer/second-factor.js";
export { viewerOfUser, viewersOfUsers } from "./viewer/viewer-of-user.js";
export type { Scope, UserType, Viewer } from "./viewer/viewer.js";
export { reachesTeam } from "./access/team-reach.js";
export { keepAssetUse, lockAssetUse } from "./access/asset-use.js";
export { visibleUsers } from "./access/visible-users.js";
export { worksOn } from "./access/works-on.js";
export { objectsSeenBy, seenBy, seenKey, type SeenObject } from "./access/seen-by.js";
export {
  accessibleTypes,
  isOfVendor,
  objectAccessRules,
  requestAccess,
  readPermissionOf,
  resourceOf,
  tenantWideTypes,
  visibleInstanceList,
  visibleObjects,
  visibleObjectsByIndex,
} from "./access/visible-objects.js";
export type { AccessibleType, ObjectAccessRules } from "./access/visible-objects.js";
export {
  isCandidate,
  isFirstOfVote,
  isOnlyAsked,
  isOwnVote,
  offersTo,
  offersToTeams,
  visibleOffers,
  visibleTasks,
} from "./access/visible-tasks.js";
export type { Offer } from "./access/visible-tasks.js";
export { isInstanceVisible, nothing, visibleInstances, withinScopes } from "./viewer/visible.js";
export type { AccessColumns, AccessValues } from "./viewer/visible.js";
export { bounceAddress, COMPLAINTS, findBounceAddress, readBounceLocalPart } from "./mail/bounce-address.js";
export { startMailSender } from "./mail/mail-sender.js";
export { escapedHtml } from "./texts/escaped-html.js";
export { oneLine } from "./texts/one-line.js";
export { storable } from "./texts/storable.js";
export { MailContent, refusalOfMail } from "./mail/mail-content.js";
export { canSendTexts, mailFolderOf, MailRefused, textFolderOf } from "./mail/mail-transport.js";
export type { MailTransport, OutgoingMail } from "./mail/mail-transport.js";
export { pastMails } from "./mail/past-mails.js";
export { pastTokens } from "./mail/past-tokens.js";
export { pastChallenges, pastGatewayReports, pastPendingLogins } from "./passwords/past-pending-logins.js";
export { surplusPasswords } from "./passwords/surplus-passwords.js";
export {
  assertMailIsSent,
  canSendMail,
  destinationHash,
  dropMailsAbout,
  findMailStates,
  sendMail,
  wakeMailSender,
} from "./mail/send-mail.js";
export type { MailToSend } from "./mail/send-mail.js";
export { createLogger } from "./logging/logger.js";
export type { Logger } from "./logging/logger.js";
export { outliveOutput } from "./logging/closed-output.js";
export { printableError, runMain } from "./logging/run-main.js";
export { contained, endOnUnhandled } from "./logging/unhandled.js";
export { defineSubgraph, describeRules, joinModules } from "./subgraph/define-subgraph.js";
export type { Subgraph, SubgraphDefinition, SubgraphModule, SubgraphOptions } from "./subgraph/define-subgraph.js";
export type { SubgraphRequest, SubgraphResponse } from "./subgraph/execute.js";
export { type Area, areas, areaTagPrefix } from "./subgraph/areas.js";
export { assigneeOf, entityStub } from "./subgraph/entity-stub.js";
export type { EntityStub, EntityStubType } from "./subgraph/entity-stub.js";
export type { ReferenceLoader, References } from "./subgraph/references.js";
export { entityTypes, nodeTypes, objectTypes, subjectTypes } from "./ids/object-types.js";
export type { NodeType, SubjectType } from "./ids/object-types.js";
export { entityIdTypes, idTypeOf } from "./ids/entity-types.js";
export { alone, type Executes } from "./db/alone.js";
export { exclusively } from "./db/exclusive.js";
export { asTenant } from "./db/as-tenant.js";
export { afterCommit } from "./db/after-commit.js";
export { variableProblems } from "./subgraph/text-problems.js";
export { purgeTenant, startPurger } from "./purge/purger.js";
export type { Purger } from "./purge/purger.js";
export type { Database, DatabaseRole, Databases, StatementOptions, TenantContext, TransactionMode, Tx } from "./db/database.js";
export { endingTypes, isEnding } from "./events/catalog/ending.js";
export {
  databaseFaultOf,
  isConnectionLoss,
  isInFailedTransaction,
  isRetryable,
  isTimeout,
  isUnavailable,
  mapDatabaseError,
} from "./db/errors.js";
export type { DatabaseFault } from "./db/errors.js";
export { atVersion, changedMeanwhile, countRows, insertedRow, nextVersion, writtenRow } from "./db/rows.js";
export { selectSlice } from "./pages/select-slice.js";
export { tablesOf, withColumns } from "./db/columns.js";
export { containsWords, indexText, searchLanguages, type SearchableText, type SearchContext } from "./search/search.js";
export { partsField } from "./search/part-filter.js";
export { type DueTenants, dueRows } from "./db/due-tenants.js";
export { dueInTrueTime } from "./db/due-in-true-time.js";
export { doInBatches } from "./queues/do-in-batches.js";
export { DueQueue } from "./queues/due-queue.js";
export { executeLast } from "./db/last-statement.js";
export { among, amongAny, amongLocked, arrayOf, named, planForValues, planWithIndexes } from "./db/named.js";
export { showDeleted, withDeleted } from "./db/show-deleted.js";
export { asksFor } from "./filters/asks-for.js";
export { externalIdField } from "./external-ids/external-id.filter.js";
export { loadExternalId } from "./external-ids/external-id.loader.js";
export { setExternalId } from "./external-ids/external-id.service.js";
export { findByExternalId, findExternalIds, insertExternalId } from "./external-ids/external-id.store.js";
export type { ImportedList, ImportReference, ImportValues } from "./imports/imported-list.js";
export { vendorImports } from "./imports/vendor-imports.js";
export { connectionRefusal } from "./db/checks/connection-refusal.js";
export { openDatabases, problemsOfDatabases } from "./db/open.js";
export { withTrace } from "./db/trace.js";
export type { DatabaseSettings, PoolSizes } from "./db/settings.js";
export {
  holdersOf,
  holdsPermission,
  membersOfProject,
  membersOfRole,
  leadsOfTeam,
  membersOfTeam,
  substitutesOf,
  usersWhoCanSee,
  readsRequest,
  watchersOf,
  usersOfVendor,
  staffWhoReadRequest,
  workersAmong,
} from "./directory/directory.js";
export { containsCode, type NamedWork, namesOfWork, subjectOfAncestors, titledWork, typeOfWork, workText } from "./directory/work.js";
export { findOwnTenant, findTenantBySlug, type KnownTenant } from "./directory/tenants.js";
export { buildingGrantsOf } from "./directory/building-grants.js";
export { givenToVendor, grantObjectAccess, lockObjectAccess, revokeObjectAccess } from "./object-access/object-access.js";
export type { ObjectAccess } from "./object-access/object-access.js";
export {
  anyIdField,
  dateField,
  enumField,
  flagField,
  idField,
  numberField,
  onlyStaff,
  onlyWith,
  searchField,
  tagsField,
  textField,
  timeField,
  wordIn,
  wordsField,
} from "./filters/conditions.js";
export { escapeLike, maxListed } from "./filters/conditions.js";
export { enumFilterClass, SearchFilter } from "./filters/operators.js";
export type { FilterField, ListFilterField } from "./filters/conditions.js";
export { askedNames } from "./filters/asked-names.js";
export type { AskedName } from "./filters/asked-names.js";
export { indexedText } from "./filters/indexed-text.js";
export { asksForNone, matchesValue } from "./filters/value-conditions.js";
export type { ValueColumns } from "./filters/value-conditions.js";
export { customFieldsFilter } from "./custom-fields/field-filter.js";
export { assertFields, assertStorable, type AskedFields } from "./custom-fields/asked-fields.js";
export { blindFilter } from "./custom-fields/blind-filter.js";
export { openFields, openFieldsIn, sealFields, type FieldObject, type PlainField } from "./custom-fields/sealed-fields.js";
export { isSealedValue, type SealedValueObject } from "./secrets/sealed-value.js";
export { fieldPage, pageByField } from "./custom-fields/field-page.js";
export { fieldPlace, CustomFieldKind, customFieldObjects, ownerColumns, ownerName } from "./custom-fields/kinds.js";
export type { CustomFieldOwner, CustomFieldOwnerColumns } from "./custom-fields/kinds.js";
export { foldedWordsOf, wordsOf } from "./filters/words.js";
export { filterInput, nestedField } from "./filters/filter-input.js";
export type { Filter, FilterValue } from "./filters/filter-input.js";
export { connectionOf } from "./pages/connection.js";
export type { ConnectionTypes, Edge, Page } from "./pages/connection.js";
export * as column from "./columns/column.js";
export type { Column } from "./columns/column.js";
export type { Changes, Created, Plain, Shown, Updated } from "./columns/column-types.js";
export type { Columns } from "./columns/columns.js";
export { columns, createInputOf, shapeOf, ShowColumns, updateInputOf } from "./columns/columns.js";
export { deleteOld } from "./cleaning/delete-old.js";
export { handleBatches } from "./queues/handle-batches.js";
export { Queue, type Claim } from "./queues/queue.js";
export { turnCounts, turnResults } from "./queues/turn-counts.js";
export { payloadOf } from "./inputs/payload-of.js";
export * as standardColumns from "./columns/standard-columns.js";
export { inOtherTenant } from "./db/in-other-tenant.js";
export { ConnectionArgs, defaultPageSize, maxPageSize } from "./pages/connection-args.js";
export { decodeCursor, encodeCursor } from "./pages/cursor.js";
export type { CursorScope } from "./pages/cursor.js";
export { beyond, keysetPage } from "./pages/keyset-page.js";
export type { KeysetBound, KeysetPageOptions, KeysetSlice } from "./pages/keyset-page.js";
export { tablePage } from "./pages/table-page.js";
export { orderedPage } from "./pages/ordered-page.js";
export { nestedRows, rankWithin, rowsOfEach } from "./pages/nested-rows.js";
export { orderByInput, OrderDirection } from "./pages/order.js";
export type { Direction, Order, OrderBy, OrderByValue, OrderColumn } from "./pages/order.js";
export { PageInfo } from "./pages/page-info.js";
export { DeletePayload } from "./inputs/delete-payload.type.js";
export { Priority } from "./inputs/priority.js";
export { ReceivedPayload } from "./inputs/received-payload.type.js";
export { TokenInput } from "./inputs/token.input.js";
export { InputWarning } from "./inputs/warning.type.js";
export { IdInput, IdsInput, KeyedIdInput, KeyedVersionedIdInput, VersionedIdInput } from "./inputs/id.input.js";
export { makeForm } from "./forms/form-budget.js";
export { Form } from "./forms/form.type.js";
export { DateTimeScalar } from "./scalars/date-time.js";
export { JsonScalar } from "./scalars/json.js";
export { SafeIntScalar } from "./scalars/safe-int.js";
export { expiredKeys } from "./idempotency/expired-keys.js";
export { createOnce, keyedCallOf, once } from "./idempotency/once.js";
export type { KeyedCall, OnceCall } from "./idempotency/once.js";
export type { KeyPlace, OnceResult } from "./idempotency/once.store.js";
export { liveCursorField, LiveCursorResolver } from "./live/live-cursor.js";
export { cursorOf, liveField } from "./live/live-field.js";
export type { LiveFieldOptions } from "./live/live-field.js";
export { Alarm } from "./leadership/alarm.js";
export { lead, pause } from "./leadership/lead.js";
export { liveFields } from "./live/live-fields.js";
export type { LiveField, LiveFieldName } from "./live/live-fields.js";
export { eventCursors } from "./live/event-cursors.js";
export { sendSignal } from "./live/send-signal.js";
export type { EventCursors } from "./live/event-cursors.js";
export { closeServices, openServices, runProcess, runSubgraph } from "./subgraph/run.js";
export type { Served } from "./subgraph/run.js";
export type { ResolverClass } from "./subgraph/type-graphql-schema.js";
export { serveSubgraph } from "./subgraph/serve.js";
export type { ServedSubgraph } from "./subgraph/serve.js";
export { callVerifier, gatewayHeader, maxSkewMs, signCall } from "./subgraph/signed-call.js";
export type { CallVerifier, SignedCall } from "./subgraph/signed-call.js";
export { allChecked, allCheckedInTurn } from "./inputs/all-checked.js";
export { describedIssues, parsedBy, schemaProblems } from "./inputs/schema-sentences.js";
export { suggestionFor } from "./inputs/suggestion.js";
export { assertText, changedFields, inputTextProblems } from "./inputs/changed-fields.js";
export { assertDay, dayProblem, isDay } from "./inputs/day.js";
export type { ChangedFields } from "./inputs/changed-fields.js";
export { emailProblems } from "./inputs/email-problems.js";
export { invisibleTextProblem, textProblems } from "./inputs/text-problems.js";
export type { TextBounds } from "./inputs/text-problems.js";
export { meteredLimits, meterUsage } from "./usage/meter.js";
export type { MeteredLimit, Use } from "./usage/meter.js";
export { pastWindows } from "./usage/past-windows.js";
export { findUsage, findUsageOfTenants } from "./usage/usage.js";
export type { Usage } from "./usage/usage.js";
export { demoLogins, demoPassword, demoTenants } from "./demo/demo-logins.js";
export type { DemoLogin } from "./demo/demo-logins.js";
export { assertTimeZone, MAX_DAYS, periodBefore, periodOf, QUARTER_OF_AN_HOUR, timeOf } from "./periods/period.js";
export type { Period } from "./periods/period.js";
export { PeriodFilter } from "./periods/period.input.js";
export { timeZoneOf } from "./periods/time-zone.js";
export { nextNumber, numberingOf, type Numbering } from "./numbers/next-number.js";
export { selectIntervals } from "./periods/period.store.js";
export { isRun, missedFrom } from "./timing/missed.js";
export type { MissedPolicy } from "./timing/missed.js";
export { MissedRunPolicy } from "./timing/missed-policy.type.js";
export { nextOccurrence, nextOccurrences } from "./timing/occurrences.js";
export type { Occurrence, Plan } from "./timing/occurrences.js";
export { columnsOf, isoOf, nextColumns, planOf } from "./timing/plan-of.js";
export { assertPlanned, readSpan, readTiming } from "./timing/read-timing.js";
export { spanOf } from "./timing/span.js";
export { inboundBodyOf, inboundFormatOf, type InboundContent } from "./inbound/content.js";
export { inboundFields, MAX_INBOUND_BYTES, receiveInbound, type InboundServices, type Received } from "./inbound/receive.js";
export { inboundSecretProblem, newInboundSecret } from "./inbound/secret.js";
export { verifyInbound, type InboundScheme, type InboundSchemeSettings } from "./inbound/verify.js";
export { countOfReplies, replyAddressFor, useReplyAddress } from "./reply-addresses/reply-address.js";
export type { UsedReplyAddress } from "./reply-addresses/reply-address.store.js";
export { readReplyLocalPart, replyLocalPart, type ReplyRef } from "./reply-addresses/reply-token.js";
export { readRequestLocalPart, requestLocalPart } from "./mail/request-token.js";
export type { MailValues } from "./mail/mail-templates.js";
export { fromBase32, toBase32 } from "./tokens/base32.js";
export { type MailRef, newMailKey } from "./tokens/mail-token.js";
