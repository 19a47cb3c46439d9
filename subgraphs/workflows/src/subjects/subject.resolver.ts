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
} from "../instances/intervene.input.js";
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

/** Adds `subject` to a type. Outside the types themselves, because the owner of the subject is asked in the same way whatever leads to it. */
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

/** Also for viewers who work on the task without reading its workflow: whether they see its subject, the subject's owner knows. */
async function ofTask(ctx: Context, { row }: Task): Promise<SubjectStub | null> {
  const columns = await loadInstanceOfTask(ctx, row.instanceId);
  return columns && subjectStub(ctx.viewer, columns);
}

const ofInstanceId = async (ctx: Context, id: string): Promise<SubjectStub | null> => ofHead(ctx, await loadInstance(ctx, id));

const whatItIs = "Null when there is none, and when you may not see it.";
const moved = `The business object that the instance moves (a request, a project), as it is now. ${whatItIs}`;
const ofMoved = (ctx: Context, { instance }: { readonly instance: WorkflowInstance }): Promise<SubjectStub | null> => ofHead(ctx, instance);

/** Every type that leads to an instance, or says that one moved. */
export const subjectResolvers = [
  subjectOn(
    WorkflowInstance,
    `The business object that it moves: a request, a project. ${whatItIs} A child instance has a subject only of its own; its parent's is \`parent { subject }\`.`,
    ofHead,
  ),
  subjectOn(Task, `The business object that its instance moves: a request, a project. ${whatItIs}`, ofTask),
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
  ].map((type) => subjectOn<{ instance: WorkflowInstance }>(type, moved, ofMoved)),
  subjectOn(ResolveIncidentPayload, moved, (ctx, { instance }) => ofHead(ctx, instance)),
  subjectOn(TaskChanged, moved, (ctx, { task }) => ofTask(ctx, task)),
  subjectOn(BulkItem, moved, (ctx, { row }) => ofInstanceId(ctx, row.instanceId)),
  subjectOn(Incident, moved, (ctx, { instanceId }) => ofInstanceId(ctx, instanceId)),
  subjectOn(IncidentChanged, moved, (ctx, { incident }) => ofInstanceId(ctx, incident.instanceId)),
];
