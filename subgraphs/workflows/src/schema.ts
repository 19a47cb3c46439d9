import { defineSubgraph, type Subgraph, type SubgraphOptions } from "@weft/shared";
import { BulkOperationChangedLive } from "./bulk/bulk.live.js";
import { AgentResolver } from "./agents/agent.resolver.js";
import { ModelProviderResolver } from "./agents/providers/model-provider.resolver.js";
import { AgentStatisticsResolver } from "./agents/statistics/agent-statistics.resolver.js";
import { AgentToolCallResolver, RunStepAgentCallsResolver } from "./agents/tool-calls/tool-call.resolver.js";
import { loadOperation } from "./bulk/bulk.loader.js";
import { BulkItemResolver, BulkOperationResolver } from "./bulk/bulk.resolver.js";
import { loadAbsence } from "./absences/absence.loader.js";
import { AbsenceResolver } from "./absences/absence.resolver.js";
import { WorkCalendarResolver } from "./calendars/work-calendar.resolver.js";
import { ConditionResolver } from "./conditions/condition.resolver.js";
import { loadDefinition } from "./definitions/definition.loader.js";
import { DefinitionTemplatePreviewResolver, DefinitionTemplateResolver } from "./definition-templates/template.resolver.js";
import { DefinitionTextResolver } from "./definitions/source/definition-text.resolver.js";
import { DefinitionResolver } from "./definitions/definition.resolver.js";
import { DefinitionDiagramResolver, WorkflowInstanceDiagramResolver, RunDiagramResolver } from "./diagrams/diagram.resolver.js";
import { RunLogsResolver } from "./automation/logs/log.resolver.js";
import { RunLogsLive, RunUpdatedLive } from "./automation/run.live.js";
import { BulkRunsResolver } from "./automation/bulk/bulk-runs.resolver.js";
import { RunStatisticsResolver } from "./automation/statistics/run-statistics.resolver.js";
import { StepLeaseResolver } from "./automation/external-workers/step-lease.resolver.js";
import { RunOperationsResolver } from "./automation/operations/operation.resolver.js";
import { loadRun } from "./automation/run.loader.js";
import { RunResolver, RunStepResolver, WorkflowInstanceRunsResolver } from "./automation/run.resolver.js";
import { SecurityProfileResolver } from "./security-profiles/security-profile.resolver.js";
import { SecretResolver } from "./secrets/secret.resolver.js";
import { DefinitionShareResolver } from "./sharing/share.resolver.js";
import { DefinitionOriginResolver, SharedStartResolver, WorkflowInstanceStartedByResolver } from "./sharing/uses/use.resolver.js";
import { TaskTimersResolver, WorkflowInstanceTimersResolver, WorkflowTimerResolver } from "./timers/timer.resolver.js";
import { IncidentChangedLive } from "./incidents/incident.live.js";
import { loadIncident } from "./incidents/incident.loader.js";
import { IncidentResolver, WorkflowInstanceIncidentResolver } from "./incidents/incident.resolver.js";
import { TransitionExplanationResolver } from "./instances/explain/explain.resolver.js";
import { DefinitionFormsResolver, TaskFormResolver, TransitionFormResolver } from "./forms/form.resolver.js";
import { WorkflowInstanceHierarchyResolver } from "./instances/hierarchy/hierarchy.resolver.js";
import { WorkflowTransitionedLive, WorkflowTransitionedResolver } from "./instances/instance.live.js";
import { loadInstance } from "./instances/instance.loader.js";
import { WorkflowInstanceResolver } from "./instances/instance.resolver.js";
import { InterventionResolver } from "./instances/interventions/intervene.resolver.js";
import { MigrationPlanEntryResolver, MigrationResolver } from "./migration/migration.resolver.js";
import { Team, User, Vendor } from "./principals/principal.type.js";
import { ScenarioResolver } from "./scenarios/scenario.resolver.js";
import { loadRoutingRule } from "./routing/routing-rule.loader.js";
import { RoutingResolver } from "./routing/routing.resolver.js";
import { UserSkillsResolver } from "./routing/user-skills.resolver.js";
import { loadSchedule } from "./schedules/schedule.loader.js";
import { ScheduleResolver, ScheduleRunResolver, ScheduleRunsResolver } from "./schedules/schedule.resolver.js";
import { loadTrigger } from "./triggers/trigger.loader.js";
import { TriggerResolver } from "./triggers/trigger.resolver.js";
import { ReplaysOfTriggerResolver, TriggerReplayResolver } from "./triggers/replays/trigger-replay.resolver.js";
import { TriggerRunResolver, TriggeredInstanceResolver } from "./triggers/runs/trigger-run.resolver.js";
import { TaskLinkResolver } from "./links/link.resolver.js";
import { loadComment } from "./comments/comment.loader.js";
import { TaskCommentResolver } from "./comments/comment.resolver.js";
import { SimulationResolver } from "./simulation/simulation.resolver.js";
import { DashboardLive, DashboardResolver, DashboardStateResolver } from "./statistics/dashboard.live.js";
import {
  BottleneckResolver,
  StateStatisticsResolver,
  StatisticsGroupResolver,
  StatisticsResolver,
} from "./statistics/statistics.resolver.js";
import { subjectResolvers } from "./subjects/subject.resolver.js";
import { subjectWorkflowsResolvers } from "./subjects/subject-workflows.resolver.js";
import { RequestType, requestTypeStub, stubsOf, subjectTypes } from "./subjects/subject.type.js";
import { loadSlaPolicy } from "./sla/policies/sla-policy.loader.js";
import { CalendarPreviewResolver } from "./sla/calendar-preview/calendar-preview.resolver.js";
import { RequestTypeSlaResolver, SlaPolicyResolver, SlaRecomputationResolver } from "./sla/policies/sla-policy.resolver.js";
import { EscalationOccurredLive } from "./escalations/escalation.live.js";
import { EscalationResolver, WorkflowInstanceEscalationResolver } from "./escalations/escalation.resolver.js";
import { SlaChangedLive } from "./sla/sla.live.js";
import { SlaReportResolver } from "./sla/report/sla-report.resolver.js";
import { RequestSlaResolver, SlaResolver, TaskSlaResolver, WorkflowInstanceSlaResolver } from "./sla/sla.resolver.js";
import { TaskWorkResolver } from "./tasks/work/task-work.resolver.js";
import { TaskChangedLive } from "./tasks/task.live.js";
import { loadTask } from "./tasks/task.loader.js";
import { TaskResolver, WorkflowInstanceTasksResolver } from "./tasks/task.resolver.js";
import { NextTasksResolver, TaskTransitionsResolver } from "./tasks/task-transitions.resolver.js";

/** Definitions, instances and tasks. */
export function workflowsSubgraph(options: SubgraphOptions = {}): Subgraph {
  return defineSubgraph({
    ...options,
    name: "workflows",
    resolvers: {
      tasks: [
        TaskResolver,
        TaskTransitionsResolver,
        NextTasksResolver,
        TaskWorkResolver,
        TaskCommentResolver,
        TaskLinkResolver,
        WorkflowInstanceTasksResolver,
        TaskFormResolver,
        TransitionFormResolver,
        TaskTimersResolver,
        TaskChangedLive,
      ],
      workflows: [
        WorkflowInstanceResolver,
        WorkflowInstanceHierarchyResolver,
        InterventionResolver,
        TransitionExplanationResolver,
        WorkflowInstanceDiagramResolver,
        WorkflowInstanceStartedByResolver,
        IncidentResolver,
        WorkflowInstanceIncidentResolver,
        BulkOperationResolver,
        BulkItemResolver,
        MigrationResolver,
        MigrationPlanEntryResolver,
        StatisticsResolver,
        StatisticsGroupResolver,
        StateStatisticsResolver,
        BottleneckResolver,
        DashboardResolver,
        DashboardStateResolver,
        ...subjectResolvers,
        ...subjectWorkflowsResolvers,
        WorkflowTransitionedLive,
        WorkflowTransitionedResolver,
        BulkOperationChangedLive,
        IncidentChangedLive,
        DashboardLive,
      ],
      definitions: [
        DefinitionResolver,
        DefinitionTextResolver,
        DefinitionTemplateResolver,
        DefinitionTemplatePreviewResolver,
        ScenarioResolver,
        SimulationResolver,
        ConditionResolver,
        DefinitionFormsResolver,
        DefinitionDiagramResolver,
        DefinitionShareResolver,
        SharedStartResolver,
        DefinitionOriginResolver,
      ],
      routing: [RoutingResolver, UserSkillsResolver, AbsenceResolver],
      deadlines: [
        WorkCalendarResolver,
        WorkflowTimerResolver,
        WorkflowInstanceTimersResolver,
        SlaResolver,
        SlaReportResolver,
        WorkflowInstanceSlaResolver,
        TaskSlaResolver,
        RequestSlaResolver,
        CalendarPreviewResolver,
        SlaPolicyResolver,
        RequestTypeSlaResolver,
        SlaRecomputationResolver,
        EscalationResolver,
        WorkflowInstanceEscalationResolver,
        SlaChangedLive,
        EscalationOccurredLive,
      ],
      automation: [
        ScheduleResolver,
        ScheduleRunResolver,
        ScheduleRunsResolver,
        TriggerResolver,
        TriggerRunResolver,
        TriggeredInstanceResolver,
        TriggerReplayResolver,
        ReplaysOfTriggerResolver,
        RunDiagramResolver,
        RunResolver,
        RunStepResolver,
        RunOperationsResolver,
        StepLeaseResolver,
        BulkRunsResolver,
        RunStatisticsResolver,
        RunLogsResolver,
        RunUpdatedLive,
        RunLogsLive,
        WorkflowInstanceRunsResolver,
        SecretResolver,
        SecurityProfileResolver,
      ],
      agents: [AgentResolver, ModelProviderResolver, AgentStatisticsResolver, AgentToolCallResolver, RunStepAgentCallsResolver],
    },
    orphanedTypes: [User, Team, Vendor, RequestType, ...subjectTypes],
    references: {
      Definition: (ctx, ids) => Promise.all(ids.map((id) => loadDefinition(ctx, id))),
      WorkflowInstance: (ctx, ids) => Promise.all(ids.map((id) => loadInstance(ctx, id))),
      RoutingRule: (ctx, ids) => Promise.all(ids.map((id) => loadRoutingRule(ctx, id))),
      Schedule: (ctx, ids) => Promise.all(ids.map((id) => loadSchedule(ctx, id))),
      Trigger: (ctx, ids) => Promise.all(ids.map((id) => loadTrigger(ctx, id))),
      SlaPolicy: (ctx, ids) => Promise.all(ids.map((id) => loadSlaPolicy(ctx, id))),
      Incident: (ctx, ids) => Promise.all(ids.map((id) => loadIncident(ctx, id))),
      Run: (ctx, ids) => Promise.all(ids.map((id) => loadRun(ctx, id))),
      BulkOperation: (ctx, ids) => Promise.all(ids.map((id) => loadOperation(ctx, id))),
      TaskComment: (ctx, ids) => Promise.all(ids.map((id) => loadComment(ctx, id))),
      Absence: (ctx, ids) => Promise.all(ids.map((id) => loadAbsence(ctx, id))),
      Task: (ctx, ids) => Promise.all(ids.map((id) => loadTask(ctx, id))),
      // Fields that workflows add to these require their ID, which only the owner provides. So the owner decides who can see them.
      RequestType: (_ctx, ids) => Promise.resolve(ids.map(requestTypeStub)),
      Request: stubsOf("request"),
      Asset: stubsOf("asset"),
      Building: stubsOf("building"),
    },
  });
}
