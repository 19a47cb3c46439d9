export { assign } from "./core/assign.js";
export { available } from "./core/available.js";
export { cancel } from "./core/cancel.js";
export { changeData } from "./core/change-data.js";
export { compile } from "./core/compile.js";
export { checkHolders, namedInMachine, type Holders } from "./core/definition/checks/holders.js";
export { drawInstance } from "./core/diagram/drawing.js";
export { diffDocuments, type ChangeKind, type ChangedPart, type DocumentChange } from "./core/documents/diff.js";
export { withHead, writeDefinition, type TextFormat } from "./core/documents/text.js";
export { fire } from "./core/fire.js";
export type { DeliveredForm } from "./core/forms/deliver.js";
export { parseDefinition, type ParsedDefinition } from "./core/parse.js";
export { tryScenarios, type ScenarioReport } from "./core/scenarios/try.js";
export { settle } from "./core/settle.js";
export { simulate, type SimulatedStep } from "./core/simulate.js";
export { start } from "./core/start.js";
export type { Actor, Principal } from "./core/actor.js";
export type { AvailableTransition } from "./core/available.js";
export type { CompileResult } from "./core/compile.js";
export type { CompileOptions } from "./core/compile-options.js";
export type { TransitionExplanation } from "./core/explain.js";
export type { Json, JsonObject } from "./core/json.js";
export type { DataChanges, EventToEmit, FireResult, Outcome, OutcomeKind, TaskToClose, TaskToOpen } from "./core/outcome.js";
export type { InputProblem, Reason, ReasonRule, Rejection, RuleVerdict } from "./core/rejection.js";
export type { AssignRequest, CancelRequest, ChangeDataRequest, FireRequest, StartRequest } from "./core/requests.js";
export type { FinalKind, InstanceStatus, Snapshot, SnapshotTask } from "./core/snapshot.js";
export type { Machine, MachineState, Transition, TaskRule, InputSchema } from "./core/machine.js";
export { pathText } from "./core/conditions/tree.js";
export { tryCondition } from "./core/conditions/try.js";
export type { Problem, ProblemCode } from "./core/problems.js";
export { actorOf, type ViewerActor } from "./store/actor.js";
export { batchesOf, MoveBatches, type Landing } from "./store/batch/batches.js";
export type { Begun, Booking, Work } from "./store/batch/booking.js";
export { applyAlone, fireAlone, type LoneFiring, type StatementPool } from "./store/alone.js";
export { assignInstance, type Assignment } from "./store/assign.js";
export { MAX_INDEXED_CHARS, indexedText } from "./store/indexed.js";
export { availableFor, availableForTasks } from "./store/available.js";
export { cancelInstance, type Cancellation } from "./store/cancel.js";
export { changeInstanceData, type DataChange } from "./store/change-data.js";
export { uuidOfId } from "./store/definition-ids.js";
export { explainFor } from "./store/explain.js";
export { diagramOfVersion, partsOf, writeDiagram, type DiagramFormat } from "./store/diagrams.js";
export { fireInstance, type Firing } from "./store/fire.js";
export { formsOfTasks, formsOfVersion } from "./store/forms.js";
export { commentOnInstance, resumeInstance, suspendInstance, type Intervention } from "./store/intervene.js";
export { jobIncident, openIncident, resolveIncident, type Resolving } from "./store/incidents.js";
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
export { machineOf, machinesOf } from "./store/machines.js";
export { compiledTextSteps, placesIn, type CompiledText } from "./store/texts.js";
export { apiPrincipal, principalOf, type AssigneePrincipal } from "./store/principal.js";
export { findPublishedMachine } from "./store/published.js";
export { parseRoutingCondition } from "./core/routing/condition.js";
export type { RoutingChoice } from "./core/routing/rule.js";
export { routeInstance, tryRoute, type Routed, type TriedRule } from "./store/routing/route.js";
export { type RoutingRuleRow } from "./store/routing/routing.store.js";
export { readNow } from "./store/now.js";
export type { InstanceHead } from "./store/snapshot.js";
export { startInstance, type Starting } from "./store/start.js";
export { rollbackInstance, type Rollback } from "./store/rollback.js";
export { assignTask, delegateTask } from "./store/assign-task.js";
export { answerQuestion, askForInformation, commentOnTask, withdrawQuestion, type TaskRemarkRow } from "./store/task-remarks.js";
export { tickTask, updateTask, type TaskTick, type TaskUpdate } from "./store/update-task.js";
export { releaseTask, type TaskRelease } from "./store/release.js";
export { claimTask, completeTask, type TaskCompletion } from "./store/tasks.js";
export { readTask, type TaskRead, type TaskRow } from "./store/task-change.js";
export { asksForSomebodyElse } from "./core/separated-tasks.js";
export { assertWorkmate } from "./store/workmates.js";
