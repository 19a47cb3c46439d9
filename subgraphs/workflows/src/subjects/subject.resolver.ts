import { hasPermission } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { Allow, inherit } from "@weft/api/rules";
import type { EntityStub, SubgraphModule } from "@weft/api/subgraph";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { loadInstance } from "../instances/instance.loader.js";

import { WorkflowInstance } from "../instances/instance.type.js";

import { WorkflowTransitioned } from "../instances/workflow-transitioned.type.js";
import { Incident, IncidentChanged } from "../incidents/incident.type.js";
import { ResolveIncidentPayload } from "../incidents/incident.input.js";
import { BulkItem } from "../bulk/bulk.type.js";
import { TaskChanged } from "../tasks/task-changed.type.js";
import { CompleteTaskPayload } from "../tasks/task.input.js";
import { loadInstanceOfTask } from "../tasks/task.loader.js";
import { Task } from "../tasks/task.type.js";
import { loadVisibleVendor } from "../principals/visible-vendor.loader.js";
import { loadSubjectOfAncestors } from "./ancestors-subject.loader.js";
import { Subject, type SubjectColumns, subjectStub, type SubjectStub, requestTypeStub, stubsOf } from "./subject.type.js";
import { WorkflowInstancePayload } from "../instances/instance-payload.type.js";

type SubjectReference = SubjectStub | EntityStub;

type Find<T> = (ctx: Context, root: T) => Promise<SubjectReference | null>;

/** Adds `subject` to a type. Not declared in the types themselves, because every path to a subject asks its owner in the same way. */
function subjectOn<T extends object>(type: new () => T, description: string, find: Find<T>): new () => object {
  @Resolver(() => type)
  class SubjectResolver {
    @FieldResolver(() => Subject, { nullable: true, description })
    @Allow(inherit)
    subject(@Root() root: T, @Ctx() ctx: Context): Promise<SubjectReference | null> {
      return find(ctx, root);
    }
  }
  return SubjectResolver;
}

interface InstanceColumns extends SubjectColumns {
  readonly id: string;
  readonly ancestors: readonly string[];
}

/** A child, such as a phase, works for the business object of its parent unless it has its own. */
async function ofInstance(ctx: Context, instance: InstanceColumns): Promise<SubjectReference | null> {
  const isOfAncestors = instance.subjectId === null && instance.ancestors.length > 0;
  const columns = isOfAncestors ? await loadSubjectOfAncestors(ctx, instance.id) : instance;
  return columns && ofColumns(ctx, columns);
}

/** A vendor is also a principal here, so a reference shows its ID: this subgraph decides itself whether the viewer can see it. */
async function ofColumns(ctx: Context, columns: SubjectColumns): Promise<SubjectReference | null> {
  const { subjectType, subjectId } = columns;
  if (subjectType !== "vendor" || subjectId === null) return subjectStub(ctx.viewer, columns);
  return hasPermission(ctx.viewer, "vendor.read") ? loadVisibleVendor(ctx, subjectId) : null;
}

const ofHead = async (ctx: Context, instance: WorkflowInstance | null): Promise<SubjectReference | null> =>
  instance && ofInstance(ctx, instance.head);

/** Also for viewers who work on the task but cannot read its workflow: the subject's owner decides whether they can see it. */
async function ofTask(ctx: Context, { row }: Task): Promise<SubjectReference | null> {
  const columns = await loadInstanceOfTask(ctx, row.instanceId);
  return columns && ofInstance(ctx, columns);
}

const ofInstanceId = async (ctx: Context, id: string): Promise<SubjectReference | null> => ofHead(ctx, await loadInstance(ctx, id));

const whatItIs = "Null if there is none or you cannot see it.";
const ofItsInstance = `The business object that the instance drives (such as a request, a project or a vendor in onboarding), in its current state. ${whatItIs}`;
const ofPayload = (ctx: Context, { instance }: { readonly instance: WorkflowInstance }): Promise<SubjectReference | null> =>
  ofHead(ctx, instance);

/** All types that contain an instance or report a change of one. */
export const subjectResolvers = [
  subjectOn(
    WorkflowInstance,
    `The business object that the instance drives, such as a request, a project or a vendor in onboarding. ${whatItIs} A child instance without its own has that of its nearest ancestor.`,
    ofHead,
  ),
  subjectOn(
    Task,
    `The business object that the task's instance drives, such as a request, a project or a vendor in onboarding. ${whatItIs}`,
    ofTask,
  ),
  ...[WorkflowInstancePayload, CompleteTaskPayload, WorkflowTransitioned].map((type) =>
    subjectOn<{ instance: WorkflowInstance }>(type, ofItsInstance, ofPayload),
  ),
  subjectOn(ResolveIncidentPayload, ofItsInstance, (ctx, { instance }) => ofHead(ctx, instance)),
  subjectOn(TaskChanged, ofItsInstance, (ctx, { task }) => ofTask(ctx, task)),
  subjectOn(BulkItem, ofItsInstance, (ctx, { row }) => ofInstanceId(ctx, row.instanceId)),
  subjectOn(Incident, ofItsInstance, (ctx, { instanceId }) => ofInstanceId(ctx, instanceId)),
  subjectOn(IncidentChanged, ofItsInstance, (ctx, { incident }) => ofInstanceId(ctx, incident.instanceId)),
];

export const subjectModule: SubgraphModule = {
  resolvers: { workflows: subjectResolvers },
  references: {
    // Fields that workflows add to these require their ID, which only the owner provides. So the owner decides who can see them.
    RequestType: (_ctx, ids) => Promise.resolve(ids.map(requestTypeStub)),
    Request: stubsOf("request"),
    Asset: stubsOf("asset"),
    Building: stubsOf("building"),
  },
};
