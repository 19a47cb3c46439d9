import { Allow, type Context, inherit } from "@weft/shared";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";
import { CancelWorkflowPayload, FireTransitionPayload, StartWorkflowPayload } from "../instances/instance.input.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import {
  CommentOnWorkflowPayload,
  ResumeWorkflowPayload,
  RollbackWorkflowPayload,
  SuspendWorkflowPayload,
} from "../instances/interventions/intervene.input.js";
import { WorkflowTransitioned } from "../instances/workflow-transitioned.type.js";
import { Incident, IncidentChanged } from "../incidents/incident.type.js";
import { ResolveIncidentPayload } from "../incidents/incident.input.js";
import { BulkItem } from "../bulk/bulk.type.js";
import { TaskChanged } from "../tasks/task-changed.type.js";
import { CompleteTaskPayload } from "../tasks/task.input.js";
import { loadInstanceOfTask } from "../tasks/task.loader.js";
import { Task } from "../tasks/task.type.js";
import { Node, subjectStub, type SubjectStub } from "./subject.type.js";

type Find<T> = (ctx: Context, root: T) => Promise<SubjectStub | null>;

/** Adds `subject` to a type. Not declared in the types themselves, because every path to a subject asks its owner in the same way. */
function subjectOn<T extends object>(type: new () => T, description: string, find: Find<T>): new () => object {
  @Resolver(() => type)
  class SubjectResolver {
    @FieldResolver(() => Node, { nullable: true, description })
    @Allow(inherit)
    subject(@Root() root: T, @Ctx() ctx: Context): Promise<SubjectStub | null> {
      return find(ctx, root);
    }
  }
  return SubjectResolver;
}

const ofHead = (ctx: Context, instance: WorkflowInstance | null): Promise<SubjectStub | null> =>
  Promise.resolve(instance && subjectStub(ctx.viewer, instance.head));

/** Also for viewers who work on the task but cannot read its workflow: the subject's owner decides whether they can see it. */
async function ofTask(ctx: Context, { row }: Task): Promise<SubjectStub | null> {
  const columns = await loadInstanceOfTask(ctx, row.instanceId);
  return columns && subjectStub(ctx.viewer, columns);
}

const ofInstanceId = async (ctx: Context, id: string): Promise<SubjectStub | null> => ofHead(ctx, await loadInstance(ctx, id));

const whatItIs = "Null if there is none or you cannot see it.";
const ofItsInstance = `The business object that the instance drives (such as a request or a project), in its current state. ${whatItIs}`;
const ofPayload = (ctx: Context, { instance }: { readonly instance: WorkflowInstance }): Promise<SubjectStub | null> =>
  ofHead(ctx, instance);

/** All types that contain an instance or report a change of one. */
export const subjectResolvers = [
  subjectOn(
    WorkflowInstance,
    `The business object that the instance drives, such as a request or a project. ${whatItIs} A child instance has only its own subject; for its parent's, use \`parent { subject }\`.`,
    ofHead,
  ),
  subjectOn(Task, `The business object that the task's instance drives, such as a request or a project. ${whatItIs}`, ofTask),
  ...[
    StartWorkflowPayload,
    FireTransitionPayload,
    CancelWorkflowPayload,
    RollbackWorkflowPayload,
    CommentOnWorkflowPayload,
    SuspendWorkflowPayload,
    ResumeWorkflowPayload,
    CompleteTaskPayload,
    WorkflowTransitioned,
  ].map((type) => subjectOn<{ instance: WorkflowInstance }>(type, ofItsInstance, ofPayload)),
  subjectOn(ResolveIncidentPayload, ofItsInstance, (ctx, { instance }) => ofHead(ctx, instance)),
  subjectOn(TaskChanged, ofItsInstance, (ctx, { task }) => ofTask(ctx, task)),
  subjectOn(BulkItem, ofItsInstance, (ctx, { row }) => ofInstanceId(ctx, row.instanceId)),
  subjectOn(Incident, ofItsInstance, (ctx, { instanceId }) => ofInstanceId(ctx, instanceId)),
  subjectOn(IncidentChanged, ofItsInstance, (ctx, { incident }) => ofInstanceId(ctx, incident.instanceId)),
];
