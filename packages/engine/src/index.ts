export { assign } from "./core/instance/assign.js";
export { available } from "./core/transition/available.js";
export { cancel } from "./core/instance/cancel.js";
export { changeData } from "./core/instance/change-data.js";
export { compile } from "./core/definition/compile.js";
export { checkHolders, namedInMachine, type Holders } from "./core/definition/checks/holders.js";
export { drawInstance } from "./core/diagram/drawing.js";
export { drawSteps, type DrawnStatus } from "./core/diagram/steps.js";
export { diffDocuments, type ChangeKind, type ChangedPart, type DocumentChange } from "./core/document/diff.js";
export { withHead, writeDefinition, type TextFormat } from "./core/document/write.js";
export { fire } from "./core/transition/fire.js";
export { dataForm } from "./core/forms/data-form.js";
export { pointerPart } from "./core/forms/schema-form.js";
export { compileFieldSchema, withEncryptedTexts, type FieldSchema } from "./core/custom-fields/compile.js";
export { compilePayloadSchema, incompatibleChanges, payloadProblems } from "./core/payloads/payload-schema.js";
export { fieldsForm } from "./core/custom-fields/form.js";
export { misfits } from "./core/custom-fields/values.js";
export { storedFieldSchema } from "./store/custom-fields/schemas.js";
export { findFieldSchemaRow, findFieldSchemasOfKinds, type FieldSchemaRow } from "./store/custom-fields/schemas.store.js";
export { formOfFields, shownFields } from "./store/custom-fields/shown-fields.js";
export { fieldsOfChanged, fieldsOfChangedType, fieldsOfNew, keyedInput, type FieldColumns } from "./store/custom-fields/write-fields.js";
export type { DeliveredForm } from "./core/forms/deliver.js";
export { parseDefinition, type ParsedDefinition } from "./core/document/parse.js";
export { readSource, withTranslationProblems, type ReadSource } from "./core/short-form/read-source.js";
export type { Translation } from "./core/short-form/translate.js";
export type { Note } from "./core/short-form/translating.js";
export { tryScenarios, type ScenarioReport } from "./core/scenarios/try.js";
export { fireAutomatic } from "./core/automatic/fire-automatic.js";
export type { MadeCall } from "./core/scenarios/calls.js";
export {
  simulate,
  type SimulationStep,
  type SimulatedClock,
  type SimulatedStep,
  type SimulationEnd,
  type SimulationStop,
} from "./core/scenarios/simulate.js";
export type { RunOfState } from "./core/scenarios/runs.js";
export type { StepStub, StubbedEnd } from "./core/model/step-stub.js";
export { STEP_EXAMPLES } from "./core/automation/types/examples.js";
export { readOperation } from "./core/automation/types/graphql.js";
export { STEP_TYPES } from "./core/automation/types/step-types.js";
export { checkEvents, eventsOfMachine, type EventsOfMachine, type KnownEvents } from "./core/automation/event-names.js";
export { withCheckedOperations } from "./core/automation/types/graphql.js";
export { addStepTypes, checkOperationsWith, operationProblems, stepTypes } from "./store/definition/step-types.js";
export { stepType, type StepTypeSource } from "./core/automation/types/step-type.js";
export type { StepType } from "./core/model/automation.js";
export type { Effect, EffectAction } from "./core/scenarios/effects.js";
export { readSimulationSettings } from "./store/sla/simulation.js";
export { start } from "./core/instance/start.js";
export type { Actor, Principal } from "./core/model/actor.js";
export type { AvailableTransition } from "./core/transition/available.js";
export type { CompileResult } from "./core/definition/compile.js";
export type { CompileOptions } from "./core/model/compile-options.js";
export type { TransitionExplanation } from "./core/transition/explain.js";
export type { Json, JsonObject } from "./core/model/json.js";
export type { DataChanges, EventToEmit, FireResult, Outcome, OutcomeKind, TaskToClose, TaskToOpen } from "./core/model/outcome.js";
export { reasonText } from "./core/model/rejection.js";
export type { InputProblem, Reason, ReasonRule, Rejection, RuleResult } from "./core/model/rejection.js";
export type { AssignRequest, CancelRequest, ChangeDataRequest, FireRequest, StartRequest } from "./core/model/requests.js";
export type { FinalKind, InstanceStatus, Snapshot, SnapshotTask } from "./core/model/snapshot.js";
export type { Allow, Machine, MachineState, Transition, TaskRule, InputSchema } from "./core/model/machine.js";
export { pathText } from "./core/model/condition.js";
export { tryCondition } from "./core/conditions/try.js";
export { closest, didYouMean, type Problem, type ProblemCode } from "./core/model/problems.js";
export { asJsonObject, checkJson } from "./core/model/values.js";
export { hiddenFromVendors } from "./core/model/hidden-data.js";
export { neverReasons } from "./core/authorization/rights.js";
export { actorOf, type ViewerActor } from "./store/model/actor.js";
export { batchesOf, CallBatches, type CallResult } from "./store/batch/batches.js";
export { callCounts, unbatchedReasons } from "./store/batch/call-counts.js";
export type { QueuedCall, Work } from "./store/batch/queued-call.js";
export type { AlreadyRead } from "./store/model/already-read.js";
export { assignInstance, type Assignment } from "./store/instance/assign.js";
export { availableFor, availableForTasks } from "./store/transition/available.js";
export { cancelInstance, type Cancellation } from "./store/instance/cancel.js";
export { changeInstanceData, checkInstanceData, type DataChange } from "./store/instance/change-data.js";
export { uuidOfId } from "./store/definition/ids.js";
export { explainFor } from "./store/transition/explain.js";
export { diagramOfVersion, partsOf, writeDiagram, type DiagramFormat } from "./store/diagram/diagrams.js";
export { fireInstance, type Firing } from "./store/transition/fire.js";
export { formsOfMachine, formsOfTasks } from "./store/forms/forms.js";
export { commentOnInstance, resumeInstance, suspendInstance, type Intervention } from "./store/instance/intervene.js";
export { jobIncident, openIncident, type Resolving } from "./store/incidents/incidents.js";
export { DATA_CHANGE_KINDS, changesOfData } from "./core/migration/data-changes.js";
export { MIGRATION_PROBLEMS, type MigrationProblem, type PlannedMigration } from "./core/migration/plan.js";
export type { MappingSource } from "./core/migration/mapping.js";
export {
  migrateInstance,
  planMigrations,
  prepareMigration,
  type KeptOfMigration,
  type MigrationOrder,
  type PlannedInstance,
} from "./store/migration/migrate.js";
export type { PreparedMigration } from "./store/migration/read.js";
export { undoInstanceMigration } from "./store/migration/undo.js";
export { machineOf, machinesOf } from "./store/definition/machines.js";
export { machineOfVersion, type StoredVersion } from "./store/definition/version.js";
export { compiledTextSteps, placesIn, type CompiledText } from "./store/definition/texts.js";
export { apiPrincipal, assertPrincipal, principalOf, type AssigneePrincipal } from "./store/model/principal.js";
export { findPublishedMachine, findPublishedMachines, whyNotPublished } from "./store/definition/published.js";
export {
  compileTrigger,
  correlationValue,
  evaluateTrigger,
  triggerValues,
  type CompiledTrigger,
  type TriggeringEvent,
} from "./core/triggers/trigger.js";
export {
  compileMapping,
  isMapped,
  mappedPayload,
  mappedSubject,
  type CompiledMapping,
  type MappedMessage,
} from "./core/mappings/mapping.js";
export {
  compileNoticeRule,
  evaluateNoticeRule,
  recipientValues,
  renderNoticeRule,
  type CompiledNoticeRule,
  type NoticeRuleSource,
} from "./core/triggers/notice-rule.js";
export { parseRoutingCondition } from "./core/routing/condition.js";
export type { RoutingStrategy } from "./core/routing/rule.js";
export { routeInstance, tryRoute, type Routed, type EvaluatedRule } from "./store/routing/route.js";
export { type RoutingRuleRow } from "./store/routing/routing.store.js";
export { inCalendars, readCalendars } from "./store/calendar/calendars.js";
export { compileCalendars } from "./core/calendar/compile.js";
export { daysOf, localDate } from "./core/calendar/days.js";
export { addPeriod, parsePeriod, workingSecondsBetween } from "./core/calendar/periods.js";
export { localTime } from "./core/routing/local-time.js";
export type { Calendar, Calendars } from "./core/model/calendar.js";
export {
  CONSTRAINT_KINDS,
  type ConstraintKind,
  DEPENDENCY_KINDS,
  PlanError,
  type Plan,
  type PlanChange,
  type PlanDependency,
  type PlanErrorCode,
  type PlanTask,
  type Schedule,
  type ScheduleDirection,
  type ScheduledTask,
  type ScheduleViolation,
  type ShiftPreview,
} from "./core/planning/plan.js";
export { findCycle } from "./core/planning/find-cycle.js";
export { layOutGantt, type GanttLayout } from "./core/planning/gantt.js";
export { ganttSvg } from "./core/planning/gantt-svg.js";
export { comparePlans, previewShift } from "./core/planning/preview.js";
export { varianceOf, type DateVariance, type ScheduleVariance } from "./core/planning/variance.js";
export { type Bucket, bucketsBetween, capacityOf, spreadWork } from "./core/planning/workload.js";
export { workDaysOf } from "./core/planning/work-days.js";
export { schedulePlan } from "./core/planning/schedule.js";
export type { EnvironmentName } from "./store/definition/published.js";
export { assigneeColumns, corePrincipal } from "./store/model/principal.js";
export { lockInstance, readInstance } from "./store/model/snapshot.js";
export { receiveCall, type CallToReceive, type ReceivedCall } from "./store/calls/receive.js";
export { readNow } from "./store/model/now.js";
export { lackOf, type MissingDocument } from "./store/model/assignable-vendor.js";
export { assertVendorDays, limitReached, type VendorLimits } from "./store/model/vendor-capacity.js";
export { readVendorLoads, type VendorLoad } from "./store/model/vendor-load.js";
export { readOverbookings, type VendorOverbooking } from "./store/model/vendor-overbookings.js";
export { type EdgeColumns, edgesOf, toCoreKind, type TaskDependencyKind } from "./store/planning/edges.js";
export {
  findPlanContents,
  findPlanHeads,
  type PlanContents,
  type PlanHead,
  planKey,
  type PlanTaskRow,
  toCorePlan,
} from "./store/planning/plan-contents.js";
export { withoutVendorScope } from "./store/model/without-vendor-scope.js";
export { headColumns, taskColumns, type InstanceHead, type TaskRow } from "./store/model/instance-head.js";
export { fireEscalation } from "./store/escalations/fire-level.js";
export type { EscalationRow } from "./store/escalations/levels.store.js";
export {
  explainChanges,
  explainClock,
  standings,
  type ExplainedChange,
  type ExplainedInterval,
  type StandingClock,
} from "./store/sla/read.js";
export type { ClockRow } from "./store/sla/clocks.store.js";
export { announceClocks, findNextAnnouncement } from "./store/sla/announce.js";
export { verifyClocks, type SlaDifference, type Verified } from "./store/sla/verify.js";
export { pauseClock, type HandPause } from "./store/sla/refresh.js";
export { readPolicy, type PolicySource, type SlaPolicy } from "./core/sla/policy.js";
export type { SlaPolicyRow } from "./store/sla/policies.store.js";
export {
  countOpenClocks,
  previewClocks,
  recomputeClocks,
  selectClockOwners,
  type ClockPreview,
  type ClockScope,
  type TermsDraft,
} from "./store/sla/recompute.js";
export { findChildrenOf, type ListedChild } from "./store/children/listed.js";
export { findInstancesBelow, type InstanceBelow, markInstancesDeleted } from "./store/instance/deleted.js";
export { replaceInstance } from "./store/instance/replace.js";
export { checkStart, type InstanceSubject, startInstance, type Starting } from "./store/instance/start.js";
export { instanceAsOf, type PastInstance } from "./store/instance/as-of.js";
export { rollbackInstance, type Rollback } from "./store/instance/rollback.js";
export type { TimerKind } from "./core/model/timer.js";
export { fireDueTimers, fireTimersOf, type Fired, type TimerHandler, type TimerHandlers } from "./store/timers/fire-timers.js";
export { failTimer, type TimerFailure } from "./store/timers/fail-timer.js";
export { findNextDeadline, noticeOverdueTasks } from "./store/timers/overdue.js";
export { findNextDueAt, type TimerRow } from "./store/timers/timers.store.js";
export { assignTask, delegateTask } from "./store/tasks/assign.js";
export { commentInternally, type InternalCommentRow } from "./store/instance/comment-internally.js";
export { answerQuestion, askForInformation, commentOnTask, withdrawQuestion, type TaskCommentRow } from "./store/tasks/comments.js";
export { updateChecklistItem, updateTask, type ChecklistItemUpdate, type TaskUpdate } from "./store/tasks/update.js";
export { releaseTask, type TaskRelease } from "./store/tasks/release.js";
export { claimTask, completeTask, type TaskCompletion } from "./store/tasks/tasks.js";
export { readTask, type TaskRead } from "./store/tasks/change.js";
export { asksForSomebodyElse } from "./core/authorization/separation-of-duties.js";
export { assertSameOrganization } from "./store/tasks/same-organization.js";
export { offerFirstSteps, type FirstStepWorker, type ReservedPlaces } from "./store/runs/first-steps.js";
export { workOnRuns, type Recorded, type RunWork, type RunWorkDone, type StepResult } from "./store/runs/work-on-runs.js";
export { redactorOfRun } from "./store/runs/result-secrets.js";
export { isOfTasks } from "./store/runs/worker-steps.js";
export {
  countLogLines,
  extendStepLeases,
  findOfferedSteps,
  findFollowers,
  findStepLeases,
  hasWaitingSteps,
  insertStepLeases,
  recordLeaseResults,
  type FoundStepLease,
  type LeaseEnd,
  type StepLeaseResult,
} from "./store/runs/step-leases.store.js";
export { isWorkerTask, workerTaskOf, workerTimeoutOf } from "./core/automation/types/worker.js";
export type { EmitAllowance } from "./store/runs/emit-room.js";
export type { ReportedStep, TakenStep, Taking } from "./store/runs/take-step.js";
export { resolveIncident } from "./store/runs/resolve-incident.js";
export type { StateRun } from "./core/model/automation.js";
export type { RunRequest } from "./store/runs/find-run.js";
export { cancelRun, pauseRun, resumeRun, type RunChange } from "./store/runs/operate.js";
export { rerun, retryFromStep, type ContinuedRun, type RunRetry } from "./store/runs/continue-run.js";
export { sumUsage } from "./store/runs/attempts.js";
export { stopUnworkableRun } from "./store/runs/unworkable.js";
export type { StepError } from "./core/model/run.js";
export { stepFailure, storableReport, type StepReport, type StepUsage, type WorkerReport } from "./store/runs/step-report.js";
export { isProfileKey, readProfileRules } from "./core/automation/profiles/written.js";
export { BUILT_IN_PROFILES, isBuiltInProfile } from "./core/automation/profiles/built-in.js";
export type { ProfileRules, ProgramLimits, SecurityProfile } from "./core/model/security-profile.js";
export { inputsOfStoredRun } from "./store/runs/shown-inputs.js";
export { isSecretName, MIN_SECRET_CHARS } from "./core/automation/secrets/secret-names.js";
export { redactorOf, type RedactedStream, type Redactor } from "./core/automation/secrets/redact.js";
export { allowsHost, coversDomain, isDomainPattern } from "./core/automation/profiles/domains.js";
export { checkSteps, type EvaluatedGraphPlace } from "./core/automation/profiles/step-warnings.js";
export { agentsOfSteps } from "./core/automation/step-agents.js";
export { graphsOf, worksOfSteps, type PlacedGraph, type StepWork } from "./core/automation/step-works.js";
export { evaluateProfiles, recordViolation } from "./store/run-rules/profile.js";
export { splitSecretInputs, type SplitInputs } from "./core/automation/inputs.js";
export { openReadableSecrets, openSecrets, secretField, type OpenedSecret } from "./store/run-rules/secrets.js";
export { extendLease, findDueRuns, findTenantsWithDueRuns, postponeRun, type DueRun } from "./store/runs/runs.store.js";
export { endStepWaits, deliverEvents, findTenantsWithStepWaits, nextStepWait, type NamedEvent } from "./store/runs/waits.store.js";
export { WAITS_CONSUMER } from "./store/runs/types/wait.js";
